/*
 * The hash by which the journal names a request, an answer, a callback.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_RAIL_HASH_H
#define TIPLINE_HANDLERS_PAYOUT_RAIL_HASH_H

#include "handlers/payout/rail.h"

/* SHA-256 */
void rail_hash(struct span bytes, unsigned char out[RAIL_HASH_BYTES]);

#endif
