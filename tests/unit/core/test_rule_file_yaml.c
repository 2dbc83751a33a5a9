/*
 * Values in rule files: days follow each other, and numbers are numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/score/rules.h"

#include <stdio.h>

#define DAY_MS INT64_C(86400000)

/* The Unix time at which a campaign from that day begins; 0 when the file is refused. */
static int64_t start_of(int year, int month, int day)
{
	char yaml[300];
	struct rule_file file = { .name = "x.yaml", .yaml = { .at = yaml } };
	struct complaint why;
	struct rules *rules;
	int64_t start = 0;

	file.yaml.len =
		(size_t)snprintf(yaml, sizeof(yaml),
				 "campaigns:\n- name: a\n  points: 1\n  reason: { zh-CN: a, en: a }\n"
				 "  any: [a]\n  from: %04d-%02d-%02d\n  match: [a]\n  no_match: [b]\n",
				 year, month, day);
	rules = rules_new(&file, 1, &why);
	if (rules != NULL)
		start = rules_at(rules, 0)->from_ms;
	rules_free(rules);
	return start;
}

/* 146,097 days to 400 years: each day that exists starts one day after the last one, and no other does. */
static void days_follow_each_other(void **state)
{
	static const int spans[][2] = { { 2023, 2029 }, { 2099, 2101 }, { 1999, 2001 } };

	(void)state;
	for (size_t s = 0; s < sizeof(spans) / sizeof(spans[0]); s++) {
		int64_t before = start_of(spans[s][0] - 1, 12, 31);
		int days = 0;

		for (int year = spans[s][0]; year <= spans[s][1]; year++)
			for (int month = 1; month <= 12; month++)
				for (int day = 1; day <= 32; day++) {
					int64_t start = start_of(year, month, day);

					if (start == 0)
						continue;
					assert_int_equal(start - before, DAY_MS);
					before = start;
					days++;
				}
		assert_int_equal(days, 365 * (spans[s][1] - spans[s][0] + 1) + (spans[s][0] == 2099   ? 0
										: spans[s][0] == 1999 ? 1
												      : 2));
	}
}

/* Midnight in China is four in the afternoon before in Greenwich: 1980-01-01 was day 3652. */
static void days_start_at_midnight_in_china(void **state)
{
	(void)state;
	assert_int_equal(start_of(1980, 1, 1), 3652 * DAY_MS - 8 * INT64_C(3600000));
}

static void days_that_do_not_exist(void **state)
{
	(void)state;
	assert_int_equal(start_of(2026, 2, 29), 0);
	assert_int_equal(start_of(2100, 2, 29), 0);
	assert_true(start_of(2024, 2, 29) > 0 && start_of(2000, 2, 29) > 0);
	assert_int_equal(start_of(2026, 0, 1), 0);
	assert_int_equal(start_of(2026, 13, 1), 0);
	assert_int_equal(start_of(2026, 4, 31), 0);
	assert_int_equal(start_of(1969, 12, 31), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_follow_each_other),
		cmocka_unit_test(days_start_at_midnight_in_china),
		cmocka_unit_test(days_that_do_not_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
