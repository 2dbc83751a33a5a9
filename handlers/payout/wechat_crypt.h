/*
 * The cryptography that WeChat Pay v3 demands, over OpenSSL: RSA-SHA256
 * (PKCS #1 v1.5), RSA-OAEP with SHA-1, AES-256-GCM, and SHA-1 of bills.
 * The one file that knows OpenSSL. Pure: keys are PEM texts, nothing is kept.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_WECHAT_CRYPT_H
#define TIPLINE_HANDLERS_PAYOUT_WECHAT_CRYPT_H

#include "daemon/base/arena.h"

#define WECHAT_SEED_BYTES 20     /* of OAEP with SHA-1 */
#define WECHAT_API_KEY_BYTES 32
#define WECHAT_SHA1_BYTES 20

/* Whether the text is an RSA key of 2048 bits or more; `secret`: a private one. */
bool wechat_key_fits(struct span pem, bool secret);

#define WECHAT_SERIAL_MAX 48     /* of 20 bytes at most, with NUL */

/* The serial number of a certificate, as WeChat writes it: hex in capitals. False: the text is none. */
bool wechat_certificate_serial(struct span pem, char serial[WECHAT_SERIAL_MAX]);

/* Signs with a private key; base 64 in the arena. False: the key is none. */
bool wechat_sign_text(struct span private_pem, struct span text, struct arena *arena, struct span *signature);

/* Verifies a base 64 signature with a public key or a certificate. */
bool wechat_verify_text(struct span public_pem, struct span text, struct span signature);

/*
 * Encrypts a short text to a public key; base 64 in the arena. The seed stands
 * for OAEP's randomness and must be secret and differ from text to text: the
 * same three give the same bytes, so that a repeated request is identical.
 * False: the key is none, or the text too long for it.
 */
bool wechat_encrypt(struct span public_pem, struct span text, const unsigned char seed[WECHAT_SEED_BYTES],
		    struct arena *arena, struct span *encrypted);

/* Opens AEAD_AES_256_GCM (base 64, tag at the end); false: it was changed, or is not for this key. */
bool wechat_open(struct span api_key, struct span nonce, struct span associated, struct span ciphertext,
		 struct arena *arena, struct span *opened);

void wechat_sha1(struct span bytes, unsigned char out[WECHAT_SHA1_BYTES]);

#endif
