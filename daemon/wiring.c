/*
 * Wiring; see wiring.h.
 */
#include "daemon/wiring_parts.h"

#include "daemon/http/client.h"
#include "daemon/http/server.h"
#include "daemon/jobs/linker.h"
#include "daemon/link/links.h"
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "daemon/store/embedded.h"
#include "daemon/store/spool.h"
#include "daemon/store/store.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/demo_keys.h"
#include "daemon/sys/file_type.h"
#include "daemon/sys/files.h"
#include "daemon/sys/keyrings.h"
#include "daemon/sys/key_epochs.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/week_keys.h"
#include "daemon/sys/week_mark.h"
#include "daemon/sys/log.h"
#include "daemon/sys/notify.h"
#include "daemon/sys/random.h"
#include "daemon/sys/accounts.h"
#include "daemon/sys/token_use.h"
#include "daemon/sys/tokens.h"
#include "handlers/intake/proofs.h"
#include "handlers/intake/sealed_file.h"
#include "handlers/limits.h"
#include "handlers/ops/readiness.h"
#include "handlers/web/pages.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SPOOL_SEGMENT_BYTES (16u << 20)
#define FORGET_EVERY_MS 20000
#define FILES_SWEEP_MS 3600000
#define FILES_AGE_S 3600   /* no upload writes nothing for so long: its connection would have been closed */
#define REQUESTS_BURST_S 60
#define GATEWAY_BURST_S 5
#define CLAIM_ACTS_PER_HOUR 10.0   /* with one receipt; each is a record of the journal */

struct app *wiring_app(struct wiring *wiring)
{
	return &wiring->app;
}

struct http_client *wiring_http(struct wiring *w)
{
	if (w->http == NULL)
		w->http = http_client_new(loop_base(w->loop));
	return w->http;
}

/* --- state, pages, files ------------------------------------------------------------------ */

/* So many Chinese characters go into a text, told as a round number that is not above it. */
static unsigned told_characters(uint64_t bytes)
{
	uint64_t characters = bytes / 3;

	return (unsigned)(characters >= 1000 ? characters - characters % 100 : characters);
}

static bool open_pages(struct wiring *w, struct complaint *why)
{
	struct pages_settings settings = {
		.exit_url = w->config->web.exit_url,
		.sms_number = w->config->web.sms_number,
		.telephone = w->config->web.telephone,
		.text_max = told_characters(w->config->limits.text_bytes),
		.files_max = w->config->limits.files,
		.file_mib_max = (unsigned)(w->config->limits.file_bytes >> 20),
		.file_bytes_max = w->config->limits.file_bytes,
	};

	w->app.pages = pages_new(&settings, why);
	return w->app.pages != NULL;
}

/* What uploads of a killed process left. */
static void sweep_files(void *ctx)
{
	const struct wiring *w = ctx;

	sealed_files_sweep(w->files_dir, FILES_AGE_S);
}

static bool open_files(struct wiring *w, struct complaint *why)
{
	snprintf(w->files_dir, sizeof(w->files_dir), "%s", config_files_dir(w->config));
	w->app.files_dir = w->files_dir;
	/* Who takes no tips only reads there, and the directory may be another user's. */
	if ((w->config->roles & ROLE_INTAKE) != 0 &&
	    (!files_make_dir(w->files_dir, why) || !sealed_files_prepare(w->files_dir, why)))
		return false;
	if ((w->config->roles & ROLE_INTAKE) != 0) {
		sweep_files(w);
		w->files_timer = loop_every(w->loop, FILES_SWEEP_MS, sweep_files, w);
	}
	w->app.file_types = file_types_new(w->config->files.types.at, w->config->files.types.n, why);
	return w->app.file_types != NULL;
}

/* What a full disk keeps from being made is said once a while, long before tips must be refused for it. */
static void look_after_weeks(struct wiring *w)
{
	struct complaint why;

	if ((w->config->roles & ROLE_INTAKE) != 0 && !week_keys_ahead(w->app.weeks, clock_wall_ms(), &why))
		log_rarely(LOG_LEVEL_ERROR, "weeks.not_made", why.text);
}

static bool open_weeks(struct wiring *w, struct complaint *why)
{
	w->app.weeks = week_keys_open(config_weeks_dir(w->config), true, why);
	if (w->app.weeks == NULL)
		return false;
	look_after_weeks(w);
	return true;
}

static void look_after_keys(void *ctx)
{
	struct wiring *w = ctx;
	struct complaint why;

	keys_forget(w->app.keys, clock_wall_ms());
	if (!keys_age(w->app.keys, config_keys_dir(w->config), clock_wall_ms(), &why))
		log_rarely(LOG_LEVEL_ERROR, "keys.epoch_kept", why.text);
	look_after_weeks(w);
	if (w->app.keyrings != NULL)
		keyrings_sweep(w->app.keyrings, clock_steady_ms());
}

/* Where nobody works on tips nothing of a bureau's is ever opened. */
static bool open_keyrings(struct wiring *w, struct complaint *why)
{
	const struct keyrings_plan plan = { .keys_dir = config_keys_dir(w->config),
					    .state_dir = w->config->state_dir,
					    .plain = w->config->keys.plain };

	w->forget_timer = loop_every(w->loop, FORGET_EVERY_MS, look_after_keys, w);
	if ((w->config->roles & ROLE_DESK) == 0)
		return true;
	w->app.keyrings = keyrings_new(&plan, why);
	return w->app.keyrings != NULL;
}

static bool open_accounts(struct wiring *w, struct complaint *why)
{
	w->app.accounts = accounts_load(w->config->state_dir, why);
	w->app.token_use = w->app.accounts != NULL ? token_use_load(w->config->state_dir, why) : NULL;
	return w->app.token_use != NULL;
}

static bool open_state(struct wiring *w, bool demo, struct complaint *why)
{
	w->state_lock = files_open_state(w->config->state_dir, why);
	if (w->state_lock < 0)
		return false;
	if (demo && !demo_create(w->config->state_dir, clock_wall_ms(), why))
		return false;
	w->app.tokens = tokens_load(w->config->state_dir, why);
	if (w->app.tokens == NULL)
		return false;
	if ((w->config->roles & ROLE_DESK) != 0 && !open_accounts(w, why))
		return false;
	key_names_read(&w->key_names, config_keys_dir(w->config));
	w->app.keys = keys_open(config_keys_dir(w->config), w->config->keys.create, why);
	return w->app.keys != NULL && (!demo || demo_seal_keys(w->config->state_dir, config_keys_dir(w->config), why)) &&
	       open_weeks(w, why) && open_keyrings(w, why);
}

/* --- store and spool ------------------------------------------------------------------------ */

static void store_changed(void *ctx, bool up)
{
	(void)ctx;
	log_event(LOG_LEVEL_NOTICE, up ? "redis.up" : "redis.down", NULL);
}

static bool open_store(struct wiring *w, struct complaint *why)
{
	const char *address = w->config->store.address;

	if (address[0] == '\0') {
		struct embedded_plan plan = { .state_dir = w->config->state_dir, .changed = store_changed, .ctx = w };

		w->embedded = embedded_start(w->loop, &plan, why);
		if (w->embedded == NULL)
			return false;
		address = embedded_address(w->embedded);
	}
	w->app.store = store_redis_new(w->loop, address, w->config->store.timeout_ms);
	if (w->app.store == NULL)
		return complain(why, 0, "store.address %s cannot be used", address);
	wiring_attach_archive(w);
	return true;
}

/* A mark that cannot be made refuses no tip: a spool is empty again long before its week is old. */
static void mark_spool(void *ctx, bool waits)
{
	struct wiring *w = ctx;
	struct complaint why;

	if (!waits)
		week_mark_take_away(w->spool_mark);
	else if (!week_mark_put(w->spool_mark, &why))
		log_rarely(LOG_LEVEL_ERROR, "spool.not_marked", why.text);
}

static bool open_spool(struct wiring *w, struct complaint *why)
{
	struct spool_limits limits = { .max_bytes = w->config->spool.max_bytes,
				       .segment_bytes = SPOOL_SEGMENT_BYTES };
	char dir[4096];

	snprintf(dir, sizeof(dir), "%s/spool", w->config->state_dir);
	w->app.spool = spool_open(dir, &limits, why);
	if (w->app.spool == NULL)
		return false;
	w->spool_mark = week_mark_open(config_weeks_dir(w->config), dir, why);
	if (w->spool_mark != NULL)
		spool_watch(w->app.spool, mark_spool, w);
	return w->spool_mark != NULL;
}

/* --- limits -------------------------------------------------------------------------------- */

static struct limit_rule per_minute(unsigned rate, unsigned burst)
{
	return (struct limit_rule){ .per_second = rate / 60.0, .burst = burst };
}

static struct limit_rule per_second(unsigned rate, unsigned burst_s)
{
	return (struct limit_rule){ .per_second = rate, .burst = (double)rate * burst_s };
}

/* A network gives as much as a visitor, so many times over. */
static struct limit_rule widened(struct limit_rule rule, unsigned times)
{
	return (struct limit_rule){ .per_second = rule.per_second * times, .burst = rule.burst * times };
}

static void read_limits(const struct config *config, struct limit_rule rules[LIMIT_KINDS])
{
	unsigned near = config->limits.near_times, wide = config->limits.wide_times;

	rules[LIMIT_CALLS] = per_second(config->limits.requests_per_second, REQUESTS_BURST_S);
	rules[LIMIT_MACHINES] = per_second(config->limits.gateway_per_second, GATEWAY_BURST_S);
	rules[LIMIT_TIPS] = per_minute(config->limits.tips_per_minute, config->limits.tips_burst);
	rules[LIMIT_TIPS_NEAR] = widened(rules[LIMIT_TIPS], near);
	rules[LIMIT_TIPS_WIDE] = widened(rules[LIMIT_TIPS], wide);
	rules[LIMIT_PROOFS] = per_minute(config->limits.proofs_per_minute, config->limits.proofs_per_minute);
	rules[LIMIT_RECEIPTS] = per_minute(config->limits.receipt_tries_per_minute,
					   config->limits.receipt_tries_per_minute);
	rules[LIMIT_RECEIPTS_NEAR] = widened(rules[LIMIT_RECEIPTS], near);
	rules[LIMIT_RECEIPTS_WIDE] = widened(rules[LIMIT_RECEIPTS], wide);
	rules[LIMIT_RECEIPTS_ALL] = per_second(config->limits.receipt_tries_per_second, 1);
	rules[LIMIT_CLAIMS] = rules[LIMIT_RECEIPTS];
	rules[LIMIT_CLAIMS_ALL] = rules[LIMIT_RECEIPTS_ALL];
	rules[LIMIT_CLAIM_ACTS] = (struct limit_rule){ CLAIM_ACTS_PER_HOUR / 3600.0, CLAIM_ACTS_PER_HOUR };
	rules[LIMIT_SENDER] = per_minute(config->limits.sms_per_minute, config->limits.sms_burst);
	rules[LIMIT_GATEWAY] = rules[LIMIT_MACHINES];
}

static void open_limits(struct wiring *w)
{
	struct limit_rule rules[LIMIT_KINDS];

	read_limits(w->config, rules);
	w->app.limits = limits_new(rules, w->config->limits.enabled);
	w->app.proofs = proofs_new();
}

/* Buckets keep what is in them. */
static void reload_limits(struct wiring *w)
{
	struct limit_rule rules[LIMIT_KINDS];

	read_limits(w->config, rules);
	limits_set(w->app.limits, rules, w->config->limits.enabled);
}

/* --- listeners ------------------------------------------------------------------------------------ */

static struct http_limits http_limits_of(const struct config *config, enum site site)
{
	struct http_limits limits = {
		.connections = config->limits.connections,
		.per_address = config_per_address(config),
		.head_bytes = (unsigned)config->limits.head_bytes,
		.head_ms = config->limits.head_ms,
		.body_ms = config->limits.body_ms,
		.idle_ms = config->limits.idle_ms,
		.write_ms = config->limits.write_ms,
		.reply_ms = config->limits.reply_ms,
	};
	unsigned long_poll_ms = (config->claim.wait_max_s + 20) * 1000;

	/* A claim may wait for tips: its answer comes late by design. */
	if (site == SITE_STAFF && limits.reply_ms < long_poll_ms)
		limits.reply_ms = long_poll_ms;
	return limits;
}

static bool listen_on(struct wiring *w, enum site site, const char *name, const char *address,
		      struct complaint *why)
{
	struct http_listener listener = {
		.name = name,
		.address = address,
		.fd = notify_listener(name),
		.limits = http_limits_of(w->config, site),
		.tls = wiring_tls_of(w, site),
		.hsts_days = w->config->listen.tls_hsts_days,
		.trusted_proxies = w->config->listen.trusted_proxies[0] != '\0' ? w->config->listen.trusted_proxies
										 : NULL,
	};

	if (address[0] == '\0' && listener.fd < 0)
		return true;
	w->owners[site] = (struct site_owner){ .app = &w->app, .site = site };
	listener.handler = site_handler(&w->owners[site]);
	w->app.listeners[site] = http_server_new(loop_base(w->loop), &listener);
	if (w->app.listeners[site] == NULL)
		return complain(why, 0, "cannot listen on %s (listen.%s): %s", address, name, strerror(errno));
	log_event(LOG_LEVEL_NOTICE, "listening", "listener", name, "address",
		  http_server_address(w->app.listeners[site]), "tls", listener.tls != NULL ? "yes" : "no", NULL);
	return true;
}

static bool open_listeners(struct wiring *w, struct complaint *why)
{
	const struct config *config = w->config;

	if (!wiring_open_tls(w, why))
		return false;
	if ((config->roles & ROLE_INTAKE) != 0 && !listen_on(w, SITE_PUBLIC, "public", config->listen.public, why))
		return false;
	if ((config->roles & ROLE_DESK) != 0 && !listen_on(w, SITE_STAFF, "staff", config->listen.staff, why))
		return false;
	return listen_on(w, SITE_OPS, "ops", config->listen.ops, why);
}

/* --- up and down -------------------------------------------------------------------------------------- */

static bool open_parts(struct wiring *w, bool demo, struct complaint *why)
{
	if (!open_state(w, demo, why))
		return false;
	wiring_open_model(w);
	if (!wiring_open_judge(w, why) || !open_pages(w, why) || !open_files(w, why) ||
	    !open_spool(w, why) || !open_store(w, why))
		return false;
	wiring_open_trail(w);
	if (!wiring_open_staff(w, why))
		return false;
	w->app.readiness = readiness_new(&w->app);
	open_limits(w);
	if (!wiring_open_money(w, demo, why) || !wiring_open_intake(w, why))
		return false;
	wiring_open_links(w);
	wiring_open_courier(w);
	wiring_open_jobs(w);
	wiring_open_archiver(w);
	wiring_open_retention(w);
	if (!wiring_open_log(w, why))
		return false;
	wiring_open_serve(w);
	return open_listeners(w, why);
}

struct wiring *wiring_up(struct loop *loop, struct config *config, bool demo, struct complaint *why)
{
	struct wiring *w = calloc(1, sizeof(*w));

	assert(w != NULL);
	w->loop = loop;
	w->config = config;
	w->app.loop = loop;
	w->app.config = config;
	w->app.started_ms = clock_wall_ms();
	w->state_lock = -1;
	snprintf(w->holder, sizeof(w->holder), "%d-%016llx", (int)getpid(), (unsigned long long)random_u64());
	if (!open_parts(w, demo, why)) {
		wiring_down(w);
		return NULL;
	}
	return w;
}

const char *wiring_private_store(const struct wiring *w)
{
	return w->embedded != NULL ? embedded_address(w->embedded) : NULL;
}

void wiring_note_sandbox(struct wiring *w, const struct sandbox_state *state)
{
	w->app.sandbox = state;
}

bool wiring_store_up(const struct wiring *w)
{
	return w->app.store->up;
}

void wiring_drain(struct wiring *w)
{
	w->app.draining = true;
	for (enum site site = 0; site < SITES; site++)
		if (w->app.listeners[site] != NULL)
			http_server_drain(w->app.listeners[site]);
	linker_rest(w->app.linker);
	sealer_rest(w->app.sealer);
	if (w->app.links != NULL)
		links_drain(w->app.links);
}

bool wiring_idle(struct wiring *w)
{
	for (enum site site = 0; site < SITES; site++)
		if (w->app.listeners[site] != NULL && !http_server_idle(w->app.listeners[site]))
			return false;
	return flow_count(w->loop) == 0 && linker_rests(w->app.linker) && sealer_rests(w->app.sealer) &&
	       (w->app.links == NULL || links_idle(w->app.links)) && wiring_trail_rests(w);
}

void wiring_reload(struct wiring *w)
{
	wiring_reload_tls(w);
	wiring_reload_keys(w);
	wiring_reload_tips(w);
	wiring_reload_links(w);
	reload_limits(w);
	wiring_reload_text(w);
	wiring_reload_clocks(w);
	wiring_reload_retention(w);
	wiring_reload_log(w);
	wiring_reload_money(w);
	tokens_refresh(w->app.tokens, NULL);
}

void wiring_down(struct wiring *w)
{
	for (enum site site = 0; site < SITES; site++)
		if (w->app.listeners[site] != NULL)
			http_server_free(w->app.listeners[site]);
	wiring_close_tls(w);
	/* What serves the logs' files goes before the sealer; neither asks the store any more. */
	wiring_close_serve(w);
	wiring_stop_log(w);
	wiring_stop_links(w);
	wiring_stop_tips(w);
	wiring_close_staff(w);
	wiring_stop_trail(w);
	wiring_stop_archiver(w);
	wiring_stop_retention(w);
	readiness_free(w->app.readiness);
	wiring_stop_money(w);
	/* What is still asked ends as unknown now, and its callbacks run. */
	if (w->app.store != NULL)
		store_free(w->app.store);
	if (w->http != NULL)
		http_client_free(w->http);
	wiring_close_trail(w);
	wiring_close_witnesses(w);
	wiring_close_tips(w);
	wiring_close_archive(w);
	wiring_close_money(w);
	limits_free(w->app.limits);
	proofs_free(w->app.proofs);
	if (w->embedded != NULL)
		embedded_stop(w->embedded);
	spool_close(w->app.spool);
	week_mark_free(w->spool_mark);
	if (w->app.pages != NULL)
		pages_free(w->app.pages);
	wiring_close_text(w);
	if (w->forget_timer != NULL)
		loop_timer_cancel(w->forget_timer);
	if (w->files_timer != NULL)
		loop_timer_cancel(w->files_timer);
	keyrings_free(w->app.keyrings);
	week_keys_free(w->app.weeks);
	if (w->app.keys != NULL)
		keys_free(w->app.keys);
	if (w->app.tokens != NULL)
		tokens_free(w->app.tokens);
	token_use_free(w->app.token_use);
	accounts_free(w->app.accounts);
	file_types_free(w->app.file_types);
	if (w->state_lock >= 0)
		close(w->state_lock);
	free(w);
}
