/*
 * Secrets of the second factor; see second_factor.h.
 */
#include "handlers/staff/second_factor.h"

#include "daemon/base/wipe.h"
#include "daemon/sys/random.h"

#define LABEL "second factor"

_Static_assert(TOTP_SECRET_BYTES * 8 == SECOND_FACTOR_TEXT * 5, "whole letters");

void second_factor_seal(const struct seal_key *staff, struct span person, const unsigned char secret[TOTP_SECRET_BYTES], struct buf *sealed)
{
	struct seal_key key;

	seal_derive(staff, LABEL, person, &key);
	seal_blob(&key, LABEL, span_from(secret, TOTP_SECRET_BYTES), sealed);
	wipe(&key, sizeof(key));
}

bool second_factor_open(const struct seal_key *staff, struct span person, struct span sealed, unsigned char secret[TOTP_SECRET_BYTES])
{
	struct arena arena = { 0 };
	struct seal_key key;
	struct span clear;
	bool well;

	random_bytes(secret, TOTP_SECRET_BYTES);
	seal_derive(staff, LABEL, person, &key);
	well = seal_open_blob(&key, LABEL, sealed, &arena, &clear) && clear.len == TOTP_SECRET_BYTES;
	if (well)
		memcpy(secret, clear.at, TOTP_SECRET_BYTES);
	wipe(&key, sizeof(key));
	arena_release(&arena);
	return well;
}

void second_factor_text(const unsigned char secret[TOTP_SECRET_BYTES], char text[SECOND_FACTOR_TEXT + 1])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

	for (size_t i = 0; i < SECOND_FACTOR_TEXT; i++) {
		size_t bit = i * 5, byte = bit / 8;
		unsigned two = (unsigned)secret[byte] << 8 | (byte + 1 < TOTP_SECRET_BYTES ? secret[byte + 1] : 0u);

		text[i] = letters[two >> (11 - bit % 8) & 31];
	}
	text[SECOND_FACTOR_TEXT] = '\0';
}

/* Names of persons are of letters that stand in a URI as they are, but for '@', which may. */
void second_factor_uri(struct span person, const char text[SECOND_FACTOR_TEXT + 1], struct buf *to)
{
	buf_add_text(to, "otpauth://totp/Tipline:");
	buf_add_span(to, person);
	buf_add_text(to, "?secret=");
	buf_add_text(to, text);
	buf_add_text(to, "&issuer=Tipline&algorithm=SHA1&digits=6&period=30");
}
