/*
 * A statement as a provider answered it, read by the one reader of its form
 * (daemon/money/statement.h).
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_RAIL_STATEMENT_H
#define TIPLINE_HANDLERS_PAYOUT_RAIL_STATEMENT_H

#include "handlers/payout/rail.h"

/* RAIL_WHOLE when it is of that account and day and in our currency; else RAIL_REFUSED. */
enum rail_read rail_statement_read(struct span file, const struct statement_wish *wish, struct arena *arena,
				   struct statement *out, struct complaint *why);

#endif
