/*
 * Wiring of keys that change while the daemon runs: what tipctl could not tell the audit trail itself.
 */
#include "daemon/wiring_parts.h"

#include "daemon/base/memory.h"
#include "daemon/jobs/trail.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/key_changes.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"

#include <stdlib.h>

#define LOOK_EVERY_MS 5000
#define THEIRS_MS 10000   /* so long tipctl has to tell it itself, while this runs */

/* A line that is being told; its text stands behind it. */
struct telling {
	struct wiring *w;
	struct span line;
};

static void told(void *ctx, bool written)
{
	struct telling *telling = ctx;
	struct complaint why = { .text = "" };

	telling->w->key_changes_open--;
	if (written && !key_changes_drop(telling->w->config->state_dir, telling->line, &why))
		log_rarely(LOG_LEVEL_WARNING, "keys.changes", why.text);
	free(telling);
}

static void tell_line(struct wiring *w, struct span line, int64_t now_ms)
{
	struct arena arena = { 0 };
	struct trail_event event;
	struct telling *telling;

	if (!key_change_read(line, &arena, &event))
		event = (struct trail_event){ .kind = TRAIL_LOST, .call = SPAN("key"), .count = 1 };   /* something was there */
	else if (w->key_changes_seen && event.at_ms <= now_ms && now_ms - event.at_ms < THEIRS_MS) {
		arena_release(&arena);
		return;
	}
	telling = memory_zeroes(1, sizeof(*telling) + line.len + 1);
	memcpy(telling + 1, line.at, line.len);
	*telling = (struct telling){ .w = w, .line = span_from(telling + 1, line.len) };
	if (trail_show(w->app.trail, &event, (struct trail_wait){ .done = told, .ctx = telling }))
		w->key_changes_open++;
	else
		free(telling);
	arena_release(&arena);
}

static void look(void *ctx)
{
	struct wiring *w = ctx;
	struct complaint why = { .text = "" };
	struct buf text = { 0 };
	struct span rest, line;

	if (w->key_changes_open > 0)
		return;
	if (!key_changes_text(w->config->state_dir, &text, &why))
		log_rarely(LOG_LEVEL_WARNING, "keys.changes", why.text);
	rest = buf_span(&text);
	while (span_cut(&rest, '\n', &line))
		if (line.len > 0)
			tell_line(w, line, clock_wall_ms());
	w->key_changes_seen = true;
	buf_release(&text);
}

void wiring_reload_keys(struct wiring *w)
{
	struct complaint why = { .text = "" };
	size_t changed = keys_refresh_bureaus(w->app.keys, config_keys_dir(w->config), &why);

	if (why.text[0] != '\0')
		log_event(LOG_LEVEL_ERROR, "keys.bureaus_unreadable", "why", why.text, NULL);
	if (changed > 0)
		log_event(LOG_LEVEL_NOTICE, "keys.bureaus_changed", "count", log_u64(changed), NULL);
}

void wiring_open_key_changes(struct wiring *w)
{
	look(w);
	w->key_changes_timer = loop_every(w->loop, LOOK_EVERY_MS, look, w);
}

void wiring_stop_key_changes(struct wiring *w)
{
	if (w->key_changes_timer != NULL)
		loop_timer_cancel(w->key_changes_timer);
}
