/*
 * Threads beside the loop; see work.h.
 *
 * One queue under one mutex. A thread that finished hands its job back in a
 * second list and writes to an eventfd, so that the loop wakes up and posts
 * what is to be called. Signals are the loop's: the threads block them all.
 */
#include "daemon/loop/work.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

struct task {
	struct work_job job;
	STAILQ_ENTRY(task) link;
};

STAILQ_HEAD(tasks, task);

struct work {
	struct loop *loop;
	struct work_plan plan;
	size_t depth;              /* of the loop's thread: submitted, and `done` not called yet */
	pthread_t *threads;
	unsigned nthreads;         /* that were started */
	int wake;                  /* eventfd: something is finished */
	struct event *woken;

	pthread_mutex_t lock;      /* of what follows */
	pthread_cond_t comes;
	struct tasks waiting, finished;
	unsigned nwaiting, nfree;  /* tasks that no thread has taken; threads that wait for one */
	bool ending;
};

/* --- in the threads -------------------------------------------------------------- */

/* The next task, or NULL: it is over. Called with the lock held. */
static struct task *take(struct work *work)
{
	struct task *task;

	while (!work->ending && STAILQ_EMPTY(&work->waiting)) {
		work->nfree++;
		pthread_cond_wait(&work->comes, &work->lock);
		work->nfree--;
	}
	if (work->ending)
		return NULL;
	task = STAILQ_FIRST(&work->waiting);
	STAILQ_REMOVE_HEAD(&work->waiting, link);
	work->nwaiting--;
	return task;
}

static void *labour(void *arg)
{
	const uint64_t one = 1;
	struct work *work = arg;
	struct task *task;

	pthread_mutex_lock(&work->lock);
	while ((task = take(work)) != NULL) {
		pthread_mutex_unlock(&work->lock);
		task->job.run(task->job.ctx);
		pthread_mutex_lock(&work->lock);
		STAILQ_INSERT_TAIL(&work->finished, task, link);
		/* A counter that is full wakes the loop all the same. */
		if (write(work->wake, &one, sizeof(one)) < 0)
			continue;
	}
	pthread_mutex_unlock(&work->lock);
	return NULL;
}

/* --- in the loop ------------------------------------------------------------------- */

/* One finished task; the loop posts this once for each. */
static void finish_one(void *ctx)
{
	struct work *work = ctx;
	struct task *task;

	pthread_mutex_lock(&work->lock);
	task = STAILQ_FIRST(&work->finished);
	assert(task != NULL);
	STAILQ_REMOVE_HEAD(&work->finished, link);
	pthread_mutex_unlock(&work->lock);
	work->depth--;
	task->job.done(task->job.ctx);
	free(task);
}

static void woken(evutil_socket_t fd, short what, void *arg)
{
	struct work *work = arg;
	uint64_t n = 0;

	(void)what;
	if (read(fd, &n, sizeof(n)) != (ssize_t)sizeof(n))
		return;
	while (n-- > 0)
		loop_post(work->loop, finish_one, work);
}

struct work *work_new(struct loop *loop, const struct work_plan *plan)
{
	struct work *work = memory_zeroes(1, sizeof(*work));

	assert(plan->threads > 0 && plan->reserved <= plan->queue);
	work->loop = loop;
	work->plan = *plan;
	work->threads = memory_zeroes(plan->threads, sizeof(*work->threads));
	pthread_mutex_init(&work->lock, NULL);
	pthread_cond_init(&work->comes, NULL);
	STAILQ_INIT(&work->waiting);
	STAILQ_INIT(&work->finished);
	work->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert(work->wake >= 0);
	work->woken = event_new(loop_base(loop), work->wake, EV_READ | EV_PERSIST, woken, work);
	assert(work->woken != NULL);
	event_add(work->woken, NULL);
	return work;
}

static void drop(struct tasks *tasks)
{
	struct task *task;

	while ((task = STAILQ_FIRST(tasks)) != NULL) {
		STAILQ_REMOVE_HEAD(tasks, link);
		free(task);
	}
}

void work_free(struct work *work)
{
	if (work == NULL)
		return;
	pthread_mutex_lock(&work->lock);
	work->ending = true;
	pthread_cond_broadcast(&work->comes);
	pthread_mutex_unlock(&work->lock);
	for (unsigned i = 0; i < work->nthreads; i++)
		pthread_join(work->threads[i], NULL);
	event_free(work->woken);
	close(work->wake);
	/* Calls that were posted and have not run. */
	loop_post_cancel(work->loop, finish_one, work);
	drop(&work->waiting);
	drop(&work->finished);
	pthread_cond_destroy(&work->comes);
	pthread_mutex_destroy(&work->lock);
	free(work->threads);
	free(work);
}

/* One more thread, with all signals blocked: they are the loop's. */
static bool hire(struct work *work)
{
	sigset_t all, before;
	bool well;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	well = pthread_create(&work->threads[work->nthreads], NULL, labour, work) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	work->nthreads += well;
	return well;
}

bool work_submit(struct work *work, const struct work_job *job)
{
	size_t places = work->plan.threads + work->plan.queue - (job->known ? 0 : work->plan.reserved);
	bool more;
	struct task *task;

	if (work->depth >= places)
		return false;
	pthread_mutex_lock(&work->lock);
	more = work->nwaiting >= work->nfree;
	pthread_mutex_unlock(&work->lock);
	if (more && work->nthreads < work->plan.threads && !hire(work) && work->nthreads == 0)
		return false;
	task = memory_zeroes(1, sizeof(*task));
	task->job = *job;
	work->depth++;
	pthread_mutex_lock(&work->lock);
	STAILQ_INSERT_TAIL(&work->waiting, task, link);
	work->nwaiting++;
	pthread_cond_signal(&work->comes);
	pthread_mutex_unlock(&work->lock);
	return true;
}

size_t work_depth(const struct work *work)
{
	return work->depth;
}
