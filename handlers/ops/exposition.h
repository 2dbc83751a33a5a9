/*
 * Writing figures in the Prometheus text format 0.0.4.
 */
#ifndef TIPLINE_HANDLERS_OPS_EXPOSITION_H
#define TIPLINE_HANDLERS_OPS_EXPOSITION_H

#include "daemon/base/buf.h"

enum metric_kind {
	METRIC_COUNTER,
	METRIC_GAUGE,
};

/* HELP and TYPE lines; then its samples. The name begins with "tipline_". */
void metric_head(struct buf *out, const char *name, enum metric_kind kind, const char *help);

/* One sample. `label` and `value_of` may be NULL; they are plain words. */
void metric_sample(struct buf *out, const char *name, const char *label, const char *value_of, double value);

/* Head and the only sample. */
void metric_one(struct buf *out, const char *name, enum metric_kind kind, const char *help, double value);

#endif
