/*
 * Figures of the links to carriers, for /metrics.
 */
#ifndef TIPLINE_HANDLERS_OPS_METRICS_LINKS_H
#define TIPLINE_HANDLERS_OPS_METRICS_LINKS_H

#include "daemon/base/buf.h"
#include "handlers/app.h"

void metrics_links(const struct app *app, struct buf *out);

#endif
