/*
 * Group commit: every tip that is ready in one turn of the loop is written by
 * one call, under one signature.
 *
 * The store takes them; when it is away, or still has older tips to take from
 * the spool, the spool does. A tip is done here only when it is on disk.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_COMMIT_H
#define TIPLINE_HANDLERS_INTAKE_COMMIT_H

#include "daemon/loop/flow.h"
#include "daemon/store/spool.h"
#include "daemon/store/store.h"
#include "daemon/sys/keys.h"

struct commit;

enum commit_end {
	COMMIT_STORED,
	COMMIT_SPOOLED,
	COMMIT_REPEATED,   /* answer and digest of the first request are set */
	COMMIT_KNOWN,      /* a named request's tip is there already, but its answer is not kept any more */
	COMMIT_COLLISION,  /* the id is taken: draw another code and try again */
	COMMIT_REFUSED,    /* neither store nor spool: try again later */
	COMMIT_UNKNOWN,    /* the store did not say, and the spool refused: it may be there */
};

/* One tip on its way; lives in its flow's arena until the flow is resumed. */
struct commit_tip {
	struct store_tip tip;        /* all but answer, which the commit makes */
	struct receipt_code receipt; /* goes into the answer */
	const struct seal_key *answer_key;  /* seals the kept answer; NULL: nothing is kept */
	/* The call with it has gone to the store, not to the spool: what is asked of the store now comes behind it. May be NULL. */
	void (*sent)(void *ctx);
	void *sent_ctx;

	enum commit_end end;
	struct span promise;         /* JSON of the promise, in the flow's arena */
	struct span first_answer;    /* with COMMIT_REPEATED: sealed, in the flow's arena */
	unsigned char first_digest[STORE_MARK_BYTES];
};

struct commit_env {
	struct loop *loop;
	struct store *store;
	struct spool *spool;
	const struct keys *keys;
	/* An intent of that shard is in the outbox now; may be NULL. */
	void (*outbox_written)(void *ctx, struct span shard);
	/* A tip of that shard is in the store now; may be NULL. */
	void (*stored)(void *ctx, struct span shard);
	void *ctx;
};

struct commit_figures {
	uint64_t stored;
	uint64_t spooled;
	uint64_t repeated;
	uint64_t refused;    /* and those of which nobody knows */
	uint64_t batches;
};

struct commit *commit_new(const struct commit_env *env);
void commit_free(struct commit *commit);

/* Adds a tip to this turn's batch; the flow is resumed when its end is known. */
enum flow_next commit_add(struct commit *commit, struct flow *flow, struct commit_tip *tip);

const struct commit_figures *commit_figures(const struct commit *commit);

#endif
