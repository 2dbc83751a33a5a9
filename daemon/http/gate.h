/*
 * The gate: judges the head of a request, strictly, before anything acts on it.
 *
 * Pure. In: the bytes of a connection so far. Out: more bytes are needed, or
 * the head is whole (struct http_request with spans into the bytes), or the
 * request is refused with a status and a reason.
 *
 * Stricter than RFC 9112 where leniency has led to request smuggling: CRLF
 * alone ends a line, nothing folds, no Transfer-Encoding, one Content-Length
 * of digits, one Host, targets in origin form, versions 1.0 and 1.1. Of what
 * the RFC asks a server to forgive, one empty line before the request stays.
 */
#ifndef TIPLINE_HTTP_GATE_H
#define TIPLINE_HTTP_GATE_H

#include "daemon/base/http_message.h"

enum gate_verdict {
	GATE_MORE,     /* so far so good; call again when there are more bytes */
	GATE_WHOLE,    /* `length` bytes are the head; the request is filled in */
	GATE_REFUSED,  /* answer `status` and close: what follows cannot be trusted */
};

/* One request's judgement; a gate of zeroes is ready. */
struct gate {
	size_t length;        /* GATE_WHOLE: bytes of the head, empty line included */
	bool expects_continue; /* GATE_WHOLE: the client waits for "100 Continue" before it sends the body */
	int status;           /* GATE_REFUSED: 400 405 411 413 414 417 431 501 505 */
	const char *reason;   /* GATE_REFUSED: one stable word, for the answer and the figures */

	/* Where the search for the end stands; so a head that trickles in is searched once. */
	size_t start;         /* first byte of the request line */
	size_t searched;
	size_t line;          /* first byte of the line being searched */
	size_t first_end;     /* end of the request line without CRLF; 0: not seen yet */
	bool line_judged;
};

/*
 * `bytes` are all bytes of the request so far: the same and more with every
 * call, though they may have moved. The spans of the request are valid as long
 * as the bytes of that call; body and path stay raw.
 */
enum gate_verdict gate_judge(struct gate *gate, struct span bytes, size_t max_bytes,
			     struct http_request *request);

#endif
