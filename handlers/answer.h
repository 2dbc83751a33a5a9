/*
 * Answers in the forms that all handlers use: JSON, problem, page, nothing.
 *
 * Each call is the one reply of its exchange: the exchange is gone afterwards.
 * All of them forbid storing, sniffing, framing and referring.
 */
#ifndef TIPLINE_HANDLERS_ANSWER_H
#define TIPLINE_HANDLERS_ANSWER_H

#include "daemon/base/http_message.h"
#include "daemon/http/server.h"
#include "handlers/limits.h"

/* An RFC 9457 problem. */
struct problem {
	int status;
	const char *code;       /* stable word: "field_invalid", "not_found", ... */
	const char *detail;     /* one sentence for the person at the other end; may be NULL */
	const char *field;      /* the field it is about, or NULL */
	unsigned retry_after_s; /* 0: not said */
	const char *reason;     /* with 429: whose limit it was; NULL: not said */
	const struct limit_refusal *limit;  /* with 429: told in RateLimit and RateLimit-Policy; NULL: not told */
	bool any_origin;        /* about public data: programs of other sites may read it */
	const char *allow;        /* with 405: the methods that the path takes; NULL: none */
	const char *set_cookie;   /* makes the browser forget one that is of no use; NULL: none */
};

void answer_problem(struct http_exchange *exchange, const struct problem *problem);

void answer_json(struct http_exchange *exchange, int status, struct span json);

/* Any other: what all answers forbid is put into it, and it is sent. */
void answer_reply(struct http_exchange *exchange, struct http_reply *reply);

/* A page of the public or staff site under that content security policy. */
void answer_page(struct http_exchange *exchange, int status, struct span html, const char *csp,
		 unsigned retry_after_s);

/* A page that says what a limit refused; with Retry-After, RateLimit and RateLimit-Policy. */
void answer_page_limited(struct http_exchange *exchange, int status, struct span html, const char *csp,
			 const struct limit_refusal *limit);

/* A page in place of a problem: with its status and, where it says so, Allow, Retry-After, RateLimit and RateLimit-Policy. */
void answer_page_problem(struct http_exchange *exchange, struct span html, const char *csp, const struct problem *problem);

/* Such a page into a reply that the server itself sends (http_handler.refused); copied into the exchange's arena. */
void answer_page_into(struct http_exchange *exchange, struct span html, const char *csp, struct http_reply *reply);

/* A static file; may be kept for an hour by the browser. */
void answer_file(struct http_exchange *exchange, const char *type, struct span body, const char *csp);

void answer_text(struct http_exchange *exchange, int status, const char *type, struct span text);

/* The store is away: 503 with Retry-After. */
void answer_unavailable(struct http_exchange *exchange);

#endif
