/*
 * Files of tips that retention deleted: removed from the disk by a process that
 * may write there, after the event that says so is in the journal.
 *
 * The store has their names until they are gone (STORE_DOOMED), so a process
 * that died in between, or a power cut, leaves nothing behind for good. No lease:
 * removing what is removed already does no harm.
 */
#ifndef TIPLINE_JOBS_SHREDDER_H
#define TIPLINE_JOBS_SHREDDER_H

#include "daemon/loop/loop.h"
#include "daemon/store/store.h"

struct shredder;

struct shredder_env {
	struct loop *loop;
	struct store *store;
	const char (*shards)[3];
	size_t nshards;
	unsigned period_ms;      /* of a round over all shards */
	const char *dir;         /* of sealed files */
	/* The path of a file by its stored name; false when it is no such name. */
	bool (*path)(const char *dir, struct span stored, char *path, size_t size);
};

struct shredder_figures {
	uint64_t removed;        /* files since start */
	uint64_t failed;         /* that the disk refused to remove: tried again in the next round */
};

/* What `env` points at outlives the job. */
struct shredder *shredder_new(const struct shredder_env *env);
void shredder_free(struct shredder *shredder);
void shredder_figures(const struct shredder *shredder, struct shredder_figures *out);

#endif
