/*
 * The way down through an incident: which tip comes next.
 *
 * A child is never older than its parent. So when always the oldest of those
 * that wait is taken, the tips come in their order of acceptance, and what
 * does not fit any more are the youngest. A tip that is listed twice, under
 * its ids of two shards, comes once. Pure; incident.c does the reading.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_DESCENT_H
#define TIPLINE_HANDLERS_BUREAU_DESCENT_H

#include "daemon/store/store.h"

#define DESCENT_MAX 200   /* tips of an incident that are shown */

/* Begin with zeroes. */
struct descent {
	struct store_child taken[DESCENT_MAX];
	size_t ntaken;
	struct store_child waiting[DESCENT_MAX];  /* oldest first */
	size_t nwaiting;
	bool more;   /* some did not fit */
};

void descent_add(struct descent *descent, const struct store_child *child);

/* The oldest that waits; false when none does. */
bool descent_take(struct descent *descent, struct store_child *out);

#endif
