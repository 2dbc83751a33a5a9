/*
 * What the sealed log holds of the tip behind a receipt: the leaf that says it
 * was received, with its proof, and all later ones.
 *
 * The leaves are found by trying, with the seed that follows from the code, from
 * the batch of the time of receipt on: nothing was written down that leads from
 * a tip to its leaves. A search is done in slices, so that others are served in
 * between, is bounded for each request, and goes on where it was left.
 * Only a tip whose code was proven gets here.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_RECEIPT_LOG_H
#define TIPLINE_HANDLERS_INTAKE_RECEIPT_LOG_H

#include "handlers/log/logs.h"
#include "daemon/base/json_out.h"
#include "daemon/core/tip/receipt.h"

#define RECEIPT_LOGS_MAX 4        /* shards of a tip that went from one to another: the first, and the last ones */
#define RECEIPT_LEAVES_MAX 200
#define RECEIPT_SLICE 4096        /* leaves that one call tries */

struct receipt_leaf {
	const struct sealed_log *log;
	struct leaf_found found;
};

struct receipt_log {
	struct logs *logs;                    /* NULL: no log is served here */
	unsigned char seed[LEAF_SEED_BYTES];
	int64_t received_ms;
	struct {
		char shard[3];
		uint64_t last_event;          /* of the tip in its journal */
	} at[RECEIPT_LOGS_MAX];
	size_t n;

	/* The search. */
	size_t now;                           /* of at[] */
	uint64_t left;                        /* tries of this request */

	/* What came of it. */
	bool proven;                          /* the first leaf is there, and its proof holds */
	bool whole;                           /* all was looked at that the checkpoints cover */
	bool behind;                          /* something of the tip is not in the log yet */
	uint64_t size;                        /* leaves of the proof's checkpoint */
	uint64_t index;                       /* of the leaf that is proven */
	unsigned char leaf[LEAF_BYTES];
	struct span proof;                    /* in the arena */
	struct receipt_leaf leaves[RECEIPT_LEAVES_MAX];
	size_t nleaves;
};

/* Before the search: the tip is, or was, in this shard, and had that number there for its last event. */
void receipt_log_visit(struct receipt_log *log, const char *shard, uint64_t last_event);

/* Begins the search for the tip of that code, at that time received; `logs` may be NULL. */
void receipt_log_begin(struct receipt_log *log, struct logs *logs, const struct receipt_code *code, int64_t received_ms);

/* One slice. True: this request has all it gets, and its proof, if there is one, lies in the arena. */
bool receipt_log_look(struct receipt_log *log, struct arena *arena);

/* Wipes the seed. */
void receipt_log_end(struct receipt_log *log);

/* The member "log" of an answer. */
void receipt_log_json(const struct receipt_log *log, struct json_out *json);

#endif
