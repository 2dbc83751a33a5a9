/*
 * Which weeks are old, and when their keys go: never on one look alone, never
 * while something is out of sight.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/old_weeks.h"

#define SURE_MS 30000u

static const struct old_weeks_rules rules = { .after_weeks = 2, .max_tips = 3 };
static const unsigned here[] = { 90, 95, 97, 98, 99, 100, 101 };
static struct old_weeks weeks;

static void choose(unsigned present)
{
	old_weeks_choose(&weeks, &rules, here, sizeof(here) / sizeof(here[0]), present);
}

static int begin(void **state)
{
	(void)state;
	weeks = (struct old_weeks){ .n = 0 };
	choose(100);
	return 0;
}

static void look(unsigned week, unsigned tips, bool blind, uint64_t steady_ms)
{
	old_weeks_clear(&weeks);
	for (unsigned i = 0; i < tips; i++)
		old_weeks_count(&weeks, week);
	old_weeks_judge(&weeks, blind, steady_ms);
}

static void old_is_what_ended_so_long_ago(void **state)
{
	struct old_weeks_rules never = { .after_weeks = 0, .max_tips = 3 };

	(void)state;
	assert_int_equal(weeks.n, 3);
	assert_int_equal(weeks.at[0].week, 90);
	assert_int_equal(weeks.at[2].week, 97);   /* 98 ended one week and some days ago at most */
	choose(101);
	assert_int_equal(weeks.n, 4);
	choose(1);
	assert_int_equal(weeks.n, 0);
	old_weeks_choose(&weeks, &never, here, 3, 100);
	assert_int_equal(weeks.n, 0);
}

static void a_key_goes_after_two_looks(void **state)
{
	(void)state;
	look(95, 1, false, 1000);
	assert_int_equal(old_weeks_doomed(&weeks, 1000, SURE_MS), 0);
	assert_int_equal(old_weeks_doomed(&weeks, 1000 + SURE_MS - 1, SURE_MS), 0);
	look(95, 1, false, 1000 + SURE_MS);
	assert_int_equal(old_weeks_doomed(&weeks, 1000 + SURE_MS, SURE_MS), 90);
	look(95, 0, false, 2000 + SURE_MS);
	look(95, 0, false, 2000 + 2 * SURE_MS);
	weeks.at[0].empty_ms = 0;
	assert_int_equal(old_weeks_doomed(&weeks, 2000 + 2 * SURE_MS, SURE_MS), 95);
}

static void what_came_back_begins_anew(void **state)
{
	(void)state;
	look(95, 0, false, 1000);
	look(90, 1, false, 20000);
	look(90, 0, false, 1000 + SURE_MS);
	assert_int_equal(old_weeks_doomed(&weeks, 1000 + SURE_MS, SURE_MS), 95);
	weeks.at[1].empty_ms = weeks.at[2].empty_ms = 0;
	assert_int_equal(old_weeks_doomed(&weeks, 1000 + SURE_MS, SURE_MS), 0);
}

static void what_is_out_of_sight_keeps_all(void **state)
{
	(void)state;
	look(95, 0, false, 1000);
	look(95, 0, true, 1000 + SURE_MS);
	assert_int_equal(old_weeks_doomed(&weeks, 1000 + SURE_MS, SURE_MS), 0);
	look(95, 0, false, 2000 + SURE_MS);
	assert_int_equal(old_weeks_doomed(&weeks, 2000 + SURE_MS, SURE_MS), 0);
}

static void what_is_known_is_kept(void **state)
{
	(void)state;
	look(95, 0, false, 1000);
	choose(101);
	assert_int_equal(weeks.at[0].empty_ms, 1000);
	assert_int_equal(weeks.at[3].empty_ms, 0);
}

static void few_are_moved_and_many_are_not(void **state)
{
	(void)state;
	look(95, 3, false, 1000);
	assert_true(old_weeks_moves(&weeks, &rules, 95));
	assert_false(old_weeks_moves(&weeks, &rules, 90));
	assert_false(old_weeks_moves(&weeks, &rules, 99));
	assert_false(old_weeks_moves(&weeks, &rules, 0));
	look(95, 4, false, 1000);
	assert_false(old_weeks_moves(&weeks, &rules, 95));
	assert_int_equal(old_weeks_tips(&weeks), 4);
	look(100, 4, false, 1000);   /* not an old one */
	assert_int_equal(old_weeks_tips(&weeks), 0);
}

static void more_than_there_is_room_for(void **state)
{
	unsigned many[OLD_WEEKS_MAX + 50];

	(void)state;
	for (unsigned i = 0; i < OLD_WEEKS_MAX + 50; i++)
		many[i] = i + 1;
	old_weeks_choose(&weeks, &rules, many, OLD_WEEKS_MAX + 50, 9000);
	assert_int_equal(weeks.n, OLD_WEEKS_MAX);
	assert_int_equal(weeks.at[OLD_WEEKS_MAX - 1].week, OLD_WEEKS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(old_is_what_ended_so_long_ago, begin), cmocka_unit_test_setup(a_key_goes_after_two_looks, begin),
		cmocka_unit_test_setup(what_came_back_begins_anew, begin),    cmocka_unit_test_setup(what_is_out_of_sight_keeps_all, begin),
		cmocka_unit_test_setup(what_is_known_is_kept, begin),	      cmocka_unit_test_setup(few_are_moved_and_many_are_not, begin),
		cmocka_unit_test_setup(more_than_there_is_room_for, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
