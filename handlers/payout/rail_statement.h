/*
 * What holds for every statement, whichever rail it came from.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_RAIL_STATEMENT_H
#define TIPLINE_HANDLERS_PAYOUT_RAIL_STATEMENT_H

#include "handlers/payout/rail.h"

/* SHA-256 */
void rail_hash(struct span bytes, unsigned char out[RAIL_HASH_BYTES]);

/* The lines' sums are the ones said, opening - debits + credits is closing, and no line id comes twice. */
bool rail_statement_adds_up(const struct rail_statement *statement, struct arena *arena, struct complaint *why);

#endif
