/*
 * Tokens: any octets, which are none; and any two texts, signed as a gateway
 * signs them, which are one when they say HS256 and a time that is near.
 *
 *   octets  head, a newline, claims; or the token itself
 */
#include "handlers/intake/sms_digest.h"
#include "handlers/intake/sms_jwt.h"

#include <assert.h>
#include <sodium.h>

#define SECRET "0123456789abcdef0123456789abcdef"
#define NOW_MS INT64_C(1795323600000)
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_part(struct buf *out, struct span bytes)
{
	size_t room = sodium_base64_encoded_len(bytes.len, VARIANT);

	sodium_bin2base64(buf_reserve(out, room), room, (const unsigned char *)(bytes.len > 0 ? bytes.at : ""), bytes.len, VARIANT);
	out->len += room - 1;
}

static bool reads(struct span token, struct sms_fields *claims, struct arena *arena)
{
	return sms_jwt_read(token, SECRET, NOW_MS, arena, claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct sms_fields *claims = arena_new(&arena, struct sms_fields), *header = arena_new(&arena, struct sms_fields);
	struct span text = span_from(data, size), head;
	struct sms_digest digest;
	struct buf token = { 0 };

	assert(!reads(text, claims, &arena));   /* nobody finds a signature by trying */
	if (span_cut(&text, '\n', &head)) {
		add_part(&token, head);
		buf_add_byte(&token, '.');
		add_part(&token, text);
		sms_hmac(SMS_SHA256, SPAN(SECRET), buf_span(&token), &digest);
		buf_add_byte(&token, '.');
		add_part(&token, span_from(digest.bytes, digest.len));
		if (reads(buf_span(&token), claims, &arena)) {
			assert(sms_fields_of_json(head, &arena, header) && span_is(sms_field(header, "alg"), "HS256"));
			assert(sms_time_fits(sms_field(claims, "iat"), NOW_MS));
			assert(sms_field(header, "crit").at == NULL);
			token.at[token.len - 2] ^= 1;
			assert(!reads(buf_span(&token), claims, &arena));
		}
	}
	buf_release(&token);
	arena_release(&arena);
	return 0;
}
