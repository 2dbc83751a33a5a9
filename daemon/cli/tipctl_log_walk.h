/*
 * The walk over the files of a sealed log: every entry against the hashes of
 * level 0, every tile against those below it, and the tree against each head
 * that was ever signed.
 *
 * Nothing in the files is believed. What is found is the first leaf from which
 * on the files cannot be relied on:
 *
 *   changed, swapped, removed, cut   the very leaf
 *   a tile above level 0 changed     the first leaf below the changed hash
 *   recomputed, forked               the first leaf behind the newest head that still fits
 */
#ifndef TIPLINE_CLI_TIPCTL_LOG_WALK_H
#define TIPLINE_CLI_TIPCTL_LOG_WALK_H

#include "daemon/sys/tiles.h"

/* What the log once was. */
struct log_head {
	struct tree_head head;
	bool signed_here;          /* else: an earlier walk saw it */
};

struct log_walk_plan {
	struct tiles *tiles;
	const char *dir;                /* theirs: a cut file is no tile to them, and here its end is named */
	const struct log_head *heads;   /* by ascending size; the last one is the log as it is now */
	size_t n;                       /* one at least */
	/* After each tile of level 0, with the leaves passed; may be NULL. */
	void (*passed)(void *ctx, const struct frontier *frontier);
	void *ctx;
};

struct log_finding {
	bool whole;
	uint64_t leaf;
	char text[200];
};

/*
 * Walks from where the edge is (zeroes: the first leaf) to the newest head. What is
 * left of it was walked before: of those leaves the older heads alone are looked at again.
 */
void log_walk(const struct log_walk_plan *plan, struct edge *edge, struct log_finding *finding);

/*
 * The edge at the end of an earlier walk, from the files; false: the files below it
 * are not what that walk saw, or are gone.
 */
bool log_walk_resume(const struct tiles *tiles, const struct frontier *frontier, struct edge *edge);

#endif
