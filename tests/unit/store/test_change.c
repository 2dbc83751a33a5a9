/*
 * What a move makes of a row: clocks, levels, who closed it.
 */
#include "daemon/store/change.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct store_row row_in(enum tip_state state)
{
	return (struct store_row){ .id = { "15-0000000001" }, .state = state, .rev = 4, .region = "150602", .points = 80,
				   .clock = { .hand = CLOCK_STALLED, .since_ms = 100 }, .closer = SPAN("zhang") };
}

static struct store_change followed(const struct store_row *row, enum tip_event event, unsigned actor)
{
	struct store_change change = { .id = row->id };

	store_change_follow(&change, row, tip_move_find(row->state, event, actor), SPAN("li"));
	return change;
}

static void who_closes_is_kept_and_a_reopening_counted(void **state)
{
	struct store_row held = row_in(TIP_CLAIMED), closed = row_in(TIP_CLOSED);
	struct store_change change = followed(&held, TIP_EV_CLOSE, TIP_BY_OFFICER);

	(void)state;
	assert_true(span_is(change.closer, "li"));
	assert_int_equal(change.clock.hand, CLOCK_STOPPED);
	change = followed(&closed, TIP_EV_REOPEN, TIP_BY_INFORMANT);
	assert_int_equal(change.reopens, 1);
	assert_true(span_is(change.closer, "zhang"));
	assert_int_equal(change.clock.asked_ms, CLOCK_NOW);
	change = followed(&closed, TIP_EV_REOPEN, TIP_BY_VERIFIER);
	assert_int_equal(change.reopens, 0);
}

static void a_transfer_forgets_levels_and_nothing_else_does(void **state)
{
	struct store_row held = row_in(TIP_CLAIMED);

	(void)state;
	assert_true(followed(&held, TIP_EV_TRANSFER, TIP_BY_ADMIN).raise_ends);
	assert_true(followed(&held, TIP_EV_TRANSFER_AWAY, TIP_BY_ADMIN).raise_ends);
	assert_false(followed(&held, TIP_EV_NOTE, TIP_BY_ADMIN).raise_ends);
	assert_false(followed(&held, TIP_EV_CLOSE, TIP_BY_OFFICER).raise_ends);
}

static void a_plan_needs_a_clock_that_ran_out(void **state)
{
	const struct clock_limits limits = { .ms = { [WAIT_STALLED] = { 50 } } };
	struct store_row row = row_in(TIP_CLAIMED);
	struct store_escalation plan;

	(void)state;
	assert_false(store_escalation_plan(&plan, &row, "150600", &limits, 149));
	assert_true(store_escalation_plan(&plan, &row, "150600", &limits, 150));
	assert_int_equal(plan.state, TIP_QUEUED);
	assert_int_equal(plan.why, WAIT_STALLED);
	assert_int_equal(plan.since_ms, 100);
	assert_int_equal(plan.limit_ms, 50);
	assert_string_equal(plan.region, "150600");
	assert_string_equal(plan.raise.home, "150602");
	assert_int_equal(plan.raise.times, 1);
	row.raise = plan.raise;
	memcpy(row.region, "150600", 7);
	assert_true(store_escalation_plan(&plan, &row, "150000", &limits, 150));
	assert_string_equal(plan.raise.home, "150602");
	assert_int_equal(plan.raise.times, 2);
	row.state = TIP_TRANSFERRED;
	assert_false(store_escalation_plan(&plan, &row, "150600", &limits, 150));
}

static void an_unread_word_after_the_end_counts_as_a_reopening(void **state)
{
	const struct clock_limits limits = { .ms = { [WAIT_UNANSWERED] = { 50 } } };
	struct store_row row = row_in(TIP_CLOSED);
	struct store_escalation plan;

	(void)state;
	row.clock = (struct clock_face){ .asked_ms = 100 };
	assert_true(store_escalation_plan(&plan, &row, "150600", &limits, 200));
	assert_int_equal(plan.reopens, 1);
	assert_true(span_is(plan.closer, "zhang"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_closes_is_kept_and_a_reopening_counted),
		cmocka_unit_test(a_transfer_forgets_levels_and_nothing_else_does),
		cmocka_unit_test(a_plan_needs_a_clock_that_ran_out),
		cmocka_unit_test(an_unread_word_after_the_end_counts_as_a_reopening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
