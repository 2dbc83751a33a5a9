/*
 * What a session is told about itself.
 */
#ifndef TIPLINE_HANDLERS_SESSION_ANSWER_H
#define TIPLINE_HANDLERS_SESSION_ANSWER_H

#include "daemon/base/json_out.h"
#include "handlers/staff/entry.h"

/* With a member that sets each cookie that is not NULL ("name=value; ..."). */
struct session_cookies {
	const char *session, *device;
};

/* Person, roles, region, grants, the word against CSRF, when it ends, how many others the person has. The one reply of the exchange. */
void session_tell(const struct entry *entry, struct http_exchange *exchange, int status, const struct session *session,
		    const struct session_cookies *cookies);

/* The roles of a token or session as an array of names. */
void session_put_roles(struct json_out *json, unsigned roles);

#endif
