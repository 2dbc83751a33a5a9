/*
 * The HTTP client: libcurl's multi interface on the daemon's loop.
 *
 * Outcomes are three-valued (STYLE: remote calls): a status came back, the
 * request surely was not sent, or nobody knows.
 */
#ifndef TIPLINE_HTTP_CLIENT_H
#define TIPLINE_HTTP_CLIENT_H

#include "daemon/base/http_message.h"

struct event_base;
struct http_client;

enum http_outcome {
	HTTP_ANSWERED,   /* status and body are valid */
	HTTP_NOT_SENT,   /* no connection: the peer has seen nothing */
	HTTP_UNKNOWN,    /* sent in part or whole, no answer */
};

struct http_call {
	const char *url;             /* http or https only; no redirects are followed */
	enum http_method method;
	const char *const *fields;   /* "Name: value", NULL-terminated, or NULL */
	struct span body;            /* copied */
	unsigned timeout_ms;
	size_t answer_max_bytes;
};

struct http_answer {
	enum http_outcome outcome;
	int status;
	struct span head;            /* its fields, for http_response_head(); borrowed likewise */
	struct span body;            /* borrowed during the callback */
	char error[128];             /* for the log; never holds url or body */
};

typedef void http_answered(void *ctx, const struct http_answer *answer);

struct http_client *http_client_new(struct event_base *base);
/* Open calls end with HTTP_UNKNOWN before this returns. */
void http_client_free(struct http_client *client);

/* Starts a call; `done` is called once, never from within this function. */
void http_client_start(struct http_client *client, const struct http_call *call, http_answered *done,
		       void *ctx);

#endif
