/*
 * Answers with public data: for programs of any origin, kept as long as the
 * data says, and not sent again to who has it (ETag).
 */
#ifndef TIPLINE_HANDLERS_LOG_PUBLIC_ANSWER_H
#define TIPLINE_HANDLERS_LOG_PUBLIC_ANSWER_H

#include "daemon/base/arena.h"
#include "handlers/answer.h"

#define PUBLIC_FOR_EVER "public, max-age=31536000, immutable"
#define PUBLIC_AN_HOUR "public, max-age=3600"
#define PUBLIC_ASK "no-cache"

#define PUBLIC_JSON "application/json"

struct public_file {
	const char *type;
	const char *cache;
	struct span body;
};

/* 200 with the body, or 304 where the visitor has it. */
void public_give(struct http_exchange *exchange, const struct public_file *file);

/* 404 with that sentence. */
void public_absent(struct http_exchange *exchange, const char *detail);

/* What public_give() is made of: the tag of these bytes, and the fields of a reply, whose status becomes 304 where it is known. */
struct span public_tag(struct span bytes, struct arena *arena);
void public_fields(struct http_exchange *exchange, struct http_reply *reply, const char *cache, struct span tag);

/* Is the tag among those of If-None-Match (RFC 9110 section 13.1.2, compared weakly)? */
bool public_is_known(const struct http_request *request, struct span tag);

#endif
