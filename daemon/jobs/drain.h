/*
 * Draining the spool: what was accepted while the store was away goes there,
 * in order, with the same ids.
 */
#ifndef TIPLINE_JOBS_DRAIN_H
#define TIPLINE_JOBS_DRAIN_H

#include "daemon/loop/loop.h"
#include "daemon/store/spool.h"

struct drain;

/* Looks ten times a second; all three outlive the drain. */
struct drain *drain_new(struct loop *loop, struct store *store, struct spool *spool);

/* Stops; an answer that is outstanding frees the memory when it comes. */
void drain_free(struct drain *drain);

#endif
