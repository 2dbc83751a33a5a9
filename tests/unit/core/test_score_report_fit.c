/*
 * The ridge regression: at its own minimum, with the right signs and errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/score/score_report_fit.h"

#include <math.h>

#define assert_near(a, b, by) assert_true(fabs((a) - (b)) <= (by))
#define N(array) (sizeof(array) / sizeof((array)[0]))

static const uint16_t zero[] = { 0 }, one[] = { 1 }, both[] = { 0, 1 };

/* Without marks the constant is the log-odds of all. */
static void the_constant_is_the_share_of_all(void **state)
{
	const struct fit_case cases[] = { { .good = 30, .bad = 10 } };
	struct arena arena = { 0 };
	struct fit fit;

	(void)state;
	fit_logistic(cases, N(cases), 0, &arena, &fit);
	assert_near(fit.constant, log(3), 1e-6);
	arena_release(&arena);
}

/*
 * One mark, 80 of 100 good with it and 50 of 100 without: without a ridge ln 4 - 0, error
 * sqrt(1/80+1/20+1/50+1/50) = .320; the prior of deviation 1 draws it to about 1.3863 / (1 + .320^2) = 1.258.
 */
static void one_mark_is_near_its_odds_ratio(void **state)
{
	const struct fit_case cases[] = { { .marks = zero, .nmarks = 1, .good = 80, .bad = 20 },
					  { .good = 50, .bad = 50 } };
	struct arena arena = { 0 };
	struct fit fit;

	(void)state;
	fit_logistic(cases, N(cases), 1, &arena, &fit);
	assert_near(fit.weights[0], 1.258, 0.03);
	assert_near(fit.errors[0], 0.305, 0.01);
	arena_release(&arena);
}

/* At the minimum the gradient is zero: what is good and not expected equals the pull of the ridge. */
static void stops_where_the_gradient_is_zero(void **state)
{
	const struct fit_case cases[] = { { .marks = zero, .nmarks = 1, .good = 12, .bad = 3 },
					  { .marks = one, .nmarks = 1, .good = 2, .bad = 9 },
					  { .marks = both, .nmarks = 2, .good = 5, .bad = 4 },
					  { .good = 20, .bad = 31 } };
	double left[3] = { 0 };
	struct arena arena = { 0 };
	struct fit fit;

	(void)state;
	fit_logistic(cases, N(cases), 2, &arena, &fit);
	for (size_t i = 0; i < N(cases); i++) {
		double odds = fit.constant, missing;

		for (size_t k = 0; k < cases[i].nmarks; k++)
			odds += fit.weights[cases[i].marks[k]];
		missing = cases[i].good - (cases[i].good + cases[i].bad) / (1 + exp(-odds));
		left[2] += missing;
		for (size_t k = 0; k < cases[i].nmarks; k++)
			left[cases[i].marks[k]] += missing;
	}
	assert_near(left[0], fit.weights[0], 1e-3);
	assert_near(left[1], fit.weights[1], 1e-3);
	assert_near(left[2], 0, 1e-3);
	arena_release(&arena);
}

/* A mark that settles everything gets its sign and stays finite. */
static void separation_is_finite(void **state)
{
	const struct fit_case cases[] = { { .marks = zero, .nmarks = 1, .good = 100000 },
					  { .marks = one, .nmarks = 1, .bad = 100000 },
					  { .good = 5, .bad = 5 } };
	struct arena arena = { 0 };
	struct fit fit;

	(void)state;
	fit_logistic(cases, N(cases), 2, &arena, &fit);
	assert_true(fit.weights[0] > 3 && fit.weights[0] < 30);
	assert_true(fit.weights[1] < -3 && fit.weights[1] > -30);
	assert_true(fit.errors[0] > 0 && fit.errors[0] < 2);
	arena_release(&arena);
}

/* Marks that say nothing, and marks that none has. */
static void nothing_gets_nothing(void **state)
{
	const struct fit_case cases[] = { { .marks = zero, .nmarks = 1, .good = 50, .bad = 50 },
					  { .good = 50, .bad = 50 } };
	struct arena arena = { 0 };
	struct fit fit;

	(void)state;
	fit_logistic(cases, N(cases), 2, &arena, &fit);
	assert_near(fit.weights[0], 0, 1e-9);
	assert_near(fit.weights[1], 0, 1e-9);
	assert_near(fit.errors[1], 1, 1e-9);
	fit_logistic(NULL, 0, 2, &arena, &fit);
	assert_near(fit.weights[0], 0, 1e-9);
	arena_release(&arena);
}

/* Two marks that always come together share what one alone would get. */
static void twins_share(void **state)
{
	const struct fit_case cases[] = { { .marks = both, .nmarks = 2, .good = 400, .bad = 100 },
					  { .good = 250, .bad = 250 } };
	struct arena arena = { 0 };
	struct fit fit;

	(void)state;
	fit_logistic(cases, N(cases), 2, &arena, &fit);
	assert_near(fit.weights[0], fit.weights[1], 1e-9);
	assert_near(fit.weights[0] + fit.weights[1], log(4), 0.05);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_constant_is_the_share_of_all),
		cmocka_unit_test(one_mark_is_near_its_odds_ratio),
		cmocka_unit_test(stops_where_the_gradient_is_zero),
		cmocka_unit_test(separation_is_finite),
		cmocka_unit_test(nothing_gets_nothing),
		cmocka_unit_test(twins_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
