/*
 * Metrics of retention: what was deleted, what is due, what is held.
 */
#ifndef TIPLINE_HANDLERS_OPS_METRICS_RETENTION_H
#define TIPLINE_HANDLERS_OPS_METRICS_RETENTION_H

#include "handlers/app.h"

struct buf;

void metrics_retention(const struct app *app, struct buf *out);

#endif
