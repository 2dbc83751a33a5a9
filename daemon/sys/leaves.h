/*
 * From the events of a journal to the leaves of a batch, and to what opens
 * them: the one place where keys, journals and blind leaves (tlog/leaf.h) meet.
 * Any process with the keys makes the same bytes from the same journal.
 */
#ifndef TIPLINE_SYS_LEAVES_H
#define TIPLINE_SYS_LEAVES_H

#include "daemon/base/arena.h"
#include "daemon/sys/keys.h"
#include "daemon/tlog/leaf.h"

#define LEAVES_EVENTS_MAX 4096   /* in a batch */

struct leaves_event {
	uint64_t number;           /* in its journal */
	struct span json;          /* an event of a tip, a money record, an event of the audit trail */
	struct span seed;          /* store_event.seed: masked, or empty */
};

struct leaves_leaf {
	unsigned char bytes[LEAF_BYTES];
	uint64_t number;                    /* the event's; 0: a dummy */
	unsigned place;                     /* of a dummy, from 0 */
	struct leaf_values values;          /* what it commits to, borrowed from the event and in the arena */
	unsigned char seed[LEAF_SEED_BYTES];
};

struct leaves {
	struct leaves_leaf *at;   /* in the order of the log */
	size_t n;
};

/*
 * The leaves of a batch with `batch->size - batch->before` leaves, at least one
 * per event. `log` is "15", "money" or "audit"; events are in the order of their
 * numbers. An event that cannot be read gets a leaf that says so: nothing in a
 * journal is left out. A leaf bears the day of its event, a dummy that of an
 * event of the batch, so that a batch that came late shows no dummies by it.
 * All lies in the arena; the caller wipes it when done.
 */
struct leaves_batch {
	struct span log;
	uint64_t before, size;
	int64_t at_ms;             /* the day where no event has one */
};

void leaves_make(const struct keys *keys, const struct leaves_batch *batch, const struct leaves_event *events, size_t n,
		 struct arena *arena, struct leaves *out);

/*
 * The same in pieces, for who must not take long at once: first the leaf of
 * each of the n events into its place, in the order of their numbers, then the dummies
 * behind them and the order of the log. The arena of an event may go before the end; its values go with it.
 */
void leaves_event(const struct keys *keys, const struct leaves_batch *batch, const struct leaves_event *of,
		  struct arena *arena, struct leaves_leaf *leaf);
void leaves_finish(const struct keys *keys, const struct leaves_batch *batch, size_t n, struct leaves *leaves);

/* What opens a leaf of these as far as `open` says: leaf_opening_write(). */
void leaves_open(const struct leaves_leaf *leaf, unsigned open, struct buf *out);

/*
 * Whether an interval without events gets a batch of dummies: one in sixteen.
 * It follows from the log secret, the log and the number of the interval: a
 * start anew draws no other lot.
 */
bool leaves_empty_drawn(const struct keys *keys, struct span log, uint64_t interval);

/* Size of the log after a batch of n events behind `before` leaves: filled up to a multiple of LEAF_BATCH, at least one. */
uint64_t leaves_size(uint64_t before, size_t n);

#endif
