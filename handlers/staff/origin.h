/*
 * Whether a page of ours asks, or one of another site that uses our cookie.
 */
#ifndef TIPLINE_HANDLERS_ORIGIN_H
#define TIPLINE_HANDLERS_ORIGIN_H

#include "daemon/base/http_message.h"

/*
 * False: the browser says that the request comes from elsewhere, by Origin or
 * by Sec-Fetch-Site. A program that sends neither is no browser: true. An Origin
 * is ours when its host and port are those of the Host field; "null" is nobody's.
 * `secure`: the request came over TLS, so that a plain page of that host, which
 * anybody between can write, is another site.
 */
bool origin_is_ours(const struct http_request *request, bool secure);

#endif
