/*
 * Codes of the second factor; see totp.h.
 *
 * HMAC-SHA-1 is OpenSSL's: libsodium has no SHA-1, and none is written by hand.
 */
#include "daemon/sys/totp.h"

#include "daemon/base/wipe.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>

#define SHA1_BYTES 20
#define CODES 1000000u

void totp_code(const unsigned char secret[TOTP_SECRET_BYTES], int64_t step, char code[TOTP_DIGITS + 1])
{
	unsigned char counter[8], mac[EVP_MAX_MD_SIZE];
	unsigned len = 0, at;
	uint32_t number;

	for (size_t i = 0; i < sizeof(counter); i++)
		counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
	if (HMAC(EVP_sha1(), secret, TOTP_SECRET_BYTES, counter, sizeof(counter), mac, &len) == NULL)
		len = 0;
	assert(len == SHA1_BYTES);
	at = mac[SHA1_BYTES - 1] & 0x0F;   /* RFC 4226, 5.3 */
	number = (uint32_t)(mac[at] & 0x7F) << 24 | (uint32_t)mac[at + 1] << 16 | (uint32_t)mac[at + 2] << 8 | mac[at + 3];
	snprintf(code, TOTP_DIGITS + 1, "%06u", number % CODES);
	wipe(mac, sizeof(mac));
}

int64_t totp_step_of(const unsigned char secret[TOTP_SECRET_BYTES], struct span code, int64_t now_ms)
{
	int64_t now = now_ms / TOTP_STEP_MS, found = -1;
	char given[TOTP_DIGITS] = { 0 }, right[TOTP_DIGITS + 1];
	bool whole = code.len == TOTP_DIGITS && span_digits(code);

	if (whole)
		memcpy(given, code.at, sizeof(given));
	/* All are made and compared, so that the time tells nothing. */
	for (int64_t step = now - TOTP_STEPS_AROUND; step <= now + TOTP_STEPS_AROUND; step++) {
		totp_code(secret, step, right);
		if (sodium_memcmp(given, right, sizeof(given)) == 0 && whole && step >= 0)
			found = step;
	}
	wipe(right, sizeof(right));
	return found;
}
