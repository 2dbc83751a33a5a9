/*
 * An errand of the courier: a notice to a bureau, by its webhook or by mail
 * (courier_mail.c). Whoever gets it twice knows it by its id, so it is sent again
 * until somebody says yes. Between two of a channel there is its pause, also
 * when many have waited for a server that was away.
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/base/hex.h"
#include "daemon/http/client.h"
#include "daemon/http/smtp.h"
#include "daemon/loop/loop.h"
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

/* --- the pause of a channel ----------------------------------------------------------- */

static struct channel_pause *pause_of(struct courier *courier, struct span name)
{
	struct channel_pause *free_one = courier->pauses, *pause = courier->pauses;

	for (; pause < courier->pauses + NOTICE_CHANNELS_MAX; pause++) {
		if (span_is(name, pause->channel))
			return pause;
		if (pause->until_ms < free_one->until_ms)
			free_one = pause;
	}
	*free_one = (struct channel_pause){ 0 };
	memcpy(free_one->channel, name.at, name.len < sizeof(free_one->channel) ? name.len : sizeof(free_one->channel) - 1);
	return free_one;
}

/* Tests and digests are few, and wait for nobody. */
static bool may_go(struct errand *errand, const struct notice_channel *channel, uint64_t *wait_ms)
{
	struct channel_pause *pause = pause_of(errand->courier, errand->item.notice.channel);
	uint64_t now_ms = loop_now_ms(errand->courier->env.loop);

	if (errand->item.notice.notice.kind >= NOTICE_TOLD)
		return true;
	*wait_ms = pause->until_ms > now_ms ? pause->until_ms - now_ms : 0;
	if (*wait_ms == 0)
		pause->until_ms = now_ms + UINT64_C(1000) * channel->pause_s;
	return *wait_ms == 0;
}

void courier_notice_not_sent(struct errand *errand)
{
	if (errand->item.notice.notice.kind < NOTICE_TOLD)
		pause_of(errand->courier, errand->item.notice.channel)->until_ms = 0;
}

/* --- ends ------------------------------------------------------------------------------- */

void courier_notice_taken(struct errand *errand)
{
	errand->courier->figures.noticed++;
	errand->end = OUTBOX_CARRIED_OUT;
	courier_tell(errand);
}

void courier_notice_given_up(struct errand *errand, const char *why)
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
		courier_notice_given_up(errand, "gone");
	} else if (answer->outcome != HTTP_ANSWERED || answer->status < 200 || answer->status > 299) {
		log_rarely(LOG_LEVEL_WARNING, "courier.notice_not_taken",
			   answer->outcome == HTTP_ANSWERED ? log_u64((uint64_t)answer->status) : answer->error);
		courier_notice_not_sent(errand);
		courier_later(errand);
	} else {
		courier_notice_taken(errand);
	}
}

/* The same each time it is sent. */
static struct span id_of(struct errand *errand)
{
	unsigned char mark[16];

	seal_mark(errand->courier->env.key, "webhook id", span_of(arena_printf(&errand->arena, "%s %s", errand->shard, errand->id)), mark);
	return span_of(arena_printf(&errand->arena, "msg_%s", hex_text(&errand->arena, mark, sizeof(mark))));
}

static void carry_hook(struct errand *errand, const struct notice_channel *channel)
{
	const char *fields[NOTICE_FIELDS + 1];
	struct span body = notice_body(channel, &errand->item.notice.notice, &errand->arena);

	notice_sign(channel->secret, id_of(errand), courier_wall_ms(errand->courier), body, &errand->arena, fields);
	struct http_call call = { .url = channel->url, .method = HTTP_POST, .fields = fields, .body = body,
				  .timeout_ms = HTTP_TIMEOUT_MS, .answer_max_bytes = ANSWER_MAX_BYTES };

	errand->courier->outstanding++;
	http_client_start(errand->courier->env.http, &call, answered, errand);
}

static bool can_send(const struct courier_env *env, const struct notice_channel *channel)
{
	if (channel == NULL)
		return false;
	return notice_by_mail(channel) ? env->mail != NULL && env->mail->url[0] != '\0' : notice_secret_fits(channel->secret);
}

void courier_carry_notice(struct errand *errand)
{
	const struct notice_channel *channel = channel_of(errand);
	int64_t now_ms = courier_wall_ms(errand->courier);
	uint64_t wait_ms = 0;

	if (now_ms >= errand->item.notice.expires_ms) {
		courier_notice_given_up(errand, "expired");
		return;
	}
	if (!can_send(&errand->courier->env, channel)) {
		courier_notice_given_up(errand, "no_channel");
		return;
	}
	if (!may_go(errand, channel, &wait_ms))
		courier_after(errand, wait_ms);
	else if (notice_by_mail(channel))
		courier_carry_mail(errand, channel, id_of(errand));
	else
		carry_hook(errand, channel);
}
