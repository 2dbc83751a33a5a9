/*
 * A gateway's driver with one request in its hands; see gateway_rig.h.
 */
#include "tests/support/gateway_rig.h"

#include "tests/support/http_sample.h"

#include <assert.h>

void gateway_rig_up(struct gateway_rig *rig, const struct gateway_config *config)
{
	memset(rig, 0, sizeof(*rig));
	rig->config = config;
	rig->gateway = gateway_find(config->driver);
	assert(rig->gateway != NULL);
}

void gateway_rig_down(struct gateway_rig *rig)
{
	arena_release(&rig->arena);
}

void gateway_rig_take(struct gateway_rig *rig, const char *line, const char *fields, struct span body)
{
	struct buf text = { 0 };

	buf_printf(&text, "%s\r\nHost: tips.example\r\n%s%s\r\n", line, fields, fields[0] != '\0' ? "\r\n" : "");
	buf_add_span(&text, body);
	struct span bytes = arena_dup(&rig->arena, buf_span(&text));

	buf_release(&text);
	assert(http_sample_parse(bytes, &rig->request));
}

bool gateway_rig_verify(struct gateway_rig *rig, int64_t now_ms)
{
	return rig->gateway->verify(rig->config, &rig->request, now_ms);
}

bool gateway_rig_decode(struct gateway_rig *rig)
{
	return rig->gateway->decode(rig->config, &rig->request, &rig->arena, &rig->batch, &rig->why);
}

const struct sms_message *gateway_rig_one(struct gateway_rig *rig)
{
	assert(gateway_rig_decode(rig) && rig->batch.n == 1);
	return &rig->batch.at[0];
}

struct http_reply gateway_rig_answer(struct gateway_rig *rig, enum sms_result result)
{
	struct http_reply reply = { 0 };

	rig->gateway->answer(rig->config, result, &reply);
	return reply;
}

bool gateway_rig_encode(struct gateway_rig *rig, const char *to, const char *text, int64_t now_ms)
{
	const struct sms_outgoing sms = { .to = span_of(to), .text = span_of(text), .our_id = SPAN("0a1b"), .now_ms = now_ms };

	return rig->gateway->encode(rig->config, &sms, &rig->arena, &rig->sent);
}

const char *gateway_rig_field(const struct gateway_rig *rig, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; rig->sent.fields[i] != NULL; i++)
		if (strncmp(rig->sent.fields[i], name, len) == 0 && strncmp(rig->sent.fields[i] + len, ": ", 2) == 0)
			return rig->sent.fields[i] + len + 2;
	return NULL;
}

const char *gateway_rig_form(struct gateway_rig *rig, const char *name)
{
	struct buf value = { 0 };
	const char *out = "";

	if (http_param_find(rig->sent.body, name, &value))
		out = arena_dup(&rig->arena, buf_span(&value)).at;
	buf_release(&value);
	return out;
}

enum sms_outcome gateway_rig_outcome(struct gateway_rig *rig, int status, const char *body, const char **id)
{
	struct span their_id = SPAN("not told");
	enum sms_outcome end = rig->gateway->outcome(rig->config, status, span_of(body), &rig->arena, &their_id);

	*id = their_id.len > 0 ? arena_dup(&rig->arena, their_id).at : "";
	return end;
}

const char *gateway_rig_fits(struct gateway_rig *rig, const struct gateway_config *config)
{
	rig->why.text[0] = '\0';
	return rig->gateway->fits(config, &rig->why) ? NULL : rig->why.text;
}
