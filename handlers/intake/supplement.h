/*
 * What an informant adds to a tip, by the receipt page or by SMS: may it be
 * added, was it added before, and the change that does it. Pure, given the keys.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SUPPLEMENT_H
#define TIPLINE_HANDLERS_INTAKE_SUPPLEMENT_H

#include "daemon/core/tip/seal.h"
#include "daemon/store/store.h"

/* The tip takes words of its informant, whether it is open or closed. */
bool supplement_may(const struct store_row *row);

/* ...and may be opened again by them. */
bool supplement_may_reopen(const struct store_row *row);

/* The informant's latest words, since the bureau's last, have this text: the same message came again. */
bool supplement_said(const struct store_row *row, const struct seal_key *tip_key, struct span text, struct arena *arena);

/*
 * The change that appends the text and turns the clocks; with `reopen` the tip
 * goes back into its queue. Must be allowed. Spans lie in the arena or the row.
 */
void supplement_change(const struct store_row *row, const struct seal_key *tip_key, struct span text, bool reopen,
		       int64_t now_ms, struct arena *arena, struct store_change *out);

#endif
