/*
 * Open addressing over FNV-1a; see names.h.
 */
#include "tests/sim/names.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <stdlib.h>

static size_t slot_of(const struct names *names, struct span name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t slot;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.at[i]) * UINT64_C(0x100000001b3);
	slot = (size_t)(hash % names->nslots);
	while (names->slots[slot] != 0 && !span_is(name, names->at[names->slots[slot] - 1]))
		slot = (slot + 1) % names->nslots;
	return slot;
}

static void grow(struct names *names)
{
	free(names->slots);
	names->size = names->size > 0 ? 2 * names->size : 64;
	names->at = realloc(names->at, names->size * sizeof(*names->at));
	assert(names->at != NULL);
	names->nslots = 2 * names->size + 1;
	names->slots = memory_zeroes(names->nslots, sizeof(*names->slots));
	for (size_t i = 0; i < names->n; i++)
		names->slots[slot_of(names, span_of(names->at[i]))] = i + 1;
}

void names_release(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->at[i]);
	free(names->at);
	free(names->slots);
	*names = (struct names){ 0 };
}

size_t names_find(const struct names *names, struct span name)
{
	return names->n > 0 ? names->slots[slot_of(names, name)] - 1 : NAMES_NONE;
}

size_t names_add(struct names *names, struct span name)
{
	size_t found = names_find(names, name);
	char *copy;

	if (found != NAMES_NONE)
		return found;
	if (names->n == names->size)
		grow(names);
	copy = memory_zeroes(name.len + 1, 1);
	if (name.len > 0)
		memcpy(copy, name.at, name.len);
	names->at[names->n] = copy;
	names->slots[slot_of(names, name)] = names->n + 1;
	return names->n++;
}
