/*
 * Other rails in the place of those in force, while payments are under way.
 *
 * A request that went out is answered to the entry that it began with. A rail
 * that is not configured any more stays, marked gone, as long as the journal
 * has a live attempt on it: it is asked about and nothing is sent. What names
 * the provider and our account there may not change under a live attempt:
 * asked the wrong house, the answer "no such payment" would be true and mean nothing.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_RAIL_RELOAD_H
#define TIPLINE_HANDLERS_PAYOUT_RAIL_RELOAD_H

#include "daemon/money/book.h"
#include "handlers/payout/rail_set.h"

/*
 * Puts the entries of `fresh` into `running`; breakers, figures and times go on
 * by name. `fresh` is empty afterwards, whatever the result. False: `why` names
 * the setting, and `running` is as it was.
 */
bool rail_reload(struct rail_set *running, struct rail_set *fresh, const struct book *book, struct complaint *why);

/* Takes out those that are gone and have no live attempt any more; how many. */
size_t rail_reload_sweep(struct rail_set *running, const struct book *book);

/* Live attempts on the rail of that name. */
size_t rail_live_attempts(const struct book *book, const char *name);

#endif
