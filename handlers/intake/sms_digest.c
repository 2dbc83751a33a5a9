/*
 * Hashes and HMACs of gateways; see sms_digest.h.
 */
#include "handlers/intake/sms_digest.h"

#include "daemon/base/base64.h"
#include "daemon/base/hex.h"
#include "daemon/base/table.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

static const struct {
	const char *name;
	const EVP_MD *(*md)(void);
} hashes[] = {
	[SMS_MD5] = { .name = "md5", .md = EVP_md5 },
	[SMS_SHA1] = { .name = "sha1", .md = EVP_sha1 },
	[SMS_SHA256] = { .name = "sha256", .md = EVP_sha256 },
	[SMS_SHA512] = { .name = "sha512", .md = EVP_sha512 },
};

bool sms_hash_find(struct span name, enum sms_hash *hash)
{
	for (size_t i = 0; i < COUNT_OF(hashes); i++) {
		if (!span_is(name, hashes[i].name))
			continue;
		*hash = (enum sms_hash)i;
		return true;
	}
	return false;
}

void sms_hash(enum sms_hash hash, struct span bytes, struct sms_digest *out)
{
	unsigned len = 0;
	int done = EVP_Digest(bytes.at, bytes.len, out->bytes, &len, hashes[hash].md(), NULL);

	assert(done == 1 && len <= sizeof(out->bytes));
	out->len = len;
}

void sms_hmac(enum sms_hash hash, struct span key, struct span bytes, struct sms_digest *out)
{
	unsigned len = 0;
	/* Without a key OpenSSL would go on with the one before. */
	const unsigned char *done = HMAC(hashes[hash].md(), key.len > 0 ? key.at : "", (int)key.len,
					 (const unsigned char *)(bytes.len > 0 ? bytes.at : ""), bytes.len, out->bytes, &len);

	assert(done != NULL && len <= sizeof(out->bytes));
	out->len = len;
}

struct span sms_digest_hex(const struct sms_digest *digest, struct arena *arena)
{
	return span_of(hex_text(arena, digest->bytes, digest->len));
}

struct span sms_digest_base64(const struct sms_digest *digest, struct arena *arena)
{
	struct buf text = { 0 };

	base64_add(&text, digest->bytes, digest->len);
	struct span out = arena_dup(arena, buf_span(&text));

	buf_release(&text);
	return out;
}

bool sms_digest_is_hex(const struct sms_digest *digest, struct span text)
{
	unsigned char given[SMS_DIGEST_MAX];

	return text.len == digest->len * 2 && hex_get(text, given, digest->len) &&
	       sodium_memcmp(given, digest->bytes, digest->len) == 0;
}

bool sms_digest_is_base64(const struct sms_digest *digest, struct span text)
{
	unsigned char given[SMS_DIGEST_MAX];
	size_t n = 0;

	return base64_get(text, given, sizeof(given), &n) && n == digest->len &&
	       sodium_memcmp(given, digest->bytes, n) == 0;
}
