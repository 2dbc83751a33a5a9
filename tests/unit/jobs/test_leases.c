/*
 * Leases that run out, on the store in memory: back in the queue, by one
 * holder of the job at a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/jobs/leases.h"
#include "daemon/sys/log.h"
#include "tests/support/spool_tip.h"
#include "tests/support/store_double.h"

static const char shards[][3] = { "15", "11" };
static struct arena arena;
static struct loop *loop;
static struct store_double *store;
static struct leases *leases;

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

static struct leases *job_new(const char *holder)
{
	return leases_new(&(struct leases_env){ .loop = loop,
						.store = &store->base,
						.shards = shards,
						.nshards = 2,
						.holder = span_of(holder),
						.period_ms = 10 });
}

static struct {
	size_t nrows;
	enum store_verdict verdict;
	enum tip_state state;
} looked;

static void saw(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	looked.nrows = reply->nrows;
	looked.verdict = reply->verdict;
	if (reply->nrows > 0)
		looked.state = reply->rows[0].state;
}

static void ask(const struct store_request *request)
{
	store_submit(store->memory, request, (struct store_wait){ .done = saw });
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
}

static enum tip_state state_of(unsigned number)
{
	ask(&(struct store_request){ .op = STORE_READ, .id = spool_tip_make(&arena, number).id });
	return looked.state;
}

/* Accepts tips of both shards and claims all of shard 15 for a second. */
static int begin(void **state)
{
	static const char regions[][7] = { "150602" };
	struct store_tip tips[4];
	struct store_claim claim = {
		.shard = "15", .regions = regions, .nregions = 1, .max = 10, .lease_ms = 1000, .holder = SPAN("officer")
	};

	(void)state;
	log_open(LOG_LEVEL_ERROR, false);
	loop = loop_new();
	store = store_double_new(loop);
	for (unsigned i = 0; i < 4; i++)
		tips[i] = spool_tip_make(&arena, i);
	ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = 4 });
	ask(&(struct store_request){ .op = STORE_CLAIM, .claim = &claim });
	assert_int_equal(looked.nrows, 4);
	leases = job_new("one");
	return 0;
}

static int finish(void **state)
{
	(void)state;
	leases_free(leases);
	store_free(&store->base);
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
	loop_free(loop);
	arena_release(&arena);
	return 0;
}

static void a_lease_that_runs_is_left_alone(void **state)
{
	(void)state;
	store_memory_advance(store->memory, 990);
	run_for(100);
	assert_int_equal(leases_expired(leases), 0);
	assert_int_equal(state_of(0), TIP_CLAIMED);
	assert_true(store->calls[STORE_EXPIRE] >= 4);
}

static void a_lease_that_ran_out_goes_back_once(void **state)
{
	(void)state;
	store_memory_advance(store->memory, 1001);
	run_for(100);
	assert_int_equal(leases_expired(leases), 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(state_of(i), TIP_QUEUED);
	run_for(100);
	assert_int_equal(leases_expired(leases), 4);
}

static void the_job_lease_is_not_renewed_at_every_round(void **state)
{
	(void)state;
	run_for(200);
	assert_true(store->calls[STORE_EXPIRE] >= 8);
	assert_int_equal(store->calls[STORE_JOB_LEASE], 2);
}

static void only_one_of_two_holders_works(void **state)
{
	struct leases *other;

	(void)state;
	run_for(50);
	other = job_new("two");
	run_for(50);
	store_memory_advance(store->memory, 1001);
	run_for(100);
	assert_int_equal(leases_expired(leases), 4);
	assert_int_equal(leases_expired(other), 0);
	leases_free(other);
	run_for(30);
}

static void another_takes_over_when_the_holder_is_gone(void **state)
{
	(void)state;
	run_for(50);
	leases_free(leases);
	run_for(30);
	leases = job_new("two");
	run_for(50);
	assert_int_equal(store->calls[STORE_EXPIRE] > 0, 1);
	store_memory_advance(store->memory, 61000);
	run_for(100);
	assert_int_equal(leases_expired(leases), 4);
}

static void who_lost_the_job_lease_stops_and_asks_for_it_again(void **state)
{
	struct store_request take = { .op = STORE_JOB_LEASE, .shard = "15", .job = "timers", .holder = SPAN("thief"),
				      .lease_ms = 1000 };

	(void)state;
	run_for(50);
	store_memory_advance(store->memory, 61000);
	ask(&take);
	assert_int_equal(looked.verdict, STORE_OK);
	run_for(100);
	assert_int_equal(leases_expired(leases), 0);
	assert_int_equal(state_of(0), TIP_CLAIMED);
	store_memory_advance(store->memory, 1001);
	run_for(100);
	assert_int_equal(leases_expired(leases), 4);
}

static void troubles_of_the_store_pass(void **state)
{
	(void)state;
	store->trouble = TROUBLE_LOST;
	run_for(60);
	store->base.up = false;
	run_for(60);
	store->base.up = true;
	store->trouble = TROUBLE_NONE;
	store_memory_advance(store->memory, 1001);
	run_for(100);
	assert_int_equal(leases_expired(leases), 4);
}

static void freeing_with_an_answer_out_waits_for_it(void **state)
{
	(void)state;
	store->trouble = TROUBLE_HELD;
	run_for(50);
	leases_free(leases);
	leases = NULL;
	store->trouble = TROUBLE_NONE;
	store_double_release(store);
	run_for(50);
	assert_int_equal(store->calls[STORE_EXPIRE], 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(a_lease_that_runs_is_left_alone),
		TEST(a_lease_that_ran_out_goes_back_once),
		TEST(the_job_lease_is_not_renewed_at_every_round),
		TEST(only_one_of_two_holders_works),
		TEST(another_takes_over_when_the_holder_is_gone),
		TEST(who_lost_the_job_lease_stops_and_asks_for_it_again),
		TEST(troubles_of_the_store_pass),
		TEST(freeing_with_an_answer_out_waits_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
