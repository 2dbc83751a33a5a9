/*
 * Escalation: a tip that nobody opened, answered or worked on for as long as
 * its limit passes to the level above by itself.
 *
 * A job per shard under the shard's job lease: one process leads, and what one
 * that led before still sends is refused by the store. A tip moves once for
 * each time a clock runs out, however often it is asked for and whoever dies
 * in between, because the store compares its rev and looks at its own clock.
 */
#ifndef TIPLINE_JOBS_ESCALATION_H
#define TIPLINE_JOBS_ESCALATION_H

#include "daemon/loop/loop.h"
#include "daemon/store/store.h"

struct escalation;

struct escalation_env {
	struct loop *loop;
	struct store *store;
	const char (*shards)[3];
	size_t nshards;
	struct span holder;      /* names this process; never empty */
	unsigned period_ms;      /* of a round over all shards */
	/* The region in force above; the nation at last. */
	void (*above)(void *ctx, const char region[7], char above[7]);
	void *ctx;
};

struct escalation_figures {
	uint64_t escalated[CLOCK_WAITS];   /* since start, by why */
	uint64_t refused;                  /* changed, or not due by the store's clock */
	bool leading;                      /* in one shard or more */
};

/* Rests until it is given limits. What `env` points at outlives the job. */
struct escalation *escalation_new(const struct escalation_env *env);
void escalation_free(struct escalation *escalation);

/* Limits from the next tip on; NULL: it rests. */
void escalation_set(struct escalation *escalation, const struct clock_limits *limits);

void escalation_figures(const struct escalation *escalation, struct escalation_figures *out);

#endif
