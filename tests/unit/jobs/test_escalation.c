/*
 * Escalation on the store in memory: up one level for each time a clock runs
 * out, by one holder of the job at a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/jobs/escalation.h"
#include "daemon/sys/log.h"
#include "tests/support/spool_tip.h"
#include "tests/support/store_double.h"

static const char shards[][3] = { "15", "11" };
static struct arena arena;
static struct loop *loop;
static struct store_double *store;
static struct escalation *job;

static void stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

/* In turns of a millisecond: timers fire as often as they should, however long the machine leaves us waiting in one of them. */
static void run_for(unsigned ms)
{
	for (unsigned turn = 0; turn < ms; turn++) {
		loop_after(loop, 1, stop, NULL);
		loop_run(loop);
	}
}


static const struct clock_limits limits = { .ms = { [WAIT_UNOPENED] = { 1000, 1000, 1000, 1000 },
						    [WAIT_STALLED] = { 1000, 1000, 1000, 1000 } } };

static void above(void *ctx, const char region[7], char out[7])
{
	(void)ctx;
	region_code_above(region, out);
}

static struct escalation *job_new(const char *holder)
{
	struct escalation *made = escalation_new(&(struct escalation_env){ .loop = loop, .store = &store->base,
									   .shards = shards, .nshards = 2,
									   .holder = span_of(holder), .period_ms = 10,
									   .above = above });

	escalation_set(made, &limits);
	return made;
}

static struct {
	size_t nrows;
	enum store_verdict verdict;
	struct store_row row;
} looked;

static void saw(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	looked.nrows = reply->nrows;
	looked.verdict = reply->verdict;
	if (reply->nrows > 0)
		looked.row = reply->rows[0];
}

static void ask(const struct store_request *request)
{
	store_submit(store->memory, request, (struct store_wait){ .done = saw });
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
}

static const char *region_of(unsigned number)
{
	ask(&(struct store_request){ .op = STORE_READ, .id = spool_tip_make(&arena, number).id });
	return looked.row.region;
}

static uint64_t moved(void)
{
	struct escalation_figures figures;

	escalation_figures(job, &figures);
	return figures.escalated[WAIT_UNOPENED] + figures.escalated[WAIT_STALLED];
}

/* Four tips of a county, received now. */
static int begin(void **state)
{
	struct store_tip tips[4];

	(void)state;
	log_open(LOG_LEVEL_ERROR, false);
	loop = loop_new();
	store = store_double_new(loop);
	for (unsigned i = 0; i < 4; i++) {
		tips[i] = spool_tip_make(&arena, i);
		tips[i].received_ms = 1;
	}
	ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = 4 });
	job = job_new("one");
	return 0;
}

static int finish(void **state)
{
	(void)state;
	escalation_free(job);
	store_free(&store->base);
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
	loop_free(loop);
	arena_release(&arena);
	return 0;
}

static void a_clock_that_runs_moves_nothing(void **state)
{
	(void)state;
	store_memory_advance(store->memory, 1000);
	run_for(60);
	assert_int_equal(moved(), 0);
	assert_string_equal(region_of(0), "150602");
}

static void one_level_for_each_time(void **state)
{
	static const char *const way[] = { "150600", "150000", "000000", "000000" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		store_memory_advance(store->memory, 1001);
		run_for(100);
		for (unsigned tip = 0; tip < 4; tip++)
			assert_string_equal(region_of(tip), way[i]);
		assert_int_equal(moved(), i < 3 ? 4 * (i + 1) : 12);
		assert_int_equal(looked.row.raise.times, i < 3 ? i + 1 : 3);
	}
}

static void what_is_held_without_a_step_is_taken(void **state)
{
	static const char regions[][7] = { "150602" };
	struct store_claim claim = { .shard = "15", .regions = regions, .nregions = 1, .max = 4, .lease_ms = 100000,
				     .holder = SPAN("officer") };

	(void)state;
	store_memory_advance(store->memory, 900);
	ask(&(struct store_request){ .op = STORE_CLAIM, .claim = &claim });
	store_memory_advance(store->memory, 900);
	run_for(60);
	assert_int_equal(moved(), 0);
	store_memory_advance(store->memory, 200);
	run_for(100);
	assert_string_equal(region_of(2), "150600");
	assert_int_equal(looked.row.state, TIP_QUEUED);
	assert_int_equal(looked.row.lease_until_ms, 0);
	assert_int_equal(looked.row.raise.why, WAIT_STALLED);
}

static void two_holders_move_it_once(void **state)
{
	struct escalation *other;
	struct escalation_figures figures;

	(void)state;
	run_for(30);
	other = job_new("two");
	store_memory_advance(store->memory, 1001);
	run_for(150);
	escalation_figures(other, &figures);
	assert_int_equal(moved() + figures.escalated[WAIT_UNOPENED], 4);
	assert_int_equal(figures.escalated[WAIT_UNOPENED], 0);
	assert_false(figures.leading);
	for (unsigned tip = 0; tip < 4; tip++)
		assert_string_equal(region_of(tip), "150600");
	escalation_free(other);
	run_for(30);
}

static void who_lost_the_lease_is_refused(void **state)
{
	struct store_request take = { .op = STORE_JOB_LEASE, .shard = "15", .job = "escalation", .holder = SPAN("thief"),
				      .lease_ms = 60000 };

	(void)state;
	run_for(50);
	store_memory_advance(store->memory, 16000);
	ask(&take);
	assert_int_equal(looked.verdict, STORE_OK);
	run_for(100);
	assert_int_equal(moved(), 0);
	assert_string_equal(region_of(0), "150602");
	store_memory_advance(store->memory, 60001);
	run_for(100);
	assert_true(moved() >= 4);
}

static void an_answer_that_was_lost_moves_nothing_twice(void **state)
{
	(void)state;
	store_memory_advance(store->memory, 1001);
	store->trouble = TROUBLE_LOST;
	run_for(100);
	store->trouble = TROUBLE_NONE;
	run_for(100);
	for (unsigned tip = 0; tip < 4; tip++) {
		assert_string_equal(region_of(tip), "150600");
		assert_int_equal(looked.row.raise.times, 1);
	}
}

static void without_limits_it_rests(void **state)
{
	unsigned calls;

	(void)state;
	escalation_set(job, NULL);
	run_for(30);
	calls = store->calls[STORE_OVERDUE];
	store_memory_advance(store->memory, 5000);
	run_for(60);
	assert_int_equal(store->calls[STORE_OVERDUE], calls);
	assert_string_equal(region_of(0), "150602");
}

static void freeing_with_an_answer_out_waits_for_it(void **state)
{
	(void)state;
	store->trouble = TROUBLE_HELD;
	run_for(50);
	escalation_free(job);
	job = NULL;
	store->trouble = TROUBLE_NONE;
	store_double_release(store);
	run_for(50);
	assert_int_equal(store->calls[STORE_ESCALATE], 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(a_clock_that_runs_moves_nothing),
		TEST(one_level_for_each_time),
		TEST(what_is_held_without_a_step_is_taken),
		TEST(two_holders_move_it_once),
		TEST(who_lost_the_lease_is_refused),
		TEST(an_answer_that_was_lost_moves_nothing_twice),
		TEST(without_limits_it_rests),
		TEST(freeing_with_an_answer_out_waits_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
