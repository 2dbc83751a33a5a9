/*
 * Wiring of the sealed logs: who seals and follows them, and where their files lie.
 */
#include "daemon/wiring_parts.h"

#include "daemon/jobs/publisher.h"
#include "daemon/tlog/figures.h"

#include <stdio.h>

#define LOOK_EVERY_MS 1000
#define OPENINGS_LOOK_MS 250   /* one log after the other */

/* Months that are over are opened in each process that has the files. */
static void open_publisher(struct wiring *w)
{
	struct publisher_env env = {
		.loop = w->loop,
		.store = w->app.store,
		.keys = w->app.keys,
		.sealer = w->app.sealer,
		.dir = span_of(w->log_dir),
		.after_days = w->config->log.openings_after_days,
		.small = FIGURES_SMALL,
		.look_ms = OPENINGS_LOOK_MS,
	};

	w->app.publisher = publisher_new(&env);
}

bool wiring_open_log(struct wiring *w, struct complaint *why)
{
	struct sealer_env env = {
		.loop = w->loop,
		.store = w->app.store,
		.keys = w->app.keys,
		.shards = (const char(*)[3])w->shards.at,
		.nshards = w->shards.n,
		.holder = span_of(w->holder),
		.dir = w->log_dir,
		.origin = span_of(w->config->log.origin),
		.interval_ms = w->config->log.interval_s * 1000,
		.look_ms = LOOK_EVERY_MS,
		.lead = (w->config->roles & ROLE_JOBS) != 0,
		.publish = wiring_publish,
		.ctx = w,
	};

	snprintf(w->log_dir, sizeof(w->log_dir), "%s/log", w->config->state_dir);
	w->app.sealer = sealer_new(&env, why);
	if (w->app.sealer == NULL || !wiring_open_witnesses(w, w->log_dir, why))
		return false;
	open_publisher(w);
	wiring_resume_witnesses(w);
	return true;
}

void wiring_reload_log(struct wiring *w)
{
	if (w->app.sealer != NULL)
		sealer_set_interval(w->app.sealer, w->config->log.interval_s * 1000);
	if (w->app.publisher != NULL)
		publisher_set_days(w->app.publisher, w->config->log.openings_after_days);
	wiring_reload_witnesses(w);
}

void wiring_stop_log(struct wiring *w)
{
	wiring_stop_witnesses(w);
	publisher_free(w->app.publisher);
	w->app.publisher = NULL;
	sealer_free(w->app.sealer);
	w->app.sealer = NULL;
}
