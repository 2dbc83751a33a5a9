/*
 * JSON Web Tokens; see sms_jwt.h. The signature is checked before anything of
 * the token is read.
 */
#include "handlers/intake/sms_jwt.h"

#include "handlers/intake/sms_digest.h"

#include <sodium.h>

#define TOKEN_MAX 8192

static bool base64url(struct span text, struct arena *arena, struct span *out)
{
	unsigned char *bytes = arena_alloc(arena, text.len + 1);
	size_t n = 0;
	const char *end = NULL;

	if (text.len == 0 || sodium_base642bin(bytes, text.len, text.at, text.len, NULL, &n, &end,
					       sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
	    end != text.at + text.len)
		return false;
	*out = span_from(bytes, n);
	return true;
}

static bool is_signed(struct span of, struct span signature, const char *secret)
{
	struct sms_digest digest;

	sms_hmac(SMS_SHA256, span_of(secret), of, &digest);
	return signature.len == digest.len && sodium_memcmp(signature.at, digest.bytes, digest.len) == 0;
}

static bool is_in_time(const struct sms_fields *claims, int64_t now_ms)
{
	struct span exp = sms_field(claims, "exp"), nbf = sms_field(claims, "nbf");
	uint64_t s = 0, now_s = now_ms > 0 ? (uint64_t)now_ms / 1000 : 0;

	if (!sms_time_fits(sms_field(claims, "iat"), now_ms))
		return false;
	if (exp.at != NULL && (!span_u64(exp, &s) || s <= now_s))
		return false;
	return nbf.at == NULL || (span_u64(nbf, &s) && s <= now_s + SMS_SIGNED_WINDOW_MS / 1000);
}

/* RFC 7515 4.1.11: an extension that must be understood, and is not. */
static bool has_critical(const struct sms_fields *header)
{
	for (size_t i = 0; i < header->n; i++)
		if (span_is(header->at[i].name, "crit") || span_starts(header->at[i].name, SPAN("crit.")))
			return true;
	return false;
}

bool sms_jwt_read(struct span token, const char *secret, int64_t now_ms, struct arena *arena, struct sms_fields *claims)
{
	struct span rest = token, head, payload, signature, text;
	struct sms_fields *header = arena_new(arena, struct sms_fields);

	if (token.len > TOKEN_MAX || !sms_is_set(secret) || !span_cut(&rest, '.', &head) ||
	    !span_cut(&rest, '.', &payload) || !base64url(rest, arena, &signature))
		return false;
	if (!is_signed(span_from(token.at, head.len + 1 + payload.len), signature, secret))
		return false;
	return base64url(head, arena, &text) && sms_fields_of_json(text, arena, header) &&
	       span_is(sms_field(header, "alg"), "HS256") && !has_critical(header) && base64url(payload, arena, &text) &&
	       sms_fields_of_json(text, arena, claims) && is_in_time(claims, now_ms);
}
