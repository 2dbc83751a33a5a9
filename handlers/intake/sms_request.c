/*
 * Requests of gateways that bring SMS over HTTP: whose it is, whether it is
 * genuine, what is in it, and the answer that gateway understands; see sms.h.
 */
#include "handlers/intake/sms_inside.h"

#include "daemon/base/memory.h"
#include "daemon/sys/log.h"

#include <stdlib.h>

/* One request of a gateway. */
struct gateway_call {
	struct sms *sms;
	struct arena arena;
	const struct gateway_config *config;
	const struct gateway *gateway;
	void (*done)(void *ctx, const struct http_reply *reply);
	void *ctx;
	struct sms_batch batch;
};

static void refuse(int status, void (*done)(void *ctx, const struct http_reply *reply), void *ctx)
{
	struct http_reply reply = { .status = status, .type = "text/plain", .body = SPAN("") };

	done(ctx, &reply);
}

static void note_forbidden(struct sms *sms, const char *name)
{
	sms->figures.forbidden++;
	sms_seen_fault(&sms->seen, name, SMS_FAULT_FORBIDDEN, sms_wall_ms(sms));
	log_rarely(LOG_LEVEL_WARNING, "sms.forbidden", name);
}

/* "/sms/kannel", "/sms/kannel/mo", "/sms/kannel/dlr" and the last two with "/SECRET" name "kannel"; all else is empty. */
static struct span gateway_name(struct span path)
{
	struct span rest = span_from_offset(path, strlen("/sms/")), name = { 0 }, kind = { 0 };

	if (!span_starts(path, SPAN("/sms/")) || !span_cut(&rest, '/', &name))
		return (struct span){ 0 };
	if (rest.len > 0 && (!span_cut(&rest, '/', &kind) || (!span_is(kind, "mo") && !span_is(kind, "dlr"))))
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

/* "Again" is worse than "never": a repetition costs nothing, a loss does. */
static enum sms_result worst_of(const enum sms_result *results, size_t n)
{
	enum sms_result worst = SMS_TAKEN;

	for (size_t i = 0; i < n; i++)
		if (results[i] == SMS_AGAIN || (results[i] == SMS_NEVER && worst == SMS_TAKEN))
			worst = results[i];
	return worst;
}

static void call_end(struct gateway_call *call, enum sms_result result)
{
	struct sms *sms = call->sms;
	struct http_reply reply = { 0 };

	call->gateway->answer(call->config, result, &reply);
	call->done(call->ctx, &reply);
	arena_release(&call->arena);
	free(call);
	sms->open--;
	sms_free_when_alone(sms);
}

static void gateway_delivered(void *ctx, const enum sms_result *results, size_t n)
{
	call_end(ctx, worst_of(results, n));
}

static void call_decode(struct gateway_call *call, const struct gateway_config *config,
			const struct http_request *request)
{
	const struct sms_connector connector = {
		.name = config->name,
		.sender = config->sender,
		.sends = config->send_url != NULL && config->send_url[0] != '\0',
	};
	struct complaint why = { 0 };

	if (call->gateway->decode(config, request, &call->arena, &call->batch, &why)) {
		sms_deliver(call->sms, &connector, &call->batch, gateway_delivered, call);
		return;
	}
	call->sms->figures.malformed++;
	sms_seen_fault(&call->sms->seen, config->name, SMS_FAULT_MALFORMED, sms_wall_ms(call->sms));
	log_event(LOG_LEVEL_WARNING, "sms.malformed", "gateway", config->name, "why", why.text, NULL);
	call_end(call, SMS_NEVER);
}

void sms_take(struct sms *sms, const struct http_request *request,
	      void (*done)(void *ctx, const struct http_reply *reply), void *ctx)
{
	const struct gateway_config *config = config_of(sms, gateway_name(request->path));
	const struct gateway *gateway = config != NULL ? gateway_find(config->driver) : NULL;
	struct gateway_call *call;

	if (gateway == NULL) {
		/* One that is configured, but not as its driver wants it, is mended before its messages are lost. */
		refuse(config == NULL ? 404 : 503, done, ctx);
		return;
	}
	if (!gateway->verify(config, request, sms_wall_ms(sms))) {
		note_forbidden(sms, config->name);
		refuse(gateway->refused != 0 ? gateway->refused : 403, done, ctx);
		return;
	}
	call = memory_zeroes(1, sizeof(*call));
	call->sms = sms;
	call->config = config;
	call->gateway = gateway;
	call->done = done;
	call->ctx = ctx;
	sms->open++;
	call_decode(call, config, request);
}

/* --- on a connection -------------------------------------------------------------------------- */

static void reply_to_exchange(void *ctx, const struct http_reply *reply)
{
	http_exchange_reply(ctx, reply);
}

/* An address that is not the gateway's learns as little as a wrong secret does. */
static bool comes_from_elsewhere(struct sms *sms, const struct http_exchange *exchange)
{
	const struct gateway_config *config = config_of(sms, gateway_name(http_exchange_request(exchange)->path));

	if (config == NULL || config->networks == NULL || config->networks[0] == '\0' ||
	    http_exchange_is_from(exchange, span_of(config->networks)))
		return false;
	note_forbidden(sms, config->name);
	return true;
}

void sms_serve(struct sms *sms, struct http_exchange *exchange)
{
	if (comes_from_elsewhere(sms, exchange))
		refuse(403, reply_to_exchange, exchange);
	else
		sms_take(sms, http_exchange_request(exchange), reply_to_exchange, exchange);
}
