/*
 * Who is behind a request to the staff's listener: the holder of a token, or of
 * a session's cookie. One of the two; a request that brings both is refused, as
 * who acts would depend on an order that nobody sees.
 */
#ifndef TIPLINE_HANDLERS_GATEKEEPING_H
#define TIPLINE_HANDLERS_GATEKEEPING_H

#include "handlers/answer.h"
#include "handlers/endpoint.h"

/*
 * Fills *staff. False, and *problem is what to answer:
 *   401 token_needed     neither, or a token that is none, or of an account that is suspended
 *   401 session_ended    a cookie of no session that lives; the browser is told to forget it
 *   400 two_credentials  both
 *   400 cookie_invalid   the cookie twice, or more than one field of cookies
 *   403 cross_site       by session, and the browser says that another site asks
 *   403 csrf_needed      a write by session without the session's word
 * `unattended`: a page asks by itself, so neither session nor keys count as used, and none open.
 */
bool gatekeeping_identify(const struct app *app, struct http_exchange *exchange, bool unattended, struct staff *staff,
			  struct problem *problem);

/*
 * The same person again, later in one request: behind its body, or where it
 * waited. False when the session or token does not hold any more: then *problem
 * is 401 session_ended or token_needed. *staff gets the roles as they are now.
 */
bool gatekeeping_again(const struct app *app, struct http_exchange *exchange, struct staff *staff, struct problem *problem);

#endif
