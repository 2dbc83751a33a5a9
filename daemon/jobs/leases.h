/*
 * Leases that ran out go back to their queues: a job per shard, under the
 * shard's own job lease with its fencing number.
 */
#ifndef TIPLINE_JOBS_LEASES_H
#define TIPLINE_JOBS_LEASES_H

#include "daemon/loop/loop.h"
#include "daemon/store/store.h"

struct leases;

struct leases_env {
	struct loop *loop;
	struct store *store;
	const char (*shards)[3];
	size_t nshards;
	struct span holder;      /* names this process; never empty */
	unsigned period_ms;      /* of a round over all shards */
};

/* What `env` points at outlives the job. */
struct leases *leases_new(const struct leases_env *env);
void leases_free(struct leases *leases);

/* Tips that went back since start. */
uint64_t leases_expired(const struct leases *leases);

#endif
