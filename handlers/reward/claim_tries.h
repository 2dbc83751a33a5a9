/*
 * May something that leads to nothing be tried once more? Counted by code, by
 * source and for all together, whichever way it came: page, JSON or SMS.
 *
 *   memory   refuses at once what this process knows to be too often
 *   store    counts by code across restarts and processes
 *
 * A code that has a reward is never asked about here. A store that is away
 * slows nobody down: memory alone decides then.
 */
#ifndef TIPLINE_HANDLERS_REWARD_CLAIM_TRIES_H
#define TIPLINE_HANDLERS_REWARD_CLAIM_TRIES_H

#include "daemon/store/store.h"
#include "handlers/app.h"
#include "handlers/reward/tries.h"

/* A refusal with what to do about it. */
struct claim_try {
	enum tries_verdict verdict;
	unsigned wait_s;             /* TRIES_WAIT */
};

/* By what this process knows; go counts. `source`: of the visitor or sender. Limits that are switched off let all go. */
struct claim_try claim_try_here(const struct app *app, const unsigned char mark[TRIES_MARK_BYTES], uint64_t source);

/* What to ask the store when it may go on; the store never learns the code's own mark. */
void claim_try_store(const struct app *app, const unsigned char mark[TRIES_MARK_BYTES], struct store_try *out);
struct claim_try claim_try_stored(const struct store_reply *reply);

#endif
