/*
 * What of a tip is due, and by which time that is judged.
 */
#include "daemon/core/retention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define DAY INT64_C(86400000)
#define ENDED (INT64_C(20000) * 86400000)
#define ID RETENTION_BIT(RETENTION_IDENTITY)
#define FILES RETENTION_BIT(RETENTION_FILES)
#define TEXT RETENTION_BIT(RETENTION_TEXT)
#define ROW RETENTION_BIT(RETENTION_ROW)

static struct retention_rules rules;

static int setup(void **unused)
{
	static const int days[RETENTION_PARTS] = { 10, 20, 30, 40 };

	(void)unused;
	for (size_t i = 0; i < RETENTION_OUTCOMES; i++)
		for (size_t part = 0; part < RETENTION_PARTS; part++)
			rules.days[i][part] = days[part];
	return 0;
}

static void due_at(int days, unsigned erased, unsigned due, int next_days)
{
	const struct retention_case tip = { .outcome = RETENTION_PRANK, .ended_ms = ENDED, .erased = erased };
	struct retention_plan plan = retention_plan(&rules, &tip, ENDED + days * DAY);

	assert_int_equal(plan.due, due);
	assert_int_equal(plan.next_ms, next_days > 0 ? ENDED + next_days * DAY : 0);
}

static void parts_are_due_in_their_order(void **unused)
{
	(void)unused;
	due_at(0, 0, 0, 10);
	due_at(9, 0, 0, 10);
	due_at(10, 0, ID, 20);
	due_at(10, ID, 0, 20);
	due_at(25, ID, FILES, 30);
	due_at(30, 0, ID | FILES | TEXT, 40);
	due_at(45, ID | FILES | TEXT, ROW, 0);
	due_at(4000, 0, RETENTION_ALL, 0);
	due_at(4000, RETENTION_ALL, 0, 0);
}

static void the_last_millisecond_counts(void **unused)
{
	const struct retention_case tip = { .outcome = RETENTION_VERIFIED, .ended_ms = ENDED };

	(void)unused;
	assert_int_equal(retention_plan(&rules, &tip, ENDED + 10 * DAY - 1).due, 0);
	assert_int_equal(retention_plan(&rules, &tip, ENDED + 10 * DAY).due, ID);
}

static void never_is_never(void **unused)
{
	(void)unused;
	rules.days[RETENTION_PRANK][RETENTION_ROW] = RETENTION_NEVER;
	due_at(30000, ID | FILES | TEXT, 0, 0);
	due_at(30000, 0, ID | FILES | TEXT, 0);
}

static void nothing_is_due_of_what_is_held_or_unpaid(void **unused)
{
	struct retention_case tip = { .outcome = RETENTION_VERIFIED, .ended_ms = ENDED, .held = true };

	(void)unused;
	assert_int_equal(retention_plan(&rules, &tip, ENDED + 4000 * DAY).due, 0);
	assert_int_equal(retention_plan(&rules, &tip, ENDED + 4000 * DAY).next_ms, 0);
	tip.held = false;
	tip.unpaid = true;
	assert_int_equal(retention_plan(&rules, &tip, ENDED + 4000 * DAY).due, 0);
	tip.unpaid = false;
	assert_int_equal(retention_plan(&rules, &tip, ENDED + 4000 * DAY).due, RETENTION_ALL);
}

/* No due part precedes its day, whatever the day and what is gone. */
static void nothing_goes_early(void **unused)
{
	(void)unused;
	for (int day = 0; day < 60; day++) {
		for (unsigned erased = 0; erased <= RETENTION_ALL; erased++) {
			const struct retention_case tip = { .outcome = RETENTION_REFERRED, .ended_ms = ENDED, .erased = erased };
			struct retention_plan plan = retention_plan(&rules, &tip, ENDED + day * DAY);

			assert_int_equal(plan.due & erased, 0);
			for (int part = 0; part < RETENTION_PARTS; part++)
				if ((plan.due & RETENTION_BIT(part)) != 0)
					assert_true(day >= rules.days[RETENTION_REFERRED][part]);
			assert_true(plan.next_ms == 0 || plan.next_ms > ENDED + day * DAY);
		}
	}
}

static void rules_that_cannot_be_kept_are_told(void **unused)
{
	static const struct {
		enum retention_outcome outcome;
		int days[RETENTION_PARTS];
		bool well;
	} cases[] = {
		{ RETENTION_VERIFIED, { 1, 2, 3, 4 }, true },
		{ RETENTION_VERIFIED, { 0, 0, 0, 1 }, true },
		{ RETENTION_VERIFIED, { 9, 3, 3, RETENTION_NEVER }, true },
		{ RETENTION_VERIFIED, { RETENTION_NEVER, RETENTION_NEVER, RETENTION_NEVER, RETENTION_NEVER }, true },
		{ RETENTION_VERIFIED, { 0, 0, 0, 0 }, false },
		{ RETENTION_VERIFIED, { 5, 2, 3, 4 }, false },
		{ RETENTION_VERIFIED, { RETENTION_NEVER, 2, 3, 4 }, false },
		{ RETENTION_VERIFIED, { 1, 4, 3, 9 }, false },
		{ RETENTION_VERIFIED, { 1, RETENTION_NEVER, 3, RETENTION_NEVER }, false },
		{ RETENTION_TRANSFERRED, { 1, RETENTION_NEVER, 3, RETENTION_NEVER }, true },
		{ RETENTION_TRANSFERRED, { 1, 1, 3, RETENTION_NEVER }, false },
		{ RETENTION_TRANSFERRED, { 1, RETENTION_NEVER, 3, 9 }, false },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if ((retention_rule_check(cases[i].outcome, cases[i].days) == NULL) != cases[i].well)
			fail_msg("case %zu", i);
}

static void words_read_back(void **unused)
{
	enum retention_outcome outcome;
	enum retention_part part;
	char text[RETENTION_PARTS_TEXT];

	(void)unused;
	for (int i = 0; i < RETENTION_OUTCOMES; i++) {
		assert_true(retention_outcome_parse(span_of(retention_outcome_word((enum retention_outcome)i)), &outcome));
		assert_int_equal(outcome, i);
	}
	for (int i = 0; i < RETENTION_PARTS; i++) {
		assert_true(retention_part_parse(span_of(retention_part_word((enum retention_part)i)), &part));
		assert_int_equal(part, i);
	}
	assert_false(retention_outcome_parse(SPAN("junk"), &outcome));
	assert_false(retention_part_parse(SPAN(""), &part));
	assert_true(span_is(retention_parts_write(RETENTION_ALL, text), "identity,files,text,row"));
	assert_true(span_is(retention_parts_write(TEXT, text), "text"));
	assert_true(span_empty(retention_parts_write(0, text)));
}

/* --- the clock ---------------------------------------------------------------------------------- */

#define HOUR INT64_C(3600000)

static void a_clock_that_runs_is_believed(void **unused)
{
	struct retention_clock clock = { 0 };

	(void)unused;
	for (int hour = 0; hour < 100; hour++)
		assert_int_equal(retention_clock_turn(&clock, ENDED + hour * HOUR, 1000 + (uint64_t)(hour * HOUR), DAY),
				 ENDED + hour * HOUR);
}

/* Three days ahead: nothing of it counts before it has stood there for a day. */
static void a_jump_ahead_waits_for_a_day(void **unused)
{
	struct retention_clock clock = { 0 };
	int64_t jumped = ENDED + 3 * DAY;

	(void)unused;
	retention_clock_turn(&clock, ENDED, 1000, DAY);
	for (int hour = 1; hour <= 24; hour++)
		assert_true(retention_clock_turn(&clock, jumped + hour * HOUR, 1000 + (uint64_t)(hour * HOUR), DAY) <=
			    ENDED + hour * HOUR);
	assert_int_equal(retention_clock_turn(&clock, jumped + 25 * HOUR, 1000 + (uint64_t)(25 * HOUR), DAY), jumped + 25 * HOUR);
	assert_int_equal(retention_clock_turn(&clock, jumped + 26 * HOUR, 1000 + (uint64_t)(26 * HOUR), DAY), jumped + 26 * HOUR);
}

static void a_jump_that_is_taken_back_did_nothing(void **unused)
{
	struct retention_clock clock = { 0 };

	(void)unused;
	retention_clock_turn(&clock, ENDED, 1000, DAY);
	assert_true(retention_clock_turn(&clock, ENDED + 3 * DAY, 1000 + HOUR, DAY) <= ENDED + HOUR);
	assert_int_equal(retention_clock_turn(&clock, ENDED + 2 * HOUR, 1000 + 2 * HOUR, DAY), ENDED + 2 * HOUR);
	/* and the next one waits anew */
	for (int hour = 3; hour < 26; hour++)
		assert_true(retention_clock_turn(&clock, ENDED + 5 * DAY, 1000 + (uint64_t)(hour * HOUR), DAY) <= ENDED + hour * HOUR);
}

static void a_clock_that_goes_back_is_believed_and_may_not_leap_again(void **unused)
{
	struct retention_clock clock = { .trusted_ms = ENDED };

	(void)unused;
	assert_int_equal(retention_clock_turn(&clock, ENDED - 9 * DAY, 1000, DAY), ENDED - 9 * DAY);
	assert_true(retention_clock_turn(&clock, ENDED, 2000, DAY) <= ENDED - 9 * DAY + 1000);
}

/* A process that was restarted knows the trusted time alone; the steady clock begins anew. */
static void after_a_restart_the_kept_time_counts(void **unused)
{
	struct retention_clock clock = { .trusted_ms = ENDED };

	(void)unused;
	assert_int_equal(retention_clock_turn(&clock, ENDED + 30 * DAY, 5000, DAY), ENDED);
	assert_int_equal(retention_clock_turn(&clock, ENDED + 30 * DAY + HOUR, 5000 + HOUR, DAY), ENDED + HOUR);
	clock = (struct retention_clock){ .trusted_ms = clock.trusted_ms };
	assert_int_equal(retention_clock_turn(&clock, ENDED + 30 * DAY + HOUR, 100, DAY), ENDED + HOUR);
	assert_int_equal(retention_clock_turn(&clock, ENDED + 31 * DAY + HOUR, 100 + (uint64_t)DAY, DAY), ENDED + 31 * DAY + HOUR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(parts_are_due_in_their_order, setup),
		cmocka_unit_test_setup(the_last_millisecond_counts, setup),
		cmocka_unit_test_setup(never_is_never, setup),
		cmocka_unit_test_setup(nothing_is_due_of_what_is_held_or_unpaid, setup),
		cmocka_unit_test_setup(nothing_goes_early, setup),
		cmocka_unit_test(rules_that_cannot_be_kept_are_told),
		cmocka_unit_test(words_read_back),
		cmocka_unit_test(a_clock_that_runs_is_believed),
		cmocka_unit_test(a_jump_ahead_waits_for_a_day),
		cmocka_unit_test(a_jump_that_is_taken_back_did_nothing),
		cmocka_unit_test(a_clock_that_goes_back_is_believed_and_may_not_leap_again),
		cmocka_unit_test(after_a_restart_the_kept_time_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
