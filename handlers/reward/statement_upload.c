/*
 * A bank's statement from finance: the whole file or nothing, once.
 *
 *   read     parameters and file -> statement, in whichever form it is
 *   import   the treasury decides and records                               waits
 *   judge    one record a line, until none is left                          waits
 *   refused  another file for the day, or another currency, is a break      waits
 *   answer   how many lines were taken, matched, and which breaks are open
 *
 * What follows from the lines is the system's to do, and the process that
 * leads does it too; who comes second finds it done, for the keys are the same.
 */
#include "daemon/base/table.h"
#include "daemon/core/text/gazetteer.h"
#include "daemon/jobs/treasury.h"
#include "daemon/sys/log.h"
#include "handlers/answer.h"
#include "handlers/reward/call.h"
#include "handlers/reward/reward.h"
#include "handlers/reward/submit.h"
#include "handlers/reward/told_bank.h"

#define JUDGE_MS 10000   /* longer than this the rest is left to the process that leads */
#define RETRY_S 5

enum upload_step {
	STEP_IMPORT,
	STEP_IMPORTED,
	STEP_JUDGE,
	STEP_JUDGED,
	STEP_REFUSED,
};

struct upload {
	struct app *app;
	struct http_exchange *exchange;
	struct statement statement;
	struct span account;
	struct book_command command;   /* the one under way */
	struct submitted submitted;
	struct book_refusal refusal;   /* why nothing was imported */
	bool known;                    /* was imported before */
};

/* --- answers ------------------------------------------------------------------------------- */

static enum flow_next refuse(struct upload *u, const struct problem *problem)
{
	answer_problem(u->exchange, problem);
	u->exchange = NULL;
	return FLOW_DONE;
}

static enum flow_next refuse_as(struct upload *u, const struct book_refusal *refusal)
{
	return refuse(u, &(struct problem){ .status = refusal->status, .code = refusal->code,
					    .detail = refusal->detail, .field = refusal->field });
}

static const struct book_statement *imported(const struct upload *u)
{
	return book_statement_find(treasury_book(u->app->treasury), u->account, span_of(u->statement.date));
}

static void put_breaks(const struct upload *u, const struct book_statement *statement, struct json_out *json)
{
	const struct book *book = treasury_book(u->app->treasury);
	const struct book_break *broken;
	size_t line;

	json_open_member(json, "opened", '[');
	for (size_t i = 0; (broken = book_break_at(book, i)) != NULL; i++) {
		if (told_break_line(book, broken, &line) != statement && strcmp(broken->about, statement->id) != 0)
			continue;
		json_open(json, '{');
		told_break(book, broken, 0, http_exchange_arena(u->exchange), json);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static enum flow_next answer(struct upload *u)
{
	const struct book_statement *statement = imported(u);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	if (statement == NULL)
		return FLOW_FAIL;
	json_open(&json, '{');
	json_bool(&json, "known", u->known);
	json_open_member(&json, "statement", '{');
	told_statement(statement, &json);
	json_close(&json, '}');
	put_breaks(u, statement, &json);
	json_close(&json, '}');
	answer_json(u->exchange, u->known ? 200 : 201, buf_span(&body));
	u->exchange = NULL;
	buf_release(&body);
	return FLOW_DONE;
}

/* --- steps ----------------------------------------------------------------------------------- */

/* That a file was refused is recorded as a break, by the person who brought it. */
static enum flow_next record_refusal(struct flow *flow, enum break_class class, const struct book_refusal *refusal)
{
	struct upload *u = flow_state(flow);
	struct book_command actor = u->command;

	u->refusal = *refusal;
	book_refused_command(&u->statement, u->account, class, flow_arena(flow), &u->command);
	u->command.person = actor.person;
	u->command.account = actor.account;
	u->command.roles = actor.roles;
	flow_jump(flow, STEP_REFUSED);
	return submit_flow(flow, u->app->treasury, &u->command, &u->submitted);
}

static enum flow_next step_import(struct flow *flow)
{
	struct upload *u = flow_state(flow);
	const struct book_statement *known = imported(u);

	/* Whoever brought it: the rail itself may have been first. */
	if (known != NULL && memcmp(known->file, u->statement.hash, sizeof(u->statement.hash)) == 0) {
		u->known = true;
		flow_jump(flow, STEP_JUDGE);
		return FLOW_NEXT;
	}
	if (u->statement.foreign)
		return record_refusal(flow, BREAK_CURRENCY,
				      &(struct book_refusal){ .status = 409, .code = "STATEMENT_FOREIGN",
							      .detail = "an amount is not in CNY; recorded as R9" });
	return submit_flow(flow, u->app->treasury, &u->command, &u->submitted);
}

static enum flow_next step_imported(struct flow *flow)
{
	struct upload *u = flow_state(flow);

	switch (u->submitted.outcome) {
	case TREASURY_DONE:
		u->known = u->submitted.repeated;
		return FLOW_NEXT;
	case TREASURY_REFUSED:
		if (strcmp(u->submitted.refusal.code, "STATEMENT_CHANGED") == 0)
			return record_refusal(flow, BREAK_CHANGED, &u->submitted.refusal);
		if (strcmp(u->submitted.refusal.code, "STATEMENT_KNOWN") != 0)
			return refuse_as(u, &u->submitted.refusal);
		u->known = true;
		return FLOW_NEXT;
	case TREASURY_AWAY:
	case TREASURY_UNKNOWN:
		break;
	}
	return FLOW_FAIL;
}

static enum flow_next step_judge(struct flow *flow)
{
	struct upload *u = flow_state(flow);
	const struct treasury *treasury = u->app->treasury;
	int64_t next_ms;

	if (imported(u) == NULL)
		return FLOW_FAIL;
	if (told_counts(imported(u)).waiting == 0 || flow_age_ms(flow) > JUDGE_MS ||
	    !book_due(treasury_book(treasury), treasury_now_ms(treasury), flow_arena(flow), &u->command, &next_ms) ||
	    !book_is_reconciling(&u->command))
		return answer(u);
	return submit_flow(flow, u->app->treasury, &u->command, &u->submitted);
}

/* Refused: another process did it a moment ago, and ours has heard of it by now. */
static enum flow_next step_judged(struct flow *flow)
{
	struct upload *u = flow_state(flow);

	if (u->submitted.outcome == TREASURY_AWAY || u->submitted.outcome == TREASURY_UNKNOWN)
		return answer(u);
	flow_jump(flow, STEP_JUDGE);
	return FLOW_NEXT;
}

static enum flow_next step_refused(struct flow *flow)
{
	struct upload *u = flow_state(flow);

	if (u->submitted.outcome == TREASURY_AWAY || u->submitted.outcome == TREASURY_UNKNOWN)
		return FLOW_FAIL;
	return refuse_as(u, &u->refusal);
}

static void end(struct flow *flow, bool well)
{
	struct upload *u = flow_state(flow);

	log_event(LOG_LEVEL_INFO, "money.statement", "date", u->statement.date, "known", u->known ? "yes" : "no", "refused",
		  u->refusal.code != NULL ? u->refusal.code : u->submitted.refusal.code, "ms", log_u64(flow_age_ms(flow)), NULL);
	if (u->exchange != NULL)
		answer_unavailable(u->exchange);
	(void)well;
}

static const struct flow_step upload_steps[] = {
	[STEP_IMPORT] = { .name = "import", .run = step_import },
	[STEP_IMPORTED] = { .name = "imported", .run = step_imported },
	[STEP_JUDGE] = { .name = "judge", .run = step_judge },
	[STEP_JUDGED] = { .name = "judged", .run = step_judged },
	[STEP_REFUSED] = { .name = "refused", .run = step_refused },
};

static const struct flow_kind upload_kind = {
	.name = "statement",
	.steps = upload_steps,
	.nsteps = COUNT_OF(upload_steps),
	.state_bytes = sizeof(struct upload),
	.timeout_ms = 15000,
	.end = end,
};

/* --- reading ------------------------------------------------------------------------------------ */

static struct span param(struct http_exchange *exchange, const char *name)
{
	struct buf value = { 0 };
	struct span kept = { 0 };

	if (http_param_find(http_exchange_request(exchange)->query, name, &value))
		kept = arena_dup(http_exchange_arena(exchange), buf_span(&value));
	buf_release(&value);
	return kept;
}

static bool wrong(struct problem *problem, const char *field, const char *detail)
{
	*problem = (struct problem){ .status = 400, .code = "field_invalid", .field = field, .detail = detail };
	return false;
}

/* As said, else by the content type, else by the first bytes. */
static bool read_form(struct http_exchange *exchange, struct statement_wish *wish, struct problem *problem)
{
	struct span form = param(exchange, "form");
	struct span type = http_field_find(http_exchange_request(exchange), "Content-Type");

	wish->format = STATEMENT_FORMATS;
	if (form.len > 0)
		return statement_format_parse(form, &wish->format) ||
		       wrong(problem, "form", "camt.053, json, csv or wechat is expected.");
	if (span_starts(type, SPAN("application/xml")) || span_starts(type, SPAN("text/xml")))
		wish->format = STATEMENT_CAMT053;
	else if (span_starts(type, SPAN("application/json")))
		wish->format = STATEMENT_JSON;
	return true;
}

/* Which account of the ledger, and how the file names it: "bank:main" is "main" where nothing is said. */
static bool read_wish(struct http_exchange *exchange, struct span account, struct statement_wish *wish,
		      struct problem *problem)
{
	struct posting_account is;
	char date[STATEMENT_DATE_LEN + 1];

	if (!posting_account_parse(account, &is))
		return wrong(problem, "account", "bank:NAME, float:CHANNEL or cash:BRANCH is expected.");
	wish->account = param(exchange, "number");
	if (wish->account.len == 0)
		wish->account = span_from_offset(account, span_find(account, SPAN(":")) + 1);
	wish->date = param(exchange, "date");
	if (wish->date.len > 0 && !statement_date_read(wish->date, date))
		return wrong(problem, "date", "A date like 2026-11-20 is expected.");
	return read_form(exchange, wish, problem);
}

static bool read_file(struct http_exchange *exchange, const struct statement_wish *wish, struct statement *statement,
		      struct problem *problem)
{
	struct arena *arena = http_exchange_arena(exchange);
	struct complaint why = { .text = "" };

	if (statement_read(http_exchange_request(exchange)->body, wish, arena, statement, &why))
		return true;
	*problem = (struct problem){ .status = 400, .code = "statement_unreadable",
				     .detail = why.line > 0 ? arena_printf(arena, "Line %zu: %s.", why.line, why.text)
							    : arena_printf(arena, "%s.", why.text) };
	return false;
}

static bool make_command(struct upload *u, struct problem *problem)
{
	struct arena *arena = http_exchange_arena(u->exchange);
	struct complaint why = { .text = "" };

	book_statement_carry(treasury_book(u->app->treasury), u->account, &u->statement);
	if (u->statement.foreign || book_import_command(&u->statement, u->account, param(u->exchange, "rail"),
							param(u->exchange, "ledger"), arena, &u->command, &why))
		return true;
	*problem = (struct problem){ .status = 400, .code = "statement_unreadable",
				     .detail = arena_printf(arena, "%s.", why.text) };
	return false;
}

static bool read_upload(struct upload *u, struct problem *problem)
{
	struct statement_wish wish = { .format = STATEMENT_FORMATS };

	u->account = param(u->exchange, "account");
	if (param(u->exchange, "rail").len == 0)
		return wrong(problem, "rail", "Which rail pays from this account?");
	if (param(u->exchange, "ledger").len == 0)
		return wrong(problem, "ledger", "BUREAU/PROGRAMME/YEAR of what cannot be matched.");
	return read_wish(u->exchange, u->account, &wish, problem) &&
	       read_file(u->exchange, &wish, &u->statement, problem) && make_command(u, problem);
}

/* --- the call ------------------------------------------------------------------------------------ */

void statement_head(const struct call *args, struct http_exchange *exchange, struct http_body_plan *plan)
{
	(void)args;
	(void)exchange;
	plan->max_bytes = STATEMENT_BYTES_MAX;
}

static bool is_open(const struct app *app, struct problem *problem)
{
	if (app->treasury != NULL && app->office != NULL && treasury_book(app->treasury) != NULL)
		return true;
	*problem = (struct problem){ .status = 503, .code = "money_not_read", .retry_after_s = RETRY_S,
				     .detail = "The money journal has not been read yet, or money is switched off here." };
	return false;
}

/* Also what was imported before is told to nobody from elsewhere. */
static bool is_theirs(const struct call *args, struct problem *problem, struct http_exchange *exchange)
{
	struct span ledger = param(exchange, "ledger");
	struct span bureau = span_from(ledger.at, span_find(ledger, SPAN("/")));

	if (region_within(bureau, span_of(args->staff->region)))
		return true;
	*problem = (struct problem){ .status = 403, .code = "REGION", .field = "ledger",
				     .detail = "This bureau is outside of your region." };
	return false;
}

void statement_post(const struct call *args, struct http_exchange *exchange)
{
	struct upload read = { .app = args->app, .exchange = exchange };
	struct problem problem;

	if (!is_open(args->app, &problem) || !read_upload(&read, &problem) || !is_theirs(args, &problem, exchange)) {
		answer_problem(exchange, &problem);
		return;
	}
	call_actor(args->staff, treasury_book(args->app->treasury), treasury_now_ms(args->app->treasury),
		   http_exchange_arena(exchange), &read.command);
	*(struct upload *)flow_state(flow_start(args->app->loop, &upload_kind, NULL, NULL)) = read;
}
