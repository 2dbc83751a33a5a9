/*
 * WeChat's signatures; see wechat_sign.h.
 */
#include "handlers/payout/wechat_sign.h"

#include "handlers/payout/wechat_crypt.h"

#include <stdio.h>

#define MS_PER_S 1000

static void add_line(struct buf *text, struct span line)
{
	buf_add_span(text, line);
	buf_add_byte(text, '\n');
}

const char *wechat_authorization(const struct rail_job *job, const struct rail_request *request)
{
	const struct rail_config *config = job->config;
	const char *seconds = arena_printf(job->arena, "%lld", (long long)(job->now_ms / MS_PER_S));
	struct buf text = { 0 };
	struct span signature;
	bool fine;

	add_line(&text, span_of(http_method_name(request->method)));
	add_line(&text, request->target);
	add_line(&text, span_of(seconds));
	add_line(&text, request->nonce);
	add_line(&text, request->body);
	fine = wechat_sign_text(config->private_key, buf_span(&text), job->arena, &signature);
	buf_release(&text);
	if (!fine)
		return NULL;
	return arena_printf(job->arena,
			    "WECHATPAY2-SHA256-RSA2048 mchid=\"%s\",nonce_str=\"%.*s\",signature=\"%.*s\","
			    "timestamp=\"%s\",serial_no=\"%s\"",
			    config->merchant, (int)request->nonce.len, request->nonce.at, (int)signature.len, signature.at,
			    seconds, config->serial);
}

static const struct rail_public *key_find(const struct rail_config *config, struct span serial)
{
	for (size_t i = 0; i < RAIL_KEYS; i++)
		if (config->platform[i].id != NULL && span_is(serial, config->platform[i].id))
			return &config->platform[i];
	return NULL;
}

static bool in_time(uint64_t seconds, int64_t now_ms)
{
	int64_t now = now_ms / MS_PER_S;

	return seconds <= INT64_MAX / 2 && (int64_t)seconds > now - RAIL_SKEW_MS / MS_PER_S &&
	       (int64_t)seconds < now + RAIL_SKEW_MS / MS_PER_S;
}

static bool signature_fits(const struct rail_public *key, const struct wechat_signed *what)
{
	struct buf text = { 0 };
	bool fits;

	add_line(&text, what->seconds);
	add_line(&text, what->nonce);
	add_line(&text, what->body);
	fits = wechat_verify_text(key->pem, buf_span(&text), what->signature);
	buf_release(&text);
	return fits;
}

enum wechat_fault wechat_verify(const struct rail_config *config, const struct wechat_signed *what, int64_t now_ms)
{
	const struct rail_public *key;
	uint64_t seconds;

	if (what->serial.len == 0 && what->signature.len == 0)
		return WECHAT_UNSIGNED;
	if (!span_u64(what->seconds, &seconds) || what->nonce.len == 0)
		return WECHAT_FORM;
	if (!in_time(seconds, now_ms))
		return WECHAT_TIME;
	key = key_find(config, what->serial);
	if (key == NULL)
		return WECHAT_KEY;
	return signature_fits(key, what) ? WECHAT_FINE : WECHAT_WRONG;
}

struct wechat_signed wechat_signed_answer(const struct http_response *answer)
{
	return (struct wechat_signed){
		.serial = http_response_field(answer, "Wechatpay-Serial"),
		.seconds = http_response_field(answer, "Wechatpay-Timestamp"),
		.nonce = http_response_field(answer, "Wechatpay-Nonce"),
		.signature = http_response_field(answer, "Wechatpay-Signature"),
		.body = answer->body,
	};
}

struct wechat_signed wechat_signed_request(const struct http_request *request)
{
	return (struct wechat_signed){
		.serial = http_field_find(request, "Wechatpay-Serial"),
		.seconds = http_field_find(request, "Wechatpay-Timestamp"),
		.nonce = http_field_find(request, "Wechatpay-Nonce"),
		.signature = http_field_find(request, "Wechatpay-Signature"),
		.body = request->body,
	};
}
