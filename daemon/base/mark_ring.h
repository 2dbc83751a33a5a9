/*
 * A bounded map from 16-byte keys to places of a table: the oldest key leaves.
 *
 * It hands out places 0 to max - 1; what stands there is the owner's, in a
 * table of his own. A key keeps its place until it is dropped or forgotten.
 */
#ifndef TIPLINE_BASE_MARK_RING_H
#define TIPLINE_BASE_MARK_RING_H

#include "daemon/base/mark_map.h"

struct mark_ring {
	struct mark_map places;
	unsigned char (*keys)[MARK_BYTES];  /* of each place */
	size_t max;
	size_t next;
};

/* `max` is 1 or more; `seed` as for a mark_map. */
void mark_ring_init(struct mark_ring *ring, size_t max, uint64_t seed);
void mark_ring_release(struct mark_ring *ring);

/* False when the key is not there. */
bool mark_ring_find(const struct mark_ring *ring, const unsigned char key[MARK_BYTES], size_t *place);

/*
 * The place of a key, new or not. `fresh`: it had none; who was there before
 * has been forgotten, and the owner begins anew there.
 */
size_t mark_ring_take(struct mark_ring *ring, const unsigned char key[MARK_BYTES], bool *fresh);

/* Forgets a key; its place comes round again in its turn. */
void mark_ring_drop(struct mark_ring *ring, const unsigned char key[MARK_BYTES]);

static inline size_t mark_ring_count(const struct mark_ring *ring)
{
	return ring->places.n;
}

/* Memory that a ring of this size will never exceed. */
size_t mark_ring_bytes(size_t max);

#endif
