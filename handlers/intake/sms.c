/*
 * SMS in, through the one door for all that brings it; see sms.h. What gateways
 * ask over HTTP is sms_request.c.
 */
#include "handlers/intake/sms_inside.h"

#include "daemon/base/hex.h"
#include "daemon/base/memory.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "handlers/intake/sms_repeats.h"
#include "handlers/limits.h"

#include <stdlib.h>

#define PARTS_TIMEOUT_S 600

struct delivery;

/* One message of a delivery, on its way. */
struct letter {
	struct delivery *delivery;
	const struct sms_message *message;
	struct sms_heard heard;
};

/* What came through the one door at once. */
struct delivery {
	struct sms *sms;
	struct arena arena;
	struct sms_connector connector;
	uint64_t limited_as;     /* by whose bucket */
	struct sms_batch *batch;
	sms_delivered *done;
	void *ctx;
	int64_t received_ms;
	size_t open;             /* messages without an end, plus one while they are being started */
	enum sms_result results[];
};

/* --- life -------------------------------------------------------------------------- */

static struct sms_hear *hear_new(const struct sms_env *env, int64_t now_ms)
{
	return sms_hear_new(&(struct sms_hear_env){
		.loop = env->loop,
		.store = env->store,
		.intake = env->intake,
		.weeks = env->weeks,
		.desk = env->desk,
		.courier_key = env->courier_key,
		.requests_key = env->requests_key,
		.policy = env->policy,
		.outbox_written = env->outbox_written,
		.ctx = env->ctx,
		.wishes_file = env->wishes_file,
		.limits = env->limits,
		.now_ms = now_ms,
	});
}

struct sms *sms_new(const struct sms_env *env)
{
	int64_t now_ms = env->wall_ms != NULL ? env->wall_ms() : clock_wall_ms();
	struct sms *sms = memory_zeroes(1, sizeof(*sms));
	struct sms_parts_env parts = {
		.loop = env->loop,
		.store = env->store,
		.weeks = env->weeks,
		.key = env->courier_key,
		.timeout_ms = (env->parts_timeout_s > 0 ? env->parts_timeout_s : PARTS_TIMEOUT_S) * 1000,
	};

	sms->env = *env;
	sms->hear = hear_new(env, now_ms);
	parts.hear = sms->hear;
	sms->parts = sms_parts_new(&parts);
	sms->repeats = sms_repeats_new(env->repeats_file, now_ms);
	return sms;
}

void sms_free_when_alone(struct sms *sms)
{
	if (!sms->leaving || sms->open > 0)
		return;
	sms_repeats_free(sms->repeats);
	free(sms);
}

void sms_free(struct sms *sms)
{
	if (sms == NULL)
		return;
	sms_parts_free(sms->parts);
	sms_hear_free(sms->hear);
	sms->leaving = true;
	sms_free_when_alone(sms);
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

const struct sms_seen *sms_seen_of(const struct sms *sms, const char *name)
{
	return sms_seen_find(&sms->seen, name);
}

int64_t sms_wall_ms(const struct sms *sms)
{
	return sms->env.wall_ms != NULL ? sms->env.wall_ms() : clock_wall_ms();
}

/* --- the end of a delivery ------------------------------------------------------------ */

static void delivery_end(struct delivery *delivery)
{
	struct sms *sms = delivery->sms;

	delivery->done(delivery->ctx, delivery->results, delivery->batch->n);
	arena_release(&delivery->arena);
	free(delivery);
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): this delivery was counted until here */
	sms->open--;
	sms_free_when_alone(sms);
}

static void message_end(struct delivery *delivery)
{
	if (--delivery->open == 0)
		delivery_end(delivery);
}

static void note_seen(struct sms *sms, const char *name, enum sms_result result)
{
	if (result == SMS_TAKEN)
		sms_seen_message(&sms->seen, name, sms_wall_ms(sms));
	else
		sms_seen_fault(&sms->seen, name, result == SMS_AGAIN ? SMS_FAULT_AGAIN : SMS_FAULT_MALFORMED, sms_wall_ms(sms));
}

/* One message has its end. */
static void letter_end(struct letter *letter, enum sms_result result)
{
	struct delivery *delivery = letter->delivery;

	delivery->sms->figures.again += result == SMS_AGAIN;
	note_seen(delivery->sms, delivery->connector.name, result);
	delivery->results[letter->message - delivery->batch->at] = result;
	message_end(delivery);
}

/* --- a text ---------------------------------------------------------------------------- */

/* Each with its length, so that no two lists of bytes are the same mark. */
static void content_mark(const struct letter *letter, unsigned char mark[16])
{
	const struct sms_message *m = letter->message;
	struct buf all = { 0 };

	buf_printf(&all, "%zu %zu ", m->sender.len, m->destination.len);
	buf_add_span(&all, m->sender);
	buf_add_span(&all, m->destination);
	buf_add_span(&all, m->text);
	seal_mark(letter->delivery->sms->env.requests_key, "sms message", buf_span(&all), mark);
	buf_release(&all);
}

/* "kannel:<id>", or without an id what the message says, with a number. */
static void name_message(struct letter *letter)
{
	struct delivery *delivery = letter->delivery;
	const char *gateway = delivery->connector.name;
	struct span key = letter->message->key;
	unsigned char mark[16];

	if (key.len > 0) {
		letter->heard.request = span_of(arena_printf(&delivery->arena, "%s:%.*s", gateway, (int)key.len, key.at));
		return;
	}
	content_mark(letter, mark);
	letter->heard.request = span_of(arena_printf(&delivery->arena, "%s:%s", gateway, hex_text(&delivery->arena, mark, sizeof(mark))));
	letter->heard.number = sms_repeats_number(delivery->sms->repeats, mark, delivery->received_ms);
}

static void was_heard(void *who, const struct sms_heard_end *end)
{
	struct letter *letter = who;
	struct sms_figures *figures = &letter->delivery->sms->figures;

	figures->heard[end->as] += end->result == SMS_TAKEN;
	letter_end(letter, end->result);
}

/* Answers go to a telephone, through what can send them, and never to ourselves. */
static void take_text(struct letter *letter)
{
	struct delivery *delivery = letter->delivery;
	const struct sms_message *message = letter->message;
	const char *ours = delivery->connector.sender;

	letter->heard = (struct sms_heard){
		.text = message->text,
		.sender = message->sender,
		.destination = message->destination,
		.gateway = span_of(delivery->connector.name),
		.received_ms = delivery->received_ms,
		.answers = message->may_answer && delivery->connector.sends &&
			   (ours == NULL || !span_is(message->sender, ours)),
	};
	name_message(letter);
	sms_hear(delivery->sms->hear, &letter->heard, was_heard, letter);
}

/* --- the other kinds ---------------------------------------------------------------------- */

static void part_put(void *ctx, bool durable)
{
	struct letter *letter = ctx;

	letter->delivery->sms->figures.parts += durable;
	letter_end(letter, durable ? SMS_TAKEN : SMS_AGAIN);
}

static void report_kept(void *who, bool kept)
{
	letter_end(who, kept ? SMS_TAKEN : SMS_AGAIN);
}

/* Reports cost nothing worth a limit, and their loss would. */
static bool too_many(const struct delivery *delivery, const struct sms_message *message)
{
	const struct sms_env *env = &delivery->sms->env;
	unsigned wait_s;
	bool counts = message->kind == SMS_TEXT || message->kind == SMS_PART;

	if (env->limits == NULL || !counts ||
	    limits_take(env->limits, LIMIT_GATEWAY, delivery->limited_as, loop_now_ms(env->loop), &wait_s))
		return false;
	log_rarely(LOG_LEVEL_WARNING, "sms.limited", delivery->connector.name);
	return true;
}

static void take_message(struct delivery *delivery, struct sms_message *message)
{
	struct sms_figures *figures = &delivery->sms->figures;
	struct letter *letter = arena_new(&delivery->arena, struct letter);

	letter->delivery = delivery;
	letter->message = message;
	if (too_many(delivery, message)) {
		letter_end(letter, SMS_AGAIN);
		return;
	}
	switch (message->kind) {
	case SMS_TEXT:
		take_text(letter);
		return;
	case SMS_PART:
		message->may_answer &= delivery->connector.sends;
		sms_parts_put(delivery->sms->parts, span_of(delivery->connector.name), message,
			      delivery->received_ms, part_put, letter);
		return;
	case SMS_RECEIPT:
		figures->receipts[message->fate]++;
		if (delivery->sms->env.reports.take == NULL)
			break;
		delivery->sms->env.reports.take(delivery->sms->env.reports.ctx, span_of(delivery->connector.name), message,
						report_kept, letter);
		return;
	case SMS_IGNORED:
		figures->ignored++;
		if (message->ignored != NULL)
			log_event(LOG_LEVEL_INFO, "sms.ignored", "gateway", delivery->connector.name, "why", message->ignored, NULL);
		break;
	case SMS_MALFORMED:
		figures->malformed++;
		log_rarely(LOG_LEVEL_WARNING, "sms.malformed", delivery->connector.name);
		letter_end(letter, SMS_NEVER);
		return;
	}
	letter_end(letter, SMS_TAKEN);
}

/* --- the one door ----------------------------------------------------------------------------- */

/* Names come from the configuration: nobody chooses whose bucket he shares (FNV-1a). */
static uint64_t limited_as(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	while (*name != '\0')
		hash = (hash ^ (unsigned char)*name++) * UINT64_C(0x100000001b3);
	return hash;
}

void sms_deliver(struct sms *sms, const struct sms_connector *connector, struct sms_batch *batch,
		 sms_delivered *done, void *ctx)
{
	struct delivery *delivery = memory_zeroes(1, sizeof(*delivery) + batch->n * sizeof(delivery->results[0]));

	delivery->sms = sms;
	delivery->connector = *connector;
	delivery->limited_as = limited_as(connector->name);
	delivery->batch = batch;
	delivery->done = done;
	delivery->ctx = ctx;
	delivery->received_ms = sms_wall_ms(sms);
	delivery->open = batch->n + 1;
	sms->open++;
	/* NOLINTBEGIN(clang-analyzer-unix.Malloc): the count above holds it until the last line */
	for (size_t i = 0; i < batch->n; i++)
		take_message(delivery, &batch->at[i]);
	message_end(delivery);
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
}
