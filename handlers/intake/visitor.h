/*
 * A visitor of the public site: language and size of type.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_VISITOR_H
#define TIPLINE_HANDLERS_INTAKE_VISITOR_H

#include "handlers/answer.h"
#include "handlers/endpoint.h"
#include "handlers/web/pages.h"

/* From the query (?lang=, ?size=) and Accept-Language; `lang` and `size` of a form go first. */
struct page_look visitor_look(const struct app *app, const struct http_request *request, struct span lang,
			      struct span size);

/* True when the visitor would rather have JSON than a page. */
bool visitor_wants_json(const struct http_request *request);

/* Answers with the page of that error. */
void visitor_error(const struct app *app, struct http_exchange *exchange, const struct page_look *look,
		   const struct problem *problem);

/* The same into a reply that the server itself sends. */
void visitor_refusal(const struct app *app, struct http_exchange *exchange, const struct page_look *look, const char *code,
		     struct http_reply *reply);

/* GET of the static files of the public site, and 404. */
void visitor_file(const struct call *args, struct http_exchange *exchange);

#endif
