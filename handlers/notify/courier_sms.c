/*
 * An errand of the courier: a message to a gateway. When nobody knows whether
 * it went out it is not sent a second time.
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/base/hex.h"
#include "daemon/base/json_out.h"
#include "daemon/http/client.h"
#include "daemon/sys/log.h"
#include "handlers/intake/gateway.h"

#define HTTP_TIMEOUT_MS 20000
#define ANSWER_MAX_BYTES 4096

static struct span event_of(struct errand *errand, const char *name, const char *why)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);

	json_open(&json, '{');
	json_text(&json, "e", span_of(name));
	json_text(&json, "id", span_of(errand->item.sms.tip.text));
	json_i64(&json, "at", courier_wall_ms(errand->courier));
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
	bool about_tip = errand->item.sms.tip.text[0] != '\0';

	errand->end = end;
	errand->event = about_tip ? event_of(errand, event, why) : (struct span){ 0 };
	log_event(end == OUTBOX_GIVEN_UP ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "courier.sms", "id",
		  about_tip ? errand->item.sms.tip.text : NULL, "end", event, "why", why, NULL);
	courier_tell(errand);
}

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

	if (!courier_answered(errand->courier))
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
		courier_later(errand);
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

void courier_carry_sms(struct errand *errand)
{
	struct courier *courier = errand->courier;
	const struct outbox_sms *sms = &errand->item.sms;
	const struct gateway_config *config = gateway_of(courier, sms->gateway);
	struct sms_request request;

	if (courier_wall_ms(courier) >= sms->expires_ms) {
		courier->figures.expired++;
		end_sms(errand, OUTBOX_GIVEN_UP, "send_failed", "expired");
		return;
	}
	errand->gateway = config != NULL ? gateway_find(config->driver) : NULL;
	if (errand->gateway == NULL || config->send_url == NULL || config->send_url[0] == '\0') {
		log_rarely(LOG_LEVEL_WARNING, "courier.gateway_not_configured", "no such gateway or no send_url");
		courier_later(errand);
		return;
	}
	errand->gateway->encode(config, sms->to, sms->text, receipt_id(errand), &errand->arena, &request);
	struct http_call call = { .url = request.url, .method = request.method, .fields = request.fields,
				  .body = request.body, .timeout_ms = HTTP_TIMEOUT_MS,
				  .answer_max_bytes = ANSWER_MAX_BYTES };

	courier->outstanding++;
	http_client_start(courier->env.http, &call, sms_answered, errand);
}
