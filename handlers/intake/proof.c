/*
 * Challenges of the web form; see proof.h.
 */
#include "handlers/intake/proof.h"

#include "daemon/base/hex.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HEAD "1-"
#define AT_DIGITS 16
#define BITS_DIGITS 2

static void put_number(unsigned char *at, uint64_t number, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (unsigned char)(number >> (8 * (bytes - 1 - i)));
}

/* HMAC-SHA-256 over all that a challenge says and whom it was made for, cut to half. */
static void mac_of(const unsigned char key[PROOF_KEY_BYTES], uint64_t network, const struct proof_challenge *challenge,
		   unsigned char mac[PROOF_NAME_BYTES])
{
	unsigned char said[8 + 8 + 1 + 8], whole[crypto_auth_hmacsha256_BYTES];

	_Static_assert(PROOF_KEY_BYTES == crypto_auth_hmacsha256_KEYBYTES, "HMAC key");
	put_number(said, network, 8);
	put_number(said + 8, challenge->at_s, 8);
	put_number(said + 16, challenge->bits, 1);
	memcpy(said + 17, challenge->salt, sizeof(challenge->salt));
	crypto_auth_hmacsha256(whole, said, sizeof(said), key);
	memcpy(mac, whole, PROOF_NAME_BYTES);
}

void proof_make(const unsigned char key[PROOF_KEY_BYTES], uint64_t network, uint64_t at_s, unsigned bits,
		const unsigned char salt[8], char text[PROOF_TEXT_BYTES + 1])
{
	struct proof_challenge challenge = { .at_s = at_s, .bits = bits < PROOF_BITS_MAX ? bits : PROOF_BITS_MAX };
	char salted[17] = "", named[2 * PROOF_NAME_BYTES + 1] = "";

	memcpy(challenge.salt, salt, sizeof(challenge.salt));
	mac_of(key, network, &challenge, challenge.name);
	hex_put(challenge.salt, sizeof(challenge.salt), salted);
	hex_put(challenge.name, sizeof(challenge.name), named);
	snprintf(text, PROOF_TEXT_BYTES + 1, HEAD "%016llx-%02x-%s-%s", (unsigned long long)at_s, challenge.bits, salted,
		 named);
}

/* Takes `digits` of hex and a dash (or the end) off the front. */
static bool take_hex(struct span *text, size_t digits, unsigned char *out)
{
	if (text->len < digits || !hex_get(span_from(text->at, digits), out, digits / 2))
		return false;
	*text = span_from_offset(*text, digits);
	if (text->len == 0)
		return true;
	if (text->at[0] != '-')
		return false;
	*text = span_from_offset(*text, 1);
	return true;
}

static uint64_t number_of(const unsigned char *bytes, size_t n)
{
	uint64_t number = 0;

	for (size_t i = 0; i < n; i++)
		number = number << 8 | bytes[i];
	return number;
}

bool proof_read(struct span text, struct proof_challenge *out)
{
	unsigned char at[AT_DIGITS / 2], bits[BITS_DIGITS / 2];

	*out = (struct proof_challenge){ 0 };
	if (text.len != PROOF_TEXT_BYTES || !span_starts(text, SPAN(HEAD)))
		return false;
	text = span_from_offset(text, strlen(HEAD));
	if (!take_hex(&text, sizeof(at) * 2, at) || !take_hex(&text, sizeof(bits) * 2, bits) ||
	    !take_hex(&text, sizeof(out->salt) * 2, out->salt) || !take_hex(&text, sizeof(out->name) * 2, out->name))
		return false;
	out->at_s = number_of(at, sizeof(at));
	out->bits = bits[0];
	return text.len == 0 && out->bits <= PROOF_BITS_MAX;
}

static bool leading_zeros(const unsigned char *hash, unsigned bits)
{
	for (; bits >= 8; bits -= 8)
		if (*hash++ != 0)
			return false;
	return bits == 0 || *hash >> (8 - bits) == 0;
}

bool proof_solves(const struct proof_challenge *challenge, struct span solution)
{
	char said[2 * PROOF_NAME_BYTES + 1 + PROOF_SOLUTION_MAX];
	unsigned char hash[crypto_hash_sha256_BYTES];

	if (solution.len == 0 || solution.len > PROOF_SOLUTION_MAX || !span_digits(solution))
		return false;
	hex_put(challenge->name, sizeof(challenge->name), said);
	said[2 * PROOF_NAME_BYTES] = ':';
	memcpy(said + 2 * PROOF_NAME_BYTES + 1, solution.at, solution.len);
	crypto_hash_sha256(hash, (const unsigned char *)said, 2 * PROOF_NAME_BYTES + 1 + solution.len);
	return leading_zeros(hash, challenge->bits);
}

enum proof_verdict proof_check(const unsigned char key[PROOF_KEY_BYTES], const struct proof_rule *rule,
			       uint64_t network, uint64_t now_s, struct span text, struct span solution,
			       struct proof_challenge *out, unsigned *left_s)
{
	unsigned char mac[PROOF_NAME_BYTES];
	uint64_t age_s;

	*left_s = 0;
	if (!proof_read(text, out))
		return PROOF_NONE;
	mac_of(key, network, out, mac);
	if (sodium_memcmp(mac, out->name, sizeof(mac)) != 0 || out->at_s > now_s)
		return PROOF_NONE;
	age_s = now_s - out->at_s;
	if (age_s > rule->keep_s)
		return PROOF_NONE;
	if (age_s >= rule->wait_s || (out->bits > 0 && proof_solves(out, solution)))
		return PROOF_DONE;
	*left_s = rule->wait_s - (unsigned)age_s;
	return PROOF_YOUNG;
}
