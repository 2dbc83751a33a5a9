/*
 * What the files of the sealer share (sealer.c is its door).
 *
 *   sealer.c          logs in turn, the lease, what is known outside
 *   sealer_follow.c   a look at the store, and each batch there into files
 *   sealer_lead.c     a batch of what came since the last one
 *   sealer_leaves.c   from the journal's events to the leaves of a batch, a few in each turn of the loop
 *   sealer_files.c    the files of one log: where it stands, what a batch adds
 *   sealer_signed.c   the record of what was signed
 */
#ifndef TIPLINE_JOBS_SEALER_INSIDE_H
#define TIPLINE_JOBS_SEALER_INSIDE_H

#include "daemon/base/buf.h"
#include "daemon/jobs/sealer.h"
#include "daemon/sys/leaves.h"

#define SEALER_JOB "sealer"
#define SEALER_NAME_MAX 8
#define SEALER_PATH_MAX 4096

struct sealer_tree {
	char name[SEALER_NAME_MAX];
	char shard[3];
	bool money;                   /* its journal is that of money */
	char origin[NOTE_NAME_MAX + 1];
	struct note_key key;
	char dir[SEALER_PATH_MAX];
	struct tiles *tiles;
	struct edge edge;
	struct buf bundle;            /* entries of the open bundle */
	struct tiles_batch last;      /* followed; number 0: none */
	struct tiles_batch attempt;   /* the last one that was signed here; number 0: none */
	bool shown;                   /* the last one's checkpoint was handed on */

	uint64_t fence;
	bool held;                    /* the lease */
	uint64_t lease_ms;            /* when to ask for it or renew it */
	uint64_t look_ms;             /* when to look */
	int64_t slot;                 /* of time, as of the last visit */
	bool wanted;                  /* a new slot has begun, more waits than a batch holds, or the last try failed */

	bool looked;
	bool refusing;
	bool for_good;                /* until the process starts anew */
	char why[SEALER_WHY_MAX];
	uint64_t journal;
	int64_t unsealed_since_ms;
};

/* The leaves of one batch, while they are made and after. */
struct sealer_work {
	struct store_batch batch;     /* without note */
	uint64_t next;                /* event to be read next */
	struct arena arena;           /* events that were read */
	struct leaves_event *events;
	size_t nevents, used;
	struct arena scratch;         /* of one event's leaf */
	struct arena held;            /* of the leaves */
	struct leaves leaves;
	size_t n;                     /* events that have theirs */
	bool whole;
	void (*made)(struct sealer *sealer);
};

struct sealer {
	struct sealer_env env;
	struct loop_timer *timer;
	struct loop_timer *turning;           /* a further turn of the work under way; or NULL... */
	void (*run)(void *ctx);               /* ...and what it does */
	struct sealer_tree *trees;
	size_t n;
	size_t at;                            /* being worked on */
	bool working;
	bool resting;
	bool closing;
	unsigned calls;                       /* under way */

	struct arena arena;                   /* of the last look */
	struct store_batch *batches;
	size_t nbatches, next;
	uint64_t count;                       /* of the last look */
	struct sealer_work work;
	uint64_t began_ns;
	struct sealer_figures figures;
};

/* --- sealer.c --- */

static inline struct sealer_tree *sealer_tree(struct sealer *sealer)
{
	return &sealer->trees[sealer->at];
}

int64_t sealer_wall_ms(const struct sealer *sealer);

/* About the log that is being worked on; the answer begins with sealer_answered(). */
void sealer_submit(struct sealer *sealer, struct store_request *request,
		   void (*done)(void *ctx, const struct store_reply *reply));
/* False: the job is gone, or memory is. */
bool sealer_answered(struct sealer *sealer);

/* In the next turn of the loop: what else waits there comes in between. */
void sealer_turn(struct sealer *sealer, void (*run)(void *ctx));

/* The work on this log is done, or cannot go on now; the next one. */
void sealer_next(struct sealer *sealer);

/* The log is refused from now on, and the work on it ends. */
void sealer_stop_log(struct sealer *sealer, bool for_good, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Nothing speaks against it any more, unless it was refused for good. */
void sealer_log_holds(struct sealer *sealer);

/* The disk said no. What was put is given up, and the work on the log ends. */
void sealer_disk_failed(struct sealer *sealer, const struct complaint *why);

/* --- sealer_follow.c --- */

/* Looks at the store and does what there is to do for the log. */
void sealer_look(struct sealer *sealer);

/* --- sealer_lead.c --- */

/* The slot of time in which the log is now: at each new one a batch is due. */
int64_t sealer_slot(const struct sealer *sealer, size_t tree);

/* Whether a batch is to be made of what the last look saw. */
bool sealer_is_due(const struct sealer *sealer);
void sealer_seal(struct sealer *sealer);

/* --- sealer_leaves.c --- */

/* Makes the leaves of a batch in sealer->work, then calls `made`; or the work on the log ends. */
void sealer_make(struct sealer *sealer, const struct store_batch *batch, void (*made)(struct sealer *sealer));
void sealer_work_release(struct sealer_work *work);

/* --- sealer_files.c --- */

bool sealer_tree_open(struct sealer_tree *tree, struct complaint *why);
void sealer_tree_close(struct sealer_tree *tree);

/* Stands where the last batch on record ends, whatever was put behind it. */
bool sealer_tree_resume(struct sealer_tree *tree, struct complaint *why);

/* Puts the leaves of the batch and tells the root they lead to; nothing is on record before the commit. */
bool sealer_tree_put(struct sealer_tree *tree, const struct sealer_work *work, struct merkle_hash *root,
		     struct complaint *why);
bool sealer_tree_commit(struct sealer_tree *tree, const struct tiles_batch *batch, struct complaint *why);

/* The root of the log with the leaves of the batch. */
struct merkle_hash sealer_tree_root(const struct sealer_tree *tree, const struct sealer_work *work);

/* --- sealer_signed.c --- */

/* Reads DIR/signed; none is number 0. */
bool sealer_signed_read(const char *dir, struct tiles_batch *batch, struct complaint *why);
/* On the disk when it returns true. */
bool sealer_signed_write(const char *dir, const struct tiles_batch *batch, struct complaint *why);

#endif
