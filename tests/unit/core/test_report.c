/* Running incidents: words in common, strong keys, places, bounds. */
#include "daemon/core/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Terms first to first + n - 1, every third a name. */
static struct feature terms(uint16_t first, size_t n)
{
	struct feature f = { .nterms = n };

	for (size_t i = 0; i < n; i++)
		f.terms[i] = (uint16_t)((first + i) << 1 | (i % 3 == 0));
	return f;
}

static uint32_t add(struct reports *reports, struct feature feature, uint32_t group)
{
	return reports_add(reports, &(struct report){ .feature = &feature }, group, &report_policy_default);
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
	struct feature same = terms(5, 10), stranger = terms(9000, 10);

	(void)state;
	add(reports, terms(0, 10), 1);
	assert_int_equal(judge(reports, &(struct report){ .feature = &same }).kind, REPORT_SUGGEST);
	assert_int_equal(judge(reports, &(struct report){ .feature = &same }).group, 1);
	assert_int_equal(judge(reports, &(struct report){ .feature = &same, .not_group = 1 }).kind,
			 REPORT_NEW);
	assert_int_equal(judge(reports, &(struct report){ .feature = &stranger }).kind, REPORT_NEW);
	reports_free(reports);
}

static void a_strong_key_joins_unless_the_place_is_far(void **state)
{
	struct reports *reports = filled();
	struct feature here = terms(0, 5), there = terms(9000, 5);
	struct fingerprint plate = { .nmarks = 1, .marks = { { .kind = ENTITY_PLATE, .mark = 42 } } };
	struct report report = { .feature = &here, .fingerprint = &plate, .region = "150602" };

	(void)state;
	reports_add(reports, &report, 7, &report_policy_default);
	report.feature = &there;
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

static void an_incident_that_fell_silent_is_over(void **state)
{
	struct reports *reports = filled();
	struct feature feature = terms(0, 10);
	struct report report = { .feature = &feature, .at_ms = 1000 };
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
	struct feature middle = terms(8, 10), right = terms(12, 6);

	(void)state;
	assert_int_equal(add(reports, terms(0, 10), 1), 0);
	assert_int_equal(add(reports, terms(10, 10), 2), 0);
	assert_int_equal(add(reports, middle, 1), 2);
	reports_join(reports, 1, 2);
	assert_int_equal(judge(reports, &(struct report){ .feature = &right }).group, 1);
	reports_free(reports);
}

static void memory_is_bounded_and_the_oldest_leave(void **state)
{
	struct reports *reports = reports_new(64);
	struct feature first = terms(0, 10), last;

	(void)state;
	for (uint16_t i = 0; i < 1000; i++)
		add(reports, terms((uint16_t)(20 * i % 16000), 10), 1u + i);
	last = terms(20 * 999 % 16000, 10);
	assert_int_equal(judge(reports, &(struct report){ .feature = &last }).group, 1000);
	assert_int_not_equal(judge(reports, &(struct report){ .feature = &first }).group, 1);
	reports_free(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_in_common_suggest_and_never_join),
		cmocka_unit_test(a_strong_key_joins_unless_the_place_is_far),
		cmocka_unit_test(an_incident_that_fell_silent_is_over),
		cmocka_unit_test(incidents_that_grow_alike_are_told_and_joined),
		cmocka_unit_test(memory_is_bounded_and_the_oldest_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
