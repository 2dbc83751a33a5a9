/*
 * Tokens of staff for administrators; see admin.h. They are made at the command
 * line alone (tipctl token add), where the text is shown once.
 */
#include "daemon/base/json_out.h"
#include "daemon/jobs/leavers.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "daemon/sys/log.h"
#include "daemon/sys/person_keys.h"
#include "daemon/sys/person_wrap.h"
#include "daemon/sys/token_use.h"
#include "handlers/admin/admin.h"
#include "handlers/answer.h"

#include <stdio.h>

#define DATE_LEN 10
#define RETRY_S 2

static bool is_theirs(const struct staff *staff, const struct token *token)
{
	return token_region_covers(staff->region, token->region);
}

/* --- the list ---------------------------------------------------------------------------- */

static void put_roles(unsigned roles, struct json_out *json)
{
	json_open_member(json, "roles", '[');
	for (unsigned i = 0; i < TOKEN_ROLES; i++)
		if ((roles >> i & 1) != 0)
			json_text(json, NULL, span_of(token_role_name(i)));
	json_close(json, ']');
}

static void put_scope(struct span scope, struct json_out *json)
{
	struct span word;

	json_open_member(json, "scope", '[');
	while (!span_empty(scope) && span_cut(&scope, ' ', &word))
		json_text(json, NULL, word);
	json_close(json, ']');
}

/* A day and no more: see token_use.h. */
static void put_day(const struct token_use *use, const char *id, struct json_out *json)
{
	int64_t day_ms = use != NULL ? token_use_day_ms(use, span_of(id)) : -1;
	char text[21];

	if (day_ms < 0) {
		json_none(json, "used_on");
		return;
	}
	clock_text(day_ms, text);
	json_text(json, "used_on", span_from(text, DATE_LEN));
}

static void put_token(const struct call *args, const struct token *token, int64_t now_ms, struct json_out *json)
{
	json_open(json, '{');
	json_text(json, "id", span_of(token->id));
	json_text(json, "person", span_of(token->person));
	put_roles(token->roles, json);
	json_text(json, "region", span_of(token->region));
	put_scope(span_of(token->scope), json);
	clock_put(json, "created", token->created_ms);
	clock_put(json, "expires", token->expires_ms);
	json_bool(json, "expired", token->expires_ms != 0 && token->expires_ms <= now_ms);
	put_day(args->app->token_use, token->id, json);
	json_bool(json, "yours", strcmp(token->id, args->staff->token_id) == 0);
	json_close(json, '}');
}

void token_list(const struct call *args, struct http_exchange *exchange)
{
	struct tokens *tokens = args->app->tokens;
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	tokens_refresh(tokens, NULL);
	json_open(&json, '{');
	json_open_member(&json, "tokens", '[');
	for (size_t i = 0; i < tokens_count(tokens); i++)
		if (is_theirs(args->staff, tokens_at(tokens, i)))
			put_token(args, tokens_at(tokens, i), clock_wall_ms(), &json);
	json_close(&json, ']');
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&body);
}

/* --- revoking ------------------------------------------------------------------------------ */

/* Those that are over too. */
static const struct token *find(const struct call *args)
{
	const struct tokens *tokens = args->app->tokens;

	for (size_t i = 0; i < tokens_count(tokens); i++)
		if (span_is(args->param[0], tokens_at(tokens, i)->id) && is_theirs(args->staff, tokens_at(tokens, i)))
			return tokens_at(tokens, i);
	return NULL;
}

/* The token is none any more; that its person's keys are still wrapped under it is told and changes nothing. */
static void unwrap(const char *state_dir, const struct token *token)
{
	char by[PERSON_WRAP_BY_MAX + 1];
	struct complaint why = { .text = "" };

	if (person_wrap_name(span_of(token->id), by) && !person_keys_unwrap(state_dir, span_of(token->person), span_of(by), &why))
		log_event(LOG_LEVEL_ERROR, "tokens.still_wrapped", "token", token->id, "why", why.text, NULL);
}

void token_revoke_one(const struct call *args, struct http_exchange *exchange)
{
	const char *state_dir = args->app->config->state_dir;
	struct complaint why = { .text = "" };
	const struct token *found;
	struct token token;

	tokens_refresh(args->app->tokens, NULL);
	found = find(args);
	if (found == NULL) {
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "not_found", .detail = "There is no such token." });
		return;
	}
	token = *found;
	if (!token_revoke(state_dir, span_of(token.id), &why)) {
		log_rarely(LOG_LEVEL_ERROR, "tokens.unwritten", why.text);
		answer_problem(exchange, &(struct problem){ .status = 503, .code = "tokens_unavailable", .retry_after_s = RETRY_S,
							    .detail = "The file of tokens cannot be written; tell the operator." });
		return;
	}
	unwrap(state_dir, &token);
	/* Whoever watches the tokens closes the keys and writes the event. */
	tokens_refresh(args->app->tokens, NULL);
	if (args->app->leavers != NULL)
		leavers_kick(args->app->leavers);
	answer_json(exchange, 200, SPAN("{\"state\":\"revoked\"}"));
}
