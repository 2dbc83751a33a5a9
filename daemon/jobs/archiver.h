/*
 * The archiver: events that are sealed, old enough and many enough move from
 * the journals in the store to files, a segment at a time.
 *
 *   look     what the store has let go of, how far it is sealed; each file it names must be here
 *   lease    of the job in this shard, only where there is work
 *   write    the segment beside its place, synced, named, its directory synced;
 *            or a file of that name is there, left by one who did not come further
 *   compare  the file is read again and held against the store's events, field by field
 *   trim     with the job's fence: the store writes down range and digest and lets go, in one call
 *
 * Whatever ends it between two steps leaves the events where they were, or in
 * both places; the next one goes on from there. Where a file is missing or is
 * another one, nothing of that journal is trimmed by this process, and it says so.
 */
#ifndef TIPLINE_JOBS_ARCHIVER_H
#define TIPLINE_JOBS_ARCHIVER_H

#include "daemon/base/complaint.h"
#include "daemon/loop/loop.h"
#include "daemon/store/store.h"
#include "daemon/sys/archive.h"

struct archiver;

enum archiver_step {
	ARCHIVER_LEASED,
	ARCHIVER_WRITTEN,
	ARCHIVER_COMPARED,
	ARCHIVER_TRIMMED,
};

struct archiver_env {
	struct loop *loop;
	struct store *store;
	const struct archive *archive;
	const char (*shards)[3];      /* STORE_AUDIT_SHARD too */
	size_t nshards;
	struct span holder;           /* names this process; never empty */
	unsigned period_ms;           /* of a round over all shards */
	unsigned recheck_ms;          /* all files are looked at again after this time */
	bool writes;                  /* false: files are only looked at */
	unsigned segment_events;      /* in a file */
	unsigned keep_events;         /* the latest so many stay in the store; 1 or more */
	int64_t keep_ms;              /* and those younger than this */
	/* Tests: called after each step; false leaves the work there as a crash would. Or NULL. */
	bool (*goes_on)(void *ctx, enum archiver_step step);
	void *ctx;
};

/* What `env` points at outlives the job. */
struct archiver *archiver_new(const struct archiver_env *env);
void archiver_free(struct archiver *archiver);

struct archiver_figures {
	uint64_t segments, events, bytes;   /* that this process moved; bytes of files */
	size_t faults;                      /* journals with a file that is missing or is another one */
	size_t unchecked;                   /* journals of which not every file was looked at yet */
};

struct archiver_figures archiver_figures(const struct archiver *archiver);

/* What is wrong with the first such journal, file and numbers named; NULL: nothing. */
const char *archiver_fault(const struct archiver *archiver);

#endif
