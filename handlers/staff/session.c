/*
 * Who one is, and leaving: GET and DELETE /api/v1/session; with ?everywhere=true
 * all sessions of the person end, in every process.
 */
#include "daemon/base/json_out.h"
#include "daemon/sys/clock.h"
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

/* False: `everywhere` is neither true nor false. */
static bool read_everywhere(struct http_exchange *exchange, bool *everywhere)
{
	struct buf value = { 0 };
	bool named = http_param_find(http_exchange_request(exchange)->query, "everywhere", &value);
	bool well = !named || span_is(buf_span(&value), "true") || span_is(buf_span(&value), "false");

	*everywhere = named && span_is(buf_span(&value), "true");
	buf_release(&value);
	return well;
}

/* The account first: where that cannot be written, nothing has ended. */
static bool end_others(struct entry *entry, const struct session *session)
{
	struct complaint why;

	if (!account_sign_out(entry->env.state_dir, span_of(session->person), clock_wall_ms(), &why))
		return false;
	entry_note_changed(entry, span_of(session->person), span_of(session->name), "sign_out");
	sessions_end_of(entry->sessions, span_of(session->person), session, "signed_out");
	return true;
}

/* The device's cookie stays, so not "cookies". */
static void answer_left(struct http_exchange *exchange)
{
	struct http_reply reply = { .status = 204 };
	struct buf cookie = { 0 };

	cookie_put_gone(COOKIE_SESSION, http_exchange_is_secure(exchange), &cookie);
	http_reply_field(&reply, "Set-Cookie", buf_span(&cookie));
	http_reply_field(&reply, "Clear-Site-Data", SPAN("\"cache\", \"storage\""));
	answer_reply(exchange, &reply);
	buf_release(&cookie);
}

void session_leave(const struct call *call, struct http_exchange *exchange)
{
	struct entry *entry = call->app->entry;
	struct session *session = entry_session_of(entry, call->staff);
	bool everywhere;

	if (session == NULL) {
		answer_problem(exchange, &(struct problem){ .status = 403, .code = "session_needed",
							    .detail = "A token does not sign out; tipctl token revoke takes it away." });
	} else if (!read_everywhere(exchange, &everywhere)) {
		answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = "everywhere",
							    .detail = "true or false is expected." });
	} else if (everywhere && !end_others(entry, session)) {
		answer_problem(exchange, &(struct problem){ .status = 503, .code = "sign_in_unavailable", .retry_after_s = 5,
							    .detail = "The account cannot be written at the moment." });
	} else {
		sessions_end(entry->sessions, session, "sign_out");
		answer_left(exchange);
	}
}
