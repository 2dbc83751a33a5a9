/*
 * Rule files: what is well formed is read as written, and each kind of mistake
 * is refused with its file, line and field.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/score/rules.h"

#include "daemon/base/table.h"

#define HEAD "rules:\n  - name: captive\n    points: 20\n    reason: { zh-CN: 被关, en: locked up }\n"
#define TAIL "    match: [a]\n    no_match: [b]\n"

#define CAMPAIGN                                                                                             \
	"campaigns:\n  - name: van\n    points: 20\n    reason: { zh-CN: 车, en: van }\n    any: [a]\n"

static struct rules *load(const char *yaml, struct complaint *why)
{
	struct rule_file file = { .name = "x.yaml", .yaml = span_of(yaml) };

	return rules_new(&file, 1, why);
}

static void reads_what_is_written(void **state)
{
	struct complaint why;
	struct rules *rules = load(HEAD "    any: [被关, lock*]\n    all: [[a b], [c]]\n    within: 30\n    "
					"unless: [d]\n    except: [e]\n"
					"    when: { age_below: 18 }\n" TAIL,
				   &why);
	const struct rule_sample *samples;
	const struct rule *rule;

	(void)state;
	assert_non_null(rules);
	assert_int_equal(rules_count(rules), 1);
	rule = rules_at(rules, 0);
	assert_true(span_is(rule->name, "captive") && rule->points == 20);
	assert_true(span_is(rule->reason_zh, "被关") && span_is(rule->reason_en, "locked up"));
	assert_true(rule->groups == 3 && rule->within == 30 && rule->when != NULL && rule->when_value == 18);
	assert_true(span_is(rules_term(rules, 1)->word, "lock") && rules_term(rules, 1)->open_end);
	assert_true(span_is(rules_term(rules, 2)->word, "a b") && rules_term(rules, 2)->group == 1);
	assert_int_equal(rules_term(rules, 4)->group, RULE_GROUP_UNLESS);
	assert_int_equal(rules_term(rules, 5)->group, RULE_GROUP_EXCEPT);
	assert_null(rules_term(rules, 6));
	assert_int_equal(rules_samples(rules, &samples), 2);
	assert_true(samples[0].matches && !samples[1].matches && samples[1].line == 12);
	rules_free(rules);
}

struct mistake {
	const char *yaml;
	size_t line;
	const char *says;
};

static void refuses_each_mistake(void **state)
{
	static const struct mistake mistakes[] = {
		{ .yaml = "", .line = 1, .says = "empty" },
		{ .yaml = "rules: [", .line = 2, .says = "x.yaml:2:" },
		{ .yaml = "rule: []\n", .line = 1, .says = "unknown field 'rule'" },
		{ .yaml = "rules: 3\n", .line = 1, .says = "rules: expected a list" },
		{ .yaml = "rules: []\n", .line = 1, .says = "must not be empty" },
		{ .yaml = "- a\n", .line = 1, .says = "expected fields" },
		{ .yaml = "rules:\n  - 3\n", .line = 2, .says = "expected fields" },
		{ .yaml = HEAD TAIL, .line = 2, .says = "needs 'any', 'all', 'when' or 'with'" },
		{ .yaml = HEAD "    any: [a]\n    match: [a]\n", .line = 2, .says = "'no_match' is missing" },
		{ .yaml = HEAD "    any: [a]\n    weight: 3\n" TAIL,
		  .line = 6,
		  .says = "unknown field 'weight'" },
		{ .yaml = HEAD "    any: [a]\n    any: [c]\n" TAIL, .line = 6, .says = "stands there twice" },
		{ .yaml = HEAD "    any: a\n" TAIL,
		  .line = 5,
		  .says = "rule 'captive': any: expected a list" },
		{ .yaml = HEAD "    any: []\n" TAIL, .line = 5, .says = "any: must not be empty" },
		{ .yaml = HEAD "    any: [a, '']\n" TAIL, .line = 5, .says = "any: must not be empty" },
		{ .yaml = HEAD "    any: [a, [b]]\n" TAIL, .line = 5, .says = "any: expected a text" },
		{ .yaml = HEAD "    any: [a*b]\n" TAIL, .line = 5, .says = "'*' may only end" },
		{ .yaml = HEAD "    any: ['*']\n" TAIL, .line = 5, .says = "'*' may only end" },
		{ .yaml = HEAD "    all: [[a], [b], [c], [d], [e]]\n" TAIL,
		  .line = 5,
		  .says = "all: more than 4" },
		{ .yaml = HEAD "    any: [a]\n    within: 30\n" TAIL,
		  .line = 2,
		  .says = "'within' needs two groups" },
		{ .yaml = HEAD "    any: [a]\n    within: 0\n" TAIL,
		  .line = 6,
		  .says = "within: must lie between 1" },
		{ .yaml = HEAD "    when: plate\n" TAIL, .line = 5, .says = "when: expected one predicate" },
		{ .yaml = HEAD "    when: { smell: 3 }\n" TAIL,
		  .line = 5,
		  .says = "when: unknown predicate" },
		{ .yaml = HEAD "    when: { entity: car }\n" TAIL,
		  .line = 5,
		  .says = "'entity' expects plate" },
		{ .yaml = HEAD "    when: { age_below: -3 }\n" TAIL,
		  .line = 5,
		  .says = "expects a number of years" },
		{ .yaml = HEAD "    when: { fewer_different: 33 }\n" TAIL, .line = 5, .says = "up to 32" },
		{ .yaml = "rules:\n  - name: A B\n", .line = 2, .says = "name: up to 40 letters" },
		{ .yaml = "rules:\n  - name: x\n    points: many\n",
		  .line = 3,
		  .says = "rule 'x': points: expected a whole" },
		{ .yaml = "rules:\n  - name: x\n    points: '5'\n",
		  .line = 3,
		  .says = "points: expected a whole" },
		{ .yaml = "rules:\n  - name: x\n    points: 1.5\n",
		  .line = 3,
		  .says = "points: expected a whole" },
		{ .yaml = "rules:\n  - name: x\n    points: 0\n", .line = 3, .says = "points: a rule of 0" },
		{ .yaml = "rules:\n  - name: x\n    points: 101\n",
		  .line = 3,
		  .says = "between -100 and 100" },
		{ .yaml = "rules:\n  - name: x\n    points: -101\n",
		  .line = 3,
		  .says = "between -100 and 100" },
		{ .yaml = "rules:\n  - name: x\n    points: 99999999999999999999\n",
		  .line = 3,
		  .says = "points:" },
		{ .yaml = "rules:\n  - name: x\n    reason: { en: a }\n",
		  .line = 3,
		  .says = "reason: field 'zh-CN'" },
		{ .yaml = "rules:\n  - name: x\n    reason: a\n",
		  .line = 3,
		  .says = "reason: expected fields" },
		{ .yaml = HEAD "    any: [a]\n" TAIL "---\nrules: []\n", .line = 9, .says = "one document" },
		{ .yaml = "rules:\n  - name: learned\n",
		  .line = 2,
		  .says = "'learned' is the name of what is learned" },
		{ .yaml = HEAD "    with: [captive]\n" TAIL,
		  .line = 5,
		  .says = "with: no rule 'captive' stands before this one" },
		{ .yaml = HEAD "    with: []\n" TAIL, .line = 5, .says = "with: must not be empty" },
		{ .yaml = HEAD "    when: { others: 1 }\n" TAIL "  - name: b\n    with: [captive]\n",
		  .line = 9,
		  .says = "rule 'b': with: 'captive' is about other tips" },
		{ .yaml = HEAD "    any: [a]\n    keep: yes\n" TAIL,
		  .line = 6,
		  .says = "keep: expected true" },
		{ .yaml = HEAD "    when: { others: 0 }\n" TAIL,
		  .line = 5,
		  .says = "when: 'others' expects a number of people" },
		{ .yaml = HEAD "    when: { others: 1 }\n    any: [a]\n" TAIL,
		  .line = 2,
		  .says = "'others' is about other tips and stands alone" },
		{ .yaml = HEAD "    when: { copies: 1 }\n    unless: [a]\n" TAIL,
		  .line = 2,
		  .says = "'copies' is about other tips and stands alone" },
		{ .yaml = HEAD "    any: [a]\n    region: '15'\n" TAIL,
		  .line = 6,
		  .says = "unknown field 'region'" },
		{ .yaml = HEAD "    any: [a]\n    match: [{ txt: a }]\n    no_match: [b]\n",
		  .line = 6,
		  .says = "match: unknown field 'txt'" },
		{ .yaml = HEAD "    any: [a]\n    match:\n    - context: { otters: 2 }\n    no_match: [b]\n",
		  .line = 7,
		  .says = "context: unknown field 'otters'" },
		{ .yaml = HEAD "    any: [a]\n    match:\n    - context: { others: -2 }\n    no_match: [b]\n",
		  .line = 7,
		  .says = "others: must lie between 0" },
		{ .yaml = HEAD "    any: [a]\n    match:\n    - text: [a]\n    no_match: [b]\n",
		  .line = 7,
		  .says = "text: expected a text" },
		{ .yaml = "campaigns: []\n", .line = 1, .says = "campaigns: must not be empty" },
		{ .yaml = "{}\n", .line = 1, .says = "expected 'rules:' or 'campaigns:'" },
		{ .yaml = CAMPAIGN "    region: 15a\n" TAIL,
		  .line = 6,
		  .says = "region: expected the first 2, 4" },
		{ .yaml = CAMPAIGN "    region: '150'\n" TAIL,
		  .line = 6,
		  .says = "region: expected the first" },
		{ .yaml = CAMPAIGN "    from: 2026-02-29\n" TAIL, .line = 6, .says = "from: expected a day" },
		{ .yaml = CAMPAIGN "    from: 2026-2-03\n" TAIL, .line = 6, .says = "from: expected a day" },
		{ .yaml = CAMPAIGN "    from: tomorrow\n" TAIL, .line = 6, .says = "from: expected a day" },
		{ .yaml = CAMPAIGN "    until: 1969-12-31\n" TAIL,
		  .line = 6,
		  .says = "until: expected a day" },
		{ .yaml = CAMPAIGN "    from: 2026-11-22\n    until: 2026-11-21\n" TAIL,
		  .line = 2,
		  .says = "'until' lies before 'from'" },
		{ .yaml = CAMPAIGN "    when: { others: 1 }\n" TAIL, .line = 2, .says = "stands alone" },
		{ .yaml = HEAD "    any: [a]\n" TAIL "  - name: captive\n",
		  .line = 8,
		  .says = "name of another rule" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(mistakes); i++) {
		struct complaint why = { 0 };
		struct rules *rules = load(mistakes[i].yaml, &why);

		if (rules != NULL || strstr(why.text, mistakes[i].says) == NULL ||
		    why.line != mistakes[i].line)
			fail_msg("mistake %zu (\"%s\"): line %zu: %s", i, mistakes[i].says, why.line,
				 why.text);
		assert_memory_equal(why.text, "x.yaml:", 7);
	}
}

static void campaigns_have_days_and_a_region(void **state)
{
	struct complaint why;
	struct rules *rules =
		load(CAMPAIGN "    region: '1506'\n    from: 2024-02-29\n    until: 2024-02-29\n" TAIL
			      "rules:\n  - name: with_it\n    points: 2\n    reason: { zh-CN: a, en: a }\n"
			      "    with: [van]\n    keep: true\n" TAIL,
		     &why);
	const struct rule *rule;

	(void)state;
	assert_non_null(rules);
	rule = rules_at(rules, 0);
	assert_true(rule->campaign && span_is(rule->region, "1506") && !rule->keep);
	/* date -u -d 2024-02-28T16:00 +%s */
	assert_int_equal(rule->from_ms, INT64_C(1709136000000));
	assert_int_equal(rule->until_ms - rule->from_ms, 86400000);
	rule = rules_at(rules, 1);
	assert_true(!rule->campaign && rule->keep && rule->nwith == 1 && rule->with[0] == 0);
	assert_true(rule->from_ms == 0 && rule->until_ms == 0 && span_empty(rule->region));
	rules_free(rules);
}

static void names_are_unique_across_files(void **state)
{
	struct rule_file files[2] = {
		{ .name = "a.yaml", .yaml = span_of(HEAD "    any: [a]\n" TAIL) },
		{ .name = "b.yaml", .yaml = span_of(HEAD "    any: [a]\n" TAIL) },
	};
	struct complaint why;

	(void)state;
	assert_null(rules_new(files, 2, &why));
	assert_memory_equal(why.text, "b.yaml:2:", 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_written),
		cmocka_unit_test(refuses_each_mistake),
		cmocka_unit_test(campaigns_have_days_and_a_region),
		cmocka_unit_test(names_are_unique_across_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
