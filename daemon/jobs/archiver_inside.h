/*
 * What the files of the archiver share; nobody else includes it.
 *
 *   archiver.c        rounds, looking, leases, trimming
 *   archiver_file.c   writing a segment and holding it against the store
 *   archiver_scrub.c  reading files whole, one a round
 */
#ifndef TIPLINE_JOBS_ARCHIVER_INSIDE_H
#define TIPLINE_JOBS_ARCHIVER_INSIDE_H

#include "daemon/jobs/archiver.h"

#define ARCHIVER_SHARDS_MAX 101

struct archiver_shard {
	uint64_t checked;              /* rows of the store's list whose files are as they should be */
	uint64_t last;                 /* number up to which they go */
	struct archive_digest before;  /* of the last of them */
	uint64_t checked_ms;           /* when the first of them was looked at */
	bool complete;                 /* all of them were */
	struct complaint fault;        /* text empty: none */
	uint64_t changed;              /* first event of a file whose bytes are not as they were written; 0: none */
	uint64_t retry_ms;             /* it came up while a segment was moved: not before then again; 0: it did not */
};

/* The segment that is being moved. */
struct archiver_segment {
	struct archive_range range;
	uint64_t most;                 /* last number that may go */
	uint64_t next;                 /* event that is read next */
	struct archive_digest digest;
	uint64_t bytes;                /* of the file */
	uint64_t fence;
	struct archive_writer *writer; /* while it is gathered */
	struct archive_reader *reader; /* while it is compared */
};

struct archiver {
	struct archiver_env env;
	struct loop_timer *timer;
	struct archiver_shard shards[ARCHIVER_SHARDS_MAX];
	size_t shard;                  /* being worked on */
	struct archiver_segment segment;
	struct archiver_figures figures;
	struct {
		size_t shard;
		uint64_t next;         /* the file that has it, or the next one, is read whole next */
	} scrub;
	unsigned links;                /* of the store when rows were looked at */
	bool working;
	bool closing;
};

struct archiver_shard *archiver_shard(struct archiver *archiver);
const char *archiver_journal(const struct archiver *archiver);

/* Asks the store about the shard that is being worked on. */
void archiver_submit(struct archiver *archiver, struct store_request *request,
		     void (*done)(void *ctx, const struct store_reply *reply));

/* False: the job was to end, and is gone. Every answer asks this first. */
bool archiver_wanted(struct archiver *archiver);

/* Whether work goes on behind this step; false: the next shard is under way. */
bool archiver_goes_on(struct archiver *archiver, enum archiver_step step);

/* The next shard. */
void archiver_next(struct archiver *archiver);

/* A segment cannot be moved: said once, tried again later; then the next shard. */
void archiver_fault_is(struct archiver *archiver, const char *why);

/*
 * Of archiver_file.c: writes segment.range, or takes the file that is there,
 * compares it, and goes on with archiver_trim().
 */
void archiver_write(struct archiver *archiver);
void archiver_drop_segment(struct archiver *archiver);

void archiver_trim(struct archiver *archiver);

/* Something is wrong with this journal: said once. It ends. */
void archiver_fault_begins(struct archiver *archiver, size_t shard, const char *why);
void archiver_fault_ends(struct archiver *archiver, size_t shard);

/* Of archiver_scrub.c: reads one file whole, and again each round one that was not as it should be. */
void archiver_scrub(struct archiver *archiver);

#endif
