/*
 * The amount of one tip: the worked values, the highest band, factors within
 * their ranges, clamps that are told, monotone in points.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/money/policy_sample.h"

#include "daemon/base/table.h"

#include <stdio.h>

static struct arena arena;
static struct policy *policy;

static int setup(void **state)
{
	(void)state;
	policy = sample_load(SAMPLE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	policy_free(policy);
	arena_release(&arena);
	return 0;
}

static struct policy_result calculate(const struct policy_tip *tip)
{
	struct policy_case facts = { .tips = tip, .ntips = 1 };
	struct policy_result result;

	policy_calculate(policy, &facts, &arena, &result);
	return result;
}

static bool traced(const struct policy_result *result, const char *text)
{
	return span_find(result->trace, span_of(text)) < result->trace.len;
}

static void worked_values(void **state)
{
	static const struct { const char *band; int64_t points, fen; const char *clamped; } rows[] = {
		{ "trafficker_arrested", 5, 850000, "\"clamped\":\"no\"" },
		{ "gang_dismantled", 5, 1000000, "\"rounded\":\"1050000\",\"min\":\"500000\",\"max\":\"1000000\",\"clamped\":\"max\"" },
		{ "buyer_identified", -2, 500000, "\"rounded\":\"440000\",\"min\":\"500000\",\"max\":\"1000000\",\"clamped\":\"min\"" },
		{ "victim_located", 7, 1000000, "\"rounded\":\"1010000\"" },
		{ "fugitive_located", 1, 630000, "\"clamped\":\"no\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct policy_tip tip = sample_tip("A1", 1, rows[i].band, rows[i].points);
		struct policy_result result = calculate(&tip);

		assert_null(result.refused);
		assert_int_equal(result.total, rows[i].fen);
		assert_true(traced(&result, rows[i].clamped));
	}
}

static void the_highest_band_counts_and_never_a_sum(void **state)
{
	struct policy_tip tip = sample_tip("A1", 1, "buyer_identified", 0);
	struct policy_result result;

	(void)state;
	tip.bands[tip.nbands++] = SPAN("victim_located");
	tip.bands[tip.nbands++] = SPAN("fugitive_located");
	result = calculate(&tip);
	assert_int_equal(result.total, 800000);
	assert_true(traced(&result, "{\"step\":\"band\",\"in\":{\"tip\":\"A1\",\"bands\":{\"buyer_identified\":\"500000\","
				    "\"victim_located\":\"800000\",\"fugitive_located\":\"600000\"}},\"out\":\"800000\"}"));
}

static void bands_and_factors_that_do_not_fit_are_refused(void **state)
{
	struct policy_tip tip = sample_tip("A1", 1, "buyer_identified", 0);

	(void)state;
	tip.nbands = 0;
	assert_string_equal(calculate(&tip).refused, "BAND_NONE");
	tip.bands[tip.nbands++] = SPAN("no_such_band");
	assert_string_equal(calculate(&tip).refused, "BAND_UNKNOWN");
	tip.bands[0] = SPAN("buyer_identified");
	tip.bands[tip.nbands++] = SPAN("buyer_identified");
	assert_string_equal(calculate(&tip).refused, "BAND_TWICE");
	tip.nbands = 1;
	tip.factors[tip.nfactors++] = (struct policy_factor){ SPAN("evidence"), 4 };
	assert_string_equal(calculate(&tip).refused, "FACTOR_RANGE");
	tip.factors[0].points = -1;
	assert_string_equal(calculate(&tip).refused, "FACTOR_RANGE");
	tip.factors[0].points = INT64_MIN;
	assert_string_equal(calculate(&tip).refused, "FACTOR_RANGE");
	tip.factors[0] = (struct policy_factor){ SPAN("luck"), 0 };
	assert_string_equal(calculate(&tip).refused, "FACTOR_UNKNOWN");
	tip.factors[0] = (struct policy_factor){ SPAN("evidence"), 1 };
	tip.factors[tip.nfactors++] = (struct policy_factor){ SPAN("evidence"), 1 };
	assert_string_equal(calculate(&tip).refused, "FACTOR_TWICE");
}

static void every_step_is_told_in_order(void **state)
{
	static const char *const steps[] = {
		"\"policy\"", "\"facts\"", "\"eligibility\"", "\"band\"", "\"points\"", "\"raw\"", "\"round\"",
		"\"clamp\"", "\"external_award\"", "\"case_cap\"", "\"first\"", "\"share\"", "\"total\"",
	};
	struct policy_tip tip = sample_tip("A1", 1, "trafficker_arrested", 5);
	struct policy_result result = calculate(&tip);
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		char text[64];
		struct span rest;

		snprintf(text, sizeof(text), "{\"step\":%s", steps[i]);
		rest = span_from_offset(result.trace, at);
		assert_true(span_find(rest, span_of(text)) < rest.len);
		at += span_find(rest, span_of(text)) + 1;
	}
}

static void more_points_are_never_less_money(void **state)
{
	static const char *const bands[] = { "buyer_identified", "fugitive_located", "trafficker_arrested", "victim_located",
					     "gang_dismantled" };

	(void)state;
	for (size_t band = 0; band < COUNT_OF(bands); band++)
		for (int64_t points = -2; points < 10; points++) {
			struct policy_tip less = sample_tip("A1", 1, bands[band], points);
			struct policy_tip more = sample_tip("A1", 1, bands[band], points + 1);

			assert_true(calculate(&less).total <= calculate(&more).total);
		}
}

/* Halves go up: steps of 10000, the band of 800000 and a point of 5000. */
static void halves_are_rounded_up(void **state)
{
	struct policy *other = sample_load(
		"{\"policy\":\"p\",\"version\":1,\"currency\":\"CNY\",\"effective_from\":\"2026-01-01\",\"min\":1,"
		"\"max\":1000000,\"case_cap\":1000000,\"round_to\":10000,\"round\":\"half_up\",\"band_rule\":\"highest_only\","
		"\"bands\":{\"b\":800000},\"per_point\":1000,\"factors\":{\"f\":[-9,9]},\"split\":" SPLIT_FIRST_ONLY ","
		"\"approval_bands\":[[null,[\"a\"]]],\"claim_days\":60,\"tax_bp\":0,\"instalments_max\":1,"
		"\"external_award\":\"block\"}");

	(void)state;
	for (int64_t points = -9; points <= 9; points++) {
		struct policy_tip tip = { .tip = SPAN("A1"), .bands = { SPAN("b") }, .nbands = 1, .nfactors = 1,
					  .factors = { { SPAN("f"), points } } };
		struct policy_case facts = { .tips = &tip, .ntips = 1 };
		struct policy_result result;

		policy_calculate(other, &facts, &arena, &result);
		assert_null(result.refused);
		assert_int_equal(result.total, points >= 5 ? 810000 : points >= -5 ? 800000 : 790000);
	}
	policy_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked_values),
		cmocka_unit_test(the_highest_band_counts_and_never_a_sum),
		cmocka_unit_test(bands_and_factors_that_do_not_fit_are_refused),
		cmocka_unit_test(every_step_is_told_in_order),
		cmocka_unit_test(more_points_are_never_less_money),
		cmocka_unit_test(halves_are_rounded_up),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
