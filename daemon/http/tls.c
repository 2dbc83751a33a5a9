/*
 * Certificate, key and rules of the handshake; see tls.h.
 *
 * RFC 9325 (recommendations for TLS), RFC 7301 (ALPN), RFC 8446 (TLS 1.3).
 */
#include "daemon/http/tls.h"

#include "daemon/base/buf.h"
#include "daemon/sys/files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FILE_MAX ((size_t)256 << 10)
#define CIPHERS_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20"

struct tls {
	SSL_CTX *ctx;      /* its sessions hold it too: a reload leaves them theirs */
	int64_t expires_s;
	struct complaint fault;   /* of the last reload; "" */
};

static void *must(void *memory)
{
	if (memory == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return memory;
}

/* "no start line" and the like, of the oldest error; the others are forgotten. */
static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_get_error());

	ERR_clear_error();
	return text != NULL ? text : "unknown error";
}

/* --- files -------------------------------------------------------------------------- */

/* No terminal asks for a password here. */
static int no_password(char *to, int size, int writes, void *ctx)
{
	(void)to;
	(void)size;
	(void)writes;
	(void)ctx;
	return -1;
}

static BIO *open_file(const char *name, const char *dir, struct buf *bytes, struct complaint *why)
{
	ERR_clear_error();
	return files_named(name, dir, FILE_MAX, bytes, why) ? must(BIO_new_mem_buf(bytes->at, (int)bytes->len)) : NULL;
}

static int64_t end_of(const X509 *certificate)
{
	struct tm end;

	return ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1 ? (int64_t)timegm(&end) : 0;
}

/* The rest of the file, up to its end, which PEM reports as an error. */
static bool use_chain(SSL_CTX *ctx, BIO *from, const char *name, struct complaint *why)
{
	X509 *link;

	while ((link = PEM_read_bio_X509(from, NULL, no_password, NULL)) != NULL) {
		if (SSL_CTX_add0_chain_cert(ctx, link) == 1)
			continue;
		X509_free(link);
		return complain(why, 0, "%.150s: a certificate behind the first: %.60s", name, reason());
	}
	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		return complain(why, 0, "%.150s: a certificate behind the first: %.60s", name, reason());
	ERR_clear_error();
	return true;
}

static bool use_certificates(SSL_CTX *ctx, BIO *from, const char *name, int64_t *expires_s, struct complaint *why)
{
	X509 *own = PEM_read_bio_X509_AUX(from, NULL, no_password, NULL);
	bool used;

	if (own == NULL)
		return complain(why, 0, "%.150s: no certificate in PEM: %.60s", name, reason());
	*expires_s = end_of(own);
	used = SSL_CTX_use_certificate(ctx, own) == 1;
	X509_free(own);
	if (!used)
		return complain(why, 0, "%.150s: the certificate cannot be used: %.60s", name, reason());
	return use_chain(ctx, from, name, why);
}

static bool use_certificate_file(SSL_CTX *ctx, const struct tls_files *files, int64_t *expires_s, struct complaint *why)
{
	struct buf bytes = { 0 };
	BIO *from = open_file(files->certificate, files->dir, &bytes, why);
	bool used = from != NULL && use_certificates(ctx, from, files->certificate, expires_s, why);

	BIO_free(from);
	buf_release(&bytes);
	return used;
}

static bool use_key(SSL_CTX *ctx, EVP_PKEY *key, const struct tls_files *files, struct complaint *why)
{
	if (key == NULL)
		return complain(why, 0, "%.150s: no private key in PEM without a password: %.60s", files->key, reason());
	/* The first call is content with a key of another kind than the certificate's. */
	if (SSL_CTX_use_PrivateKey(ctx, key) == 1 && SSL_CTX_check_private_key(ctx) == 1)
		return true;
	return complain(why, 0, "%.100s: the key cannot be used for %.60s: %.60s", files->key, files->certificate, reason());
}

static bool use_key_file(SSL_CTX *ctx, const struct tls_files *files, struct complaint *why)
{
	struct buf bytes = { 0 };
	EVP_PKEY *key;
	BIO *from;
	bool used;

	if (!files_secret_safe(files->key, files->dir, false, why))
		return false;
	from = open_file(files->key, files->dir, &bytes, why);
	if (from == NULL) {
		buf_release(&bytes);
		return false;
	}
	key = PEM_read_bio_PrivateKey(from, NULL, no_password, NULL);
	used = use_key(ctx, key, files, why);
	EVP_PKEY_free(key);
	BIO_free(from);
	buf_release(&bytes);
	return used;
}

/* --- rules ---------------------------------------------------------------------------- */

/* http/1.1 or nothing: who speaks only something else must not go on. */
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *len, const unsigned char *offered,
			   unsigned offered_len, void *ctx)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *found;

	(void)ssl;
	(void)ctx;
	if (SSL_select_next_proto(&found, len, ours, sizeof(ours) - 1, offered, offered_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*chosen = found;
	return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *new_ctx(void)
{
	char groups[] = "X25519:P-256:P-384";   /* the macro below casts const away */
	SSL_CTX *ctx = must(SSL_CTX_new(TLS_server_method()));

	SSL_CTX_set_security_level(ctx, 2);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 || SSL_CTX_set_max_proto_version(ctx, 0) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, CIPHERS_1_2) != 1 || SSL_CTX_set1_groups_list(ctx, groups) != 1 ||
	    SSL_CTX_set_num_tickets(ctx, 0) != 1)
		abort();
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
					 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
					 SSL_OP_CLEANSE_PLAINTEXT);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	/* A connection at rest keeps no buffers; a write goes on with the same bytes wherever they lie by then. */
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	return ctx;
}

/* --- the whole ------------------------------------------------------------------------ */

bool tls_reload(struct tls *tls, const struct tls_files *files, struct complaint *why)
{
	SSL_CTX *fresh = new_ctx();
	int64_t expires_s = 0;

	if (!use_certificate_file(fresh, files, &expires_s, why) || !use_key_file(fresh, files, why)) {
		SSL_CTX_free(fresh);
		tls->fault = *why;
		return false;
	}
	tls->fault.text[0] = '\0';
	SSL_CTX_free(tls->ctx);
	tls->ctx = fresh;
	tls->expires_s = expires_s;
	return true;
}

struct tls *tls_new(const struct tls_files *files, struct complaint *why)
{
	struct tls *tls = must(calloc(1, sizeof(*tls)));

	if (tls_reload(tls, files, why))
		return tls;
	free(tls);
	return NULL;
}

void tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	SSL_CTX_free(tls->ctx);
	free(tls);
}

bool tls_check_certificate(const struct tls_files *files, struct complaint *why)
{
	SSL_CTX *ctx = new_ctx();
	int64_t expires_s;
	bool used = use_certificate_file(ctx, files, &expires_s, why);

	SSL_CTX_free(ctx);
	return used;
}

const char *tls_fault(const struct tls *tls)
{
	return tls->fault.text[0] != '\0' ? tls->fault.text : NULL;
}

int64_t tls_expires_s(const struct tls *tls)
{
	return tls->expires_s;
}

struct ssl_st *tls_session(const struct tls *tls, int fd)
{
	SSL *ssl = must(SSL_new(tls->ctx));

	if (SSL_set_fd(ssl, fd) != 1)
		must(NULL);
	SSL_set_accept_state(ssl);
	return ssl;
}
