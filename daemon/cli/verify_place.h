/*
 * V1, the judgement: is a tip where its state says, and nowhere else?
 */
#ifndef TIPLINE_CLI_VERIFY_PLACE_H
#define TIPLINE_CLI_VERIFY_PLACE_H

#include "daemon/core/journal/lifecycle.h"

/* Where a tip was found in the lists of its shard. */
struct verify_place {
	unsigned queues;       /* of how many regions */
	char region[7];        /* of the last of them */
	bool lease, holder;    /* in {15}:leases, in {15}:holders */
};

/* What its state says. */
struct verify_state {
	bool there;
	struct span state, base, holder, until;   /* fields s, b, h, u */
};

/*
 * NULL: it is in exactly one place, and that is the one of its state and
 * region. Else what is wrong, in words without any value.
 */
const char *verify_place_judge(const struct verify_place *place, const struct verify_state *state, struct span shard);

#endif
