/*
 * The report: counts, areas and proposals on made tips whose truth is known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/score/score_report.h"

#include "daemon/base/table.h"

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

static void counts_are_right(void **state)
{
	struct rules *rules = rules_of_test();
	struct outcomes outcomes = { 0 };
	struct score_report report;
	struct arena arena = { 0 };

	(void)state;
	add(&outcomes, 80, true, "child old");
	add(&outcomes, 50, true, "child");
	add(&outcomes, 50, false, "child learned");
	add(&outcomes, 9, false, "old");
	outcomes.at[0].delay_ms = 1000;
	outcomes.at[1].delay_ms = 3000;
	outcomes.at[2].delay_ms = 7000;
	score_report(&outcomes, rules, 0, &arena, &report);
	assert_true(report.tips == 4 && report.all.n == 4 && report.all.good == 2);
	assert_int_equal(report.median_delay_ms, 3000);
	assert_true(report.bands[0].from == 75 && report.bands[0].to == 100 && report.bands[0].share.n == 1);
	assert_true(report.bands[2].from == 25 && report.bands[2].to == 54 && report.bands[2].share.n == 2);
	assert_true(report.bands[3].from == 0 && report.bands[3].to == 24 && report.bands[3].share.n == 1);
	assert_true(report.tens[0].to == 100 && report.tens[2].share.n == 0 && report.tens[1].from == 80 &&
		    report.tens[1].share.n == 1 && report.tens[9].share.n == 1);
	assert_near(report.area.value, 3.5 / 4, 1e-12);
	assert_true(find(&report, "child")->with.n == 3 && find(&report, "child")->with.good == 2);
	assert_true(find(&report, "child")->without.n == 1 && find(&report, "child")->without.good == 0);
	assert_near(find(&report, "child")->lift, (2.0 / 3) / 0.5, 1e-12);
	assert_int_equal(find(&report, "child")->advice, REPORT_TOO_FEW);
	assert_int_equal(find(&report, "old")->advice, REPORT_NO_RULE);
	assert_int_equal(find(&report, "learned")->advice, REPORT_NOT_FIXED);
	assert_true(span_is(report.rules[0].name, "child") && span_is(report.rules[5].name, "learned") &&
		    span_is(report.rules[6].name, "old") && report.nrules == 7);
	/* By the rules alone: 50, 50, 50 and 30. Without `child` all have 30, and nothing sorts any more. */
	assert_near(report.by_rules.value, (0.5 + 0.5 + 1 + 1) / 4, 1e-12);
	assert_near(find(&report, "child")->adds, 0.25, 1e-12);
	arena_release(&arena);
	outcomes_release(&outcomes);
	rules_free(rules);
}

static void same_numbers(const struct score_report *a, const struct score_report *b)
{
	assert_int_equal(a->nrules, b->nrules);
	assert_memory_equal(&a->area, &b->area, sizeof(a->area));
	assert_memory_equal(&a->by_rules, &b->by_rules, sizeof(a->area));
	assert_memory_equal(&a->by_proposed, &b->by_proposed, sizeof(a->area));
	assert_memory_equal(a->bands, b->bands, sizeof(a->bands));
	assert_int_equal(a->median_delay_ms, b->median_delay_ms);
	for (size_t i = 0; i < a->nrules; i++) {
		assert_true(span_eq(a->rules[i].name, b->rules[i].name));
		assert_true(a->rules[i].exact == b->rules[i].exact &&
			    a->rules[i].error == b->rules[i].error && a->rules[i].adds == b->rules[i].adds &&
			    a->rules[i].proposed == b->rules[i].proposed);
	}
}

/* To the last bit: the names are met in another order too. */
static void order_changes_nothing(void **state)
{
	struct rules *rules = rules_of_test();
	struct outcomes outcomes = { 0 }, turned = { 0 };
	struct score_report report, other;
	struct arena arena = { 0 };

	(void)state;
	make_tips(&outcomes, 501);
	add(&outcomes, 40, true, "zeta alpha child");
	add(&outcomes, 40, false, "alpha");
	for (size_t i = outcomes.n; i-- > 0;) {
		struct outcome *row = outcomes_add(&turned);

		outcomes.at[i].delay_ms = (int64_t)(i * 7919 % 503);
		*row = outcomes.at[i];
		memset(row->rules, 0, sizeof(row->rules));
		for (size_t k = outcomes.nnames; k-- > 0;)
			if ((outcomes.at[i].rules[k / 64] >> (k % 64) & 1) != 0)
				assert_true(outcomes_add_rule(&turned, row->rules, outcomes.names[k]));
	}
	score_report(&outcomes, rules, 0, &arena, &report);
	score_report(&turned, rules, 0, &arena, &other);
	same_numbers(&report, &other);
	arena_release(&arena);
	outcomes_release(&outcomes);
	outcomes_release(&turned);
	rules_free(rules);
}

/* The rules about other tips are added after the others were kept within 0..100, as the score does it. */
static void sums_are_those_of_the_score(void **state)
{
	struct rules *rules = rules_of_test();
	struct outcomes outcomes = { 0 };
	struct score_report report;
	struct arena arena = { 0 };

	(void)state;
	add(&outcomes, 60, true, "others");
	add(&outcomes, 60, false, "child");
	score_report(&outcomes, rules, 0, &arena, &report);
	assert_near(report.area.value, 0.5, 1e-12);
	assert_near(report.by_rules.value, 1, 1e-12);
	assert_near(find(&report, "others")->adds, 1, 1e-12);
	assert_near(find(&report, "child")->adds, 0, 1e-12);
	arena_release(&arena);
	outcomes_release(&outcomes);
	rules_free(rules);
}

static void regions_are_grouped(void **state)
{
	struct rules *rules = rules_of_test();
	struct outcomes outcomes = { 0 };
	struct score_report report;
	struct arena arena = { 0 };
	static const char *const regions[] = { "150602", "110108", "150602", "", "150702" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(regions); i++) {
		add(&outcomes, 10 * (unsigned)i, i >= 2, "child");
		strcpy(outcomes.at[i].region, regions[i]);
	}
	score_report(&outcomes, rules, 2, &arena, &report);
	assert_int_equal(report.ngroups, 3);
	assert_string_equal(report.groups[0].region, "");
	assert_string_equal(report.groups[1].region, "11");
	assert_string_equal(report.groups[2].region, "15");
	assert_true(report.groups[2].share.n == 3 && report.groups[2].share.good == 2);
	assert_near(report.groups[2].area.value, 1, 1e-12);
	assert_false(report.groups[1].area.known);
	score_report(&outcomes, rules, 6, &arena, &report);
	assert_int_equal(report.ngroups, 4);
	assert_string_equal(report.groups[3].region, "150702");
	arena_release(&arena);
	outcomes_release(&outcomes);
	rules_free(rules);
}

static void nothing_is_a_report_too(void **state)
{
	struct rules *rules = rules_of_test();
	struct outcomes outcomes = { 0 };
	struct score_report report;
	struct arena arena = { 0 };

	(void)state;
	score_report(&outcomes, rules, 6, &arena, &report);
	assert_true(report.all.n == 0 && !report.area.known && !report.by_proposed.known &&
		    report.ngroups == 0);
	assert_int_equal(report.median_delay_ms, -1);
	assert_int_equal(report.rules[0].advice, REPORT_TOO_FEW);
	arena_release(&arena);
	rules_free(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_right),
		cmocka_unit_test(order_changes_nothing),
		cmocka_unit_test(sums_are_those_of_the_score),
		cmocka_unit_test(regions_are_grouped),
		cmocka_unit_test(nothing_is_a_report_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
