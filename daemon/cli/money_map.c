/*
 * Names to numbers; see money_map.h.
 */
#include "daemon/cli/money_map.h"

#include "daemon/base/memory.h"

#include <sodium.h>
#include <stdlib.h>

#define SLOTS_FIRST 256

struct name_mark {
	uint64_t half[2];
};

struct money_map_slot {
	struct name_mark mark;
	size_t number;       /* plus one; 0: free */
};

static struct name_mark mark_of(struct span name, struct span more)
{
	uint64_t len = name.len;
	crypto_generichash_state state;
	struct name_mark mark;

	crypto_generichash_init(&state, NULL, 0, sizeof(mark));
	crypto_generichash_update(&state, (const unsigned char *)&len, sizeof(len));
	crypto_generichash_update(&state, (const unsigned char *)name.at, name.len);
	crypto_generichash_update(&state, (const unsigned char *)more.at, more.len);
	crypto_generichash_final(&state, (unsigned char *)&mark, sizeof(mark));
	return mark;
}

/* The slot of the mark, or the free one where it would go. */
static struct money_map_slot *slot_of(const struct money_map *map, const struct name_mark *mark)
{
	size_t i = (size_t)mark->half[0] & (map->nslots - 1);

	while (map->slots[i].number != 0 && memcmp(&map->slots[i].mark, mark, sizeof(*mark)) != 0)
		i = (i + 1) & (map->nslots - 1);
	return &map->slots[i];
}

static void grow(struct money_map *map)
{
	struct money_map bigger = { .nslots = map->nslots > 0 ? 2 * map->nslots : SLOTS_FIRST, .n = map->n };

	bigger.slots = memory_zeroes(bigger.nslots, sizeof(*bigger.slots));
	for (size_t i = 0; i < map->nslots; i++)
		if (map->slots[i].number != 0)
			*slot_of(&bigger, &map->slots[i].mark) = map->slots[i];
	free(map->slots);
	*map = bigger;
}

void money_map_release(struct money_map *map)
{
	free(map->slots);
	*map = (struct money_map){ 0 };
}

size_t money_map_get(const struct money_map *map, struct span name, struct span more)
{
	struct name_mark mark = mark_of(name, more);
	const struct money_map_slot *slot;

	if (map->n == 0)
		return MONEY_MAP_NONE;
	slot = slot_of(map, &mark);
	return slot->number != 0 ? slot->number - 1 : MONEY_MAP_NONE;
}

static struct money_map_slot *slot_for(struct money_map *map, struct span name, struct span more)
{
	struct name_mark mark = mark_of(name, more);
	struct money_map_slot *slot;

	if (2 * map->n >= map->nslots)
		grow(map);
	slot = slot_of(map, &mark);
	if (slot->number == 0) {
		slot->mark = mark;
		map->n++;
	}
	return slot;
}

bool money_map_add(struct money_map *map, struct span name, struct span more, size_t number)
{
	struct money_map_slot *slot = slot_for(map, name, more);

	if (slot->number != 0)
		return false;
	slot->number = number + 1;
	return true;
}

void money_map_set(struct money_map *map, struct span name, struct span more, size_t number)
{
	slot_for(map, name, more)->number = number + 1;
}
