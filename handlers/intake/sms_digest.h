/*
 * Hashes and HMACs by which gateways sign, over OpenSSL: libsodium has neither
 * MD5 nor SHA-1, and vendors ask for both. Pure; nothing is kept.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_DIGEST_H
#define TIPLINE_HANDLERS_INTAKE_SMS_DIGEST_H

#include "daemon/base/arena.h"

enum sms_hash {
	SMS_MD5,
	SMS_SHA1,
	SMS_SHA256,
	SMS_SHA512,
};

#define SMS_DIGEST_MAX 64

struct sms_digest {
	unsigned char bytes[SMS_DIGEST_MAX];
	size_t len;
};

/* "md5", "sha1", "sha256", "sha512"; false for any other name. */
bool sms_hash_find(struct span name, enum sms_hash *hash);

void sms_hash(enum sms_hash hash, struct span bytes, struct sms_digest *out);
void sms_hmac(enum sms_hash hash, struct span key, struct span bytes, struct sms_digest *out);

/* Lower-case hex, and base 64 with padding, in the arena. */
struct span sms_digest_hex(const struct sms_digest *digest, struct arena *arena);
struct span sms_digest_base64(const struct sms_digest *digest, struct arena *arena);

/* Whether the text is that digest: hex of either case, base 64 with padding. In constant time. */
bool sms_digest_is_hex(const struct sms_digest *digest, struct span text);
bool sms_digest_is_base64(const struct sms_digest *digest, struct span text);

#endif
