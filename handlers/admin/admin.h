/*
 * What administrators are shown of the running installation, and the revoking
 * of tokens. Nothing of it is a secret: no key, password or token's text.
 *
 * Each process tells of itself: figures that another process has (the courier's
 * where it runs apart) are null here.
 */
#ifndef TIPLINE_HANDLERS_ADMIN_H
#define TIPLINE_HANDLERS_ADMIN_H

#include "handlers/endpoint.h"

/* GET /api/v1/tokens: those whose region lies in the caller's; never their texts. */
void token_list(const struct call *args, struct http_exchange *exchange);

/*
 * POST /api/v1/tokens/{token}/revoke: from the next request on it is refused,
 * its keys are closed, and what its person held goes back. One's own too. 404:
 * there is none of that id in the caller's region.
 */
void token_revoke_one(const struct call *args, struct http_exchange *exchange);

/* GET /api/v1/keys: bureaus and whom their keys open for, halves of the identities' key, weekly keys. */
void key_status(const struct call *args, struct http_exchange *exchange);

/* GET /api/v1/gateways: each way for short messages, with its last message and fault. */
void gateway_health(const struct call *args, struct http_exchange *exchange);

/* GET /api/v1/configuration: each option with its value and where it was set. */
void configuration_read(const struct call *args, struct http_exchange *exchange);

/* GET /api/v1/about: version, since when, readiness as /readyz tells it. */
void about_read(const struct call *args, struct http_exchange *exchange);

#endif
