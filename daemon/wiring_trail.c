/*
 * Wiring of the audit trail: what the process itself tells it. That it started
 * and stops, what a reload changed, tokens and keys that came or went.
 */
#include "daemon/wiring_parts.h"

#include "daemon/jobs/trail.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/config_digest.h"
#include "daemon/sys/tokens.h"
#include "handlers/trailing.h"

#define CHANGES_MAX 64
#define KEYS_EVERY_MS 60000

static void note(struct wiring *w, const struct trail_event *event)
{
	trail_note(w->app.trail, event);
}

/* --- tokens and keys ----------------------------------------------------------------- */

static void token_changed(void *ctx, const struct token *token, bool came)
{
	char roles[TRAILING_ROLES_MAX];
	struct wiring *w = ctx;

	if (!came && w->app.keyrings != NULL)
		keyrings_close(w->app.keyrings, span_of(token->id));
	note(w, &(struct trail_event){ .kind = came ? TRAIL_TOKEN_ADDED : TRAIL_TOKEN_REVOKED,
					 .id = span_of(token->id),
					 .to = span_of(token->person),
					 .roles = trailing_roles(token->roles, roles),
					 .region = span_of(token->region) });
}

static void key_changed(void *ctx, const char *name, bool came)
{
	note(ctx, &(struct trail_event){ .kind = came ? TRAIL_KEY_MADE : TRAIL_KEY_DESTROYED, .id = span_of(name) });
}

static void look_at_keys(void *ctx)
{
	struct wiring *w = ctx;
	struct key_names now = { .n = 0 };

	key_names_read(&now, config_keys_dir(w->config));
	key_names_compare(&w->key_names, &now, key_changed, w);
	key_names_release(&w->key_names);
	w->key_names = now;
}

/* --- configuration --------------------------------------------------------------------- */

static void note_change(struct wiring *w, const char *key, const struct config *running, const struct config *fresh)
{
	struct buf from = { 0 }, to = { 0 };

	config_value(running, key, &from);
	config_value(fresh, key, &to);
	note(w, &(struct trail_event){ .kind = TRAIL_CONFIG_CHANGED, .id = span_of(key), .from = buf_span(&from), .to = buf_span(&to) });
	buf_release(&from);
	buf_release(&to);
}

void wiring_note_reload(struct wiring *w, const struct config *running, const struct config *fresh)
{
	char from[CONFIG_DIGEST_LEN + 1], to[CONFIG_DIGEST_LEN + 1];
	struct config_change changes[CHANGES_MAX];
	size_t n;

	config_digest(running, from);
	if (fresh == NULL) {
		note(w, &(struct trail_event){ .kind = TRAIL_CONFIG_REFUSED, .from = span_of(from) });
		return;
	}
	config_digest(fresh, to);
	n = config_diff(running, fresh, changes, CHANGES_MAX);
	note(w, &(struct trail_event){ .kind = TRAIL_CONFIG_LOADED, .from = span_of(from), .to = span_of(to), .count = n });
	for (size_t i = 0; i < n && i < CHANGES_MAX; i++)
		note_change(w, changes[i].key, running, fresh);
}

/* --- life -------------------------------------------------------------------------------- */

static void note_started(struct wiring *w)
{
	static const struct {
		enum config_role role;
		const char *name;
	} names[] = { { ROLE_INTAKE, "intake" }, { ROLE_DESK, "desk" }, { ROLE_COURIER, "courier" }, { ROLE_JOBS, "jobs" } };
	char digest[CONFIG_DIGEST_LEN + 1];
	struct buf roles = { 0 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((w->config->roles & names[i].role) != 0)
			buf_printf(&roles, "%s%s", roles.len > 0 ? " " : "", names[i].name);
	config_digest(w->config, digest);
	note(w, &(struct trail_event){ .kind = TRAIL_STARTED, .version = SPAN(TIPLINE_VERSION), .roles = buf_span(&roles),
				       .to = span_of(digest) });
	buf_release(&roles);
}

void wiring_open_trail(struct wiring *w)
{
	w->app.trail = trail_new(w->loop, w->app.store);
	note_started(w);
	look_at_keys(w);
	tokens_watch(w->app.tokens, (struct tokens_watch){ .changed = token_changed, .ctx = w });
	w->key_timer = loop_every(w->loop, KEYS_EVERY_MS, look_at_keys, w);
	wiring_open_key_changes(w);
}

bool wiring_trail_rests(struct wiring *w)
{
	if (!w->stopped_noted) {
		w->stopped_noted = true;
		note(w, &(struct trail_event){ .kind = TRAIL_STOPPED, .version = SPAN(TIPLINE_VERSION) });
	}
	return trail_idle(w->app.trail);
}

void wiring_stop_trail(struct wiring *w)
{
	if (w->key_timer != NULL)
		loop_timer_cancel(w->key_timer);
	wiring_stop_key_changes(w);
	if (w->app.tokens != NULL)
		tokens_watch(w->app.tokens, (struct tokens_watch){ .ctx = NULL });
}

void wiring_close_trail(struct wiring *w)
{
	trail_free(w->app.trail);
	key_names_release(&w->key_names);
}
