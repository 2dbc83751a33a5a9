/*
 * Who may call a gateway that is described by configuration: a secret in the
 * path, a field that equals it, Basic, a JSON Web Token that holds the body's
 * hash, or an HMAC or Ed25519 signature over a text of which the configuration
 * gives the template; see sms_shape.h.
 *
 * A signature is worth what it covers: fields are read from the query of a GET
 * and from the body of a POST, so what it leaves open of these is refused.
 */
#include "daemon/base/base64.h"
#include "daemon/base/hex.h"
#include "handlers/intake/sms_digest.h"
#include "handlers/intake/sms_jwt.h"
#include "handlers/intake/sms_shape.h"

#include <sodium.h>

#define HMAC SPAN("hmac-")
#define ED25519 SPAN("ed25519")
#define JWT SPAN("jwt")
#define CLAIM "payload_hash"
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

static bool has(const char *template, const char *blank)
{
	return sms_is_set(template) && strstr(template, blank) != NULL;
}

static bool template_fits(const struct gateway_config *config, struct complaint *why)
{
	const char *text = config->shape.auth_template;

	if (!has(text, "{body}") && !has(text, "{url}"))
		return complain(why, 0, "auth_template: {body} is missing; a signature must cover what is sent");
	if (has(text, "{ts}") != sms_is_set(config->shape.auth_time_field))
		return complain(why, 0, "%s", has(text, "{ts}") ? "auth_time_field: missing; auth_template has {ts}"
				: "auth_template: {ts} is missing; a time that is not signed is anybody's");
	return !has(text, "{url}") || sms_is_set(config->public_url) ||
	       complain(why, 0, "public_url: missing; auth_template has {url}");
}

/* What HMAC and Ed25519 have in common. */
static bool signed_fits(const struct gateway_config *config, const char *for_what, struct complaint *why)
{
	const char *const needed[] = { "secret_file", config->secret, "auth_field", config->shape.auth_field,
				       "auth_template", config->shape.auth_template, NULL };
	struct span before;
	bool base64;

	if (!read_encoding(config, &before, &base64))
		return complain(why, 0, "auth_encoding: hex or base64 is expected, with what stands before it");
	return sms_settings_fit(why, for_what, needed) && template_fits(config, why);
}

static bool hmac_fits(const struct gateway_config *config, struct complaint *why)
{
	enum sms_hash hash;

	if (!sms_hash_find(span_from_offset(auth_of(config), HMAC.len), &hash))
		return complain(why, 0, "auth: \"%.30s\": hmac-md5, hmac-sha1, hmac-sha256 or hmac-sha512 is expected",
				config->shape.auth);
	return signed_fits(config, "an HMAC", why);
}

/* Octets of a key or signature, in hex or base 64. */
static bool octets_of(struct span text, bool base64, unsigned char *out, size_t len)
{
	size_t n = 0;

	if (base64)
		return base64_get(text, out, len, &n) && n == len;
	return text.len == len * 2 && hex_get(text, out, len);
}

static bool public_key(const struct gateway_config *config, unsigned char key[crypto_sign_PUBLICKEYBYTES])
{
	struct span text = span_of(config->secret);

	return octets_of(text, text.len != (size_t)2 * crypto_sign_PUBLICKEYBYTES, key, crypto_sign_PUBLICKEYBYTES);
}

static bool ed25519_fits(const struct gateway_config *config, struct complaint *why)
{
	unsigned char key[crypto_sign_PUBLICKEYBYTES];

	if (sms_is_set(config->secret) && !public_key(config, key))
		return complain(why, 0, "secret_file: the gateway's public key, 32 octets in hex or base64, is expected");
	return signed_fits(config, "an Ed25519 signature", why);
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
	if (span_eq(auth, JWT))
		return sms_is_set(config->secret) || complain(why, 0, "secret_file: missing; auth: jwt needs it");
	if (span_eq(auth, ED25519))
		return ed25519_fits(config, why);
	if (span_starts(auth, HMAC))
		return hmac_fits(config, why);
	return complain(why, 0, "auth: \"%.30s\": path, header, basic, jwt, ed25519 or hmac-sha256 is expected", config->shape.auth);
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

/* Of a GET the query is read, of a POST the body: that at least must be signed. */
static bool covers(const char *template, const struct http_request *request)
{
	return request->method == HTTP_GET ? has(template, "{url}") && request->body.len == 0 : has(template, "{body}");
}

/* The signature as it was given, and the text that it must be of. */
static bool read_signed(const struct gateway_config *config, const struct http_request *request, int64_t now_ms,
			struct span *given, bool *base64, struct buf *text)
{
	struct span stamp = { 0 }, before;

	*given = http_field_find(request, config->shape.auth_field);
	if (!covers(config->shape.auth_template, request) || !read_encoding(config, &before, base64) ||
	    !span_starts(*given, before))
		return false;
	if (sms_is_set(config->shape.auth_time_field)) {
		stamp = http_field_find(request, config->shape.auth_time_field);
		if (!stamp_fits(stamp, now_ms))
			return false;
	}
	*given = span_from_offset(*given, before.len);
	add_signed(config, request, stamp, text);
	return true;
}

static bool hmac_is(const struct gateway_config *config, struct span given, bool base64, struct span text)
{
	struct sms_digest digest;
	enum sms_hash hash;

	if (!sms_hash_find(span_from_offset(auth_of(config), HMAC.len), &hash))
		return false;
	sms_hmac(hash, span_of(config->secret), text, &digest);
	return base64 ? sms_digest_is_base64(&digest, given) : sms_digest_is_hex(&digest, given);
}

static bool ed25519_is(const struct gateway_config *config, struct span given, bool base64, struct span text)
{
	unsigned char key[crypto_sign_PUBLICKEYBYTES], signature[crypto_sign_BYTES];

	return public_key(config, key) && octets_of(given, base64, signature, sizeof(signature)) &&
	       crypto_sign_verify_detached(signature, (const unsigned char *)text.at, text.len, key) == 0;
}

static bool is_signed(const struct gateway_config *config, const struct http_request *request, int64_t now_ms)
{
	struct buf text = { 0 };
	struct span given;
	bool base64, well = false;

	if (read_signed(config, request, now_ms, &given, &base64, &text))
		well = span_eq(auth_of(config), ED25519) ? ed25519_is(config, given, base64, buf_span(&text))
							  : hmac_is(config, given, base64, buf_span(&text));
	buf_release(&text);
	return well;
}

/* Without the body's hash a token would fit any body, and any query of a GET. */
static bool token_is(const struct gateway_config *config, const struct http_request *request, int64_t now_ms,
		     struct arena *arena)
{
	const char *field = sms_is_set(config->shape.auth_field) ? config->shape.auth_field : "Authorization";
	const char *claim = sms_is_set(config->shape.auth_claim) ? config->shape.auth_claim : CLAIM;
	struct span token = http_field_find(request, field);
	struct sms_fields *claims = arena_new(arena, struct sms_fields);
	struct sms_digest digest;

	if (token.len >= 7 && span_eq_nocase(span_from(token.at, 7), SPAN("Bearer ")))
		token = span_trim(span_from_offset(token, 7));
	if (request->method != HTTP_POST || !sms_jwt_read(token, config->secret, now_ms, arena, claims))
		return false;
	sms_hash(SMS_SHA256, request->body, &digest);
	return sms_digest_is_hex(&digest, sms_field(claims, claim)) || sms_digest_is_base64(&digest, sms_field(claims, claim));
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
	else if (span_eq(auth, JWT))
		well = token_is(config, request, now_ms, &arena);
	else if (span_eq(auth, ED25519) || span_starts(auth, HMAC))
		well = is_signed(config, request, now_ms);
	arena_release(&arena);
	return well;
}
