/*
 * Wiring of how staff come in with passwords, and of what their pages wait for.
 */
#include "daemon/wiring_parts.h"

#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "handlers/bureau/watch.h"
#include "handlers/staff/entry.h"

bool wiring_open_staff(struct wiring *w, struct complaint *why)
{
	const struct entry_env env = {
		.loop = w->loop,
		.state_dir = w->config->state_dir,
		.accounts = w->app.accounts,
		.staff_key = keys_staff(w->app.keys),
		.keyrings = w->app.keyrings,
		.trail = w->app.trail,
		.idle_ms = w->config->staff.session_idle_s * UINT64_C(1000),
	};

	if ((w->config->roles & ROLE_DESK) == 0)
		return true;
	w->app.watch = watch_new(w->loop, w->app.store);
	if (env.staff_key == NULL) {
		log_event(LOG_LEVEL_WARNING, "staff.no_key", "means", "nobody signs in with a password", NULL);
		return true;
	}
	w->app.entry = entry_new(&env, why);
	return w->app.entry != NULL;
}

void wiring_close_staff(struct wiring *w)
{
	entry_free(w->app.entry);
	w->app.entry = NULL;
	watch_free(w->app.watch);
	w->app.watch = NULL;
}
