/*
 * The sealed log and the audit trail, on every store: what store/store.h
 * promises of them, and the same random requests on both with the same answers.
 */
#include "daemon/store/store.h"

#include "tests/support/journal_sample.h"
#include "tests/support/store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define HOUR_MS 3600000u
#define SEAL_MS 1000000
#define ROUNDS 600

static struct store_rig rig;
static struct arena arena;

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
	arena_release(&arena);
	return 0;
}

/* --- short ways to ask ------------------------------------------------------------------- */

static uint64_t lease(const char *shard, const char *holder)
{
	struct store_request request = {
		.op = STORE_JOB_LEASE, .job = "sealer", .holder = span_of(holder), .lease_ms = HOUR_MS
	};

	memcpy(request.shard, shard, 3);
	return store_rig_ask(&rig, &request)->fence;
}

static uint64_t audit(const char *event, size_t n)
{
	struct span events[STORE_AUDIT_MAX];
	const struct store_reply *reply;

	for (size_t i = 0; i < n; i++)
		events[i] = span_of(event);
	reply = store_rig_ask(&rig,
			      &(struct store_request){ .op = STORE_AUDIT, .messages = events, .nmessages = n });
	assert_int_equal(reply->outcome, STORE_DONE);
	return reply->rev;
}

static const struct store_reply *read_log(const char *shard, uint64_t from, unsigned max)
{
	struct store_request request = { .op = STORE_LOG_READ, .from = from, .max = max };
	const struct store_reply *reply;

	memcpy(request.shard, shard, 3);
	reply = store_rig_ask(&rig, &request);
	assert_int_equal(reply->outcome, STORE_DONE);
	return reply;
}

/* A batch behind `before` leaves for the events up to `journal`. */
static struct store_batch batch_of(uint64_t number, uint64_t before, uint64_t size, uint64_t journal)
{
	struct store_batch batch = { .number = number,
				     .before = before,
				     .size = size,
				     .journal = journal,
				     .at_ms = SEAL_MS + (int64_t)number,
				     .note = SPAN("tips.example/audit\n8\nAA=\n\n\xe2\x80\x94 tips.example\n") };

	memset(batch.root, (int)(number + size), sizeof(batch.root));
	return batch;
}

static const struct store_reply *seal(const char *shard, const struct store_batch *batch, uint64_t fence)
{
	struct store_request request = { .op = STORE_LOG_SEAL, .batch = batch, .job = "sealer", .fence = fence };

	memcpy(request.shard, shard, 3);
	return store_rig_ask(&rig, &request);
}

static void seals(const struct store_batch *batch, uint64_t fence, enum store_verdict expected)
{
	const struct store_reply *reply = seal(STORE_AUDIT_SHARD, batch, fence);

	assert_int_equal(reply->outcome, STORE_DONE);
	assert_int_equal(reply->verdict, expected);
}

static void breaks(const struct store_batch *batch, uint64_t fence)
{
	assert_int_equal(seal(STORE_AUDIT_SHARD, batch, fence)->outcome, STORE_BROKEN);
	assert_int_equal(read_log(STORE_AUDIT_SHARD, 1, 9)->nbatches, 1);
}

static void same(const struct store_batch *a, const struct store_batch *b)
{
	assert_int_equal(a->number, b->number);
	assert_int_equal(a->before, b->before);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->journal, b->journal);
	assert_int_equal(a->at_ms, b->at_ms);
	assert_memory_equal(a->root, b->root, sizeof(a->root));
	assert_true(span_eq(a->note, b->note));
}

/* --- the audit trail ------------------------------------------------------------------------ */

static void audit_events_have_a_journal_of_their_own(void **unused)
{
	struct store_request read = { .op = STORE_JOURNAL, .shard = STORE_AUDIT_SHARD, .from = 2, .max = 10 };
	const struct store_reply *reply;

	(void)unused;
	assert_int_equal(audit("{\"e\":\"signed_in\"}", 1), 1);
	assert_int_equal(audit("{\"e\":\"read\"}", 3), 4);
	assert_int_equal(audit("{\"e\":\"exported\"}", STORE_AUDIT_MAX), 4 + STORE_AUDIT_MAX);
	reply = store_rig_ask(&rig, &read);
	assert_int_equal(reply->nevents, 10);
	assert_int_equal(reply->events[0].number, 2);
	assert_true(span_is(reply->events[2].json, "{\"e\":\"read\"}"));
	assert_true(span_is(reply->events[3].json, "{\"e\":\"exported\"}"));
	memcpy(read.shard, "15", 3);
	assert_int_equal(store_rig_ask(&rig, &read)->nevents, 0);
}

static void what_is_no_event_is_refused_with_all_beside_it(void **unused)
{
	const struct span events[] = { SPAN("{\"e\":\"read\"}"), SPAN("[1]") };
	const struct store_reply *reply = store_rig_ask(
		&rig, &(struct store_request){ .op = STORE_AUDIT, .messages = events, .nmessages = 2 });

	(void)unused;
	assert_int_equal(reply->outcome, STORE_BROKEN);
	assert_int_equal(audit("{\"e\":\"read\"}", 1), 1);
}

/* --- the log --------------------------------------------------------------------------------- */

static void an_empty_log_says_how_far_the_journal_is(void **unused)
{
	const struct store_reply *reply = read_log(STORE_AUDIT_SHARD, 1, 10);

	(void)unused;
	assert_int_equal(reply->rev, 0);
	assert_int_equal(reply->count, 0);
	assert_int_equal(reply->nbatches, 0);
	audit("{\"e\":\"read\"}", 5);
	assert_int_equal(read_log(STORE_AUDIT_SHARD, 1, 10)->rev, 5);
}

static void batches_follow_each_other(void **unused)
{
	struct store_batch first = batch_of(1, 0, 8, 5), second = batch_of(2, 8, 24, 5);
	uint64_t fence = lease(STORE_AUDIT_SHARD, "me");
	const struct store_reply *reply;

	(void)unused;
	audit("{\"e\":\"read\"}", 5);
	reply = seal(STORE_AUDIT_SHARD, &first, fence);
	assert_int_equal(reply->verdict, STORE_OK);
	assert_int_equal(reply->nbatches, 1);
	same(&reply->batches[0], &first);
	seals(&second, fence, STORE_OK); /* dummies alone */
	reply = read_log(STORE_AUDIT_SHARD, 1, 10);
	assert_int_equal(reply->rev, 5);
	assert_int_equal(reply->count, 2);
	assert_int_equal(reply->nbatches, 2);
	same(&reply->batches[0], &first);
	same(&reply->batches[1], &second);
	assert_int_equal(read_log(STORE_AUDIT_SHARD, 1, 1)->nbatches, 1);
	reply = read_log(STORE_AUDIT_SHARD, 2, 10);
	assert_int_equal(reply->nbatches, 1);
	same(&reply->batches[0], &second);
	assert_int_equal(read_log("15", 1, 10)->nbatches, 0);
}

static void a_lost_answer_is_asked_for_again(void **unused)
{
	struct store_batch first = batch_of(1, 0, 8, 0), other;
	uint64_t fence = lease(STORE_AUDIT_SHARD, "me");

	(void)unused;
	seals(&first, fence, STORE_OK);
	seals(&first, fence, STORE_ALREADY);
	seals(&first, fence + 1, STORE_ALREADY); /* by whoever: it stands there */
	other = first;
	other.note = SPAN("signed otherwise\n");
	seals(&other, fence, STORE_CONFLICT);
	other = first;
	other.root[31] ^= 1;
	seals(&other, fence, STORE_CONFLICT);
	other = first;
	other.at_ms++;
	seals(&other, fence, STORE_CONFLICT);
	same(&seal(STORE_AUDIT_SHARD, &other, fence)->batches[0], &first);
	assert_int_equal(read_log(STORE_AUDIT_SHARD, 1, 10)->nbatches, 1);
}

static void only_who_has_the_lease_seals(void **unused)
{
	struct store_batch first = batch_of(1, 0, 8, 0);
	uint64_t fence = lease(STORE_AUDIT_SHARD, "me");

	(void)unused;
	lease("15", "me");
	seals(&first, fence + 1, STORE_FENCED);
	seals(&first, 0, STORE_FENCED);
	assert_int_equal(seal("11", &first, fence)->verdict, STORE_FENCED); /* nobody has that one */
	assert_int_equal(read_log(STORE_AUDIT_SHARD, 1, 10)->nbatches, 0);
	seals(&first, fence, STORE_OK);
}

static void a_batch_that_does_not_follow_is_told_the_last_one(void **unused)
{
	struct store_batch first = batch_of(1, 0, 8, 2), gap = batch_of(3, 8, 16, 2), fork = batch_of(2, 0, 8, 2),
			   far = batch_of(2, 8, 16, 3);
	uint64_t fence = lease(STORE_AUDIT_SHARD, "me");

	(void)unused;
	audit("{\"e\":\"read\"}", 2);
	seals(&gap, fence, STORE_CONFLICT);
	assert_int_equal(seal(STORE_AUDIT_SHARD, &gap, fence)->nbatches, 0);
	seals(&first, fence, STORE_OK);
	seals(&gap, fence, STORE_CONFLICT);
	seals(&fork, fence, STORE_CONFLICT);
	seals(&far, fence, STORE_CONFLICT); /* the journal ends before it */
	same(&seal(STORE_AUDIT_SHARD, &far, fence)->batches[0], &first);
	audit("{\"e\":\"read\"}", 1);
	seals(&far, fence, STORE_OK);
}

static void what_no_sealer_makes_is_refused(void **unused)
{
	struct store_batch first = batch_of(1, 0, 8, 3), bad;
	uint64_t fence = lease(STORE_AUDIT_SHARD, "me");

	(void)unused;
	audit("{\"e\":\"read\"}", 20);
	seals(&first, fence, STORE_OK);
	bad = batch_of(2, 8, 15, 4);
	breaks(&bad, fence);
	bad = batch_of(2, 8, 8, 3); /* nothing in it */
	breaks(&bad, fence);
	bad = batch_of(2, 8, 16, 2); /* back in the journal */
	breaks(&bad, fence);
	bad = batch_of(2, 8, 16, 12); /* nine events, eight leaves */
	breaks(&bad, fence);
	bad = batch_of(2, 8, 16, 4);
	bad.at_ms = first.at_ms - 1;
	breaks(&bad, fence);
	bad.at_ms = first.at_ms;
	seals(&bad, fence, STORE_OK);
}

static void a_note_may_be_long(void **unused)
{
	struct store_batch first = batch_of(1, 0, 8, 0);
	uint64_t fence = lease(STORE_AUDIT_SHARD, "me");
	char note[STORE_NOTE_MAX];

	(void)unused;
	memset(note, '\n', sizeof(note));
	first.note = span_from(note, sizeof(note));
	seals(&first, fence, STORE_OK);
	same(&read_log(STORE_AUDIT_SHARD, 1, 1)->batches[0], &first);
}

/* Money has its own journal; a shard has that of its tips. */
static void each_log_follows_its_own_journal(void **unused)
{
	struct store_head none = { .seq = 0 };
	const struct store_money money =
		journal_sample(&none, read_log(STORE_MONEY_SHARD, 1, 1)->now_ms, "k-1", 1, &arena);
	struct store_request append = journal_append(&money);
	struct store_tip tip = { .id = { "15-7K3MQ2X9RD" }, .region = "150602", .sealed = SPAN("sealed"),
				 .event = SPAN("{\"e\":\"accepted\"}") };
	struct store_batch one = batch_of(1, 0, 8, 1);

	(void)unused;
	assert_int_equal(store_rig_ask(&rig, &append)->verdict, STORE_OK);
	assert_int_equal(read_log(STORE_MONEY_SHARD, 1, 1)->rev, 1);
	assert_int_equal(seal(STORE_MONEY_SHARD, &one, lease(STORE_MONEY_SHARD, "me"))->verdict, STORE_OK);
	assert_int_equal(seal("15", &one, lease("15", "me"))->verdict, STORE_CONFLICT);
	assert_int_equal(
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 })->outcome,
		STORE_DONE);
	assert_int_equal(seal("15", &one, lease("15", "me"))->verdict, STORE_OK);
	assert_int_equal(read_log("15", 1, 1)->rev, 1);
	assert_int_equal(read_log(STORE_AUDIT_SHARD, 1, 1)->rev, 0);
}

/* --- both stores -------------------------------------------------------------------------------- */

static struct store_rig other;
static unsigned seed;

static int open_both(void **unused)
{
	(void)unused;
	store_rig_open(&rig, true);
	store_rig_open(&other, false);
	seed = 20261122;
	return 0;
}

static int close_both(void **unused)
{
	store_rig_close(&other);
	return close_rig(unused);
}

static unsigned draw(unsigned below)
{
	return (unsigned)rand_r(&seed) % below;
}

static void ask(const struct store_request *request)
{
	struct buf left = { 0 }, right = { 0 };

	store_reply_text(store_rig_ask(&rig, request), &left);
	store_reply_text(store_rig_ask(&other, request), &right);
	buf_add_byte(&left, '\0');
	buf_add_byte(&right, '\0');
	assert_string_equal(left.at, right.at);
	buf_release(&left);
	buf_release(&right);
}

/* Of the lease as it stands: asked by nobody who could get it. */
static uint64_t fence_of(const char *shard)
{
	struct store_request request = { .op = STORE_JOB_LEASE, .job = "sealer", .holder = SPAN("nobody") };

	memcpy(request.shard, shard, 3);
	return store_rig_ask(&rig, &request)->fence;
}

static void do_seal(const char *shard)
{
	const struct store_reply *log = read_log(shard, 1, STORE_LOG_READ_MAX);
	struct store_batch last = log->nbatches > 0 ? log->batches[log->nbatches - 1] : (struct store_batch){ 0 };
	uint64_t size = last.size + 8 * draw(3) + (draw(20) == 0 ? 1 : 0);
	uint64_t journal = draw(30) == 0 ? last.journal / 2 : last.journal + draw(10);
	struct store_batch batch = batch_of(last.number + (draw(10) != 0 ? 1 : 0), last.size + (draw(10) == 0 ? 8 : 0), size,
					    journal);
	struct store_request request = { .op = STORE_LOG_SEAL, .batch = &batch, .job = "sealer", .fence = fence_of(shard) - (draw(6) == 0 ? 1 : 0) };

	memcpy(request.shard, shard, 3);
	if (draw(15) == 0 && last.number > 0) {
		batch = last;
		batch.note = batch_of(1, 0, 8, 0).note;
	}
	ask(&request);
}

static void the_stores_agree(void **unused)
{
	static const char *const shards[] = { "15", STORE_AUDIT_SHARD }, *const holders[] = { "me", "you" };
	const struct span events[] = { SPAN("{\"e\":\"read\"}"), SPAN("{\"e\":\"exported\"}"), SPAN("nothing") };

	(void)unused;
	for (unsigned i = 0; i < ROUNDS; i++) {
		const char *shard = shards[i < 2 ? i : draw(8) != 0];
		struct store_request request = { .op = STORE_JOB_LEASE, .job = "sealer", .lease_ms = HOUR_MS,
						 .holder = span_of(holders[draw(2)]), .from = draw(30),
						 .max = 1 + draw(9) };

		memcpy(request.shard, shard, 3);
		switch (i < 2 ? 0 : draw(6)) { /* both have a holder from the start on */
		case 0:
			ask(&request);
			break;
		case 1:
			request.op = STORE_LOG_READ;
			ask(&request);
			break;
		case 2:
			ask(&(struct store_request){ .op = STORE_AUDIT, .messages = events,
						     .nmessages = 1 + draw(2) + (draw(9) == 0) });
			break;
		default:
			do_seal(shard);
		}
	}
	assert_true(read_log(STORE_AUDIT_SHARD, 1, 1)->count > 30);
}

#define TEST(function, open) cmocka_unit_test_setup_teardown(function, open, close_rig)
#define BOTH(function) TEST(function, open_memory), TEST(function, open_redis)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(audit_events_have_a_journal_of_their_own),
		BOTH(what_is_no_event_is_refused_with_all_beside_it),
		BOTH(an_empty_log_says_how_far_the_journal_is),
		BOTH(batches_follow_each_other),
		BOTH(a_lost_answer_is_asked_for_again),
		BOTH(only_who_has_the_lease_seals),
		BOTH(a_batch_that_does_not_follow_is_told_the_last_one),
		BOTH(what_no_sealer_makes_is_refused),
		BOTH(a_note_may_be_long),
		BOTH(each_log_follows_its_own_journal),
		cmocka_unit_test_setup_teardown(the_stores_agree, open_both, close_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
