/*
 * Work that takes long and waits for nothing (Argon2id, decoding an image's
 * container): done by a few threads beside the loop.
 *
 * A job borrows nothing of the loop: it reads and writes what its `ctx` owns,
 * and nobody else touches that until `done` was called, in the loop's thread,
 * from the post queue. Jobs begin in order of their coming. The threads start
 * with the first job, so they stand under the sandbox of the process.
 */
#ifndef TIPLINE_LOOP_WORK_H
#define TIPLINE_LOOP_WORK_H

#include "daemon/loop/loop.h"

struct work;

/* `threads` at most run at a time; `queue` more may wait, of which the last `reserved` are for jobs that are known. */
struct work_plan {
	unsigned threads, queue, reserved;
};

struct work *work_new(struct loop *loop, const struct work_plan *plan);

/* Waits for the jobs that run; those that wait are dropped, and `done` is called for none of them. */
void work_free(struct work *work);

struct work_job {
	void (*run)(void *ctx);        /* in a thread */
	loop_call *done;               /* in the loop */
	void *ctx;
	bool known;                    /* may take a reserved place */
};

/* False: all places are taken, nothing was begun; the caller answers "busy". */
bool work_submit(struct work *work, const struct work_job *job) __attribute__((warn_unused_result));

/* Jobs that wait or run. */
size_t work_depth(const struct work *work);

#endif
