/*
 * The calculator as a whole: who is eligible, overrides, joint tips, and what
 * holds for any policy and any case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/policy_check.h"
#include "tests/unit/money/policy_sample.h"

#include "daemon/base/buf.h"
#include "daemon/base/table.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 4000

static struct arena arena;
static struct policy *sample;

static int setup(void **state)
{
	(void)state;
	sample = sample_load(SAMPLE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	policy_free(sample);
	arena_release(&arena);
	return 0;
}

static struct policy_result calculate(const struct policy *policy, const struct policy_case *facts)
{
	struct policy_result result;
	const char *broken;

	policy_calculate(policy, facts, &arena, &result);
	broken = policy_check(policy, facts, &result);
	if (broken != NULL)
		fail_msg("%s: %s", broken, result.trace.at);
	return result;
}

static void refused(const struct policy_case *facts, const char *code)
{
	struct policy_result result = calculate(sample, facts);

	assert_non_null(result.refused);
	assert_string_equal(result.refused, code);
}

/* --- facts and eligibility ------------------------------------------------------------------ */

static void facts_that_make_no_sense_are_refused(void **state)
{
	struct policy_tip tips[POLICY_SHARES_MAX + 1];
	struct policy_case facts = { .tips = tips, .ntips = 1 };
	char ids[POLICY_SHARES_MAX + 1][8];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(tips); i++) {
		snprintf(ids[i], sizeof(ids[i]), "T%zu", i);
		tips[i] = sample_tip(ids[i], 5, "victim_located", 0);
	}
	facts.ntips = 0;
	refused(&facts, "TIPS_NONE");
	facts.ntips = COUNT_OF(tips);
	refused(&facts, "TIPS_TOO_MANY");
	facts.ntips = POLICY_SHARES_MAX;
	tips[3].members = 2;
	refused(&facts, "TIPS_TOO_MANY");
	tips[3].members = 9;
	refused(&facts, "BAD_FACTS");
	tips[3].members = 1;
	tips[3].tip = SPAN("T1");
	refused(&facts, "TIP_TWICE");
	tips[3].tip = SPAN("");
	refused(&facts, "BAD_FACTS");
	tips[3].tip = SPAN("a\"b");
	refused(&facts, "BAD_FACTS");
	facts.ntips = 2;
	tips[0].decisive_ms = -1;
	refused(&facts, "BAD_FACTS");
	tips[0].decisive_ms = 1;
	tips[0].nbands = POLICY_BANDS_MAX + 1;
	refused(&facts, "BAD_FACTS");
	tips[0].nbands = 1;
	tips[0].weight_bp = POLICY_BP + 1;
	refused(&facts, "BAD_FACTS");
	tips[0].weight_bp = 0;
	facts.paid_in_case = -1;
	refused(&facts, "BAD_FACTS");
	facts.paid_in_case = 0;
	facts.override_fen = MONEY_MAX + 1;
	refused(&facts, "BAD_FACTS");
	facts.override_fen = INT64_MIN;
	refused(&facts, "BAD_FACTS");
}

static void who_is_excluded_gets_nothing(void **state)
{
	static const char *const codes[] = { "NOT_ELIGIBLE_OFFENDER", "NOT_ELIGIBLE_VICTIM", "NOT_ELIGIBLE_DUTY",
					     "NOT_ELIGIBLE_KNOWN" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		struct policy_tip tips[2] = {
			sample_tip("A1", i == 3 ? 100 : 10, "victim_located", 0),
			sample_tip("B2", i == 3 ? 99 : 20, "buyer_identified", 0),
		};
		struct policy_case facts = { .tips = tips, .ntips = 1, .known_at_ms = i == 3 ? 100 : 0 };
		struct policy_result result;

		tips[0].offender = i == 0;
		tips[0].victim = i == 1;
		tips[0].duty = i == 2;
		refused(&facts, codes[i]);
		facts.ntips = 2; /* the next one is first then */
		result = calculate(sample, &facts);
		assert_null(result.refused);
		assert_int_equal(policy_check_tip(&result, SPAN("A1")), 0);
		assert_int_equal(policy_check_tip(&result, SPAN("B2")), 500000);
		assert_string_equal(result.shares[i == 3 ? 1 : 0].reason, codes[i]);
	}
}

static void told_in_more_detail_is_not_known(void **state)
{
	struct policy_tip tip = sample_tip("A1", 200, "victim_located", 0);
	struct policy_case facts = { .tips = &tip, .ntips = 1, .known_at_ms = 100 };

	(void)state;
	refused(&facts, "NOT_ELIGIBLE_KNOWN");
	tip.more_detailed = true;
	assert_int_equal(calculate(sample, &facts).total, 800000);
	tip.offender = true; /* which heals nothing else */
	refused(&facts, "NOT_ELIGIBLE_OFFENDER");
}

static void a_policy_may_take_parties_in(void **state)
{
	struct buf json = { 0 };
	struct policy *policy;
	struct policy_tip tip = sample_tip("A1", 1, "buyer_identified", 0);
	struct policy_case facts = { .tips = &tip, .ntips = 1 };

	(void)state;
	buf_add_text(&json, SAMPLE);
	json.len = span_find(buf_span(&json), SPAN("\"claim_days\""));
	buf_add_text(&json, "\"exclude\":[\"duty\"],\"claim_days\":60,\"tax_bp\":0,\"instalments_max\":1,"
			    "\"external_award\":\"block\"}");
	buf_add_byte(&json, 0);
	policy = sample_load(json.at);
	tip.offender = true;
	assert_int_equal(calculate(policy, &facts).total, 500000);
	tip.duty = true;
	assert_string_equal(calculate(policy, &facts).refused, "NOT_ELIGIBLE_DUTY");
	policy_free(policy);
	buf_release(&json);
}

/* --- joint tips -------------------------------------------------------------------------------- */

static void members_share_by_their_ratio(void **state)
{
	static const int64_t thirds[] = { 283334, 283334, 283333 }, ratio[] = { 510001, 170000, 170000 };
	struct policy_tip tip = sample_tip("A1", 1, "trafficker_arrested", 5);
	struct policy_case facts = { .tips = &tip, .ntips = 1, .override_fen = 850001 };
	struct policy_result result;

	(void)state;
	tip.members = 3;
	result = calculate(sample, &facts);
	assert_int_equal(result.nshares, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(result.shares[i].member, i);
		assert_int_equal(result.shares[i].fen, thirds[i]);
	}
	tip.member_bp[0] = 6000;
	tip.member_bp[1] = tip.member_bp[2] = 2000;
	result = calculate(sample, &facts);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(result.shares[i].fen, ratio[i]);
	/* The minimum is one of the tip, not of its members. */
	facts.override_fen = 0;
	assert_int_equal(calculate(sample, &facts).shares[1].fen, 170000);
	tip.member_bp[2] = 1999;
	refused(&facts, "MEMBER_RATIO");
	tip.member_bp[2] = 1000;
	tip.member_bp[3] = 1000; /* there is no fourth */
	refused(&facts, "MEMBER_RATIO");
	memset(tip.member_bp, 0, sizeof(tip.member_bp));
	tip.members = 1;
	tip.member_bp[0] = POLICY_BP;
	assert_int_equal(calculate(sample, &facts).nshares, 1);
}

/* --- override --------------------------------------------------------------------------------------- */

static void an_override_replaces_the_total_within_the_cap(void **state)
{
	struct policy_tip tips[] = { sample_tip("A1", 10, "gang_dismantled", 5), sample_tip("B2", 20, "victim_located", 0) };
	struct policy_case facts = { .tips = tips, .ntips = 2, .override_fen = 300000 };
	struct policy_result result;

	(void)state;
	result = calculate(sample, &facts);
	assert_int_equal(result.total, 300000);
	assert_true(span_find(result.trace, SPAN("{\"step\":\"override\",\"in\":{\"left_of_case_cap\":\"2000000\"},"
						 "\"out\":\"300000\"}")) < result.trace.len);
	tips[1].new_facts = true; /* 1000000 and 500000: two to one */
	result = calculate(sample, &facts);
	assert_int_equal(result.shares[0].fen, 200000);
	assert_int_equal(result.shares[1].fen, 100000);
	facts.override_fen = 2000000;
	assert_int_equal(calculate(sample, &facts).total, 2000000);
	facts.override_fen = 2000001;
	refused(&facts, "CASE_CAP");
	facts.override_fen = 2000000;
	facts.paid_in_case = 1;
	refused(&facts, "CASE_CAP");
}

static void an_override_settles_a_conflict_of_one(void **state)
{
	struct policy_tip tips[] = { sample_tip("A1", 10, "victim_located", 0), sample_tip("B2", 20, "victim_located", 0) };
	struct policy_case facts = { .tips = tips, .ntips = 1, .paid_in_case = 1600000 };

	(void)state;
	refused(&facts, "MANUAL");
	facts.override_fen = 400000;
	assert_int_equal(calculate(sample, &facts).total, 400000);
	facts.override_fen = 400001;
	refused(&facts, "CASE_CAP");
	/* Between two who take, one amount settles nothing: each is decided by itself. */
	tips[1].new_facts = true;
	facts = (struct policy_case){ .tips = tips, .ntips = 2, .override_fen = 900000 };
	refused(&facts, "MANUAL");
	facts.paid_in_case = 1600000; /* already the pool is in conflict; the second one takes part all the same */
	facts.override_fen = 300000;
	refused(&facts, "MANUAL");
	tips[1].new_facts = false;
	assert_int_equal(calculate(sample, &facts).total, 300000);
}

static void an_override_heals_no_other_refusal(void **state)
{
	struct policy_tip tip = sample_tip("A1", 10, "victim_located", 0);
	struct policy_case facts = { .tips = &tip, .ntips = 1, .override_fen = 500000 };

	(void)state;
	tip.offender = true;
	refused(&facts, "NOT_ELIGIBLE_OFFENDER");
	tip.offender = false;
	tip.bands[0] = SPAN("nothing");
	refused(&facts, "BAND_UNKNOWN");
	tip.bands[0] = SPAN("victim_located");
	facts.external_award = 1;
	refused(&facts, "EXTERNAL_AWARD");
}

/* --- any policy, any case ------------------------------------------------------------------------------- */

static int64_t some(int64_t most)
{
	int64_t value = ((int64_t)rand() << 31 | rand()) & MONEY_MAX;

	/* Edges as often as the middle. */
	switch (rand() % 5) {
	case 0:
		return most;
	case 1:
		return most > 0 ? 1 : 0;
	default:
		return most > 0 ? value % most + 1 : 0;
	}
}

static const char *const splits[] = {
	SPLIT_FIRST_ONLY, SPLIT_WEIGHTED, SPLIT_WEIGHTED_POOL, SPLIT_SUPPLEMENT("5000", "recipient"),
	SPLIT_SUPPLEMENT("50000", "pool"), SPLIT_SUPPLEMENT("20000", "recipient"),
};

static struct policy *some_policy(void)
{
	struct buf json = { 0 };
	int64_t scale = MONEY_MAX >> rand() % 45;
	int64_t max = some(scale), min = some(max), cap = max + some(MONEY_MAX - max > scale ? scale : MONEY_MAX - max);
	struct policy *policy;

	buf_printf(&json,
		   "{\"policy\":\"p\",\"version\":1,\"currency\":\"CNY\",\"effective_from\":\"2026-01-01\",\"min\":%lld,"
		   "\"max\":%lld,\"case_cap\":%lld,\"round_to\":%lld,\"round\":\"half_up\",\"band_rule\":\"highest_only\","
		   "\"bands\":{\"a\":%lld,\"b\":%lld},\"per_point\":%lld,\"factors\":{\"f\":[-1000,1000],\"g\":[0,3]},"
		   "\"split\":%s,\"approval_bands\":[[null,[\"x\"]]],\"claim_days\":60,\"tax_bp\":0,\"instalments_max\":1,"
		   "\"external_award\":\"%s\"}",
		   (long long)min, (long long)max, (long long)cap, (long long)some(1000000000), (long long)some(scale),
		   (long long)some(scale), (long long)some(scale) - 1, splits[(size_t)rand() % COUNT_OF(splits)],
		   rand() % 2 != 0 ? "net" : "block");
	buf_add_byte(&json, 0);
	policy = sample_load(json.at);
	buf_release(&json);
	return policy;
}

static struct policy_tip some_tip(size_t index)
{
	static const char *const ids[] = { "A1", "B2", "C3", "D4", "E5" };
	struct policy_tip tip = { .tip = span_of(ids[index]), .decisive_ms = rand() % 4, .new_facts = rand() % 2 != 0 };

	tip.offender = rand() % 12 == 0;
	tip.duty = rand() % 12 == 0;
	tip.bands[tip.nbands++] = rand() % 2 != 0 ? SPAN("a") : SPAN("b");
	tip.factors[tip.nfactors++] = (struct policy_factor){ SPAN("f"), rand() % 2001 - 1000 };
	tip.factors[tip.nfactors++] = (struct policy_factor){ SPAN("g"), rand() % 4 };
	tip.members = (unsigned)rand() % 4;
	return tip;
}

/* Five tips at most; weights of all of them sum to a whole. */
static size_t some_tips(struct policy_tip tips[5])
{
	size_t n = (size_t)rand() % 5 + 1;
	unsigned left = POLICY_BP;

	for (size_t i = 0; i < n; i++) {
		tips[i] = some_tip(i);
		tips[i].weight_bp = i + 1 < n ? (unsigned)rand() % (left + 1) : left;
		left -= tips[i].weight_bp;
	}
	return n;
}

static struct policy_case some_case(const struct policy *policy, const struct policy_tip *tips, size_t n)
{
	struct policy_case facts = { .tips = tips, .ntips = n };

	facts.known_at_ms = rand() % 6 == 0 ? 3 : 0;
	facts.external_award = rand() % 6 == 0 ? some(policy_max(policy)) : 0;
	facts.paid_in_case = rand() % 3 == 0 ? some(policy_case_cap(policy)) : 0;
	facts.override_fen = rand() % 5 == 0 ? some(policy_case_cap(policy)) : 0;
	return facts;
}

static void shuffle(struct policy_tip *tips, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t other = (size_t)rand() % i;
		struct policy_tip kept = tips[i - 1];

		tips[i - 1] = tips[other];
		tips[other] = kept;
	}
}

static void whatever_comes_caps_hold_and_order_does_not_matter(void **state)
{
	size_t paid = 0, manual = 0;

	(void)state;
	srand(20261121);
	for (int round = 0; round < ROUNDS; round++) {
		struct policy *policy = some_policy();
		struct policy_tip tips[5];
		size_t n = some_tips(tips);
		struct policy_case facts = some_case(policy, tips, n);
		struct policy_result result = calculate(policy, &facts), again;

		paid += result.refused == NULL;
		manual += result.refused != NULL && strcmp(result.refused, "MANUAL") == 0;
		for (int i = 0; i < 3; i++) {
			shuffle(tips, n);
			again = calculate(policy, &facts);
			assert_true(policy_check_same(&result, &again));
		}
		policy_free(policy);
		arena_clear(&arena);
	}
	assert_true(paid > ROUNDS / 4);   /* most cases are no refusals, */
	assert_true(manual > ROUNDS / 50);  /* and conflicts were met */
}

/* A point more for the first is never less in total, as long as an amount is found. */
static void more_points_are_never_less_in_total(void **state)
{
	size_t compared = 0;

	(void)state;
	srand(77);
	for (int round = 0; round < ROUNDS; round++) {
		struct policy *policy = some_policy();
		struct policy_tip tips[5];
		size_t n = some_tips(tips), which = (size_t)rand() % n;
		struct policy_case facts = some_case(policy, tips, n);
		struct policy_result less, more;

		facts.override_fen = 0;
		tips[which].factors[0].points = rand() % 2000 - 1000;
		less = calculate(policy, &facts);
		tips[which].factors[0].points += rand() % (int)(1001 - tips[which].factors[0].points);
		more = calculate(policy, &facts);
		if (less.refused == NULL && more.refused == NULL) {
			assert_true(less.total <= more.total);
			compared++;
		}
		policy_free(policy);
		arena_clear(&arena);
	}
	assert_true(compared > ROUNDS / 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_that_make_no_sense_are_refused),
		cmocka_unit_test(who_is_excluded_gets_nothing),
		cmocka_unit_test(told_in_more_detail_is_not_known),
		cmocka_unit_test(a_policy_may_take_parties_in),
		cmocka_unit_test(members_share_by_their_ratio),
		cmocka_unit_test(an_override_replaces_the_total_within_the_cap),
		cmocka_unit_test(an_override_settles_a_conflict_of_one),
		cmocka_unit_test(an_override_heals_no_other_refusal),
		cmocka_unit_test(whatever_comes_caps_hold_and_order_does_not_matter),
		cmocka_unit_test(more_points_are_never_less_in_total),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
