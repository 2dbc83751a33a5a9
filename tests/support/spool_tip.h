/*
 * Tips for tests of spool, drain and store: made from a number, with nothing
 * left empty that may be full.
 */
#ifndef TIPLINE_TESTS_SPOOL_TIP_H
#define TIPLINE_TESTS_SPOOL_TIP_H

#include "daemon/store/store.h"

#include <stdbool.h>

/* Spans live in the arena. Shard "15", region "150602", points = number % 101. */
struct store_tip spool_tip_make(struct arena *arena, unsigned number);

bool spool_tip_same(const struct store_tip *a, const struct store_tip *b);

#endif
