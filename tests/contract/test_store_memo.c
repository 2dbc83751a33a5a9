/*
 * Memos and buckets, on every store: what store/store.h promises of STORE_MEMO_GET, STORE_MEMO_PUT and
 * STORE_BUCKET.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/store_rig.h"

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

static const struct store_reply *ask(enum store_op op, const struct store_memo *memo, enum store_verdict expected)
{
	const struct store_reply *reply = store_rig_ask(&rig, &(struct store_request){ .op = op, .memo = memo });

	assert_int_equal(reply->outcome, STORE_DONE);
	assert_int_equal(reply->verdict, expected);
	return reply;
}

static void put(const char *mark, const char *was, const char *sealed, enum store_verdict expected)
{
	struct store_memo memo = { .was = span_of(was), .sealed = span_of(sealed), .keep_s = 100 };

	memcpy(memo.mark, mark, strlen(mark));
	ask(STORE_MEMO_PUT, &memo, expected);
}

static void expect(const char *mark, const char *sealed)
{
	struct store_memo memo = { .keep_s = 0 };

	memcpy(memo.mark, mark, strlen(mark));
	if (sealed == NULL)
		ask(STORE_MEMO_GET, &memo, STORE_ABSENT);
	else
		assert_true(span_is(ask(STORE_MEMO_GET, &memo, STORE_OK)->memo, sealed));
}

static void a_memo_changes_only_from_what_was_read(void **unused)
{
	(void)unused;
	expect("one", NULL);
	put("one", "something", "first", STORE_CONFLICT);
	expect("one", NULL);
	put("one", "", "first", STORE_OK);
	put("one", "", "second", STORE_CONFLICT);
	expect("one", "first");
	put("one", "first", "second", STORE_OK);
	put("one", "first", "third", STORE_CONFLICT);
	expect("one", "second");
	expect("two", NULL);
}

static void the_same_put_again_says_so(void **unused)
{
	(void)unused;
	put("one", "", "first", STORE_OK);
	put("one", "", "first", STORE_ALREADY);
	put("one", "first", "first", STORE_ALREADY);
	expect("one", "first");
}

static void bytes_of_any_kind_are_kept(void **unused)
{
	static const char any[] = "\0\xff\r\n$5\r\n\0";
	struct store_memo memo = { .mark = "any", .sealed = span_from(any, sizeof(any)), .keep_s = 9 };

	(void)unused;
	ask(STORE_MEMO_PUT, &memo, STORE_OK);
	assert_true(span_eq(ask(STORE_MEMO_GET, &memo, STORE_OK)->memo, memo.sealed));
	memo.was = memo.sealed;
	memo.sealed = SPAN("other");
	ask(STORE_MEMO_PUT, &memo, STORE_OK);
}

static void what_stands_beside_goes_on_its_own_day(void **unused)
{
	struct store_memo memo = { .mark = "one", .sealed = SPAN("state"), .keep_s = 100, .beside_mark = "code",
				   .beside = SPAN("secret"), .beside_keep_s = 1 };

	(void)unused;
	ask(STORE_MEMO_PUT, &memo, STORE_OK);
	expect("one", "state");
	expect("code", "secret");
	store_rig_advance(&rig, 1100);
	expect("code", NULL);
	expect("one", "state");
}

static void nothing_is_written_beside_a_memo_that_was_changed(void **unused)
{
	struct store_memo memo = { .mark = "one", .sealed = SPAN("mine"), .keep_s = 100, .beside_mark = "code",
				   .beside = SPAN("secret"), .beside_keep_s = 100 };

	(void)unused;
	put("one", "", "theirs", STORE_OK);
	ask(STORE_MEMO_PUT, &memo, STORE_CONFLICT);
	expect("code", NULL);
	memo.was = SPAN("theirs");
	ask(STORE_MEMO_PUT, &memo, STORE_OK);
	expect("code", "secret");
	memo.sealed = SPAN("more");
	memo.was = SPAN("mine");
	memo.beside = SPAN("another secret");
	ask(STORE_MEMO_PUT, &memo, STORE_OK);
	expect("code", "another secret");
}

/* "15-0000000001" under "mine". */
static void accept_tip(const char *mark, enum store_verdict expected)
{
	struct store_tip tip = { .region = "150602", .points = 50, .received_ms = 1763748000000, .sealed = SPAN("sealed"),
				 .event = SPAN("{\"e\":\"accepted\"}") };
	const struct store_reply *reply;

	assert_true(tip_id_parse(SPAN("15-0000000001"), &tip.id));
	memcpy(tip.receipt_mark, mark, strlen(mark));
	reply = store_rig_ask(&rig, &(struct store_request){ .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 });
	assert_int_equal(reply->accepted[0].verdict, expected);
}

static void a_memo_goes_with_its_tip_or_not_at_all(void **unused)
{
	struct tip_id id;
	struct store_memo memo = { .mark = "one", .sealed = SPAN("first"), .keep_s = 100, .beside_mark = "code",
				   .beside = SPAN("secret"), .beside_keep_s = 100, .with = &id, .with_mark = "mine" };

	(void)unused;
	assert_true(tip_id_parse(SPAN("15-0000000001"), &id));
	ask(STORE_MEMO_PUT, &memo, STORE_ABSENT);
	accept_tip("theirs", STORE_OK);
	ask(STORE_MEMO_PUT, &memo, STORE_ABSENT);
	accept_tip("mine", STORE_COLLISION);
	ask(STORE_MEMO_PUT, &memo, STORE_ABSENT);
	expect("one", NULL);
	expect("code", NULL);
	memcpy(memo.with_mark, "theirs", 6);
	ask(STORE_MEMO_PUT, &memo, STORE_OK);
	ask(STORE_MEMO_PUT, &memo, STORE_ALREADY);
	expect("one", "first");
	expect("code", "secret");
	memo.sealed = SPAN("second");
	ask(STORE_MEMO_PUT, &memo, STORE_CONFLICT);
	memo.was = SPAN("first");
	memo.beside = SPAN("");
	ask(STORE_MEMO_PUT, &memo, STORE_OK);
	expect("one", "second");
}

static void a_memo_is_forgotten_after_its_time(void **unused)
{
	struct store_memo memo = { .mark = "one", .sealed = SPAN("short"), .keep_s = 1 };

	(void)unused;
	ask(STORE_MEMO_PUT, &memo, STORE_OK);
	store_rig_advance(&rig, 1100);
	expect("one", NULL);
	put("one", "", "anew", STORE_OK);
	expect("one", "anew");
}

/* --- buckets ------------------------------------------------------------------------------------ */

static const struct store_reply *take(const struct store_bucket *bucket, enum store_verdict expected)
{
	const struct store_reply *reply =
		store_rig_ask(&rig, &(struct store_request){ .op = STORE_BUCKET, .bucket = bucket });

	assert_int_equal(reply->outcome, STORE_DONE);
	assert_int_equal(reply->verdict, expected);
	return reply;
}

static void a_bucket_gives_its_burst_and_then_its_rate(void **unused)
{
	struct store_bucket one = { .mark = "one", .burst = 3, .per_hour = 1800 };
	struct store_bucket other = { .mark = "two", .burst = 1, .per_hour = 1 };

	(void)unused;
	for (int i = 0; i < 3; i++)
		take(&one, STORE_OK);
	assert_in_range(take(&one, STORE_UNTIMELY)->wait_ms, 1, 2000);
	take(&other, STORE_OK);
	assert_in_range(take(&other, STORE_UNTIMELY)->wait_ms, 3590000, 3600001);
	store_rig_advance(&rig, 2100);
	take(&one, STORE_OK);
	take(&one, STORE_UNTIMELY);
}

static void a_bucket_that_was_left_alone_is_full_and_no_more(void **unused)
{
	struct store_bucket one = { .mark = "one", .burst = 2, .per_hour = 7200 };

	(void)unused;
	take(&one, STORE_OK);
	take(&one, STORE_OK);
	take(&one, STORE_UNTIMELY);
	store_rig_advance(&rig, 1600);
	take(&one, STORE_OK);
	take(&one, STORE_OK);
	take(&one, STORE_UNTIMELY);
}

/* A rule that was made smaller by a reload holds at once, and what it says to wait is its own. */
static void a_smaller_rule_holds_at_once(void **unused)
{
	struct store_bucket one = { .mark = "one", .burst = 1000, .per_hour = 3600 };
	struct store_bucket less = { .mark = "one", .burst = 2, .per_hour = 3600 };

	(void)unused;
	for (int i = 0; i < 10; i++)
		take(&one, STORE_OK);
	assert_in_range(take(&less, STORE_UNTIMELY)->wait_ms, 1, 1001);
}

#define TEST(function, open) cmocka_unit_test_setup_teardown(function, open, close_rig)
#define ON(open)                                                                                             \
	TEST(a_memo_changes_only_from_what_was_read, open), TEST(the_same_put_again_says_so, open),          \
		TEST(bytes_of_any_kind_are_kept, open), TEST(what_stands_beside_goes_on_its_own_day, open),  \
		TEST(nothing_is_written_beside_a_memo_that_was_changed, open),                               \
		TEST(a_memo_goes_with_its_tip_or_not_at_all, open),                                          \
		TEST(a_memo_is_forgotten_after_its_time, open),                                              \
		TEST(a_bucket_gives_its_burst_and_then_its_rate, open),                                      \
		TEST(a_bucket_that_was_left_alone_is_full_and_no_more, open),                                \
		TEST(a_smaller_rule_holds_at_once, open)

int main(void)
{
	const struct CMUnitTest in_memory[] = { ON(open_memory) };
	const struct CMUnitTest in_redis[] = { ON(open_redis) };
	int failed = cmocka_run_group_tests_name("memos in memory", in_memory, NULL, NULL);

	return failed + cmocka_run_group_tests_name("memos in Redis", in_redis, NULL, NULL);
}
