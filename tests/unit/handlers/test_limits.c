/*
 * Token buckets: never more than burst and rate allow, and never less.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/limits.h"

static const struct limit_rule rules[LIMIT_KINDS] = {
	[LIMIT_TIPS] = { .per_second = 0.5, .burst = 3 },
	[LIMIT_RECEIPTS] = { .per_second = 2, .burst = 2 },
	[LIMIT_RECEIPTS_ALL] = { .per_second = 0, .burst = 1 },
};
static struct limits *limits;

static int begin(void **state)
{
	(void)state;
	limits = limits_new(rules, true);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	limits_free(limits);
	return 0;
}

static bool take(enum limit_kind kind, uint64_t visitor, uint64_t now_ms)
{
	unsigned wait_s = 0;
	bool may = limits_take(limits, kind, visitor, now_ms, &wait_s);

	assert_int_equal(may, wait_s == 0);
	return may;
}

static void a_burst_passes_then_the_rate(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(take(LIMIT_TIPS, 7, 1000));
	assert_false(take(LIMIT_TIPS, 7, 1000));
	assert_false(take(LIMIT_TIPS, 7, 2900));
	assert_true(take(LIMIT_TIPS, 7, 3100));
	assert_false(take(LIMIT_TIPS, 7, 3200));
	assert_int_equal(limits_refused(limits, LIMIT_TIPS), 3);
	assert_int_equal(limits_refused(limits, LIMIT_RECEIPTS), 0);
}

/* Whoever waits as long as was said gets one; asking in between costs nothing. */
static void the_wait_that_is_told_is_enough(void **state)
{
	unsigned wait_s = 0;
	uint64_t now_ms = 5000;

	(void)state;
	for (int round = 0; round < 20; round++) {
		while (limits_take(limits, LIMIT_TIPS, 1, now_ms, &wait_s))
			;
		for (uint64_t at = now_ms; at < now_ms + wait_s * 1000; at += 37)
			if (limits_take(limits, LIMIT_TIPS, 1, at, &(unsigned){ 0 }))
				break;
		now_ms += wait_s * 1000 + 2000;
		assert_true(limits_take(limits, LIMIT_TIPS, 1, now_ms, &wait_s));
	}
}

static void nobody_saves_more_than_a_burst(void **state)
{
	unsigned passed = 0;

	(void)state;
	assert_true(take(LIMIT_TIPS, 7, 1));
	while (take(LIMIT_TIPS, 7, 1000000000))
		passed++;
	assert_int_equal(passed, 3);
}

static void visitors_and_kinds_do_not_share(void **state)
{
	(void)state;
	while (take(LIMIT_TIPS, 1, 1000))
		;
	assert_true(take(LIMIT_TIPS, 2, 1000));
	assert_true(take(LIMIT_TIPS, 1 + (1ull << 40), 1000));
	assert_true(take(LIMIT_RECEIPTS, 1, 1000));
}

static void a_flood_of_visitors_leaves_a_limited_one_among_the_last_limited(void **state)
{
	(void)state;
	while (take(LIMIT_TIPS, 1, 1000))
		;
	for (uint64_t i = 2; i < 30000; i++)
		assert_true(take(LIMIT_TIPS, i, 1000 + i / 100));
	assert_false(take(LIMIT_TIPS, 1, 1300));
}

static void a_rate_of_nothing_tells_a_wait_that_can_be_told(void **state)
{
	unsigned wait_s = 0;

	(void)state;
	assert_true(take(LIMIT_RECEIPTS_ALL, 0, 1000));
	assert_false(limits_take(limits, LIMIT_RECEIPTS_ALL, 0, 900000, &wait_s));
	assert_in_range(wait_s, 1, 86400);
}

static void limits_that_are_off_let_everything_pass(void **state)
{
	struct limits *off = limits_new(rules, false);

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(limits_take(off, LIMIT_TIPS, 1, 1000, &(unsigned){ 0 }));
	limits_free(off);
}

static void all_or_none(void **state)
{
	const struct limit_want both[] = { { LIMIT_TIPS, 7 }, { LIMIT_RECEIPTS, 7 } };
	struct limit_refusal refusal;

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_true(limits_take_all(limits, both, 2, 1000, &refusal));
	assert_false(limits_take_all(limits, both, 2, 1000, &refusal));
	assert_int_equal(refusal.kind, LIMIT_RECEIPTS);
	assert_int_equal(refusal.wait_s, 1);
	assert_int_equal(refusal.burst, 2);
	assert_true(take(LIMIT_TIPS, 7, 1000));   /* the one that was left is there still */
	assert_false(take(LIMIT_TIPS, 7, 1000));
	assert_false(limits_take_all(limits, both, 2, 1000, &refusal));
	assert_int_equal(refusal.kind, LIMIT_TIPS);   /* the longer wait is told */
	assert_int_equal(refusal.wait_s, 3);
}

static void low_is_told_before_it_is_empty(void **state)
{
	const struct limit_want want = { LIMIT_TIPS, 7 };

	(void)state;
	assert_false(limits_low(limits, &want, 1, 1000));
	take(LIMIT_TIPS, 7, 1000);
	take(LIMIT_TIPS, 7, 1000);
	assert_false(limits_low(limits, &want, 1, 1000));
	take(LIMIT_TIPS, 7, 1000);
	assert_true(limits_low(limits, &want, 1, 1000));
	assert_false(limits_low(limits, &want, 1, 3100));
	assert_false(limits_low(limits, &(struct limit_want){ LIMIT_PROOFS, 7 }, 1, 1000));   /* has no rule */
}

static void other_rules_hold_at_once(void **state)
{
	struct limit_rule few[LIMIT_KINDS] = { [LIMIT_TIPS] = { .per_second = 0.5, .burst = 1 } };

	(void)state;
	take(LIMIT_TIPS, 8, 1000);
	limits_set(limits, few, true);
	assert_true(take(LIMIT_TIPS, 7, 1000));
	assert_false(take(LIMIT_TIPS, 7, 1000));
	assert_true(take(LIMIT_TIPS, 8, 1000));   /* two were left, and are one now */
	assert_false(take(LIMIT_TIPS, 8, 1000));
	for (int i = 0; i < 100; i++)
		assert_true(take(LIMIT_RECEIPTS, 7, 1000));   /* no rule, no limit */
	limits_set(limits, few, false);
	assert_true(take(LIMIT_TIPS, 7, 1000));
}

static void every_kind_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int a = 0; a < LIMIT_KINDS; a++)
		for (int b = 0; b < a; b++)
			assert_string_not_equal(limit_name((enum limit_kind)a), limit_name((enum limit_kind)b));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(a_burst_passes_then_the_rate),
		TEST(the_wait_that_is_told_is_enough),
		TEST(nobody_saves_more_than_a_burst),
		TEST(visitors_and_kinds_do_not_share),
		TEST(a_flood_of_visitors_leaves_a_limited_one_among_the_last_limited),
		TEST(a_rate_of_nothing_tells_a_wait_that_can_be_told),
		TEST(limits_that_are_off_let_everything_pass),
		TEST(all_or_none),
		TEST(low_is_told_before_it_is_empty),
		TEST(other_rules_hold_at_once),
		TEST(every_kind_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
