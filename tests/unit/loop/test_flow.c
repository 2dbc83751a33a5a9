/*
 * Flows: order of steps, waits and their ends, references that outlive what
 * they named, one end for each flow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"

#include <stdio.h>

static struct loop *loop;

/* What happened, one letter each; and the last flow that was seen. */
static struct {
	char text[1024];
	size_t n;
	struct flow_ref ref;
	unsigned ended;
	bool well;
} seen;

static void note(char c)
{
	assert_true(seen.n + 1 < sizeof(seen.text));
	seen.text[seen.n++] = c;
	seen.text[seen.n] = '\0';
}

static void on_end(struct flow *flow, bool well)
{
	(void)flow;
	seen.ended++;
	seen.well = well;
	note('E');
}

static enum flow_next step_a(struct flow *flow)
{
	seen.ref = flow_ref(flow);
	note('a');
	return FLOW_NEXT;
}

static enum flow_next step_wait(struct flow *flow)
{
	seen.ref = flow_ref(flow);
	note('w');
	return FLOW_WAIT;
}

static enum flow_next step_b(struct flow *flow)
{
	(void)flow;
	note('b');
	return FLOW_NEXT;
}

static enum flow_next step_fail(struct flow *flow)
{
	(void)flow;
	note('f');
	return FLOW_FAIL;
}

static const struct flow_step plain_steps[] = {
	{ .name = "a", .run = step_a },
	{ .name = "wait", .run = step_wait, .timeout_ms = 5000 },
	{ .name = "b", .run = step_b },
};

static const struct flow_kind plain = {
	.name = "plain",
	.steps = plain_steps,
	.nsteps = COUNT_OF(plain_steps),
	.state_bytes = 16,
	.end = on_end,
};

static void stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

/* Lets everything that is posted run. */
static void settle(void)
{
	loop_post(loop, stop, NULL);
	loop_run(loop);
}

/* In turns of a millisecond, so that what a timer posts has run as well. */
static void run_for(unsigned ms)
{
	for (unsigned turn = 0; turn < ms; turn++) {
		loop_after(loop, 1, stop, NULL);
		loop_run(loop);
	}
}

static int begin(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	loop = loop_new();
	return 0;
}

static int finish(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

/* --- steps ------------------------------------------------------------------------- */

static void nothing_runs_before_the_post_queue(void **state)
{
	(void)state;
	flow_start(loop, &plain, NULL, NULL);
	assert_string_equal(seen.text, "");
	assert_int_equal(flow_count(loop), 1);
	settle();
	assert_string_equal(seen.text, "aw");
}

static void a_resumed_flow_goes_on_at_the_next_step_and_ends_once(void **state)
{
	(void)state;
	flow_start(loop, &plain, NULL, NULL);
	settle();
	flow_resume(loop, seen.ref);
	assert_string_equal(seen.text, "aw");
	settle();
	assert_string_equal(seen.text, "awbE");
	assert_true(seen.well);
	assert_int_equal(flow_count(loop), 0);
}

static void resuming_twice_runs_the_step_once(void **state)
{
	static const struct flow_step steps[] = {
		{ .name = "wait", .run = step_wait },
		{ .name = "wait", .run = step_wait },
		{ .name = "b", .run = step_b },
	};
	static const struct flow_kind kind = { .name = "two", .steps = steps, .nsteps = 3, .end = on_end };

	(void)state;
	flow_start(loop, &kind, NULL, NULL);
	settle();
	flow_resume(loop, seen.ref);
	flow_resume(loop, seen.ref);
	settle();
	assert_string_equal(seen.text, "ww");
	assert_int_equal(seen.ended, 0);
	flow_resume(loop, seen.ref);
	settle();
	assert_string_equal(seen.text, "wwbE");
}

static void a_failing_step_ends_badly(void **state)
{
	static const struct flow_step steps[] = {
		{ .name = "fail", .run = step_fail },
		{ .name = "b", .run = step_b },
	};
	static const struct flow_kind kind = { .name = "failing", .steps = steps, .nsteps = 2, .end = on_end };

	(void)state;
	flow_start(loop, &kind, NULL, NULL);
	settle();
	assert_string_equal(seen.text, "fE");
	assert_false(seen.well);
}

static enum flow_next step_done(struct flow *flow)
{
	(void)flow;
	note('d');
	return FLOW_DONE;
}

static void done_passes_over_what_follows(void **state)
{
	static const struct flow_step steps[] = {
		{ .name = "done", .run = step_done },
		{ .name = "fail", .run = step_fail },
	};
	static const struct flow_kind kind = { .name = "done", .steps = steps, .nsteps = 2, .end = on_end };

	(void)state;
	flow_start(loop, &kind, NULL, NULL);
	settle();
	assert_string_equal(seen.text, "dE");
	assert_true(seen.well);
}

static enum flow_next step_back(struct flow *flow)
{
	unsigned *rounds = flow_state(flow);

	note('j');
	if (++*rounds < 3)
		flow_jump(flow, 0);
	return FLOW_NEXT;
}

static void a_jump_names_the_next_step(void **state)
{
	static const struct flow_step steps[] = {
		{ .name = "b", .run = step_b },
		{ .name = "back", .run = step_back },
	};
	static const struct flow_kind kind = {
		.name = "jump", .steps = steps, .nsteps = 2, .state_bytes = sizeof(unsigned), .end = on_end
	};

	(void)state;
	flow_start(loop, &kind, NULL, NULL);
	settle();
	assert_string_equal(seen.text, "bjbjbjE");
}

static enum flow_next step_wait_and_jump(struct flow *flow)
{
	seen.ref = flow_ref(flow);
	note('w');
	flow_jump(flow, 2);
	return FLOW_WAIT;
}

static void a_jump_holds_over_a_wait(void **state)
{
	static const struct flow_step steps[] = {
		{ .name = "wait", .run = step_wait_and_jump },
		{ .name = "fail", .run = step_fail },
		{ .name = "b", .run = step_b },
	};
	static const struct flow_kind kind = { .name = "jump", .steps = steps, .nsteps = 3, .end = on_end };

	(void)state;
	flow_start(loop, &kind, NULL, NULL);
	settle();
	flow_resume(loop, seen.ref);
	settle();
	assert_string_equal(seen.text, "wbE");
}

/* --- references ------------------------------------------------------------------------- */

static void a_reference_to_an_ended_flow_finds_nothing(void **state)
{
	struct flow_ref old;

	(void)state;
	flow_start(loop, &plain, NULL, NULL);
	settle();
	old = seen.ref;
	flow_resume(loop, old);
	settle();
	assert_null(flow_resolve(loop, old));
	flow_resume(loop, old);
	flow_abort(loop, old);
	settle();
	assert_int_equal(seen.ended, 1);
}

static void the_next_flow_of_a_slot_is_not_taken_for_the_last(void **state)
{
	struct flow_ref old;

	(void)state;
	flow_start(loop, &plain, NULL, NULL);
	settle();
	old = seen.ref;
	flow_resume(loop, old);
	settle();
	flow_start(loop, &plain, NULL, NULL);
	settle();
	assert_int_equal(seen.ref.slot, old.slot);
	assert_null(flow_resolve(loop, old));
	flow_resume(loop, old);
	settle();
	assert_string_equal(seen.text, "awbEaw");
}

static void a_made_up_reference_finds_nothing(void **state)
{
	(void)state;
	assert_null(flow_resolve(loop, (struct flow_ref){ .slot = 7 }));
	flow_start(loop, &plain, NULL, NULL);
	assert_null(flow_resolve(loop, (struct flow_ref){ .slot = UINT32_MAX }));
	flow_resume(loop, (struct flow_ref){ .slot = 0, .generation = 99 });
	settle();
	assert_string_equal(seen.text, "aw");
}

/* --- time ---------------------------------------------------------------------------------- */

static const struct flow_step short_steps[] = {
	{ .name = "wait", .run = step_wait, .timeout_ms = 30 },
	{ .name = "b", .run = step_b },
};

static void a_wait_that_times_out_fails_and_drops_the_late_answer(void **state)
{
	static const struct flow_kind kind = { .name = "short", .steps = short_steps, .nsteps = 2, .end = on_end };

	(void)state;
	flow_start(loop, &kind, NULL, NULL);
	run_for(250);
	assert_string_equal(seen.text, "wE");
	assert_false(seen.well);
	flow_resume(loop, seen.ref);
	settle();
	assert_string_equal(seen.text, "wE");
}

static enum flow_next go_on(struct flow *flow, const struct flow_step *step)
{
	(void)flow;
	assert_string_equal(step->name, "wait");
	note('t');
	return FLOW_NEXT;
}

static void a_kind_may_go_on_after_a_time_out_under_another_reference(void **state)
{
	static const struct flow_step steps[] = {
		{ .name = "wait", .run = step_wait, .timeout_ms = 30 },
		{ .name = "b", .run = step_b },
		{ .name = "hold", .run = step_wait_and_jump },
		{ .name = "b", .run = step_b },
	};
	static const struct flow_kind kind = {
		.name = "patient", .steps = steps, .nsteps = 4, .timed_out = go_on, .end = on_end, .timeout_ms = 60000
	};
	struct flow_ref first;

	(void)state;
	flow_start(loop, &kind, NULL, NULL);
	settle();
	first = seen.ref;
	run_for(250);
	assert_string_equal(seen.text, "wtbw");
	assert_null(flow_resolve(loop, first));
	assert_non_null(flow_resolve(loop, seen.ref));
}

static void a_resumed_wait_does_not_time_out(void **state)
{
	static const struct flow_step steps[] = {
		{ .name = "wait", .run = step_wait, .timeout_ms = 1000 },   /* longer than it takes to come to the resuming */
		{ .name = "hold", .run = step_wait },
		{ .name = "b", .run = step_b },
	};
	static const struct flow_kind kind = { .name = "held", .steps = steps, .nsteps = 3, .end = on_end };

	(void)state;
	flow_start(loop, &kind, NULL, NULL);
	settle();
	flow_resume(loop, seen.ref);
	run_for(1300);
	assert_string_equal(seen.text, "ww");
	assert_int_equal(seen.ended, 0);
}

static void without_a_time_out_a_wait_lasts(void **state)
{
	static const struct flow_step steps[] = { { .name = "wait", .run = step_wait } };
	static const struct flow_kind kind = { .name = "long", .steps = steps, .nsteps = 1, .end = on_end };

	(void)state;
	flow_start(loop, &kind, NULL, NULL);
	run_for(150);
	assert_int_equal(flow_count(loop), 1);
}

static void start_another(struct flow *flow, bool well)
{
	on_end(flow, well);
	if (seen.ended < 40)
		flow_start(flow_loop(flow), &plain, NULL, NULL);
}

static void flows_may_be_started_while_others_time_out(void **state)
{
	static const struct flow_kind kind = {
		.name = "short", .steps = short_steps, .nsteps = 2, .end = start_another
	};

	(void)state;
	for (int i = 0; i < 33; i++)
		flow_start(loop, &kind, NULL, NULL);
	run_for(250);
	assert_int_equal(seen.ended, 33);
	assert_int_equal(flow_count(loop), 33);
}

/* --- aborting --------------------------------------------------------------------------------- */

static void aborting_ends_a_waiting_flow_badly_and_once(void **state)
{
	(void)state;
	flow_start(loop, &plain, NULL, NULL);
	settle();
	flow_abort(loop, seen.ref);
	assert_string_equal(seen.text, "awE");
	assert_false(seen.well);
	flow_abort(loop, seen.ref);
	settle();
	assert_int_equal(seen.ended, 1);
}

static void an_aborted_flow_that_was_ready_does_not_run(void **state)
{
	struct flow *flow = flow_start(loop, &plain, NULL, NULL);

	(void)state;
	flow_abort(loop, flow_ref(flow));
	settle();
	assert_string_equal(seen.text, "E");
	flow_start(loop, &plain, NULL, NULL);
	settle();
	assert_string_equal(seen.text, "Eaw");
}

/* --- state ------------------------------------------------------------------------------------ */

static void fill(struct flow *flow, void *ctx)
{
	memcpy(flow_state(flow), ctx, 5);
}

static void each_flow_begins_with_zeroes_or_what_init_wrote(void **state)
{
	static const char zero[16];
	struct flow *flow = flow_start(loop, &plain, fill, (void *)(uintptr_t) "1234");

	(void)state;
	assert_string_equal(flow_state(flow), "1234");
	flow_abort(loop, flow_ref(flow));
	flow = flow_start(loop, &plain, NULL, NULL);
	assert_memory_equal(flow_state(flow), zero, sizeof(zero));
}

static void the_arena_is_alive_in_end(struct flow *flow, bool well)
{
	const char *kept = *(char **)flow_state(flow);

	assert_string_equal(kept, "kept");
	on_end(flow, well);
}

static enum flow_next step_keep(struct flow *flow)
{
	*(char **)flow_state(flow) = arena_printf(flow_arena(flow), "kept");
	return FLOW_NEXT;
}

static void end_may_read_what_the_flow_has(void **state)
{
	static const struct flow_step steps[] = { { .name = "keep", .run = step_keep } };
	static const struct flow_kind kind = {
		.name = "keep", .steps = steps, .nsteps = 1, .state_bytes = sizeof(char *), .end = the_arena_is_alive_in_end
	};

	(void)state;
	flow_start(loop, &kind, NULL, NULL);
	settle();
	assert_int_equal(seen.ended, 1);
}

static void many_flows_keep_their_own_state(void **state)
{
	struct flow_ref refs[300];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(refs); i++) {
		struct flow *flow = flow_start(loop, &plain, NULL, NULL);

		*(size_t *)flow_state(flow) = i;
		refs[i] = flow_ref(flow);
	}
	memset(&seen, 0, sizeof(seen));
	for (size_t i = 0; i < COUNT_OF(refs); i += 2)
		flow_abort(loop, refs[i]);
	assert_int_equal(flow_count(loop), COUNT_OF(refs) / 2);
	for (size_t i = 0; i < COUNT_OF(refs); i++) {
		struct flow *flow = flow_resolve(loop, refs[i]);

		assert_int_equal(flow != NULL, i % 2);
		if (flow != NULL)
			assert_int_equal(*(size_t *)flow_state(flow), i);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(nothing_runs_before_the_post_queue),
		TEST(a_resumed_flow_goes_on_at_the_next_step_and_ends_once),
		TEST(resuming_twice_runs_the_step_once),
		TEST(a_failing_step_ends_badly),
		TEST(done_passes_over_what_follows),
		TEST(a_jump_names_the_next_step),
		TEST(a_jump_holds_over_a_wait),
		TEST(a_reference_to_an_ended_flow_finds_nothing),
		TEST(the_next_flow_of_a_slot_is_not_taken_for_the_last),
		TEST(a_made_up_reference_finds_nothing),
		TEST(a_wait_that_times_out_fails_and_drops_the_late_answer),
		TEST(a_kind_may_go_on_after_a_time_out_under_another_reference),
		TEST(a_resumed_wait_does_not_time_out),
		TEST(without_a_time_out_a_wait_lasts),
		TEST(flows_may_be_started_while_others_time_out),
		TEST(aborting_ends_a_waiting_flow_badly_and_once),
		TEST(an_aborted_flow_that_was_ready_does_not_run),
		TEST(each_flow_begins_with_zeroes_or_what_init_wrote),
		TEST(end_may_read_what_the_flow_has),
		TEST(many_flows_keep_their_own_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
