/*
 * The last four digits; see retype.h.
 */
#include "handlers/intake/retype.h"

#include "daemon/base/hex.h"
#include "daemon/core/tip/seal.h"
#include "daemon/http/form.h"
#include "daemon/sys/keys.h"
#include "handlers/intake/visitor.h"
#include "handlers/intake/web.h"

#include <sodium.h>

#define LAST 4u
#define MARK_BYTES 16u

struct confirmed {
	struct receipt_code code;
	struct retype retype;
	struct span last, lang, size;
	bool again;                         /* for another language or size, not to go on */
};

static const char *mark_of(const struct app *app, struct arena *arena, const struct retype *retype)
{
	unsigned char mark[MARK_BYTES];
	struct span all = span_of(arena_printf(arena, "%s %lld %.*s", retype->code->digits, (long long)retype->received_ms,
					       (int)retype->promise.len, retype->promise.at));

	seal_mark(keys_requests(app->keys), "receipt page", all, mark);
	return hex_text(arena, mark, sizeof(mark));
}

void retype_show(const struct app *app, struct http_exchange *exchange, const struct page_look *look,
		 const struct retype *retype, int status)
{
	struct arena *arena = http_exchange_arena(exchange);
	struct receipt_trace trace;
	struct buf html = { 0 };
	char code[30];

	receipt_show(retype->code, code);
	receipt_trace(keys_receipt(app->keys), retype->code, &trace);
	page_receipt(app->pages, look,
		     &(struct page_receipt){ .code = span_of(code),
					     .reference = span_of(trace.id.text),
					     .received_ms = retype->received_ms,
					     .promise = retype->promise,
					     .seal = span_of(mark_of(app, arena, retype)),
					     .fault = retype->fault },
		     &html);
	if (retype->limit != NULL)
		answer_page_limited(exchange, status, buf_span(&html), PAGES_CSP, retype->limit);
	else
		answer_page(exchange, status, buf_span(&html), PAGES_CSP, 0);
	buf_release(&html);
}

/* False: this is no page of ours, so there is nothing to show again. */
static bool read_page(const struct call *args, struct http_exchange *exchange, struct confirmed *out)
{
	static const struct form_limits limits = { .pairs = 16, .name_bytes = 64, .value_bytes = 1 << 16 };
	struct arena *arena = http_exchange_arena(exchange);
	struct complaint complaint;
	struct form form;
	struct span seal;
	const char *mark;
	uint64_t at = 0;

	if (!form_decode(http_exchange_request(exchange)->body, &limits, arena, &form, &complaint))
		return false;
	out->last = form_find(&form, "last");
	out->lang = form_find(&form, "lang");
	out->size = form_find(&form, "size");
	out->again = span_is(form_find(&form, "again"), "yes");
	out->retype = (struct retype){ .code = &out->code, .promise = form_find(&form, "promise") };
	seal = form_find(&form, "seal");
	if (receipt_parse(form_find(&form, "code"), &out->code) != RECEIPT_FINE ||
	    !span_u64(form_find(&form, "at"), &at) || at > INT64_MAX)
		return false;
	out->retype.received_ms = (int64_t)at;
	mark = mark_of(args->app, arena, &out->retype);
	return seal.len == strlen(mark) && sodium_memcmp(seal.at, mark, seal.len) == 0;
}

static enum page_retype_fault compare(const struct confirmed *page)
{
	const char *end = page->code.digits + RECEIPT_DIGITS - LAST;
	size_t n = 0;

	if (span_trim(page->last).len == 0)
		return PAGE_RETYPE_ABSENT;
	for (size_t i = 0; i < page->last.len; i++) {
		if (page->last.at[i] == ' ')
			continue;
		if (n == LAST || page->last.at[i] != end[n])
			return PAGE_RETYPE_WRONG;
		n++;
	}
	return n == LAST ? PAGE_RETYPE_FINE : PAGE_RETYPE_WRONG;
}

static enum page_retype_fault fault_of(const struct call *args, const struct confirmed *page)
{
	if (args->refused != NULL)
		return PAGE_RETYPE_OFTEN;
	return page->again ? PAGE_RETYPE_FINE : compare(page);
}

static int status_of(const struct retype *retype)
{
	if (retype->limit != NULL)
		return 429;
	return retype->fault == PAGE_RETYPE_FINE ? 200 : 400;
}

void receipt_confirm(const struct call *args, struct http_exchange *exchange)
{
	struct confirmed page = { .last = { 0 } };
	struct page_look look;

	if (!read_page(args, exchange, &page)) {
		receipt_post(args, exchange);
		return;
	}
	page.retype.fault = fault_of(args, &page);
	page.retype.limit = args->refused;
	if (page.retype.fault == PAGE_RETYPE_FINE && !page.again) {
		receipt_post(args, exchange);
		return;
	}
	look = visitor_look(args->app, http_exchange_request(exchange), page.lang, page.size);
	retype_show(args->app, exchange, &look, &page.retype, status_of(&page.retype));
}
