/*
 * What a log holds of one tip, from its files alone: the leaves that were made
 * with its seed, and the proof of one of them (tlog-proof). No key and no store
 * is asked: a daemon does it on its own files, and whoever kept the digits on
 * a copy of them.
 */
#ifndef TIPLINE_SYS_LEAF_TRAIL_H
#define TIPLINE_SYS_LEAF_TRAIL_H

#include "daemon/sys/tiles.h"
#include "daemon/tlog/checkpoint.h"
#include "daemon/tlog/leaf.h"

#define LEAF_TRAIL_MAX 48    /* leaves of a tip that are remembered: the first ones */

struct leaf_found {
	uint64_t index;
	enum leaf_class class;
	unsigned day;
};

/* "received", "work", "office". */
const char *leaf_class_name(enum leaf_class class);

/* A search, as far as it has come. Zero it and set `next` to begin; it may be copied and gone on with later. */
struct leaf_trail {
	uint64_t next;           /* leaves from where it began to before this one were tried */
	size_t n;
	bool more;               /* there were more than `found` takes */
	struct leaf_found found[LEAF_TRAIL_MAX];
};

/*
 * Tries up to `tries` leaves from trail->next on, to before `end`. False: the
 * files do not have them all; the trail has come as far as they have.
 */
bool leaf_trail_follow(const struct tiles *tiles, const unsigned char *seed, uint64_t end, uint64_t tries,
		       struct leaf_trail *trail);

/* The newest checkpoint: its text lies in `note`, the rest is borrowed from there. False: there is none. */
bool leaf_trail_head(const struct tiles *tiles, struct buf *note, struct checkpoint *checkpoint);

/* The bytes of one leaf; false: they are not there. */
bool leaf_trail_leaf(const struct tiles *tiles, uint64_t index, unsigned char bytes[LEAF_BYTES]);

/*
 * Appends the proof that the leaf stands in the log of the newest checkpoint.
 * Its `extra` is the leaf's bytes: so the text holds all that is needed, but
 * the key of the log (`tipctl log check`). False: there is no such leaf below
 * the checkpoint, or the files do not have its root.
 */
bool leaf_trail_prove(struct tiles *tiles, uint64_t index, struct arena *arena, struct buf *out)
	__attribute__((warn_unused_result));

#endif
