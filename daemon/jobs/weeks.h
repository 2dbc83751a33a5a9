/*
 * Keys of past weeks: what is still needed of an old week is put under the
 * present week's key (STORE_COVER), and a key under which nothing lies any more
 * is destroyed. With it all copies of what retention deleted of that week lose
 * their last key. core/old_weeks.h says which weeks are old and when a key goes.
 *
 * One job for the whole store, under a lease; no walk unless an old key is
 * there. It goes page by page with a pause behind each. Judged by a clock that
 * is not believed when it jumps (core/retention.h).
 *
 * Nothing is destroyed while something is out of sight: a tip between two
 * shards, or waiting in a spool, of whichever process (sys/week_mark.h). The
 * event in the audit trail is on disk before the key goes.
 */
#ifndef TIPLINE_JOBS_WEEKS_H
#define TIPLINE_JOBS_WEEKS_H

#include "daemon/core/old_weeks.h"
#include "daemon/loop/loop.h"
#include "daemon/store/store.h"

struct trail;
struct week_keys;
struct weeks_job;

struct weeks_env {
	struct loop *loop;
	struct store *store;
	struct trail *trail;
	struct week_keys *keys;
	const char *dir;         /* of the weekly keys */
	struct span holder;      /* names this process; never empty */
	unsigned period_ms;      /* of a round */
	unsigned pause_ms;       /* behind each page */
	uint64_t sure_ms;        /* between the two looks that find nothing */
	int64_t settle_ms;       /* retention_clock_turn() */
};

struct weeks_figures {
	uint64_t moved;          /* tips, since start */
	uint64_t stayed;         /* that changed meanwhile, or do not open with the key that is here */
	uint64_t destroyed;      /* keys */
	uint64_t old;            /* keys that are here and should go, as of the last round */
	uint64_t tips;           /* under them */
	bool held_back;          /* something is out of sight: nothing is destroyed */
	int64_t round_ms;        /* when the last round ended; 0: none yet */
	bool leading;
};

/* Rests until it is given rules. What `env` points at outlives the job. */
struct weeks_job *weeks_job_new(const struct weeks_env *env);
void weeks_job_free(struct weeks_job *job);

/* From the next round on, copied; after_weeks 0: it rests. */
void weeks_job_set(struct weeks_job *job, const struct old_weeks_rules *rules);

void weeks_job_figures(const struct weeks_job *job, struct weeks_figures *out);

#endif
