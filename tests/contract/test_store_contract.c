/*
 * One suite for every store: what store/store.h promises, on memory.c and on
 * redis.c with a private server.
 */
#include "daemon/store/archived.h"

#include "tests/support/store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define HOUR_MS 3600000u

static struct store_rig rig;
static struct archive *archive;

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

/* Nothing is in the archive: all is as it is without. */
static int open_archived(void **unused)
{
	static const char nowhere[] = "/nonexistent/archive";

	open_memory(unused);
	archive = archive_new(nowhere);
	archived_attach(rig.store, rig.loop, archive);
	return 0;
}

static int close_rig(void **unused)
{
	(void)unused;
	store_rig_close(&rig);
	archive_free(archive);
	archive = NULL;
	return 0;
}

/* --- short ways to ask ---------------------------------------------------------------------- */

static struct store_tip tip_of(const char *id, const char *region, unsigned points, int64_t received_ms)
{
	static char events[64][256];
	static size_t next;
	char *event = events[next++ % 64];
	struct store_tip tip = { .points = points, .received_ms = received_ms, .sealed = SPAN("sealed") };

	snprintf(tip.id.text, sizeof(tip.id.text), "%s", id);
	snprintf(tip.region, sizeof(tip.region), "%s", region);
	memset(tip.receipt_mark, 'm', sizeof(tip.receipt_mark));
	snprintf(event, sizeof(events[0]),
		 "{\"e\":\"accepted\",\"id\":\"%s\",\"at\":%lld,\"region\":\"%s\",\"points\":%u,"
		 "\"mark\":\"6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d6d\"}",
		 id, (long long)received_ms, region, points);
	tip.event = span_of(event);
	return tip;
}

static const struct store_reply *accept(const struct store_tip *tips, size_t n)
{
	const struct store_reply *reply =
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = n });

	assert_int_equal(reply->outcome, STORE_DONE);
	assert_int_equal(reply->naccepted, n);
	return reply;
}

static void accept_one(const char *id, const char *region, unsigned points, int64_t received_ms)
{
	struct store_tip tip = tip_of(id, region, points, received_ms);

	assert_int_equal(accept(&tip, 1)->accepted[0].verdict, STORE_OK);
}

static struct tip_id id_of(const char *text)
{
	struct tip_id id;

	assert_true(tip_id_parse(span_of(text), &id));
	return id;
}

static const struct store_reply *read_tip(const char *id)
{
	const struct store_reply *reply = store_rig_ask(
		&rig, &(struct store_request){ .op = STORE_READ, .id = id_of(id), .identity = true });

	assert_int_equal(reply->outcome, STORE_DONE);
	return reply;
}

static const struct store_reply *claim(const char *const *regions, size_t n, unsigned max, unsigned lease_ms,
				       const char *holder)
{
	static char names[8][7];
	struct store_claim wanted = { .regions = (const char(*)[7])names,
				      .nregions = n,
				      .max = max,
				      .lease_ms = lease_ms,
				      .holder = span_of(holder) };

	memcpy(wanted.shard, regions[0], 2);
	for (size_t i = 0; i < n; i++)
		snprintf(names[i], sizeof(names[i]), "%s", regions[i]);
	return store_rig_ask(&rig, &(struct store_request){ .op = STORE_CLAIM, .claim = &wanted });
}

static struct store_change change_of(const char *id, uint64_t rev, enum tip_state state, const char *event)
{
	return (struct store_change){ .id = id_of(id),
				      .expect_rev = rev,
				      .state = state,
				      .event = span_of(event),
				      .region = "150602",
				      .points = 50 };
}

static const struct store_reply *change(const struct store_change *wanted)
{
	return store_rig_ask(&rig, &(struct store_request){ .op = STORE_CHANGE, .change = wanted });
}

static uint64_t lease_job(const char *job, const char *holder, unsigned lease_ms, enum store_verdict expected)
{
	const struct store_reply *reply =
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_JOB_LEASE,
							     .shard = "15",
							     .job = job,
							     .holder = span_of(holder),
							     .lease_ms = lease_ms });

	assert_int_equal(reply->outcome, STORE_DONE);
	assert_int_equal(reply->verdict, expected);
	return reply->fence;
}

static const struct store_reply *journal(const char *shard, uint64_t from, unsigned max)
{
	struct store_request request = { .op = STORE_JOURNAL, .from = from, .max = max };

	memcpy(request.shard, shard, 2);
	return store_rig_ask(&rig, &request);
}

/* --- accepting --------------------------------------------------------------------------------- */

static void what_was_accepted_can_be_read(void **unused)
{
	struct store_tip tip = tip_of("15-0000000001", "150602", 72, 1763748000000);
	const struct store_row *row;
	const struct store_reply *reply;

	(void)unused;
	tip.sealed = span_from("se\0led\r\n", 8);
	tip.identity = SPAN("identity");
	tip.fingerprint = SPAN("finger");
	tip.commitment = SPAN("commitment of thirty-two bytes..");
	reply = accept(&tip, 1);
	assert_int_equal(reply->accepted[0].verdict, STORE_OK);
	assert_int_equal(reply->accepted[0].rev, 1);
	row = read_tip("15-0000000001")->rows;
	assert_int_equal(row->state, TIP_QUEUED);
	assert_int_equal(row->rev, 1);
	assert_string_equal(row->region, "150602");
	assert_int_equal(row->points, 72);
	assert_int_equal(row->received_ms, 1763748000000);
	assert_int_equal(row->lease_until_ms, 0);
	assert_true(span_eq(row->sealed, tip.sealed));
	assert_true(span_eq(row->identity, tip.identity));
	assert_memory_equal(row->receipt_mark, tip.receipt_mark, STORE_MARK_BYTES);
	reply = journal("15", 1, 10);
	assert_int_equal(reply->nevents, 1);
	assert_true(span_eq(reply->events[0].json, tip.event));
	assert_true(span_eq(reply->events[0].fingerprint, tip.fingerprint));
	assert_true(span_eq(reply->events[0].commitment, tip.commitment));
	assert_int_equal(read_tip("15-0000000002")->verdict, STORE_ABSENT);
}

static void identity_is_read_only_when_asked_for(void **unused)
{
	struct store_tip tip = tip_of("15-0000000001", "150602", 72, 1);
	const struct store_reply *reply;

	(void)unused;
	tip.identity = SPAN("identity");
	accept(&tip, 1);
	reply = store_rig_ask(&rig, &(struct store_request){ .op = STORE_READ, .id = tip.id });
	assert_true(span_empty(reply->rows[0].identity));
}

static void the_same_tip_again_changes_nothing(void **unused)
{
	struct store_tip tip = tip_of("15-0000000001", "150602", 72, 1), other;
	const struct store_reply *reply;

	(void)unused;
	accept(&tip, 1);
	reply = accept(&tip, 1);
	assert_int_equal(reply->accepted[0].verdict, STORE_ALREADY);
	assert_int_equal(reply->accepted[0].rev, 1);
	other = tip;
	memset(other.receipt_mark, 'x', sizeof(other.receipt_mark));
	other.sealed = SPAN("another");
	assert_int_equal(accept(&other, 1)->accepted[0].verdict, STORE_COLLISION);
	assert_true(span_is(read_tip("15-0000000001")->rows[0].sealed, "sealed"));
	assert_int_equal(journal("15", 1, 10)->nevents, 1);
}

static void a_known_request_gets_its_first_answer(void **unused)
{
	struct store_tip tip = tip_of("15-0000000001", "150602", 72, 1);
	struct store_tip again = tip_of("15-0000000002", "150602", 72, 2);
	const struct store_reply *reply;

	(void)unused;
	memset(tip.request_mark, 7, sizeof(tip.request_mark));
	memset(tip.request_digest, 8, sizeof(tip.request_digest));
	tip.answer = span_from("first\0answer", 12);
	tip.answer_ttl_s = 60;
	accept(&tip, 1);
	memset(again.request_mark, 7, sizeof(again.request_mark));
	again.answer = SPAN("second");
	again.answer_ttl_s = 60;
	reply = accept(&again, 1);
	assert_int_equal(reply->accepted[0].verdict, STORE_REPEATED);
	assert_true(span_eq(reply->accepted[0].answer, tip.answer));
	assert_memory_equal(reply->accepted[0].digest, tip.request_digest, STORE_MARK_BYTES);
	assert_int_equal(read_tip("15-0000000002")->verdict, STORE_ABSENT);
}

static void doubles_within_a_batch_are_seen(void **unused)
{
	struct store_tip tips[5] = {
		tip_of("15-0000000001", "150602", 72, 1), tip_of("15-0000000001", "150602", 72, 1),
		tip_of("15-0000000001", "150602", 72, 1), tip_of("15-0000000002", "150602", 72, 1),
		tip_of("11-0000000003", "110101", 72, 1),
	};
	const struct store_reply *reply;

	(void)unused;
	memset(tips[2].receipt_mark, 'x', sizeof(tips[2].receipt_mark));
	memset(tips[3].request_mark, 7, sizeof(tips[3].request_mark));
	memset(tips[4].request_mark, 7, sizeof(tips[4].request_mark));
	tips[3].answer = SPAN("mine");
	tips[3].answer_ttl_s = tips[4].answer_ttl_s = 60;
	reply = accept(tips, 5);
	assert_int_equal(reply->accepted[0].verdict, STORE_OK);
	assert_int_equal(reply->accepted[1].verdict, STORE_ALREADY);
	assert_int_equal(reply->accepted[1].rev, 1);
	assert_int_equal(reply->accepted[2].verdict, STORE_COLLISION);
	assert_int_equal(reply->accepted[3].verdict, STORE_OK);
	assert_int_equal(reply->accepted[4].verdict, STORE_REPEATED);
	assert_true(span_is(reply->accepted[4].answer, "mine"));
	assert_int_equal(journal("15", 1, 10)->nevents, 2);
	assert_int_equal(journal("11", 1, 10)->nevents, 0);
}

static void a_batch_over_shards_numbers_each_journal_without_gap(void **unused)
{
	static const char *const shards[] = { "11", "15", "44", "15", "11", "15" };
	struct store_tip tips[48];

	(void)unused;
	for (size_t i = 0; i < 48; i++) {
		char id[14], region[7];

		snprintf(id, sizeof(id), "%s-00000000%02zu", shards[i % 6], i);
		snprintf(region, sizeof(region), "%s060%zu", shards[i % 6], i % 7);
		tips[i] = tip_of(id, region, (unsigned)i, (int64_t)i);
	}
	for (size_t i = 0; i < 48; i += 8)
		accept(&tips[i], 8);
	for (size_t s = 0; s < 3; s++) {
		const struct store_reply *reply = journal(shards[s], 1, 100);

		assert_int_equal(reply->nevents, s == 0 ? 16 : s == 1 ? 24 : 8);
		for (size_t i = 0; i < reply->nevents; i++)
			assert_int_equal(reply->events[i].number, i + 1);
	}
}

static void data_keys_are_kept_once_and_found(void **unused)
{
	struct store_tip tips[3] = { tip_of("15-0000000001", "150602", 1, 1),
				     tip_of("15-0000000001", "150602", 1, 1),
				     tip_of("15-0000000002", "150602", 1, 1) };
	const unsigned char wanted[3][STORE_DATA_KEY_ID_BYTES] = { "nothing", "number1", "number2" };
	const struct store_reply *reply;

	(void)unused;
	memcpy(tips[0].data_key.id, "number1", 8);
	tips[0].data_key.sealed = SPAN("first");
	memcpy(tips[1].data_key.id, "number2", 8); /* of a tip that is not written */
	tips[1].data_key.sealed = SPAN("second");
	memcpy(tips[2].data_key.id, "number2", 8);
	tips[2].data_key.sealed = SPAN("second");
	accept(tips, 3);
	reply = store_rig_ask(
		&rig, &(struct store_request){
			      .op = STORE_DATA_KEYS, .shard = "15", .key_ids = wanted, .nkey_ids = 3 });
	assert_int_equal(reply->ndata_keys, 2);
	assert_memory_equal(reply->data_keys[0].id, "number1", 8);
	assert_true(span_is(reply->data_keys[0].sealed, "first"));
	assert_true(span_is(reply->data_keys[1].sealed, "second"));
}

static enum store_verdict swap(const unsigned char id[1][STORE_DATA_KEY_ID_BYTES], const char *from, const char *to)
{
	const struct span values[2] = { span_of(from), span_of(to) };
	const struct store_reply *reply =
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_DATA_KEY_SWAP, .shard = "15", .key_ids = id, .nkey_ids = 1,
							     .messages = values, .nmessages = 2 });

	assert_int_equal(reply->outcome, STORE_DONE);
	return reply->verdict;
}

static void data_keys_are_sealed_anew(void **unused)
{
	struct store_tip tips[2] = { tip_of("15-0000000001", "150602", 1, 1), tip_of("15-0000000002", "150602", 1, 1) };
	const unsigned char id[1][STORE_DATA_KEY_ID_BYTES] = { "number1" }, none[1][STORE_DATA_KEY_ID_BYTES] = { "nothing" };
	const struct store_reply *reply;

	(void)unused;
	memcpy(tips[0].data_key.id, "number1", 8);
	tips[0].data_key.sealed = SPAN("first");
	memcpy(tips[1].data_key.id, "number2", 8);
	tips[1].data_key.sealed = SPAN("first");
	accept(tips, 2);
	assert_int_equal(swap(none, "first", "anew"), STORE_ABSENT);
	assert_int_equal(swap(id, "other", "anew"), STORE_CONFLICT);
	assert_int_equal(swap(id, "first", "anew"), STORE_OK);
	assert_int_equal(swap(id, "first", "anew"), STORE_ALREADY);
	assert_int_equal(swap(id, "first", "other"), STORE_CONFLICT);
	reply = store_rig_ask(&rig, &(struct store_request){ .op = STORE_DATA_KEYS, .shard = "15", .key_ids = id, .nkey_ids = 1 });
	assert_true(span_is(reply->data_keys[0].sealed, "anew"));
	reply = store_rig_ask(&rig, &(struct store_request){ .op = STORE_DATA_KEYS, .shard = "15",
							     .key_ids = (const unsigned char[1][STORE_DATA_KEY_ID_BYTES]){ "number2" },
							     .nkey_ids = 1 });
	assert_true(span_is(reply->data_keys[0].sealed, "first"));
}

/* --- changing ------------------------------------------------------------------------------------ */

static void a_named_change_has_one_effect(void **unused)
{
	struct store_named named = { .mark = "a request's mark", .digest = "what it contains", .keep_s = 60 };
	struct store_change words = change_of("15-0000000001", 1, TIP_QUEUED,
					      "{\"e\":\"supplement\",\"id\":\"15-0000000001\",\"at\":5}");
	struct store_tip tip = tip_of("15-0000000002", "150602", 72, 1);
	const struct store_reply *reply;

	(void)unused;
	words.message = SPAN("sealed words");
	words.named = &named;
	accept_one("15-0000000001", "150602", 50, 1);
	assert_int_equal(change(&words)->verdict, STORE_OK);
	words.expect_rev = 2;
	words.message = SPAN("the same words, sealed again");
	assert_int_equal(change(&words)->verdict, STORE_REPEATED);
	assert_int_equal(read_tip("15-0000000001")->rows[0].nmessages, 1);
	/* Nor does it become a tip; whoever asks sees that it was none. */
	memcpy(tip.request_mark, named.mark, sizeof(tip.request_mark));
	memcpy(tip.request_digest, named.digest, sizeof(tip.request_digest));
	tip.answer = SPAN("an answer");
	tip.answer_ttl_s = 60;
	reply = accept(&tip, 1);
	assert_int_equal(reply->accepted[0].verdict, STORE_REPEATED);
	assert_int_equal(reply->accepted[0].answer.len, 0);
	assert_memory_equal(reply->accepted[0].digest, named.digest, STORE_MARK_BYTES);
	/* Another request under the same mark is no repetition. */
	memcpy(named.digest, "something else..", sizeof(named.digest));
	assert_int_equal(change(&words)->verdict, STORE_OK);
}

static void a_request_that_made_a_tip_is_not_added(void **unused)
{
	struct store_named named = { .mark = "a request's mark", .digest = "what it contains", .keep_s = 60 };
	struct store_change words = change_of("15-0000000001", 1, TIP_QUEUED,
					      "{\"e\":\"supplement\",\"id\":\"15-0000000001\",\"at\":5}");
	struct store_tip tip = tip_of("15-0000000002", "150602", 72, 1);

	(void)unused;
	words.message = SPAN("sealed words");
	words.named = &named;
	accept_one("15-0000000001", "150602", 50, 1);
	memcpy(tip.request_mark, named.mark, sizeof(tip.request_mark));
	memcpy(tip.request_digest, named.digest, sizeof(tip.request_digest));
	tip.answer = SPAN("an answer");
	tip.answer_ttl_s = 60;
	assert_int_equal(accept(&tip, 1)->accepted[0].verdict, STORE_OK);
	assert_int_equal(change(&words)->verdict, STORE_REPEATED);
	assert_int_equal(read_tip("15-0000000001")->rows[0].nmessages, 0);
	assert_true(span_is(accept(&tip, 1)->accepted[0].answer, "an answer"));
}

static void a_change_compares_the_rev(void **unused)
{
	struct store_change note = change_of("15-0000000001", 1, TIP_QUEUED,
					     "{\"e\":\"note\",\"id\":\"15-0000000001\",\"at\":5}");
	const struct store_reply *reply;

	(void)unused;
	assert_int_equal(change(&note)->verdict, STORE_ABSENT);
	accept_one("15-0000000001", "150602", 50, 1);
	note.message = SPAN("sealed note");
	reply = change(&note);
	assert_int_equal(reply->verdict, STORE_OK);
	assert_int_equal(reply->rev, 2);
	reply = change(&note);
	assert_int_equal(reply->verdict, STORE_ALREADY);
	assert_int_equal(reply->rev, 2);
	note.message = SPAN("another note of the same millisecond");
	reply = change(&note);
	assert_int_equal(reply->verdict, STORE_CONFLICT);
	assert_int_equal(reply->rev, 2);
	reply = read_tip("15-0000000001");
	assert_int_equal(reply->rows[0].nmessages, 1);
	assert_true(span_is(reply->rows[0].messages[0], "sealed note"));
	assert_true(span_is(journal("15", 2, 1)->events[0].json,
			    "{\"e\":\"note\",\"id\":\"15-0000000001\",\"at\":5,\"messages\":1}"));
}

static void a_lease_can_be_renewed_kept_and_given_back(void **unused)
{
	static const char *const region[] = { "150602" };
	struct store_change wanted;
	int64_t until_ms;

	(void)unused;
	accept_one("15-0000000001", "150602", 50, 1);
	until_ms = claim(region, 1, 1, HOUR_MS, "officer")->rows[0].lease_until_ms;
	wanted = change_of("15-0000000001", 2, TIP_VERIFIED, "{\"e\":\"verified\",\"id\":\"15-0000000001\"}");
	wanted.holder = SPAN("officer");
	assert_int_equal(change(&wanted)->verdict, STORE_OK);
	assert_int_equal(read_tip("15-0000000001")->rows[0].lease_until_ms, until_ms);
	wanted = change_of("15-0000000001", 3, TIP_VERIFIED, "{\"e\":\"renewed\",\"id\":\"15-0000000001\"}");
	wanted.holder = SPAN("officer");
	wanted.lease_ms = 2 * HOUR_MS;
	assert_int_equal(change(&wanted)->verdict, STORE_OK);
	assert_true(read_tip("15-0000000001")->rows[0].lease_until_ms >= until_ms + HOUR_MS);
	wanted = change_of("15-0000000001", 4, TIP_QUEUED, "{\"e\":\"released\",\"id\":\"15-0000000001\"}");
	assert_int_equal(change(&wanted)->verdict, STORE_OK);
	assert_int_equal(read_tip("15-0000000001")->rows[0].lease_until_ms, 0);
	assert_true(span_empty(read_tip("15-0000000001")->rows[0].holder));
	assert_int_equal(claim(region, 1, 1, HOUR_MS, "other")->nrows, 1);
}

static void a_lease_that_is_not_there_cannot_be_kept(void **unused)
{
	struct store_change wanted = change_of("15-0000000001", 1, TIP_CLAIMED, "{\"e\":\"claimed\"}");

	(void)unused;
	accept_one("15-0000000001", "150602", 50, 1);
	wanted.holder = SPAN("officer");
	assert_int_equal(change(&wanted)->outcome, STORE_BROKEN);
	assert_int_equal(read_tip("15-0000000001")->rows[0].rev, 1);
	assert_int_equal(journal("15", 1, 10)->nevents, 1);
}

static void a_transfer_moves_the_tip_to_another_queue(void **unused)
{
	static const char *const old[] = { "150602" }, *const new[] = { "150100" };
	struct store_change wanted =
		change_of("15-0000000001", 1, TIP_QUEUED, "{\"e\":\"transferred\",\"id\":\"15-0000000001\"}");

	(void)unused;
	accept_one("15-0000000001", "150602", 50, 1);
	memcpy(wanted.region, "150100", 7);
	wanted.points = 60;
	wanted.sealed = SPAN("rewrapped");
	assert_int_equal(change(&wanted)->verdict, STORE_OK);
	assert_int_equal(claim(old, 1, 5, HOUR_MS, "officer")->nrows, 0);
	assert_int_equal(claim(new, 1, 5, HOUR_MS, "officer")->nrows, 1);
	assert_int_equal(rig.reply.rows[0].points, 60);
	assert_true(span_is(rig.reply.rows[0].sealed, "rewrapped"));
}

/* --- queues and leases ----------------------------------------------------------------------------- */

static void a_claim_takes_the_best_of_all_queues(void **unused)
{
	static const char *const regions[] = { "150602", "150100", "150300" };
	static const char *const order[] = { "15-0000000004", "15-0000000002", "15-0000000003",
					     "15-0000000001" };
	const struct store_reply *reply;

	(void)unused;
	accept_one("15-0000000001", "150602", 40, 1);
	accept_one("15-0000000002", "150100", 80, 7);
	accept_one("15-0000000003", "150602", 80, 8);
	accept_one("15-0000000004", "150300", 90, 9);
	accept_one("15-0000000005", "150200", 99, 1);
	reply = claim(regions, 3, 2, HOUR_MS, "of\"ficer");
	assert_int_equal(reply->nrows, 2);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(reply->rows[i].id.text, order[i]);
	assert_int_equal(reply->rows[0].state, TIP_CLAIMED);
	assert_int_equal(reply->rows[0].rev, 6);
	assert_true(span_is(reply->rows[0].holder, "of\"ficer"));
	assert_true(span_is(reply->rows[0].sealed, "sealed"));
	assert_int_equal(reply->rows[0].lease_until_ms, reply->now_ms + HOUR_MS);
	reply = claim(regions, 3, 100, HOUR_MS, "other");
	assert_int_equal(reply->nrows, 2);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(reply->rows[i].id.text, order[2 + i]);
	assert_int_equal(claim(regions, 3, 100, HOUR_MS, "other")->nrows, 0);
}

/* More than one piece of a queue, whatever its size in the store. */
static void a_long_queue_comes_out_in_order(void **unused)
{
	static const char *const regions[] = { "150602", "150100" };
	unsigned last = 101;
	size_t taken = 0;
	const struct store_reply *reply;

	(void)unused;
	for (unsigned i = 0; i < 300; i++) {
		char id[14];

		snprintf(id, sizeof(id), "15-0000000%03u", i);
		accept_one(id, i % 3 == 0 ? "150100" : "150602", i * 37 % 101, i);
	}
	while ((reply = claim(regions, 2, 47, HOUR_MS, "officer"))->nrows > 0) {
		for (size_t i = 0; i < reply->nrows; i++) {
			assert_true(reply->rows[i].points <= last);
			last = reply->rows[i].points;
		}
		taken += reply->nrows;
	}
	assert_int_equal(taken, 300);
}

static void counts_tell_waiting_and_held(void **unused)
{
	static const char *const region[] = { "150602" };
	const struct store_reply *reply;

	(void)unused;
	accept_one("15-0000000001", "150602", 40, 100);
	accept_one("15-0000000002", "150602", 80, 300);
	accept_one("15-0000000003", "150602", 80, 200);
	accept_one("15-0000000004", "150100", 10, 50);
	claim(region, 1, 1, HOUR_MS, "officer");
	reply = store_rig_ask(&rig, &(struct store_request){ .op = STORE_QUEUES, .shard = "15" });
	assert_int_equal(reply->nqueues, 2);
	assert_string_equal(reply->queues[0].region, "150100");
	assert_int_equal(reply->queues[0].held, 0);
	assert_string_equal(reply->queues[1].region, "150602");
	assert_int_equal(reply->queues[1].waiting, 2);
	assert_int_equal(reply->queues[1].held, 1);
	assert_int_equal(reply->queues[1].oldest_ms, 100);
	assert_int_equal(reply->queues[1].best_points, 80);
}

static void what_one_holds_is_told_apart(void **unused)
{
	static const char *const region[] = { "150602" };
	struct store_request held = { .op = STORE_HELD, .shard = "15", .holder = SPAN("a"), .max = 10 };

	(void)unused;
	accept_one("15-0000000001", "150602", 40, 1);
	accept_one("15-0000000002", "150602", 30, 2);
	accept_one("15-0000000003", "150602", 20, 3);
	claim(region, 1, 2, HOUR_MS, "a");
	claim(region, 1, 1, HOUR_MS, "a b");
	assert_int_equal(store_rig_ask(&rig, &held)->nrows, 2);
	assert_string_equal(rig.reply.rows[1].id.text, "15-0000000002");
	held.max = 1;
	assert_int_equal(store_rig_ask(&rig, &held)->nrows, 1);
	held.holder = SPAN("nobody");
	assert_int_equal(store_rig_ask(&rig, &held)->nrows, 0);
}

static void a_lease_that_ran_out_goes_back(void **unused)
{
	static const char *const region[] = { "150602" };
	struct store_request expire = { .op = STORE_EXPIRE, .shard = "15", .job = "timers", .max = 10 };

	(void)unused;
	accept_one("15-0000000001", "150602", 40, 1);
	accept_one("15-0000000002", "150602", 30, 2);
	claim(region, 1, 1, 20, "a");
	claim(region, 1, 1, HOUR_MS, "b");
	expire.fence = lease_job("timers", "me", HOUR_MS, STORE_OK);
	store_rig_advance(&rig, 30);
	assert_int_equal(store_rig_ask(&rig, &expire)->verdict, STORE_OK);
	assert_int_equal(rig.reply.count, 1);
	assert_int_equal(read_tip("15-0000000001")->rows[0].state, TIP_QUEUED);
	assert_int_equal(read_tip("15-0000000001")->rows[0].rev, 5);
	assert_int_equal(read_tip("15-0000000002")->rows[0].state, TIP_CLAIMED);
	assert_int_equal(claim(region, 1, 5, HOUR_MS, "c")->nrows, 1);
	expire.fence++;
	assert_int_equal(store_rig_ask(&rig, &expire)->verdict, STORE_FENCED);
}

static void a_job_has_one_holder_and_a_rising_number(void **unused)
{
	uint64_t first;

	(void)unused;
	first = lease_job("courier", "a", HOUR_MS, STORE_OK);
	assert_int_equal(lease_job("courier", "b", 20, STORE_FENCED), first);
	assert_int_equal(lease_job("courier", "a", 20, STORE_OK), first);
	store_rig_advance(&rig, 30);
	assert_true(lease_job("courier", "b", HOUR_MS, STORE_OK) > first);
	assert_true(lease_job("courier", "a", HOUR_MS, STORE_FENCED) > first);
}

/* --- parts, outbox, transfers ------------------------------------------------------------------------ */

static struct store_part part_of(unsigned number, const char *digest, const char *sealed)
{
	struct store_part part = {
		.total = 3, .number = number, .sealed = span_of(sealed), .timeout_ms = 20, .open_max = 20
	};

	memset(part.group, 'g', sizeof(part.group));
	memcpy(part.digest, digest, sizeof(part.digest));
	return part;
}

static const struct store_reply *put_part(const struct store_part *part)
{
	return store_rig_ask(&rig, &(struct store_request){ .op = STORE_PART, .part = part });
}

static void parts_become_a_group_in_order(void **unused)
{
	struct store_part third = part_of(3, "digest03", "three"), first = part_of(1, "digest01", "one");
	struct store_part second = part_of(2, "digest02", "two"), other = part_of(1, "digest99", "other");
	struct store_request done = { .op = STORE_PARTS_DONE, .part = &first, .id = id_of("15-0000000001") };

	(void)unused;
	assert_int_equal(store_rig_ask(&rig, &done)->verdict, STORE_ABSENT);
	assert_int_equal(put_part(&third)->ngroups, 0);
	assert_int_equal(put_part(&first)->ngroups, 0);
	assert_int_equal(put_part(&first)->verdict, STORE_ALREADY);
	assert_int_equal(put_part(&other)->verdict, STORE_COLLISION);
	assert_int_equal(put_part(&second)->ngroups, 1);
	assert_int_equal(rig.reply.groups[0].total, 3);
	assert_int_equal(rig.reply.groups[0].nparts, 3);
	assert_true(span_is(rig.reply.groups[0].parts[0].payload, "one"));
	assert_true(span_is(rig.reply.groups[0].parts[2].payload, "three"));
	assert_int_equal(store_rig_ask(&rig, &done)->verdict, STORE_OK);
	assert_int_equal(store_rig_ask(&rig, &done)->verdict, STORE_ALREADY);
	assert_int_equal(put_part(&second)->verdict, STORE_ALREADY);
	assert_int_equal(put_part(&other)->verdict, STORE_COLLISION);
}

static void a_group_whose_time_is_up_is_handed_out_once_a_lease(void **unused)
{
	struct store_part first = part_of(1, "digest01", "one"), late = part_of(2, "digest02", "two");
	struct store_request due = { .op = STORE_PARTS_DUE, .max = 10, .lease_ms = HOUR_MS };
	struct store_request done = { .op = STORE_PARTS_DONE, .part = &first, .id = id_of("15-0000000001") };

	(void)unused;
	put_part(&first);
	store_rig_advance(&rig, 30);
	assert_int_equal(store_rig_ask(&rig, &due)->ngroups, 1);
	assert_int_equal(rig.reply.groups[0].nparts, 1);
	assert_int_equal(rig.reply.groups[0].parts[0].number, 1);
	assert_int_equal(store_rig_ask(&rig, &due)->ngroups, 0);
	assert_int_equal(store_rig_ask(&rig, &done)->verdict, STORE_OK);
	assert_int_equal(put_part(&late)->verdict, STORE_CONFLICT);
	assert_string_equal(rig.reply.rows[0].id.text, "15-0000000001");
}

static struct store_part in_group(char group, unsigned number, const char *digest, const unsigned char *before)
{
	struct store_part part = part_of(number, digest, "words");

	memset(part.group, group, sizeof(part.group));
	memset(part.sender, 's', sizeof(part.sender));
	part.before = before;
	part.open_max = 20;
	return part;
}

/* A reference that is used again: the second message takes what comes from then on. */
static void a_group_that_has_a_follower_takes_nothing(void **unused)
{
	struct store_part a1 = in_group('g', 1, "digesta1", NULL), a2 = in_group('g', 2, "digesta2", NULL);
	struct store_part n1 = in_group('h', 1, "digestn1", a1.group);

	(void)unused;
	assert_int_equal(put_part(&a1)->verdict, STORE_OK);
	assert_int_equal(put_part(&n1)->verdict, STORE_OK);
	assert_int_equal(put_part(&a2)->verdict, STORE_COLLISION);
	assert_int_equal(put_part(&a1)->verdict, STORE_ALREADY);
}

static const struct store_parts *due_groups(void)
{
	struct store_request due = { .op = STORE_PARTS_DUE, .max = 10, .lease_ms = HOUR_MS };

	return store_rig_ask(&rig, &due)->groups;
}

/* A part that a tip lacks comes afterwards: it is told whose it is, soon, and once. */
static void what_is_late_is_told_with_its_tip(void **unused)
{
	struct store_part a1 = in_group('g', 1, "digesta1", NULL), a2 = in_group('h', 2, "digesta2", a1.group);
	struct store_part again = in_group('i', 2, "digestxx", a2.group);
	struct store_request done = { .op = STORE_PARTS_DONE, .part = &a1, .id = id_of("15-0000000001") };
	const struct store_parts *group;

	(void)unused;
	put_part(&a1);
	store_rig_advance(&rig, 30);
	assert_false(due_groups()->late);
	a1.note = SPAN("how to add");
	assert_int_equal(store_rig_ask(&rig, &done)->verdict, STORE_OK);
	assert_int_equal(put_part(&a2)->verdict, STORE_OK);
	store_rig_advance(&rig, 30);
	group = due_groups();
	assert_int_equal(rig.reply.ngroups, 1);
	assert_true(group->late && memcmp(group->late_for, a1.group, STORE_MARK_BYTES) == 0);
	assert_string_equal(group->late_tip.text, "15-0000000001");
	assert_true(span_is(group->late_note, "how to add"));
	assert_int_equal(group->nparts, 1);
	a2.before = a1.group;
	done.part = &a2;
	assert_int_equal(store_rig_ask(&rig, &done)->verdict, STORE_OK);
	/* It is no tip of its own, and the tip has that part now. */
	put_part(&again);
	store_rig_advance(&rig, 30);
	assert_false(due_groups()->late);
	assert_int_equal(rig.reply.ngroups, 1);
}

/* Together with a part that the tip has it is a message of its own, and has its whole time. */
static void what_seemed_late_may_be_new(void **unused)
{
	struct store_part a1 = in_group('g', 1, "digesta1", NULL), n2 = in_group('h', 2, "digestn2", a1.group);
	struct store_part n1 = in_group('h', 1, "digestn1", NULL);
	struct store_request done = { .op = STORE_PARTS_DONE, .part = &a1, .id = id_of("15-0000000001") };

	(void)unused;
	a1.total = n2.total = n1.total = 3;
	put_part(&a1);
	a1.note = SPAN("how to add");
	store_rig_ask(&rig, &done);
	n2.timeout_ms = n1.timeout_ms = 40;
	put_part(&n2);
	store_rig_advance(&rig, 30);
	assert_int_equal(put_part(&n1)->verdict, STORE_OK);
	store_rig_advance(&rig, 20);
	due_groups();
	assert_int_equal(rig.reply.ngroups, 0);
	store_rig_advance(&rig, 30);
	assert_false(due_groups()->late);
	assert_int_equal(rig.reply.ngroups, 1);
	assert_int_equal(rig.reply.groups[0].nparts, 2);
}

static void the_oldest_of_too_many_open_groups_is_due(void **unused)
{
	struct store_part part = in_group('g', 1, "digesta1", NULL);

	(void)unused;
	part.timeout_ms = HOUR_MS;
	for (char group = 'a'; group <= 'c'; group++) {
		memset(part.group, group, sizeof(part.group));
		part.open_max = 2;
		assert_int_equal(put_part(&part)->verdict, STORE_OK);
		store_rig_advance(&rig, 5);
		due_groups();
		assert_int_equal(rig.reply.ngroups, group == 'c');
	}
	assert_int_equal(rig.reply.groups[0].group[0], 'a');
	/* Another sender's are not counted with them. */
	memset(part.group, 'd', sizeof(part.group));
	memset(part.sender, 't', sizeof(part.sender));
	put_part(&part);
	due_groups();
	assert_int_equal(rig.reply.ngroups, 0);
}

static void an_intent_is_handed_out_until_it_ends(void **unused)
{
	struct store_tip tip = tip_of("15-0000000001", "150602", 40, 1);
	struct store_request due = {
		.op = STORE_OUTBOX_DUE, .shard = "15", .job = "courier", .max = 10, .lease_ms = 20
	};
	struct store_outbox_end end = { .item = SPAN("1"), .end = OUTBOX_LATER };
	struct store_request ending = { .op = STORE_OUTBOX_END, .shard = "15", .outbox_end = &end };

	(void)unused;
	tip.outbox = SPAN("intent");
	accept(&tip, 1);
	assert_int_equal(store_rig_ask(&rig, &due)->verdict, STORE_FENCED);
	due.fence = lease_job("courier", "me", HOUR_MS, STORE_OK);
	assert_int_equal(store_rig_ask(&rig, &due)->nitems, 1);
	assert_true(span_is(rig.reply.items[0].payload, "intent"));
	assert_true(span_is(rig.reply.items[0].id, "1"));
	assert_int_equal(rig.reply.items[0].attempts, 0);
	store_rig_advance(&rig, 30);
	assert_int_equal(store_rig_ask(&rig, &due)->items[0].attempts, 1);
	assert_int_equal(store_rig_ask(&rig, &ending)->verdict, STORE_OK);
	store_rig_advance(&rig, 1);
	assert_int_equal(store_rig_ask(&rig, &due)->items[0].attempts, 2);
	end.end = OUTBOX_CARRIED_OUT;
	end.event = SPAN("{\"e\":\"sent\",\"id\":\"15-0000000001\",\"at\":1}");
	assert_int_equal(store_rig_ask(&rig, &ending)->verdict, STORE_OK);
	assert_int_equal(store_rig_ask(&rig, &ending)->verdict, STORE_ABSENT);
	store_rig_advance(&rig, 30);
	assert_int_equal(store_rig_ask(&rig, &due)->nitems, 0);
	assert_true(span_eq(journal("15", 2, 1)->events[0].json, end.event));
	assert_int_equal(read_tip("15-0000000001")->rows[0].rev, 1);
}

static void an_intent_of_its_own_is_put_once_under_its_mark(void **unused)
{
	struct store_outbox_put put = { .mark = "mark", .payload = SPAN("own"), .remember_s = 60 };
	struct store_request putting = { .op = STORE_OUTBOX_PUT, .shard = "15", .outbox_put = &put };
	struct store_request due = {
		.op = STORE_OUTBOX_DUE, .shard = "15", .job = "courier", .max = 10, .lease_ms = HOUR_MS
	};
	struct store_outbox_end end = { .end = OUTBOX_CARRIED_OUT };
	char id[40] = "";

	(void)unused;
	due.fence = lease_job("courier", "me", HOUR_MS, STORE_OK);
	assert_int_equal(store_rig_ask(&rig, &putting)->verdict, STORE_OK);
	assert_int_equal(store_rig_ask(&rig, &putting)->verdict, STORE_ALREADY);
	assert_int_equal(store_rig_ask(&rig, &due)->nitems, 1);
	assert_true(span_is(rig.reply.items[0].payload, "own") && rig.reply.items[0].id.len < sizeof(id));
	memcpy(id, rig.reply.items[0].id.at, rig.reply.items[0].id.len);
	end.item = span_of(id);
	assert_int_equal(store_rig_ask(&rig, &(struct store_request){ .op = STORE_OUTBOX_END, .shard = "15",
								      .outbox_end = &end })
				 ->verdict,
			 STORE_OK);
	/* What was carried out is not put again; nothing of it stands in the journal. */
	assert_int_equal(store_rig_ask(&rig, &putting)->verdict, STORE_ALREADY);
	assert_int_equal(store_rig_ask(&rig, &due)->nitems, 0);
	assert_int_equal(journal("15", 1, 10)->nevents, 0);
	put.mark[0] = 'M';
	assert_int_equal(store_rig_ask(&rig, &putting)->verdict, STORE_OK);
}

static void revive(const char *item, const char *as, const char *payload, enum store_verdict expected)
{
	struct store_revival revival = { .item = span_of(item), .as = span_of(as), .payload = span_of(payload) };
	struct store_request reviving = { .op = STORE_OUTBOX_REVIVE, .shard = "15", .revival = &revival };

	assert_int_equal(store_rig_ask(&rig, &reviving)->verdict, expected);
}

/* Given up with a reason it is kept, and comes back under another id, once. */
static void what_was_given_up_is_kept_and_revived_once(void **unused)
{
	struct store_tip tips[2] = { tip_of("15-0000000001", "150602", 40, 1), tip_of("15-0000000002", "150602", 40, 2) };
	struct store_outbox_end end = { .item = SPAN("2"), .end = OUTBOX_GIVEN_UP, .why = SPAN("sms kannel refused 15-0000000002") };
	struct store_request ending = { .op = STORE_OUTBOX_END, .shard = "15", .outbox_end = &end };
	struct store_request dead = { .op = STORE_OUTBOX_DEAD, .shard = "15", .max = 10 };
	struct store_request due = { .op = STORE_OUTBOX_DUE, .shard = "15", .job = "courier", .max = 10, .lease_ms = 20 };

	(void)unused;
	tips[0].outbox = SPAN("one");
	tips[1].outbox = span_from("t\0o", 3);
	accept(tips, 2);
	due.fence = lease_job("courier", "me", HOUR_MS, STORE_OK);
	assert_int_equal(store_rig_ask(&rig, &due)->nitems, 2);
	assert_int_equal(store_rig_ask(&rig, &dead)->nitems, 0);
	assert_int_equal(store_rig_ask(&rig, &ending)->verdict, STORE_OK);
	end = (struct store_outbox_end){ .item = SPAN("1"), .end = OUTBOX_GIVEN_UP };
	assert_int_equal(store_rig_ask(&rig, &ending)->verdict, STORE_OK);
	assert_int_equal(store_rig_ask(&rig, &dead)->nitems, 1);
	assert_true(span_is(rig.reply.items[0].id, "2"));
	assert_true(span_eq(rig.reply.items[0].payload, tips[1].outbox));
	assert_true(span_is(rig.reply.items[0].why, "sms kannel refused 15-0000000002"));
	revive("2", "2r", "again", STORE_OK);
	revive("2", "2r", "again", STORE_ABSENT);
	assert_int_equal(store_rig_ask(&rig, &dead)->nitems, 0);
	store_rig_advance(&rig, 30);
	assert_int_equal(store_rig_ask(&rig, &due)->nitems, 1);
	assert_true(span_is(rig.reply.items[0].id, "2r") && span_is(rig.reply.items[0].payload, "again"));
	assert_int_equal(rig.reply.items[0].attempts, 0);
	end = (struct store_outbox_end){ .item = SPAN("2r"), .end = OUTBOX_GIVEN_UP, .why = SPAN("sms kannel expired -") };
	assert_int_equal(store_rig_ask(&rig, &ending)->verdict, STORE_OK);
	revive("2r", "2rr", "", STORE_OK);
	assert_int_equal(store_rig_ask(&rig, &dead)->nitems, 0);
	store_rig_advance(&rig, 30);
	assert_int_equal(store_rig_ask(&rig, &due)->nitems, 0);
}

static void a_transferred_tip_arrives_once_with_its_messages(void **unused)
{
	struct store_tip tip = tip_of("11-0000000001", "110105", 40, 1);
	const struct span messages[] = { SPAN("one"), SPAN("two") };
	struct store_request receive = {
		.op = STORE_RECEIVE, .tips = &tip, .ntips = 1, .messages = messages, .nmessages = 2
	};
	const struct store_reply *reply;

	(void)unused;
	tip.hops = 1;
	assert_int_equal(store_rig_ask(&rig, &receive)->accepted[0].verdict, STORE_OK);
	assert_int_equal(store_rig_ask(&rig, &receive)->accepted[0].verdict, STORE_ALREADY);
	reply = read_tip("11-0000000001");
	assert_int_equal(reply->rows[0].nmessages, 2);
	assert_true(span_is(reply->rows[0].messages[1], "two"));
	assert_int_equal(journal("11", 1, 10)->nevents, 1);
}

static enum store_verdict arrives(struct store_tip *tip, unsigned hops, const char *message)
{
	const struct span messages[] = { span_of(message) };

	tip->hops = hops;
	return store_rig_ask(&rig, &(struct store_request){ .op = STORE_RECEIVE,
							    .tips = tip,
							    .ntips = 1,
							    .messages = messages,
							    .nmessages = 1 })
		->accepted[0]
		.verdict;
}

/* It went from 15 to 11 and comes back: once for each hop, whatever is delivered again. */
static void a_tip_comes_back_to_the_shard_it_left(void **unused)
{
	struct store_tip tip = tip_of("15-0000000001", "150603", 40, 1);
	struct store_change away = { .id = tip.id, .state = TIP_TRANSFERRED, .region = "110105", .points = 40 };

	(void)unused;
	away.event = SPAN("{\"e\":\"transferred_away\",\"id\":\"15-0000000001\",\"at\":1,\"by\":\"o\"}");
	accept_one("15-0000000001", "150602", 40, 1);
	away.expect_rev = read_tip("15-0000000001")->rows[0].rev;
	store_rig_ask(&rig, &(struct store_request){ .op = STORE_CHANGE, .change = &away });
	assert_int_equal(arrives(&tip, 2, "back"), STORE_OK);
	assert_int_equal(arrives(&tip, 2, "again"), STORE_ALREADY);
	assert_int_equal(read_tip("15-0000000001")->rows[0].state, TIP_QUEUED);
	assert_string_equal(read_tip("15-0000000001")->rows[0].region, "150603");
	assert_int_equal(read_tip("15-0000000001")->rows[0].hops, 2);
	assert_true(span_is(read_tip("15-0000000001")->rows[0].messages[0], "back"));
	away.expect_rev = read_tip("15-0000000001")->rows[0].rev;
	store_rig_ask(&rig, &(struct store_request){ .op = STORE_CHANGE, .change = &away });
	assert_int_equal(arrives(&tip, 2, "late"), STORE_ALREADY);
	assert_int_equal(read_tip("15-0000000001")->rows[0].state, TIP_TRANSFERRED);
	assert_int_equal(arrives(&tip, 4, "twice back"), STORE_OK);
	assert_int_equal(read_tip("15-0000000001")->rows[0].nmessages, 1);
}

static void the_journal_is_read_from_a_number_on(void **unused)
{
	const struct store_reply *reply;

	(void)unused;
	accept_one("15-0000000001", "150602", 40, 1);
	accept_one("15-0000000002", "150602", 40, 1);
	accept_one("15-0000000003", "150602", 40, 1);
	reply = journal("15", 2, 1);
	assert_int_equal(reply->nevents, 1);
	assert_int_equal(reply->events[0].number, 2);
	assert_int_equal(journal("15", 4, 10)->nevents, 0);
}

static void health_says_how_durable_it_is(void **unused)
{
	const struct store_reply *reply = store_rig_ask(&rig, &(struct store_request){ .op = STORE_HEALTH });

	(void)unused;
	assert_int_equal(reply->outcome, STORE_DONE);
	assert_int_equal(reply->health.durable, !rig.memory);
	assert_int_equal(strlen(reply->health.weakness) > 0, rig.memory);
	assert_true(strlen(reply->health.version) > 0);
}

#define ON(open)                                                                                             \
	cmocka_unit_test_setup_teardown(what_was_accepted_can_be_read, open, close_rig),                     \
		cmocka_unit_test_setup_teardown(identity_is_read_only_when_asked_for, open, close_rig),      \
		cmocka_unit_test_setup_teardown(the_same_tip_again_changes_nothing, open, close_rig),        \
		cmocka_unit_test_setup_teardown(a_known_request_gets_its_first_answer, open, close_rig),     \
		cmocka_unit_test_setup_teardown(doubles_within_a_batch_are_seen, open, close_rig),           \
		cmocka_unit_test_setup_teardown(a_batch_over_shards_numbers_each_journal_without_gap, open,  \
						close_rig),                                                  \
		cmocka_unit_test_setup_teardown(data_keys_are_kept_once_and_found, open, close_rig),         \
		cmocka_unit_test_setup_teardown(data_keys_are_sealed_anew, open, close_rig),                 \
		cmocka_unit_test_setup_teardown(a_named_change_has_one_effect, open, close_rig),                 \
		cmocka_unit_test_setup_teardown(a_request_that_made_a_tip_is_not_added, open, close_rig),                 \
		cmocka_unit_test_setup_teardown(a_change_compares_the_rev, open, close_rig),                 \
		cmocka_unit_test_setup_teardown(a_lease_can_be_renewed_kept_and_given_back, open,            \
						close_rig),                                                  \
		cmocka_unit_test_setup_teardown(a_lease_that_is_not_there_cannot_be_kept, open, close_rig),  \
		cmocka_unit_test_setup_teardown(a_transfer_moves_the_tip_to_another_queue, open, close_rig), \
		cmocka_unit_test_setup_teardown(a_claim_takes_the_best_of_all_queues, open, close_rig),      \
		cmocka_unit_test_setup_teardown(a_long_queue_comes_out_in_order, open, close_rig),           \
		cmocka_unit_test_setup_teardown(counts_tell_waiting_and_held, open, close_rig),              \
		cmocka_unit_test_setup_teardown(what_one_holds_is_told_apart, open, close_rig),              \
		cmocka_unit_test_setup_teardown(a_lease_that_ran_out_goes_back, open, close_rig),            \
		cmocka_unit_test_setup_teardown(a_job_has_one_holder_and_a_rising_number, open, close_rig),  \
		cmocka_unit_test_setup_teardown(parts_become_a_group_in_order, open, close_rig),             \
		cmocka_unit_test_setup_teardown(a_group_whose_time_is_up_is_handed_out_once_a_lease, open,   \
						close_rig),                                                  \
		cmocka_unit_test_setup_teardown(a_group_that_has_a_follower_takes_nothing, open, close_rig),\
		cmocka_unit_test_setup_teardown(what_is_late_is_told_with_its_tip, open, close_rig),\
		cmocka_unit_test_setup_teardown(what_seemed_late_may_be_new, open, close_rig),\
		cmocka_unit_test_setup_teardown(the_oldest_of_too_many_open_groups_is_due, open, close_rig),\
		cmocka_unit_test_setup_teardown(an_intent_is_handed_out_until_it_ends, open, close_rig),     \
		cmocka_unit_test_setup_teardown(an_intent_of_its_own_is_put_once_under_its_mark, open, close_rig), \
		cmocka_unit_test_setup_teardown(what_was_given_up_is_kept_and_revived_once, open, close_rig), \
		cmocka_unit_test_setup_teardown(a_transferred_tip_arrives_once_with_its_messages, open,      \
						close_rig),                                                  \
		cmocka_unit_test_setup_teardown(the_journal_is_read_from_a_number_on, open, close_rig),      \
		cmocka_unit_test_setup_teardown(a_tip_comes_back_to_the_shard_it_left, open, close_rig),      \
		cmocka_unit_test_setup_teardown(health_says_how_durable_it_is, open, close_rig)

int main(void)
{
	const struct CMUnitTest memory[] = { ON(open_memory) };
	const struct CMUnitTest redis[] = { ON(open_redis) };
	const struct CMUnitTest archived[] = { ON(open_archived) };
	int failed = cmocka_run_group_tests_name("store in memory", memory, NULL, NULL);

	failed += cmocka_run_group_tests_name("store with an archive", archived, NULL, NULL);
	return failed + cmocka_run_group_tests_name("store on redis", redis, NULL, NULL);
}
