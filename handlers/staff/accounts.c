/*
 * Accounts of staff over HTTP; see accounts.h.
 *
 * The register is read from its file at each call: administrators are few. A
 * change is in the audit trail before it is made; one that was refused then
 * leaves a second event that says so.
 */
#include "handlers/staff/accounts.h"

#include "daemon/base/json_in.h"
#include "daemon/base/wipe.h"
#include "daemon/jobs/trail.h"
#include "daemon/sys/account_order.h"
#include "daemon/sys/account_told.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "daemon/sys/log.h"
#include "handlers/answer.h"
#include "handlers/trailing.h"

#define RETRY_S 2

static struct accounts *open_register(const struct call *args, struct http_exchange *exchange)
{
	struct complaint why = { .text = "" };
	struct accounts *reg = accounts_load(args->app->config->state_dir, &why);

	if (reg == NULL) {
		log_rarely(LOG_LEVEL_ERROR, "accounts.unreadable", why.text);
		answer_problem(exchange, &(struct problem){ .status = 503, .code = "accounts_unavailable", .retry_after_s = RETRY_S,
							    .detail = "The register of staff cannot be read; tell the operator." });
	}
	return reg;
}

static void answer_unknown(struct http_exchange *exchange)
{
	answer_problem(exchange, &(struct problem){ .status = 404, .code = "not_found", .detail = "There is no such account." });
}

/* --- reading ------------------------------------------------------------------------- */

void account_list(const struct call *args, struct http_exchange *exchange)
{
	struct accounts *reg = open_register(args, exchange);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	if (reg == NULL)
		return;
	json_open(&json, '{');
	json_open_member(&json, "accounts", '[');
	for (size_t i = 0; i < accounts_count(reg); i++) {
		const struct account *person = accounts_at(reg, i);

		if (!account_order_sees(args->staff->region, person))
			continue;
		account_told_begin(person, clock_wall_ms(), &json);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_close(&json, '}');
	answer_json(exchange, 200, buf_span(&body));
	buf_release(&body);
	accounts_free(reg);
}

void account_read(const struct call *args, struct http_exchange *exchange)
{
	struct accounts *reg = open_register(args, exchange);
	const struct account *person = reg != NULL ? accounts_find(reg, args->param[0]) : NULL;
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	if (reg == NULL)
		return;
	if (person != NULL && account_order_sees(args->staff->region, person)) {
		account_told_begin(person, clock_wall_ms(), &json);
		json_close(&json, '}');
		answer_json(exchange, 200, buf_span(&body));
	} else {
		answer_unknown(exchange);
	}
	buf_release(&body);
	accounts_free(reg);
}

/* --- what is ordered -------------------------------------------------------------------- */

static bool field_wrong(struct http_exchange *exchange, const char *field, const char *detail)
{
	answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = field, .detail = detail });
	return false;
}

/* An empty body is an empty object. */
static bool read_body(struct http_exchange *exchange, struct json_object *object)
{
	struct span body = http_exchange_request(exchange)->body;

	object->n = 0;
	return body.len == 0 || json_object_read(body, http_exchange_arena(exchange), object, NULL) ||
	       field_wrong(exchange, NULL, "The body is no JSON object.");
}

static bool member_time(const struct json_object *object, const char *name, int64_t *ms)
{
	const struct json_member *member = json_member_find(object, name);

	return member == NULL || (member->kind == JSON_TEXT && clock_parse(member->text, ms) && *ms > 0);
}

static bool read_grant(struct http_exchange *exchange, const struct json_object *body, struct account_grant *grant)
{
	struct span region = json_member_text(body, "region");

	grant->role = token_role_parse(json_member_text(body, "role"));
	if (grant->role == 0)
		return field_wrong(exchange, "role", "There is no such role.");
	if (region.at == NULL || !token_region_ok(region))
		return field_wrong(exchange, "region", "A region has six digits, like 150602 or 150000.");
	memcpy(grant->region, region.at, region.len);
	if (!member_time(body, "from", &grant->from_ms))
		return field_wrong(exchange, "from", "A time like 2026-11-21T18:06:27Z is expected.");
	if (!member_time(body, "until", &grant->until_ms) || (grant->until_ms != 0 && grant->until_ms <= grant->from_ms))
		return field_wrong(exchange, "until", "A time like 2026-11-21T18:06:27Z is expected, after the other.");
	return true;
}

static bool read_person(struct http_exchange *exchange, const struct json_object *body, struct account_order *order)
{
	order->person = json_member_text(body, "person");
	order->name = json_member_text(body, "name");
	if (!token_person_ok(order->person))
		return field_wrong(exchange, "person", "1 to 64 of letters, digits and ._-@ are expected.");
	if (order->name.len == 0 || order->name.len > ACCOUNT_NAME_MAX)
		return field_wrong(exchange, "name", "A name of 1 to 128 bytes is expected.");
	return true;
}

static bool read_order(struct http_exchange *exchange, struct account_order *order)
{
	struct json_object *body = arena_new(http_exchange_arena(exchange), struct json_object);

	if (!read_body(exchange, body))
		return false;
	if (order->act == ACCOUNT_ACT_ADD)
		return read_person(exchange, body, order);
	if (order->act == ACCOUNT_ACT_GRANT || order->act == ACCOUNT_ACT_REVOKE)
		return read_grant(exchange, body, &order->grant);
	return true;
}

/* False when it was answered. */
static bool is_allowed(const struct account_order *order, const struct accounts *reg, const struct tokens *tokens,
		       struct http_exchange *exchange)
{
	struct complaint why = { .text = "" };
	const char *code = "account_refused";

	switch (account_order_judge(order, reg, tokens, clock_wall_ms(), &why)) {
	case ACCOUNT_ORDER_WELL:
		return true;
	case ACCOUNT_ORDER_UNKNOWN:
		answer_unknown(exchange);
		return false;
	case ACCOUNT_ORDER_OWN:
		code = "own_account";
		break;
	case ACCOUNT_ORDER_BEYOND:
		code = "region_not_yours";
		break;
	case ACCOUNT_ORDER_ALONE:
		break;
	}
	answer_problem(exchange, &(struct problem){ .status = 403, .code = code, .detail = why.text });
	return false;
}

/* --- carrying it out --------------------------------------------------------------------- */

struct ordering {
	struct call call;
	struct http_exchange *exchange;
	struct account_order order;
};

static struct trail_event event_of(const struct ordering *o, struct account_order_words *words, char roles[TRAILING_ROLES_MAX])
{
	struct trail_event event = account_order_event(&o->order, words);

	event.token = span_of(o->call.staff->token_id);
	event.roles = trailing_roles(o->call.staff->roles, roles);
	return event;
}

static void note_refused(const struct ordering *o)
{
	struct account_order_words words = { .call = "" };
	char roles[TRAILING_ROLES_MAX];
	struct trail_event event = event_of(o, &words, roles);

	event.query = SPAN("state=refused");
	trail_note(o->call.app->trail, &event);
}

/* The account as it is now, and the setup code where one is out. */
static void answer_account(const struct ordering *o, int status, const char *code)
{
	struct accounts *reg = open_register(&o->call, o->exchange);
	const struct account *person = reg != NULL ? accounts_find(reg, o->order.person) : NULL;
	char shown[SETUP_CODE_SHOWN_BYTES];
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	if (reg == NULL)
		return;
	if (person != NULL) {
		account_told_begin(person, clock_wall_ms(), &json);
		if (code != NULL) {
			setup_code_shown(code, shown);
			json_text(&json, "setup_code", span_of(shown));
			wipe(shown, sizeof(shown));
		}
		json_close(&json, '}');
		answer_json(o->exchange, status, buf_span(&body));
	} else {
		answer_unknown(o->exchange);
	}
	buf_release(&body);
	accounts_free(reg);
}

static void carry_out(const struct ordering *o)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1] = "";
	struct complaint why = { .text = "" };

	switch (account_order_run(&o->order, o->call.app->config->state_dir, clock_wall_ms(), code, &why)) {
	case ACCOUNT_DONE_REFUSED:
		note_refused(o);
		answer_problem(o->exchange, &(struct problem){ .status = 409, .code = "account_refused", .detail = why.text });
		break;
	case ACCOUNT_DONE_WELL:
		answer_account(o, 200, NULL);
		break;
	case ACCOUNT_DONE_CODE:
		answer_account(o, o->order.act == ACCOUNT_ACT_ADD ? 201 : 200, code);
		break;
	case ACCOUNT_DONE_WAITS:
		answer_account(o, 202, NULL);
		break;
	}
	wipe(code, sizeof(code));
}

static void written(void *ctx, bool well)
{
	const struct ordering *o = ctx;

	if (well)
		carry_out(o);
	else
		trailing_refuse(o->exchange);
}

static void order(const struct call *args, struct http_exchange *exchange, enum account_order_act act)
{
	struct ordering *o = arena_new(http_exchange_arena(exchange), struct ordering);
	struct accounts *reg;
	struct account_order_words words = { .call = "" };
	char roles[TRAILING_ROLES_MAX];
	struct trail_event event;
	bool well;

	*o = (struct ordering){ .call = *args, .exchange = exchange, .order = { .act = act, .person = args->param[0] } };
	o->order.by = span_of(o->call.staff->person);
	memcpy(o->order.by_region, args->staff->region, sizeof(o->order.by_region));
	if (!read_order(exchange, &o->order))
		return;
	reg = open_register(args, exchange);
	/* Who orders by session has not had them read again. */
	tokens_refresh(args->app->tokens, NULL);
	well = reg != NULL && is_allowed(&o->order, reg, args->app->tokens, exchange);
	accounts_free(reg);
	if (!well)
		return;
	event = event_of(o, &words, roles);
	if (!trail_show(args->app->trail, &event, (struct trail_wait){ .done = written, .ctx = o }))
		trailing_refuse(exchange);
}

void account_post(const struct call *args, struct http_exchange *exchange)
{
	order(args, exchange, ACCOUNT_ACT_ADD);
}

void account_act(const struct call *args, struct http_exchange *exchange)
{
	enum account_order_act act;

	if (account_order_act_find(args->param[1], &act) && act != ACCOUNT_ACT_ADD)
		order(args, exchange, act);
	else
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "not_found",
							    .detail = "Accounts know grant, revoke, suspend, restore, recover, cancel_recovery and sign_out." });
}
