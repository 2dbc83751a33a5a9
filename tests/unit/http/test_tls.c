/*
 * Certificate and key: what is taken, what is refused and by which name; that
 * a reload which fails changes nothing; what the handshake agrees to. Both
 * ends talk through a socket pair in one thread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/http/tls.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DAYS 30

static char dir[64], certificate[96], key[96], other[96];
static const struct tls_files files = { .certificate = certificate, .key = key, .dir = dir };

/* --- files of our own making ----------------------------------------------------------- */

static void write_key(const char *path, EVP_PKEY *pkey)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(PEM_write_PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL), 1);
	fclose(f);
	chmod(path, 0600);
}

static void write_pair(const char *certificate_path, const char *key_path, long days)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	FILE *f = fopen(certificate_path, "w");

	assert_non_null(f);
	X509_set_version(x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_gmtime_adj(X509_getm_notBefore(x509), -86400);
	X509_gmtime_adj(X509_getm_notAfter(x509), days * 86400);
	X509_set_pubkey(x509, pkey);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC, (const unsigned char *)"t", -1, -1, 0);
	X509_set_issuer_name(x509, X509_get_subject_name(x509));
	assert_true(X509_sign(x509, pkey, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_X509(f, x509), 1);
	fclose(f);
	write_key(key_path, pkey);
	X509_free(x509);
	EVP_PKEY_free(pkey);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/tipline-tls-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(certificate, sizeof(certificate), "%s/certificate.pem", dir);
	snprintf(key, sizeof(key), "%s/key.pem", dir);
	snprintf(other, sizeof(other), "%s/other.pem", dir);
	write_pair(certificate, key, DAYS);
	return 0;
}

static int end(void **state)
{
	(void)state;
	unlink(certificate);
	unlink(key);
	unlink(other);
	return rmdir(dir);
}

static struct tls *made(void)
{
	struct complaint why = { .text = "" };
	struct tls *tls = tls_new(&files, &why);

	if (tls == NULL)
		fail_msg("%s", why.text);
	return tls;
}

/* --- files ------------------------------------------------------------------------------- */

static void a_pair_is_taken_and_its_end_known(void **state)
{
	struct tls *tls = made();
	int64_t left = tls_expires_s(tls) - (int64_t)time(NULL);
	struct complaint why;

	(void)state;
	assert_in_range(left, DAYS * 86400 - 600, DAYS * 86400);
	assert_null(tls_fault(tls));
	assert_true(tls_check_certificate(&files, &why));
	tls_free(tls);
	tls_free(NULL);
}

static void assert_refused(const struct tls_files *wrong, const char *named)
{
	struct complaint why = { .text = "" };

	assert_null(tls_new(wrong, &why));
	if (strstr(why.text, named) == NULL)
		fail_msg("'%s' does not name %s", why.text, named);
}

static void what_is_wrong_is_named(void **state)
{
	struct tls_files wrong = files;
	EVP_PKEY *pkey = EVP_EC_gen("P-256");

	(void)state;
	wrong.certificate = other;
	assert_refused(&wrong, other);   /* missing */
	write_text(other, "nonsense\n");
	assert_refused(&wrong, other);
	wrong.certificate = key;
	assert_refused(&wrong, key);     /* no certificate in it */
	wrong.certificate = certificate;
	wrong.key = certificate;
	chmod(certificate, 0600);
	assert_refused(&wrong, certificate);
	write_key(other, pkey);
	EVP_PKEY_free(pkey);
	wrong.key = other;
	assert_refused(&wrong, other);   /* of another certificate */
	chmod(key, 0644);
	assert_refused(&files, key);     /* for everybody to read */
}

static void a_password_is_asked_of_nobody(void **state)
{
	struct tls_files wrong = files;
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	FILE *f = fopen(other, "w");

	(void)state;
	assert_non_null(f);
	assert_int_equal(PEM_write_PrivateKey(f, pkey, EVP_aes_128_cbc(), (const unsigned char *)"word", 4, NULL, NULL), 1);
	fclose(f);
	chmod(other, 0600);
	EVP_PKEY_free(pkey);
	wrong.key = other;
	assert_refused(&wrong, other);
}

static void a_key_of_another_kind_is_refused(void **state)
{
	struct tls_files wrong = files;
	EVP_PKEY *pkey = EVP_RSA_gen(2048);

	(void)state;
	write_key(other, pkey);
	EVP_PKEY_free(pkey);
	wrong.key = other;
	assert_refused(&wrong, other);
}

static void broken_links_of_the_chain_are_refused(void **state)
{
	FILE *f = fopen(certificate, "a");

	(void)state;
	assert_non_null(f);
	fputs("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n", f);
	fclose(f);
	assert_refused(&files, certificate);
}

static void a_failed_reload_changes_nothing(void **state)
{
	struct tls *tls = made();
	int64_t before = tls_expires_s(tls);
	struct complaint why = { .text = "" };

	(void)state;
	write_text(certificate, "nonsense\n");
	assert_false(tls_reload(tls, &files, &why));
	assert_int_equal(tls_expires_s(tls), before);
	assert_non_null(strstr(tls_fault(tls), certificate));
	write_pair(certificate, key, DAYS + 10);
	assert_true(tls_reload(tls, &files, &why));
	assert_true(tls_expires_s(tls) > before + 9 * 86400);
	assert_null(tls_fault(tls));
	tls_free(tls);
}

/* --- handshakes ---------------------------------------------------------------------------- */

/* Whether the two agree; `client` shows on what. */
static bool shake(SSL *server, SSL *client)
{
	for (unsigned i = 0; i < 20; i++) {
		int theirs = SSL_connect(client), ours = SSL_do_handshake(server);

		if (theirs == 1 && ours == 1)
			return true;
		if (SSL_get_error(client, theirs) == SSL_ERROR_SSL || SSL_get_error(server, ours) == SSL_ERROR_SSL)
			return false;
	}
	return false;
}

/* What a client is like that differs from others. */
struct wish {
	int min, max;
	const char *ciphers;
	const char *alpn;    /* with its lengths */
	bool agreed;
};

static void try_wish(const struct tls *tls, const struct wish *wish)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *client, *server;
	const unsigned char *chosen;
	unsigned len;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, wish->min);
	SSL_CTX_set_max_proto_version(ctx, wish->max);
	if (wish->ciphers != NULL)
		assert_int_equal(SSL_CTX_set_cipher_list(ctx, wish->ciphers), 1);
	if (wish->alpn != NULL)
		SSL_CTX_set_alpn_protos(ctx, (const unsigned char *)wish->alpn, (unsigned)strlen(wish->alpn));
	client = SSL_new(ctx);
	SSL_set_fd(client, pair[0]);
	server = tls_session(tls, pair[1]);
	assert_int_equal(shake(server, client), wish->agreed);
	SSL_get0_alpn_selected(client, &chosen, &len);
	assert_true(!wish->agreed || wish->alpn == NULL || (len == 8 && memcmp(chosen, "http/1.1", 8) == 0));
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(ctx);
	close(pair[0]);
	close(pair[1]);
}

static void only_what_is_strong_is_agreed_on(void **state)
{
	static const struct wish wishes[] = {
		{ .min = TLS1_2_VERSION, .max = TLS1_2_VERSION, .agreed = true },
		{ .min = TLS1_3_VERSION, .max = TLS1_3_VERSION, .agreed = true },
		{ .alpn = "\x02h2\x08http/1.1", .agreed = true },
		{ .alpn = "\x02h2", .agreed = false },
		{ .alpn = "\x08http/1.0", .agreed = false },
		{ .min = TLS1_VERSION, .max = TLS1_1_VERSION, .ciphers = "ALL", .agreed = false },
		{ .max = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256", .agreed = true },
		{ .max = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305", .agreed = true },
		{ .max = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA", .agreed = false },
		{ .max = TLS1_2_VERSION, .ciphers = "ECDHE-ECDSA-AES128-CCM", .agreed = false },
		{ .max = TLS1_2_VERSION, .ciphers = "AES128-GCM-SHA256", .agreed = false },
		{ .max = TLS1_2_VERSION, .ciphers = "aNULL:eNULL", .agreed = false },
	};
	struct tls *tls = made();

	(void)state;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		try_wish(tls, &wishes[i]);
	tls_free(tls);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_pair_is_taken_and_its_end_known),
		TEST(what_is_wrong_is_named),
		TEST(a_password_is_asked_of_nobody),
		TEST(a_key_of_another_kind_is_refused),
		TEST(broken_links_of_the_chain_are_refused),
		TEST(a_failed_reload_changes_nothing),
		TEST(only_what_is_strong_is_agreed_on),
	};

	return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}
