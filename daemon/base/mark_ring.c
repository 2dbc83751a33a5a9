/*
 * The bounded map of marks; see mark_ring.h.
 */
#include "daemon/base/mark_ring.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void mark_ring_init(struct mark_ring *ring, size_t max, uint64_t seed)
{
	assert(max > 0);
	*ring = (struct mark_ring){ .max = max, .keys = memory_zeroes(max, sizeof(*ring->keys)) };
	mark_map_init(&ring->places, seed);
}

void mark_ring_release(struct mark_ring *ring)
{
	mark_map_release(&ring->places);
	free(ring->keys);
	*ring = (struct mark_ring){ .max = 0 };
}

bool mark_ring_find(const struct mark_ring *ring, const unsigned char key[MARK_BYTES], size_t *place)
{
	uint64_t found;

	if (!mark_map_get(&ring->places, key, &found))
		return false;
	*place = (size_t)found;
	return true;
}

size_t mark_ring_take(struct mark_ring *ring, const unsigned char key[MARK_BYTES], bool *fresh)
{
	size_t place, had;

	*fresh = !mark_ring_find(ring, key, &place);
	if (!*fresh)
		return place;
	place = ring->next;
	/* A key that was dropped here may live on at another place by now. */
	if (mark_ring_find(ring, ring->keys[place], &had) && had == place)
		mark_map_drop(&ring->places, ring->keys[place]);
	memcpy(ring->keys[place], key, MARK_BYTES);
	mark_map_set(&ring->places, key, place);
	ring->next = (place + 1) % ring->max;
	return place;
}

void mark_ring_drop(struct mark_ring *ring, const unsigned char key[MARK_BYTES])
{
	mark_map_drop(&ring->places, key);
}

size_t mark_ring_bytes(size_t max)
{
	return max * MARK_BYTES + mark_map_bytes(max);
}
