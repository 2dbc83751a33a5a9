/*
 * Figures of the treasury: part of GET /metrics.
 */
#ifndef TIPLINE_HANDLERS_OPS_METRICS_MONEY_H
#define TIPLINE_HANDLERS_OPS_METRICS_MONEY_H

#include "daemon/base/buf.h"
#include "handlers/app.h"

/* Nothing when money is switched off. */
void metrics_money(const struct app *app, struct buf *out);

#endif
