/*
 * The seed of a tip's leaves on every store: it stands with the tip and beside
 * each of its events, whoever writes them, and goes along to another shard.
 * A tip without one stays without. And what a claim tells of the time before it.
 */
#include "daemon/store/store.h"

#include "daemon/core/journal/event.h"
#include "tests/support/store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#define HOUR_MS 3600000u
#define SEED "0123456789abcde\0"
#define NONE "15-0000000009"

static struct store_rig rig;

static int open_memory(void **unused)
{
	(void)unused;
	store_rig_open(&rig, true);
	store_rig_advance(&rig, 1000); /* its clock starts at zero */
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

/* --- short ways to ask ------------------------------------------------------------------- */

static const struct store_reply *ask(struct store_request request)
{
	const struct store_reply *reply = store_rig_ask(&rig, &request);

	assert_int_equal(reply->outcome, STORE_DONE);
	assert_int_equal(reply->verdict, STORE_OK);
	return reply;
}

static struct tip_id id_of(const char *text)
{
	struct tip_id id;

	assert_true(tip_id_parse(span_of(text), &id));
	return id;
}

static int64_t now(void)
{
	return ask((struct store_request){ .op = STORE_JOB_LEASE,
					   .shard = "15",
					   .job = "clock",
					   .holder = SPAN("me"),
					   .lease_ms = HOUR_MS })
		->now_ms;
}

static struct store_tip tip_of(const char *id, struct span seed)
{
	return (struct store_tip){ .id = id_of(id),
				   .region = "150602",
				   .points = 50,
				   .received_ms = now() - 100,
				   .event = SPAN("{\"e\":\"accepted\"}"),
				   .sealed = SPAN("sealed"),
				   .seed = seed };
}

static void accept(const char *id, struct span seed)
{
	struct store_tip tip = tip_of(id, seed);

	assert_int_equal(ask((struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 })->accepted[0].verdict,
			 STORE_OK);
}

static const struct store_row *row(const char *id)
{
	return ask((struct store_request){ .op = STORE_READ, .id = id_of(id) })->rows;
}

static const struct store_row *claim(unsigned lease_ms)
{
	static const char regions[][7] = { "150602" };
	const struct store_claim claim = {
		.shard = "15", .regions = regions, .nregions = 1, .max = 1, .lease_ms = lease_ms, .holder = SPAN("officer")
	};
	const struct store_reply *reply = ask((struct store_request){ .op = STORE_CLAIM, .claim = &claim });

	assert_int_equal(reply->nrows, 1);
	return reply->rows;
}

/* The journal's last event, of that name and with that seed. */
static const struct store_event *last(const char *shard, const char *name, struct span seed)
{
	struct store_request request = { .op = STORE_JOURNAL, .from = 1, .max = 1000 };
	const struct store_reply *reply;
	const struct store_event *event;
	struct event_member found;

	memcpy(request.shard, shard, 3);
	reply = ask(request);
	assert_true(reply->nevents > 0);
	event = &reply->events[reply->nevents - 1];
	assert_true(event_find(event->json, "e", &found));
	if (!span_is(found.value, name))
		fail_msg("%.*s", (int)event->json.len, event->json.at);
	assert_true(span_eq(event->seed, seed));
	return event;
}

static struct store_change change_of(const char *id, enum tip_state state, const char *event)
{
	struct store_change change = {
		.id = id_of(id), .expect_rev = row(id)->rev, .state = state, .event = span_of(event), .region = "150602", .points = 50
	};

	change.clock = (struct clock_face){ .hand = CLOCK_STALLED, .since_ms = CLOCK_NOW };
	return change;
}

static void link_as(enum store_link_kind kind, const char *id, const char *other, const char *event)
{
	const struct store_link link = { .kind = kind,
					 .id = id_of(id),
					 .other = id_of(other),
					 .received_ms = 1,
					 .why = SPAN("copy"),
					 .points = 70,
					 .event = span_of(event) };

	ask((struct store_request){ .op = STORE_LINK, .link = &link });
}

static uint64_t lease(const char *job)
{
	return ask((struct store_request){
			   .op = STORE_JOB_LEASE, .shard = "15", .job = job, .holder = SPAN("me"), .lease_ms = HOUR_MS })
		->fence;
}

/* --- each event has it ---------------------------------------------------------------------- */

static void a_tip_keeps_its_seed(void **unused)
{
	(void)unused;
	accept("15-0000000001", SPAN(SEED));
	last("15", "accepted", SPAN(SEED));
	assert_true(span_eq(row("15-0000000001")->seed, SPAN(SEED)));
	accept(NONE, SPAN(""));
	last("15", "accepted", SPAN(""));
	assert_true(span_empty(row(NONE)->seed));
}

static void work_has_it(void **unused)
{
	struct store_change change;

	(void)unused;
	accept("15-0000000001", SPAN(SEED));
	assert_true(span_eq(claim(1)->seed, SPAN(SEED)));
	last("15", "claimed", SPAN(SEED));
	store_rig_advance(&rig, 5);
	ask((struct store_request){ .op = STORE_EXPIRE, .shard = "15", .job = "timers", .fence = lease("timers"), .max = 9 });
	last("15", "lease_expired", SPAN(SEED));
	change = change_of("15-0000000001", TIP_QUEUED, "{\"e\":\"note\"}");
	ask((struct store_request){ .op = STORE_CHANGE, .change = &change });
	last("15", "note", SPAN(SEED));
	change = change_of("15-0000000001", TIP_CLOSED, "{\"e\":\"closed\"}");
	change.example = SPAN("example");
	ask((struct store_request){ .op = STORE_CHANGE, .change = &change });
	assert_true(span_is(last("15", "closed", SPAN(SEED))->example, "example"));
	assert_true(span_eq(row("15-0000000001")->seed, SPAN(SEED)));
}

static void passing_to_the_level_above_has_it(void **unused)
{
	struct store_escalation what = { .id = { "15-0000000001" },
					 .expect_rev = 1,
					 .state = TIP_QUEUED,
					 .region = "150600",
					 .points = 50,
					 .limit_ms = 1,
					 .clock = { .hand = CLOCK_UNOPENED, .since_ms = CLOCK_NOW },
					 .raise = { .times = 1, .home = "150602" },
					 .event = SPAN("{\"e\":\"escalated\"}") };
	uint64_t fence = lease("escalation");

	(void)unused;
	accept("15-0000000001", SPAN(SEED));
	ask((struct store_request){ .op = STORE_ESCALATE, .job = "escalation", .fence = fence, .escalation = &what });
	last("15", "escalated", SPAN(SEED));
}

static void facts_about_incidents_have_it(void **unused)
{
	(void)unused;
	accept("15-0000000001", SPAN(SEED));
	link_as(STORE_LINK_SUGGEST, "15-0000000001", "11-0000000002", "{\"e\":\"suggested\"}");
	last("15", "suggested", SPAN(SEED));
	link_as(STORE_LINK_DECLINE, "15-0000000001", "11-0000000002", "{\"e\":\"declined\"}");
	last("15", "declined", SPAN(SEED));
	link_as(STORE_LINK_SET, "15-0000000001", "11-0000000003", "{\"e\":\"linked\"}");
	last("15", "linked", SPAN(SEED));
	link_as(STORE_LINK_UNSET, "15-0000000001", "11-0000000003", "{\"e\":\"unlinked\"}");
	last("15", "unlinked", SPAN(SEED));
	link_as(STORE_LINK_CHILD, "15-0000000001", "11-0000000004", "{\"e\":\"joined\"}");
	last("15", "joined", SPAN(SEED));
	link_as(STORE_LINK_NO_CHILD, "15-0000000001", "11-0000000004", "{\"e\":\"parted\"}");
	last("15", "parted", SPAN(SEED));
	link_as(STORE_LINK_SCORE, "15-0000000001", "11-0000000004", "{\"e\":\"rescored\"}");
	last("15", "rescored", SPAN(SEED));
}

static void the_end_of_an_intent_has_the_seed_of_its_tip(void **unused)
{
	struct store_tip tips[] = { tip_of("15-0000000001", SPAN(SEED)), tip_of(NONE, SPAN("")) };
	struct store_outbox_end end = { .item = SPAN("1"), .event = SPAN("{\"e\":\"sent\"}"), .tip = tips[0].id };
	struct store_request request = { .op = STORE_OUTBOX_END, .shard = "15", .outbox_end = &end };

	(void)unused;
	tips[0].outbox = tips[1].outbox = SPAN("intent");
	ask((struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = 2 });
	ask(request);
	last("15", "sent", SPAN(SEED));
	end.item = SPAN("2");
	end.tip = tips[1].id;
	ask(request);
	last("15", "sent", SPAN(""));
}

/* --- to another shard and back ------------------------------------------------------------------ */

static void receive(const char *id, struct span seed, unsigned hops)
{
	struct store_tip tip = tip_of(id, seed);

	tip.hops = hops;
	tip.event = SPAN("{\"e\":\"received\"}");
	assert_int_equal(ask((struct store_request){ .op = STORE_RECEIVE, .tips = &tip, .ntips = 1 })->accepted[0].verdict,
			 STORE_OK);
}

static void leave(const char *id)
{
	struct store_change change = change_of(id, TIP_TRANSFERRED, "{\"e\":\"transferred_away\"}");

	ask((struct store_request){ .op = STORE_CHANGE, .change = &change });
}

static void it_goes_along_to_another_shard_and_back(void **unused)
{
	const struct span there = SPAN("masked otherwise");

	(void)unused;
	accept("15-0000000001", SPAN(SEED));
	leave("15-0000000001");
	last("15", "transferred_away", SPAN(SEED));
	receive("11-0000000001", there, 1);
	last("11", "received", there);
	assert_true(span_eq(row("11-0000000001")->seed, there));
	/* Back where it was: the one that stands there, also when it comes without. */
	receive("15-0000000001", SPAN(""), 2);
	last("15", "received", SPAN(SEED));
	assert_true(span_eq(row("15-0000000001")->seed, SPAN(SEED)));
}

static void an_older_tip_may_get_one_when_it_comes_back(void **unused)
{
	(void)unused;
	accept("15-0000000001", SPAN(""));
	leave("15-0000000001");
	last("15", "transferred_away", SPAN(""));
	receive("15-0000000001", SPAN(SEED), 2);
	last("15", "received", SPAN(SEED));
	assert_true(span_eq(row("15-0000000001")->seed, SPAN(SEED)));
}

/* --- how long it had waited ------------------------------------------------------------------------ */

static uint64_t number_in(const struct store_event *event, const char *name)
{
	struct event_member member;
	uint64_t number = 0;

	assert_true(event_find(event->json, name, &member));
	assert_true(!member.text && span_u64(member.value, &number));
	return number;
}

static void the_first_claim_tells_how_long_nobody_had_opened_it(void **unused)
{
	const struct store_event *event;
	struct event_member member;
	int64_t received_ms;

	(void)unused;
	accept("15-0000000001", SPAN(SEED));
	received_ms = row("15-0000000001")->received_ms;
	store_rig_advance(&rig, 20);
	claim(1);
	event = last("15", "claimed", SPAN(SEED));
	assert_true(number_in(event, "waited") >= 120);
	assert_int_equal(number_in(event, "since"), (uint64_t)received_ms + number_in(event, "waited"));
	/* The same bureau once more: it had been opened. */
	store_rig_advance(&rig, 5);
	ask((struct store_request){ .op = STORE_EXPIRE, .shard = "15", .job = "timers", .fence = lease("timers"), .max = 9 });
	claim(HOUR_MS);
	event = last("15", "claimed", SPAN(SEED));
	assert_false(event_find(event->json, "since", &member));
	assert_false(event_find(event->json, "waited", &member));
}

/* Another bureau: from when it got it. */
static void a_bureau_that_got_it_later_is_asked_from_then_on(void **unused)
{
	const struct store_event *event;

	(void)unused;
	receive("15-0000000001", SPAN(SEED), 1);
	store_rig_advance(&rig, 10);
	claim(HOUR_MS);
	event = last("15", "claimed", SPAN(SEED));
	assert_in_range(number_in(event, "waited"), 10, 100);
}

/* A clock that went back says no more than that it was at once. */
static void a_time_of_receipt_that_is_to_come_counts_as_now(void **unused)
{
	struct store_tip tip = tip_of("15-0000000001", SPAN(""));

	(void)unused;
	tip.received_ms += HOUR_MS;
	ask((struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 });
	claim(HOUR_MS);
	assert_int_equal(number_in(last("15", "claimed", SPAN("")), "waited"), 0);
}

#define TEST(function, open) cmocka_unit_test_setup_teardown(function, open, close_rig)
#define BOTH(function) TEST(function, open_memory), TEST(function, open_redis)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(a_tip_keeps_its_seed),
		BOTH(work_has_it),
		BOTH(passing_to_the_level_above_has_it),
		BOTH(facts_about_incidents_have_it),
		BOTH(the_end_of_an_intent_has_the_seed_of_its_tip),
		BOTH(it_goes_along_to_another_shard_and_back),
		BOTH(an_older_tip_may_get_one_when_it_comes_back),
		BOTH(the_first_claim_tells_how_long_nobody_had_opened_it),
		BOTH(a_bureau_that_got_it_later_is_asked_from_then_on),
		BOTH(a_time_of_receipt_that_is_to_come_counts_as_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
