/*
 * The life of a connection: states, deadlines, opening and closing; see connection.h.
 */
#include "daemon/http/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

void connection_want_read(struct http_connection *connection, bool wanted)
{
	if (wanted == connection->reading)
		return;
	connection->reading = wanted;
	if (wanted)
		event_add(&connection->readable, NULL);
	else
		event_del(&connection->readable);
	if (wanted && transport_holds(connection))
		server_resume(connection);
}

void connection_want_write(struct http_connection *connection)
{
	event_add(&connection->writable, NULL);
}

void connection_enter(struct http_connection *connection, enum connection_state state, uint64_t ms)
{
	connection->state = state;
	connection->since_ms = connection->server->now_ms;
	connection->deadline_ms = connection->since_ms + ms;
}

void connection_close(struct http_connection *connection)
{
	struct http_exchange *exchange = connection->exchange;
	bool taking = connection->state == CONNECTION_BODY;

	if (connection->state == CONNECTION_CLOSED)
		return;
	connection_want_read(connection, false);
	event_del(&connection->writable);
	transport_end(connection);
	close(connection->fd);
	connection->fd = -1;
	if (connection->file >= 0)
		close(connection->file);
	connection->file = -1;
	connection->state = CONNECTION_CLOSED;
	connection->exchange = NULL;
	server_forget(connection);
	if (exchange == NULL)
		return;
	if (exchange->gate.length == 0)
		exchange_end(exchange);
	else if (taking)
		exchange_break(exchange);
	else
		exchange_orphan(exchange);
}

void connection_free(struct http_connection *connection)
{
	buf_release(&connection->ahead);
	buf_release(&connection->out);
	free(connection);
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct http_connection *connection = ctx;

	(void)fd;
	(void)what;
	if (connection->resumed) /* it stands in the queue of those who have had their turn */
		return;
	server_tick(connection->server);
	connection_look(connection);
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct http_connection *connection = ctx;

	(void)fd;
	(void)what;
	server_tick(connection->server);
	if (connection->state == CONNECTION_SENDING) {
		connection_send_rest(connection);
		return;
	}
	/* TLS had something of its own to say before it could read on. */
	event_del(&connection->writable);
	connection_look(connection);
}

void connection_open(struct http_server *server, int fd, const struct address_marks *peer, bool counted,
		     bool behind_proxy)
{
	struct http_connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	connection->server = server;
	connection->fd = fd;
	connection->file = -1;
	connection->peer = *peer;
	connection->counted = counted;
	connection->behind_proxy = behind_proxy;
	event_assign(&connection->readable, server->base, fd, EV_READ | EV_PERSIST, on_readable, connection);
	event_assign(&connection->writable, server->base, fd, EV_WRITE | EV_PERSIST, on_writable, connection);
	TAILQ_INSERT_TAIL(&server->connections, connection, link);
	transport_begin(connection);
	if (connection->tls != NULL)
		connection_enter(connection, CONNECTION_GREETING, server->limits.head_ms);
	else
		connection_enter(connection, CONNECTION_IDLE, server->limits.idle_ms);
	connection_want_read(connection, true);
}

/* Nobody reads: what the kernel still holds for the peer goes with the socket. */
static void abandon(struct http_connection *connection)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	connection->tls_broken = true;
	connection_close(connection);
}

void connection_expire(struct http_connection *connection)
{
	struct http_exchange *exchange = connection->exchange;

	switch (connection->state) {
	case CONNECTION_HEAD:
		connection_refuse_unheard(connection, 408, "head_late");
		break;
	case CONNECTION_BODY:
		connection_refuse_known(connection, 408, "body_late");
		break;
	case CONNECTION_WORKING:
		connection_refuse(connection, 504, "handler_late");
		exchange_orphan(exchange);
		break;
	case CONNECTION_SENDING:
		abandon(connection);
		break;
	case CONNECTION_GREETING:
	case CONNECTION_IDLE:
	case CONNECTION_LINGER:
		connection_close(connection);
		break;
	case CONNECTION_CLOSED:
		break;
	}
}
