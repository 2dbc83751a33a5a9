/*
 * WeChat's cryptography; see wechat_crypt.h.
 */
#include "handlers/payout/wechat_crypt.h"

#include "daemon/base/base64.h"

#include <assert.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>

#define RSA_BITS_MIN 2048
#define RSA_BYTES_MAX 1024
#define GCM_NONCE_BYTES 12
#define GCM_TAG_BYTES 16

/* --- base 64 ------------------------------------------------------------------------------ */

static struct span encoded(const unsigned char *bytes, size_t n, struct arena *arena)
{
	struct buf text = { 0 };

	base64_add(&text, bytes, n);
	struct span kept = arena_dup(arena, buf_span(&text));

	buf_release(&text);
	return kept;
}

static bool decoded(struct span text, unsigned char *out, size_t max, size_t *len)
{
	return text.len > 0 && base64_get(text, out, max, len);
}

/* --- keys ----------------------------------------------------------------------------------- */

/* No key of ours has a pass phrase; without this OpenSSL asks the terminal. */
static int no_phrase(char *to, int size, int writing, void *ctx)
{
	(void)to;
	(void)size;
	(void)writing;
	(void)ctx;
	return -1;
}

static EVP_PKEY *rsa_or_free(EVP_PKEY *key)
{
	/* What failed is told by our return value; the library's queue is to stay empty. */
	ERR_clear_error();
	if (key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_size(key) <= RSA_BYTES_MAX)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

static EVP_PKEY *private_key(struct span pem)
{
	BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
	EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_phrase, NULL) : NULL;

	BIO_free(bio);
	return rsa_or_free(key);
}

static EVP_PKEY *certified_key(struct span pem)
{
	BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
	X509 *certificate = bio != NULL ? PEM_read_bio_X509(bio, NULL, no_phrase, NULL) : NULL;
	EVP_PKEY *key = certificate != NULL ? X509_get_pubkey(certificate) : NULL;

	X509_free(certificate);
	BIO_free(bio);
	return rsa_or_free(key);
}

static EVP_PKEY *public_key(struct span pem)
{
	BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
	EVP_PKEY *key = bio != NULL ? PEM_read_bio_PUBKEY(bio, NULL, no_phrase, NULL) : NULL;

	BIO_free(bio);
	key = rsa_or_free(key);
	return key != NULL ? key : certified_key(pem);
}

bool wechat_key_fits(struct span pem, bool secret)
{
	EVP_PKEY *key = secret ? private_key(pem) : public_key(pem);
	bool fits = key != NULL && EVP_PKEY_get_bits(key) >= RSA_BITS_MIN;

	EVP_PKEY_free(key);
	return fits;
}

bool wechat_certificate_serial(struct span pem, char serial[WECHAT_SERIAL_MAX])
{
	BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
	X509 *certificate = bio != NULL ? PEM_read_bio_X509(bio, NULL, no_phrase, NULL) : NULL;
	BIGNUM *number = certificate != NULL ? ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL) : NULL;
	char *hex = number != NULL ? BN_bn2hex(number) : NULL;
	bool fits = hex != NULL && strlen(hex) < WECHAT_SERIAL_MAX;

	if (fits)
		memcpy(serial, hex, strlen(hex) + 1);
	OPENSSL_free(hex);
	BN_free(number);
	X509_free(certificate);
	BIO_free(bio);
	ERR_clear_error();
	return fits;
}

/* --- signatures --------------------------------------------------------------------------------- */

static bool sign(EVP_PKEY *key, struct span text, unsigned char *out, size_t *len)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool fine = digest != NULL && EVP_DigestSignInit(digest, NULL, EVP_sha256(), NULL, key) == 1 &&
		    EVP_DigestSign(digest, out, len, (const unsigned char *)text.at, text.len) == 1;

	EVP_MD_CTX_free(digest);
	ERR_clear_error();
	return fine;
}

bool wechat_sign_text(struct span private_pem, struct span text, struct arena *arena, struct span *signature)
{
	unsigned char bytes[RSA_BYTES_MAX];
	size_t len = sizeof(bytes);
	EVP_PKEY *key = private_key(private_pem);
	bool fine = key != NULL && sign(key, text, bytes, &len);

	EVP_PKEY_free(key);
	if (fine)
		*signature = encoded(bytes, len, arena);
	return fine;
}

static bool verify(EVP_PKEY *key, struct span text, const unsigned char *signature, size_t len)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool fine = digest != NULL && EVP_DigestVerifyInit(digest, NULL, EVP_sha256(), NULL, key) == 1 &&
		    EVP_DigestVerify(digest, signature, len, (const unsigned char *)text.at, text.len) == 1;

	EVP_MD_CTX_free(digest);
	ERR_clear_error();
	return fine;
}

bool wechat_verify_text(struct span public_pem, struct span text, struct span signature)
{
	unsigned char bytes[RSA_BYTES_MAX];
	size_t len;
	EVP_PKEY *key;
	bool fine;

	if (!decoded(signature, bytes, sizeof(bytes), &len))
		return false;
	key = public_key(public_pem);
	fine = key != NULL && verify(key, text, bytes, len);
	EVP_PKEY_free(key);
	return fine;
}

/* --- OAEP (RFC 8017, 7.1.1), with a seed that is given --------------------------------------------- */

void wechat_sha1(struct span bytes, unsigned char out[WECHAT_SHA1_BYTES])
{
	unsigned len = WECHAT_SHA1_BYTES;
	int done = EVP_Digest(bytes.at, bytes.len, out, &len, EVP_sha1(), NULL);

	assert(done == 1);
}

/* XORs MGF1 of the seed onto the bytes. */
static void mask(unsigned char *bytes, size_t n, const unsigned char *seed, size_t seed_len)
{
	unsigned char block[RSA_BYTES_MAX + 4], hash[WECHAT_SHA1_BYTES];

	assert(seed_len <= RSA_BYTES_MAX);
	memcpy(block, seed, seed_len);
	for (size_t at = 0; at < n; at++) {
		if (at % WECHAT_SHA1_BYTES == 0) {
			size_t counter = at / WECHAT_SHA1_BYTES;

			/* Four bytes, big end first; 1024 bytes of key take 52 blocks at most. */
			memset(block + seed_len, 0, 3);
			block[seed_len + 3] = (unsigned char)counter;
			wechat_sha1(span_from(block, seed_len + 4), hash);
		}
		bytes[at] ^= hash[at % WECHAT_SHA1_BYTES];
	}
	sodium_memzero(block, sizeof(block));
}

/* 00 | masked seed | masked (hash of the empty label | 00... | 01 | text) */
static bool pad(struct span text, const unsigned char seed[WECHAT_SEED_BYTES], unsigned char *out, size_t k)
{
	unsigned char *db = out + 1 + WECHAT_SHA1_BYTES;
	size_t db_len = k - 1 - WECHAT_SHA1_BYTES;

	if (k < 2 * WECHAT_SHA1_BYTES + 2 || text.len > k - 2 * WECHAT_SHA1_BYTES - 2)
		return false;
	memset(out, 0, k);
	memcpy(out + 1, seed, WECHAT_SEED_BYTES);
	wechat_sha1(SPAN(""), db);
	db[db_len - text.len - 1] = 1;
	if (text.len > 0)
		memcpy(db + db_len - text.len, text.at, text.len);
	mask(db, db_len, out + 1, WECHAT_SEED_BYTES);
	mask(out + 1, WECHAT_SEED_BYTES, db, db_len);
	return true;
}

static bool raw_encrypt(EVP_PKEY *key, const unsigned char *padded, size_t k, unsigned char *out, size_t *len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	bool fine = ctx != NULL && EVP_PKEY_encrypt_init(ctx) == 1 &&
		    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 && EVP_PKEY_encrypt(ctx, out, len, padded, k) == 1;

	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return fine;
}

bool wechat_encrypt(struct span public_pem, struct span text, const unsigned char seed[WECHAT_SEED_BYTES],
		    struct arena *arena, struct span *encrypted)
{
	unsigned char padded[RSA_BYTES_MAX], out[RSA_BYTES_MAX];
	size_t len = sizeof(out);
	EVP_PKEY *key = public_key(public_pem);
	size_t k = key != NULL ? (size_t)EVP_PKEY_get_size(key) : 0;
	bool fine = key != NULL && pad(text, seed, padded, k) && raw_encrypt(key, padded, k, out, &len);

	EVP_PKEY_free(key);
	sodium_memzero(padded, sizeof(padded));
	if (fine)
		*encrypted = encoded(out, len, arena);
	return fine;
}

/* --- AES-256-GCM ----------------------------------------------------------------------------------- */

struct sealed {
	struct span nonce, associated;
	unsigned char *text;   /* opened in place */
	int len;
	unsigned char *tag;
};

static bool open_steps(EVP_CIPHER_CTX *ctx, const unsigned char *key, const struct sealed *s)
{
	int len;

	if (EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, (const unsigned char *)s->nonce.at) != 1)
		return false;
	if (s->associated.len > 0 &&
	    EVP_DecryptUpdate(ctx, NULL, &len, (const unsigned char *)s->associated.at, (int)s->associated.len) != 1)
		return false;
	if (s->len > 0 && EVP_DecryptUpdate(ctx, s->text, &len, s->text, s->len) != 1)
		return false;
	return EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, GCM_TAG_BYTES, s->tag) == 1 &&
	       EVP_DecryptFinal_ex(ctx, s->tag, &len) == 1;
}

bool wechat_open(struct span api_key, struct span nonce, struct span associated, struct span ciphertext,
		 struct arena *arena, struct span *opened)
{
	struct sealed s = { .nonce = nonce, .associated = associated };
	EVP_CIPHER_CTX *ctx;
	size_t len;
	bool fine;

	if (api_key.len != WECHAT_API_KEY_BYTES || nonce.len != GCM_NONCE_BYTES || ciphertext.len > INT32_MAX / 2 ||
	    associated.len > INT32_MAX / 2)
		return false;
	s.text = arena_alloc(arena, ciphertext.len + 1);
	if (!decoded(ciphertext, s.text, ciphertext.len, &len) || len < GCM_TAG_BYTES)
		return false;
	s.len = (int)(len - GCM_TAG_BYTES);
	s.tag = s.text + s.len;
	ctx = EVP_CIPHER_CTX_new();
	fine = ctx != NULL && open_steps(ctx, (const unsigned char *)api_key.at, &s);
	EVP_CIPHER_CTX_free(ctx);
	ERR_clear_error();
	*opened = span_from(s.text, fine ? (size_t)s.len : 0);
	return fine;
}
