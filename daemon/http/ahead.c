/*
 * What a peer has sent behind the request in hand; see connection.h.
 *
 * Bounded by incoming.c, which stops reading at AHEAD_MAX_BYTES.
 */
#include "daemon/http/connection.h"

size_t ahead_left(const struct http_connection *connection)
{
	return connection->ahead.len - connection->ahead_at;
}

void ahead_drop(struct http_connection *connection)
{
	if (connection->ahead.at != NULL)
		buf_release(&connection->ahead);
	connection->ahead_at = 0;
}

void ahead_pull(struct http_connection *connection)
{
	size_t n = ahead_left(connection) < READ_BYTES ? ahead_left(connection) : READ_BYTES;

	buf_add(&connection->exchange->bytes, connection->ahead.at + connection->ahead_at, n);
	connection->ahead_at += n;
}

void ahead_push(struct http_connection *connection, struct span rest)
{
	if (connection->ahead_at >= rest.len)
		connection->ahead_at -= rest.len;
	else
		buf_add_span(&connection->ahead, rest);
}
