/*
 * Taking an account into use: POST /api/v1/session/setup {account, code, password, token?}.
 *
 * The setup code was given on paper, and works once. With it the person chooses
 * the password that wraps their key pair, and gets the secret of the second
 * factor, shown this once. Who has a pair already, made with a token, must bring
 * that token: else what was sealed to the pair would be lost.
 *
 * The pair is made before the code is taken: where the process dies between the
 * two, the same code and password go on from there.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/password_rule.h"
#include "daemon/sys/random.h"
#include "handlers/answer.h"
#include "handlers/bureau/body.h"
#include "handlers/staff/second_factor.h"
#include "handlers/staff/staff.h"
#include "handlers/staff/try.h"

#define CODE_MAX 64
#define TOKEN_MAX 128

enum set_up_end {
	SET_UP_FAILED,        /* the code was taken meanwhile */
	SET_UP_TOKEN_NEEDED,
	SET_UP_NOT_WRITTEN,
	SET_UP_DONE,
};

struct set_up {
	struct entry_job job;        /* first */
	struct staff_try try;
	struct span code, password, token;
	bool paired;                 /* the person has a key pair */
	char token_id[17];           /* of the token, when it is that person's; empty: it is not */
	unsigned char secret[TOTP_SECRET_BYTES];
	struct buf sealed;
	struct person_pair pair;
	struct complaint why;
	enum set_up_end end;
};

/* --- in a thread ----------------------------------------------------------------------------- */

/* The pair that is there, under the password too. */
static enum set_up_end wrap_pair(struct set_up *s)
{
	const struct entry *entry = s->job.entry;

	/* As a set-up that was cut short left it. */
	if (person_keys_open_password(entry->pairs, s->try.account, s->password, &s->pair) == PERSON_KEY_OPENED)
		return SET_UP_DONE;
	if (s->token_id[0] == '\0' ||
	    person_keys_open_token(entry->pairs, s->try.account, span_of(s->token_id), s->token, &s->pair) != PERSON_KEY_OPENED)
		return SET_UP_TOKEN_NEEDED;
	return person_keys_wrap_password(entry->env.state_dir, s->try.account, &s->pair, s->password, &s->why) ? SET_UP_DONE : SET_UP_NOT_WRITTEN;
}

static enum set_up_end make_pair(struct set_up *s)
{
	const struct span none = { 0 };

	return person_keys_make(s->job.entry->env.state_dir, s->try.account, s->password, none, none, &s->pair, &s->why) ? SET_UP_DONE :
															       SET_UP_NOT_WRITTEN;
}

static void run(struct entry_job *job)
{
	struct set_up *s = (struct set_up *)job;

	s->end = s->paired ? wrap_pair(s) : make_pair(s);
	if (s->end == SET_UP_DONE && !account_set_up(job->entry->env.state_dir, s->try.account, s->code, buf_span(&s->sealed), clock_wall_ms(), &s->why))
		s->end = SET_UP_FAILED;
}

/* --- afterwards ---------------------------------------------------------------------------------- */

static void show(struct set_up *s)
{
	char text[SECOND_FACTOR_TEXT + 1];
	struct buf body = { 0 }, uri = { 0 };
	struct json_out json = json_out_to(&body);

	second_factor_text(s->secret, text);
	second_factor_uri(s->try.account, text, &uri);
	json_open(&json, '{');
	json_text(&json, "person", s->try.account);
	json_text(&json, "secret", span_of(text));
	json_text(&json, "uri", buf_span(&uri));
	json_close(&json, '}');
	wipe(text, sizeof(text));
	wipe(s->secret, sizeof(s->secret));
	answer_json(s->job.exchange, 201, buf_span(&body));
	buf_release(&uri);
	buf_release(&body);
}

static void refuse_code(struct set_up *s)
{
	staff_try_refuse(&s->try, "set_up_failed", "Account or code is wrong, was used, or is too old.");
}

static void finish(struct entry_job *job, bool ran)
{
	struct set_up *s = (struct set_up *)job;
	enum set_up_end end = ran ? s->end : SET_UP_NOT_WRITTEN;

	person_pair_release(&s->pair);
	buf_release(&s->sealed);
	switch (end) {
	case SET_UP_DONE:
		entry_refresh(job->entry);
		slowdown_succeeded(job->entry->slowdown, &s->try.slow);
		entry_note_changed(job->entry, s->try.account, (struct span){ 0 }, "set_up");
		show(s);
		return;
	case SET_UP_FAILED:
		refuse_code(s);
		break;
	case SET_UP_TOKEN_NEEDED:
		answer_problem(job->exchange, &(struct problem){ .status = 409, .code = "own_token_needed", .field = "token",
								    .detail = "This person has a key pair that a token opens: send that token too." });
		break;
	case SET_UP_NOT_WRITTEN:
		answer_problem(job->exchange, &(struct problem){ .status = 503, .code = "sign_in_unavailable", .retry_after_s = 5,
								    .detail = "The account cannot be written at the moment." });
		break;
	}
	wipe(s->secret, sizeof(s->secret));
}

/* --- before ---------------------------------------------------------------------------------------- */

static bool read_body(struct set_up *s, struct problem *problem)
{
	const struct json_object *body = body_read(s->job.exchange, problem);

	return body != NULL && body_text(body, "account", true, TOKEN_PERSON_MAX, &s->try.account, problem) &&
	       body_text(body, "code", true, CODE_MAX, &s->code, problem) &&
	       body_text(body, "password", true, PERSON_PASSWORD_MAX, &s->password, problem) &&
	       body_text(body, "token", false, TOKEN_MAX, &s->token, problem);
}

static void find_token(struct set_up *s)
{
	const struct token *token;

	if (span_empty(s->token))
		return;
	tokens_refresh(s->try.app->tokens, NULL);
	token = tokens_find(s->try.app->tokens, s->token, clock_wall_ms());
	if (token != NULL && span_is(s->try.account, token->person))
		memcpy(s->token_id, token->id, sizeof(token->id));
}

static void start(struct set_up *s)
{
	const struct entry *entry = s->job.entry;

	s->paired = person_keys_public(entry->pairs, s->try.account) != NULL;
	find_token(s);
	random_bytes(s->secret, sizeof(s->secret));
	second_factor_seal(entry->env.staff_key, s->try.account, s->secret, &s->sealed);
	if (entry_job_start(&s->job, &s->try.slow))
		return;
	buf_release(&s->sealed);
	wipe(s->secret, sizeof(s->secret));
	staff_try_busy(&s->try);
}

void session_set_up(const struct call *call, struct http_exchange *exchange)
{
	struct set_up *s = arena_new(http_exchange_arena(exchange), struct set_up);
	struct problem problem;

	s->job = (struct entry_job){ .entry = call->app->entry, .exchange = exchange, .run = run, .finish = finish };
	if (!staff_try_allowed(call->app, exchange))
		return;
	if (!read_body(s, &problem)) {
		answer_problem(exchange, &problem);
		return;
	}
	entry_refresh(s->job.entry);
	if (!staff_try_begin(&s->try, call->app, exchange, s->try.account))
		return;
	if (!account_code_fits(accounts_find(s->job.entry->accounts, s->try.account), s->code, clock_wall_ms())) {
		refuse_code(s);
	} else if (!password_rule(s->try.account, s->password, &s->why)) {
		slowdown_take_back(s->job.entry->slowdown, &s->try.slow);
		answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = "password", .detail = s->why.text });
	} else {
		start(s);
	}
}
