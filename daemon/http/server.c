/*
 * The listener: accepting, limits, the sweep, draining; see server.h.
 */
#include "daemon/http/connection.h"

#include "daemon/base/wipe.h"
#include "daemon/http/listen.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <errno.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/un.h>
#include <unistd.h>

#define SHED_IDLE_MS 1000 /* at the limit, connections idle for longer make room */
#define TRIM_CONNECTIONS 500 /* so many later, and so much later, free memory is given back */
#define TRIM_MS 5000
#define SHED_HEAD_MS 3000 /* and those whose head or handshake takes longer */
#define KEY_MS UINT64_C(86400000)

static void *must(void *memory)
{
	if (memory == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return memory;
}

void server_tick(struct http_server *server)
{
	server->now_ms = clock_steady_ms();
}

const char *server_date(struct http_server *server)
{
	return server->date;
}

static void refresh_date(struct http_server *server)
{
	int64_t now = clock_wall_ms();

	if (now / 1000 == server->date_s)
		return;
	server->date_s = now / 1000;
	http_date_text(now, server->date);
}

/* --- accepting ------------------------------------------------------------------ */

static void accept_later(struct http_server *server)
{
	if (server->acceptor == NULL)
		return;
	evconnlistener_disable(server->acceptor);
	server->accept_again_ms = server->now_ms + SWEEP_MS;
}

static bool full(const struct http_server *server)
{
	return server->figures.connections_open >= server->limits.connections;
}

static void accept_on(struct http_server *server)
{
	if (server->acceptor == NULL || server->accept_again_ms == 0 || full(server))
		return;
	server->accept_again_ms = 0;
	evconnlistener_enable(server->acceptor);
}

static void check_full(struct http_server *server)
{
	if (!full(server))
		return;
	log_rarely(LOG_LEVEL_WARNING, "http.full", server->name);
	accept_later(server);
}

/* One address (a proxy that speaks for many excepted) holds no more than its share. */
static bool admit(struct http_server *server, uint64_t peer, bool behind_proxy)
{
	if (peer == 0 || behind_proxy || server->limits.per_address == 0)
		return true;
	if (peers_add(&server->peers, peer) <= server->limits.per_address)
		return true;
	peers_remove(&server->peers, peer);
	log_rarely(LOG_LEVEL_NOTICE, "http.peer_refused", "too many connections of one address");
	return false;
}

static void on_accept(struct evconnlistener *acceptor, evutil_socket_t fd, struct sockaddr *at, int len,
		      void *ctx)
{
	struct http_server *server = ctx;
	struct address address = { 0 };
	struct address_marks peer;
	bool behind_proxy;

	(void)acceptor;
	server_tick(server);
	address.len = (socklen_t)len;
	memcpy(&address.at, at, (size_t)len < sizeof(address.at) ? (size_t)len : sizeof(address.at));
	peer = address_marks(&address, server->key);
	behind_proxy = networks_have(&server->proxies, &address);
	if (!admit(server, peer.host, behind_proxy)) {
		close(fd);
		return;
	}
	server->figures.connections_open++;
	server->figures.connections_total++;
	connection_open(server, fd, &peer, peer.host != 0 && !behind_proxy && server->limits.per_address != 0,
			behind_proxy);
	check_full(server);
}

/*
 * Out of descriptors the listening socket stays readable and accept() fails at
 * once, for ever. So: take one caller off the queue with the spare descriptor,
 * to close it at least, then leave the listener alone for a while.
 */
static void on_accept_error(struct evconnlistener *acceptor, void *ctx)
{
	struct http_server *server = ctx;
	int error = EVUTIL_SOCKET_ERROR();

	log_rarely(LOG_LEVEL_ERROR, "http.accept", strerror(error));
	server_tick(server);
	if (server->spare_fd >= 0) {
		int caller;

		close(server->spare_fd);
		caller = accept4(evconnlistener_get_fd(acceptor), NULL, NULL, SOCK_CLOEXEC);
		if (caller >= 0)
			close(caller);
	}
	server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	accept_later(server);
}

/* --- the sweep -------------------------------------------------------------------- */

static void free_connection(struct http_server *server, struct http_connection *connection)
{
	TAILQ_REMOVE(&server->connections, connection, link);
	connection_free(connection);
}

/* Whether it may go when others find no place. */
static bool in_the_way(const struct http_connection *connection)
{
	uint64_t since_ms = connection->server->now_ms - connection->since_ms;

	switch (connection->state) {
	case CONNECTION_IDLE:
		return since_ms >= SHED_IDLE_MS;
	case CONNECTION_GREETING:
	case CONNECTION_HEAD:
		return since_ms >= SHED_HEAD_MS;
	case CONNECTION_BODY:
	case CONNECTION_WORKING:
	case CONNECTION_SENDING:
	case CONNECTION_LINGER:
	case CONNECTION_CLOSED:
		break;
	}
	return false;
}

static void look_after(struct http_connection *connection, bool shed)
{
	struct http_server *server = connection->server;

	if (connection->state == CONNECTION_CLOSED)
		free_connection(server, connection);
	else if (connection->deadline_ms <= server->now_ms || (shed && in_the_way(connection)))
		connection_expire(connection);
}

/*
 * A crowd that has come and gone leaves holes all over the heap, of handshakes
 * above all. They go back to the system, else memory stays as high as it ever was.
 */
static void give_back(struct http_server *server)
{
	if (server->figures.connections_total - server->given_back < TRIM_CONNECTIONS ||
	    server->now_ms < server->give_back_ms)
		return;
	server->given_back = server->figures.connections_total;
	server->give_back_ms = server->now_ms + TRIM_MS;
	malloc_trim(0);
}

/* Who came yesterday is nobody's equal today. Connections that are open keep the marks they have. */
static void renew_key(struct http_server *server)
{
	if (server->now_ms < server->key_until_ms)
		return;
	server->key_until_ms = server->now_ms + KEY_MS;
	if (getrandom(server->key, sizeof(server->key), 0) != (ssize_t)sizeof(server->key))
		abort();
}

static void on_sweep(evutil_socket_t fd, short what, void *ctx)
{
	struct http_server *server = ctx;
	struct http_connection *connection, *next;
	bool shed = full(server);

	(void)fd;
	(void)what;
	server_tick(server);
	refresh_date(server);
	/* Only here are connections freed, and only the one at hand: `next` stays valid. */
	for (connection = TAILQ_FIRST(&server->connections); connection != NULL; connection = next) {
		next = TAILQ_NEXT(connection, link);
		look_after(connection, shed);
	}
	if (server->accept_again_ms <= server->now_ms)
		accept_on(server);
	give_back(server);
	renew_key(server);
}

void server_forget(struct http_connection *connection)
{
	struct http_server *server = connection->server;

	server->figures.connections_open--;
	if (connection->counted)
		peers_remove(&server->peers, connection->peer.host);
	if (connection->resumed)
		TAILQ_REMOVE(&server->resumed, connection, waiting);
	connection->resumed = false;
	/* A place is free, and a descriptor: those who wait need not wait for the sweep. */
	accept_on(server);
}

/* --- resuming ----------------------------------------------------------------------- */

void server_resume(struct http_connection *connection)
{
	struct http_server *server = connection->server;

	if (connection->resumed)
		return;
	connection->resumed = true;
	if (TAILQ_EMPTY(&server->resumed))
		event_add(server->resume, &(struct timeval){ 0 });
	TAILQ_INSERT_TAIL(&server->resumed, connection, waiting);
}

static void on_resume(evutil_socket_t fd, short what, void *ctx)
{
	struct http_server *server = ctx;
	struct http_connection *last = TAILQ_LAST(&server->resumed, connection_list);
	struct http_connection *connection;
	uint64_t until_ms;

	(void)fd;
	(void)what;
	server_tick(server);
	until_ms = server->now_ms + TURN_MS;
	/* Who is resumed again meanwhile stands behind `last` and waits for the next turn. */
	while ((connection = TAILQ_FIRST(&server->resumed)) != NULL) {
		TAILQ_REMOVE(&server->resumed, connection, waiting);
		connection->resumed = false;
		connection_look(connection);
		server_tick(server);
		if (connection == last || server->now_ms >= until_ms)
			break;
	}
	if (!TAILQ_EMPTY(&server->resumed))
		event_add(server->resume, &(struct timeval){ 0 });
}

/* --- birth and end ------------------------------------------------------------------- */

static int open_socket(const struct http_listener *listener)
{
	struct address address;
	struct complaint complaint;

	if (listener->fd >= 0)
		return listen_adopt(listener->fd) ? listener->fd : -1;
	if (!address_parse(span_of(listener->address), &address, &complaint)) {
		errno = EINVAL;
		return -1;
	}
	return listen_at(&address);
}

static void check_limits(const struct http_limits *limits)
{
	assert(limits->connections > 0 && limits->head_bytes > 0);
	assert(limits->head_ms > 0 && limits->body_ms > 0 && limits->idle_ms > 0);
	assert(limits->write_ms > 0 && limits->reply_ms > 0);
}

static void note_address(struct http_server *server, int fd, bool inherited)
{
	struct address address;

	listen_address(fd, &address);
	address_text(&address, server->address);
	if (address_is_local_socket(&address) && !inherited)
		server->path = must(strdup(server->address + strlen("unix:")));
}

static void start(struct http_server *server, struct event_base *base, int fd)
{
	const struct timeval period = { .tv_usec = SWEEP_MS * 1000L };

	server->base = base;
	server->piece = must(calloc(1, PIECE_BYTES));
	server->record = server->tls != NULL ? must(calloc(1, RECORD_BYTES)) : NULL;
	server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	TAILQ_INIT(&server->connections);
	TAILQ_INIT(&server->resumed);
	LIST_INIT(&server->open);
	LIST_INIT(&server->spare);
	server_tick(server);
	refresh_date(server);
	renew_key(server);
	server->sweep = must(event_new(base, -1, EV_PERSIST, on_sweep, server));
	server->resume = must(event_new(base, -1, 0, on_resume, server));
	event_add(server->sweep, &period);
	server->acceptor = must(evconnlistener_new(base, on_accept, server,
						   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd));
	evconnlistener_set_error_cb(server->acceptor, on_accept_error);
}

struct http_server *http_server_new(struct event_base *base, const struct http_listener *listener)
{
	struct http_server *server = must(calloc(1, sizeof(*server)));
	struct complaint complaint;
	int fd;

	check_limits(&listener->limits);
	server->limits = listener->limits;
	server->handler = listener->handler;
	server->tls = listener->tls;
	if (listener->hsts_days > 0)
		snprintf(server->hsts, sizeof(server->hsts), "max-age=%llu", listener->hsts_days * 86400ull);
	snprintf(server->name, sizeof(server->name), "%s", listener->name);
	if (!networks_parse(span_of(listener->trusted_proxies), &server->proxies, &complaint)) {
		free(server);
		errno = EINVAL;
		return NULL;
	}
	fd = open_socket(listener);
	if (fd < 0) {
		free(server);
		return NULL;
	}
	note_address(server, fd, listener->fd >= 0);
	start(server, base, fd);
	return server;
}

const char *http_server_address(const struct http_server *server)
{
	return server->address;
}

const struct http_figures *http_server_figures(const struct http_server *server)
{
	return &server->figures;
}

static void stop_accepting(struct http_server *server)
{
	if (server->acceptor != NULL)
		evconnlistener_free(server->acceptor);
	server->acceptor = NULL;
	if (server->path != NULL)
		unlink(server->path);
	free(server->path);
	server->path = NULL;
}

void http_server_drain(struct http_server *server)
{
	struct http_connection *connection;

	if (server->draining)
		return;
	server->draining = true;
	stop_accepting(server);
	server_tick(server);
	/* A request that is on its way in is still served. */
	TAILQ_FOREACH(connection, &server->connections, link) {
		if (connection->state != CONNECTION_IDLE)
			continue;
		connection_look(connection);
		if (connection->state == CONNECTION_IDLE)
			connection_close(connection);
	}
}

static bool is_busy(const struct http_connection *connection)
{
	switch (connection->state) {
	case CONNECTION_BODY:
	case CONNECTION_WORKING:
	case CONNECTION_SENDING:
		return true;
	case CONNECTION_GREETING:
	case CONNECTION_IDLE:
	case CONNECTION_HEAD:
	case CONNECTION_LINGER:
	case CONNECTION_CLOSED:
		break;
	}
	return false;
}

bool http_server_idle(const struct http_server *server)
{
	const struct http_connection *connection;
	const struct http_exchange *exchange;

	TAILQ_FOREACH(connection, &server->connections, link) {
		if (is_busy(connection))
			return false;
	}
	/* Orphans: the handler is still at work for a peer that has left. */
	LIST_FOREACH(exchange, &server->open, link) {
		if (exchange->connection == NULL)
			return false;
	}
	return true;
}

/* What the handler still holds must not reach back. */
static void release_exchanges(struct http_server *server)
{
	struct http_exchange *exchange;

	while ((exchange = LIST_FIRST(&server->open)) != NULL) {
		LIST_REMOVE(exchange, link);
		exchange->server = NULL;
	}
	while ((exchange = LIST_FIRST(&server->spare)) != NULL) {
		LIST_REMOVE(exchange, link);
		exchange_free(exchange);
	}
}

static void release_connections(struct http_server *server)
{
	struct http_connection *connection;

	TAILQ_FOREACH(connection, &server->connections, link) {
		connection_close(connection);
	}
	while ((connection = TAILQ_FIRST(&server->connections)) != NULL)
		free_connection(server, connection);
}

void http_server_free(struct http_server *server)
{
	stop_accepting(server);
	release_connections(server);
	release_exchanges(server);
	peers_release(&server->peers);
	event_free(server->sweep);
	event_free(server->resume);
	if (server->spare_fd >= 0)
		close(server->spare_fd);
	buf_release(&server->head);
	wipe(server->piece, PIECE_BYTES);
	free(server->piece);
	free(server->record);
	free(server);
}
