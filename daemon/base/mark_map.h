/*
 * A map from 16-byte keys (marks, ids padded with zeroes) to numbers.
 *
 * Open addressing with linear probing; it owns its memory. Keys may come from
 * outside: the hash is seeded, so that nobody can choose keys that collide.
 */
#ifndef TIPLINE_BASE_MARK_MAP_H
#define TIPLINE_BASE_MARK_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MARK_BYTES 16

struct mark_slot;

struct mark_map {
	struct mark_slot *slots;
	size_t nslots;     /* zero or a power of two */
	size_t n;
	uint64_t seed;
};

/* An empty map; `seed` should be random where keys come from outside. */
void mark_map_init(struct mark_map *map, uint64_t seed);
void mark_map_release(struct mark_map *map);

/* Sets the value of a key, new or not. */
void mark_map_set(struct mark_map *map, const unsigned char key[MARK_BYTES], uint64_t value);

/* False when the key is not there. */
bool mark_map_get(const struct mark_map *map, const unsigned char key[MARK_BYTES], uint64_t *value);

/* Forgets a key; nothing happens when it is not there. */
void mark_map_drop(struct mark_map *map, const unsigned char key[MARK_BYTES]);

/* Memory of a map of `n` keys at most; while it grows, the old half is there as well. */
size_t mark_map_bytes(size_t n);

#endif
