/*
 * Bytes in and out of a plain socket; see connection.h.
 *
 * Straight read(2) and sendmsg(2): an evbuffer would copy once more and cannot
 * be wiped, and what passes here is a tip in clear.
 */
#include "daemon/http/connection.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static bool worth_again(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static enum transport_result plain_read(struct http_connection *connection, char *to, size_t max, size_t *n)
{
	ssize_t got = read(connection->fd, to, max);

	*n = 0;
	if (got == 0)
		return TRANSPORT_END;
	if (got < 0)
		return worth_again(errno) ? TRANSPORT_LATER : TRANSPORT_BROKEN;
	*n = (size_t)got;
	return TRANSPORT_SOME;
}

static enum transport_result plain_write(struct http_connection *connection, struct span first, struct span second,
					 size_t *n)
{
	struct iovec pieces[2] = {
		{ .iov_base = (char *)(uintptr_t)first.at, .iov_len = first.len },
		{ .iov_base = (char *)(uintptr_t)second.at, .iov_len = second.len },
	};
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = second.len > 0 ? 2 : 1 };
	ssize_t put = sendmsg(connection->fd, &message, MSG_NOSIGNAL);

	*n = 0;
	if (put < 0)
		return worth_again(errno) ? TRANSPORT_LATER : TRANSPORT_BROKEN;
	*n = (size_t)put;
	return TRANSPORT_SOME;
}

const struct transport transport_plain = { .read = plain_read, .write = plain_write };

enum transport_result transport_read(struct http_connection *connection, char *to, size_t max, size_t *n)
{
	enum transport_result result = connection->transport->read(connection, to, max, n);

	connection->server->figures.bytes_in += *n;
	return result;
}

enum transport_result transport_write(struct http_connection *connection, struct span first, struct span second,
				      size_t *n)
{
	enum transport_result result = connection->transport->write(connection, first, second, n);

	connection->server->figures.bytes_out += *n;
	return result;
}

enum transport_result transport_discard(struct http_connection *connection, size_t *n)
{
	enum transport_result result = plain_read(connection, connection->server->piece, PIECE_BYTES, n);

	connection->server->figures.bytes_in += *n;
	return result;
}

bool transport_holds(const struct http_connection *connection)
{
	return connection->transport->holds != NULL && connection->transport->holds(connection);
}

void transport_finish(struct http_connection *connection)
{
	if (connection->transport->finish != NULL)
		connection->transport->finish(connection);
}
