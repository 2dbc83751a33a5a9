/*
 * The inside of the HTTP server, shared by its files: server.c (listener,
 * sweep), connection.c (states), incoming.c, ahead.c, outgoing.c, transport.c,
 * transport_tls.c (bytes), exchange.c (requests). Nobody else includes this.
 *
 * A connection is a socket and a state; an exchange is one request and its
 * reply. They part when the peer leaves or a deadline passes while the handler
 * is at work: the exchange then lives on alone until the handler replies.
 *
 * Nothing is freed under anybody's feet: connection_close() closes the socket
 * and marks the connection; the sweep, four times a second, frees what is
 * marked. Deadlines are plain numbers that the same sweep looks at, so that a
 * request costs no timer.
 */
#ifndef TIPLINE_HTTP_CONNECTION_H
#define TIPLINE_HTTP_CONNECTION_H

#include "daemon/http/address.h"
#include "daemon/http/gate.h"
#include "daemon/http/peers.h"
#include "daemon/http/reply_head.h"
#include "daemon/http/server.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/queue.h>

#define READ_BYTES 4096           /* asked for at once while a head is read */
#define PIECE_BYTES 65536         /* of a body, at once */
#define AHEAD_MAX_BYTES 65536     /* taken from a peer while its request is in hand */
#define LINGER_MAX_BYTES (16 << 20)    /* thrown away behind a refusal: a peer that is reset loses the answer it had (RFC 9112, 9.6) */
#define LINGER_MS 5000
#define TURN_REQUESTS 1           /* of one connection before others have their turn */
#define TURN_MS 10                /* for connections that have more than that, before the sockets are looked at again */
#define SWEEP_MS 250
#define RECORD_BYTES 16384        /* most in one record of TLS, RFC 8446 5.1 */

enum connection_state {
	CONNECTION_GREETING, /* TLS shakes hands */
	CONNECTION_IDLE,     /* between requests */
	CONNECTION_HEAD,     /* some bytes of a head are there */
	CONNECTION_BODY,     /* the handler knows the head, the body is coming */
	CONNECTION_WORKING,  /* the handler has the request */
	CONNECTION_SENDING,  /* the socket does not take the whole reply at once */
	CONNECTION_LINGER,   /* all said; what the peer still sends is thrown away */
	CONNECTION_CLOSED,   /* waits for the sweep to free it */
};

struct http_exchange {
	LIST_ENTRY(http_exchange) link;       /* server->open or server->spare */
	struct http_server *server;           /* NULL: the server is gone */
	struct http_connection *connection;   /* NULL: the peer is gone, or was answered in the handler's place */
	struct buf bytes;                     /* the head, and of the body what came with it */
	struct buf body;                      /* a collected body that does not fit behind the head */
	struct gate gate;
	struct http_body_plan plan;
	uint64_t taken;                       /* bytes of the body so far */
	struct arena arena;
	void *data;
	struct address_marks peer;            /* of the socket's address */
	bool behind_proxy;                    /* that address is a trusted proxy's */
	struct http_request request;
};

struct http_connection {
	TAILQ_ENTRY(http_connection) link;    /* server->connections */
	TAILQ_ENTRY(http_connection) waiting; /* server->resumed, when `resumed` */
	struct http_server *server;
	struct http_exchange *exchange;       /* HEAD, BODY, WORKING */
	struct event readable;
	struct event writable;
	enum connection_state state;
	int fd;
	const struct transport *transport;
	struct ssl_st *tls;                   /* NULL: plain */
	bool tls_broken;                      /* or finished: nothing more goes through it */
	uint64_t greeting_ms;                 /* of the first head's time, spent on the handshake */
	uint64_t deadline_ms;                 /* of the state, steady clock */
	uint64_t since_ms;                    /* when the state began */
	struct address_marks peer;
	struct buf ahead;                     /* bytes behind the request in hand */
	size_t ahead_at;                      /* the first of them that no request has taken */
	struct buf out;                       /* what the socket has not taken */
	size_t sent;                          /* of `out` */
	int file;                             /* the rest of the body comes from there; -1: there is none */
	uint64_t file_left;                   /* of it, not yet in `out` */
	size_t discarded;                     /* LINGER */
	bool counted;                         /* in server->peers */
	bool behind_proxy;
	bool reading;                         /* `readable` is added */
	bool ended;                           /* the peer sends nothing more */
	bool pumping;                         /* connection_pump() is below us on the stack */
	bool resumed;
	bool close_behind;                    /* after the reply */
	bool unread;                          /* bytes of the request are not read: linger before closing */
};

TAILQ_HEAD(connection_list, http_connection);
LIST_HEAD(exchange_list, http_exchange);

struct http_server {
	struct event_base *base;
	struct evconnlistener *acceptor;      /* NULL when draining */
	struct http_limits limits;
	struct http_handler handler;
	char name[32];
	char address[ADDRESS_TEXT_MAX];
	char *path;                           /* of a local socket that we made, else NULL */
	struct networks proxies;
	unsigned char key[ADDRESS_KEY_BYTES]; /* of the marks of addresses */
	uint64_t key_until_ms;
	struct peers peers;
	struct connection_list connections;
	struct connection_list resumed;
	struct exchange_list open;            /* head() was called, no reply yet */
	struct exchange_list spare;
	unsigned nspare;
	struct event *sweep;
	struct event *resume;
	int spare_fd;                         /* given up for a moment when descriptors run out */
	uint64_t accept_again_ms;             /* accepting is paused; 0: it is not */
	uint64_t now_ms;                      /* steady clock when the running callback began */
	bool draining;
	uint64_t given_back;                  /* connections_total when free memory was last given back */
	uint64_t give_back_ms;                /* not before */

	time_t date_s;
	char date[HTTP_DATE_MAX];
	struct buf head;                      /* of the reply being written */
	char *piece;                          /* PIECE_BYTES, wiped after use */
	const struct tls *tls;                /* NULL: plain */
	char *record;                         /* RECORD_BYTES with TLS, wiped after use */
	char hsts[48];                        /* Strict-Transport-Security; "": not said */
	struct http_figures figures;
};

/* --- connection.c: states and deadlines ----------------------------------------- */

/* Takes over the descriptor. */
void connection_open(struct http_server *server, int fd, const struct address_marks *peer, bool counted,
		     bool behind_proxy);

/* Closes the socket; what the handler holds becomes an orphan. Freed by the sweep. */
void connection_close(struct http_connection *connection);
void connection_free(struct http_connection *connection);

/* Into the state, which may last that long. */
void connection_enter(struct http_connection *connection, enum connection_state state, uint64_t ms);
void connection_want_read(struct http_connection *connection, bool wanted);
/* Until the socket takes bytes again: then what waits for that goes on. */
void connection_want_write(struct http_connection *connection);

/* The deadline of its state has passed. */
void connection_expire(struct http_connection *connection);

/* --- incoming.c: bytes to requests ------------------------------------------------- */

/* Reads once what is there, and acts on it. */
void connection_look(struct http_connection *connection);

/* Goes on with bytes that have been read already. */
void connection_pump(struct http_connection *connection);

/* --- ahead.c: bytes behind the request in hand --------------------------------------- */

size_t ahead_left(const struct http_connection *connection);
void ahead_drop(struct http_connection *connection);
/* Copies some to the request that is being read; they stay, so that too many can be given back. */
void ahead_pull(struct http_connection *connection);
/* `rest` was read too far: it came from `ahead` as a whole, or from the socket when that was empty. */
void ahead_push(struct http_connection *connection, struct span rest);

/* --- outgoing.c: replies to bytes ------------------------------------------------------ */

/* The exchange's reply is given; `keep`: the connection may serve another request. */
void connection_reply(struct http_connection *connection, const struct http_reply *reply, bool keep);
/* The socket takes bytes again. */
void connection_send_rest(struct http_connection *connection);

/* The server's own answer: a problem document, and the connection closes behind it. */
void connection_refuse(struct http_connection *connection, int status, const char *reason);
/* The same when the handler knows nothing of the exchange, which ends. */
void connection_refuse_unheard(struct http_connection *connection, int status, const char *reason);
/* The same when the handler has had the head: it hears that the body will not be whole. */
void connection_refuse_known(struct http_connection *connection, int status, const char *reason);

/* --- transport.c, transport_tls.c: the socket ------------------------------------- */

enum transport_result {
	TRANSPORT_SOME,   /* *n bytes moved */
	TRANSPORT_LATER,  /* would block */
	TRANSPORT_END,    /* the peer sends nothing more */
	TRANSPORT_BROKEN,
};

struct transport {
	enum transport_result (*read)(struct http_connection *connection, char *to, size_t max, size_t *n);
	enum transport_result (*write)(struct http_connection *connection, struct span first, struct span second,
				       size_t *n);
	/* NULL where there is nothing of the kind. */
	bool (*holds)(const struct http_connection *connection);
	void (*finish)(struct http_connection *connection);
};

extern const struct transport transport_plain, transport_tls;

/* The connection has its socket, and talks as its listener does. */
void transport_begin(struct http_connection *connection);
/* Before the socket closes; what was sent is told to be all. */
void transport_end(struct http_connection *connection);

/* The handshake goes on; TRANSPORT_SOME: it is done. */
enum transport_result transport_greet(struct http_connection *connection);

enum transport_result transport_read(struct http_connection *connection, char *to, size_t max, size_t *n);
/* Both pieces in one system call, or in one record. */
enum transport_result transport_write(struct http_connection *connection, struct span first, struct span second,
				      size_t *n);

/* What the peer still sends, unread, through server->piece. */
enum transport_result transport_discard(struct http_connection *connection, size_t *n);
/* Bytes are there although the socket has none. */
bool transport_holds(const struct http_connection *connection);
/* Tells the peer that nothing more follows. */
void transport_finish(struct http_connection *connection);

/* --- exchange.c ----------------------------------------------------------------- */

struct http_exchange *exchange_take(struct http_connection *connection);
/* Wipes; back to the server's spare ones, or freed. */
void exchange_end(struct http_exchange *exchange);
void exchange_free(struct http_exchange *exchange);
/* The connection can answer no more: the handler keeps the exchange, its reply will go nowhere. */
void exchange_orphan(struct http_exchange *exchange);
/* The body will not be whole: tells the handler and ends the exchange. */
void exchange_break(struct http_exchange *exchange);

/* --- server.c --------------------------------------------------------------------- */

/* Reads the clock into server->now_ms. */
void server_tick(struct http_server *server);
const char *server_date(struct http_server *server);
/* Looks after the connection in the next turn of the loop: bytes of it are here. */
void server_resume(struct http_connection *connection);
/* A connection has closed. */
void server_forget(struct http_connection *connection);

#endif
