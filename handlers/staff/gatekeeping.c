/*
 * Tokens and sessions of requests; see gatekeeping.h.
 */
#include "handlers/staff/gatekeeping.h"

#include "daemon/sys/accounts.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/tokens.h"
#include "handlers/staff/cookies.h"
#include "handlers/staff/entry.h"
#include "handlers/staff/origin.h"
#include "handlers/trailing.h"

_Static_assert((int)WHO_OFFICER == (int)TOKEN_OFFICER && (int)WHO_ADMIN == (int)TOKEN_ADMIN,
	       "roles of tokens, of accounts and of the route table are the same bits");

static bool refuse(struct problem *problem, int status, const char *code, const char *detail)
{
	*problem = (struct problem){ .status = status, .code = code, .detail = detail };
	return false;
}

static bool refuse_token(struct problem *problem)
{
	return refuse(problem, 401, "token_needed", "Send Authorization: Bearer and a valid token, or sign in.");
}

/* --- tokens ----------------------------------------------------------------------------- */

/* What the token opens stays closed where nobody works on tips. */
static struct keyring_ref keyring_of(const struct app *app, const struct token *token, struct span text)
{
	if (app->keyrings == NULL)
		return (struct keyring_ref){ 0 };
	return keyrings_by_token(app->keyrings, span_of(token->person), span_of(token->id), text, clock_steady_ms());
}

/* The tokens of a suspended account are as good as none. A register that cannot be read leaves what was known. */
static bool is_shut(const struct app *app, struct span person)
{
	const struct account *account;

	if (app->accounts == NULL)
		return false;
	accounts_refresh(app->accounts, NULL);
	account = accounts_find(app->accounts, person);
	return account != NULL && account->state == ACCOUNT_SUSPENDED;
}

static bool by_token(const struct app *app, struct span field, bool unattended, struct staff *staff)
{
	const struct token *token;

	if (field.len < 7 || !span_eq_nocase(span_from(field.at, 7), SPAN("Bearer ")))
		return false;
	tokens_refresh(app->tokens, NULL);
	field = span_trim(span_from_offset(field, 7));
	token = tokens_find(app->tokens, field, clock_wall_ms());
	if (token == NULL || is_shut(app, span_of(token->person))) {
		trailing_signed_in(app, NULL, unattended);
		return false;
	}
	memcpy(staff->person, token->person, sizeof(staff->person));
	memcpy(staff->token_id, token->id, sizeof(token->id));
	memcpy(staff->region, token->region, sizeof(staff->region));
	staff->roles = token->roles;   /* the same bits: enum who follows enum token_role */
	memcpy(staff->scope, token->scope, sizeof(staff->scope));
	if (!unattended)
		staff->keyring = keyring_of(app, token, field);
	trailing_signed_in(app, staff, unattended);
	return true;
}

/* --- sessions ----------------------------------------------------------------------------- */

static bool changes(const struct http_request *request)
{
	return request->method != HTTP_GET && request->method != HTTP_HEAD;
}

static const char *gone(struct http_exchange *exchange)
{
	struct buf text = { 0 };
	struct span kept;

	cookie_put_gone(COOKIE_SESSION, http_exchange_is_secure(exchange), &text);
	kept = arena_dup(http_exchange_arena(exchange), buf_span(&text));
	buf_release(&text);
	return kept.at;
}

static bool refuse_ended(struct http_exchange *exchange, struct problem *problem)
{
	*problem = (struct problem){ .status = 401, .code = "session_ended", .set_cookie = gone(exchange),
				     .detail = "This session has ended. Sign in again." };
	return false;
}

static const struct session *session_of(const struct app *app, struct span text, bool unattended, struct staff *staff)
{
	if (app->entry == NULL)
		return NULL;
	return unattended ? entry_session_unattended(app->entry, text, staff) : entry_session(app->entry, text, staff);
}

static bool by_session(const struct app *app, struct http_exchange *exchange, struct span text, bool unattended,
		       struct staff *staff, struct problem *problem)
{
	const struct http_request *request = http_exchange_request(exchange);
	const struct session *session = session_of(app, text, unattended, staff);

	if (session == NULL)
		return refuse_ended(exchange, problem);
	if (!origin_is_ours(request, http_exchange_is_secure(exchange)))
		return refuse(problem, 403, "cross_site", "A page of another site asked for this.");
	if (changes(request) && !session_csrf_is(session, http_field_find(request, "X-CSRF-Token")))
		return refuse(problem, 403, "csrf_needed", "Send X-CSRF-Token with the word that the sign-in answered.");
	return true;
}

bool gatekeeping_identify(const struct app *app, struct http_exchange *exchange, bool unattended, struct staff *staff,
			  struct problem *problem)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct span token = http_field_find(request, "Authorization"), text;

	switch (cookie_find(request, COOKIE_SESSION, http_exchange_is_secure(exchange), &text)) {
	case COOKIE_REFUSED:
		return refuse(problem, 400, "cookie_invalid", "The session's cookie came more than once.");
	case COOKIE_FOUND:
		if (token.at != NULL)
			return refuse(problem, 400, "two_credentials", "Send a token or a session's cookie, not both.");
		return by_session(app, exchange, text, unattended, staff, problem);
	case COOKIE_NONE:
		break;
	}
	if (by_token(app, token, unattended, staff))
		return true;
	return refuse_token(problem);
}

/* --- later in a request ------------------------------------------------------------------- */

static bool token_still(const struct app *app, struct staff *staff)
{
	const struct token *token;

	tokens_refresh(app->tokens, NULL);
	token = tokens_named(app->tokens, span_of(staff->token_id), clock_wall_ms());
	if (token == NULL || is_shut(app, span_of(token->person)))
		return false;
	staff->roles = token->roles;
	return true;
}

bool gatekeeping_again(const struct app *app, struct http_exchange *exchange, struct staff *staff, struct problem *problem)
{
	if (sessions_is_name(span_of(staff->token_id)))
		return (app->entry != NULL && entry_still(app->entry, staff)) || refuse_ended(exchange, problem);
	return token_still(app, staff) || refuse_token(problem);
}
