/*
 * SMS in; see sms.h.
 */
#include "handlers/intake/sms.h"

#include "daemon/base/hex.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <stdlib.h>

#define ANSWERS_PER_DAY 5
#define PARTS_TIMEOUT_S 600
#define REPEAT_WINDOW_MS 60000  /* within it the same octets without an id are the same message */

struct sms {
	struct sms_env env;
	struct sms_quota *quota;
	struct sms_parts *parts;
	size_t open;             /* deliveries */
	bool leaving;
	struct sms_figures figures;
};

struct delivery;

/* One message of a delivery, on its way. */
struct letter {
	struct delivery *delivery;
	const struct sms_message *message;
	struct intake_request request;
	bool renamed;            /* its id was used for another text before */
	struct sms_claim claim;
	struct sms_asked asked;
};

/* One request of a gateway. */
struct delivery {
	struct sms *sms;
	struct arena arena;
	const struct gateway_config *config;
	const struct gateway *gateway;
	void (*done)(void *ctx, const struct http_reply *reply);
	void *ctx;
	int64_t received_ms;
	size_t open;             /* messages without an end, plus one while they are being started */
	enum sms_result worst;
	struct sms_batch batch;
};

/* --- life -------------------------------------------------------------------------- */

struct sms *sms_new(const struct sms_env *env)
{
	struct sms *sms = calloc(1, sizeof(*sms));
	struct sms_parts_env parts = {
		.loop = env->loop,
		.store = env->store,
		.intake = env->intake,
		.desk = env->desk,
		.key = env->courier_key,
		.timeout_ms = (env->parts_timeout_s > 0 ? env->parts_timeout_s : PARTS_TIMEOUT_S) * 1000,
	};

	assert(sms != NULL);
	sms->env = *env;
	if (env->answers)
		sms->quota = sms_quota_new(env->requests_key,
					   env->answers_per_day > 0 ? env->answers_per_day : ANSWERS_PER_DAY);
	parts.quota = sms->quota;
	sms->parts = sms_parts_new(&parts);
	return sms;
}

static void free_when_alone(struct sms *sms)
{
	if (!sms->leaving || sms->open > 0)
		return;
	free(sms);
}

void sms_free(struct sms *sms)
{
	if (sms == NULL)
		return;
	sms_parts_free(sms->parts);
	sms_quota_free(sms->quota);
	sms->quota = NULL;
	sms->leaving = true;
	free_when_alone(sms);
}

void sms_set_gateways(struct sms *sms, const struct gateway_config *gateways, size_t n)
{
	sms->env.gateways = gateways;
	sms->env.ngateways = n;
}

const struct sms_figures *sms_figures(const struct sms *sms)
{
	return &sms->figures;
}

const struct sms_parts_figures *sms_parts_figures_of(const struct sms *sms)
{
	return sms_parts_figures(sms->parts);
}

static int64_t wall_ms(const struct sms *sms)
{
	return sms->env.wall_ms != NULL ? sms->env.wall_ms() : clock_wall_ms();
}

/* --- the end of a delivery ------------------------------------------------------------ */

static void delivery_end(struct delivery *delivery)
{
	struct sms *sms = delivery->sms;
	struct http_reply reply = { 0 };

	sms->figures.again += delivery->worst == SMS_AGAIN;
	delivery->gateway->answer(delivery->worst, &reply);
	delivery->done(delivery->ctx, &reply);
	arena_release(&delivery->arena);
	free(delivery);
	sms->open--;
	free_when_alone(sms);
}

/* One message has its end. "Again" is worse than "never": a repetition costs nothing, a loss does. */
static void letter_end(struct delivery *delivery, enum sms_result result)
{
	if (result == SMS_AGAIN || (result == SMS_NEVER && delivery->worst == SMS_TAKEN))
		delivery->worst = result;
	if (--delivery->open == 0)
		delivery_end(delivery);
}

/* --- a text ---------------------------------------------------------------------------- */

static const char *hex_mark(const struct sms *sms, const char *label, struct span bytes, struct arena *arena)
{
	unsigned char mark[16];

	seal_mark(sms->env.requests_key, label, bytes, mark);
	return hex_text(arena, mark, sizeof(mark));
}

/* Each with its length, so that no two lists of bytes are the same mark. */
static const char *content_mark(struct letter *letter)
{
	const struct sms_message *m = letter->message;
	struct buf all = { 0 };

	buf_printf(&all, "%zu %zu ", m->sender.len, m->destination.len);
	buf_add_span(&all, m->sender);
	buf_add_span(&all, m->destination);
	buf_add_span(&all, m->text);
	const char *hex = hex_mark(letter->delivery->sms, "sms message", buf_span(&all), &letter->delivery->arena);

	buf_release(&all);
	return hex;
}

/* "kannel:<id>", or without an id the message itself and the minute it came in. */
static struct span request_id(struct letter *letter)
{
	struct delivery *delivery = letter->delivery;
	const char *gateway = delivery->config->name;
	struct span key = letter->message->key;
	const char *id;

	if (key.len == 0)
		id = arena_printf(&delivery->arena, "%s:%s:%lld", gateway, content_mark(letter),
				  (long long)(delivery->received_ms / REPEAT_WINDOW_MS));
	else if (letter->renamed)
		id = arena_printf(&delivery->arena, "%s:%.*s:%s", gateway, (int)key.len, key.at, content_mark(letter));
	else
		id = arena_printf(&delivery->arena, "%s:%.*s", gateway, (int)key.len, key.at);
	return span_of(id);
}

/* An answer is due: to a telephone, through a gateway that can send, within the sender's quota. */
static bool answer_is_due(struct letter *letter)
{
	struct delivery *delivery = letter->delivery;
	const struct sms_message *m = letter->message;
	const char *url = delivery->config->send_url;
	const char *ours = delivery->config->sender;

	if (delivery->sms->quota == NULL || !m->may_answer || url == NULL || url[0] == '\0')
		return false;
	if (ours != NULL && span_is(m->sender, ours))
		return false;
	return sms_quota_take(delivery->sms->quota, m->sender, delivery->received_ms);
}

static void no_answer_after_all(struct letter *letter)
{
	struct sms *sms = letter->delivery->sms;

	if (letter->request.reply_to.len > 0 && sms->quota != NULL)
		sms_quota_give_back(sms->quota, letter->request.reply_to, letter->delivery->received_ms);
}

static void taken_in(void *ctx, const struct intake_result *result);

static void submit(struct letter *letter)
{
	letter->request.request_id = request_id(letter);
	intake_submit(letter->delivery->sms->env.intake, &letter->request, taken_in, letter);
}

static void taken_in(void *ctx, const struct intake_result *result)
{
	struct letter *letter = ctx;
	struct sms *sms = letter->delivery->sms;

	switch (result->verdict) {
	case INTAKE_ACCEPTED:
		sms->figures.texts++;
		letter_end(letter->delivery, SMS_TAKEN);
		return;
	case INTAKE_REPEATED:
		sms->figures.texts++;
		no_answer_after_all(letter);
		letter_end(letter->delivery, SMS_TAKEN);
		return;
	case INTAKE_MISMATCH:
		/* A gateway that gives one id to two texts: neither may be lost. */
		if (letter->renamed)
			break;
		letter->renamed = true;
		submit(letter);
		return;
	case INTAKE_INVALID:
		log_event(LOG_LEVEL_WARNING, "sms.not_a_tip", "gateway", letter->delivery->config->name, "field",
			  result->field, "fault", result->fault, NULL);
		break;
	case INTAKE_BUSY:
		no_answer_after_all(letter);
		letter_end(letter->delivery, SMS_AGAIN);
		return;
	}
	no_answer_after_all(letter);
	letter_end(letter->delivery, SMS_NEVER);
}

/* --- a text about a receipt code --------------------------------------------------------- */

static void desk_answered(void *who, enum sms_desk_end end)
{
	struct letter *letter = who;
	struct delivery *delivery = letter->delivery;

	sms_claim_wipe(&letter->claim);
	if (end != SMS_DESK_DONE && letter->asked.answer && delivery->sms->quota != NULL)
		sms_quota_give_back(delivery->sms->quota, letter->message->sender, delivery->received_ms);
	if (end == SMS_DESK_AGAIN) {
		letter_end(delivery, SMS_AGAIN);
		return;
	}
	delivery->sms->figures.claims++;
	if (letter->claim.tip.len == 0) {
		letter_end(delivery, SMS_TAKEN);
		return;
	}
	/* It had its one answer. */
	letter->request.tip.text = letter->claim.tip;
	submit(letter);
}

static void ask_desk(struct letter *letter)
{
	struct delivery *delivery = letter->delivery;

	letter->asked = (struct sms_asked){
		.claim = &letter->claim,
		.text = letter->message->text,
		.request = request_id(letter),
		.gateway = span_of(delivery->config->name),
		.sender = letter->message->sender,
		.answer = answer_is_due(letter),
		.received_ms = delivery->received_ms,
	};
	delivery->sms->env.desk.ask(delivery->sms->env.desk.ctx, &letter->asked, desk_answered, letter);
}

static bool is_for_desk(struct letter *letter)
{
	if (letter->delivery->sms->env.desk.ask == NULL)
		return false;
	sms_claim_read(letter->message->text, &letter->delivery->arena, &letter->claim);
	return letter->claim.kind != SMS_CLAIM_NOT;
}

static void take_text(struct delivery *delivery, const struct sms_message *message)
{
	struct letter *letter = arena_new(&delivery->arena, struct letter);

	if (sms_text_is_stop(message->text)) {
		delivery->sms->figures.stops++;
		if (delivery->sms->quota != NULL)
			sms_quota_stop(delivery->sms->quota, message->sender);
		letter_end(delivery, SMS_TAKEN);
		return;
	}
	letter->delivery = delivery;
	letter->message = message;
	letter->request.tip = (struct tip){
		.text = message->text,
		.lang = span_of(sms_text_lang(message->text)),
		.sender = message->sender,
		.gateway = span_of(delivery->config->name),
		.channel = TIP_BY_SMS,
		.received_ms = delivery->received_ms,
	};
	if (is_for_desk(letter)) {
		ask_desk(letter);
		return;
	}
	if (letter->claim.tip.len > 0)
		letter->request.tip.text = letter->claim.tip;
	if (answer_is_due(letter)) {
		letter->request.reply_gateway = span_of(delivery->config->name);
		letter->request.reply_to = message->sender;
	}
	submit(letter);
}

/* --- the other kinds ---------------------------------------------------------------------- */

static void part_put(void *ctx, bool durable)
{
	struct delivery *delivery = ctx;

	delivery->sms->figures.parts += durable;
	letter_end(delivery, durable ? SMS_TAKEN : SMS_AGAIN);
}

static void take_message(struct delivery *delivery, struct sms_message *message)
{
	struct sms_figures *figures = &delivery->sms->figures;

	switch (message->kind) {
	case SMS_TEXT:
		take_text(delivery, message);
		return;
	case SMS_PART:
		message->may_answer &= delivery->config->send_url != NULL && delivery->config->send_url[0] != '\0';
		sms_parts_put(delivery->sms->parts, span_of(delivery->config->name), message,
			      delivery->received_ms, part_put, delivery);
		return;
	case SMS_RECEIPT:
		figures->receipts[message->fate]++;
		break;
	case SMS_IGNORED:
		figures->ignored++;
		break;
	}
	letter_end(delivery, SMS_TAKEN);
}

/* --- a request ------------------------------------------------------------------------------ */

static void refuse(int status, void (*done)(void *ctx, const struct http_reply *reply), void *ctx)
{
	struct http_reply reply = { .status = status, .type = "text/plain", .body = SPAN("") };

	done(ctx, &reply);
}

/* "/sms/kannel", "/sms/kannel/mo" and "/sms/kannel/dlr" name "kannel"; all else is empty. */
static struct span gateway_name(struct span path)
{
	struct span rest = span_from_offset(path, strlen("/sms/")), name = { 0 };

	if (!span_starts(path, SPAN("/sms/")) || !span_cut(&rest, '/', &name))
		return (struct span){ 0 };
	if (rest.len > 0 && !span_is(rest, "mo") && !span_is(rest, "dlr"))
		return (struct span){ 0 };
	return name;
}

static const struct gateway_config *config_of(const struct sms *sms, struct span name)
{
	for (size_t i = 0; i < sms->env.ngateways; i++)
		if (span_is(name, sms->env.gateways[i].name))
			return &sms->env.gateways[i];
	return NULL;
}

static void start(struct delivery *delivery)
{
	delivery->open = delivery->batch.n + 1;
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the count above holds it until the last line */
	for (size_t i = 0; i < delivery->batch.n; i++)
		take_message(delivery, &delivery->batch.at[i]);
	letter_end(delivery, SMS_TAKEN);
}

static struct delivery *delivery_new(struct sms *sms, const struct gateway_config *config,
				     const struct gateway *gateway)
{
	struct delivery *delivery = calloc(1, sizeof(*delivery));

	assert(delivery != NULL);
	delivery->sms = sms;
	delivery->config = config;
	delivery->gateway = gateway;
	delivery->received_ms = wall_ms(sms);
	delivery->worst = SMS_TAKEN;
	delivery->open = 1;
	sms->open++;
	return delivery;
}

void sms_take(struct sms *sms, const struct http_request *request,
	      void (*done)(void *ctx, const struct http_reply *reply), void *ctx)
{
	const struct gateway_config *config = config_of(sms, gateway_name(request->path));
	const struct gateway *gateway = config != NULL ? gateway_find(config->driver) : NULL;
	struct delivery *delivery;
	struct complaint why = { 0 };

	if (gateway == NULL) {
		refuse(404, done, ctx);
		return;
	}
	if (!gateway->verify(config, request)) {
		sms->figures.forbidden++;
		log_rarely(LOG_LEVEL_WARNING, "sms.forbidden", config->name);
		refuse(403, done, ctx);
		return;
	}
	delivery = delivery_new(sms, config, gateway);
	delivery->done = done;
	delivery->ctx = ctx;
	if (!gateway->decode(config, request, &delivery->arena, &delivery->batch, &why)) {
		sms->figures.malformed++;
		log_event(LOG_LEVEL_WARNING, "sms.malformed", "gateway", config->name, "why", why.text, NULL);
		letter_end(delivery, SMS_NEVER);
		return;
	}
	start(delivery);
}

/* --- on a connection -------------------------------------------------------------------------- */

static void reply_to_exchange(void *ctx, const struct http_reply *reply)
{
	http_exchange_reply(ctx, reply);
}

void sms_serve(struct sms *sms, struct http_exchange *exchange)
{
	sms_take(sms, http_exchange_request(exchange), reply_to_exchange, exchange);
}
