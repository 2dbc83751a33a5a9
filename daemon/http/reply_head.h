/*
 * The bytes in front of a reply's body: status line and fields. Pure.
 */
#ifndef TIPLINE_HTTP_REPLY_HEAD_H
#define TIPLINE_HTTP_REPLY_HEAD_H

#include "daemon/base/http_message.h"

#define HTTP_DATE_MAX 32

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7). */
void http_date_text(int64_t wall_ms, char text[HTTP_DATE_MAX]);

/*
 * Appends the head. `minor` is the request's; `keep_alive`: the connection
 * stays open. False, and nothing appended, when a field's value holds a byte
 * that would end the field.
 */
bool http_reply_head(struct buf *to, const struct http_reply *reply, unsigned minor, bool keep_alive,
		     const char *date);

/* True for 204 and 304, which have no body whatever the reply says (RFC 9110, 6.4.1). */
bool http_status_is_bare(int status);

#endif
