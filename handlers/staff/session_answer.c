/*
 * Answers about sessions; see session_answer.h.
 */
#include "handlers/staff/session_answer.h"

#include "daemon/sys/account_told.h"
#include "daemon/sys/clock.h"
#include "handlers/answer.h"

void session_put_roles(struct json_out *json, unsigned roles)
{
	json_open_member(json, "roles", '[');
	for (unsigned i = 0; i < TOKEN_ROLES; i++)
		if ((roles & 1u << i) != 0)
			json_text(json, NULL, span_of(token_role_name(i)));
	json_close(json, ']');
}

/* A time of the steady clock as people's clocks say it. */
static int64_t wall_of(uint64_t steady_ms)
{
	return clock_wall_ms() + (int64_t)(steady_ms - clock_steady_ms());
}

static void put(const struct entry *entry, const struct session *session, struct buf *body)
{
	const struct account *person = accounts_find(entry->accounts, span_of(session->person));
	uint64_t idle_ms = session_idle_end_ms(entry->sessions, session), end_ms = session_end_ms(session);
	struct json_out json = json_out_to(body);

	json_open(&json, '{');
	json_text(&json, "person", span_of(session->person));
	json_text(&json, "name", span_of(person != NULL ? person->name : ""));
	session_put_roles(&json, person != NULL ? account_roles_at(person, session->region, clock_wall_ms()) : 0);
	json_text(&json, "region", span_of(session->region));
	json_text(&json, "session", span_of(session->name));
	json_text(&json, "csrf", span_of(session->csrf));
	json_i64(&json, "idle_ends", wall_of(idle_ms < end_ms ? idle_ms : end_ms));
	json_i64(&json, "ends", wall_of(end_ms));
	json_i64(&json, "others", (int64_t)sessions_count_of(entry->sessions, span_of(session->person)) - 1);
	if (person != NULL)
		account_told_grants(person, clock_wall_ms(), &json);
	json_close(&json, '}');
}

void session_tell(const struct entry *entry, struct http_exchange *exchange, int status, const struct session *session,
		    const struct session_cookies *cookies)
{
	struct http_reply reply = { .status = status, .type = "application/json" };
	struct buf body = { 0 };

	put(entry, session, &body);
	reply.body = buf_span(&body);
	if (cookies->session != NULL)
		http_reply_field(&reply, "Set-Cookie", span_of(cookies->session));
	if (cookies->device != NULL)
		http_reply_field(&reply, "Set-Cookie", span_of(cookies->device));
	answer_reply(exchange, &reply);
	buf_release(&body);
}
