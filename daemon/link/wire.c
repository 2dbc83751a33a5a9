/*
 * TCP and TLS to a carrier; see wire.h.
 */
#include "daemon/link/wire.h"

#include "daemon/base/memory.h"
#include "daemon/base/wipe.h"

#include <assert.h>
#include <errno.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT_S 10
#define READ_BYTES 16384
#define READS_A_TURN 8

enum stage {
	STAGE_LOOKUP,
	STAGE_CONNECT,
	STAGE_HANDSHAKE,
	STAGE_OPEN,
	STAGE_LOST,
};

struct wire {
	struct wire_env env;
	enum stage stage;
	int fd;
	struct event *readable, *writable, *deadline;
	struct evdns_getaddrinfo_request *lookup;
	SSL_CTX *ctx;
	SSL *ssl;
	bool paused;
	bool write_wants_read;  /* TLS: what is to be sent waits for something to be read */
	bool busy;              /* a handler runs: freed behind it */
	bool closed;
	const char *fault;      /* found where nobody could be told: the next event tells it */
};

/* --- ends ----------------------------------------------------------------------------- */

static void wire_free(struct wire *w)
{
	SSL_free(w->ssl);
	SSL_CTX_free(w->ctx);
	if (w->readable != NULL)
		event_free(w->readable);
	if (w->writable != NULL)
		event_free(w->writable);
	event_free(w->deadline);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}

static void quiet(struct wire *w)
{
	if (w->readable != NULL)
		event_del(w->readable);
	if (w->writable != NULL)
		event_del(w->writable);
	event_del(w->deadline);
}

void wire_close(struct wire *w)
{
	if (w == NULL)
		return;
	w->closed = true;
	if (w->lookup != NULL) {   /* its callback comes all the same, and frees */
		evdns_getaddrinfo_cancel(w->lookup);
		quiet(w);
		return;
	}
	if (w->stage == STAGE_OPEN && w->ssl != NULL)
		SSL_shutdown(w->ssl);
	quiet(w);
	if (!w->busy)
		wire_free(w);
}

static void lost(struct wire *w, const char *why)
{
	if (w->stage == STAGE_LOST || w->closed)
		return;
	w->stage = STAGE_LOST;
	quiet(w);
	w->env.lost(w->env.ctx, why);
}

static void handler_begins(struct wire *w)
{
	assert(!w->busy);
	w->busy = true;
}

static void handler_ends(struct wire *w)
{
	w->busy = false;
	if (w->closed && w->lookup == NULL)
		wire_free(w);
}

/* --- TLS -------------------------------------------------------------------------------- */

static bool load_authorities(SSL_CTX *ctx, const char *file)
{
	if (file != NULL && file[0] != '\0')
		return SSL_CTX_load_verify_locations(ctx, file, NULL) == 1;
	return SSL_CTX_set_default_verify_paths(ctx) == 1;
}

static bool is_address(const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return evutil_inet_pton(AF_INET, host, bytes) == 1 || evutil_inet_pton(AF_INET6, host, bytes) == 1;
}

/* The name the certificate must have: that of the host, as the operator wrote it. */
static bool expect_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (is_address(host))
		return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	/* The macro SSL_set_tlsext_host_name() casts const away. */
	return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, (void *)(uintptr_t)host) == 1 &&
	       X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}

static bool start_tls(struct wire *w)
{
	w->ctx = SSL_CTX_new(TLS_client_method());
	if (w->ctx == NULL || SSL_CTX_set_min_proto_version(w->ctx, TLS1_2_VERSION) != 1 ||
	    !load_authorities(w->ctx, w->env.tls_ca))
		return false;
	SSL_CTX_set_verify(w->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(w->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	w->ssl = SSL_new(w->ctx);
	return w->ssl != NULL && expect_host(w->ssl, w->env.host) && SSL_set_fd(w->ssl, w->fd) == 1;
}

static void opened(struct wire *w)
{
	w->stage = STAGE_OPEN;
	event_del(w->deadline);
	event_del(w->writable);
	event_add(w->readable, NULL);
	w->env.ready(w->env.ctx);
}

static void handshake(struct wire *w)
{
	int done;

	ERR_clear_error();
	done = SSL_connect(w->ssl);
	if (done == 1) {
		opened(w);
		return;
	}
	switch (SSL_get_error(w->ssl, done)) {
	case SSL_ERROR_WANT_READ:
		event_del(w->writable);
		event_add(w->readable, NULL);
		return;
	case SSL_ERROR_WANT_WRITE:
		event_add(w->writable, NULL);
		return;
	default:
		lost(w, SSL_get_verify_result(w->ssl) != X509_V_OK ? "certificate" : "tls");
		return;
	}
}

/* --- octets ------------------------------------------------------------------------------ */

/* As read(2): -1 with EAGAIN when there is nothing now. */
static ssize_t read_some(struct wire *w, char *at, size_t size)
{
	int n;

	if (w->ssl == NULL)
		return read(w->fd, at, size);
	ERR_clear_error();
	n = SSL_read(w->ssl, at, (int)size);
	if (n > 0)
		return n;
	switch (SSL_get_error(w->ssl, n)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		errno = ECONNRESET;
		return -1;
	}
}

static ssize_t write_some(struct wire *w, const char *at, size_t size)
{
	int n;

	if (w->ssl == NULL)
		return write(w->fd, at, size);
	ERR_clear_error();
	n = SSL_write(w->ssl, at, size > READ_BYTES ? READ_BYTES : (int)size);
	if (n > 0)
		return n;
	switch (SSL_get_error(w->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		w->write_wants_read = true;
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	default:
		errno = ECONNRESET;
		return -1;
	}
}

static void read_all(struct wire *w)
{
	char octets[READ_BYTES];

	for (int i = 0; i < READS_A_TURN && !w->paused && !w->closed && w->stage == STAGE_OPEN; i++) {
		ssize_t n = read_some(w, octets, sizeof(octets));

		if (n > 0) {
			w->env.data(w->env.ctx, span_from(octets, (size_t)n));
			continue;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			lost(w, n == 0 ? "closed" : "reset");
		break;
	}
	wipe(octets, sizeof(octets));
	/* TLS may hold octets of which the socket tells nothing. */
	if (!w->closed && w->stage == STAGE_OPEN && !w->paused && w->ssl != NULL && SSL_pending(w->ssl) > 0)
		event_active(w->readable, EV_READ, 0);
}

void wire_send(struct wire *w, struct buf *out)
{
	size_t at = 0;

	if (w->stage != STAGE_OPEN || w->closed)
		return;
	while (at < out->len) {
		ssize_t n = write_some(w, out->at + at, out->len - at);

		if (n <= 0) {
			if (errno != EAGAIN && errno != EINTR)
				w->fault = "reset";
			break;
		}
		at += (size_t)n;
	}
	if (w->fault != NULL)
		event_active(w->writable, EV_WRITE, 0);
	else if (at < out->len && !w->write_wants_read)
		event_add(w->writable, NULL);
	buf_drop(out, at);
}

void wire_pause(struct wire *w, bool pause)
{
	if (w->paused == pause || w->stage != STAGE_OPEN || w->closed) {
		w->paused = pause;
		return;
	}
	w->paused = pause;
	if (pause) {
		event_del(w->readable);
		return;
	}
	event_add(w->readable, NULL);
	if (w->ssl != NULL && SSL_pending(w->ssl) > 0)
		event_active(w->readable, EV_READ, 0);
}

/* --- events ------------------------------------------------------------------------------- */

static void connected(struct wire *w)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
		lost(w, error == ECONNREFUSED ? "refused" : "unreachable");
		return;
	}
	if (!w->env.tls) {
		opened(w);
		return;
	}
	if (!start_tls(w)) {
		lost(w, "tls_settings");
		return;
	}
	w->stage = STAGE_HANDSHAKE;
	handshake(w);
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct wire *w = ctx;

	(void)fd;
	(void)what;
	handler_begins(w);
	if (w->fault != NULL)
		lost(w, w->fault);
	else if (w->stage == STAGE_CONNECT)
		connected(w);
	else if (w->stage == STAGE_HANDSHAKE)
		handshake(w);
	else if (w->stage == STAGE_OPEN)
		w->env.writable(w->env.ctx);
	handler_ends(w);
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct wire *w = ctx;

	(void)fd;
	(void)what;
	handler_begins(w);
	if (w->stage == STAGE_HANDSHAKE) {
		handshake(w);
	} else if (w->stage == STAGE_OPEN) {
		read_all(w);
		if (!w->closed && w->stage == STAGE_OPEN && w->write_wants_read) {
			w->write_wants_read = false;
			w->env.writable(w->env.ctx);
		}
	}
	handler_ends(w);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	struct wire *w = ctx;

	(void)fd;
	(void)what;
	handler_begins(w);
	lost(w, w->fault != NULL ? w->fault : "connect_timeout");
	handler_ends(w);
}

/* --- opening -------------------------------------------------------------------------------- */

static bool start_connect(struct wire *w, const struct sockaddr *address, socklen_t len)
{
	int one = 1;

	w->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		return false;
	setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(w->fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	w->readable = event_new(w->env.base, w->fd, EV_READ | EV_PERSIST, on_readable, w);
	w->writable = event_new(w->env.base, w->fd, EV_WRITE, on_writable, w);
	if (w->readable == NULL || w->writable == NULL)
		abort();
	w->stage = STAGE_CONNECT;
	if (connect(w->fd, address, len) != 0 && errno != EINPROGRESS)
		return false;
	event_add(w->writable, NULL);
	return true;
}

static void looked_up(int error, struct evutil_addrinfo *found, void *ctx)
{
	struct wire *w = ctx;
	bool inside = w->busy;   /* called from within wire_open() */

	w->lookup = NULL;
	if (w->closed) {
		if (found != NULL)
			evutil_freeaddrinfo(found);
		if (!inside)
			wire_free(w);
		return;
	}
	if (error != 0 || found == NULL)
		w->fault = "lookup";
	else if (!start_connect(w, found->ai_addr, found->ai_addrlen))
		w->fault = "unreachable";
	if (w->fault != NULL)
		event_active(w->deadline, EV_TIMEOUT, 0);
	if (found != NULL)
		evutil_freeaddrinfo(found);
}

struct wire *wire_open(const struct wire_env *env)
{
	const struct evutil_addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
					       .ai_protocol = IPPROTO_TCP };
	struct wire *w = memory_zeroes(1, sizeof(*w));
	char port[8];

	w->env = *env;
	w->fd = -1;
	w->deadline = evtimer_new(env->base, on_deadline, w);
	if (w->deadline == NULL)
		abort();
	evtimer_add(w->deadline, &(struct timeval){ .tv_sec = CONNECT_S });
	snprintf(port, sizeof(port), "%u", env->port);
	w->busy = true;
	w->lookup = evdns_getaddrinfo(env->dns, env->host, port, &hints, looked_up, w);
	w->busy = false;
	return w;
}
