/*
 * Reading a policy file: what is not understood whole is refused, with file,
 * line and member.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/money/policy_sample.h"

#include "daemon/base/buf.h"
#include "daemon/base/table.h"

#include <stdio.h>

/* The sample with the first `from` replaced. */
static struct span changed(struct buf *text, const char *from, const char *to)
{
	struct span sample = SPAN(SAMPLE);
	size_t at = span_find(sample, span_of(from));

	assert_true(at < sample.len);
	buf_clear(text);
	buf_add(text, sample.at, at);
	buf_add_text(text, to);
	buf_add_span(text, span_from_offset(sample, at + strlen(from)));
	return buf_span(text);
}

static void refused(const char *from, const char *to, const char *complaint)
{
	struct buf text = { 0 };
	struct complaint why = { .text = "" };
	struct policy *policy = policy_load("p.json", changed(&text, from, to), &why);

	if (policy != NULL)
		fail_msg("taken: %s", to);
	if (strstr(why.text, complaint) == NULL)
		fail_msg("\"%s\" complains: %s", to, why.text);
	policy_free(policy);
	buf_release(&text);
}

static void taken(const char *from, const char *to)
{
	struct buf text = { 0 };
	struct complaint why = { .text = "" };
	struct policy *policy = policy_load("p.json", changed(&text, from, to), &why);

	if (policy == NULL)
		fail_msg("\"%s\" complains: %s", to, why.text);
	policy_free(policy);
	buf_release(&text);
}

static void wrong_values_are_told_with_line_and_member(void **state)
{
	static const char *const rows[][3] = {
		{ "\"anti-trafficking\"", "\"Anti\"", "p.json:1: policy: expected a name" },
		{ "\"anti-trafficking\"", "\"\"", "policy: expected a name" },
		{ "\"anti-trafficking\"", "7", "policy: expected a name" },
		{ "\"version\":3", "\"version\":0", "p.json:1: version: expected a whole number, 1 to 1000000" },
		{ "\"version\":3", "\"version\":3.0", "version: expected" },
		{ "\"version\":3", "\"version\":\"3\"", "version: expected" },
		{ "\"version\":3", "\"version\":3e0", "version: expected" },
		{ "\"CNY\"", "\"USD\"", "currency: expected \"CNY\"" },
		{ "2026-01-01", "2026-02-29", "effective_from: expected a date like \"2026-01-01\"" },
		{ "2026-01-01", "2026-13-01", "effective_from" },
		{ "2026-01-01", "2026-00-01", "effective_from" },
		{ "2026-01-01", "2026/01/01", "effective_from" },
		{ "\"min\":500000", "\"min\":0", "p.json:2: min: expected a whole number of fen" },
		{ "\"min\":500000", "\"min\":-1", "min: expected" },
		{ "\"min\":500000", "\"min\":9007199254740992", "min: expected" },
		{ "\"min\":500000", "\"min\":1000001", "p.json:2: max: expected an amount not below min" },
		{ "\"case_cap\":2000000", "\"case_cap\":999999", "case_cap: expected an amount not below max" },
		{ "\"round_to\":10000", "\"round_to\":0", "round_to: expected" },
		{ "half_up", "half_even", "round: expected \"half_up\"" },
		{ "highest_only", "sum", "p.json:3: band_rule: expected \"highest_only\"" },
		{ "\"per_point\":30000", "\"per_point\":-1", "p.json:6: per_point: expected" },
		{ "first_plus_new_facts", "lottery", "p.json:8: split.rule: expected \"first_only\"" },
		{ "5000,", "50001,", "split.supplement_pool_bp: expected basis points" },
		{ "\"supplement_pool_bp\":5000,", "", "split.supplement_pool_bp: expected with rule" },
		{ "first_plus_new_facts", "weighted", "split.supplement_pool_bp: expected with rule" },
		{ "\"recipient\"", "\"member\"", "split.min_applies_to: expected \"recipient\" or \"pool\"" },
		{ "\"manual\"", "\"first\"", "split.on_conflict: expected \"manual\"" },
		{ "largest_then_lowest_index", "first", "split.remainder: expected" },
		{ "\"rule\"", "\"rul\"", "p.json:8: split.rul: no such member" },
		{ SAMPLE_SPLIT, "[]", "split: expected an object" },
		{ "\"claim_days\":60", "\"claim_days\":29", "claim_days: expected a whole number of days, 30 to 90" },
		{ "\"claim_days\":60", "\"claim_days\":91", "claim_days" },
		{ "\"tax_bp\":0", "\"tax_bp\":10000", "tax_bp: expected" },
		{ "\"instalments_max\":1", "\"instalments_max\":0", "instalments_max: expected" },
		{ "\"tax_bp\":0", "\"tax_bp\":0,\"payee_cooling_hours\":721",
		  "p.json:12: payee_cooling_hours: expected a whole number of hours, 0 to 720" },
		{ "\"tax_bp\":0", "\"tax_bp\":0,\"payee_cooling_hours\":-1", "payee_cooling_hours: expected" },
		{ "\"tax_bp\":0", "\"tax_bp\":0,\"payee_cooling_hours\":\"1\"", "payee_cooling_hours: expected" },
		{ "\"tax_bp\":0", "\"tax_bp\":0,\"panel_wait_days\":0", "panel_wait_days: expected a whole number of days, 1 to 90" },
		{ "\"tax_bp\":0", "\"tax_bp\":0,\"panel_wait_days\":91", "panel_wait_days: expected" },
		{ "\"tax_bp\":0", "\"tax_bp\":0,\"release_two_persons_above\":-1",
		  "release_two_persons_above: expected a whole number of fen, 0 to 9007199254740991" },
		{ "\"tax_bp\":0", "\"tax_bp\":0,\"release_two_persons_above\":9007199254740992",
		  "release_two_persons_above: expected" },
		{ "\"block\"", "\"ignore\"", "p.json:12: external_award: expected \"block\" or \"net\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		refused(rows[i][0], rows[i][1], rows[i][2]);
}

static void every_member_has_to_be_there_once(void **state)
{
	static const char *const members[] = {
		"policy", "version", "currency", "effective_from", "min", "max", "case_cap", "round_to", "round",
		"band_rule", "bands", "per_point", "factors", "split", "approval_bands", "claim_days", "tax_bp",
		"instalments_max", "external_award",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(members); i++) {
		char from[64], to[64], complaint[128];

		snprintf(from, sizeof(from), "\"%s\":", members[i]);
		snprintf(to, sizeof(to), "\"%sx\":", members[i]);
		snprintf(complaint, sizeof(complaint), ": %sx: no such member", members[i]);
		refused(from, to, complaint);
	}
	refused("\"version\":3", "\"version\":null", "version: expected, but is missing");
	refused("\"claim_days\":60,", "", "claim_days: expected, but is missing");
	refused("\"version\":3", "\"version\":3,\"version\":3", "p.json:1: line 1, column");
	refused("\"on_conflict\":\"manual\"", "\"rule\":\"weighted\"", "p.json:8: line 8, column");
}

static void what_is_optional_may_be_there(void **state)
{
	(void)state;
	taken("\"version\":3", "\"version\":3,\"note\":\"Why <so>\"");
	taken("\"version\":3", "\"version\":3,\"exclude\":[]");
	taken("\"version\":3", "\"version\":3,\"exclude\":[\"duty\",\"victim\"]");
	taken("2026-01-01", "2028-02-29");
	refused("\"version\":3", "\"version\":3,\"note\":7", "note: expected a text");
	taken("\"tax_bp\":0", "\"tax_bp\":0,\"payee_cooling_hours\":0,\"panel_wait_days\":90,\"release_two_persons_above\":0");
	taken("\"tax_bp\":0", "\"tax_bp\":0,\"payee_cooling_hours\":720,\"panel_wait_days\":1");
	taken("\"tax_bp\":0", "\"tax_bp\":0,\"release_two_persons_above\":9007199254740991");
}

static void every_cut_of_a_file_is_refused(void **state)
{
	struct complaint why;

	(void)state;
	for (size_t len = 0; len < sizeof(SAMPLE) - 3; len++) {
		assert_null(policy_load("p.json", span_from(SAMPLE, len), &why));
		assert_int_equal(strncmp(why.text, "p.json:", 7), 0);
	}
}

static void a_file_above_the_limit_is_refused(void **state)
{
	struct buf text = { 0 };
	struct complaint why;
	struct policy *policy;

	(void)state;
	buf_add_text(&text, SAMPLE);
	while (text.len < POLICY_BYTES_MAX)
		buf_add_byte(&text, ' ');
	policy = policy_load("p.json", buf_span(&text), &why);
	assert_non_null(policy);
	policy_free(policy);
	buf_add_byte(&text, ' ');
	assert_null(policy_load("p.json", buf_span(&text), &why));
	buf_release(&text);
}

/* The examples that are shipped. */
static void shipped_files_load(void **state)
{
	static const struct { const char *path, *name; int64_t min, max; } rows[] = {
		{ "config/policy/ordos-anti-trafficking.json", "ordos-anti-trafficking", 500000, 1000000 },
		{ "config/policy/hebei-categories.json", "hebei-categories", 100000, 1000000 },
		{ "config/policy/demo.json", "ordos-anti-trafficking", 500000, 1000000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char bytes[POLICY_BYTES_MAX];
		FILE *f = fopen(rows[i].path, "rb");
		struct complaint why = { .text = "" };
		struct policy *policy;

		assert_non_null(f);
		policy = policy_load(rows[i].path, span_from(bytes, fread(bytes, 1, sizeof(bytes), f)), &why);
		fclose(f);
		if (policy == NULL)
			fail_msg("%s", why.text);
		assert_string_equal(policy_name(policy), rows[i].name);
		assert_int_equal(policy_min(policy), rows[i].min);
		assert_int_equal(policy_max(policy), rows[i].max);
		policy_free(policy);
	}
}

/* What a file that is silent means. */
static void what_is_left_out_has_its_default(void **state)
{
	struct complaint why;
	struct policy *policy = policy_load("p.json", SPAN(SAMPLE), &why);

	(void)state;
	assert_non_null(policy);
	assert_int_equal(policy_payee_cooling_hours(policy), 24);
	assert_int_equal(policy_panel_wait_days(policy), 7);
	assert_int_equal(policy_release_two_persons_above(policy), 500000);
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_values_are_told_with_line_and_member),
		cmocka_unit_test(every_member_has_to_be_there_once),
		cmocka_unit_test(what_is_optional_may_be_there),
		cmocka_unit_test(every_cut_of_a_file_is_refused),
		cmocka_unit_test(a_file_above_the_limit_is_refused),
		cmocka_unit_test(shipped_files_load),
		cmocka_unit_test(what_is_left_out_has_its_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
