/*
 * Wiring; see wiring.h.
 */
#include "daemon/wiring.h"

#include "daemon/base/asset.h"
#include "daemon/base/wipe.h"
#include "daemon/core/judge.h"
#include "daemon/http/client.h"
#include "daemon/http/server.h"
#include "daemon/jobs/drain.h"
#include "daemon/jobs/leases.h"
#include "daemon/jobs/linker.h"
#include "daemon/jobs/model.h"
#include "daemon/jobs/treasury.h"
#include "daemon/loop/flow.h"
#include "daemon/loop/loop.h"
#include "daemon/store/embedded.h"
#include "daemon/store/spool.h"
#include "daemon/store/store.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/file_type.h"
#include "daemon/sys/files.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "daemon/sys/notify.h"
#include "daemon/sys/random.h"
#include "daemon/sys/rule_files.h"
#include "daemon/sys/tokens.h"
#include "handlers/bureau/rights.h"
#include "handlers/endpoint.h"
#include "handlers/intake/intake_env.h"
#include "handlers/intake/sms.h"
#include "handlers/intake/sms_reply.h"
#include "handlers/intake/upload.h"
#include "handlers/limits.h"
#include "handlers/notify/courier.h"
#include "handlers/notify/outbox_item.h"
#include "handlers/ops/readiness.h"
#include "handlers/payout/attempt_voucher.h"
#include "handlers/payout/counter.h"
#include "handlers/payout/daily.h"
#include "handlers/payout/dispatch.h"
#include "handlers/payout/hooks.h"
#include "handlers/payout/payee.h"
#include "handlers/payout/rail_settings.h"
#include "handlers/reward/demo_money.h"
#include "handlers/reward/office.h"
#include "handlers/reward/verified.h"
#include "handlers/web/pages.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SPOOL_SEGMENT_BYTES (16u << 20)
#define LEASES_EVERY_MS 500
#define DAY_MS INT64_C(86400000)
#define CLAIM_ACTS_PER_HOUR 10.0   /* with one receipt; each is a record of the journal */
/* Longer than any flow lives that still points to words of the old rules (intake.c, linker.c). */
#define OLD_JUDGE_MS 300000
#define OLD_JUDGES_MAX 4

struct wiring {
	struct loop *loop;
	struct config *config;
	struct app app;
	struct embedded *embedded;
	struct http_client *http;
	struct drain *drain;
	struct leases *leases;
	struct demo_money *demo_money;
	struct rail_set rails;
	struct seal_key payees, vouchers;
	struct shard_list shards;
	struct gateway_config gateways[CONFIG_GATEWAYS_MAX];
	struct sms_reply_policy reply_policy;
	struct site_owner owners[SITES];
	char files_dir[4096];
	char holder[64];
	int state_lock;
	struct judge *old_judges[OLD_JUDGES_MAX];  /* oldest first */
	size_t nold_judges;
};

struct app *wiring_app(struct wiring *wiring)
{
	return &wiring->app;
}

/* --- tables and keys --------------------------------------------------------------------- */

static void open_model(struct wiring *w)
{
	struct model_env env = { .loop = w->loop,
				 .path = config_model_file(w->config),
				 .key = keys_learning(w->app.keys),
				 .on = w->config->score.learning };

	w->app.model = model_new(&env);
}

static void reload_model(struct wiring *w)
{
	model_switch(w->app.model, w->config->score.learning);
	model_sync(w->app.model);
	judge_set_learner(w->app.judge, model_learner(w->app.model));
}

/* A judge of the rules as their files are now; NULL and a complaint. */
static struct judge *make_judge(const struct wiring *w, const struct rule_files *files, struct complaint *why)
{
	struct judge_sources sources = {
		.regions_tsv = asset_find("config/regions/regions.tsv"),
		.towns_tsv = asset_find("config/regions/towns.tsv"),
		.segments = asset_find("config/regions/segments.bin"),
		.rule_files = files->at,
		.nrule_files = files->n,
		.key = *keys_fingerprint(w->app.keys),
	};
	struct judge *judge = judge_new(&sources, why);

	wipe(&sources.key, sizeof(sources.key));
	if (judge != NULL)
		judge_set_learner(judge, model_learner(w->app.model));
	return judge;
}

static bool open_judge(struct wiring *w, struct complaint *why)
{
	struct rule_files files = { 0 };

	if (rule_files_read(&files, w->config, why))
		w->app.judge = make_judge(w, &files, why);
	rule_files_release(&files);
	if (w->app.judge == NULL)
		return false;
	shards_of_region(judge_gazetteer(w->app.judge), SPAN(REGION_NATIONAL), &w->shards);
	return true;
}

/* True when the files say the same as the rules in force, or nothing that can be read. */
static bool rules_stay(const struct wiring *w, const struct rule_files *files, struct complaint *why)
{
	struct rules *rules = rules_new(files->at, files->n, why);
	bool stay = rules == NULL ||
		    strcmp(rules_version(rules), rules_version(judge_rules(w->app.judge))) == 0;

	rules_free(rules);
	return stay;
}

static void drop_old_judge(void *ctx)
{
	struct wiring *w = ctx;

	judge_free(w->old_judges[0]);
	w->nold_judges--;
	for (size_t i = 0; i < w->nold_judges; i++)
		w->old_judges[i] = w->old_judges[i + 1];
}

/*
 * Everything asks the new judge from the next turn of the loop on. The old one
 * rests until no work that began under it can be left.
 */
static void adopt_judge(struct wiring *w, struct judge *judge)
{
	w->old_judges[w->nold_judges++] = w->app.judge;
	w->app.judge = judge;
	intake_set_judge(w->app.intake, judge);
	if (w->app.linker != NULL)
		linker_set_rules(w->app.linker, judge_rules(judge));
	loop_after(w->loop, OLD_JUDGE_MS, drop_old_judge, w);
	log_event(LOG_LEVEL_NOTICE, "rules.changed", "version", rules_version(judge_rules(judge)), NULL);
}

/* Wrong files change nothing: the rules in force are better than none. */
static void reload_rules(struct wiring *w)
{
	struct rule_files files = { 0 };
	struct complaint why = { .text = "" };
	struct judge *judge = NULL;

	if (w->nold_judges == OLD_JUDGES_MAX)
		complain(&why, 0, "too many changes within %d minutes: reload again later", OLD_JUDGE_MS / 60000);
	else if (rule_files_read(&files, w->config, &why) && !rules_stay(w, &files, &why))
		judge = make_judge(w, &files, &why);
	rule_files_release(&files);
	if (judge != NULL)
		adopt_judge(w, judge);
	else if (why.text[0] != '\0')
		log_event(LOG_LEVEL_ERROR, "rules.refused", "why", why.text, NULL);
}

static bool open_pages(struct wiring *w, struct complaint *why)
{
	struct pages_settings settings = {
		.text_max = (unsigned)(w->config->limits.text_bytes / 3),
		.files_max = w->config->limits.files,
		.file_mib_max = (unsigned)(w->config->limits.file_bytes >> 20),
	};

	w->app.pages = pages_new(&settings, why);
	return w->app.pages != NULL;
}

static bool open_files(struct wiring *w, struct complaint *why)
{
	snprintf(w->files_dir, sizeof(w->files_dir), "%s/files", w->config->state_dir);
	w->app.files_dir = w->files_dir;
	if (!files_make_dir(w->files_dir, why) || !upload_prepare_dir(w->files_dir, why))
		return false;
	w->app.file_types = file_types_new(w->config->files.types.at, w->config->files.types.n, why);
	return w->app.file_types != NULL;
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
	w->app.keys = keys_open(config_keys_dir(w->config), w->config->keys.create,
				(w->config->roles & ROLE_DESK) != 0, why);
	return w->app.keys != NULL;
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
	return w->app.store != NULL || complain(why, 0, "store.address %s cannot be used", address);
}

static bool open_spool(struct wiring *w, struct complaint *why)
{
	struct spool_limits limits = { .max_bytes = w->config->spool.max_bytes,
				       .segment_bytes = SPOOL_SEGMENT_BYTES };
	char dir[4096];

	snprintf(dir, sizeof(dir), "%s/spool", w->config->state_dir);
	w->app.spool = spool_open(dir, &limits, why);
	return w->app.spool != NULL;
}

/* --- intake, SMS, jobs ------------------------------------------------------------------------- */

/* Something was written to an outbox of that shard. */
static void kick_courier(void *ctx, struct span shard)
{
	struct wiring *w = ctx;

	if (w->app.courier != NULL)
		courier_kick(w->app.courier, shard);
}

/* Tips of that shard were stored. */
static void kick_linker(void *ctx, struct span shard)
{
	struct wiring *w = ctx;

	if (w->app.linker != NULL)
		linker_kick(w->app.linker, shard);
}

static void open_intake(struct wiring *w)
{
	struct commit_env commit = {
		.loop = w->loop, .store = w->app.store, .spool = w->app.spool, .keys = w->app.keys,
		.outbox_written = kick_courier, .stored = kick_linker, .ctx = w };
	struct intake_env intake = {
		.loop = w->loop,
		.judge = w->app.judge,
		.keys = w->app.keys,
		.text_max_bytes = w->config->limits.text_bytes,
		.answer_ttl_s = w->config->idempotency.keep_s,
		.reply_intent = sms_reply_intent,
		.reply_ctx = &w->reply_policy,
	};

	w->reply_policy = (struct sms_reply_policy){ .courier_key = keys_courier(w->app.keys),
						     .with_code = w->config->sms.reply == SMS_REPLY_RECEIPT };
	w->app.commit = commit_new(&commit);
	intake.commit = w->app.commit;
	w->app.intake = intake_new(&intake);
}

static void read_gateways(struct wiring *w)
{
	for (size_t i = 0; i < w->config->sms.ngateways; i++) {
		const struct config_gateway *from = &w->config->sms.gateways[i];

		w->gateways[i] = (struct gateway_config){
			.name = from->name,
			.driver = from->driver,
			.secret = from->secret,
			.send_url = from->send_url,
			.send_user = from->send_user,
			.send_password = from->send_password,
			.sender = from->sender,
			.receipt_url = "",
			.home = w->config->sms.home_country,
			.answer_prefixes = "",
		};
	}
}

static void open_sms(struct wiring *w)
{
	struct sms_env env = {
		.loop = w->loop,
		.store = w->app.store,
		.intake = w->app.intake,
		.courier_key = keys_courier(w->app.keys),
		.requests_key = keys_requests(w->app.keys),
		.gateways = w->gateways,
		.ngateways = w->config->sms.ngateways,
		.answers = w->config->sms.reply != SMS_REPLY_NONE,
		.parts_timeout_s = w->config->sms.parts_timeout_s,
	};

	read_gateways(w);
	if ((w->config->roles & ROLE_INTAKE) != 0)
		w->app.sms = sms_new(&env);
}

static enum verified_end tell_verified(void *ctx, const struct outbox_verified *verified,
				       void (*done)(void *errand, enum verified_end end), void *errand)
{
	const struct wiring *w = ctx;
	const struct verified_env env = { .treasury = w->app.treasury, .office = w->app.office };

	return verified_carry(&env, verified, done, errand);
}

static void open_courier(struct wiring *w)
{
	struct courier_env env = {
		.loop = w->loop,
		.store = w->app.store,
		.key = keys_courier(w->app.keys),
		.gateways = w->gateways,
		.ngateways = w->config->sms.ngateways,
		.shards = (const char(*)[3])w->shards.at,
		.nshards = w->shards.n,
		.holder = span_of(w->holder),
		.verified = w->app.treasury != NULL ? tell_verified : NULL,
		.ctx = w,
	};

	if ((w->config->roles & ROLE_COURIER) == 0)
		return;
	if (w->http == NULL)
		w->http = http_client_new(loop_base(w->loop));
	env.http = w->http;
	w->app.courier = courier_new(&env);
}

static struct span seal_child(void *ctx, const struct store_link *child, struct arena *arena)
{
	const struct wiring *w = ctx;

	return child_intent(keys_courier(w->app.keys), child, arena);
}

static void open_linker(struct wiring *w)
{
	struct linker_env env = {
		.loop = w->loop,
		.store = w->app.store,
		.shards = (const char(*)[3])w->shards.at,
		.nshards = w->shards.n,
		.holder = span_of(w->holder),
		.limits = {
			.max_tips = w->config->linker.max_tips,
			.max_age_ms = w->config->linker.max_age_days * DAY_MS,
			.max_incidents = w->config->linker.max_incidents,
			.max_senders = w->config->linker.max_senders,
		},
		.rules = judge_rules(w->app.judge),
		.model = w->app.model,
		.child_intent = seal_child,
		.outbox_written = kick_courier,
		.ctx = w,
	};

	if ((w->config->roles & ROLE_JOBS) != 0)
		w->app.linker = linker_new(&env);
}

static void open_jobs(struct wiring *w)
{
	struct leases_env env = {
		.loop = w->loop,
		.store = w->app.store,
		.shards = (const char(*)[3])w->shards.at,
		.nshards = w->shards.n,
		.holder = span_of(w->holder),
		.period_ms = LEASES_EVERY_MS,
	};

	w->drain = drain_new(w->loop, w->app.store, w->app.spool);
	if ((w->config->roles & ROLE_JOBS) != 0)
		w->leases = leases_new(&env);
	open_linker(w);
}

static void open_limits(struct wiring *w)
{
	const struct config *config = w->config;
	const struct limit_rule rules[LIMIT_KINDS] = {
		[LIMIT_TIPS] = { config->limits.tips_per_minute / 60.0, config->limits.tips_burst },
		[LIMIT_RECEIPTS] = { config->limits.receipt_tries_per_minute / 60.0,
				     config->limits.receipt_tries_per_minute },
		[LIMIT_RECEIPTS_ALL] = { config->limits.receipt_tries_per_second,
					 config->limits.receipt_tries_per_second },
		[LIMIT_CLAIMS] = { config->limits.receipt_tries_per_minute / 60.0,
				   config->limits.receipt_tries_per_minute },
		[LIMIT_CLAIMS_ALL] = { config->limits.receipt_tries_per_second,
				       config->limits.receipt_tries_per_second },
		[LIMIT_CLAIM_ACTS] = { CLAIM_ACTS_PER_HOUR / 3600.0, CLAIM_ACTS_PER_HOUR },
	};

	w->app.limits = limits_new(rules, config->limits.enabled);
}

/* --- money ------------------------------------------------------------------------------------ */

static void money_applied(void *ctx, const struct record *record)
{
	struct wiring *w = ctx;

	office_applied(w->app.office, w->app.treasury != NULL ? treasury_book(w->app.treasury) : NULL, record);
	if (w->app.dispatch != NULL)
		dispatch_applied(w->app.dispatch, record);
	if (w->app.counter != NULL)
		counter_applied(w->app.counter, record);
}

/* What the treasury's timers recorded that they do next. */
static void money_errand(void *ctx, const struct record *record)
{
	struct wiring *w = ctx;

	if (w->app.dispatch != NULL)
		dispatch_errand(w->app.dispatch, record);
}

/* Who holds the treasury's lease pays out; callbacks and tellers may come to any process. */
static void open_payout(struct wiring *w)
{
	struct dispatch_env dispatch = { .loop = w->loop, .store = w->app.store, .treasury = w->app.treasury,
					 .rails = &w->rails, .payees = &w->payees, .vouchers = &w->vouchers,
					 .remark = w->config->payout.remark };
	struct hooks_env hooks = { .loop = w->loop, .treasury = w->app.treasury, .rails = &w->rails };
	struct counter_env counter = { .loop = w->loop, .treasury = w->app.treasury, .key = &w->vouchers,
				       .profile = &rail_set_find(&w->rails, SPAN(VOUCHER_RAIL))->profile };

	random_bytes(hooks.key, sizeof(hooks.key));
	w->app.hooks = hooks_new(&hooks);
	w->app.counter = counter_new(&counter);
	if ((w->config->roles & ROLE_JOBS) == 0)
		return;
	if (w->http == NULL)
		w->http = http_client_new(loop_base(w->loop));
	dispatch.http = w->http;
	w->app.dispatch = dispatch_new(&dispatch);
	w->app.daily = daily_new(&(struct daily_env){ .loop = w->loop, .http = w->http, .treasury = w->app.treasury,
						      .rails = &w->rails });
}

static bool open_money(struct wiring *w, bool demo, struct complaint *why)
{
	struct office_env office = { .key = keys_requests(w->app.keys),
				     .engagement = w->config->money.engagement,
				     .seed = random_u64() };
	struct treasury_env env = {
		.loop = w->loop,
		.store = w->app.store,
		.holder = span_of(w->holder),
		.mirror = config_money_mirror(w->config),
		.timers = (w->config->roles & ROLE_JOBS) != 0,
		.applied = money_applied,
		.errand = money_errand,
		.ctx = w,
	};

	if (!w->config->money.enabled)
		return true;
	w->app.office = office_new(&office);
	env.instruction_key = office_instruction_key(w->app.office);
	payee_key(keys_courier(w->app.keys), &w->payees);
	attempt_voucher_key(keys_requests(w->app.keys), &w->vouchers);
	if (!rail_settings_read(w->config, &w->rails, why))
		return false;
	w->app.treasury = treasury_new(&env, why);
	if (w->app.treasury != NULL)
		open_payout(w);
	if (w->app.treasury != NULL && demo)
		w->demo_money = demo_money_new(w->loop, w->app.treasury);
	return w->app.treasury != NULL;
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
		  http_server_address(w->app.listeners[site]), NULL);
	return true;
}

static bool open_listeners(struct wiring *w, struct complaint *why)
{
	const struct config *config = w->config;

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
	open_model(w);
	if (!open_judge(w, why) || !open_pages(w, why) || !open_files(w, why) ||
	    !open_spool(w, why) || !open_store(w, why))
		return false;
	w->app.readiness = readiness_new(&w->app);
	open_limits(w);
	if (!open_money(w, demo, why))
		return false;
	open_intake(w);
	open_sms(w);
	open_courier(w);
	open_jobs(w);
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
	w->state_lock = -1;
	snprintf(w->holder, sizeof(w->holder), "%d-%016llx", (int)getpid(), (unsigned long long)random_u64());
	if (!open_parts(w, demo, why)) {
		wiring_down(w);
		return NULL;
	}
	return w;
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
}

bool wiring_idle(const struct wiring *w)
{
	for (enum site site = 0; site < SITES; site++)
		if (w->app.listeners[site] != NULL && !http_server_idle(w->app.listeners[site]))
			return false;
	return flow_count(w->loop) == 0 && linker_rests(w->app.linker);
}

void wiring_reload(struct wiring *w)
{
	struct limits *old = w->app.limits;

	read_gateways(w);
	if (w->app.sms != NULL)
		sms_set_gateways(w->app.sms, w->gateways, w->config->sms.ngateways);
	if (w->app.courier != NULL)
		courier_set_gateways(w->app.courier, w->gateways, w->config->sms.ngateways);
	open_limits(w);
	limits_free(old);
	reload_rules(w);
	reload_model(w);
	tokens_refresh(w->app.tokens, NULL);
}

static void stop_jobs(struct wiring *w)
{
	linker_free(w->app.linker);
	leases_free(w->leases);
	drain_free(w->drain);
	if (w->app.courier != NULL)
		courier_free(w->app.courier);
	if (w->app.sms != NULL)
		sms_free(w->app.sms);
	readiness_free(w->app.readiness);
}

void wiring_down(struct wiring *w)
{
	for (enum site site = 0; site < SITES; site++)
		if (w->app.listeners[site] != NULL)
			http_server_free(w->app.listeners[site]);
	stop_jobs(w);
	dispatch_free(w->app.dispatch);
	daily_free(w->app.daily);
	hooks_free(w->app.hooks);
	counter_free(w->app.counter);
	w->app.dispatch = NULL;
	w->app.counter = NULL;
	demo_money_stop(w->demo_money);
	treasury_free(w->app.treasury);
	demo_money_free(w->demo_money);
	/* What is still asked ends as unknown now, and its callbacks run. */
	if (w->app.store != NULL)
		store_free(w->app.store);
	if (w->http != NULL)
		http_client_free(w->http);
	intake_free(w->app.intake);
	commit_free(w->app.commit);
	office_free(w->app.office);
	rail_set_release(&w->rails);
	wipe(&w->payees, sizeof(w->payees));
	wipe(&w->vouchers, sizeof(w->vouchers));
	limits_free(w->app.limits);
	if (w->embedded != NULL)
		embedded_stop(w->embedded);
	spool_close(w->app.spool);
	if (w->app.pages != NULL)
		pages_free(w->app.pages);
	for (size_t i = 0; i < w->nold_judges; i++)
		judge_free(w->old_judges[i]);
	if (w->app.judge != NULL)
		judge_free(w->app.judge);
	model_free(w->app.model);
	if (w->app.keys != NULL)
		keys_free(w->app.keys);
	if (w->app.tokens != NULL)
		tokens_free(w->app.tokens);
	file_types_free(w->app.file_types);
	if (w->state_lock >= 0)
		close(w->state_lock);
	free(w);
}
