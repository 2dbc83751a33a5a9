/*
 * Incidents, as store/store.h promises them: under whom a tip hangs, its
 * children, suggestions, scores from context, notes of jobs. On memory.c and on
 * redis.c with a private server.
 */
#include "daemon/store/store.h"

#include "tests/support/store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define HOUR_MS 3600000u
#define SHORT_MS 20u
#define FIRST "15-0000000001"
#define SECOND "15-0000000002"
#define THIRD "15-0000000003"
#define FAR "11-0000000004"

static struct store_rig rig;

static int open_memory(void **unused)
{
	(void)unused;
	store_rig_open(&rig, true);
	return 0;
}

static int open_redis(void **unused)
{
	(void)unused;
	store_rig_open(&rig, false);
	return 0;
}

static int close_rig(void **unused)
{
	(void)unused;
	store_rig_close(&rig);
	return 0;
}

/* --- short ways to ask ---------------------------------------------------------------------- */

static struct tip_id id_of(const char *text)
{
	struct tip_id id;

	assert_true(tip_id_parse(span_of(text), &id));
	return id;
}

static struct store_tip tip_of(const char *id, int64_t received_ms)
{
	static char event[256];
	struct store_tip tip = {
		.id = id_of(id), .points = 50, .received_ms = received_ms, .sealed = SPAN("sealed")
	};

	snprintf(tip.region, sizeof(tip.region), "%.2s0602", id);
	memset(tip.receipt_mark, 'm', sizeof(tip.receipt_mark));
	snprintf(event, sizeof(event), "{\"e\":\"accepted\",\"id\":\"%s\"}", id);
	tip.event = span_of(event);
	return tip;
}

static void accept_one(const char *id, int64_t received_ms)
{
	struct store_tip tip = tip_of(id, received_ms);
	const struct store_reply *reply =
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 });

	assert_int_equal(reply->accepted[0].verdict, STORE_OK);
}

/* Three tips of one shard and one of another, in order of their numbers. */
static void four_tips(void)
{
	accept_one(FIRST, 1000);
	accept_one(SECOND, 2000);
	accept_one(THIRD, 3000);
	accept_one(FAR, 4000);
}

static const struct store_row *row_of(const char *id)
{
	const struct store_reply *reply =
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_READ, .id = id_of(id) });

	assert_int_equal(reply->outcome, STORE_DONE);
	assert_int_equal(reply->nrows, 1);
	return reply->rows;
}

static struct store_link link_of(enum store_link_kind kind, const char *id, const char *other)
{
	static const int64_t received_ms[] = { 1000, 2000, 3000, 4000 };

	return (struct store_link){ .kind = kind,
				    .id = id_of(id),
				    .other = id_of(other),
				    .received_ms = received_ms[other[12] - '1'],
				    .score = 61,
				    .why = SPAN("place,wording"),
				    .event = SPAN("{\"e\":\"fact\"}") };
}

static const struct store_reply *ask(const struct store_link *link)
{
	const struct store_reply *reply =
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_LINK, .link = link });

	assert_int_equal(reply->outcome, STORE_DONE);
	return reply;
}

static enum store_verdict tell(enum store_link_kind kind, const char *id, const char *other)
{
	struct store_link link = link_of(kind, id, other);

	return ask(&link)->verdict;
}

static const struct store_reply *children_of(const char *id, unsigned max)
{
	const struct store_reply *reply = store_rig_ask(
		&rig, &(struct store_request){ .op = STORE_CHILDREN, .id = id_of(id), .max = max });

	assert_int_equal(reply->outcome, STORE_DONE);
	return reply;
}

static size_t events_of(const char *shard)
{
	struct store_request request = { .op = STORE_JOURNAL, .from = 1, .max = 1000 };

	memcpy(request.shard, shard, 2);
	return store_rig_ask(&rig, &request)->nevents;
}

static void go_away(const char *id, const char *region)
{
	struct store_change away = { .id = id_of(id), .state = TIP_TRANSFERRED, .points = 50 };

	away.event = SPAN("{\"e\":\"transferred_away\"}");
	memcpy(away.region, region, 6);
	away.expect_rev = row_of(id)->rev;
	assert_int_equal(
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_CHANGE, .change = &away })->verdict,
		STORE_OK);
}

static void arrive(const char *id, int64_t received_ms, unsigned hops, const char *parent, const char *context)
{
	struct store_tip tip = tip_of(id, received_ms);

	tip.hops = hops;
	snprintf(tip.parent.text, sizeof(tip.parent.text), "%s", parent);
	tip.context = span_of(context);
	assert_int_equal(
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_RECEIVE, .tips = &tip, .ntips = 1 })
			->accepted[0]
			.verdict,
		STORE_OK);
}

static uint64_t lease(const char *shard, const char *holder, unsigned lease_ms)
{
	struct store_request request = {
		.op = STORE_JOB_LEASE, .job = "linker", .holder = span_of(holder), .lease_ms = lease_ms
	};

	memcpy(request.shard, shard, 2);
	assert_int_equal(store_rig_ask(&rig, &request)->verdict, STORE_OK);
	return rig.reply.fence;
}

/* --- hanging under ------------------------------------------------------------------------------ */

static void a_tip_hangs_under_an_older_one(void **unused)
{
	struct store_link link;

	(void)unused;
	four_tips();
	assert_int_equal(row_of(THIRD)->parent.text[0], '\0');
	link = link_of(STORE_LINK_SET, THIRD, FIRST);
	link.event = SPAN("{\"e\":\"linked\"}");
	assert_int_equal(ask(&link)->verdict, STORE_OK);
	assert_int_equal(rig.reply.rev, 4);
	assert_string_equal(rig.reply.parent.text, FIRST);
	assert_int_equal(tell(STORE_LINK_SET, SECOND, FIRST), STORE_OK);
	assert_string_equal(row_of(THIRD)->parent.text, FIRST);
	assert_int_equal(row_of(THIRD)->rev, 4);
	assert_int_equal(row_of(THIRD)->nchildren, 0);
	assert_int_equal(row_of(FIRST)->nchildren, 2);
	assert_int_equal(row_of(FIRST)->rev, 1);
	assert_int_equal(children_of(FIRST, 10)->nchildren, 2);
	assert_string_equal(rig.reply.children[0].id.text, SECOND);
	assert_int_equal(rig.reply.children[0].received_ms, 2000);
	assert_string_equal(rig.reply.children[1].id.text, THIRD);
	assert_int_equal(children_of(FIRST, 1)->nchildren, 1);
	assert_int_equal(children_of(SECOND, 10)->nchildren, 0);
	assert_int_equal(children_of("15-9999999999", 10)->nchildren, 0);
}

static void why_it_hangs_there_stays_with_it(void **unused)
{
	struct store_link link;

	(void)unused;
	four_tips();
	link = link_of(STORE_LINK_SET, THIRD, FIRST);
	link.score = 97;
	link.why = SPAN("place,copy");
	link.event = SPAN("{\"e\":\"linked\"}");
	assert_int_equal(ask(&link)->verdict, STORE_OK);
	assert_true(span_is(row_of(THIRD)->link_why, "place,copy"));
	assert_int_equal(row_of(THIRD)->link_score, 97);
	assert_string_equal(row_of(THIRD)->parent.text, FIRST);
	assert_int_equal(tell(STORE_LINK_UNSET, THIRD, FIRST), STORE_OK);
	assert_true(span_empty(row_of(THIRD)->link_why));
	assert_int_equal(row_of(THIRD)->link_score, 0);
	arrive("15-0000000009", 9000, 1, FIRST, "");
	assert_string_equal(row_of("15-0000000009")->parent.text, FIRST);
	assert_true(span_empty(row_of("15-0000000009")->link_why));
}

static void the_same_fact_again_writes_nothing(void **unused)
{
	static const enum store_link_kind kinds[] = { STORE_LINK_SET, STORE_LINK_UNSET,	  STORE_LINK_CHILD,
						      STORE_LINK_NO_CHILD, STORE_LINK_SUGGEST, STORE_LINK_DECLINE };

	(void)unused;
	four_tips();
	assert_int_equal(tell(STORE_LINK_DECLINE, SECOND, FAR), STORE_OK);
	for (size_t i = 0; i < 6; i++) {
		const char *id = i < 2 ? THIRD : SECOND, *other = i < 2 ? FIRST : i < 4 ? FAR : FIRST;
		enum store_verdict first = tell(kinds[i], id, other);
		size_t events = events_of("15");
		uint64_t rev = row_of(id)->rev;

		assert_int_equal(first, STORE_OK);
		assert_int_equal(tell(kinds[i], id, other), STORE_ALREADY);
		assert_int_equal(rig.reply.rev, rev);
		assert_int_equal(row_of(id)->rev, rev);
		assert_int_equal(events_of("15"), events);
	}
}

static void it_hangs_under_one_alone(void **unused)
{
	(void)unused;
	four_tips();
	assert_int_equal(tell(STORE_LINK_SET, THIRD, FIRST), STORE_OK);
	assert_int_equal(tell(STORE_LINK_SET, THIRD, SECOND), STORE_CONFLICT);
	assert_string_equal(rig.reply.parent.text, FIRST);
	assert_int_equal(row_of(SECOND)->nchildren, 0);
	assert_int_equal(tell(STORE_LINK_UNSET, THIRD, SECOND), STORE_CONFLICT);
	assert_string_equal(row_of(THIRD)->parent.text, FIRST);
}

static void no_ring_and_nothing_that_is_not_there(void **unused)
{
	struct store_link link;

	(void)unused;
	four_tips();
	accept_one("15-0000000000", 2000);
	assert_int_equal(tell(STORE_LINK_SET, FIRST, SECOND), STORE_CONFLICT);
	assert_int_equal(tell(STORE_LINK_SET, FIRST, FIRST), STORE_CONFLICT);
	assert_int_equal(tell(STORE_LINK_SET, FIRST, FAR), STORE_CONFLICT);
	link = link_of(STORE_LINK_SET, "15-0000000000", SECOND);
	assert_int_equal(ask(&link)->verdict, STORE_CONFLICT);
	link = link_of(STORE_LINK_SET, SECOND, FIRST);
	link.other = id_of("15-0000000000");
	assert_int_equal(ask(&link)->verdict, STORE_OK);
	assert_int_equal(tell(STORE_LINK_SET, "15-9999999999", FIRST), STORE_ABSENT);
	link = link_of(STORE_LINK_SET, THIRD, FIRST);
	link.other = id_of("15-9999999999");
	assert_int_equal(ask(&link)->verdict, STORE_ABSENT);
	assert_int_equal(row_of(THIRD)->rev, 3);
	assert_int_equal(row_of(FIRST)->rev, 1);
}

static void undone_it_counts_as_declined(void **unused)
{
	(void)unused;
	four_tips();
	tell(STORE_LINK_SET, THIRD, FIRST);
	assert_int_equal(tell(STORE_LINK_UNSET, THIRD, FIRST), STORE_OK);
	assert_int_equal(rig.reply.parent.text[0], '\0');
	assert_int_equal(row_of(THIRD)->parent.text[0], '\0');
	assert_int_equal(row_of(THIRD)->nsuggestions, 1);
	assert_true(row_of(THIRD)->suggestions[0].declined);
	assert_int_equal(row_of(FIRST)->nchildren, 0);
	assert_int_equal(children_of(FIRST, 9)->nchildren, 0);
	assert_int_equal(tell(STORE_LINK_SUGGEST, THIRD, FIRST), STORE_ALREADY);
	/* A person may think better of it. */
	assert_int_equal(tell(STORE_LINK_SET, THIRD, FIRST), STORE_OK);
	assert_int_equal(row_of(THIRD)->nsuggestions, 0);
}

static void an_intent_tells_the_parent_in_another_shard(void **unused)
{
	struct store_link link = link_of(STORE_LINK_SET, FAR, FIRST);
	struct store_request due = {
		.op = STORE_OUTBOX_DUE, .shard = "11", .job = "linker", .max = 9, .lease_ms = HOUR_MS
	};

	(void)unused;
	four_tips();
	link.outbox = SPAN("intent");
	assert_int_equal(ask(&link)->verdict, STORE_OK);
	assert_int_equal(row_of(FIRST)->nchildren, 0);
	due.fence = lease("11", "me", STORE_OK);
	assert_int_equal(store_rig_ask(&rig, &due)->nitems, 1);
	assert_true(span_is(rig.reply.items[0].id, "2"));
	assert_true(span_is(rig.reply.items[0].payload, "intent"));
	assert_int_equal(tell(STORE_LINK_CHILD, FIRST, FAR), STORE_OK);
	assert_int_equal(rig.reply.rev, 4);
	assert_int_equal(row_of(FIRST)->nchildren, 1);
	assert_string_equal(children_of(FIRST, 9)->children[0].id.text, FAR);
	assert_int_equal(rig.reply.children[0].received_ms, 4000);
	assert_int_equal(tell(STORE_LINK_NO_CHILD, FIRST, FAR), STORE_OK);
	assert_int_equal(row_of(FIRST)->nchildren, 0);
	assert_int_equal(tell(STORE_LINK_CHILD, "15-9999999999", FAR), STORE_ABSENT);
}

/* A child is known by the tail of its id and its time: its new id takes the place of the old one. */
static void a_child_that_moved_is_listed_once(void **unused)
{
	struct store_link link = link_of(STORE_LINK_CHILD, FIRST, FAR);

	(void)unused;
	four_tips();
	assert_int_equal(ask(&link)->verdict, STORE_OK);
	link.other = id_of("44-0000000004");
	assert_int_equal(ask(&link)->verdict, STORE_OK);
	assert_int_equal(row_of(FIRST)->nchildren, 1);
	assert_string_equal(children_of(FIRST, 9)->children[0].id.text, "44-0000000004");
	link.received_ms++;
	assert_int_equal(ask(&link)->verdict, STORE_ALREADY);
	link.other = id_of(FAR);
	assert_int_equal(ask(&link)->verdict, STORE_OK);
	assert_int_equal(row_of(FIRST)->nchildren, 2);
	link.kind = STORE_LINK_NO_CHILD;
	link.other = id_of("64-0000000004");
	assert_int_equal(ask(&link)->verdict, STORE_OK);
	assert_int_equal(ask(&link)->verdict, STORE_ALREADY);
	assert_int_equal(children_of(FIRST, 9)->nchildren, 1);
	assert_string_equal(rig.reply.children[0].id.text, "44-0000000004");
	assert_int_equal(rig.reply.children[0].received_ms, 4000);
}

/* --- tips that move ------------------------------------------------------------------------------- */

static void a_parent_that_moved_keeps_its_list_and_says_where_it_is(void **unused)
{
	(void)unused;
	four_tips();
	tell(STORE_LINK_SET, THIRD, FIRST);
	go_away(FIRST, "440100");
	assert_int_equal(tell(STORE_LINK_SET, SECOND, FIRST), STORE_OK);
	assert_int_equal(rig.reply.moved.text[0], '\0');
	assert_int_equal(tell(STORE_LINK_CHILD, FIRST, FAR), STORE_OK);
	assert_string_equal(rig.reply.moved.text, "44-0000000001");
	assert_int_equal(tell(STORE_LINK_CHILD, FIRST, FAR), STORE_ALREADY);
	assert_string_equal(rig.reply.moved.text, "44-0000000001");
	assert_int_equal(children_of(FIRST, 9)->nchildren, 3);
	assert_int_equal(tell(STORE_LINK_NO_CHILD, FIRST, FAR), STORE_OK);
	assert_int_equal(tell(STORE_LINK_SUGGEST, FIRST, SECOND), STORE_CONFLICT);
	assert_int_equal(tell(STORE_LINK_DECLINE, FIRST, SECOND), STORE_CONFLICT);
	go_away(THIRD, "440100");
	assert_int_equal(tell(STORE_LINK_UNSET, THIRD, FIRST), STORE_CONFLICT);
	assert_string_equal(rig.reply.parent.text, FIRST);
	assert_string_equal(rig.reply.moved.text, "44-0000000003");
}

static void a_tip_arrives_with_its_parent(void **unused)
{
	(void)unused;
	four_tips();
	arrive("11-0000000003", 3000, 1, FIRST, "1 0 0 0 0");
	assert_string_equal(row_of("11-0000000003")->parent.text, FIRST);
	assert_true(span_is(row_of("11-0000000003")->context, "1 0 0 0 0"));
	assert_int_equal(row_of("11-0000000003")->hops, 1);
	assert_int_equal(row_of("11-0000000003")->nsuggestions, 0);
	arrive("11-0000000009", 3000, 1, "", "");
	assert_int_equal(row_of("11-0000000009")->parent.text[0], '\0');
	assert_true(span_empty(row_of("11-0000000009")->context));
}

static void back_in_its_shard_it_has_what_it_brings_and_what_it_left(void **unused)
{
	const struct store_row *row;

	(void)unused;
	four_tips();
	tell(STORE_LINK_SET, THIRD, SECOND);
	tell(STORE_LINK_SET, SECOND, FIRST);
	tell(STORE_LINK_SUGGEST, SECOND, FAR);
	tell(STORE_LINK_DECLINE, SECOND, THIRD);
	tell(STORE_LINK_DECLINE, SECOND, "44-0000000004");
	go_away(SECOND, "440100");
	arrive(SECOND, 2000, 2, "44-0000000004", "0 2 0 0 0");
	row = row_of(SECOND);
	assert_string_equal(row->parent.text, "44-0000000004");
	assert_int_equal(row->nchildren, 1);
	assert_int_equal(row->nsuggestions, 1);
	assert_string_equal(row->suggestions[0].other.text, THIRD);
	assert_true(span_is(row->context, "0 2 0 0 0"));
	go_away(SECOND, "440100");
	arrive(SECOND, 2000, 4, "", "");
	row = row_of(SECOND);
	assert_int_equal(row->parent.text[0], '\0');
	assert_true(span_empty(row->context));
	assert_int_equal(row->nsuggestions, 1);
	assert_int_equal(children_of(SECOND, 9)->nchildren, 1);
}

/* --- suggestions ------------------------------------------------------------------------------------ */

static void suggestions_are_kept_in_order_until_decided(void **unused)
{
	const struct store_row *row;

	(void)unused;
	four_tips();
	assert_int_equal(tell(STORE_LINK_SUGGEST, THIRD, FAR), STORE_OK);
	assert_int_equal(rig.reply.rev, 4);
	assert_int_equal(tell(STORE_LINK_SUGGEST, THIRD, FIRST), STORE_OK);
	assert_int_equal(tell(STORE_LINK_SUGGEST, THIRD, SECOND), STORE_OK);
	assert_int_equal(tell(STORE_LINK_DECLINE, THIRD, FIRST), STORE_OK);
	assert_int_equal(tell(STORE_LINK_SET, THIRD, SECOND), STORE_OK);
	assert_int_equal(tell(STORE_LINK_SUGGEST, THIRD, SECOND), STORE_ALREADY);
	assert_int_equal(tell(STORE_LINK_DECLINE, THIRD, SECOND), STORE_CONFLICT);
	row = row_of(THIRD);
	assert_int_equal(row->nsuggestions, 2);
	assert_string_equal(row->suggestions[0].other.text, FAR);
	assert_int_equal(row->suggestions[0].score, 61);
	assert_true(span_is(row->suggestions[0].why, "place,wording"));
	assert_false(row->suggestions[0].declined);
	assert_string_equal(row->suggestions[1].other.text, FIRST);
	assert_int_equal(row->suggestions[1].score, 0);
	assert_true(row->suggestions[1].declined);
	assert_true(span_empty(row->suggestions[1].why));
}

static enum store_verdict tell_number(enum store_link_kind kind, unsigned number)
{
	struct store_link link = link_of(kind, THIRD, FIRST);

	snprintf(link.other.text, sizeof(link.other.text), "44-00000000%02u", number);
	return ask(&link)->verdict;
}

static void what_was_declined_finds_room(void **unused)
{
	const struct store_row *row;

	(void)unused;
	four_tips();
	tell_number(STORE_LINK_DECLINE, 0);
	for (unsigned i = 1; i < STORE_SUGGESTIONS_MAX; i++)
		assert_int_equal(tell_number(STORE_LINK_SUGGEST, i), STORE_OK);
	assert_int_equal(tell_number(STORE_LINK_SUGGEST, 20), STORE_ALREADY);
	assert_int_equal(tell_number(STORE_LINK_DECLINE, 21), STORE_OK);
	row = row_of(THIRD);
	assert_int_equal(row->nsuggestions, STORE_SUGGESTIONS_MAX);
	assert_string_equal(row->suggestions[0].other.text, "44-0000000000");
	assert_string_equal(row->suggestions[1].other.text, "44-0000000002");
	assert_string_equal(row->suggestions[7].other.text, "44-0000000021");
	for (unsigned i = 22; i < 29; i++)
		assert_int_equal(tell_number(STORE_LINK_DECLINE, i), STORE_OK);
	row = row_of(THIRD);
	assert_int_equal(row->nsuggestions, STORE_SUGGESTIONS_MAX);
	assert_string_equal(row->suggestions[0].other.text, "44-0000000021");
	assert_string_equal(row->suggestions[7].other.text, "44-0000000028");
}

/* --- points ----------------------------------------------------------------------------------------- */

static enum store_verdict rescore(const char *id, unsigned points, const char *context)
{
	struct store_link link = { .kind = STORE_LINK_SCORE,
				   .id = id_of(id),
				   .points = points,
				   .context = span_of(context),
				   .event = SPAN("{\"e\":\"rescored\"}") };

	return ask(&link)->verdict;
}

static void claim_one(const char *expected)
{
	static const char region[][7] = { "150602" };
	struct store_claim claim = { .shard = "15",
				     .regions = region,
				     .nregions = 1,
				     .max = 1,
				     .lease_ms = HOUR_MS,
				     .holder = SPAN("officer") };

	store_rig_ask(&rig, &(struct store_request){ .op = STORE_CLAIM, .claim = &claim });
	assert_int_equal(rig.reply.nrows, 1);
	assert_string_equal(rig.reply.rows[0].id.text, expected);
}

static void points_and_place_follow_the_context(void **unused)
{
	(void)unused;
	four_tips();
	assert_int_equal(rescore(THIRD, 70, "3 0 1 0 0"), STORE_OK);
	assert_int_equal(rig.reply.rev, 4);
	assert_int_equal(rescore(THIRD, 70, "3 0 1 0 0"), STORE_ALREADY);
	assert_int_equal(rescore(THIRD, 70, "3 1 1 0 0"), STORE_OK);
	assert_int_equal(rescore(SECOND, 60, ""), STORE_OK);
	assert_int_equal(rescore(SECOND, 60, ""), STORE_ALREADY);
	claim_one(THIRD);
	assert_int_equal(rig.reply.rows[0].points, 70);
	assert_true(span_is(rig.reply.rows[0].context, "3 1 1 0 0"));
	assert_int_equal(rescore(THIRD, 10, ""), STORE_CONFLICT);
	assert_true(span_is(row_of(THIRD)->context, "3 1 1 0 0"));
	assert_int_equal(rescore(SECOND, 40, ""), STORE_OK);
	claim_one(FIRST);
	claim_one(SECOND);
	assert_int_equal(rescore("15-9999999999", 1, ""), STORE_ABSENT);
}

/* Under a lease a tip is linked all the same; what one holds shows it. */
static void whoever_holds_a_tip_sees_its_incident(void **unused)
{
	struct store_request held = { .op = STORE_HELD, .shard = "15", .holder = SPAN("officer"), .max = 9 };

	(void)unused;
	four_tips();
	claim_one(FIRST);
	claim_one(SECOND);
	assert_int_equal(tell(STORE_LINK_SET, SECOND, FIRST), STORE_OK);
	assert_int_equal(tell(STORE_LINK_SUGGEST, FIRST, FAR), STORE_OK);
	store_rig_ask(&rig, &held);
	assert_int_equal(rig.reply.nrows, 2);
	assert_int_equal(rig.reply.rows[0].nchildren, 1);
	assert_int_equal(rig.reply.rows[0].nsuggestions, 1);
	assert_string_equal(rig.reply.rows[1].parent.text, FIRST);
	assert_int_equal(rig.reply.rows[1].state, TIP_CLAIMED);
	assert_true(rig.reply.rows[1].lease_until_ms > 0);
}

/* --- jobs ---------------------------------------------------------------------------------------------- */

static enum store_verdict tell_as_job(enum store_link_kind kind, const char *id, const char *other, uint64_t fence)
{
	struct store_link link = link_of(kind, id, other);

	return store_rig_ask(&rig, &(struct store_request){
					   .op = STORE_LINK, .link = &link, .job = "linker", .fence = fence })
		->verdict;
}

static void a_job_writes_with_the_lease_of_the_tips_own_shard(void **unused)
{
	uint64_t fence;

	(void)unused;
	four_tips();
	assert_int_equal(tell_as_job(STORE_LINK_SET, THIRD, FIRST, 1), STORE_FENCED);
	fence = lease("15", "a", HOUR_MS);
	assert_int_equal(tell_as_job(STORE_LINK_SET, THIRD, FIRST, fence), STORE_OK);
	assert_int_equal(tell_as_job(STORE_LINK_SET, FAR, FIRST, fence), STORE_FENCED);
	lease("15", "a", SHORT_MS);
	store_rig_advance(&rig, SHORT_MS + 10);
	lease("15", "b", HOUR_MS);
	assert_int_equal(tell_as_job(STORE_LINK_SET, SECOND, FIRST, fence), STORE_FENCED);
	assert_int_equal(tell_as_job(STORE_LINK_SUGGEST, SECOND, FIRST, fence), STORE_FENCED);
	assert_int_equal(tell_as_job(STORE_LINK_CHILD, SECOND, FAR, fence), STORE_FENCED);
	assert_int_equal(tell_as_job(STORE_LINK_SCORE, SECOND, FAR, fence), STORE_FENCED);
	assert_int_equal(tell_as_job(STORE_LINK_SET, SECOND, FIRST, fence + 1), STORE_OK);
	assert_int_equal(events_of("15"), 5);
}

static void a_job_does_not_link_what_a_person_declined(void **unused)
{
	uint64_t fence;

	(void)unused;
	four_tips();
	fence = lease("15", "a", HOUR_MS);
	tell(STORE_LINK_DECLINE, THIRD, FIRST);
	assert_int_equal(tell_as_job(STORE_LINK_SET, THIRD, FIRST, fence), STORE_CONFLICT);
	assert_int_equal(rig.reply.parent.text[0], '\0');
	assert_int_equal(tell(STORE_LINK_SET, THIRD, FIRST), STORE_OK);
}

static void a_note_outlives_the_lease(void **unused)
{
	struct store_request note = { .op = STORE_JOB_NOTE, .shard = "15", .job = "linker", .from = 12345678901 };
	struct store_request other = { .op = STORE_JOB_NOTE, .shard = "15", .job = "sealer", .from = 1, .fence = 1 };

	(void)unused;
	assert_int_equal(store_rig_ask(&rig, &other)->verdict, STORE_FENCED);
	note.fence = lease("15", "a", HOUR_MS);
	assert_int_equal(rig.reply.note, 0);
	assert_int_equal(store_rig_ask(&rig, &note)->verdict, STORE_OK);
	lease("15", "a", SHORT_MS);
	assert_int_equal(rig.reply.note, 12345678901);
	lease("11", "a", SHORT_MS);
	assert_int_equal(rig.reply.note, 0);
	store_rig_advance(&rig, SHORT_MS + 10);
	lease("15", "b", HOUR_MS);
	assert_int_equal(rig.reply.note, 12345678901);
	assert_int_equal(store_rig_ask(&rig, &note)->verdict, STORE_FENCED);
}

/* --- the rest -------------------------------------------------------------------------------------------- */

static void an_example_stays_with_its_event(void **unused)
{
	struct store_change close = { .id = id_of(FIRST),
				      .expect_rev = 1,
				      .state = TIP_CLOSED,
				      .region = "150602",
				      .event = SPAN("{\"e\":\"closed\"}"),
				      .example = SPAN("ex\0ample") };
	struct store_request request = { .op = STORE_CHANGE, .change = &close };
	struct store_request journal = { .op = STORE_JOURNAL, .shard = "15", .from = 1, .max = 9 };

	(void)unused;
	accept_one(FIRST, 1000);
	assert_int_equal(store_rig_ask(&rig, &request)->verdict, STORE_OK);
	assert_int_equal(store_rig_ask(&rig, &request)->verdict, STORE_ALREADY);
	store_rig_ask(&rig, &journal);
	assert_int_equal(rig.reply.nevents, 2);
	assert_true(span_empty(rig.reply.events[0].example));
	assert_true(span_eq(rig.reply.events[1].example, close.example));
}

static void what_is_malformed_is_refused(void **unused)
{
	struct store_link well = link_of(STORE_LINK_SUGGEST, THIRD, FIRST), bad[5] = { 0 };

	(void)unused;
	four_tips();
	for (size_t i = 0; i < 5; i++)
		bad[i] = well;
	bad[0].score = 101;
	bad[1].why = SPAN("a word; another");
	bad[2].why = SPAN("much_longer_than_any_word_of_a_judgement");
	bad[3].kind = STORE_LINK_SCORE;
	bad[3].points = 101;
	bad[4].kind = STORE_LINK_SCORE;
	bad[4].context = SPAN("three");
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(store_rig_ask(&rig, &(struct store_request){ .op = STORE_LINK, .link = &bad[i] })
					 ->outcome,
				 STORE_BROKEN);
	assert_int_equal(events_of("15"), 3);
	assert_int_equal(row_of(THIRD)->nsuggestions, 0);
}

#define TEST(name, open) cmocka_unit_test_setup_teardown(name, open, close_rig)
#define ON(open)                                                                                             \
	TEST(a_tip_hangs_under_an_older_one, open), TEST(the_same_fact_again_writes_nothing, open),          \
		TEST(it_hangs_under_one_alone, open), TEST(no_ring_and_nothing_that_is_not_there, open),     \
		TEST(undone_it_counts_as_declined, open),                                                    \
		TEST(why_it_hangs_there_stays_with_it, open),                                                \
		TEST(an_intent_tells_the_parent_in_another_shard, open),                                     \
		TEST(a_child_that_moved_is_listed_once, open),                                               \
		TEST(a_parent_that_moved_keeps_its_list_and_says_where_it_is, open),                         \
		TEST(a_tip_arrives_with_its_parent, open),                                                   \
		TEST(back_in_its_shard_it_has_what_it_brings_and_what_it_left, open),                        \
		TEST(suggestions_are_kept_in_order_until_decided, open),                                     \
		TEST(what_was_declined_finds_room, open), TEST(points_and_place_follow_the_context, open),   \
		TEST(whoever_holds_a_tip_sees_its_incident, open),                                           \
		TEST(a_job_writes_with_the_lease_of_the_tips_own_shard, open),                               \
		TEST(a_job_does_not_link_what_a_person_declined, open),                                      \
		TEST(a_note_outlives_the_lease, open), TEST(an_example_stays_with_its_event, open),          \
		TEST(what_is_malformed_is_refused, open)

int main(void)
{
	const struct CMUnitTest memory[] = { ON(open_memory) };
	const struct CMUnitTest redis[] = { ON(open_redis) };
	int failed = cmocka_run_group_tests_name("incidents in memory", memory, NULL, NULL);

	return failed + cmocka_run_group_tests_name("incidents on redis", redis, NULL, NULL);
}
