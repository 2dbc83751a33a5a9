/*
 * The HTTP/1.1 front: own, strict, on libevent's events.
 *
 * Not evhttp: it cannot hand a body on in pieces (attachments must never be
 * wholly in memory), has no deadline of its own for head and body, and fails
 * on a third of the malformed requests there are. Nor bufferevents: what they
 * hold cannot be wiped, and a tip in clear passes through here. No byte of a
 * request is acted on before http/gate.c has passed the whole head.
 *
 * Life of a request: head() when the head is whole, body data as it comes,
 * request() when the body is whole, then the handler replies exactly once, at
 * once or later. The server owns sockets, deadlines, limits and draining.
 */
#ifndef TIPLINE_HTTP_SERVER_H
#define TIPLINE_HTTP_SERVER_H

#include "daemon/base/arena.h"
#include "daemon/base/http_message.h"
#include "daemon/http/address.h"

struct event_base;
struct http_server;
struct http_exchange;
struct tls;

/* All above zero, but per_address. Deadlines are looked at four times a second. */
struct http_limits {
	unsigned connections;        /* in all, per listener; at the limit idle ones make room */
	unsigned per_address;        /* open connections of one address (IPv6: of one /64); 0: no limit */
	unsigned head_bytes;         /* request line and fields */
	unsigned head_ms;            /* from the first byte to the whole head */
	unsigned body_ms;            /* grace for a body, plus one millisecond a byte that has come */
	unsigned idle_ms;            /* between requests of a connection */
	unsigned write_ms;           /* grace for a reply to be read, plus one millisecond a byte that has gone */
	unsigned reply_ms;           /* a handler that does not answer: 504 */
};

/* How the body of one request is to be taken; the handler fills it in head(). */
struct http_body_plan {
	size_t max_bytes;            /* more than this: 413. Preset to 0 (no body allowed: 413) */
	/*
	 * NULL: the body is collected and stands in request->body. Else it is
	 * handed on in pieces and never kept; return false to stop taking it
	 * (the handler has replied, the connection closes behind the reply).
	 */
	bool (*data)(void *ctx, struct span piece);
	/*
	 * The body will not be whole: the peer left, a deadline passed, or it is
	 * longer than max_bytes. No request() follows and no reply is wanted: the
	 * exchange is gone when this returns. Called for a collected body too;
	 * NULL: nobody needs to know.
	 */
	void (*broken)(void *ctx);
	void *ctx;
};

struct http_handler {
	/* The head is whole. May reply at once (nothing more is called then). */
	void (*head)(void *owner, struct http_exchange *exchange, struct http_body_plan *plan);
	/* The request is whole. Must lead to one http_exchange_reply(). */
	void (*request)(void *owner, struct http_exchange *exchange);
	/*
	 * Optional. The server itself is about to refuse a request whose head the handler has had (408 body_late,
	 * 413 body_long, 504 handler_late). True: `reply`, which has its status, got type, body and fields, all alive as
	 * long as the exchange; false: it goes out as problem+json. The exchange must not be replied to here.
	 */
	bool (*refused)(void *owner, struct http_exchange *exchange, const char *reason, struct http_reply *reply);
	void *owner;
};

struct http_listener {
	const char *name;            /* "public", "staff", "ops"; in logs and figures */
	const char *address;         /* "127.0.0.1:8080", "[::1]:0", "unix:/path"; ignored when fd >= 0 */
	int fd;                      /* an inherited listening socket, or -1 */
	struct http_limits limits;
	struct http_handler handler;
	/*
	 * Peers (list of networks as in http/address.h, "unix:" for local sockets;
	 * NULL: none) whose X-Forwarded-For names the visitor; only its hash is
	 * used, for limits. They may open any number of connections.
	 */
	const char *trusted_proxies;
	const struct tls *tls;       /* http/tls.h; NULL: plain. Outlives the server */
	unsigned hsts_days;          /* with TLS: browsers are told to use it alone for so long; 0: they are not */
};

struct http_figures {
	uint64_t requests;           /* whole heads */
	uint64_t refused[600];       /* by status, answered by the server itself */
	uint64_t connections_open;
	uint64_t connections_total;
	uint64_t greetings;          /* TLS handshakes done */
	uint64_t greetings_failed;   /* and broken off, but for those that were late */
	uint64_t bytes_in;           /* inside TLS, where there is TLS */
	uint64_t bytes_out;
};

/*
 * NULL and errno when the address cannot be bound (EINVAL: it or the list of
 * proxies cannot be read). `listener` is copied; an inherited descriptor is
 * the server's from then on, and closed by drain or free.
 */
struct http_server *http_server_new(struct event_base *base, const struct http_listener *listener);

/* The bound address as text ("127.0.0.1:43211"), valid as long as the server. */
const char *http_server_address(const struct http_server *server);
const struct http_figures *http_server_figures(const struct http_server *server);

/* No new connections; open requests are answered, with Connection: close. */
void http_server_drain(struct http_server *server);

/* True when no request is open any more. */
bool http_server_idle(const struct http_server *server);

/*
 * Closes everything at once; not from within the handler. Open exchanges stay
 * valid until replied to; their replies go nowhere.
 */
void http_server_free(struct http_server *server);

/* --- one exchange ------------------------------------------------------- */

const struct http_request *http_exchange_request(const struct http_exchange *exchange);

/* Memory that lives until the reply is given. */
struct arena *http_exchange_arena(struct http_exchange *exchange);

/*
 * Keyed hash of the peer's address (IPv6: its /64); for limits only. The key is
 * drawn at each start for each listener, anew after a day, and in memory alone.
 * 0: a local socket, whose peer has none.
 */
uint64_t http_exchange_peer(const struct http_exchange *exchange);

/* The same, with the networks about it. */
struct address_marks http_exchange_marks(const struct http_exchange *exchange);

/*
 * Whether the request comes from one of these networks (a list as in
 * http/address.h): the peer itself, or whom a trusted proxy names. False when
 * the list cannot be read, or the peer is gone.
 */
bool http_exchange_is_from(const struct http_exchange *exchange, struct span networks);

/* Whether nobody between can read along: our TLS, or a trusted proxy that says (X-Forwarded-Proto) it was its. */
bool http_exchange_is_secure(const struct http_exchange *exchange);

/*
 * The peer is gone or has closed its side: the reply may reach nobody. It is
 * sent all the same, since a peer that has only closed its side can read it.
 */
bool http_exchange_gone(const struct http_exchange *exchange);

/* A place for the handler's own pointer. */
void http_exchange_set_data(struct http_exchange *exchange, void *data);
void *http_exchange_data(const struct http_exchange *exchange);

/*
 * Sends the reply; exactly once. The exchange and its arena are gone afterwards,
 * and a file of the reply is the server's.
 */
void http_exchange_reply(struct http_exchange *exchange, const struct http_reply *reply);

#endif
