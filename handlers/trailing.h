/*
 * Requests in the audit trail: what is asked for is on disk before it is shown.
 */
#ifndef TIPLINE_HANDLERS_TRAILING_H
#define TIPLINE_HANDLERS_TRAILING_H

#include "daemon/jobs/trail.h"
#include "handlers/endpoint.h"

/*
 * Runs the endpoint of a call that shows nothing at once; else when its event
 * is written. 503 audit_unavailable, and nothing is run, when it cannot be.
 */
void trailing_run(const struct call *call, struct http_exchange *exchange);

/* What trailing_run() answers where the event cannot be written: for calls that write one of their own. */
void trailing_refuse(struct http_exchange *exchange);

/*
 * A file of so many rows is about to be sent: an event like the one before it, with `rows` and the SHA-256 of what is sent.
 * False, and `wait` is not called: the trail takes no more, and nothing may be sent.
 */
bool trailing_file(const struct call *call, struct http_exchange *exchange, uint64_t rows, struct span sha256,
		   struct trail_wait wait) __attribute__((warn_unused_result));

/* A token was used, by a page that asked by itself or not; or one that is none, `staff` NULL. */
void trailing_signed_in(const struct app *app, const struct staff *staff, bool unattended);

/* The names of the roles, with a blank between them. */
#define TRAILING_ROLES_MAX 80
struct span trailing_roles(unsigned roles, char text[TRAILING_ROLES_MAX]);

#endif
