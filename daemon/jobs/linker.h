/*
 * The linker: follows the journals of all shards and tells the store which
 * tips belong together (core/incident/casebook.h decides).
 *
 * One process links for all shards, because an incident may reach over them.
 * Who holds the job lease of the national shard leads. He then takes the job's
 * number in every shard: writes of whoever led before him are refused from
 * there on, and since nobody asks for those numbers without leading, they need
 * no renewal. How far each journal was judged is noted in the store; after a
 * restart all that the casebook may hold is read again, what was judged before
 * without judging.
 *
 * Nothing waits for the linker: a tip is accepted, queued and claimed without it.
 */
#ifndef TIPLINE_JOBS_LINKER_H
#define TIPLINE_JOBS_LINKER_H

#include "daemon/core/incident/casebook.h"
#include "daemon/jobs/model.h"
#include "daemon/loop/loop.h"
#include "daemon/store/store.h"

struct linker;

struct linker_env {
	struct loop *loop;
	struct store *store;
	const char (*shards)[3];           /* the national one among them */
	size_t nshards;
	struct span holder;                /* names this process; never empty */
	struct casebook_limits limits;
	const struct rules *rules;
	struct model *model;               /* is taught by closed tips; NULL: nothing is learned */
	/* An intent for the outbox that a tip of another shard gets a child; NULL: none is made. */
	struct span (*child_intent)(void *ctx, const struct store_link *child, struct arena *arena);
	/* Something is in the outbox of that shard now; may be NULL. */
	void (*outbox_written)(void *ctx, struct span shard);
	void *ctx;
};

struct linker_figures {
	struct casebook_figures casebook;
	bool leading;             /* holds the lease */
	bool warm;                /* has read all there was at its start */
	uint64_t read;            /* events since start */
	uint64_t unreadable;      /* events that were passed over, or whose fingerprint was broken */
	uint64_t behind;          /* events that it has fetched and not judged */
	uint64_t open;            /* decisions that the store has not answered yet */
	uint64_t linked, suggested, rescored;  /* decisions that the store took */
	uint64_t refused;         /* decisions that the store did not take: a person was faster */
	uint64_t warm_ms;         /* how long it took to get warm; 0: not yet */
};

/* What `env` points at outlives the job. */
struct linker *linker_new(const struct linker_env *env);
void linker_free(struct linker *linker);

/*
 * The process ends in good order: nothing new is read or decided, and the
 * lease is given back, so that the next one need not wait for its end. NULL is allowed.
 */
void linker_rest(struct linker *linker);
/* Everything that was asked has been answered since. */
bool linker_rests(const struct linker *linker);

/* Rules that are in force from now on; the ones before may go. */
void linker_set_rules(struct linker *linker, const struct rules *rules);

/* Something was written to the journal of that shard: look there soon. Others are looked at twice a second. */
void linker_kick(struct linker *linker, struct span shard);

void linker_figures(const struct linker *linker, struct linker_figures *out);

#endif
