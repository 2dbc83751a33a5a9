/*
 * Proposed points: on made tips whose truth is known, and where there is little to go by.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/score/score_report_propose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define assert_near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static const char yaml[] =
	"rules:\n"
	"  - { name: child, points: 20, reason: { zh-CN: a, en: a }, any: [a], match: [a], no_match: [b] }\n"
	"  - { name: empty, points: 15, reason: { zh-CN: a, en: a }, any: [a], match: [a], no_match: [b] }\n"
	"  - { name: junk, points: -10, reason: { zh-CN: a, en: a }, any: [a], match: [a], no_match: [b] }\n"
	"  - { name: rare, points: 5, reason: { zh-CN: a, en: a }, any: [a], match: [a], no_match: [b] }\n"
	"  - name: others\n    points: 30\n    reason: { zh-CN: a, en: a }\n    when: { others: 1 }\n"
	"    match: [{ context: { others: 1 } }]\n    no_match: [{ context: { others: 0 } }]\n";

static struct rules *rules_of_test(void)
{
	struct rule_file file = { .name = "x.yaml", .yaml = SPAN_INIT(yaml) };
	struct complaint why = { .text = "" };
	struct rules *rules = rules_new(&file, 1, &why);

	if (rules == NULL)
		fail_msg("%s", why.text);
	return rules;
}

static void add(struct outcomes *outcomes, unsigned points, bool good, const char *names)
{
	struct outcome *row = outcomes_add(outcomes);
	struct span rest = span_of(names), name;

	row->points = points;
	row->good = good;
	outcomes->tips++;
	while (span_cut(&rest, ' ', &name))
		if (!span_empty(name))
			assert_true(outcomes_add_rule(outcomes, row->rules, name));
}

static const struct report_rule *find(const struct score_report *report, const char *name)
{
	for (size_t i = 0; i < report->nrules; i++)
		if (span_is(report->rules[i].name, name))
			return &report->rules[i];
	fail_msg("no rule %s in the report", name);
	return NULL;
}

static uint64_t draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 33;
}

/* Tips in which `child` speaks for truth, `junk` against it, and `empty` says nothing. */
static void make_tips(struct outcomes *outcomes, size_t n)
{
	uint64_t seed = 11;

	for (size_t i = 0; i < n; i++) {
		bool child = draw(&seed) % 2 == 0, junk = draw(&seed) % 4 == 0, empty = draw(&seed) % 3 == 0;
		double odds = (child ? 1.5 : 0) - (junk ? 2 : 0);
		bool good = (double)(draw(&seed) % 10000) / 10000 < 1 / (1 + exp(0.5 - odds));
		char names[64] = "";

		strcat(strcat(strcat(names, child ? "child " : ""), junk ? "junk " : ""),
		       empty ? "empty" : "");
		add(outcomes, (unsigned)(30 + 20 * child - 10 * junk + 15 * empty), good, names);
	}
}

static void proposals_follow_the_outcomes(void **state)
{
	struct rules *rules = rules_of_test();
	struct outcomes outcomes = { 0 };
	struct score_report report;
	struct arena arena = { 0 };
	const struct report_rule *child, *junk, *empty;

	(void)state;
	make_tips(&outcomes, 4000);
	score_report(&outcomes, rules, 0, &arena, &report);
	child = find(&report, "child");
	junk = find(&report, "junk");
	empty = find(&report, "empty");
	assert_true(child->advice == REPORT_ADVICE && junk->advice == REPORT_ADVICE &&
		    empty->advice == REPORT_ADVICE && find(&report, "rare")->advice == REPORT_TOO_FEW);
	assert_true(fabs(empty->exact) < 4 * empty->error && empty->error > 0 && empty->error < 2);
	assert_near(junk->exact / child->exact, -2 / 1.5, 0.2);
	assert_true(abs(empty->proposed) <= 2 && child->proposed > 8 && junk->proposed < -10);
	assert_true(child->proposed == (int)floor(child->exact + 0.5));
	assert_true(child->adds > 0.02 && junk->adds > 0.02 && empty->adds < 0);
	/* Fitted points sort better than the present ones, also on tips they were not made from. */
	assert_true(report.by_proposed.known && report.by_proposed.value > report.by_rules.value + 0.01);
	arena_release(&arena);
	outcomes_release(&outcomes);
	rules_free(rules);
}

/* Nothing but the sign of a rule that settles everything, and within the points a rule may have. */
static void a_rule_that_settles_everything(void **state)
{
	struct rules *rules = rules_of_test();
	struct outcomes outcomes = { 0 };
	struct score_report report;
	struct arena arena = { 0 };

	(void)state;
	for (int i = 0; i < 400; i++)
		add(&outcomes, 50, i % 2 == 0, i % 2 == 0 ? "child" : "junk");
	score_report(&outcomes, rules, 0, &arena, &report);
	assert_true(find(&report, "child")->proposed > 0 &&
		    find(&report, "child")->proposed <= RULE_POINTS_MAX);
	assert_true(find(&report, "junk")->proposed < 0 &&
		    find(&report, "junk")->proposed >= -RULE_POINTS_MAX);
	assert_near(report.by_rules.value, 1, 1e-12);
	arena_release(&arena);
	outcomes_release(&outcomes);
	rules_free(rules);
}

/* Too few of one kind of outcome, whatever the rules: no points are proposed at all. */
static void few_outcomes_propose_nothing(void **state)
{
	struct rules *rules = rules_of_test();
	struct outcomes outcomes = { 0 };
	struct score_report report;
	struct arena arena = { 0 };

	(void)state;
	for (int i = 0; i < 300; i++)
		add(&outcomes, 50, i >= REPORT_FEW - 1, i % 2 == 0 ? "child" : "junk");
	score_report(&outcomes, rules, 0, &arena, &report);
	for (size_t i = 0; i < report.nrules; i++)
		assert_true(report.rules[i].advice == REPORT_TOO_FEW && report.rules[i].proposed == 0);
	assert_false(report.by_proposed.known);
	arena_release(&arena);
	outcomes_release(&outcomes);
	rules_free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proposals_follow_the_outcomes),
		cmocka_unit_test(a_rule_that_settles_everything),
		cmocka_unit_test(few_outcomes_propose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
