/*
 * Wiring of the witnesses: their policy, the way to them, and back to the sealer.
 */
#include "daemon/wiring_parts.h"

#include "daemon/http/client.h"
#include "daemon/jobs/witnesses.h"
#include "daemon/sys/log.h"
#include "daemon/sys/log_policy.h"

#include <stdio.h>

#define TICK_MS 200

static void start_call(void *ctx, const struct http_call *call, http_answered *done, void *call_ctx)
{
	http_client_start(wiring_http(ctx), call, done, call_ctx);
}

static void refuse(void *ctx, struct span log, const char *why)
{
	struct wiring *w = ctx;

	sealer_refuse(w->app.sealer, log, why);
}

static void tick(void *ctx)
{
	struct wiring *w = ctx;

	witnesses_tick(w->app.witnesses);
}

/* --- the policy --------------------------------------------------------------------------------- */

static bool take_policy(struct wiring *w, struct complaint *why)
{
	const struct config *config = w->config;
	const struct quorum *policy = NULL;
	struct arena arena = { 0 }, before = w->policy;
	char told[sizeof(why->text)];

	if (config->log.policy[0] != '\0') {
		policy = log_policy_read(config->log.policy, span_of(config->log.origin), w->app.keys, &arena, why);
		if (policy == NULL) {
			arena_release(&arena);
			snprintf(told, sizeof(told), "%s", why->text);
			return complain(why, 0, "log.policy, %.80s line %zu: %.130s", config->log.policy, why->line, told);
		}
	}
	witnesses_set(w->app.witnesses, policy, config->log.witness_wait_s * 1000);
	w->policy = arena;
	arena_release(&before);
	return true;
}

void wiring_reload_witnesses(struct wiring *w)
{
	struct complaint why;

	if (w->app.witnesses != NULL && !take_policy(w, &why))
		log_event(LOG_LEVEL_ERROR, "log.policy_wrong", "why", why.text, NULL);
}

/* --- checkpoints ----------------------------------------------------------------------------------- */

void wiring_publish(void *ctx, const struct sealer_checkpoint *checkpoint)
{
	struct wiring *w = ctx;

	witnesses_take(w->app.witnesses, checkpoint, false);
}

static void resume(struct wiring *w, const struct sealer_log *log)
{
	struct sealer_checkpoint checkpoint = { .log = log->name, .origin = log->origin, .at_ms = log->at_ms, .tiles = log->tiles };
	struct checkpoint read;
	struct buf note = { 0 };
	struct note parsed;

	/* Of another size than the sealer has: it comes from there. */
	if (tiles_checkpoint(log->tiles, &note) && note_parse(buf_span(&note), &parsed) && checkpoint_parse(parsed.text, &read) &&
	    note_check(&parsed, &log->key, NULL) == NOTE_SIGNED && read.head.size == log->size) {
		checkpoint.head = read.head;
		checkpoint.note = buf_span(&note);
		witnesses_take(w->app.witnesses, &checkpoint, true);
	}
	buf_release(&note);
}

void wiring_resume_witnesses(struct wiring *w)
{
	for (size_t i = 0; i < sealer_count(w->app.sealer); i++) {
		struct sealer_log log;

		sealer_at(w->app.sealer, i, &log);
		if (log.size > 0)
			resume(w, &log);
	}
}

/* --- up and down ------------------------------------------------------------------------------------- */

bool wiring_open_witnesses(struct wiring *w, const char *dir, struct complaint *why)
{
	struct witnesses_env env = { .dir = dir, .start = start_call, .refuse = refuse, .ctx = w };

	w->app.witnesses = witnesses_new(&env);
	if (!take_policy(w, why))
		return false;
	w->witnesses_later = loop_every(w->loop, TICK_MS, tick, w);
	return true;
}

void wiring_stop_witnesses(struct wiring *w)
{
	if (w->witnesses_later != NULL)
		loop_timer_cancel(w->witnesses_later);
	w->witnesses_later = NULL;
	witnesses_rest(w->app.witnesses);
}

void wiring_close_witnesses(struct wiring *w)
{
	witnesses_free(w->app.witnesses);
	w->app.witnesses = NULL;
	arena_release(&w->policy);
}
