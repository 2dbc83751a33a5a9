/*
 * The cookies of staff: the session's and the device's; reading and writing.
 *
 * Where nobody between can read along the names begin with "__Host-" and the
 * cookies are Secure: no other host and no plain page can set them, so over TLS
 * the plain names count for nothing. Over plain loopback, or a local socket,
 * browsers take neither, so there the names are bare.
 */
#ifndef TIPLINE_HANDLERS_COOKIES_H
#define TIPLINE_HANDLERS_COOKIES_H

#include "daemon/base/buf.h"
#include "daemon/base/http_message.h"

enum cookie {
	COOKIE_SESSION,
	COOKIE_DEVICE,
};

enum cookie_found {
	COOKIE_NONE,
	COOKIE_FOUND,
	COOKIE_REFUSED,   /* twice, or more than one field of cookies: it is not known which one is meant */
};

/* The value, borrowed from the request. Other cookies than ours are passed over. */
enum cookie_found cookie_find(const struct http_request *request, enum cookie cookie, bool secure, struct span *value);

/* Appends what Set-Cookie says; `days` 0: until the browser ends. */
void cookie_put(enum cookie cookie, bool secure, struct span value, unsigned days, struct buf *to);

/* Appends what makes the browser forget it. */
void cookie_put_gone(enum cookie cookie, bool secure, struct buf *to);

#endif
