/*
 * libcurl's multi interface on the daemon's loop: what the clients of HTTP and
 * SMTP have in common.
 *
 * libcurl says which sockets and which timer it wants watched; the loop says
 * when they are ready. libcurl must not be called from its own socket and timer
 * callbacks, so those only note what is wanted, and `finished` is called behind
 * libcurl's back.
 */
#ifndef TIPLINE_HTTP_TRANSFERS_H
#define TIPLINE_HTTP_TRANSFERS_H

#include <curl/curl.h>

struct event_base;
struct transfers;

/* `finished`: libcurl is through with the handle; `owner` is what it was begun with. */
struct transfers *transfers_new(struct event_base *base, void (*finished)(void *owner, CURLcode code));
/* No handle is in it any more. */
void transfers_free(struct transfers *transfers);

/* CURLOPT_PRIVATE becomes `owner`. Nothing happens within this call but that libcurl asks for its timer, of 0 ms. */
void transfers_begin(struct transfers *transfers, CURL *easy, void *owner);
/* Takes the handle out; it may be cleaned up then. */
void transfers_end(struct transfers *transfers, CURL *easy);

#endif
