/*
 * Retention: parts of tips that have ended are deleted when their time is over
 * (core/retention.h), by one event each (STORE_ERASE).
 *
 * A job per shard under the shard's job lease. The plan is made of a row as it
 * was read and carried out if the tip is still the same by then; the store looks
 * at its own clock. The time that was trusted last is the note of the job, so a
 * clock that jumps deletes nothing at once whoever leads.
 *
 * Files lie where intake writes them: the store keeps their names until a
 * process that may has removed them (jobs/shredder.h).
 */
#ifndef TIPLINE_JOBS_RETENTION_H
#define TIPLINE_JOBS_RETENTION_H

#include "daemon/core/retention.h"
#include "daemon/loop/loop.h"
#include "daemon/store/store.h"

struct retention;

struct retention_env {
	struct loop *loop;
	struct store *store;
	const char (*shards)[3];
	size_t nshards;
	struct span holder;      /* names this process; never empty */
	unsigned period_ms;      /* of a round over all shards */
	int64_t settle_ms;       /* retention_clock_turn() */
	/* Whether a reward of the tip is not finished, or nobody knows. NULL: there are no rewards. */
	bool (*unpaid)(void *ctx, const struct tip_id *id);
	void *ctx;
};

struct retention_figures {
	uint64_t erased[RETENTION_PARTS];  /* since start */
	uint64_t refused;                  /* changed, held or too early by the store's clock */
	uint64_t due;                      /* tips of which something was due in the last round */
	uint64_t held;                     /* tips that a hold or an unfinished reward kept, in the last round */
	int64_t round_ms;                  /* when the last round ended; 0: none yet */
	bool waiting;                      /* the clock jumped: it is not believed yet */
	bool leading;                      /* in one shard or more */
};

/* Rests until it is given rules. What `env` points at outlives the job. */
struct retention *retention_new(const struct retention_env *env);
void retention_free(struct retention *retention);

/* Rules from the next tip on, copied; NULL: it rests. */
void retention_set(struct retention *retention, const struct retention_rules *rules);

/* It has rules. */
bool retention_is_on(const struct retention *retention);

/* A round begins now, unless one is under way. False: the store is away, or it rests. */
bool retention_run(struct retention *retention);

void retention_figures(const struct retention *retention, struct retention_figures *out);

#endif
