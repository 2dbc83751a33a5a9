/*
 * Visitors; see visitor.h.
 */
#include "handlers/intake/visitor.h"

struct page_look visitor_look(const struct app *app, const struct http_request *request, struct span lang,
			      struct span size)
{
	struct buf wanted = { 0 };
	struct buf large = { 0 };
	struct page_look look;

	if (lang.len == 0 && http_param_find(request->query, "lang", &wanted))
		lang = buf_span(&wanted);
	if (size.len == 0 && http_param_find(request->query, "size", &large))
		size = buf_span(&large);
	look.lang = catalogue_choose(pages_catalogues(app->pages), http_field_find(request, "Accept-Language"), lang);
	look.large = span_is(size, "large");
	buf_release(&wanted);
	buf_release(&large);
	return look;
}

bool visitor_wants_json(const struct http_request *request)
{
	struct span accept = http_field_find(request, "Accept");

	return span_find(accept, SPAN("application/json")) < accept.len &&
	       span_find(accept, SPAN("text/html")) == accept.len;
}

static void make_page(const struct app *app, const struct page_look *look, const struct problem *problem, struct buf *html)
{
	page_error(app->pages, look,
		   &(struct page_error){ .status = problem->status,
					 .code = span_of(problem->code),
					 .retry_after_s = problem->retry_after_s },
		   html);
}

void visitor_error(const struct app *app, struct http_exchange *exchange, const struct page_look *look,
		   const struct problem *problem)
{
	struct buf html = { 0 };

	make_page(app, look, problem, &html);
	answer_page_problem(exchange, buf_span(&html), PAGES_CSP, problem);
	buf_release(&html);
}

void visitor_refusal(const struct app *app, struct http_exchange *exchange, const struct page_look *look, const char *code,
		     struct http_reply *reply)
{
	struct buf html = { 0 };

	make_page(app, look, &(struct problem){ .status = reply->status, .code = code }, &html);
	answer_page_into(exchange, buf_span(&html), PAGES_CSP, reply);
	buf_release(&html);
}

void visitor_file(const struct call *args, struct http_exchange *exchange)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct page_file file;
	struct page_look look;

	if (page_file_find(PAGE_PUBLIC, request->path, &file)) {
		answer_file(exchange, file.type, file.body, PAGES_CSP);
		return;
	}
	look = visitor_look(args->app, request, (struct span){ 0 }, (struct span){ 0 });
	visitor_error(args->app, exchange, &look, &(struct problem){ .status = 404, .code = "not_found" });
}
