/*
 * The loop: what runs in which turn, timers, signals, the clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/loop/loop.h"

#include "daemon/sys/clock.h"

#include <signal.h>
#include <string.h>
#include <time.h>

static struct loop *loop;
static char text[64];
static unsigned calls;

static void note(void *ctx)
{
	strcat(text, ctx);
}

static void stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

static char *word(const char *literal)
{
	return (char *)(uintptr_t)literal;
}

static int begin(void **state)
{
	(void)state;
	text[0] = '\0';
	calls = 0;
	loop = loop_new();
	return 0;
}

static int finish(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

static void post_c(void *ctx)
{
	note(ctx);
	loop_post(loop, note, word("c"));
}

static void posts_run_in_order_those_for_the_end_after_all_of_them(void **state)
{
	(void)state;
	loop_post_last(loop, note, word("z"));
	loop_post(loop, post_c, word("a"));
	loop_post(loop, note, word("b"));
	assert_string_equal(text, "");
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
	assert_string_equal(text, "abcz");
}

static void what_the_end_of_a_turn_posts_runs_in_the_same_run(void **state)
{
	(void)state;
	loop_post_last(loop, post_c, word("z"));
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
	assert_string_equal(text, "zc");
}

static void post_many(void *ctx)
{
	(void)ctx;
	if (++calls < 10000)
		loop_post(loop, post_many, NULL);
	else
		loop_stop(loop);
}

static void the_queue_may_grow_while_it_runs(void **state)
{
	(void)state;
	for (int i = 0; i < 500; i++)
		loop_post(loop, post_many, NULL);
	loop_run(loop);
	assert_true(calls >= 10000);
}

static void after(void *ctx)
{
	note(ctx);
	if (*(char *)ctx == 'c')
		loop_stop(loop);
}

static void timers_fire_once_in_the_order_of_their_times(void **state)
{
	uint64_t from = clock_steady_ms();

	(void)state;
	loop_after(loop, 60, after, word("c"));
	loop_after(loop, 20, after, word("a"));
	loop_after(loop, 40, after, word("b"));
	loop_run(loop);
	assert_string_equal(text, "abc");
	assert_true(clock_steady_ms() - from >= 59);
}

static struct loop_timer *periodic;

static void third_time_is_enough(void *ctx)
{
	(void)ctx;
	if (++calls < 3)
		return;
	loop_timer_cancel(periodic);
	loop_after(loop, 60, stop, NULL);
}

static void a_periodic_timer_may_cancel_itself(void **state)
{
	(void)state;
	periodic = loop_every(loop, 10, third_time_is_enough, NULL);
	loop_run(loop);
	assert_int_equal(calls, 3);
}

static void a_cancelled_timer_never_fires(void **state)
{
	struct loop_timer *timer = loop_after(loop, 10, note, word("x"));

	(void)state;
	loop_after(loop, 50, stop, NULL);
	loop_timer_cancel(timer);
	loop_run(loop);
	assert_string_equal(text, "");
}

static void a_signal_is_told_from_the_loop(void **state)
{
	(void)state;
	loop_on_signal(loop, SIGUSR1, note, word("s"));
	loop_on_signal(loop, SIGUSR2, stop, NULL);
	raise(SIGUSR1);
	assert_string_equal(text, "");
	loop_after(loop, 20, stop, NULL);
	loop_run(loop);
	assert_string_equal(text, "s");
}

static uint64_t told_ms;

static void ask_time(void *ctx)
{
	(void)ctx;
	told_ms = loop_now_ms(loop);
	loop_stop(loop);
}

static uint64_t before_ms;

static void ask_time_and_wait(void *ctx)
{
	(void)ctx;
	before_ms = loop_now_ms(loop);
	loop_after(loop, 80, ask_time, NULL);
}

static void the_clock_of_a_turn_is_not_from_before_its_wait(void **state)
{
	(void)state;
	loop_post(loop, ask_time_and_wait, NULL);
	loop_run(loop);
	assert_true(told_ms - before_ms >= 79);
}

static void the_clock_stands_still_within_a_turn_of_the_loop(void **state)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	uint64_t first;

	(void)state;
	loop_post(loop, ask_time, NULL);
	loop_run(loop);
	first = told_ms;
	nanosleep(&pause, NULL);
	assert_int_equal(loop_now_ms(loop), first);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(posts_run_in_order_those_for_the_end_after_all_of_them),
		TEST(what_the_end_of_a_turn_posts_runs_in_the_same_run),
		TEST(the_queue_may_grow_while_it_runs),
		TEST(timers_fire_once_in_the_order_of_their_times),
		TEST(a_periodic_timer_may_cancel_itself),
		TEST(a_cancelled_timer_never_fires),
		TEST(a_signal_is_told_from_the_loop),
		TEST(the_clock_of_a_turn_is_not_from_before_its_wait),
		TEST(the_clock_stands_still_within_a_turn_of_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
