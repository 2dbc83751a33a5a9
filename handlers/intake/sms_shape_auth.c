/*
 * Who may call a gateway that is described by configuration: a secret in the
 * path, a field that equals it, Basic, or an HMAC over a text of which the
 * configuration gives the template; see sms_shape.h.
 */
#include "daemon/base/base64.h"
#include "handlers/intake/sms_digest.h"
#include "handlers/intake/sms_shape.h"

#define HMAC SPAN("hmac-")
#define MILLISECONDS_DIGITS 13

static struct span auth_of(const struct gateway_config *config)
{
	return sms_is_set(config->shape.auth) ? span_of(config->shape.auth) : SPAN("path");
}

bool sms_shape_secret_in_path(const struct gateway_config *config)
{
	return span_is(auth_of(config), "path");
}

/* "hex" and "base64", and the same with a literal in front: "sha256=hex". */
static bool read_encoding(const struct gateway_config *config, struct span *before, bool *base64)
{
	struct span text = sms_is_set(config->shape.auth_encoding) ? span_of(config->shape.auth_encoding) : SPAN("hex");
	size_t name = 0;

	*base64 = text.len >= 6 && span_is(span_from_offset(text, text.len - 6), "base64");
	if (*base64)
		name = 6;
	else if (text.len >= 3 && span_is(span_from_offset(text, text.len - 3), "hex"))
		name = 3;
	*before = span_from(text.at, text.len - name);
	return name > 0;
}

/* --- settings ---------------------------------------------------------------------- */

static bool template_fits(const struct gateway_config *config, struct complaint *why)
{
	struct span text = span_of(config->shape.auth_template);
	bool time = span_find(text, SPAN("{ts}")) < text.len, url = span_find(text, SPAN("{url}")) < text.len;

	if (span_find(text, SPAN("{body}")) == text.len && span_find(text, SPAN("{url}")) == text.len)
		return complain(why, 0, "auth_template: {body} is missing; a signature must cover what is sent");
	if (time && !sms_is_set(config->shape.auth_time_field))
		return complain(why, 0, "auth_time_field: missing; auth_template has {ts}");
	return !url || sms_is_set(config->public_url) ||
	       complain(why, 0, "public_url: missing; auth_template has {url}");
}

static bool hmac_fits(const struct gateway_config *config, struct complaint *why)
{
	const char *const needed[] = { "secret_file", config->secret, "auth_field", config->shape.auth_field,
				       "auth_template", config->shape.auth_template, NULL };
	struct span name = span_from_offset(auth_of(config), HMAC.len), before;
	enum sms_hash hash;
	bool base64;

	if (!sms_hash_find(name, &hash))
		return complain(why, 0, "auth: \"%.30s\": hmac-md5, hmac-sha1, hmac-sha256 or hmac-sha512 is expected",
				config->shape.auth);
	if (!read_encoding(config, &before, &base64))
		return complain(why, 0, "auth_encoding: hex or base64 is expected, with what stands before it");
	return sms_settings_fit(why, "an HMAC", needed) && template_fits(config, why);
}

bool sms_shape_auth_fits(const struct gateway_config *config, struct complaint *why)
{
	const char *const header[] = { "secret_file", config->secret, "auth_field", config->shape.auth_field, NULL };
	struct span auth = auth_of(config);

	if (span_is(auth, "path"))
		return sms_path_secret_fits(config, why);
	if (span_is(auth, "header"))
		return sms_settings_fit(why, "auth: header", header);
	if (span_is(auth, "basic"))
		return (sms_is_set(config->secret) && strchr(config->secret, ':') != NULL) ||
		       complain(why, 0, "secret: USER:PASSWORD is expected for auth: basic");
	if (span_starts(auth, HMAC))
		return hmac_fits(config, why);
	return complain(why, 0, "auth: \"%.30s\": path, header, basic or hmac-sha256 is expected", config->shape.auth);
}

/* --- verify -------------------------------------------------------------------------- */

static bool basic_is(struct span field, const char *secret, struct arena *arena)
{
	char *pair;
	size_t n = 0;

	if (field.len < 6 || !span_eq_nocase(span_from(field.at, 6), SPAN("Basic ")))
		return false;
	field = span_trim(span_from_offset(field, 6));
	pair = arena_alloc(arena, field.len + 1);
	return base64_get(field, pair, field.len, &n) && sms_secret_is(span_from(pair, n), secret);
}

static void add_url(const struct gateway_config *config, const struct http_request *request, struct buf *text)
{
	buf_add_text(text, config->public_url);
	buf_add_span(text, request->path);
	if (request->query.len > 0) {
		buf_add_byte(text, '?');
		buf_add_span(text, request->query);
	}
}

static void add_signed(const struct gateway_config *config, const struct http_request *request, struct span stamp,
		       struct buf *text)
{
	struct span rest = span_of(config->shape.auth_template);

	while (rest.len > 0) {
		size_t took = 0;

		if (span_starts(rest, SPAN("{ts}"))) {
			buf_add_span(text, stamp);
			took = 4;
		} else if (span_starts(rest, SPAN("{body}"))) {
			buf_add_span(text, request->body);
			took = 6;
		} else if (span_starts(rest, SPAN("{method}"))) {
			buf_add_text(text, http_method_name(request->method));
			took = 8;
		} else if (span_starts(rest, SPAN("{url}"))) {
			add_url(config, request, text);
			took = 5;
		} else {
			buf_add_byte(text, rest.at[0]);
			took = 1;
		}
		rest = span_from_offset(rest, took);
	}
}

/* Seconds, or milliseconds by their length. */
static bool stamp_fits(struct span stamp, int64_t now_ms)
{
	if (stamp.len == MILLISECONDS_DIGITS)
		stamp.len -= 3;
	return sms_time_fits(stamp, now_ms);
}

static bool hmac_is(const struct gateway_config *config, const struct http_request *request, int64_t now_ms)
{
	struct span given = http_field_find(request, config->shape.auth_field), stamp = { 0 }, before;
	struct sms_digest digest;
	struct buf text = { 0 };
	enum sms_hash hash;
	bool base64;

	if (!sms_hash_find(span_from_offset(auth_of(config), HMAC.len), &hash) || !read_encoding(config, &before, &base64) ||
	    !span_starts(given, before))
		return false;
	if (sms_is_set(config->shape.auth_time_field)) {
		stamp = http_field_find(request, config->shape.auth_time_field);
		if (!stamp_fits(stamp, now_ms))
			return false;
	}
	given = span_from_offset(given, before.len);
	add_signed(config, request, stamp, &text);
	sms_hmac(hash, span_of(config->secret), buf_span(&text), &digest);
	buf_release(&text);
	return base64 ? sms_digest_is_base64(&digest, given) : sms_digest_is_hex(&digest, given);
}

bool sms_shape_verify(const struct gateway_config *config, const struct http_request *request, int64_t now_ms)
{
	struct span auth = auth_of(config);
	struct arena arena = { 0 };
	bool well = false;

	if (!sms_is_set(config->secret))
		return false;
	if (span_is(auth, "path"))
		well = sms_path_verify(config, request, now_ms);
	else if (span_is(auth, "header"))
		well = sms_secret_is(http_field_find(request, config->shape.auth_field), config->secret);
	else if (span_is(auth, "basic"))
		well = basic_is(http_field_find(request, "Authorization"), config->secret, &arena);
	else if (span_starts(auth, HMAC))
		well = hmac_is(config, request, now_ms);
	arena_release(&arena);
	return well;
}
