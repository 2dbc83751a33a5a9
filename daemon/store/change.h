/*
 * What a legal move makes of a row, beyond state and place: clocks, levels, who
 * closed it. Whoever writes a change has it filled in here, once for all.
 */
#ifndef TIPLINE_STORE_CHANGE_H
#define TIPLINE_STORE_CHANGE_H

#include "daemon/store/store.h"

/*
 * Fills clock, raise_ends, reopens, closer, hold, and end but for the outcome of a
 * tip that is closed now. `by` is the acting person; empty
 * for the informant and the system. Spans of the row and `by` are borrowed.
 */
void store_change_follow(struct store_change *change, const struct store_row *row, const struct tip_move *move,
			 struct span by);

/*
 * What escalating the row to `region` takes, but for the event; false when no
 * clock of it has reached its limit, or the tip is away.
 */
bool store_escalation_plan(struct store_escalation *out, const struct store_row *row, const char region[7],
			   const struct clock_limits *limits, int64_t now_ms);

#endif
