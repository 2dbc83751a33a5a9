/*
 * The page with the receipt code, and its question for the last four digits.
 *
 * Whoever has typed them has looked at the code; most of those who lose it went
 * on before. The code stands in a hidden field and comes back in a body, never
 * in a URL; a seal over it says that the page was ours, so that no other site
 * can have us show a code and a promise of its choice.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_RETYPE_H
#define TIPLINE_HANDLERS_INTAKE_RETYPE_H

#include "daemon/core/tip/receipt.h"
#include "handlers/endpoint.h"
#include "handlers/web/pages.h"

struct retype {
	const struct receipt_code *code;
	int64_t received_ms;
	struct span promise;                /* JSON, or empty */
	enum page_retype_fault fault;
	const struct limit_refusal *limit;  /* with PAGE_RETYPE_OFTEN */
};

/* Replies with the page. All is borrowed. */
void retype_show(const struct app *app, struct http_exchange *exchange, const struct page_look *look,
		 const struct retype *retype, int status);

/* POST /receipt/confirm: on to the status, as POST /receipt; or the page again with what is wrong, or in another language or size. */
void receipt_confirm(const struct call *args, struct http_exchange *exchange);

#endif
