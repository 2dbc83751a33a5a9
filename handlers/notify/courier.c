/*
 * The courier; see courier.h.
 *
 * Two kinds of objects: a round for each shard (lease, then what is due), and
 * an errand for each item (send, then tell the store). Both hold the courier
 * by a count, because answers of store and client come whenever they come.
 */
#include "handlers/notify/courier.h"

#include "daemon/base/hex.h"
#include "daemon/base/json_out.h"
#include "daemon/http/client.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "handlers/intake/gateway.h"
#include "handlers/notify/child_errand.h"
#include "handlers/notify/outbox_item.h"

#include <assert.h>
#include <stdlib.h>

#define PERIOD_MS 1000
#define AT_ONCE 8               /* errands on the wire or in a store call */
#define TAKEN_MAX 32            /* errands in all: those behind the first eight wait */
#define JOB "courier"
#define JOB_LEASE_MS 15000
#define JOB_RENEW_MS 5000
#define ITEM_LEASE_MS 120000    /* longer than an errand can take */
#define HTTP_TIMEOUT_MS 20000
#define ANSWER_MAX_BYTES 4096
#define BACKOFF_FIRST_MS 5000u
#define BACKOFF_LAST_MS 600000u
#define ITEM_ID_MAX 64
#define UNRECORDED_TRIES_MAX 1000   /* a week: whoever verified may be registered by then */
#define ABSENT_TRIES_MAX 24     /* three hours: a transfer may be on its way as long */

struct round {
	struct courier *courier;
	char shard[3];
	bool asking;            /* a lease or outbox request is under way */
	bool more;              /* there is probably more: ask again as soon as there is room */
	uint64_t fence;
	uint64_t renew_at_ms;   /* on the loop's clock; 0: no lease */
};

enum errand_stage {
	ERRAND_WAITING,  /* behind the first eight */
	ERRAND_CARRIED,  /* on the wire */
	ERRAND_TELLING,  /* the store is being told */
	ERRAND_UNTOLD,   /* the store could not be told: again on the next tick, without sending */
};

struct errand {
	struct errand *next;
	struct courier *courier;
	struct arena arena;
	enum errand_stage stage;
	char shard[3];
	char id[ITEM_ID_MAX];
	unsigned attempts;
	struct outbox_item item;
	const struct gateway *gateway;   /* of an SMS that is on the wire */
	struct child_errand child;
	enum outbox_end end;
	unsigned delay_ms;
	struct span event;
};

struct courier {
	struct courier_env env;
	struct loop_timer *timer;
	struct round *rounds;
	struct errand *errands;  /* in order of arrival */
	size_t turn;             /* the shard that is asked first next time */
	size_t outstanding;      /* answers still to come */
	bool kicked;
	bool leaving;
	struct courier_figures figures;
};

static void tick(void *ctx);
static void carry_on(struct courier *courier);
static void ask(struct round *round);

/* --- life ---------------------------------------------------------------------- */

static int64_t wall_ms(const struct courier *courier)
{
	return courier->env.wall_ms != NULL ? courier->env.wall_ms() : clock_wall_ms();
}

struct courier *courier_new(const struct courier_env *env)
{
	struct courier *courier = calloc(1, sizeof(*courier));
	unsigned period_ms = env->period_ms > 0 ? env->period_ms : PERIOD_MS;

	assert(courier != NULL && env->holder.len > 0);
	courier->env = *env;
	courier->rounds = calloc(env->nshards + 1, sizeof(*courier->rounds));
	assert(courier->rounds != NULL);
	for (size_t i = 0; i < env->nshards; i++) {
		courier->rounds[i].courier = courier;
		memcpy(courier->rounds[i].shard, env->shards[i], 3);
	}
	courier->timer = loop_every(env->loop, period_ms, tick, courier);
	return courier;
}

static void errand_free(struct courier *courier, struct errand *errand)
{
	struct errand **at = &courier->errands;

	while (*at != errand)
		at = &(*at)->next;
	*at = errand->next;
	courier->figures.open--;
	arena_release(&errand->arena);
	free(errand);
}

static void free_when_alone(struct courier *courier)
{
	if (!courier->leaving || courier->outstanding > 0)
		return;
	while (courier->errands != NULL)
		errand_free(courier, courier->errands);
	free(courier->rounds);
	free(courier);
}

void courier_free(struct courier *courier)
{
	if (courier == NULL)
		return;
	loop_timer_cancel(courier->timer);
	courier->leaving = true;
	free_when_alone(courier);
}

/* Each answer begins here; false: the courier is gone or going, touch nothing. */
static bool answered(struct courier *courier)
{
	courier->outstanding--;
	if (!courier->leaving)
		return true;
	free_when_alone(courier);
	return false;
}

const struct courier_figures *courier_figures(const struct courier *courier)
{
	return &courier->figures;
}

void courier_set_gateways(struct courier *courier, const struct gateway_config *gateways, size_t n)
{
	courier->env.gateways = gateways;
	courier->env.ngateways = n;
}

/* --- telling the store ----------------------------------------------------------- */

static void told(void *ctx, const struct store_reply *reply)
{
	struct errand *errand = ctx;
	struct courier *courier = errand->courier;

	if (!answered(courier))
		return;
	if (reply->outcome == STORE_DONE)
		errand_free(courier, errand);
	else
		errand->stage = ERRAND_UNTOLD;
	carry_on(courier);
}

static void tell(struct errand *errand)
{
	struct store_outbox_end end = {
		.item = span_of(errand->id),
		.end = errand->end,
		.delay_ms = errand->delay_ms,
		.event = errand->event,
	};
	struct store_request request = { .op = STORE_OUTBOX_END, .outbox_end = &end };

	memcpy(request.shard, errand->shard, 3);
	errand->stage = ERRAND_TELLING;
	errand->courier->outstanding++;
	store_submit(errand->courier->env.store, &request, (struct store_wait){ .done = told, .ctx = errand });
}

static struct span event_of(struct errand *errand, const char *name, const char *why)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);

	json_open(&json, '{');
	json_text(&json, "e", span_of(name));
	json_text(&json, "id", span_of(errand->item.sms.tip.text));
	json_i64(&json, "at", wall_ms(errand->courier));
	json_text(&json, "via", errand->item.sms.gateway);
	if (why != NULL)
		json_text(&json, "why", span_of(why));
	json_close(&json, '}');
	struct span event = arena_dup(&errand->arena, buf_span(&text));

	buf_release(&text);
	return event;
}

static void end_sms(struct errand *errand, enum outbox_end end, const char *event, const char *why)
{
	errand->end = end;
	errand->event = event_of(errand, event, why);
	log_event(end == OUTBOX_GIVEN_UP ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "courier.sms", "id",
		  errand->item.sms.tip.text, "end", event, "why", why, NULL);
	tell(errand);
}

/*
 * Doubles from 5 s to 10 min; a quarter more or less, by a mark of the item,
 * so that what failed together does not come back together.
 */
static unsigned backoff_ms(struct errand *errand)
{
	unsigned doublings = errand->attempts < 7 ? errand->attempts : 7;
	unsigned base = BACKOFF_FIRST_MS << doublings;
	unsigned char mark[16];
	struct span name = span_of(
		arena_printf(&errand->arena, "%s %s %u", errand->shard, errand->id, errand->attempts));

	if (base > BACKOFF_LAST_MS)
		base = BACKOFF_LAST_MS;
	seal_mark(errand->courier->env.key, "courier jitter", name, mark);
	return base - base / 4 + (unsigned)((uint64_t)base / 2 * mark[0] / 255);
}

static void end_later(struct errand *errand)
{
	errand->courier->figures.later++;
	errand->end = OUTBOX_LATER;
	errand->delay_ms = backoff_ms(errand);
	errand->event = (struct span){ 0 };
	tell(errand);
}

/* --- an SMS ------------------------------------------------------------------------ */

static enum sms_outcome outcome_of(const struct errand *errand, const struct http_answer *answer)
{
	switch (answer->outcome) {
	case HTTP_ANSWERED:
		return errand->gateway->outcome(answer->status, answer->body);
	case HTTP_NOT_SENT:
		return SMS_LATER;
	case HTTP_UNKNOWN:
		break;
	}
	return SMS_MAYBE;
}

static void sms_answered(void *ctx, const struct http_answer *answer)
{
	struct errand *errand = ctx;
	struct courier_figures *figures = &errand->courier->figures;

	if (!answered(errand->courier))
		return;
	switch (outcome_of(errand, answer)) {
	case SMS_SENT:
		figures->sent++;
		end_sms(errand, OUTBOX_CARRIED_OUT, "sent", NULL);
		return;
	case SMS_REFUSED:
		figures->refused++;
		end_sms(errand, OUTBOX_GIVEN_UP, "send_failed", "refused");
		return;
	case SMS_MAYBE:
		figures->maybe++;
		end_sms(errand, OUTBOX_CARRIED_OUT, "sent_maybe", NULL);
		return;
	case SMS_LATER:
		log_rarely(LOG_LEVEL_WARNING, "courier.gateway_not_ready",
			   answer->outcome == HTTP_ANSWERED ? log_u64((uint64_t)answer->status) : answer->error);
		end_later(errand);
		return;
	}
}

static const struct gateway_config *gateway_of(const struct courier *courier, struct span name)
{
	for (size_t i = 0; i < courier->env.ngateways; i++)
		if (span_is(name, courier->env.gateways[i].name))
			return &courier->env.gateways[i];
	return NULL;
}

/* What comes back in delivery reports: a mark, so that the gateway's log does not join number and tip. */
static struct span receipt_id(struct errand *errand)
{
	unsigned char mark[16];
	struct span name = span_of(arena_printf(&errand->arena, "%s %s", errand->shard, errand->id));

	seal_mark(errand->courier->env.key, "receipt id", name, mark);
	return span_of(hex_text(&errand->arena, mark, sizeof(mark)));
}

static void carry_sms(struct errand *errand)
{
	struct courier *courier = errand->courier;
	const struct outbox_sms *sms = &errand->item.sms;
	const struct gateway_config *config = gateway_of(courier, sms->gateway);
	struct sms_request request;

	if (wall_ms(courier) >= sms->expires_ms) {
		courier->figures.expired++;
		end_sms(errand, OUTBOX_GIVEN_UP, "send_failed", "expired");
		return;
	}
	errand->gateway = config != NULL ? gateway_find(config->driver) : NULL;
	if (errand->gateway == NULL || config->send_url == NULL || config->send_url[0] == '\0') {
		log_rarely(LOG_LEVEL_WARNING, "courier.gateway_not_configured", "no such gateway or no send_url");
		end_later(errand);
		return;
	}
	errand->gateway->encode(config, sms->to, sms->text, receipt_id(errand), &errand->arena, &request);
	struct http_call call = { .url = request.url, .method = request.method, .fields = request.fields,
				  .body = request.body, .timeout_ms = HTTP_TIMEOUT_MS,
				  .answer_max_bytes = ANSWER_MAX_BYTES };

	courier->outstanding++;
	http_client_start(courier->env.http, &call, sms_answered, errand);
}

/* --- a transfer --------------------------------------------------------------------- */

static void received(void *ctx, const struct store_reply *reply)
{
	struct errand *errand = ctx;
	enum store_verdict verdict = reply->verdict;

	if (!answered(errand->courier))
		return;
	if (reply->outcome != STORE_DONE || (verdict != STORE_OK && verdict != STORE_ALREADY)) {
		if (reply->outcome == STORE_DONE)
			log_event(LOG_LEVEL_ERROR, "courier.transfer_refused", "id", errand->item.transfer.from.text,
				  "to", errand->item.transfer.tip.id.text, NULL);
		end_later(errand);
		return;
	}
	errand->courier->figures.transferred++;
	errand->end = OUTBOX_CARRIED_OUT;
	log_event(LOG_LEVEL_INFO, "courier.transfer", "id", errand->item.transfer.from.text, "to",
		  errand->item.transfer.tip.id.text, NULL);
	tell(errand);
}

static void carry_transfer(struct errand *errand)
{
	const struct outbox_transfer *transfer = &errand->item.transfer;
	struct store_request request = {
		.op = STORE_RECEIVE,
		.tips = &transfer->tip,
		.ntips = 1,
		.messages = transfer->messages,
		.nmessages = transfer->nmessages,
	};

	memcpy(request.shard, tip_id_shard(&transfer->tip.id).at, 2);
	errand->courier->outstanding++;
	store_submit(errand->courier->env.store, &request, (struct store_wait){ .done = received, .ctx = errand });
}

/* --- a child -------------------------------------------------------------------------- */

static void child_answered(void *ctx, const struct store_reply *reply);

static void child_ask(struct errand *errand, const struct store_request *request)
{
	errand->courier->outstanding++;
	store_submit(errand->courier->env.store, request, (struct store_wait){ .done = child_answered, .ctx = errand });
}

static void carry_child(struct errand *errand)
{
	struct store_request first;

	child_errand_begin(&errand->child, &errand->item.child, &first);
	child_ask(errand, &first);
}

static struct span orphan_event(struct errand *errand)
{
	const struct outbox_child *child = &errand->item.child;

	return span_of(arena_printf(&errand->arena,
				    "{\"e\":\"join_failed\",\"id\":\"%s\",\"at\":%lld,\"incident\":\"%s\","
				    "\"why\":\"absent\"}",
				    child->child.text, (long long)wall_ms(errand->courier), child->parent.text));
}

static void end_orphan(struct errand *errand)
{
	errand->courier->figures.orphaned++;
	log_event(LOG_LEVEL_WARNING, "courier.join_failed", "id", errand->item.child.child.text, "parent",
		  errand->item.child.parent.text, NULL);
	errand->end = OUTBOX_GIVEN_UP;
	errand->event = orphan_event(errand);
	tell(errand);
}

static void child_answered(void *ctx, const struct store_reply *reply)
{
	struct errand *errand = ctx;
	struct store_request next;

	if (!answered(errand->courier))
		return;
	switch (child_errand_answer(&errand->child, reply, &errand->arena, &next)) {
	case CHILD_ASK:
		child_ask(errand, &next);
		return;
	case CHILD_TOLD:
		errand->courier->figures.joined++;
		errand->end = OUTBOX_CARRIED_OUT;
		tell(errand);
		return;
	case CHILD_NOBODY:
		if (errand->attempts >= ABSENT_TRIES_MAX)
			end_orphan(errand);
		else
			end_later(errand);
		return;
	case CHILD_LATER:
		end_later(errand);
		return;
	}
}

/* --- a verified tip ------------------------------------------------------------------------ */

static void end_verified(struct errand *errand, enum verified_end end)
{
	struct courier_figures *figures = &errand->courier->figures;

	if (end == VERIFIED_LATER && errand->attempts < UNRECORDED_TRIES_MAX) {
		end_later(errand);
		return;
	}
	figures->recorded += end == VERIFIED_RECORDED;
	figures->unrecorded += end != VERIFIED_RECORDED;
	if (end != VERIFIED_RECORDED)
		log_event(LOG_LEVEL_WARNING, "courier.case_unrecorded", "id", errand->item.verified.tip.text, NULL);
	errand->end = end == VERIFIED_RECORDED ? OUTBOX_CARRIED_OUT : OUTBOX_GIVEN_UP;
	tell(errand);
}

static void verified_answered(void *ctx, enum verified_end end)
{
	struct errand *errand = ctx;

	if (answered(errand->courier))
		end_verified(errand, end);
}

static void carry_verified(struct errand *errand)
{
	const struct courier_env *env = &errand->courier->env;
	enum verified_end end = VERIFIED_LATER;

	errand->courier->outstanding++;
	if (env->verified != NULL)
		end = env->verified(env->ctx, &errand->item.verified, verified_answered, errand);
	if (end == VERIFIED_ASKED)
		return;
	errand->courier->outstanding--;
	end_verified(errand, end);
}

/* --- errands ------------------------------------------------------------------------- */

static void carry(struct errand *errand)
{
	errand->stage = ERRAND_CARRIED;
	switch (errand->item.kind) {
	case OUTBOX_SMS:
		carry_sms(errand);
		return;
	case OUTBOX_TRANSFER:
		carry_transfer(errand);
		return;
	case OUTBOX_CHILD:
		carry_child(errand);
		return;
	case OUTBOX_VERIFIED:
		carry_verified(errand);
		return;
	}
}

/* The record of a case is whole each time, so tips are added to cases one after the other. */
static bool verified_waits(const struct courier *courier, const struct errand *errand)
{
	for (const struct errand *e = courier->errands; e != NULL; e = e->next)
		if (e != errand && e->item.kind == OUTBOX_VERIFIED && e->stage == ERRAND_CARRIED)
			return true;
	return false;
}

/* Two facts about one child go one after the other, for each asks first how it is. */
static bool must_wait(const struct courier *courier, const struct errand *errand)
{
	const struct outbox_child *child = &errand->item.child;

	if (errand->item.kind == OUTBOX_VERIFIED)
		return verified_waits(courier, errand);
	if (errand->item.kind != OUTBOX_CHILD)
		return false;
	for (const struct errand *e = courier->errands; e != errand; e = e->next)
		if (e->item.kind == OUTBOX_CHILD && (e->stage == ERRAND_WAITING || e->stage == ERRAND_CARRIED) &&
		    strcmp(e->item.child.child.text, child->child.text) == 0)
			return true;
	return false;
}

static size_t busy_errands(const struct courier *courier)
{
	size_t n = 0;

	for (const struct errand *e = courier->errands; e != NULL; e = e->next)
		n += e->stage == ERRAND_CARRIED || e->stage == ERRAND_TELLING;
	return n;
}

/* Starts what waits, as far as there is room. Nothing ends an errand within this call. */
static void carry_on(struct courier *courier)
{
	size_t busy = busy_errands(courier);

	for (struct errand *e = courier->errands; e != NULL && busy < AT_ONCE; e = e->next) {
		if (e->stage != ERRAND_WAITING || must_wait(courier, e))
			continue;
		carry(e);
		busy++;
	}
	for (size_t i = 0; i < courier->env.nshards && courier->figures.open < AT_ONCE; i++)
		if (courier->rounds[i].more)
			ask(&courier->rounds[i]);
}

/* An item whose end the store has not heard of comes again: it must not be sent again. */
static bool is_known(const struct courier *courier, const char shard[3], struct span id)
{
	for (const struct errand *e = courier->errands; e != NULL; e = e->next)
		if (memcmp(e->shard, shard, 3) == 0 && span_is(id, e->id))
			return true;
	return false;
}

static void take_item(struct round *round, const struct store_item *item)
{
	struct courier *courier = round->courier;
	struct errand *errand, **end = &courier->errands;

	if (item->id.len >= ITEM_ID_MAX || is_known(courier, round->shard, item->id))
		return;
	errand = calloc(1, sizeof(*errand));
	assert(errand != NULL);
	errand->courier = courier;
	errand->attempts = item->attempts;
	memcpy(errand->shard, round->shard, 3);
	memcpy(errand->id, item->id.at, item->id.len);
	while (*end != NULL)
		end = &(*end)->next;
	*end = errand;
	courier->figures.open++;
	if (outbox_item_open(courier->env.key, item->payload, &errand->arena, &errand->item))
		return;
	/* Perhaps a tip on its way: kept, for the right key may come back. */
	courier->figures.unreadable++;
	log_event(LOG_LEVEL_ERROR, "courier.item_unreadable", "shard", errand->shard, "item", errand->id, NULL);
	errand->end = OUTBOX_LATER;
	errand->delay_ms = BACKOFF_LAST_MS;
	tell(errand);
}

/* --- rounds ---------------------------------------------------------------------------- */

static void outbox_answered(void *ctx, const struct store_reply *reply)
{
	struct round *round = ctx;
	struct courier *courier = round->courier;

	if (!answered(courier))
		return;
	round->asking = false;
	if (reply->outcome != STORE_DONE)
		return;
	if (reply->verdict == STORE_FENCED) {
		round->renew_at_ms = 0;
		return;
	}
	for (size_t i = 0; i < reply->nitems; i++)
		take_item(round, &reply->items[i]);
	round->more |= reply->nitems > 0;
	carry_on(courier);
}

static void ask_outbox(struct round *round)
{
	struct courier *courier = round->courier;
	struct store_request request = {
		.op = STORE_OUTBOX_DUE,
		.job = JOB,
		.fence = round->fence,
		.lease_ms = ITEM_LEASE_MS,
		.max = AT_ONCE,
	};

	memcpy(request.shard, round->shard, 3);
	round->asking = true;
	courier->outstanding++;
	store_submit(courier->env.store, &request, (struct store_wait){ .done = outbox_answered, .ctx = round });
}

static void lease_answered(void *ctx, const struct store_reply *reply)
{
	struct round *round = ctx;

	if (!answered(round->courier))
		return;
	round->asking = false;
	if (reply->outcome != STORE_DONE || reply->verdict != STORE_OK) {
		round->renew_at_ms = 0;
		return;
	}
	round->fence = reply->fence;
	round->renew_at_ms = loop_now_ms(round->courier->env.loop) + JOB_RENEW_MS;
	ask_outbox(round);
}

static void ask_lease(struct round *round)
{
	struct courier *courier = round->courier;
	struct store_request request = {
		.op = STORE_JOB_LEASE, .job = JOB, .holder = courier->env.holder, .lease_ms = JOB_LEASE_MS,
	};

	memcpy(request.shard, round->shard, 3);
	round->asking = true;
	courier->outstanding++;
	store_submit(courier->env.store, &request, (struct store_wait){ .done = lease_answered, .ctx = round });
}

static void ask(struct round *round)
{
	if (round->asking || round->courier->figures.open >= TAKEN_MAX)
		return;
	round->more = false;
	if (loop_now_ms(round->courier->env.loop) >= round->renew_at_ms)
		ask_lease(round);
	else
		ask_outbox(round);
}

static void tick(void *ctx)
{
	struct courier *courier = ctx;
	size_t n = courier->env.nshards;

	for (struct errand *e = courier->errands; e != NULL; e = e->next)
		if (e->stage == ERRAND_UNTOLD)
			tell(e);
	carry_on(courier);
	for (size_t i = 0; i < n; i++)
		ask(&courier->rounds[(courier->turn + i) % n]);
	courier->turn = n > 0 ? (courier->turn + 1) % n : 0;
}

static void kicked(void *ctx)
{
	struct courier *courier = ctx;

	courier->kicked = false;
	if (answered(courier))
		carry_on(courier);
}

void courier_kick(struct courier *courier, struct span shard)
{
	for (size_t i = 0; i < courier->env.nshards; i++)
		if (span_is(shard, courier->rounds[i].shard))
			courier->rounds[i].more = true;
	if (courier->kicked || courier->leaving)
		return;
	courier->kicked = true;
	courier->outstanding++;
	loop_post(courier->env.loop, kicked, courier);
}
