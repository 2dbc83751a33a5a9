/*
 * Cases as JSON: what is written is what is calculated with; everything else
 * is told.
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
#include "daemon/money/policy_case.h"

#include <stdio.h>

#define TIP "{\"tip\":\"A1\",\"decisive_ms\":5,\"bands\":[\"a\"]"

static struct arena arena;

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void every_member_is_read(void **state)
{
	static const char json[] =
		"{\"case\":\"C-1\",\"known_at_ms\":7,\"external_award\":\"8\",\"paid_in_case\":9,\"override_fen\":\"10\",\"tips\":["
		"{\"tip\":\"A1\",\"decisive_ms\":\"11\",\"new_facts\":true,\"more_detailed\":true,\"offender\":false,"
		"\"victim\":true,\"duty\":true,\"bands\":[\"a\",\"\\u0062\"],\"factors\":{\"f\":-2,\"g\":\"3\"},\"weight_bp\":6000,"
		"\"members\":2,\"member_bp\":[7000,\"3000\"]}," TIP "}]}";
	struct policy_case facts;
	const struct policy_tip *tip;
	struct span id;

	(void)state;
	assert_true(policy_case_read(SPAN(json), &arena, &id, &facts, NULL));
	assert_true(span_is(id, "C-1"));
	assert_int_equal(facts.known_at_ms, 7);
	assert_int_equal(facts.external_award, 8);
	assert_int_equal(facts.paid_in_case, 9);
	assert_int_equal(facts.override_fen, 10);
	assert_int_equal(facts.ntips, 2);
	tip = &facts.tips[0];
	assert_true(span_is(tip->tip, "A1"));
	assert_int_equal(tip->decisive_ms, 11);
	assert_true(tip->new_facts && tip->more_detailed && !tip->offender && tip->victim && tip->duty);
	assert_int_equal(tip->nbands, 2);
	assert_true(span_is(tip->bands[1], "b"));
	assert_int_equal(tip->nfactors, 2);
	assert_int_equal(tip->factors[0].points, -2);
	assert_true(span_is(tip->factors[1].name, "g"));
	assert_int_equal(tip->weight_bp, 6000);
	assert_int_equal(tip->members, 2);
	assert_int_equal(tip->member_bp[1], 3000);
	assert_false(facts.tips[1].new_facts);
}

static void what_is_wrong_is_told(void **state)
{
	static const char *const rows[][2] = {
		{ "[]", "line 1, column 1" },
		{ "{\"tips\":[]}", "case: expected, but is missing" },
		{ "{\"case\":\"C\"}", "tips: expected, but is missing" },
		{ "{\"case\":\"\",\"tips\":[]}", "case: expected an id" },
		{ "{\"case\":\"a\\u001bb\",\"tips\":[]}", "case: expected an id" },
		{ "{\"case\":\"C\",\"tips\":{}}", "tips: expected a list" },
		{ "{\"case\":\"C\",\"tips\":[],\"amount\":1}", "amount: no such member" },
		{ "{\"case\":\"C\",\"tips\":[],\"paid_in_case\":1.5}", "paid_in_case: expected a whole number" },
		{ "{\"case\":\"C\",\"tips\":[],\"paid_in_case\":9007199254740992}", "paid_in_case: expected a whole number" },
		{ "{\"case\":\"C\",\"tips\":[7]}", "tips[0].tip: expected an object" },
		{ "{\"case\":\"C\",\"tips\":[" TIP "},{\"tip\":\"B\"}]}", "tips[1].decisive_ms: expected, but is missing" },
		{ "{\"case\":\"C\",\"tips\":[" TIP ",\"name\":1}]}", "tips[0].name: no such member" },
		{ "{\"case\":\"C\",\"tips\":[" TIP ",\"duty\":1}]}", "tips[0].duty: expected true or false" },
		{ "{\"case\":\"C\",\"tips\":[" TIP ",\"factors\":[]}]}", "tips[0].factors: expected an object" },
		{ "{\"case\":\"C\",\"tips\":[" TIP ",\"factors\":{\"f\":1,\"f\":1}}]}", "tips[0].factors: expected" },
		{ "{\"case\":\"C\",\"tips\":[" TIP ",\"factors\":{\"f\":1.5}}]}", "tips[0].factors: expected" },
		{ "{\"case\":\"C\",\"tips\":[" TIP ",\"weight_bp\":10001}]}", "tips[0].weight_bp: expected basis points" },
		{ "{\"case\":\"C\",\"tips\":[" TIP ",\"members\":9}]}", "tips[0].members: expected" },
		{ "{\"case\":\"C\",\"tips\":[" TIP ",\"member_bp\":[1,1,1,1,1,1,1,1,1]}]}", "tips[0].member_bp: expected" },
		{ "{\"case\":\"C\",\"tips\":[{\"tip\":\"A\",\"decisive_ms\":1,\"bands\":\"a\"}]}", "tips[0].bands: expected" },
		{ "{\"case\":\"C\",\"tips\":[{\"tip\":\"A\",\"tip\":\"A\"}]}", "line 1, column" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct complaint why = { .text = "" };
		struct policy_case facts;
		struct span id;

		if (policy_case_read(span_of(rows[i][0]), &arena, &id, &facts, &why))
			fail_msg("taken: %s", rows[i][0]);
		if (strstr(why.text, rows[i][1]) == NULL)
			fail_msg("%s: %s", rows[i][0], why.text);
	}
}

static void more_tips_than_fit_are_refused(void **state)
{
	struct buf json = { 0 };
	struct complaint why;
	struct policy_case facts;
	struct span id;

	(void)state;
	buf_add_text(&json, "{\"case\":\"C\",\"tips\":[" TIP "}");
	for (int i = 1; i < POLICY_SHARES_MAX; i++)
		buf_add_text(&json, "," TIP "}");
	buf_add_text(&json, "]}");
	assert_true(policy_case_read(buf_span(&json), &arena, &id, &facts, &why));
	json.len -= 2;
	buf_add_text(&json, "," TIP "}]}");
	assert_false(policy_case_read(buf_span(&json), &arena, &id, &facts, &why));
	assert_non_null(strstr(why.text, "at most 32 tips"));
	buf_release(&json);
}

/* The sample cases by the shipped policy, each with its amount or code. */
static void sample_cases_give_what_is_expected(void **state)
{
	static const struct { const char *id; int64_t fen; const char *code; } rows[] = {
		{ "C-01", 850000, NULL }, { "C-02", 1000000, NULL }, { "C-03", 500000, NULL }, { "C-04", 1000000, NULL },
		{ "C-05", 630000, NULL }, { "C-06", 800000, NULL }, { "C-07", 1400000, NULL }, { "C-08", 800000, NULL },
		{ "C-09", 850001, NULL }, { "C-10", 800000, NULL }, { "C-11", 0, "NOT_ELIGIBLE_KNOWN" },
		{ "C-12", 800000, NULL }, { "C-13", 500000, NULL }, { "C-14", 0, "EXTERNAL_AWARD" }, { "C-15", 800000, NULL },
		{ "C-16", 0, "MANUAL" }, { "C-17", 0, "MANUAL" }, { "C-18", 0, "FACTOR_RANGE" },
	};
	char policy_bytes[POLICY_BYTES_MAX + 1] = "", line[4096];
	FILE *policy_file = fopen("config/policy/ordos-anti-trafficking.json", "rb");
	FILE *cases = fopen("tests/data/policy-cases.jsonl", "rb");
	struct policy *policy;

	(void)state;
	assert_true(policy_file != NULL && cases != NULL);
	assert_true(fread(policy_bytes, 1, POLICY_BYTES_MAX, policy_file) > 0);
	policy = sample_load(policy_bytes);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct policy_case facts;
		struct policy_result result;
		struct span id;

		assert_non_null(fgets(line, sizeof(line), cases));
		assert_true(policy_case_read(span_of(line), &arena, &id, &facts, NULL));
		policy_calculate(policy, &facts, &arena, &result);
		assert_null(policy_check(policy, &facts, &result));
		assert_true(span_is(id, rows[i].id));
		assert_int_equal(result.total, rows[i].fen);
		assert_int_equal(result.refused == NULL, rows[i].code == NULL);
		if (result.refused != NULL)
			assert_string_equal(result.refused, rows[i].code);
	}
	assert_null(fgets(line, sizeof(line), cases));
	fclose(policy_file);
	fclose(cases);
	policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_is_read),
		cmocka_unit_test(what_is_wrong_is_told),
		cmocka_unit_test(more_tips_than_fit_are_refused),
		cmocka_unit_test(sample_cases_give_what_is_expected),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
