/*
 * A connection to a carrier: TCP, or TLS over it, on the loop. Octets alone.
 *
 * Connects with a deadline; with TLS the certificate must be for the host's
 * name and come from the authorities that were named. No bufferevents: what
 * they hold cannot be wiped, and clues pass through here.
 */
#ifndef TIPLINE_LINK_WIRE_H
#define TIPLINE_LINK_WIRE_H

#include "daemon/base/buf.h"

struct event_base;
struct evdns_base;
struct wire;

struct wire_env {
	struct event_base *base;
	struct evdns_base *dns;
	const char *host;
	unsigned port;
	bool tls;
	const char *tls_ca;      /* file; "": the system's authorities */
	/* Connected; the TLS handshake is done. */
	void (*ready)(void *ctx);
	/* What came. May call wire_pause() and wire_close(). */
	void (*data)(void *ctx, struct span octets);
	/* What wire_send() could not send may go on. */
	void (*writable)(void *ctx);
	/* Gone, or never there; wire_close() must follow. `why` is a short word for the log. */
	void (*lost)(void *ctx, const char *why);
	void *ctx;
};

/* None of the callbacks is called from within. */
struct wire *wire_open(const struct wire_env *env);

/* Sends as much as goes, and drops it from `out`; writable() is called when the rest can go. */
void wire_send(struct wire *wire, struct buf *out);

/* Reads no more until told so. */
void wire_pause(struct wire *wire, bool pause);

/* No callback comes after it; may be called from within one. NULL does nothing. */
void wire_close(struct wire *wire);

#endif
