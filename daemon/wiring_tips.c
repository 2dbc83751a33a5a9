/*
 * Wiring of the way of a tip: intake and SMS in front, the linker and the
 * courier behind the store, and the leases under which they work.
 */
#include "daemon/wiring_parts.h"

#include "daemon/core/judge.h"
#include "daemon/core/sms/gbk.h"
#include "daemon/jobs/drain.h"
#include "daemon/jobs/leases.h"
#include "daemon/jobs/linker.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "handlers/intake/gateway_settings.h"
#include "handlers/intake/intake_env.h"
#include "handlers/intake/sms.h"
#include "handlers/notify/courier.h"
#include "handlers/notify/deliveries.h"
#include "handlers/notify/digester.h"
#include "handlers/notify/notifier.h"
#include "handlers/notify/outbox_item.h"
#include "handlers/reward/claim_sms.h"
#include "handlers/reward/verified.h"

#include <assert.h>
#include <stdio.h>

#define LEASES_EVERY_MS 500
#define DAY_MS INT64_C(86400000)
#define DAY_S 86400u

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

static void read_gateways(struct wiring *w)
{
	for (size_t i = 0; i < w->config->sms.ngateways; i++)
		gateway_settings_read(w->config, i, &w->config->arena, &w->gateways[i]);
}

/* After a reload a gateway that does not fit stays, and asks for its messages again until it is mended. */
static void check_gateways(struct wiring *w)
{
	for (size_t i = 0; i < w->config->sms.ngateways; i++) {
		struct complaint why = { .text = "" };

		if (gateway_settings_check(w->config, i, true, &why))
			continue;
		log_event(LOG_LEVEL_ERROR, "sms.gateway_unfit", "why", why.text, NULL);
		w->gateways[i].driver = "";
	}
}

static void take_report(void *ctx, struct span connector, const struct sms_message *report,
			void (*done)(void *who, bool kept), void *who)
{
	const struct wiring *w = ctx;

	deliveries_take(w->app.deliveries, connector, report, done, who);
}

static void open_deliveries(struct wiring *w)
{
	const struct deliveries_env env = {
		.store = w->app.store, .key = keys_courier(w->app.keys), .written = kick_courier, .ctx = w };

	w->app.deliveries = deliveries_new(&env);
}

static struct sms_policy sms_policy(const struct config *config)
{
	struct sms_policy policy = {
		.answers = config->sms.reply != SMS_REPLY_NONE,
		.per_day = config->sms.answers_per_day,
		.per_minute = config->sms.answers_per_minute,
		.code_s = config->sms.code_minutes * 60,
		.memory_s = config->sms.memory_days * DAY_S,
		.text_max = config->limits.text_bytes,
		.areas = span_of(config->sms.areas),
	};
	bool read = sms_hours_parse(span_of(config->sms.quiet), &policy.quiet);

	assert(read);
	return policy;
}

static void open_sms(struct wiring *w)
{
	char repeats[4096], wishes[4096];
	struct sms_env env = {
		.loop = w->loop,
		.store = w->app.store,
		.intake = w->app.intake,
		.weeks = w->app.weeks,
		.desk = claim_sms_desk(&w->app),
		.reports = { .take = take_report, .ctx = w },
		.courier_key = keys_courier(w->app.keys),
		.requests_key = keys_requests(w->app.keys),
		.gateways = w->gateways,
		.ngateways = w->config->sms.ngateways,
		.policy = sms_policy(w->config),
		.outbox_written = kick_courier,
		.ctx = w,
		.parts_timeout_s = w->config->sms.parts_timeout_s,
		.repeats_file = repeats,
		.wishes_file = wishes,
		.limits = w->app.limits,
	};

	snprintf(wishes, sizeof(wishes), "%s/sms-wishes", w->config->state_dir);
	snprintf(repeats, sizeof(repeats), "%s/sms-repeats", w->config->state_dir);
	read_gateways(w);
	if ((w->config->roles & ROLE_INTAKE) == 0)
		return;
	/* Asked now, so that it is in memory whatever becomes of the file. */
	if (!gbk_ready())
		log_event(LOG_LEVEL_ERROR, "sms.no_gbk", "why", "the C library has no conversion from GB18030", NULL);
	open_deliveries(w);
	w->app.sms = sms_new(&env);
}

bool wiring_open_intake(struct wiring *w, struct complaint *why)
{
	struct commit_env commit = {
		.loop = w->loop, .store = w->app.store, .spool = w->app.spool, .keys = w->app.keys,
		.outbox_written = kick_courier, .stored = kick_linker, .ctx = w };
	struct intake_env intake = {
		.loop = w->loop,
		.judge = w->app.judge,
		.keys = w->app.keys,
		.weeks = w->app.weeks,
		.text_max_bytes = w->config->limits.text_bytes,
		.answer_ttl_s = w->config->idempotency.keep_s,
		.reply_intent = sms_reply_intent,
		.reply_ctx = &w->reply_policy,
	};

	for (size_t i = 0; i < w->config->sms.ngateways; i++)
		if (!gateway_settings_check(w->config, i, true, why))
			return false;
	w->reply_policy = (struct sms_reply_policy){ .courier_key = keys_courier(w->app.keys),
						     .with_code = w->config->sms.reply == SMS_REPLY_RECEIPT };
	w->app.commit = commit_new(&commit);
	intake.commit = w->app.commit;
	w->app.intake = intake_new(&intake);
	open_sms(w);
	return true;
}

static enum verified_end tell_verified(void *ctx, const struct outbox_verified *verified,
				       void (*done)(void *errand, enum verified_end end), void *errand)
{
	const struct wiring *w = ctx;
	const struct verified_env env = { .treasury = w->app.treasury, .office = w->app.office };

	return verified_carry(&env, verified, done, errand);
}

static void read_channels(struct wiring *w)
{
	for (size_t i = 0; i < w->config->nnotices; i++) {
		const struct config_notice *from = &w->config->notices[i];

		w->channels[i] = (struct notice_channel){
			.name = from->name,
			.region = from->region,
			.url = from->url,
			.secret = from->secret,
			.kinds = from->kinds,
			.desk_url = from->desk_url,
			.mail_to = from->mail_to,
			.mail_from = from->mail_from[0] != '\0' ? from->mail_from : w->config->mail.from,
			.mail_name = w->config->mail.from_name,
			.english = from->language == 1,
			.pause_s = from->pause_s,
			.digest = from->digest,
		};
		if (!notice_by_mail(&w->channels[i]) && !notice_secret_fits(from->secret))
			log_event(LOG_LEVEL_ERROR, "notices.bad_secret", "channel", from->name, NULL);
	}
}

static void read_mail(struct wiring *w)
{
	const struct config_mail *mail = &w->config->mail;

	w->mail = (struct smtp_server){ .url = mail->server, .tls = (enum smtp_tls)mail->tls, .ca_file = mail->ca_file,
					.user = mail->user, .password = mail->password };
}

static void open_notifier(struct wiring *w)
{
	const struct notifier_env env = {
		.loop = w->loop,
		.store = w->app.store,
		.key = keys_courier(w->app.keys),
		.channels = w->channels,
		.nchannels = w->config->nnotices,
		.shards = (const char(*)[3])w->shards.at,
		.nshards = w->shards.n,
		.holder = span_of(w->holder),
		.written = kick_courier,
		.ctx = w,
	};

	const struct digester_env digests = {
		.loop = env.loop,
		.store = env.store,
		.key = env.key,
		.limits = &w->clock_limits,
		.channels = env.channels,
		.nchannels = env.nchannels,
		.shards = env.shards,
		.nshards = env.nshards,
		.written = kick_courier,
		.ctx = w,
	};

	w->app.notifier = notifier_new(&env);
	w->app.digester = digester_new(&digests);
}

void wiring_open_courier(struct wiring *w)
{
	struct courier_env env = {
		.loop = w->loop,
		.store = w->app.store,
		.key = keys_courier(w->app.keys),
		.gateways = w->gateways,
		.ngateways = w->config->sms.ngateways,
		.links = w->app.links,
		.route = w->config->sms.route,
		.channels = w->channels,
		.nchannels = w->config->nnotices,
		.shards = (const char(*)[3])w->shards.at,
		.nshards = w->shards.n,
		.holder = span_of(w->holder),
		.verified = w->app.treasury != NULL ? tell_verified : NULL,
		.ctx = w,
	};

	if ((w->config->roles & ROLE_COURIER) == 0)
		return;
	read_channels(w);
	read_mail(w);
	w->smtp = smtp_client_new(loop_base(w->loop));
	env.smtp = w->smtp;
	env.mail = &w->mail;
	env.http = wiring_http(w);
	w->app.courier = courier_new(&env);
	open_notifier(w);
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

void wiring_open_jobs(struct wiring *w)
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
	wiring_open_clocks(w);
}

/* --- reload, end ------------------------------------------------------------------------------ */

void wiring_reload_tips(struct wiring *w)
{
	read_gateways(w);
	check_gateways(w);
	if (w->app.sms != NULL)
		sms_set_gateways(w->app.sms, w->gateways, w->config->sms.ngateways);
	if (w->app.courier != NULL)
		courier_set_gateways(w->app.courier, w->gateways, w->config->sms.ngateways);
	if (w->app.courier == NULL)
		return;
	read_channels(w);
	read_mail(w);
	courier_set_route(w->app.courier, w->config->sms.route);
	courier_set_channels(w->app.courier, w->channels, w->config->nnotices);
	digester_set_channels(w->app.digester, w->channels, w->config->nnotices);
	notifier_set_channels(w->app.notifier, w->channels, w->config->nnotices);
}

void wiring_stop_tips(struct wiring *w)
{
	notifier_free(w->app.notifier);
	digester_free(w->app.digester);
	linker_free(w->app.linker);
	leases_free(w->leases);
	wiring_stop_clocks(w);
	drain_free(w->drain);
	if (w->app.courier != NULL)
		courier_free(w->app.courier);
	if (w->app.sms != NULL)
		sms_free(w->app.sms);
	deliveries_free(w->app.deliveries);
}

void wiring_close_tips(struct wiring *w)
{
	smtp_client_free(w->smtp);
	intake_free(w->app.intake);
	commit_free(w->app.commit);
}
