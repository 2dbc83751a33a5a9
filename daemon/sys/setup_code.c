/*
 * Setup codes; see setup_code.h.
 */
#include "daemon/sys/setup_code.h"

#include "daemon/base/wipe.h"

#include <sodium.h>

_Static_assert(SETUP_CODE_HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256");

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";   /* Crockford's base 32: nothing looks like anything else */

void setup_code_draw(char code[SETUP_CODE_LETTERS + 1])
{
	unsigned char random[SETUP_CODE_LETTERS];

	randombytes_buf(random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++)
		code[i] = alphabet[random[i] % 32];
	code[SETUP_CODE_LETTERS] = '\0';
	wipe(random, sizeof(random));
}

void setup_code_shown(const char code[SETUP_CODE_LETTERS + 1], char shown[SETUP_CODE_SHOWN_BYTES])
{
	size_t len = 0;

	for (size_t i = 0; i < SETUP_CODE_LETTERS; i++) {
		if (i > 0 && i % 4 == 0)
			shown[len++] = '-';
		shown[len++] = code[i];
	}
	shown[len] = '\0';
}

/* The letter that was meant; 0: a dash or blank, which says nothing. */
static char letter_of(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	switch (c) {
	case '-':
	case ' ':
		return '\0';
	case 'O':
		return '0';
	case 'I':
	case 'L':
		return '1';
	default:
		return c;
	}
}

void setup_code_hash(struct span code, unsigned char sha256[SETUP_CODE_HASH_BYTES])
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	for (size_t i = 0; i < code.len; i++) {
		unsigned char letter = (unsigned char)letter_of(code.at[i]);

		if (letter != '\0')
			crypto_hash_sha256_update(&state, &letter, 1);
	}
	crypto_hash_sha256_final(&state, sha256);
}
