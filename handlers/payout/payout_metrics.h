/*
 * Figures of payments: part of GET /metrics. Rails are named, amounts and
 * payments are not: those are for auditors.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_PAYOUT_METRICS_H
#define TIPLINE_HANDLERS_PAYOUT_PAYOUT_METRICS_H

#include "daemon/base/buf.h"
#include "handlers/app.h"

/* Nothing when money is switched off; of the dispatcher nothing where this process has none. */
void payout_metrics(const struct app *app, struct buf *out);

#endif
