/*
 * Figures of the sealed logs.
 */
#ifndef TIPLINE_HANDLERS_OPS_METRICS_LOG_H
#define TIPLINE_HANDLERS_OPS_METRICS_LOG_H

#include "daemon/base/buf.h"
#include "handlers/app.h"

/* Nothing where no log is followed. */
void metrics_log(const struct app *app, struct buf *out);

#endif
