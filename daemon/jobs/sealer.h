/*
 * The sealer: puts the journals under signed checkpoints, and keeps the files
 * of the sealed logs that anybody may read.
 *
 * There is a log for each first-level region and the nation, one for money, one
 * for the audit trail; each is a tree that only grows (tlog/tree.h). What one
 * checkpoint adds is a batch, and the batches stand in the store (STORE_LOG_*).
 *
 *   every process   follows: makes the leaves of each batch from the journal (sys/leaves.h), holds its
 *                   root against the batch's, writes bundles, tiles and the batch (sys/tiles.h), publishes
 *   one of them     leads, under the lease of the job `sealer` of the log's shard: makes a batch of
 *                   what came since the last one, signs it, appends it to the store
 *
 * Nothing is signed that is not on record outside the store before: DIR/<log>/signed
 * is written and synced, then the signature goes to the store, which takes a
 * batch only behind the last one. A batch that was signed and whose fate is not
 * known is made again from the record, the same byte for byte. So two sealers
 * cannot sign two trees that both become known, and one cannot after a crash.
 *
 * A log is refused, which means neither signed nor published, when the store is
 * behind what was signed or written to files here, when it has another batch in
 * its place, or when a batch does not follow from the journal.
 */
#ifndef TIPLINE_JOBS_SEALER_H
#define TIPLINE_JOBS_SEALER_H

#include "daemon/loop/loop.h"
#include "daemon/store/store.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/tiles.h"

#define SEALER_LOGS_MAX 64
#define SEALER_WHY_MAX 200

struct sealer;

/* A checkpoint whose tiles are on the disk; all is borrowed for the call, the tiles stay as long as the sealer. */
struct sealer_checkpoint {
	struct span log;              /* "15", "money", "audit" */
	struct span origin;
	uint64_t number;              /* of its batch */
	int64_t at_ms;
	struct tree_head head;
	struct span note;             /* signed by the log alone */
	struct tiles *tiles;          /* of this log */
};

struct sealer_env {
	struct loop *loop;
	struct store *store;
	const struct keys *keys;
	const char (*shards)[3];      /* first-level regions and the nation; money and audit come in by themselves */
	size_t nshards;               /* at most SEALER_LOGS_MAX - 2 */
	struct span holder;           /* names this process; never empty */
	const char *dir;              /* the logs' directories are made in it */
	struct span origin;           /* of all logs: theirs is ORIGIN/NAME. A valid note name */
	unsigned interval_ms;         /* between two checkpoints of a log */
	unsigned look_ms;             /* between two looks at what others sealed */
	bool lead;                    /* seals too */
	int64_t (*wall_ms)(void *ctx);   /* NULL: clock_wall_ms() */
	/*
	 * Hands on a checkpoint to be published. NULL: tiles_put_checkpoint(). At a
	 * start the last one comes once more when it is not the one on the disk.
	 */
	void (*publish)(void *ctx, const struct sealer_checkpoint *checkpoint);
	void *ctx;
};

/* NULL with a complaint: a directory cannot be used. What `env` points at outlives the job. */
struct sealer *sealer_new(const struct sealer_env *env, struct complaint *why);
void sealer_free(struct sealer *sealer);

/* From the next checkpoint on. */
void sealer_set_interval(struct sealer *sealer, unsigned interval_ms);

/*
 * The process ends in good order: no batch is begun any more, what was asked is
 * waited for, and the leases are given back. NULL is allowed.
 */
void sealer_rest(struct sealer *sealer);
bool sealer_rests(const struct sealer *sealer);

/* --- what is known of a log ---------------------------------------------------------------------- */

struct sealer_log {
	struct span name;
	struct span origin;
	struct note_key key;
	struct tiles *tiles;          /* for reading */
	uint64_t batches;             /* followed: their tiles are on the disk */
	uint64_t size;                /* leaves with the last of them */
	int64_t at_ms;                /* of the last of them; 0: none */
	uint64_t journal;             /* last event of the journal, as of the last look */
	uint64_t unsealed;            /* events behind the last batch, likewise */
	int64_t unsealed_since_ms;    /* when the oldest of them was seen first; 0: there is none */
	bool looked;                  /* the store has been looked at */
	bool leading;
	bool refusing;
	char why[SEALER_WHY_MAX];     /* with refusing */
};

size_t sealer_count(const struct sealer *sealer);
void sealer_at(const struct sealer *sealer, size_t n, struct sealer_log *out);
/* False: there is no log of that name. */
bool sealer_find(const struct sealer *sealer, struct span log, struct sealer_log *out);

/*
 * From outside: what somebody else knows of a log speaks against signing it (a
 * witness has a larger or another tree). Refused until the process starts anew.
 */
void sealer_refuse(struct sealer *sealer, struct span log, const char *why);

struct sealer_figures {
	uint64_t sealed;              /* batches that this process made */
	uint64_t followed;            /* batches whose files it wrote */
	uint64_t leaves;              /* in those */
	uint64_t published;
	uint64_t overtaken;           /* batches of this process that another one was faster than */
	uint64_t fenced;
	uint64_t failed;              /* the store or the disk said no */
	uint64_t seal_ns;             /* spent with making and appending batches, waiting included; of `sealed` */
	uint64_t write_ns;            /* spent with writing and syncing files; of `followed` */
};

void sealer_figures(const struct sealer *sealer, struct sealer_figures *out);

#endif
