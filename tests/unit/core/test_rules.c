/*
 * The loaded rules: their version and their counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/score/rules.h"

#define HEAD "rules:\n  - name: captive\n    points: 20\n    reason: { zh-CN: 被关, en: locked up }\n"
#define TAIL "    match: [a]\n    no_match: [b]\n"

static struct rules *load(const char *yaml, struct complaint *why)
{
	struct rule_file file = { .name = "x.yaml", .yaml = span_of(yaml) };

	return rules_new(&file, 1, why);
}

static void version_changes_with_each_byte(void **state)
{
	struct complaint why;
	struct rules *a = load(HEAD "    any: [a]\n" TAIL, &why);
	struct rules *same = load(HEAD "    any: [a]\n" TAIL, &why);
	struct rules *other = load(HEAD "    any: [A]\n" TAIL, &why);

	(void)state;
	assert_int_equal(strlen(rules_version(a)), 8);
	assert_string_equal(rules_version(a), rules_version(same));
	assert_string_not_equal(rules_version(a), rules_version(other));
	rules_free(a);
	rules_free(same);
	rules_free(other);
}

/* Terms and rules keep their order, so that a hit's meaning finds its rule. */
static void files_add_up(void **state)
{
	struct rule_file files[2] = {
		{ .name = "a.yaml", .yaml = span_of(HEAD "    any: [a, b]\n" TAIL) },
		{ .name = "b.yaml",
		  .yaml = span_of("rules:\n  - name: other\n    points: -1\n"
				  "    reason: { zh-CN: a, en: a }\n    any: [c]\n" TAIL) },
	};
	struct complaint why;
	struct rules *rules = rules_new(files, 2, &why);

	(void)state;
	assert_int_equal(rules_count(rules), 2);
	assert_true(span_is(rules_at(rules, 1)->name, "other"));
	assert_int_equal(rules_term(rules, 1)->rule, 0);
	assert_int_equal(rules_term(rules, 2)->rule, 1);
	rules_free(rules);
}

static void no_files_are_no_rules(void **state)
{
	struct complaint why;
	struct rules *rules = rules_new(NULL, 0, &why);

	(void)state;
	assert_non_null(rules);
	assert_int_equal(rules_count(rules), 0);
	rules_free(rules);
	rules_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_changes_with_each_byte),
		cmocka_unit_test(files_add_up),
		cmocka_unit_test(no_files_are_no_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
