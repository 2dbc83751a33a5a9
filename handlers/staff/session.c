/*
 * Who one is, and leaving: GET and DELETE /api/v1/session.
 */
#include "daemon/base/json_out.h"
#include "handlers/answer.h"
#include "handlers/staff/cookies.h"
#include "handlers/staff/session_answer.h"
#include "handlers/staff/staff.h"

static void tell_of_token(const struct staff *staff, struct http_exchange *exchange)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_text(&json, "person", span_of(staff->person));
	session_put_roles(&json, staff->roles);
	json_text(&json, "region", span_of(staff->region));
	json_text(&json, "token", span_of(staff->token_id));
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&body);
}

void session_read(const struct call *call, struct http_exchange *exchange)
{
	const struct session *session = entry_session_of(call->app->entry, call->staff);

	if (session == NULL)
		tell_of_token(call->staff, exchange);
	else
		session_tell(call->app->entry, exchange, 200, session, &(struct session_cookies){ .session = NULL });
}

/* The device's cookie stays, so not "cookies". */
void session_leave(const struct call *call, struct http_exchange *exchange)
{
	struct session *session = entry_session_of(call->app->entry, call->staff);
	struct http_reply reply = { .status = 204 };
	struct buf cookie = { 0 };

	if (session == NULL) {
		answer_problem(exchange, &(struct problem){ .status = 403, .code = "session_needed",
							    .detail = "A token does not sign out; tipctl token revoke takes it away." });
		return;
	}
	sessions_end(call->app->entry->sessions, session, "sign_out");
	cookie_put_gone(COOKIE_SESSION, http_exchange_is_secure(exchange), &cookie);
	http_reply_field(&reply, "Set-Cookie", buf_span(&cookie));
	http_reply_field(&reply, "Clear-Site-Data", SPAN("\"cache\", \"storage\""));
	answer_reply(exchange, &reply);
	buf_release(&cookie);
}
