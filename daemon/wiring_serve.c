/*
 * Wiring of what the public listener serves of the sealed logs: the files that
 * the sealer of this process writes, and what it says of them.
 */
#include "daemon/wiring_parts.h"

#include "daemon/jobs/sealer.h"
#include "daemon/jobs/witnesses.h"
#include "daemon/sys/clock.h"
#include "handlers/log/logs.h"

static bool health_of(void *ctx, struct span log, struct log_health *health)
{
	const struct wiring *w = ctx;
	struct witnesses_figures figures;
	struct sealer_log known;

	if (!sealer_find(w->app.sealer, log, &known) || !known.looked)
		return false;
	*health = (struct log_health){ .refusing = known.refusing };
	if (w->app.witnesses != NULL && witnesses_figures(w->app.witnesses, log, &figures) && figures.policy) {
		health->wants_quorum = true;
		health->quorum = figures.met;
		health->missing_since_ms = figures.met ? 0 : clock_wall_ms() - (int64_t)figures.missing_ms;
	}
	return true;
}

void wiring_open_serve(struct wiring *w)
{
	struct logs_plan plan = { .dir = w->log_dir, .health = health_of, .ctx = w };

	if (w->app.sealer == NULL)
		return;
	w->app.logs = logs_new(&plan);
	for (size_t i = 0; i < sealer_count(w->app.sealer); i++) {
		struct sealer_log log;

		sealer_at(w->app.sealer, i, &log);
		logs_add(w->app.logs, log.name, &log.key);
	}
}

void wiring_close_serve(struct wiring *w)
{
	logs_free(w->app.logs);
	w->app.logs = NULL;
}
