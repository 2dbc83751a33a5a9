/*
 * Prometheus text; see exposition.h.
 */
#include "handlers/ops/exposition.h"

void metric_head(struct buf *out, const char *name, enum metric_kind kind, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
		   kind == METRIC_COUNTER ? "counter" : "gauge");
}

void metric_sample(struct buf *out, const char *name, const char *label, const char *value_of, double value)
{
	if (label != NULL)
		buf_printf(out, "%s{%s=\"%s\"} %.17g\n", name, label, value_of, value);
	else
		buf_printf(out, "%s %.17g\n", name, value);
}

void metric_one(struct buf *out, const char *name, enum metric_kind kind, const char *help, double value)
{
	metric_head(out, name, kind, help);
	metric_sample(out, name, NULL, NULL, value);
}
