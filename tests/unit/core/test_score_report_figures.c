/*
 * Shares and areas against cases counted by hand, and what holds for all of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/score/score_report_figures.h"

#include <math.h>

#define assert_near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

/* 10 of 20 by Wilson: 0.2993 to 0.7007. 0 of 10: 0 to 0.2775. As in Newcombe 1998: 81 of 263: .2553 to .3662.
 */
static void shares_have_wilsons_interval(void **state)
{
	struct share share = share_of(10, 20);

	(void)state;
	assert_near(share.value, 0.5, 1e-12);
	assert_near(share.low, 0.2993, 1e-4);
	assert_near(share.high, 0.7007, 1e-4);
	share = share_of(0, 10);
	assert_near(share.low, 0, 1e-12);
	assert_near(share.high, 0.2775, 1e-4);
	share = share_of(81, 263);
	assert_near(share.low, 0.2553, 1e-4);
	assert_near(share.high, 0.3662, 1e-4);
}

static void no_share_leaves_everything_open(void **state)
{
	struct share share = share_of(0, 0);

	(void)state;
	assert_true(share.n == 0 && share.value == 0 && share.low == 0 && share.high == 1);
}

static void intervals_hold_their_share(void **state)
{
	(void)state;
	for (uint64_t n = 1; n < 60; n++)
		for (uint64_t good = 0; good <= n; good++) {
			struct share share = share_of(good, n), other = share_of(n - good, n);

			assert_true(share.low >= 0 && share.low <= share.value + 1e-12 &&
				    share.value <= share.high + 1e-12 && share.high <= 1);
			assert_near(share.low, 1 - other.high, 1e-12);
		}
}

/*
 * Good at 3, 5, 5; bad at 1, 3. Pairs: 3>1, 3=3, 5>1 5>3 twice: 5.5 of 6.
 * Places of the good: .75, 1, 1; of the bad: 1, 5/6. Variances .25/12 = .020833
 * and 1/72 = .013889, so 1/144 + 1/144 = 1/72 in all.
 */
static void a_small_area_counted_by_hand(void **state)
{
	struct curve curve = { .good = { [3] = 1, [5] = 2 }, .bad = { [1] = 1, [3] = 1 } };
	struct area area = area_under(&curve);

	(void)state;
	assert_true(area.known);
	assert_near(area.value, 5.5 / 6, 1e-12);
	assert_near(area.low, 5.5 / 6 - 1.959964 * sqrt(1.0 / 72), 1e-6);
	assert_near(area.high, 1, 1e-12);
}

static void one_kind_has_no_area(void **state)
{
	struct curve curve = { .good = { [3] = 7 } };

	(void)state;
	assert_false(area_under(&curve).known);
	assert_false(area_under(&(struct curve){ 0 }).known);
}

static void extremes(void **state)
{
	struct curve perfect = { .good = { [100] = 30 }, .bad = { [0] = 30 } };
	struct curve reversed = { .good = { [0] = 30 }, .bad = { [100] = 30 } };
	struct curve same = { .good = { [50] = 3 }, .bad = { [50] = 4 } };

	(void)state;
	assert_near(area_under(&perfect).value, 1, 1e-12);
	assert_near(area_under(&reversed).value, 0, 1e-12);
	assert_near(area_under(&same).value, 0.5, 1e-12);
	/* Few that are sorted perfectly are still few. */
	assert_true(area_under(&perfect).low < 0.95 && area_under(&perfect).low > 0.8);
	assert_near(area_under(&reversed).high, 1 - area_under(&perfect).low, 1e-12);
}

/* Numbers without a pattern, the same each run. */
static uint64_t draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 33;
}

static void fill(struct curve *curve, unsigned values, uint64_t *seed)
{
	*curve = (struct curve){ 0 };
	for (unsigned i = 0; i < values; i++) {
		curve->good[i] = draw(seed) % 5;
		curve->bad[i] = draw(seed) % 5;
	}
}

static double by_pairs(const struct curve *curve)
{
	double won = 0, pairs = 0;

	for (unsigned i = 0; i < CURVE_VALUES; i++)
		for (unsigned j = 0; j < CURVE_VALUES; j++) {
			double n = (double)curve->good[i] * (double)curve->bad[j];

			pairs += n;
			won += i > j ? n : i == j ? n / 2 : 0;
		}
	return won / pairs;
}

/* Points told on another scale sort the same. */
static void area_is_the_same_on_any_rising_scale(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct curve curve, other = { 0 };
		struct area area, again;
		unsigned to = 0;

		fill(&curve, 30, &seed);
		for (unsigned i = 0; i < 30; i++) {
			to += 1 + (unsigned)(draw(&seed) % 3);
			other.good[to] = curve.good[i];
			other.bad[to] = curve.bad[i];
		}
		area = area_under(&curve);
		again = area_under(&other);
		assert_near(area.value, by_pairs(&curve), 1e-12);
		assert_near(area.value, again.value, 1e-12);
		assert_near(area.low, again.low, 1e-12);
		assert_near(area.high, again.high, 1e-12);
	}
}

/* Good and bad exchanged, the area is turned over, with its interval. */
static void exchange_turns_the_area_over(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 100; round++) {
		struct curve curve, turned;
		struct area area, other;

		fill(&curve, CURVE_VALUES, &seed);
		for (unsigned i = 0; i < CURVE_VALUES; i++) {
			turned.good[i] = curve.bad[i];
			turned.bad[i] = curve.good[i];
		}
		area = area_under(&curve);
		other = area_under(&turned);
		assert_near(area.value, 1 - other.value, 1e-12);
		assert_near(area.low, 1 - other.high, 1e-12);
		assert_true(area.low <= area.value && area.value <= area.high);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_have_wilsons_interval),
		cmocka_unit_test(no_share_leaves_everything_open),
		cmocka_unit_test(intervals_hold_their_share),
		cmocka_unit_test(a_small_area_counted_by_hand),
		cmocka_unit_test(one_kind_has_no_area),
		cmocka_unit_test(extremes),
		cmocka_unit_test(area_is_the_same_on_any_rising_scale),
		cmocka_unit_test(exchange_turns_the_area_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
