/*
 * Patterns: nothing is lost in them, and their sums are those of the score.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/score/score_report_patterns.h"

#include "daemon/core/score/score.h"

/* A report of the rules "a", "b" and one about other tips. */
static struct report_rule rules[3];
static struct rule others;
static struct score_report report;

static int set_up(void **state)
{
	(void)state;
	others = (struct rule){ .name = SPAN_INIT("others"), .when = predicate_find(SPAN("others")) };
	rules[0] = (struct report_rule){ .name = SPAN_INIT("a") };
	rules[1] = (struct report_rule){ .name = SPAN_INIT("b") };
	rules[2] = (struct report_rule){ .name = SPAN_INIT("others"), .rule = &others };
	report = (struct score_report){ .rules = rules, .nrules = 3 };
	return 0;
}

static void add(struct outcomes *outcomes, unsigned points, bool good, const char *names)
{
	struct outcome *row = outcomes_add(outcomes);
	struct span rest = span_of(names), name;

	row->points = points;
	row->good = good;
	while (span_cut(&rest, ' ', &name))
		assert_true(outcomes_add_rule(outcomes, row->rules, name));
}

static void what_looks_the_same_is_one(void **state)
{
	struct outcomes outcomes = { 0 };
	struct arena arena = { 0 };
	struct patterns patterns;
	uint64_t good = 0, bad = 0;

	(void)state;
	add(&outcomes, 50, true, "b a");
	add(&outcomes, 50, false, "a b");
	add(&outcomes, 40, false, "a b");
	add(&outcomes, 50, true, "b");
	add(&outcomes, 50, true, "a b");
	patterns = patterns_make(&outcomes, &report, &arena);
	assert_int_equal(patterns.n, 3);
	for (size_t i = 0; i < patterns.n; i++) {
		const struct pattern *p = &patterns.at[i];

		good += p->good;
		bad += p->bad;
		if (pattern_has(p->rules, 0) && p->points == 50)
			assert_true(p->good == 2 && p->bad == 1 && pattern_has(p->rules, 1));
	}
	assert_true(good == 3 && bad == 2);
	arena_release(&arena);
	outcomes_release(&outcomes);
}

static void places_are_those_of_the_report(void **state)
{
	(void)state;
	assert_int_equal(report_place(&report, SPAN("b")), 1);
	assert_int_equal(report_place(&report, SPAN("none")), 3);
	assert_true(report_about_others(&rules[2]) && !report_about_others(&rules[0]));
}

/* Text first, kept within 0..100, then what others say: as score_tip() does. */
static void sums_have_two_steps(void **state)
{
	struct pattern p = { .rules = { 7 } };
	struct patterns patterns = { .at = &p, .n = 1 };

	(void)state;
	patterns_add_up(&report, (const int[]){ 60, 50, -30 }, &patterns);
	assert_int_equal(p.text, SCORE_BASE + 110);
	assert_int_equal(p.context, -30);
	assert_int_equal(pattern_sum(&p, 0, 0), 70);
	assert_int_equal(pattern_sum(&p, 0, -30), 100);
	assert_int_equal(pattern_sum(&p, 60, 0), 50);
	patterns_add_up(&report, (const int[]){ -100, 0, 20 }, &patterns);
	assert_int_equal(pattern_sum(&p, 0, 0), 20);
}

static void counting_adds_both_kinds(void **state)
{
	struct pattern p = { .good = 3, .bad = 2 };
	struct curve curve = { 0 };

	(void)state;
	pattern_count(&p, 100, &curve);
	pattern_count(&p, 100, &curve);
	assert_true(curve.good[100] == 6 && curve.bad[100] == 4 && curve.good[99] == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_looks_the_same_is_one),
		cmocka_unit_test(places_are_those_of_the_report),
		cmocka_unit_test(sums_have_two_steps),
		cmocka_unit_test(counting_adds_both_kinds),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
