/*
 * What staff do with money: one way for all commands.
 *
 *   read     key, body -> command (call.h)
 *   tip      reward.propose: whose share it is, from the tip itself        waits
 *   vault    reward.panel: the payee is sealed and put away (panel.h)      waits
 *   submit   the treasury decides and records                              waits
 *   answer   what it is about, as the record left it; a repetition gets
 *            the same bytes
 *
 * A proposer names the tip and never the claimant: the token is made from the
 * receipt's mark that came with the tip, so no reward can be proposed for
 * somebody who did not send it.
 */
#include "daemon/base/json_in.h"
#include "daemon/base/table.h"
#include "daemon/jobs/treasury.h"
#include "daemon/store/wait.h"
#include "daemon/sys/log.h"
#include "handlers/answer.h"
#include "handlers/audit/as_of.h"
#include "handlers/reward/call.h"
#include "handlers/reward/panel.h"
#include "handlers/reward/reward.h"
#include "handlers/reward/submit.h"
#include "handlers/reward/told.h"

#define HOPS_MAX 40     /* transfers between shards that are followed */
#define RETRY_S 5

enum call_step {
	STEP_TIP,
	STEP_TIP_CAME,
	STEP_VAULT,
	STEP_SUBMIT,
	STEP_ANSWER,
};

struct call_flow {
	struct app *app;
	struct http_exchange *exchange;
	struct book_command command;
	struct tip_id tip;             /* of a proposal */
	unsigned member;
	unsigned hops;
	bool proposes;
	bool panel;                    /* of two officers: its payee goes into the vault */
	struct panel papers;
	struct store_reply read, put;
	struct submitted submitted;
};

static enum flow_next refuse(struct call_flow *c, const struct problem *problem)
{
	answer_problem(c->exchange, problem);
	c->exchange = NULL;
	return FLOW_DONE;
}

/* --- whose share ---------------------------------------------------------------------------- */

static enum flow_next step_tip(struct flow *flow)
{
	struct call_flow *c = flow_state(flow);

	if (!c->proposes) {
		flow_jump(flow, STEP_VAULT);
		return FLOW_NEXT;
	}
	return store_wait_flow(flow, c->app->store, &(struct store_request){ .op = STORE_READ, .id = c->tip }, &c->read);
}

static enum flow_next step_tip_came(struct flow *flow)
{
	struct call_flow *c = flow_state(flow);
	char *claimant = arena_alloc(flow_arena(flow), OFFICE_TOKEN_MAX);

	if (c->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (c->read.verdict == STORE_ABSENT || c->read.nrows == 0)
		return refuse(c, &(struct problem){ .status = 404, .code = "no_such_tip", .field = "tip",
						    .detail = "There is no such tip." });
	if (c->read.rows[0].state == TIP_TRANSFERRED && c->hops++ < HOPS_MAX) {
		memcpy(c->tip.text, c->read.rows[0].region, 2);
		flow_jump(flow, STEP_TIP);
		return FLOW_NEXT;
	}
	office_claimant(c->app->office, c->read.rows[0].receipt_mark, c->member, claimant);
	c->command.fields[c->command.nfields++] =
		(struct book_field){ .name = "claimant", .value = span_of(claimant) };
	return FLOW_NEXT;
}

/* --- the command ------------------------------------------------------------------------------ */

static enum flow_next step_vault(struct flow *flow)
{
	struct call_flow *c = flow_state(flow);

	if (!c->panel)
		return FLOW_NEXT;
	return store_wait_flow(flow, c->app->store,
			       &(struct store_request){ .op = STORE_VAULT_PUT, .token = span_of(c->papers.payee),
							.sealed = c->papers.sealed },
			       &c->put);
}

static enum flow_next step_submit(struct flow *flow)
{
	struct call_flow *c = flow_state(flow);

	if (c->panel && c->put.outcome != STORE_DONE)
		return FLOW_FAIL;
	return submit_flow(flow, c->app->treasury, &c->command, &c->submitted);
}

/* An answer that is not in memory any more is told again by the journal. */
struct told_again {
	const struct office *office;
	struct http_exchange *exchange;
};

static void tell_again(void *ctx, const struct book *book, const struct record *record)
{
	struct told_again *again = ctx;
	struct http_exchange *exchange = again->exchange;
	struct buf body = { 0 };

	if (book == NULL) {
		answer_unavailable(exchange);
		return;
	}
	told_answer(again->office, book, record, &body);
	answer_json(exchange, told_status(record), buf_span(&body));
	buf_release(&body);
}

static enum flow_next answer_done(struct call_flow *c)
{
	const struct record *record = &c->submitted.record;
	struct span kept = office_answer(c->app->office, record->seq);
	struct told_again *again;

	if (!span_empty(kept)) {
		answer_json(c->exchange, told_status(record), kept);
		c->exchange = NULL;
		return FLOW_DONE;
	}
	again = arena_new(http_exchange_arena(c->exchange), struct told_again);
	*again = (struct told_again){ .office = c->app->office, .exchange = c->exchange };
	if (!as_of(c->app, record->seq, tell_again, again))
		return FLOW_FAIL;
	c->exchange = NULL;
	return FLOW_DONE;
}

static enum flow_next step_answer(struct flow *flow)
{
	struct call_flow *c = flow_state(flow);
	const struct book_refusal *refusal = &c->submitted.refusal;

	switch (c->submitted.outcome) {
	case TREASURY_DONE:
		return answer_done(c);
	case TREASURY_REFUSED:
		return refuse(c, &(struct problem){ .status = refusal->status, .code = refusal->code,
						    .detail = refusal->detail, .field = refusal->field });
	case TREASURY_AWAY:
	case TREASURY_UNKNOWN:
		break;
	}
	return FLOW_FAIL;
}

static void end(struct flow *flow, bool well)
{
	struct call_flow *c = flow_state(flow);

	log_event(LOG_LEVEL_INFO, "money.call", "kind", c->command.kind, "seq", log_u64(c->submitted.record.seq),
		  "refused", c->submitted.refusal.code, "ms", log_u64(flow_age_ms(flow)), NULL);
	if (c->exchange != NULL)
		answer_unavailable(c->exchange);
	(void)well;
}

static const struct flow_step call_steps[] = {
	[STEP_TIP] = { .name = "tip", .run = step_tip },
	[STEP_TIP_CAME] = { .name = "tip_came", .run = step_tip_came },
	[STEP_VAULT] = { .name = "vault", .run = step_vault },
	[STEP_SUBMIT] = { .name = "submit", .run = step_submit },
	[STEP_ANSWER] = { .name = "answer", .run = step_answer },
};

static const struct flow_kind call_flow_kind = {
	.name = "money",
	.steps = call_steps,
	.nsteps = COUNT_OF(call_steps),
	.state_bytes = sizeof(struct call_flow),
	.timeout_ms = 15000,
	.end = end,
};

/* --- reading --------------------------------------------------------------------------------------- */

/* A call, before it is a command. */
struct wish {
	const char *prefix;            /* of the kind */
	struct span action;
	struct span subject;           /* from the path; empty: by `member`, or none */
	const char *member;            /* of the body that is the subject, or NULL */
};

static bool read_key(struct http_exchange *exchange, struct book_command *command, struct problem *problem)
{
	struct span key = http_field_find(http_exchange_request(exchange), "Idempotency-Key");

	command->key = key;
	if (key.at == NULL)
		*problem = (struct problem){ .status = 400, .code = "key_needed", .field = "Idempotency-Key",
					     .detail = "Name the request with an Idempotency-Key, a new one for each." };
	else if (!call_key_ok(key))
		*problem = (struct problem){ .status = 400, .code = "key_invalid", .field = "Idempotency-Key",
					     .detail = "A key has 1 to 64 of letters, digits, '.', '_' and '-'." };
	return call_key_ok(key);
}

static bool read_body(struct http_exchange *exchange, struct json_object *body, struct problem *problem)
{
	struct arena *arena = http_exchange_arena(exchange);
	struct span bytes = http_exchange_request(exchange)->body;
	struct complaint why;

	if (bytes.len == 0 || json_object_read(bytes, arena, body, &why))
		return true;
	*problem = (struct problem){ .status = 400, .code = "not_json",
				     .detail = arena_printf(arena, "The body must be one JSON object: %s.", why.text) };
	return false;
}

/* The actor is set before: the book is asked whether it would take it. */
static bool read_panel(const struct call *args, struct http_exchange *exchange, struct call_flow *c,
		       struct problem *problem)
{
	struct arena *arena = http_exchange_arena(exchange);
	struct json_object *body = arena_new(arena, struct json_object);

	c->panel = true;
	c->command = (struct book_command){ .subject = args->param[0] };
	call_actor(args->staff, treasury_book(args->app->treasury), treasury_now_ms(args->app->treasury), arena, &c->command);
	return read_key(exchange, &c->command, problem) && read_body(exchange, body, problem) &&
	       panel_read(args->app, http_exchange_request(exchange)->body, body, arena, &c->command, &c->papers, problem);
}

static bool read_command(const struct wish *wish, struct http_exchange *exchange, struct book_command *command,
			 struct problem *problem)
{
	struct arena *arena = http_exchange_arena(exchange);
	struct json_object *body = arena_new(arena, struct json_object);
	struct call_form form = { .kind = call_kind(wish->prefix, wish->action), .subject = wish->member };

	if (form.kind == NULL) {
		*problem = (struct problem){ .status = 404, .code = "no_such_action",
					     .detail = "There is no such action here." };
		return false;
	}
	if (strcmp(form.kind->kind, "reward.propose") == 0)
		form.hidden = "claimant";
	command->subject = wish->subject;
	return read_key(exchange, command, problem) && read_body(exchange, body, problem) &&
	       call_read(&form, body, arena, command, problem);
}

static struct span field_of(const struct book_command *command, const char *name)
{
	for (size_t i = 0; i < command->nfields; i++)
		if (strcmp(command->fields[i].name, name) == 0)
			return command->fields[i].value;
	return (struct span){ 0 };
}

/* What a proposal is about; false: it names no tip. */
static bool read_tip(const struct book_command *command, struct call_flow *c, struct problem *problem)
{
	uint64_t member = 0;

	c->proposes = strcmp(command->kind, "reward.propose") == 0;
	if (!c->proposes)
		return true;
	*problem = (struct problem){ .status = 400, .code = "WRONG_FIELD", .field = "tip",
				     .detail = "tip: an id like 15-7K3MQ2X9RD" };
	if (!tip_id_parse(field_of(command, "tip"), &c->tip))
		return false;
	if (span_u64(field_of(command, "member"), &member) && member >= POLICY_MEMBERS_MAX) {
		problem->field = "member";
		problem->detail = "member: there is no such one";
		return false;
	}
	c->member = (unsigned)member;
	return true;
}

static bool is_open(const struct app *app, struct problem *problem)
{
	if (app->treasury != NULL && app->office != NULL)
		return true;
	*problem = (struct problem){ .status = 503, .code = "money_off", .retry_after_s = RETRY_S,
				     .detail = "Money is switched off in this process." };
	return false;
}

/* Its texts live in the exchange's arena, until the answer. */
static void run(const struct call_flow *read)
{
	struct call_flow *c = flow_state(flow_start(read->app->loop, &call_flow_kind, NULL, NULL));

	*c = *read;
}

static void start_panel(const struct call *args, struct http_exchange *exchange)
{
	struct call_flow read = { .app = args->app, .exchange = exchange };
	struct problem problem;

	if (!is_open(args->app, &problem) || !read_panel(args, exchange, &read, &problem))
		answer_problem(exchange, &problem);
	else
		run(&read);
}

static void start(const struct call *args, struct http_exchange *exchange, const struct wish *wish)
{
	struct book_command command = { 0 };
	struct call_flow read = { .app = args->app, .exchange = exchange };
	struct problem problem;

	if (!is_open(args->app, &problem) || !read_command(wish, exchange, &command, &problem) ||
	    !read_tip(&command, &read, &problem)) {
		answer_problem(exchange, &problem);
		return;
	}
	call_actor(args->staff, treasury_book(args->app->treasury), treasury_now_ms(args->app->treasury),
		   http_exchange_arena(exchange), &command);
	read.command = command;
	run(&read);
}

/* --- the calls ---------------------------------------------------------------------------------- */

void reward_post(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange, &(struct wish){ .prefix = "reward.", .action = SPAN("propose") });
}

void reward_act(const struct call *args, struct http_exchange *exchange)
{
	bool tax = span_is(args->param[1], "tax");

	if (span_is(args->param[1], "panel")) {
		start_panel(args, exchange);
		return;
	}
	start(args, exchange,
	      &(struct wish){ .prefix = tax ? "budget." : "reward.", .action = args->param[1], .subject = args->param[0] });
}

/* "150600/anti-trafficking/2026", or for a correction the entry that the body names. */
void ledger_act(const struct call *args, struct http_exchange *exchange)
{
	struct arena *arena = http_exchange_arena(exchange);
	bool corrects = span_is(args->param[3], "correct");
	struct wish wish = { .prefix = "budget.", .action = args->param[3], .member = corrects ? "entry" : NULL };

	if (!corrects)
		wish.subject = span_of(arena_printf(arena, "%.*s/%.*s/%.*s", (int)args->param[0].len, args->param[0].at,
						    (int)args->param[1].len, args->param[1].at, (int)args->param[2].len,
						    args->param[2].at));
	if (span_is(wish.action, "tax"))
		wish.action = SPAN("");
	start(args, exchange, &wish);
}

void policy_post(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange, &(struct wish){ .prefix = "policy.", .action = SPAN("draft") });
}

/* By hash, or the latest draft of that name. */
void policy_adopt(const struct call *args, struct http_exchange *exchange)
{
	const struct index_policy *policy = NULL;
	struct wish wish = { .prefix = "policy.", .action = SPAN("adopt"), .subject = args->param[0] };

	if (args->app->office != NULL)
		policy = money_index_policy(office_index(args->app->office), args->param[0]);
	if (policy != NULL)
		wish.subject = arena_dup(http_exchange_arena(exchange), span_of(policy->hash));
	start(args, exchange, &wish);
}

void payout_act(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange,
	      &(struct wish){ .prefix = "attempt.", .action = args->param[1], .subject = args->param[0] });
}

void rail_act(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange, &(struct wish){ .prefix = "rail.", .action = args->param[1], .subject = args->param[0] });
}

/* That the journal was restored; and, by its quarantine, that it was reconciled. */
void money_act(const struct call *args, struct http_exchange *exchange)
{
	struct wish wish = { .prefix = "book.", .action = args->param[0] };

	if (span_is(wish.action, "reconciled"))
		wish.member = "quarantine";
	start(args, exchange, &wish);
}

void staff_post(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange, &(struct wish){ .prefix = "staff.", .action = SPAN("set"), .member = "account" });
}

void case_post(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange, &(struct wish){ .prefix = "case.", .action = SPAN("verified"), .member = "case" });
}

void export_post(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange, &(struct wish){ .prefix = "audit.", .action = SPAN("export") });
}

void break_resolve(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange,
	      &(struct wish){ .prefix = "break.", .action = SPAN("resolve"), .subject = args->param[0] });
}

void suspense_clear(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange,
	      &(struct wish){ .prefix = "suspense.", .action = SPAN("clear"), .subject = args->param[0] });
}
