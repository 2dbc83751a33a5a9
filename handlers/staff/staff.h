/*
 * The calls by which staff come in, look who they are, and leave.
 */
#ifndef TIPLINE_HANDLERS_STAFF_H
#define TIPLINE_HANDLERS_STAFF_H

#include "handlers/endpoint.h"

void session_begin(const struct call *call, struct http_exchange *exchange);      /* POST /api/v1/session */
void session_read(const struct call *call, struct http_exchange *exchange);       /* GET */
void session_leave(const struct call *call, struct http_exchange *exchange);      /* DELETE */
void session_set_up(const struct call *call, struct http_exchange *exchange);     /* POST /api/v1/session/setup */
void session_password(const struct call *call, struct http_exchange *exchange);   /* POST /api/v1/session/password */

#endif
