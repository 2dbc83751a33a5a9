/*
 * The money journal and the vault, on every store: what store/store.h promises
 * of them, and the same random requests on both with the same answers.
 */
#include "daemon/store/store.h"

#include "daemon/sys/clock.h"
#include "tests/support/journal_sample.h"
#include "tests/support/store_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define MINUTE_MS 60000
#define ROUNDS 700

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

static const struct store_reply *journal(uint64_t from, unsigned max)
{
	const struct store_reply *reply = store_rig_ask(
		&rig, &(struct store_request){ .op = STORE_MONEY_READ, .from = from, .max = max });

	assert_int_equal(reply->outcome, STORE_DONE);
	return reply;
}

static struct store_head head(void)
{
	return journal(1, 1)->head;
}

static int64_t now(void)
{
	return journal(1, 1)->now_ms;
}

/* The next record as it should be. */
static struct store_money next(const char *key, unsigned salt)
{
	struct store_head at = head();
	int64_t now_ms = now();

	return journal_sample(&at, now_ms > at.at_ms ? now_ms : at.at_ms, key, salt, &arena);
}

static const struct store_reply *append(const struct store_money *money, enum store_verdict expected)
{
	struct store_request request = journal_append(money);
	const struct store_reply *reply = store_rig_ask(&rig, &request);

	assert_int_equal(reply->outcome, STORE_DONE);
	assert_int_equal(reply->verdict, expected);
	return reply;
}

static void append_new(const char *key)
{
	struct store_money money = next(key, 0);

	append(&money, STORE_OK);
}

static enum store_verdict vault(enum store_op op, const char *token, struct span sealed)
{
	const struct store_reply *reply = store_rig_ask(
		&rig, &(struct store_request){ .op = op, .token = span_of(token), .sealed = sealed });

	assert_int_equal(reply->outcome, STORE_DONE);
	return reply->verdict;
}

static uint64_t lease(const char *holder, unsigned lease_ms)
{
	return store_rig_ask(&rig, &(struct store_request){ .op = STORE_JOB_LEASE,
							    .shard = STORE_MONEY_SHARD,
							    .job = "treasury",
							    .holder = span_of(holder),
							    .lease_ms = lease_ms })
		->fence;
}

/* --- the journal ---------------------------------------------------------------------------- */

static void an_empty_journal_has_a_head_of_zeroes(void **unused)
{
	static const unsigned char zeroes[STORE_HASH_BYTES];
	const struct store_reply *reply = journal(1, 10);

	(void)unused;
	assert_int_equal(reply->nevents, 0);
	assert_int_equal(reply->head.seq, 0);
	assert_int_equal(reply->head.count, 0);
	assert_memory_equal(reply->head.hash, zeroes, sizeof(zeroes));
}

static void what_was_appended_can_be_read(void **unused)
{
	struct store_money first = next("k-1", 1), second;
	const struct store_reply *reply = append(&first, STORE_OK);

	(void)unused;
	assert_int_equal(reply->rev, 1);
	assert_int_equal(reply->head.seq, 1);
	assert_memory_equal(reply->head.hash, first.hash, STORE_HASH_BYTES);
	second = next("k-2", 2);
	append(&second, STORE_OK);
	reply = journal(1, 10);
	assert_int_equal(reply->nevents, 2);
	assert_true(span_eq(reply->events[0].json, first.record));
	assert_true(span_eq(reply->events[1].json, second.record));
	assert_int_equal(journal_follows(reply->events, reply->nevents), 2);
	assert_int_equal(reply->head.seq, 2);
	assert_int_equal(reply->head.count, 2);
	assert_int_equal(reply->head.at_ms, second.at_ms);
	assert_memory_equal(reply->head.hash, second.hash, STORE_HASH_BYTES);
}

static void reading_goes_on_where_it_ended(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 40; i++)
		append_new(arena_printf(&arena, "k-%u", i));
	assert_int_equal(journal(1, 17)->nevents, 17);
	assert_int_equal(journal(18, 17)->events[0].number, 18);
	assert_int_equal(journal(35, 17)->nevents, 6);
	assert_int_equal(journal(40, 1)->events[0].number, 40);
	assert_int_equal(journal(41, 17)->nevents, 0);
	assert_int_equal(journal(41, 17)->head.seq, 40);
}

static void a_lost_answer_is_asked_for_by_the_same_request(void **unused)
{
	struct store_money money = next("k-1", 1);

	(void)unused;
	append(&money, STORE_OK);
	assert_int_equal(append(&money, STORE_ALREADY)->rev, 1);
	append_new("k-2");
	assert_int_equal(append(&money, STORE_ALREADY)->rev, 1);
	/* Long after, too: its time does not count any more. */
	store_rig_advance(&rig, rig.memory ? 10 * MINUTE_MS : 1);
	assert_int_equal(append(&money, STORE_ALREADY)->rev, 1);
	assert_int_equal(journal(1, 9)->nevents, 2);
}

static void a_key_is_used_once_for_ever(void **unused)
{
	struct store_money money = next("k-1", 1), other;

	(void)unused;
	append(&money, STORE_OK);
	other = next("k-1", 2);
	assert_int_equal(append(&other, STORE_COLLISION)->rev, 1);
	assert_int_equal(journal(1, 9)->nevents, 1);
}

static void whoever_comes_second_is_told_the_head(void **unused)
{
	struct store_money mine = next("k-1", 1), yours = next("k-2", 2);
	const struct store_reply *reply;

	(void)unused;
	append(&mine, STORE_OK);
	reply = append(&yours, STORE_CONFLICT);
	assert_int_equal(reply->rev, 0);
	assert_int_equal(reply->head.seq, 1);
	assert_memory_equal(reply->head.hash, mine.hash, STORE_HASH_BYTES);
	assert_int_equal(journal(1, 9)->nevents, 1);
}

static void the_number_alone_or_the_hash_alone_is_not_enough(void **unused)
{
	struct store_head at;
	struct store_money money;
	int64_t now_ms;

	(void)unused;
	append_new("k-1");
	now_ms = now();
	at = head();
	at.seq = 7;
	money = journal_sample(&at, now_ms, "k-2", 2, &arena);
	append(&money, STORE_CONFLICT);
	at = head();
	at.hash[31] ^= 1;
	money = journal_sample(&at, now_ms, "k-3", 3, &arena);
	append(&money, STORE_CONFLICT);
}

static void times_are_of_now_and_never_go_back(void **unused)
{
	/* A real server's clock goes on between the asking and the record. */
	const int64_t moves_ms = rig.memory ? 1 : 20000;
	const struct {
		int64_t off_ms;
		enum store_verdict verdict;
	} times[] = {
		{ .off_ms = MINUTE_MS, .verdict = STORE_UNTIMELY },
		{ .off_ms = STORE_MONEY_SKEW_MS + moves_ms, .verdict = STORE_UNTIMELY },
		{ .off_ms = -MINUTE_MS, .verdict = STORE_UNTIMELY },
		{ .off_ms = STORE_MONEY_SKEW_MS - 2000, .verdict = STORE_OK },
		/* In time, and before the record before. */
		{ .off_ms = 0, .verdict = STORE_UNTIMELY },
		{ .off_ms = STORE_MONEY_SKEW_MS - 2000, .verdict = STORE_OK },
	};
	int64_t now_ms;

	(void)unused;
	store_rig_advance(&rig, rig.memory ? 10 * MINUTE_MS : 1);
	now_ms = now();
	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct store_head at = head();
		struct store_money money = journal_sample(&at, now_ms + times[i].off_ms,
							  arena_printf(&arena, "k-%u", i), i, &arena);
		const struct store_reply *reply = append(&money, times[i].verdict);

		assert_in_range(reply->now_ms, now_ms, now_ms + moves_ms);
	}
	assert_int_equal(journal(1, 9)->nevents, 2);
}

static void a_record_that_says_something_else_is_refused(void **unused)
{
	struct store_money good = next("k-1", 1), money;

	(void)unused;
	for (unsigned wrong = 0; wrong < 8; wrong++) {
		struct store_request request;

		money = good;
		switch (wrong) {
		case 0: money.seq = 2; break;
		case 1: money.prev[0] ^= 1; break;
		case 2: money.hash[0] ^= 1; break;
		case 3: money.print[0] ^= 1; break;
		case 4: money.at_ms++; break;
		case 5: money.key = SPAN("k-2"); break;
		case 6: money.record.len--; break;
		case 7: money.record = span_from_offset(money.record, 1); break;
		}
		request = journal_append(&money);
		assert_int_equal(store_rig_ask(&rig, &request)->outcome, STORE_BROKEN);
	}
	assert_int_equal(head().seq, 0);
	append(&good, STORE_OK);
}

static void keys_are_of_plain_characters(void **unused)
{
	static const char *const keys[] = { "a b", "a\"b", "a{b", "a/b", "\xe6\x9d\x8e" };

	(void)unused;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct store_money money = next(keys[i], 1);
		struct store_request request = journal_append(&money);

		assert_int_equal(store_rig_ask(&rig, &request)->outcome, STORE_BROKEN);
	}
	append_new("Aa9._:-");
}

static void a_job_appends_under_its_lease_alone(void **unused)
{
	struct store_money money = next("k-1", 1);
	struct store_request request = journal_append(&money);

	(void)unused;
	request.job = "treasury";
	request.fence = 1;
	assert_int_equal(store_rig_ask(&rig, &request)->verdict, STORE_FENCED);
	request.fence = lease("one", MINUTE_MS);
	assert_int_equal(store_rig_ask(&rig, &request)->verdict, STORE_OK);
	assert_int_equal(lease("one", 30), request.fence);
	store_rig_advance(&rig, 40);
	assert_int_not_equal(lease("two", MINUTE_MS), request.fence);
	/* Of what it did before it still learns. */
	assert_int_equal(store_rig_ask(&rig, &request)->verdict, STORE_ALREADY);
	money = next("k-2", 1);
	assert_int_equal(store_rig_ask(&rig, &request)->verdict, STORE_FENCED);
	append(&money, STORE_OK);
}

static void a_record_may_be_long(void **unused)
{
	struct store_head at = head();
	struct record record = { .seq = 1, .at_ms = now(), .kind = SPAN("statement.import"), .key = SPAN("k-1") };
	struct store_money money = { .seq = 1, .at_ms = record.at_ms, .key = SPAN("k-1") };
	char *data = arena_alloc(&arena, STORE_MONEY_RECORD_MAX);

	(void)unused;
	memset(data, 'x', STORE_MONEY_RECORD_MAX - 600);
	memcpy(data, "{\"a\":\"", 6);
	memcpy(data + STORE_MONEY_RECORD_MAX - 602, "\"}", 2);
	record.data = span_from(data, STORE_MONEY_RECORD_MAX - 600);
	memcpy(record.prev, at.hash, sizeof(record.prev));
	money.record = record_write(&record, &arena);
	memcpy(money.hash, record.hash, sizeof(money.hash));
	append(&money, STORE_OK);
	append_new("k-2");
	assert_true(span_eq(journal(1, 2)->events[0].json, money.record));
}

/* --- the vault ------------------------------------------------------------------------------- */

static void the_vault_keeps_what_it_was_given_first(void **unused)
{
	const struct span sealed = span_from("se\0led", 6);

	(void)unused;
	assert_int_equal(vault(STORE_VAULT_GET, "token_1", SPAN("")), STORE_ABSENT);
	assert_int_equal(vault(STORE_VAULT_PUT, "token_1", sealed), STORE_OK);
	assert_int_equal(vault(STORE_VAULT_PUT, "token_1", sealed), STORE_ALREADY);
	assert_int_equal(vault(STORE_VAULT_PUT, "token_1", SPAN("other")), STORE_COLLISION);
	assert_int_equal(vault(STORE_VAULT_GET, "token_1", SPAN("")), STORE_OK);
	assert_true(span_eq(rig.reply.vault, sealed));
	assert_int_equal(vault(STORE_VAULT_GET, "token_2", SPAN("")), STORE_ABSENT);
}

static void what_was_dropped_is_gone(void **unused)
{
	(void)unused;
	assert_int_equal(vault(STORE_VAULT_DROP, "token", SPAN("")), STORE_ABSENT);
	assert_int_equal(vault(STORE_VAULT_PUT, "token", SPAN("one")), STORE_OK);
	assert_int_equal(vault(STORE_VAULT_DROP, "token", SPAN("")), STORE_OK);
	assert_int_equal(vault(STORE_VAULT_GET, "token", SPAN("")), STORE_ABSENT);
	assert_int_equal(vault(STORE_VAULT_PUT, "token", SPAN("two")), STORE_OK);
	assert_int_equal(journal(1, 9)->nevents, 0);
}

/* --- failures ----------------------------------------------------------------------------------- */

static const struct store_reply *try(const struct store_try *try, enum store_verdict expected)
{
	const struct store_reply *reply =
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_TRY, .try = try });

	assert_int_equal(reply->outcome, STORE_DONE);
	assert_int_equal(reply->verdict, expected);
	return reply;
}

static void failures_are_counted_by_mark_and_have_an_end(void **unused)
{
	struct store_try one = { .mark = "one", .free = 3, .max = 3, .wait_max_s = 60, .period_s = 60 };
	struct store_try other = { .mark = "two", .free = 3, .max = 3, .wait_max_s = 60, .period_s = 60 };

	(void)unused;
	for (unsigned i = 1; i <= 3; i++)
		assert_int_equal(try(&one, STORE_OK)->count, i);
	assert_int_equal(try(&one, STORE_CONFLICT)->count, 3);
	assert_int_equal(try(&other, STORE_OK)->count, 1);
}

static void who_failed_often_waits_longer_each_time(void **unused)
{
	struct store_try one = { .mark = "one", .free = 2, .max = 9, .wait_max_s = 3, .period_s = 600 };
	uint64_t before_ms, wait_ms, took_ms;

	(void)unused;
	try(&one, STORE_OK);
	try(&one, STORE_OK);
	assert_in_range(try(&one, STORE_UNTIMELY)->wait_ms, 1, 2000);
	store_rig_advance(&rig, 2000);
	before_ms = clock_steady_ms();
	try(&one, STORE_OK);
	wait_ms = try(&one, STORE_UNTIMELY)->wait_ms;
	took_ms = clock_steady_ms() - before_ms + 1;   /* the clocks do not tick at the same moment */
	assert_in_range(wait_ms, took_ms < 3000 ? 3000 - took_ms : 1, 3000);
}

static void failures_are_forgotten_after_their_period(void **unused)
{
	struct store_try one = { .mark = "one", .free = 1, .max = 1, .wait_max_s = 1, .period_s = 1 };

	(void)unused;
	try(&one, STORE_OK);
	try(&one, STORE_CONFLICT);
	store_rig_advance(&rig, 1000);
	assert_int_equal(try(&one, STORE_OK)->count, 1);
}

/* --- both, at random ---------------------------------------------------------------------------- */

static struct store_rig memory, redis;
static struct buf said, answered;
static uint64_t state = 1;

static unsigned draw(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 33) % below;
}

static void ask(const struct store_request *request)
{
	buf_clear(&said);
	buf_clear(&answered);
	store_reply_text(store_rig_ask(&memory, request), &said);
	store_reply_text(store_rig_ask(&redis, request), &answered);
	buf_add_byte(&said, '\0');
	buf_add_byte(&answered, '\0');
	assert_string_equal(said.at, answered.at);
}

/* The clock in memory follows the one of the wall. */
static void set_clock(void)
{
	int64_t behind_ms;

	store_rig_ask(&memory, &(struct store_request){ .op = STORE_MONEY_READ, .from = 1, .max = 1 });
	behind_ms = clock_wall_ms() - memory.reply.now_ms;
	for (; behind_ms > INT32_MAX; behind_ms -= INT32_MAX)
		store_rig_advance(&memory, INT32_MAX);
	store_rig_advance(&memory, (unsigned)(behind_ms > 0 ? behind_ms : 0));
}

static int64_t random_time(int64_t last_ms)
{
	int64_t now_ms = clock_wall_ms();

	switch (draw(12)) {
	case 0: return now_ms + MINUTE_MS;
	case 1: return now_ms - MINUTE_MS;
	case 2: return last_ms > 0 ? last_ms - 1 : now_ms;
	default: return now_ms > last_ms ? now_ms : last_ms;
	}
}

/* A record after the head as it is, or as it was some time ago; new, known or clashing keys. */
static void do_append(void)
{
	static struct store_head past[8];
	static struct store_money last;
	static size_t n;
	struct arena of_round = { 0 };
	struct store_head at = memory.reply.head;
	struct store_request request;

	ask(&(struct store_request){ .op = STORE_MONEY_READ, .from = 1 + draw(40), .max = 1 + draw(40) });
	at = memory.reply.head;
	past[n++ % 8] = at;
	if (draw(6) == 0)
		at = past[draw(8)];
	if (draw(8) > 0 || last.seq == 0) {
		int64_t at_ms = random_time(at.at_ms);

		arena_release(&arena);
		last = journal_sample(&at, at_ms, arena_printf(&of_round, "k-%u", draw(400)), draw(3), &arena);
	}
	request = journal_append(&last);
	if (draw(4) == 0) {
		request.job = "treasury";
		request.fence = draw(3);
	}
	ask(&request);
	arena_release(&of_round);
}

static void do_vault(void)
{
	static const char *const tokens[] = { "a", "b_1", "c-2" }, *const sealed[] = { "one", "two" };
	static const enum store_op ops[] = { STORE_VAULT_PUT, STORE_VAULT_GET, STORE_VAULT_DROP };

	ask(&(struct store_request){ .op = ops[draw(3)],
				     .token = span_of(tokens[draw(3)]),
				     .sealed = span_of(sealed[draw(2)]) });
}

static void do_try(void)
{
	struct store_try one = { .free = 5, .max = 5, .wait_max_s = 60, .period_s = 86400 };

	one.mark[0] = (unsigned char)draw(30);
	ask(&(struct store_request){ .op = STORE_TRY, .try = &one });
}

static void the_stores_agree(void **unused)
{
	const char *seed = getenv("TIPLINE_SEED");

	(void)unused;
	state = seed != NULL ? strtoull(seed, NULL, 10) : 20261122;
	ask(&(struct store_request){ .op = STORE_JOB_LEASE,
				     .shard = STORE_MONEY_SHARD,
				     .job = "treasury",
				     .holder = SPAN("test"),
				     .lease_ms = 60 * MINUTE_MS });
	for (unsigned round = 0; round < ROUNDS; round++) {
		set_clock();
		if (draw(5) == 0)
			do_vault();
		else if (draw(5) == 0)
			do_try();
		else
			do_append();
	}
	ask(&(struct store_request){ .op = STORE_MONEY_READ, .from = 1, .max = 1000 });
	assert_true(redis.reply.nevents > 100);
	assert_int_equal(journal_follows(redis.reply.events, redis.reply.nevents), redis.reply.head.seq);
}

static int open_both(void **unused)
{
	(void)unused;
	store_rig_open(&memory, true);
	store_rig_open(&redis, false);
	return 0;
}

static int close_both(void **unused)
{
	(void)unused;
	store_rig_close(&memory);
	store_rig_close(&redis);
	buf_release(&said);
	buf_release(&answered);
	arena_release(&arena);
	return 0;
}

#define TEST(function, open) cmocka_unit_test_setup_teardown(function, open, close_rig)
#define ON(open)                                                                                             \
	TEST(an_empty_journal_has_a_head_of_zeroes, open), TEST(what_was_appended_can_be_read, open),        \
		TEST(reading_goes_on_where_it_ended, open),                                                  \
		TEST(a_lost_answer_is_asked_for_by_the_same_request, open),                                  \
		TEST(a_key_is_used_once_for_ever, open), TEST(whoever_comes_second_is_told_the_head, open),  \
		TEST(the_number_alone_or_the_hash_alone_is_not_enough, open),                                \
		TEST(times_are_of_now_and_never_go_back, open),                                              \
		TEST(a_record_that_says_something_else_is_refused, open),                                    \
		TEST(keys_are_of_plain_characters, open), TEST(a_job_appends_under_its_lease_alone, open),   \
		TEST(a_record_may_be_long, open), TEST(the_vault_keeps_what_it_was_given_first, open),       \
		TEST(what_was_dropped_is_gone, open), TEST(failures_are_counted_by_mark_and_have_an_end, open), \
		TEST(who_failed_often_waits_longer_each_time, open), TEST(failures_are_forgotten_after_their_period, open)

int main(void)
{
	const struct CMUnitTest in_memory[] = { ON(open_memory) };
	const struct CMUnitTest in_redis[] = { ON(open_redis) };
	const struct CMUnitTest at_random[] = {
		cmocka_unit_test_setup_teardown(the_stores_agree, open_both, close_both),
	};
	int failed = cmocka_run_group_tests_name("money in memory", in_memory, NULL, NULL);

	failed += cmocka_run_group_tests_name("money in Redis", in_redis, NULL, NULL);
	return failed + cmocka_run_group_tests_name("money in both", at_random, NULL, NULL);
}
