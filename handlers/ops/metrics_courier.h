/*
 * What /metrics tells of the courier: intents, connectors, delivery reports.
 */
#ifndef TIPLINE_HANDLERS_OPS_METRICS_COURIER_H
#define TIPLINE_HANDLERS_OPS_METRICS_COURIER_H

#include "daemon/base/buf.h"
#include "handlers/app.h"

void metrics_courier(const struct app *app, struct buf *out);

#endif
