/*
 * What a policy says of itself, and who has to approve which amount.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/money/policy_sample.h"

#include "daemon/base/table.h"

#include <sodium.h>
#include <stdio.h>

/* The titles of an amount, joined by blanks. */
static const char *titles_of(const struct policy *policy, int64_t fen, bool overridden)
{
	static char text[512];
	const char *titles[POLICY_STEPS_MAX];
	size_t n = policy_approvals(policy, fen, overridden, titles);
	int at = 0;

	assert_in_range(n, 1, POLICY_STEPS_MAX);
	for (size_t i = 0; i < n; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at, "%s%s", i > 0 ? " " : "", titles[i]);
	return text;
}

static void it_tells_what_the_file_says(void **state)
{
	struct policy *policy = sample_load(SAMPLE);
	unsigned char hash[POLICY_HASH_BYTES];

	(void)state;
	crypto_hash_sha256(hash, (const unsigned char *)SAMPLE, sizeof(SAMPLE) - 1);
	assert_memory_equal(policy_hash(policy), hash, sizeof(hash));
	assert_true(span_is(policy_bytes(policy), SAMPLE));
	assert_string_equal(policy_name(policy), "anti-trafficking");
	assert_int_equal(policy_version(policy), 3);
	assert_string_equal(policy_effective_from(policy), "2026-01-01");
	assert_int_equal(policy_claim_days(policy), 60);
	assert_int_equal(policy_tax_bp(policy), 0);
	assert_int_equal(policy_instalments_max(policy), 1);
	assert_int_equal(policy_min(policy), 500000);
	assert_int_equal(policy_max(policy), 1000000);
	assert_int_equal(policy_case_cap(policy), 2000000);
	assert_string_equal(policy_split_rule(policy), "first_plus_new_facts");
	policy_free(policy);
	policy_free(NULL);
}

static void one_blank_more_is_another_policy(void **state)
{
	struct policy *a = sample_load(SAMPLE), *b = sample_load(SAMPLE " ");

	(void)state;
	assert_memory_not_equal(policy_hash(a), policy_hash(b), POLICY_HASH_BYTES);
	policy_free(a);
	policy_free(b);
}

/* Limits belong to the lower band; an override asks the next. */
static void amounts_lead_to_titles(void **state)
{
	static const char *const titles[] = {
		"unit_head",
		"unit_head finance_check leader",
		"unit_head finance_check chief",
		"unit_head finance_check chief meeting meeting meeting",
		"unit_head finance_check chief meeting meeting meeting treasury",
		"unit_head finance_check chief meeting meeting meeting treasury treasury",
	};
	static const struct { int64_t fen; size_t level; } rows[] = {
		{ 0, 0 }, { 1, 0 }, { 50000, 0 }, { 50001, 1 }, { 300000, 1 }, { 300001, 2 }, { 500000, 2 },
		{ 500001, 3 }, { 1000000, 3 }, { 1000001, 4 }, { MONEY_MAX, 4 },
	};
	struct policy *policy = sample_load(SAMPLE);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_string_equal(titles_of(policy, rows[i].fen, false), titles[rows[i].level]);
		assert_string_equal(titles_of(policy, rows[i].fen, true), titles[rows[i].level + 1]);
	}
	policy_free(policy);
}

static void limits_are_those_of_the_bands(void **state)
{
	static const int64_t limits[] = { 50000, 300000, 500000, 1000000, INT64_MAX };
	struct policy *policy = sample_load(SAMPLE);
	int64_t fen = 1;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(limits); i++, fen++) {
		assert_int_equal(policy_approval_limit(policy, fen), limits[i]);
		fen = limits[i] == INT64_MAX ? 0 : limits[i];
		assert_int_equal(policy_approval_limit(policy, fen), i + 1 < COUNT_OF(limits) ? limits[i] : limits[0]);
	}
	policy_free(policy);
}

/* More money, or an override, never asks fewer persons. */
static void persons_only_become_more(void **state)
{
	struct policy *policy = sample_load(SAMPLE);
	const char *titles[POLICY_STEPS_MAX];
	size_t before = 0;

	(void)state;
	for (int64_t fen = 0; fen < 1200000; fen += 500) {
		size_t n = policy_approvals(policy, fen, false, titles);

		assert_true(n >= before);
		assert_true(policy_approvals(policy, fen, true, titles) >= n);
		before = n;
	}
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_tells_what_the_file_says),
		cmocka_unit_test(one_blank_more_is_another_policy),
		cmocka_unit_test(amounts_lead_to_titles),
		cmocka_unit_test(limits_are_those_of_the_bands),
		cmocka_unit_test(persons_only_become_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
