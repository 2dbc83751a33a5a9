/*
 * TLS of a listener: certificate, key and the rules of the handshake.
 *
 * TLS 1.2 with ECDHE and AEAD ciphers, and 1.3; no renegotiation, compression,
 * tickets or resumption, so that nothing kept in memory opens an old
 * conversation; ALPN http/1.1. Who offers less is refused in the handshake.
 *
 * The process ignores SIGPIPE: OpenSSL writes with write(2).
 */
#ifndef TIPLINE_HTTP_TLS_H
#define TIPLINE_HTTP_TLS_H

#include "daemon/base/complaint.h"

#include <stdbool.h>
#include <stdint.h>

struct tls;
struct ssl_st;

/* Where they are; named as in sys/files.h, files_secret(). */
struct tls_files {
	const char *certificate;   /* PEM: ours first, then those that lead to the root */
	const char *key;           /* PEM, without a password */
	const char *dir;           /* for names without a slash */
};

/*
 * NULL and a complaint that names the file: one that cannot be read, is not
 * PEM, too weak, does not fit to the other, or a key that others may read. A
 * certificate that is not valid (any more, or yet) is taken: see tls_expires_s().
 */
struct tls *tls_new(const struct tls_files *files, struct complaint *why);
void tls_free(struct tls *tls);

/* What the files hold now, for connections from here on; false: what was there stays. */
bool tls_reload(struct tls *tls, const struct tls_files *files, struct complaint *why);

/* Why the last reload left the old ones; NULL: it did not. Good until the next one. */
const char *tls_fault(const struct tls *tls);

/* Looks at the certificate alone, without its key. */
bool tls_check_certificate(const struct tls_files *files, struct complaint *why);

/* The end of our certificate's time, seconds since 1970. */
int64_t tls_expires_s(const struct tls *tls);

/* One conversation over a connected socket, which stays the caller's; SSL_free() ends it. Never NULL. */
struct ssl_st *tls_session(const struct tls *tls, int fd);

#endif
