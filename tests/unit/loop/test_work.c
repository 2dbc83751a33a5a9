/*
 * Work beside the loop: the order, when it is full, whom places are kept for,
 * and that it may end while something runs and waits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/loop/work.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#define JOBS 64

struct job {
	unsigned number;
	sem_t *gate;      /* waits here; NULL: does not */
	sem_t *begun;     /* told when it begins; NULL: nobody is */
	pthread_t thread;
	bool ended;
};

static struct loop *loop;
static struct work *work;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned began[JOBS], nbegan, ndone, stop_at;
static struct job jobs[JOBS];
static sem_t gate, begun;

static void run(void *ctx)
{
	struct job *job = ctx;

	pthread_mutex_lock(&lock);
	began[nbegan++] = job->number;
	pthread_mutex_unlock(&lock);
	job->thread = pthread_self();
	if (job->begun != NULL)
		sem_post(job->begun);
	if (job->gate != NULL)
		sem_wait(job->gate);
	job->ended = true;
}

static void done(void *ctx)
{
	const struct job *job = ctx;

	assert_true(job->ended);
	assert_false(pthread_equal(job->thread, pthread_self()));
	if (++ndone == stop_at)
		loop_stop(loop);
}

static void begin(const struct work_plan *plan)
{
	loop = loop_new();
	work = work_new(loop, plan);
	nbegan = ndone = 0;
	memset(jobs, 0, sizeof(jobs));
	for (unsigned i = 0; i < JOBS; i++)
		jobs[i].number = i;
	sem_init(&gate, 0, 0);
	sem_init(&begun, 0, 0);
}

static void finish(void)
{
	work_free(work);
	loop_free(loop);
	sem_destroy(&gate);
	sem_destroy(&begun);
}

static bool submit(unsigned n, bool known)
{
	return work_submit(work, &(struct work_job){ .run = run, .done = done, .ctx = &jobs[n], .known = known });
}

/* A job that runs until the gate opens, and has begun when this returns. */
static void occupy(unsigned n)
{
	jobs[n].gate = &gate;
	jobs[n].begun = &begun;
	assert_true(submit(n, false));
	sem_wait(&begun);
}

static void open_gate(unsigned n)
{
	while (n-- > 0)
		sem_post(&gate);
}

static void run_until(unsigned n)
{
	stop_at = n;
	if (ndone < n)
		loop_run(loop);
	assert_int_equal(ndone, n);
}

static void jobs_begin_in_the_order_of_their_coming(void **state)
{
	(void)state;
	begin(&(struct work_plan){ .threads = 1, .queue = JOBS });
	for (unsigned i = 0; i < JOBS; i++)
		assert_true(submit(i, false));
	assert_int_equal(work_depth(work), JOBS);
	run_until(JOBS);
	assert_int_equal(work_depth(work), 0);
	for (unsigned i = 0; i < JOBS; i++)
		assert_int_equal(began[i], i);
	finish();
}

static void as_many_run_at_a_time_as_there_are_threads(void **state)
{
	(void)state;
	begin(&(struct work_plan){ .threads = 3, .queue = 4 });
	for (unsigned i = 0; i < 3; i++)
		occupy(i);
	assert_true(submit(3, false));
	assert_int_equal(nbegan, 3);
	assert_false(pthread_equal(jobs[0].thread, jobs[1].thread));
	assert_false(pthread_equal(jobs[1].thread, jobs[2].thread));
	open_gate(3);
	run_until(4);
	finish();
}

static void full_is_said_and_nothing_is_begun(void **state)
{
	(void)state;
	begin(&(struct work_plan){ .threads = 2, .queue = 3 });
	occupy(0);
	occupy(1);
	for (unsigned i = 2; i < 5; i++)
		assert_true(submit(i, false));
	assert_false(submit(5, false));
	assert_false(submit(5, true));
	assert_int_equal(work_depth(work), 5);
	open_gate(2);
	run_until(5);
	assert_int_equal(nbegan, 5);
	assert_true(submit(5, false));
	run_until(6);
	finish();
}

static void the_last_places_are_for_those_that_are_known(void **state)
{
	(void)state;
	begin(&(struct work_plan){ .threads = 1, .queue = 4, .reserved = 2 });
	occupy(0);
	assert_true(submit(1, false));
	assert_true(submit(2, false));
	assert_false(submit(3, false));
	assert_true(submit(3, true));
	assert_true(submit(4, true));
	assert_false(submit(5, true));
	open_gate(1);
	run_until(5);
	finish();
}

static void *open_one(void *ctx)
{
	sem_post(ctx);
	return NULL;
}

/* What runs is waited for, whatever waits behind it begins or is dropped; `done` is called for none. */
static void it_ends_while_a_job_runs(void **state)
{
	pthread_t other;

	(void)state;
	begin(&(struct work_plan){ .threads = 1, .queue = JOBS });
	occupy(0);
	for (unsigned i = 1; i < JOBS; i++)
		assert_true(submit(i, false));
	assert_int_equal(pthread_create(&other, NULL, open_one, &gate), 0);
	work_free(work);
	assert_true(jobs[0].ended);
	for (unsigned i = 0; i < nbegan; i++)
		assert_true(jobs[began[i]].ended);
	pthread_join(other, NULL);
	work = NULL;
	finish();
	assert_int_equal(ndone, 0);
}

static void it_ends_without_having_begun(void **state)
{
	(void)state;
	begin(&(struct work_plan){ .threads = 2, .queue = 4 });
	finish();
	work_free(NULL);
}

/* A job that is done may hand in the next one. */
static void again(void *ctx)
{
	done(ctx);
	if (ndone < 10)
		assert_true(work_submit(work, &(struct work_job){ .run = run, .done = again, .ctx = &jobs[ndone] }));
}

static void one_leads_to_the_next(void **state)
{
	(void)state;
	begin(&(struct work_plan){ .threads = 2, .queue = 1 });
	assert_true(work_submit(work, &(struct work_job){ .run = run, .done = again, .ctx = &jobs[0] }));
	run_until(10);
	assert_int_equal(nbegan, 10);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_begin_in_the_order_of_their_coming),
		cmocka_unit_test(as_many_run_at_a_time_as_there_are_threads),
		cmocka_unit_test(full_is_said_and_nothing_is_begun),
		cmocka_unit_test(the_last_places_are_for_those_that_are_known),
		cmocka_unit_test(it_ends_while_a_job_runs),
		cmocka_unit_test(it_ends_without_having_begun),
		cmocka_unit_test(one_leads_to_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
