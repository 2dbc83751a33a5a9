/*
 * A tip that an officer closed as verified becomes a fact of its case in the
 * money journal.
 *
 * The record of a case is whole each time, so what stands there already is
 * taken along and this tip's line is added; a tip that is listed is left as the
 * verifier recorded it. The key is made from tip and number of the event: it
 * is recorded once, however often it is asked for, by however many couriers.
 * Two couriers with two tips of one case do not write over each other: who
 * comes second makes its record anew.
 */
#ifndef TIPLINE_HANDLERS_REWARD_VERIFIED_H
#define TIPLINE_HANDLERS_REWARD_VERIFIED_H

#include "daemon/jobs/treasury.h"
#include "handlers/notify/outbox_item.h"
#include "handlers/reward/office.h"

struct verified_env {
	struct treasury *treasury;
	struct office *office;
};

typedef void verified_done(void *ctx, enum verified_end end);

/*
 * VERIFIED_ASKED: `done` comes once, from the loop; else it does not come and
 * this is the end. `verified` is not needed any more when this returns.
 */
enum verified_end verified_carry(const struct verified_env *env, const struct outbox_verified *verified,
				 verified_done *done, void *ctx);

/*
 * The bureau whose budget it is: of the region and the divisions above it the
 * first that has a ledger book, else its prefecture.
 */
void verified_bureau(const struct book *book, const char region[7], char out[7]);

#endif
