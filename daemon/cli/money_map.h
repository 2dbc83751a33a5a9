/*
 * Names to numbers, for the checker: "which of my rewards is R7?".
 *
 * A name is kept as its BLAKE2b-128, so that a journal of a million keys stays
 * small. Open addressing; nothing is ever taken out.
 */
#ifndef TIPLINE_CLI_MONEY_MAP_H
#define TIPLINE_CLI_MONEY_MAP_H

#include "daemon/base/span.h"

#define MONEY_MAP_NONE SIZE_MAX

struct money_map_slot;

/* A map of zeroes is empty and ready for use. */
struct money_map {
	struct money_map_slot *slots;
	size_t nslots, n;
};

void money_map_release(struct money_map *map);

/* A name may have two parts, so that "case 1, claimant 23" is not "case 12, claimant 3"; the second may be empty. */
size_t money_map_get(const struct money_map *map, struct span name, struct span more);

/* Gives the name its number; false when it has one already, which stays. */
bool money_map_add(struct money_map *map, struct span name, struct span more, size_t number);

/* Gives the name its number, or another one. */
void money_map_set(struct money_map *map, struct span name, struct span more, size_t number);

#endif
