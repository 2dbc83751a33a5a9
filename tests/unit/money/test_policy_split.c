/*
 * Who gets how much: the split rules with their worked values, pools and caps,
 * conflicts that fail closed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/policy_check.h"
#include "tests/unit/money/policy_sample.h"

#include "daemon/base/table.h"
#include "daemon/money/policy_parts.h"

#include <stdlib.h>

#define TIPS_MAX 4

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* The shares of the tips, in order of time; or the refusal. Reasons go to `reasons`. */
struct expected {
	const char *refused;
	int64_t fen[TIPS_MAX];
	const char *reasons[TIPS_MAX];
};

static void judge(const char *json, const struct policy_case *facts, const struct expected *expected)
{
	struct policy *policy = sample_load(json);
	struct policy_result result;

	policy_calculate(policy, facts, &arena, &result);
	assert_null(policy_check(policy, facts, &result));
	if (expected->refused != NULL) {
		assert_non_null(result.refused);
		assert_string_equal(result.refused, expected->refused);
	} else {
		if (result.refused != NULL)
			fail_msg("%s: %s", result.refused, result.trace.at);
		assert_int_equal(result.nshares, facts->ntips);
		for (size_t i = 0; i < result.nshares; i++) {
			assert_int_equal(result.shares[i].fen, expected->fen[i]);
			assert_string_equal(result.shares[i].reason, expected->reasons[i]);
		}
	}
	policy_free(policy);
}

/* --- largest remainder --------------------------------------------------------------------------- */

static void remainders_go_to_the_largest_then_to_the_lowest(void **state)
{
	static const struct { int64_t total, weights[3], parts[3]; } rows[] = {
		{ 15, { 80, 8, 12 }, { 12, 1, 2 } },
		{ 1000000, { 1, 1, 1 }, { 333334, 333333, 333333 } },
		{ 850001, { 1, 1, 1 }, { 283334, 283334, 283333 } },
		{ 850000, { 6000, 4000, 0 }, { 510000, 340000, 0 } },
		{ 0, { 1, 2, 3 }, { 0, 0, 0 } },
		{ MONEY_MAX, { MONEY_MAX, MONEY_MAX, MONEY_MAX }, { 3002399751580331, 3002399751580330, 3002399751580330 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t parts[3];

		policy_divide(rows[i].total, rows[i].weights, 3, parts);
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(parts[k], rows[i].parts[k]);
	}
}

static void parts_sum_and_stay_within_one_fen(void **state)
{
	(void)state;
	srand(11);
	for (int round = 0; round < 20000; round++) {
		int64_t weights[POLICY_SHARES_MAX], parts[POLICY_SHARES_MAX], sum = 0, all = 0;
		size_t n = (size_t)(rand() % POLICY_SHARES_MAX) + 1;
		int64_t total = ((int64_t)rand() << 22 | rand()) % (MONEY_MAX >> rand() % 50);

		for (size_t i = 0; i < n; i++)
			all += weights[i] = (rand() & 3) != 0 ? ((int64_t)rand() << 22 | rand()) % (MONEY_MAX >> rand() % 50) : 0;
		if (all == 0)
			weights[0] = all = 1;
		policy_divide(total, weights, n, parts);
		for (size_t i = 0; i < n; i++) {
			long double exact = (long double)total * (long double)weights[i] / (long double)all;

			sum += parts[i];
			assert_true((long double)parts[i] - exact < 1.001L && exact - (long double)parts[i] < 1.001L);
			assert_true(weights[i] > 0 || parts[i] == 0);
			assert_true(total > all || parts[i] <= weights[i]);
		}
		assert_int_equal(sum, total);
	}
}

/* --- first only --------------------------------------------------------------------------------------- */

static void the_first_takes_the_pool(void **state)
{
	struct policy_tip tips[] = {
		sample_tip("B2", 20, "gang_dismantled", 5),
		sample_tip("A1", 10, "trafficker_arrested", 5),
		sample_tip("C3", 30, "victim_located", 7),
	};

	(void)state;
	tips[0].new_facts = true;
	judge(SAMPLE_POLICY(SPLIT_FIRST_ONLY, "2000000", "block"), &(struct policy_case){ .tips = tips, .ntips = 3 },
	      &(struct expected){ .fen = { 850000 }, .reasons = { "first", "not_first", "not_first" } });
}

static void at_the_same_time_the_lowest_id_is_first(void **state)
{
	struct policy_tip tips[] = {
		sample_tip("A10", 10, "victim_located", 0),
		sample_tip("A1", 10, "buyer_identified", 0),
		sample_tip("B", 10, "gang_dismantled", 0),
	};

	(void)state;
	judge(SAMPLE_POLICY(SPLIT_FIRST_ONLY, "2000000", "block"), &(struct policy_case){ .tips = tips, .ntips = 3 },
	      &(struct expected){ .fen = { 500000 }, .reasons = { "first", "not_first", "not_first" } });
}

/* --- first and new facts --------------------------------------------------------------------------------- */

static void later_tips_with_new_facts_get_a_supplement(void **state)
{
	struct policy_tip tips[] = {
		sample_tip("A1", 10, "gang_dismantled", 5),
		sample_tip("B2", 20, "victim_located", 7),
		sample_tip("C3", 30, "buyer_identified", 0),
	};

	(void)state;
	tips[1].new_facts = true;
	/* Half of 1000000, which is just the minimum. */
	judge(SAMPLE, &(struct policy_case){ .tips = tips, .ntips = 3 },
	      &(struct expected){ .fen = { 1000000, 500000, 0 }, .reasons = { "first", "new_facts", "known_already" } });
	/* Its own amount is the most. */
	judge(SAMPLE_POLICY(SPLIT_SUPPLEMENT("20000", "recipient"), "9000000", "block"),
	      &(struct policy_case){ .tips = tips, .ntips = 2 },
	      &(struct expected){ .fen = { 1000000, 1000000 }, .reasons = { "first", "new_facts" } });
	/* Two of them share by their own amounts: 1000000 and 500000. */
	tips[2].new_facts = true;
	judge(SAMPLE_POLICY(SPLIT_SUPPLEMENT("5000", "pool"), "2000000", "block"),
	      &(struct policy_case){ .tips = tips, .ntips = 3 },
	      &(struct expected){ .fen = { 1000000, 333333, 166667 }, .reasons = { "first", "new_facts", "new_facts" } });
}

static void a_supplement_below_the_minimum_is_for_a_person(void **state)
{
	struct policy_tip tips[] = { sample_tip("A1", 10, "victim_located", 0), sample_tip("B2", 20, "victim_located", 0) };

	(void)state;
	tips[1].new_facts = true;
	judge(SAMPLE, &(struct policy_case){ .tips = tips, .ntips = 2 }, &(struct expected){ .refused = "MANUAL" });
}

static void without_a_supplement_the_reason_is_told(void **state)
{
	struct policy_tip tips[] = { sample_tip("A1", 10, "victim_located", 0), sample_tip("B2", 20, "victim_located", 0) };
	struct policy_case facts = { .tips = tips, .ntips = 2 };

	(void)state;
	tips[1].new_facts = true;
	judge(SAMPLE_POLICY(SPLIT_SUPPLEMENT("0", "recipient"), "2000000", "block"), &facts,
	      &(struct expected){ .fen = { 800000, 0 }, .reasons = { "first", "supplement_pool" } });
	facts.paid_in_case = 1200000;
	judge(SAMPLE, &facts, &(struct expected){ .fen = { 800000, 0 }, .reasons = { "first", "case_cap" } });
}

/* --- weighted ------------------------------------------------------------------------------------------------ */

static void weights_divide_and_the_minimum_lifts(void **state)
{
	struct policy_tip tips[] = {
		sample_tip("A1", 10, "buyer_identified", 0), sample_tip("B2", 20, "trafficker_arrested", 5),
		sample_tip("C3", 30, "gang_dismantled", 5),
	};
	struct policy_case facts = { .tips = tips, .ntips = 3 };

	(void)state;
	tips[0].weight_bp = 6000;
	tips[1].weight_bp = 4000;
	/* The pool is the highest of those who contributed: 850000. */
	judge(SAMPLE_POLICY(SPLIT_WEIGHTED_POOL, "2000000", "block"), &facts,
	      &(struct expected){ .fen = { 510000, 340000, 0 }, .reasons = { "weight", "weight", "no_weight" } });
	judge(SAMPLE_POLICY(SPLIT_WEIGHTED, "2000000", "block"), &facts,
	      &(struct expected){ .fen = { 510000, 500000, 0 }, .reasons = { "weight", "weight", "no_weight" } });
	judge(SAMPLE_POLICY(SPLIT_WEIGHTED, "1010000", "block"), &facts,
	      &(struct expected){ .fen = { 510000, 500000, 0 }, .reasons = { "weight", "weight", "no_weight" } });
	judge(SAMPLE_POLICY(SPLIT_WEIGHTED, "1000000", "block"), &facts, &(struct expected){ .refused = "MANUAL" });
}

static void weights_have_to_be_whole(void **state)
{
	struct policy_tip tips[] = { sample_tip("A1", 10, "victim_located", 0), sample_tip("B2", 20, "victim_located", 0) };
	struct policy_case facts = { .tips = tips, .ntips = 2 };

	(void)state;
	tips[0].weight_bp = 6000;
	tips[1].weight_bp = 3999;
	judge(SAMPLE_POLICY(SPLIT_WEIGHTED, "2000000", "block"), &facts, &(struct expected){ .refused = "WEIGHTS" });
	tips[1].weight_bp = 4000;
	tips[1].offender = true; /* who is excluded carries no weight */
	judge(SAMPLE_POLICY(SPLIT_WEIGHTED, "2000000", "block"), &facts, &(struct expected){ .refused = "WEIGHTS" });
	tips[0].weight_bp = 10000;
	judge(SAMPLE_POLICY(SPLIT_WEIGHTED, "2000000", "block"), &facts,
	      &(struct expected){ .fen = { 800000, 0 }, .reasons = { "weight", "NOT_ELIGIBLE_OFFENDER" } });
}

/* --- caps and awards from outside ------------------------------------------------------------------------------- */

static void only_the_rest_of_the_case_cap_is_given(void **state)
{
	struct policy_tip tip = sample_tip("A1", 10, "victim_located", 0);
	static const struct { int64_t before; struct expected expected; } rows[] = {
		{ 1200000, { .fen = { 800000 }, .reasons = { "first" } } },
		{ 1200001, { .fen = { 799999 }, .reasons = { "first" } } },
		{ 1500000, { .fen = { 500000 }, .reasons = { "first" } } },
		{ 1500001, { .refused = "MANUAL" } },
		{ 2000000, { .refused = "CASE_CAP" } },
		{ MONEY_MAX, { .refused = "CASE_CAP" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		judge(SAMPLE, &(struct policy_case){ .tips = &tip, .ntips = 1, .paid_in_case = rows[i].before },
		      &rows[i].expected);
}

static void an_award_from_outside_blocks_or_comes_off(void **state)
{
	struct policy_tip tip = sample_tip("A1", 10, "victim_located", 0);
	struct policy_case facts = { .tips = &tip, .ntips = 1, .external_award = 500000 };

	(void)state;
	judge(SAMPLE, &facts, &(struct expected){ .refused = "EXTERNAL_AWARD" });
	/* Below the minimum, which both together reach. */
	judge(SAMPLE_POLICY(SAMPLE_SPLIT, "2000000", "net"), &facts,
	      &(struct expected){ .fen = { 300000 }, .reasons = { "first" } });
	/* Nor does the minimum of a recipient lift anybody then. */
	tip.weight_bp = POLICY_BP;
	judge(SAMPLE_POLICY(SPLIT_WEIGHTED, "2000000", "net"), &facts,
	      &(struct expected){ .fen = { 300000 }, .reasons = { "weight" } });
	facts.external_award = 800000;
	judge(SAMPLE_POLICY(SAMPLE_SPLIT, "2000000", "net"), &facts, &(struct expected){ .refused = "EXTERNAL_AWARD" });
	facts.external_award = 0;
	judge(SAMPLE_POLICY(SAMPLE_SPLIT, "2000000", "net"), &facts,
	      &(struct expected){ .fen = { 800000 }, .reasons = { "first" } });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remainders_go_to_the_largest_then_to_the_lowest),
		cmocka_unit_test(parts_sum_and_stay_within_one_fen),
		cmocka_unit_test(the_first_takes_the_pool),
		cmocka_unit_test(at_the_same_time_the_lowest_id_is_first),
		cmocka_unit_test(later_tips_with_new_facts_get_a_supplement),
		cmocka_unit_test(a_supplement_below_the_minimum_is_for_a_person),
		cmocka_unit_test(without_a_supplement_the_reason_is_told),
		cmocka_unit_test(weights_divide_and_the_minimum_lifts),
		cmocka_unit_test(weights_have_to_be_whole),
		cmocka_unit_test(only_the_rest_of_the_case_cap_is_given),
		cmocka_unit_test(an_award_from_outside_blocks_or_comes_off),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
