/*
 * Another password: POST /api/v1/session/password {old, new}, by session. All
 * other sessions of the person end.
 */
#include "daemon/sys/password_rule.h"
#include "handlers/answer.h"
#include "handlers/bureau/body.h"
#include "handlers/staff/session_answer.h"
#include "handlers/staff/staff.h"
#include "handlers/staff/try.h"

enum change_end {
	CHANGE_WRONG,
	CHANGE_NOT_WRITTEN,
	CHANGE_DONE,
};

struct new_password {
	struct entry_job job;              /* first */
	struct staff_try try;
	struct span old, new;
	char session[SESSION_NAME + 1];
	char person[TOKEN_PERSON_MAX + 1];
	struct person_pair pair;
	struct complaint why;
	enum change_end end;
};

/* In a thread. */
static void run(struct entry_job *job)
{
	struct new_password *n = (struct new_password *)job;

	if (person_keys_open_password(job->entry->pairs, n->try.account, n->old, &n->pair) != PERSON_KEY_OPENED)
		return;
	n->end = person_keys_wrap_password(job->entry->env.state_dir, n->try.account, &n->pair, n->new, &n->why) ? CHANGE_DONE :
															CHANGE_NOT_WRITTEN;
}

static void changed(struct new_password *n, struct session *session)
{
	struct entry *entry = n->job.entry;

	entry_refresh(entry);
	slowdown_succeeded(entry->slowdown, &n->try.slow);
	entry_note_changed(entry, n->try.account, span_of(n->session), "password");
	if (session != NULL && !person_keys_password_mark(entry->pairs, n->try.account, session->password_mark))
		session = NULL;
	sessions_end_of(entry->sessions, n->try.account, session, "password");
	if (session != NULL)
		session_tell(entry, n->job.exchange, 200, session, &(struct session_cookies){ .session = NULL });
	else
		answer_problem(n->job.exchange, &(struct problem){ .status = 401, .code = "session_ended",
								      .detail = "The password was changed, and this session has ended." });
}

static void finish(struct entry_job *job, bool ran)
{
	struct new_password *n = (struct new_password *)job;
	struct session *session = sessions_named(job->entry->sessions, span_of(n->session));

	person_pair_release(&n->pair);
	if (session != NULL)
		session->changing = false;
	switch (ran ? n->end : CHANGE_NOT_WRITTEN) {
	case CHANGE_DONE:
		changed(n, session);
		break;
	case CHANGE_WRONG:
		job->entry->results[ENTRY_FAILED]++;
		answer_problem(job->exchange, &(struct problem){ .status = 403, .code = "password_wrong", .field = "old",
								    .detail = "This is not the present password." });
		break;
	case CHANGE_NOT_WRITTEN:
		answer_problem(job->exchange, &(struct problem){ .status = 503, .code = "sign_in_unavailable", .retry_after_s = 5,
								    .detail = "The account cannot be written at the moment." });
		break;
	}
}

static bool read_body(struct new_password *n, struct problem *problem)
{
	const struct json_object *body = body_read(n->job.exchange, problem);

	if (body == NULL || !body_text(body, "old", true, PERSON_PASSWORD_MAX, &n->old, problem) ||
	    !body_text(body, "new", true, PERSON_PASSWORD_MAX, &n->new, problem))
		return false;
	if (password_rule(span_of(n->person), n->new, &n->why))
		return true;
	*problem = (struct problem){ .status = 400, .code = "field_invalid", .field = "new", .detail = n->why.text };
	return false;
}

void session_password(const struct call *call, struct http_exchange *exchange)
{
	struct new_password *n = arena_new(http_exchange_arena(exchange), struct new_password);
	struct session *session = entry_session_of(call->app->entry, call->staff);
	struct problem problem;

	n->job = (struct entry_job){ .entry = call->app->entry, .exchange = exchange, .run = run, .finish = finish };
	if (session == NULL) {
		answer_problem(exchange, &(struct problem){ .status = 403, .code = "session_needed", .detail = "A token has no password." });
		return;
	}
	memcpy(n->session, session->name, sizeof(n->session));
	memcpy(n->person, session->person, sizeof(n->person));
	if (!read_body(n, &problem)) {
		answer_problem(exchange, &problem);
		return;
	}
	if (!staff_try_begin_known(&n->try, call->app, exchange, span_of(n->person), span_of(n->session)))
		return;
	session->changing = true;
	if (entry_job_start(&n->job, &n->try.slow))
		return;
	session->changing = false;
	staff_try_busy(&n->try);
}
