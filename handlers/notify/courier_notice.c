/*
 * An errand of the courier: a notice to a bureau's webhook. Whoever gets it
 * twice knows it by its id, so it is sent again until somebody says yes.
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/base/hex.h"
#include "daemon/http/client.h"
#include "daemon/sys/log.h"

#define HTTP_TIMEOUT_MS 15000
#define ANSWER_MAX_BYTES 4096

static const struct notice_channel *channel_of(const struct errand *errand)
{
	const struct courier_env *env = &errand->courier->env;

	for (size_t i = 0; i < env->nchannels; i++)
		if (span_is(errand->item.notice.channel, env->channels[i].name))
			return &env->channels[i];
	return NULL;
}

static void give_up(struct errand *errand, const char *why)
{
	const char *name = arena_dup(&errand->arena, errand->item.notice.channel).at;

	errand->courier->figures.unnoticed++;
	log_event(LOG_LEVEL_WARNING, "courier.notice_failed", "channel", name, "why", why, NULL);
	errand->why = span_of(arena_printf(&errand->arena, "notice %s %s -", name, why));
	errand->end = OUTBOX_GIVEN_UP;
	courier_tell(errand);
}

static void answered(void *ctx, const struct http_answer *answer)
{
	struct errand *errand = ctx;

	if (!courier_answered(errand->courier))
		return;
	if (answer->outcome == HTTP_ANSWERED && answer->status == 410) {
		give_up(errand, "gone");
	} else if (answer->outcome != HTTP_ANSWERED || answer->status < 200 || answer->status > 299) {
		log_rarely(LOG_LEVEL_WARNING, "courier.notice_not_taken",
			   answer->outcome == HTTP_ANSWERED ? log_u64((uint64_t)answer->status) : answer->error);
		courier_later(errand);
	} else {
		errand->courier->figures.noticed++;
		errand->end = OUTBOX_CARRIED_OUT;
		courier_tell(errand);
	}
}

/* The same each time it is sent. */
static struct span id_of(struct errand *errand)
{
	unsigned char mark[16];

	seal_mark(errand->courier->env.key, "webhook id", span_of(arena_printf(&errand->arena, "%s %s", errand->shard, errand->id)), mark);
	return span_of(arena_printf(&errand->arena, "msg_%s", hex_text(&errand->arena, mark, sizeof(mark))));
}

void courier_carry_notice(struct errand *errand)
{
	const struct notice_channel *channel = channel_of(errand);
	int64_t now_ms = courier_wall_ms(errand->courier);
	const char *fields[NOTICE_FIELDS + 1];
	struct span body;

	if (now_ms >= errand->item.notice.expires_ms) {
		give_up(errand, "expired");
		return;
	}
	if (channel == NULL || !notice_secret_fits(channel->secret)) {
		give_up(errand, "no_channel");
		return;
	}
	body = notice_body(channel, &errand->item.notice.notice, &errand->arena);
	notice_sign(channel->secret, id_of(errand), now_ms, body, &errand->arena, fields);
	struct http_call call = { .url = channel->url, .method = HTTP_POST, .fields = fields, .body = body,
				  .timeout_ms = HTTP_TIMEOUT_MS, .answer_max_bytes = ANSWER_MAX_BYTES };

	errand->courier->outstanding++;
	http_client_start(errand->courier->env.http, &call, answered, errand);
}
