/* Running incidents: words in common, strong keys, places, bounds. */
#include "daemon/core/incident/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Terms first to first + n - 1, every third a name. */
static struct fingerprint terms(uint16_t first, size_t n)
{
	struct fingerprint f = { .feature.nterms = n };

	for (size_t i = 0; i < n; i++)
		f.feature.terms[i] = (uint16_t)((first + i) << 1 | (i % 3 == 0));
	return f;
}

static uint32_t add(struct reports *reports, struct fingerprint print, uint32_t group)
{
	return reports_add(reports, &(struct report){ .fingerprint = &print }, group, &report_policy_default);
}

/* Texts that have nothing to do with anything, so that terms can be rare. */
static struct reports *filled(void)
{
	struct reports *reports = reports_new(64);

	for (uint16_t i = 0; i < 30; i++)
		add(reports, terms((uint16_t)(1000 + 20 * i), 10), 100u + i);
	return reports;
}

static struct report_judgement judge(struct reports *reports, const struct report *report)
{
	struct report_judgement j;

	reports_judge(reports, report, &report_policy_default, &j);
	return j;
}

static void words_in_common_suggest_and_never_join(void **state)
{
	struct reports *reports = filled();
	struct fingerprint same = terms(5, 10), stranger = terms(9000, 10);

	(void)state;
	add(reports, terms(0, 10), 1);
	assert_int_equal(judge(reports, &(struct report){ .fingerprint = &same }).kind, REPORT_SUGGEST);
	assert_int_equal(judge(reports, &(struct report){ .fingerprint = &same }).group, 1);
	assert_int_equal(judge(reports, &(struct report){ .fingerprint = &same, .not_group = 1 }).kind,
			 REPORT_NEW);
	assert_int_equal(judge(reports, &(struct report){ .fingerprint = &stranger }).kind, REPORT_NEW);
	reports_free(reports);
}

static struct fingerprint with_plate(struct fingerprint print)
{
	print.marks[print.nmarks++] = (struct fingerprint_mark){ .kind = ENTITY_PLATE, .mark = 42 };
	return print;
}

static void a_strong_key_joins_unless_the_place_is_far(void **state)
{
	struct reports *reports = filled();
	struct fingerprint here = with_plate(terms(0, 5)), there = with_plate(terms(9000, 5));
	struct report report = { .fingerprint = &here, .region = "150602" };

	(void)state;
	reports_add(reports, &report, 7, &report_policy_default);
	report.fingerprint = &there;
	assert_int_equal(judge(reports, &report).kind, REPORT_JOIN);
	assert_int_equal(judge(reports, &report).group, 7);
	assert_int_equal(judge(reports, &report).key, ENTITY_PLATE);
	assert_true(judge(reports, &report).same_place);
	report.region = "000000";
	assert_int_equal(judge(reports, &report).kind, REPORT_JOIN);
	report.region = "440105";
	assert_int_equal(judge(reports, &report).kind, REPORT_SUGGEST);
	reports_free(reports);
}

static uint32_t add_at(struct reports *reports, struct fingerprint print, const char *region, uint32_t group)
{
	return reports_add(reports, &(struct report){ .fingerprint = &print, .region = region }, group,
			   &report_policy_default);
}

static void one_key_is_kept_for_each_province(void **state)
{
	struct reports *reports = filled();
	struct fingerprint next = with_plate(terms(9000, 5));
	struct report report = { .fingerprint = &next, .region = "150602" };

	(void)state;
	add_at(reports, with_plate(terms(0, 5)), "150602", 7);
	add_at(reports, with_plate(terms(500, 5)), "440105", 8);
	assert_int_equal(judge(reports, &report).kind, REPORT_JOIN);
	assert_int_equal(judge(reports, &report).group, 7);
	report.region = "440305";
	assert_int_equal(judge(reports, &report).kind, REPORT_JOIN);
	assert_int_equal(judge(reports, &report).group, 8);
	report.region = "110105";
	assert_int_equal(judge(reports, &report).kind, REPORT_SUGGEST);
	assert_int_equal(judge(reports, &report).group, 7);
	reports_free(reports);
}

static void a_key_finds_its_incident_under_its_later_name(void **state)
{
	struct reports *reports = filled();
	struct fingerprint next = with_plate(terms(9000, 5));
	struct report report = { .fingerprint = &next };

	(void)state;
	reports_count(reports, &(struct report){ .fingerprint = &(struct fingerprint){ .nmarks = 0 } }, 3,
		      &report_policy_default);
	add(reports, with_plate(terms(0, 5)), 7);
	reports_join(reports, 5, 7);
	reports_join(reports, 3, 5);
	assert_int_equal(judge(reports, &report).kind, REPORT_JOIN);
	assert_int_equal(judge(reports, &report).group, 3);
	report.not_group = 3;
	assert_int_equal(judge(reports, &report).kind, REPORT_NEW);
	reports_free(reports);
}

static void an_incident_that_fell_silent_is_over(void **state)
{
	struct reports *reports = filled();
	struct fingerprint print = terms(0, 10);
	struct report report = { .fingerprint = &print, .at_ms = 1000 };
	struct report_policy policy = report_policy_default;
	struct report_judgement j;

	(void)state;
	policy.window_ms = 500;
	reports_add(reports, &report, 1, &policy);
	report.at_ms = 1500;
	reports_judge(reports, &report, &policy, &j);
	assert_int_equal(j.kind, REPORT_SUGGEST);
	report.at_ms = 1501;
	reports_judge(reports, &report, &policy, &j);
	assert_int_equal(j.kind, REPORT_NEW);
	reports_free(reports);
}

static void incidents_that_grow_alike_are_told_and_joined(void **state)
{
	struct reports *reports = filled();
	struct fingerprint middle = terms(8, 10), right = terms(12, 6);

	(void)state;
	assert_int_equal(add(reports, terms(0, 10), 1), 0);
	assert_int_equal(add(reports, terms(10, 10), 2), 0);
	assert_int_equal(add(reports, middle, 1), 2);
	reports_join(reports, 1, 2);
	assert_int_equal(judge(reports, &(struct report){ .fingerprint = &right }).group, 1);
	reports_free(reports);
}

static void memory_is_bounded_and_the_oldest_leave(void **state)
{
	struct reports *reports = reports_new(64);
	struct fingerprint first = terms(0, 10), last;

	(void)state;
	for (uint16_t i = 0; i < 1000; i++)
		add(reports, terms((uint16_t)(20 * i % 16000), 10), 1u + i);
	last = terms(20 * 999 % 16000, 10);
	assert_int_equal(judge(reports, &(struct report){ .fingerprint = &last }).group, 1000);
	assert_int_not_equal(judge(reports, &(struct report){ .fingerprint = &first }).group, 1);
	reports_free(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_in_common_suggest_and_never_join),
		cmocka_unit_test(a_strong_key_joins_unless_the_place_is_far),
		cmocka_unit_test(one_key_is_kept_for_each_province),
		cmocka_unit_test(a_key_finds_its_incident_under_its_later_name),
		cmocka_unit_test(an_incident_that_fell_silent_is_over),
		cmocka_unit_test(incidents_that_grow_alike_are_told_and_joined),
		cmocka_unit_test(memory_is_bounded_and_the_oldest_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
