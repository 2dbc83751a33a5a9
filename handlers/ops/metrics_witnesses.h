/*
 * Figures of the witnesses: part of GET /metrics.
 */
#ifndef TIPLINE_HANDLERS_OPS_METRICS_WITNESSES_H
#define TIPLINE_HANDLERS_OPS_METRICS_WITNESSES_H

#include "daemon/base/buf.h"
#include "handlers/app.h"

/* Nothing without a policy, and before the first checkpoint. */
void metrics_witnesses(const struct app *app, struct buf *out);

#endif
