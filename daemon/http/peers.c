/*
 * Counts by mark; see peers.h.
 */
#include "daemon/http/peers.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct peers_slot {
	uint64_t mark; /* 0: free */
	unsigned count;
};

#define FIRST_SIZE 64

/* The slot of the mark, or the free one where it belongs. Marks are hashes already. */
static size_t slot_of(const struct peers *peers, uint64_t mark)
{
	size_t i = (size_t)mark & (peers->size - 1);

	while (peers->slots[i].mark != 0 && peers->slots[i].mark != mark)
		i = (i + 1) & (peers->size - 1);
	return i;
}

static void resize(struct peers *peers, size_t size)
{
	struct peers old = *peers;

	peers->size = size;
	peers->slots = calloc(size, sizeof(*peers->slots));
	if (peers->slots == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].mark != 0)
			peers->slots[slot_of(peers, old.slots[i].mark)] = old.slots[i];
	free(old.slots);
}

void peers_release(struct peers *peers)
{
	free(peers->slots);
	*peers = (struct peers){ 0 };
}

unsigned peers_add(struct peers *peers, uint64_t mark)
{
	size_t i;

	assert(mark != 0);
	if (peers->used * 2 >= peers->size)
		resize(peers, peers->size > 0 ? peers->size * 2 : FIRST_SIZE);
	i = slot_of(peers, mark);
	if (peers->slots[i].mark == 0) {
		peers->slots[i].mark = mark;
		peers->used++;
	}
	return ++peers->slots[i].count;
}

/* Moves back what was pushed on by the slot that is free now, so that no search ends too early. */
static void close_gap(struct peers *peers, size_t gap)
{
	size_t mask = peers->size - 1;

	for (size_t i = (gap + 1) & mask; peers->slots[i].mark != 0; i = (i + 1) & mask) {
		size_t home = (size_t)peers->slots[i].mark & mask;

		if (((i - home) & mask) < ((i - gap) & mask))
			continue;
		peers->slots[gap] = peers->slots[i];
		gap = i;
	}
	peers->slots[gap] = (struct peers_slot){ 0 };
}

void peers_remove(struct peers *peers, uint64_t mark)
{
	size_t i;

	assert(peers->size > 0);
	i = slot_of(peers, mark);
	assert(peers->slots[i].mark == mark && peers->slots[i].count > 0);
	if (--peers->slots[i].count > 0)
		return;
	peers->used--;
	close_gap(peers, i);
}
