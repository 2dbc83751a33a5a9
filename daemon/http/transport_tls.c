/*
 * Bytes in and out through TLS; see connection.h and tls.h.
 *
 * Every call into OpenSSL starts with an empty error queue, since the queue is
 * the thread's and others use it too. Once a call has failed for good the
 * conversation is broken: nothing may be called but SSL_free().
 */
#include "daemon/http/connection.h"

#include "daemon/base/wipe.h"
#include "daemon/http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

/* What a call that did not return 1 means; one that waits to write before it reads on gets its turn. */
static enum transport_result judge(struct http_connection *connection, int returned)
{
	switch (SSL_get_error(connection->tls, returned)) {
	case SSL_ERROR_WANT_READ:
		return TRANSPORT_LATER;
	case SSL_ERROR_WANT_WRITE:
		connection_want_write(connection);
		return TRANSPORT_LATER;
	case SSL_ERROR_ZERO_RETURN:
		return TRANSPORT_END;
	default:
		/* Also a stream that ends without close_notify: whoever cut it off, nobody is told of a good end. */
		connection->tls_broken = true;
		ERR_clear_error();
		return TRANSPORT_BROKEN;
	}
}

enum transport_result transport_greet(struct http_connection *connection)
{
	int done;

	ERR_clear_error();
	done = SSL_do_handshake(connection->tls);
	return done == 1 ? TRANSPORT_SOME : judge(connection, done);
}

static enum transport_result tls_read(struct http_connection *connection, char *to, size_t max, size_t *n)
{
	int done;

	*n = 0;
	ERR_clear_error();
	done = SSL_read_ex(connection->tls, to, max, n);
	return done == 1 ? TRANSPORT_SOME : judge(connection, done);
}

static struct span record_of(struct span bytes)
{
	return span_from(bytes.at, bytes.len < RECORD_BYTES ? bytes.len : RECORD_BYTES);
}

/* The next record's bytes of two pieces of which `at` have gone; copied together when they come from both. */
static struct span next_record(struct http_server *server, struct span first, struct span second, size_t at)
{
	size_t left, more;

	if (at >= first.len)
		return record_of(span_from_offset(second, at - first.len));
	left = first.len - at;
	if (left >= RECORD_BYTES || second.len == 0)
		return record_of(span_from_offset(first, at));
	more = second.len < RECORD_BYTES - left ? second.len : RECORD_BYTES - left;
	memcpy(server->record, first.at + at, left);
	memcpy(server->record + left, second.at, more);
	return span_from(server->record, left + more);
}

static enum transport_result tls_write(struct http_connection *connection, struct span first, struct span second,
				       size_t *n)
{
	struct http_server *server = connection->server;
	enum transport_result result = TRANSPORT_SOME;
	struct span record;
	size_t put;
	int done;

	*n = 0;
	while (result == TRANSPORT_SOME && *n < first.len + second.len) {
		record = next_record(server, first, second, *n);
		ERR_clear_error();
		done = SSL_write_ex(connection->tls, record.at, record.len, &put);
		if (done == 1)
			*n += put;
		else
			result = judge(connection, done);
		if (record.at == server->record)
			wipe(server->record, record.len);
	}
	return result == TRANSPORT_LATER && *n > 0 ? TRANSPORT_SOME : result;
}

static bool tls_holds(const struct http_connection *connection)
{
	return connection->tls != NULL && !connection->tls_broken && SSL_pending(connection->tls) > 0;
}

/* close_notify; whether the peer answers it is its own affair. */
static void tls_finish(struct http_connection *connection)
{
	if (connection->tls_broken || !SSL_is_init_finished(connection->tls))
		return;
	connection->tls_broken = true;
	ERR_clear_error();
	SSL_shutdown(connection->tls);
	ERR_clear_error();
}

const struct transport transport_tls = {
	.read = tls_read,
	.write = tls_write,
	.holds = tls_holds,
	.finish = tls_finish,
};

void transport_begin(struct http_connection *connection)
{
	const struct tls *tls = connection->server->tls;

	connection->transport = tls != NULL ? &transport_tls : &transport_plain;
	if (tls != NULL)
		connection->tls = tls_session(tls, connection->fd);
}

void transport_end(struct http_connection *connection)
{
	if (connection->tls == NULL)
		return;
	tls_finish(connection);
	SSL_free(connection->tls);
	connection->tls = NULL;
	ERR_clear_error();
}
