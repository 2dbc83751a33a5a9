/*
 * Answers with public data; see public_answer.h.
 */
#include "handlers/log/public_answer.h"

#include "daemon/base/hex.h"

#include <sodium.h>

#define TAG_BYTES ((size_t)16)

void public_absent(struct http_exchange *exchange, const char *detail)
{
	answer_problem(exchange, &(struct problem){ .status = 404, .code = "not_found", .detail = detail, .any_origin = true });
}

struct span public_tag(struct span body, struct arena *arena)
{
	unsigned char hash[TAG_BYTES];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)body.at, body.len, NULL, 0);
	return span_of(arena_printf(arena, "\"%s\"", hex_text(arena, hash, sizeof(hash))));
}

bool public_is_known(const struct http_request *request, struct span tag)
{
	struct span list = http_field_find(request, "If-None-Match");
	struct span known;

	if (span_is(list, "*"))
		return true;
	while (span_cut(&list, ',', &known)) {
		known = span_trim(known);
		if (span_starts(known, SPAN("W/")))
			known = span_from_offset(known, 2);
		if (span_eq(known, tag))
			return true;
	}
	return false;
}

void public_fields(struct http_exchange *exchange, struct http_reply *reply, const char *cache, struct span tag)
{
	if (public_is_known(http_exchange_request(exchange), tag))
		reply->status = 304;
	http_reply_field(reply, "Cache-Control", span_of(cache));
	http_reply_field(reply, "ETag", tag);
	http_reply_field(reply, "Access-Control-Allow-Origin", SPAN("*"));
	http_reply_field(reply, "Cross-Origin-Resource-Policy", SPAN("cross-origin"));
	http_reply_field(reply, "X-Content-Type-Options", SPAN("nosniff"));
	http_reply_field(reply, "Referrer-Policy", SPAN("no-referrer"));
	http_reply_field(reply, "Content-Security-Policy", SPAN("default-src 'none'; frame-ancestors 'none'"));
}

void public_give(struct http_exchange *exchange, const struct public_file *file)
{
	struct http_reply reply = { .status = 200, .type = file->type, .body = file->body };

	public_fields(exchange, &reply, file->cache, public_tag(file->body, http_exchange_arena(exchange)));
	http_exchange_reply(exchange, &reply);
}
