/*
 * One request and its reply; see server.h and connection.h.
 */
#include "daemon/http/connection.h"

#include "daemon/base/wipe.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SPARE_EXCHANGES 64
#define SPARE_BYTES 16384 /* a spare exchange keeps no bigger buffer */

static struct http_exchange *exchange_new(void)
{
	struct http_exchange *exchange = calloc(1, sizeof(*exchange));

	if (exchange == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return exchange;
}

struct http_exchange *exchange_take(struct http_connection *connection)
{
	struct http_server *server = connection->server;
	struct http_exchange *exchange = LIST_FIRST(&server->spare);

	if (exchange == NULL) {
		exchange = exchange_new();
	} else {
		LIST_REMOVE(exchange, link);
		server->nspare--;
	}
	exchange->server = server;
	exchange->connection = connection;
	exchange->peer = connection->peer;
	exchange->behind_proxy = connection->behind_proxy;
	LIST_INSERT_HEAD(&server->open, exchange, link);
	return exchange;
}

void exchange_free(struct http_exchange *exchange)
{
	buf_release(&exchange->bytes);
	buf_release(&exchange->body);
	arena_release(&exchange->arena);
	free(exchange);
}

/* Everything but the buffer and the (stale, harmless) table of fields. */
static void exchange_clear(struct http_exchange *exchange)
{
	wipe(exchange->bytes.at, exchange->bytes.len);
	buf_clear(&exchange->bytes);
	if (exchange->body.at != NULL)
		buf_release(&exchange->body);
	arena_clear(&exchange->arena);
	exchange->gate = (struct gate){ 0 };
	exchange->plan = (struct http_body_plan){ 0 };
	exchange->request.method = HTTP_GET;
	exchange->request.minor = 1;
	exchange->request.nfields = 0;
	exchange->request.content_length = 0;
	exchange->taken = 0;
	exchange->data = NULL;
	exchange->connection = NULL;
}

void exchange_end(struct http_exchange *exchange)
{
	struct http_server *server = exchange->server;

	if (server != NULL)
		LIST_REMOVE(exchange, link);
	if (server == NULL || server->nspare == SPARE_EXCHANGES || exchange->bytes.size > SPARE_BYTES) {
		exchange_free(exchange);
		return;
	}
	exchange_clear(exchange);
	LIST_INSERT_HEAD(&server->spare, exchange, link);
	server->nspare++;
}

void exchange_orphan(struct http_exchange *exchange)
{
	exchange->connection = NULL;
}

void exchange_break(struct http_exchange *exchange)
{
	exchange->connection = NULL;
	if (exchange->plan.broken != NULL)
		exchange->plan.broken(exchange->plan.ctx);
	exchange_end(exchange);
}

const struct http_request *http_exchange_request(const struct http_exchange *exchange)
{
	return &exchange->request;
}

struct arena *http_exchange_arena(struct http_exchange *exchange)
{
	return &exchange->arena;
}

/*
 * The visitor as a trusted proxy names it: the last address of X-Forwarded-For
 * that is no trusted proxy itself. What stands before it the visitor may have
 * written. False: the proxy names none.
 */
static bool visitor_behind(const struct http_exchange *exchange, struct address *address)
{
	struct span list = http_field_find(&exchange->request, "X-Forwarded-For");

	while (list.len > 0) {
		size_t comma = list.len;

		while (comma > 0 && list.at[comma - 1] != ',')
			comma--;
		if (!address_parse_host(span_trim(span_from_offset(list, comma)), address))
			break;
		if (!networks_have(&exchange->server->proxies, address))
			return true;
		list.len = comma > 0 ? comma - 1 : 0;
	}
	return false;
}

struct address_marks http_exchange_marks(const struct http_exchange *exchange)
{
	struct address address;

	if (exchange->behind_proxy && exchange->server != NULL && visitor_behind(exchange, &address))
		return address_marks(&address, exchange->server->key);
	return exchange->peer;
}

uint64_t http_exchange_peer(const struct http_exchange *exchange)
{
	return http_exchange_marks(exchange).host;
}

bool http_exchange_is_from(const struct http_exchange *exchange, struct span networks)
{
	struct networks list;
	struct address address = { .len = sizeof(address.at) };
	struct complaint why;

	if (exchange->server == NULL || exchange->connection == NULL || !networks_parse(networks, &list, &why))
		return false;
	if (exchange->behind_proxy && visitor_behind(exchange, &address))
		return networks_have(&list, &address);
	address.len = sizeof(address.at);
	return getpeername(exchange->connection->fd, (struct sockaddr *)&address.at, &address.len) == 0 &&
	       networks_have(&list, &address);
}

bool http_exchange_is_secure(const struct http_exchange *exchange)
{
	if (exchange->connection != NULL && exchange->connection->tls != NULL)
		return true;
	return exchange->behind_proxy &&
	       span_eq_nocase(http_field_find(&exchange->request, "X-Forwarded-Proto"), SPAN("https"));
}

bool http_exchange_gone(const struct http_exchange *exchange)
{
	return exchange->connection == NULL || exchange->connection->ended;
}

void http_exchange_set_data(struct http_exchange *exchange, void *data)
{
	exchange->data = data;
}

void *http_exchange_data(const struct http_exchange *exchange)
{
	return exchange->data;
}

void http_exchange_reply(struct http_exchange *exchange, const struct http_reply *reply)
{
	struct http_connection *connection = exchange->connection;
	bool whole = exchange->taken == exchange->request.content_length;

	if (connection != NULL) {
		assert(connection->exchange == exchange);
		connection->unread = !whole;
		connection_reply(connection, reply, whole && exchange->request.keep_alive);
	} else if (reply->file != NULL) {
		close(reply->file->fd);
	}
	exchange_end(exchange);
}
