/*
 * Work on one tip that another flow asks for, and not a request of its own:
 * the very same flows that answer requests, with their rules and events, told
 * to somebody who goes on from there.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_QUIET_H
#define TIPLINE_HANDLERS_BUREAU_QUIET_H

#include "handlers/bureau/actions.h"
#include "handlers/endpoint.h"

struct quiet {
	/* Once, from the loop. NULL: it was done; else why not, borrowed for the call. */
	void (*told)(void *ctx, const struct problem *problem);
	void *ctx;
};

/* The tip is the person's from then on, or was already: take.c. */
void take_quietly(struct app *app, const struct staff *staff, const struct tip_id *id, uint64_t lease_s, struct quiet quiet);

/* Both are one incident from then on: links.c. */
void link_quietly(struct app *app, const struct staff *staff, const struct tip_id *id, const struct tip_id *other, struct quiet quiet);

/* One action: work.c. What the wish points at stays until it is told. */
void work_quietly(struct app *app, const struct staff *staff, const struct tip_id *id, const struct action *action,
		  const struct action_wish *wish, struct quiet quiet);

/* What is told when the store is away. */
extern const struct problem quiet_unavailable;

#endif
