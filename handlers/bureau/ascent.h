/*
 * The way up from a tip to the first of its incident.
 *
 * In:  what the store answers when the tips on the way are read, one by one.
 * Out: which tip to read next, and at the end where the tip is now and which
 * tip is the first. A tip that went to another shard is followed there.
 * Decides only; the flows of incident.c and links.c do the reading.
 */
#ifndef TIPLINE_HANDLERS_BUREAU_ASCENT_H
#define TIPLINE_HANDLERS_BUREAU_ASCENT_H

#include "daemon/store/store.h"

#define ASCENT_STEPS_MAX 200

enum ascent_next {
	ASCENT_READ,     /* read `at` and come again */
	ASCENT_THERE,    /* tip and root are known */
	ASCENT_ABSENT,   /* there is no such tip */
	ASCENT_TOO_FAR,  /* more than ASCENT_STEPS_MAX reads */
};

/* Begin with `at` set and all else zero. Rows are borrowed from the replies. */
struct ascent {
	struct tip_id at;             /* to be read */
	bool here;                    /* set by the caller: only where the tip is now; the root is not looked for */
	const struct store_row *tip;  /* the tip, where it is now */
	const struct store_row *root; /* the topmost tip so far */
	struct tip_id entry;          /* the id by which the root was come upon; children may hang there too */
	bool tip_moving;              /* it has left one shard and not arrived in the next: `tip` is what it left */
	bool root_moving;
	bool following;               /* `at` is where the root went */
	unsigned steps;
};

/* `read` answers a READ of ascent->at and is STORE_DONE. */
enum ascent_next ascent_step(struct ascent *ascent, const struct store_reply *read);

/* The id of a transferred tip in the shard it went to. */
struct tip_id ascent_moved(const struct store_row *row);

/* The same tip, whatever shard it is in: what stands behind the dash. */
static inline bool ascent_same(const struct tip_id *a, const struct tip_id *b)
{
	return strcmp(a->text + 3, b->text + 3) == 0;
}

/* Accepted before the other: by time, then by id. */
bool ascent_older(const struct store_row *a, const struct store_row *b);

#endif
