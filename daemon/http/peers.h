/*
 * How many connections each address has open. Addresses are marks (address.h), never addresses.
 */
#ifndef TIPLINE_HTTP_PEERS_H
#define TIPLINE_HTTP_PEERS_H

#include <stddef.h>
#include <stdint.h>

struct peers {
	struct peers_slot *slots;  /* open addressing, linear; NULL while empty */
	size_t size;               /* a power of two */
	size_t used;
};

void peers_release(struct peers *peers);

/* One more; returns how many there are now. `mark` is not 0. */
unsigned peers_add(struct peers *peers, uint64_t mark);

/* One less; there is one. */
void peers_remove(struct peers *peers, uint64_t mark);

#endif
