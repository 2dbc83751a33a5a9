/*
 * Hash keys out of the one key; see fingerprinter.h.
 *
 * Each is derived under a label of its own (BLAKE2b), so none tells another.
 */
#include "daemon/core/tip/fingerprinter.h"

#include <sodium.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static void derive(const struct fingerprint_key *key, const char *label, unsigned char *out, size_t len)
{
	crypto_generichash(out, len, (const unsigned char *)label, strlen(label), key->bytes,
			   sizeof(key->bytes));
}

void fingerprinter_init(struct fingerprinter *fingerprinter, const struct fingerprint_key *key)
{
	static const char *const labels[] = { "tipline sketch 0", "tipline sketch 1", "tipline sketch 2" };
	unsigned char *secret = fingerprinter->secret;

	_Static_assert(FINGERPRINT_SECRET_BYTES >= XXH3_SECRET_SIZE_MIN, "XXH3 wants a longer secret");
	_Static_assert(FINGERPRINT_SECRET_BYTES == 3 * crypto_generichash_BYTES_MAX, "one label a block");
	_Static_assert(FINGERPRINT_MARK_KEY_BYTES == crypto_shorthash_KEYBYTES, "key of SipHash");
	for (size_t i = 0; i < 3; i++)
		derive(key, labels[i], secret + i * crypto_generichash_BYTES_MAX,
		       crypto_generichash_BYTES_MAX);
	derive(key, "tipline marks", fingerprinter->mark_key, sizeof(fingerprinter->mark_key));
}
