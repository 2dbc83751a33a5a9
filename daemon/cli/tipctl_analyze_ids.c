/*
 * Ids of texts by their numbers in an index; see tipctl_analyze.h.
 */
#include "daemon/cli/tipctl_analyze.h"

#include "daemon/base/memory.h"

#include <stdlib.h>

struct id_kept {
	char *id;
	uint32_t number;
};

struct id_ring id_ring_new(size_t size)
{
	return (struct id_ring){ .kept = memory_zeroes(size, sizeof(struct id_kept)), .size = size };
}

void id_ring_release(struct id_ring *ring)
{
	for (size_t i = 0; i < ring->size; i++)
		free(ring->kept[i].id);
	free(ring->kept);
}

void id_ring_put(struct id_ring *ring, uint32_t number, struct span id)
{
	struct id_kept *kept = &ring->kept[number % ring->size];

	free(kept->id);
	*kept = (struct id_kept){ .id = memory_zeroes(id.len + 1, 1), .number = number };
	memcpy(kept->id, id.at, id.len);
}

struct span id_ring_get(const struct id_ring *ring, uint32_t number)
{
	const struct id_kept *kept = &ring->kept[number % ring->size];

	return kept->number == number ? span_of(kept->id) : SPAN("");
}
