/*
 * From another week to the present one: what becomes of the fronts of a tip's
 * content and identity (core/tip/cover.h) with the keys that are here.
 */
#ifndef TIPLINE_SYS_WEEK_MOVE_H
#define TIPLINE_SYS_WEEK_MOVE_H

#include "daemon/sys/week_keys.h"

/* The present week and its key. */
struct week_present {
	unsigned week;
	struct seal_key key;
};

struct week_fronts {
	struct span content;     /* COVER_FRONT_BYTES of what is stored, or fewer */
	struct span identity;    /* likewise; empty: it has none */
};

struct week_moved {
	struct span was, now;
	struct span identity_was, identity_now;   /* both empty: it has none, or it is there already */
};

/* The week under which something stored lies; 0: nothing is there, or no week's key opens it. */
unsigned week_under(struct span stored);

/* In the arena. False: there is no content, or one of them does not open with the key that is here. */
bool week_move(struct week_keys *weeks, const struct tip_id *id, const struct week_fronts *fronts, const struct week_present *present,
	       struct arena *arena, struct week_moved *out);

#endif
