/*
 * Figures of the witnesses; see metrics_witnesses.h.
 */
#include "handlers/ops/metrics_witnesses.h"

#include "daemon/jobs/witnesses.h"
#include "handlers/ops/exposition.h"

#define MISSING "tipline_log_quorum_missing_seconds"
#define FAILING "tipline_log_witnesses_failing"

/* Of the nth log; false: no policy asks for witnesses. */
static bool figures_of(const struct app *app, size_t n, const char **log, struct witnesses_figures *figures)
{
	*log = witnesses_name(app->witnesses, n).at;
	return witnesses_figures(app->witnesses, span_of(*log), figures) && figures->policy;
}

static unsigned failing(const struct witnesses_figures *figures)
{
	unsigned n = 0;

	for (size_t i = 0; i < figures->n; i++)
		n += figures->at[i].failing;
	return n;
}

void metrics_witnesses(const struct app *app, struct buf *out)
{
	size_t n = app->witnesses != NULL ? witnesses_count(app->witnesses) : 0;
	struct witnesses_figures figures;
	const char *log;

	if (n == 0 || !figures_of(app, 0, &log, &figures))
		return;
	metric_head(out, MISSING, METRIC_GAUGE, "How long too few witnesses have cosigned what is published of a log; 0: enough have.");
	for (size_t i = 0; i < n; i++)
		if (figures_of(app, i, &log, &figures))
			metric_sample(out, MISSING, "log", log, (double)figures.missing_ms / 1000);
	metric_head(out, FAILING, METRIC_GAUGE, "Witnesses whose last answer for a log was none, or no good.");
	for (size_t i = 0; i < n; i++)
		if (figures_of(app, i, &log, &figures))
			metric_sample(out, FAILING, "log", log, failing(&figures));
}
