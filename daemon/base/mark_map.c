/*
 * Map of marks; see mark_map.h. Knuth, TAOCP 3, 6.4: algorithms L and R
 * (linear probing, deletion by moving back).
 */
#include "daemon/base/mark_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mark_slot {
	unsigned char key[MARK_BYTES];
	uint64_t value;
	bool used;
};

void mark_map_init(struct mark_map *map, uint64_t seed)
{
	*map = (struct mark_map){ .seed = seed };
}

void mark_map_release(struct mark_map *map)
{
	free(map->slots);
	mark_map_init(map, map->seed);
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	return x ^ x >> 32;
}

static size_t home(const struct mark_map *map, const unsigned char key[MARK_BYTES])
{
	uint64_t half[2];

	memcpy(half, key, sizeof(half));
	return (size_t)(mix(mix(half[0] ^ map->seed) ^ half[1])) & (map->nslots - 1);
}

/* The slot of the key, or the free one where it would go. */
static struct mark_slot *locate(const struct mark_map *map, const unsigned char key[MARK_BYTES])
{
	size_t i = home(map, key);

	while (map->slots[i].used && memcmp(map->slots[i].key, key, MARK_BYTES) != 0)
		i = (i + 1) & (map->nslots - 1);
	return &map->slots[i];
}

static size_t more_slots(size_t nslots)
{
	return nslots > 0 ? nslots * 2 : 64;
}

static bool is_full(size_t n, size_t nslots)
{
	return n * 4 >= nslots * 3;
}

size_t mark_map_bytes(size_t n)
{
	size_t nslots = 0;

	for (; n > 0 && is_full(n - 1, nslots); nslots = more_slots(nslots))
		;
	return nslots * sizeof(struct mark_slot);
}

static void grow(struct mark_map *map)
{
	struct mark_map bigger = { .seed = map->seed, .nslots = more_slots(map->nslots) };

	bigger.slots = calloc(bigger.nslots, sizeof(*bigger.slots));
	if (bigger.slots == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	for (size_t i = 0; i < map->nslots; i++)
		if (map->slots[i].used)
			mark_map_set(&bigger, map->slots[i].key, map->slots[i].value);
	free(map->slots);
	*map = bigger;
}

void mark_map_set(struct mark_map *map, const unsigned char key[MARK_BYTES], uint64_t value)
{
	struct mark_slot *slot;

	if (is_full(map->n, map->nslots))
		grow(map);
	slot = locate(map, key);
	if (!slot->used) {
		slot->used = true;
		memcpy(slot->key, key, MARK_BYTES);
		map->n++;
	}
	slot->value = value;
}

bool mark_map_get(const struct mark_map *map, const unsigned char key[MARK_BYTES], uint64_t *value)
{
	const struct mark_slot *slot;

	if (map->n == 0)
		return false;
	slot = locate(map, key);
	if (slot->used)
		*value = slot->value;
	return slot->used;
}

/* Whether the entry at `i` may move to the hole: its home does not lie behind the hole. */
static bool may_move(const struct mark_map *map, size_t hole, size_t i)
{
	size_t at = home(map, map->slots[i].key);
	size_t mask = map->nslots - 1;

	return ((i - at) & mask) >= ((i - hole) & mask);
}

void mark_map_drop(struct mark_map *map, const unsigned char key[MARK_BYTES])
{
	struct mark_slot *slot;
	size_t mask = map->nslots - 1;
	size_t hole;

	if (map->n == 0)
		return;
	slot = locate(map, key);
	if (!slot->used)
		return;
	hole = (size_t)(slot - map->slots);
	for (size_t i = (hole + 1) & mask; map->slots[i].used; i = (i + 1) & mask) {
		if (!may_move(map, hole, i))
			continue;
		map->slots[hole] = map->slots[i];
		hole = i;
	}
	map->slots[hole].used = false;
	map->n--;
}
