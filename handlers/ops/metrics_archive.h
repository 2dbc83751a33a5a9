/*
 * Figures of the archive: part of GET /metrics.
 */
#ifndef TIPLINE_HANDLERS_OPS_METRICS_ARCHIVE_H
#define TIPLINE_HANDLERS_OPS_METRICS_ARCHIVE_H

#include "daemon/base/buf.h"
#include "handlers/app.h"

void metrics_archive(const struct app *app, struct buf *out);

#endif
