/*
 * Who left holds no tips: what an officer held whose last right was taken away
 * or ran out goes back to its queue, by an event "released" with why "left".
 *
 * This process knows its own files of tokens and accounts only, and other
 * processes may have others: somebody left who had a token or account here, in
 * the file or since this process started, and has now neither a token that is
 * valid nor an account that is active with a grant that holds. Of anybody else nothing is
 * known. No lease is needed: each release is one change of one tip at its rev.
 */
#ifndef TIPLINE_JOBS_LEAVERS_H
#define TIPLINE_JOBS_LEAVERS_H

#include "daemon/loop/loop.h"
#include "daemon/store/store.h"

struct leavers;
struct accounts;
struct tokens;

struct leavers_env {
	struct loop *loop;
	struct store *store;
	struct tokens *tokens;
	struct accounts *accounts;   /* NULL: there are none here */
	const char (*shards)[3];
	size_t nshards;
	unsigned period_ms;      /* of a round over all shards */
};

/* What `env` points at outlives the job. */
struct leavers *leavers_new(const struct leavers_env *env);
void leavers_free(struct leavers *leavers);

/* Begins a round now: the tokens may have changed. */
void leavers_kick(struct leavers *leavers);

/* Tips that went back since start. */
uint64_t leavers_released(const struct leavers *leavers);

#endif
