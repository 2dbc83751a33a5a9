/*
 * Claims: how a reward stands, and what its claimant wants. Public.
 *
 *   read     the body (claim_input.h); the code's token is looked up in the book
 *   try      what leads to nothing is counted, unless limits are off   waits
 *   vault    claim, change: the payee is sealed and put away          waits
 *   submit   the journal gets the token of the vault, never the payee  waits
 *   answer   one word for the status, and what can be done
 *
 * Equal answers: without a reward to tell of there is one answer, made by the
 * same steps, whatever the reason. Nothing about the tip is asked for it.
 *
 * Limits: only what leads to nothing is counted (claim_tries.h). A code that
 * has a reward passes before anything is counted, so nobody locks its owner
 * out; with 66 random bits a code needs no other guard.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"
#include "handlers/intake/visitor.h"
#include "handlers/reward/claim_act.h"
#include "handlers/reward/claim_tries.h"
#include "handlers/reward/reward.h"
#include "handlers/reward/submit.h"
#include "handlers/reward/told.h"

enum claim_step {
	STEP_TRY,
	STEP_TRIED,
	STEP_VAULT,
	STEP_SUBMIT,
	STEP_ANSWER,
};

struct claim_flow {
	struct app *app;
	struct http_exchange *exchange;
	bool page;
	struct page_look look;
	struct claim_input input;            /* spans in the exchange's arena */
	struct receipt_trace trace;
	char claimant[OFFICE_TOKEN_MAX];
	bool failed;                         /* leads to nothing: is counted, and nothing else */
	struct claim_act act;
	bool done;
	struct store_reply put, tried;
	struct submitted submitted;
};

/* --- answers ------------------------------------------------------------------------------ */

static void put_voucher(const struct claim_flow *c, const struct claim_status *status, struct json_out *json)
{
	char shown[VOUCHER_SHOWN_MAX];
	struct voucher_word word;
	struct voucher voucher;

	if (!claim_voucher(c->app, status, &voucher, &word)) {
		json_none(json, "voucher");
		return;
	}
	voucher_word_show(&word, shown);
	json_open_member(json, "voucher", '{');
	json_text(json, "number", span_of(voucher.number));
	json_text(json, "word", span_of(shown));
	clock_put(json, "expires", voucher.expires_ms);
	json_close(json, '}');
	wipe(&word, sizeof(word));
	wipe(shown, sizeof(shown));
}

static void put_choices(const struct claim_flow *c, const struct claim_status *status, struct json_out *json)
{
	struct span rest = span_of(c->app->config->money.rails), rail;

	json_open_member(json, "may", '[');
	for (enum claim_action action = CLAIM_CLAIM; action < CLAIM_ACTIONS; action++)
		if (claim_may(status, action))
			json_text(json, NULL, span_of(claim_action_name(action)));
	json_close(json, ']');
	json_open_member(json, "rails", '[');
	while (status->word != CLAIM_NONE && claim_next_rail(&rest, &rail))
		json_text(json, NULL, rail);
	json_close(json, ']');
}

static void answer_status_json(struct claim_flow *c, const struct claim_status *status)
{
	const struct book_reward *reward = status->reward;
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_text(&json, "status", span_of(claim_word_name(status->word)));
	json_bool(&json, "done", c->done);
	if (reward != NULL)
		json_i64(&json, "amount_fen", reward->fen - reward->tax_fen);
	else
		json_none(&json, "amount_fen");
	clock_put(&json, "deadline", status->word == CLAIM_OPEN ? reward->deadline_ms : 0);
	put_choices(c, status, &json);
	if (status->panel != CLAIM_PANEL_NONE)
		json_text(&json, "panel", span_of(claim_panel_name(status->panel)));
	else
		json_none(&json, "panel");
	put_voucher(c, status, &json);
	json_close(&json, '}');
	answer_json(c->exchange, 200, buf_span(&body));
	wipe(body.at, body.len);
	buf_release(&body);
	c->exchange = NULL;
}

static struct span code_of(const struct claim_flow *c)
{
	return span_of(c->input.code.digits);
}

static void fill_page(struct claim_flow *c, const struct claim_status *status, struct arena *arena,
		      struct page_claim *view)
{
	const struct book_reward *reward = status->reward;
	unsigned char random[16];
	char yuan[MONEY_TEXT_MAX];

	random_bytes(random, sizeof(random));
	view->code = code_of(c);
	view->word = span_of(claim_word_name(status->word));
	view->nonce = span_of(hex_text(arena, random, sizeof(random)));
	view->rails = span_of(c->app->config->money.rails);
	view->done = c->done;
	view->may_claim = claim_may(status, CLAIM_CLAIM);
	view->may_change = claim_may(status, CLAIM_CHANGE);
	view->may_decline = claim_may(status, CLAIM_DECLINE);
	view->may_object = claim_may(status, CLAIM_OBJECT);
	if (status->panel != CLAIM_PANEL_NONE)
		view->panel = span_of(claim_panel_name(status->panel));
	if (reward == NULL)
		return;
	view->amount = arena_dup(arena, money_write_yuan(reward->fen - reward->tax_fen, yuan));
	view->deadline_ms = status->word == CLAIM_OPEN ? reward->deadline_ms : 0;
}

static void answer_page_of(struct claim_flow *c, const struct claim_status *status, enum page_claim_fault fault,
			   int http, unsigned wait_s)
{
	struct arena *arena = http_exchange_arena(c->exchange);
	struct page_claim view = { .fault = fault };
	struct buf html = { 0 };
	char shown[VOUCHER_SHOWN_MAX];
	struct voucher_word word = { .text = "" };
	struct voucher voucher;

	fill_page(c, status, arena, &view);
	if (claim_voucher(c->app, status, &voucher, &word)) {
		voucher_word_show(&word, shown);
		view.voucher_number = arena_dup(arena, span_of(voucher.number));
		view.voucher_word = arena_dup(arena, span_of(shown));
		view.voucher_until_ms = voucher.expires_ms;
		wipe(shown, sizeof(shown));
	}
	page_claim(c->app->pages, &c->look, &view, &html);
	answer_page(c->exchange, http, buf_span(&html), PAGES_CSP, wait_s);
	wipe(&word, sizeof(word));
	buf_release(&html);
	c->exchange = NULL;
}

static void answer_status(struct claim_flow *c)
{
	struct claim_status status = claim_status_now(c->app, c->claimant);

	if (c->page)
		answer_page_of(c, &status, PAGE_CLAIM_FINE, 200, 0);
	else
		answer_status_json(c, &status);
}

/* Whatever the book says by now: what was counted as nothing is answered as nothing. */
static void answer_nothing(struct claim_flow *c)
{
	struct claim_status none = { .word = CLAIM_NONE };

	if (c->page)
		answer_page_of(c, &none, PAGE_CLAIM_FINE, 200, 0);
	else
		answer_status_json(c, &none);
}

static void answer_away(struct claim_flow *c)
{
	struct problem problem = { .status = 503, .code = "store_unavailable", .retry_after_s = 5,
				   .detail = "This cannot be done at the moment. Try again shortly." };

	if (c->page)
		visitor_error(c->app, c->exchange, &c->look, &problem);
	else
		answer_problem(c->exchange, &problem);
	c->exchange = NULL;
}

/* --- what is wanted -------------------------------------------------------------------------- */

static void answer_often(struct claim_flow *c, const struct claim_try *try)
{
	struct claim_status status = { .word = CLAIM_NONE };
	struct problem problem = { .status = 429, .code = "too_many_tries", .retry_after_s = try->wait_s,
				   .detail = "Too many tries in a short time." };
	bool in_person = try->verdict == TRIES_IN_PERSON;

	if (in_person) {
		problem.code = "in_person";
		problem.detail = "Too many tries. From here on only a person can help: bring the code to the bureau.";
	}
	if (c->page)
		answer_page_of(c, &status, in_person ? PAGE_CLAIM_IN_PERSON : PAGE_CLAIM_OFTEN, 429, try->wait_s);
	else
		answer_problem(c->exchange, &problem);
	c->exchange = NULL;
}

static enum flow_next step_try(struct flow *flow)
{
	struct claim_flow *c = flow_state(flow);
	struct store_try try;

	if (!c->failed) {
		flow_jump(flow, STEP_VAULT);
		return FLOW_NEXT;
	}
	claim_try_store(c->app, c->trace.mark, &try);
	return store_wait_flow(flow, c->app->store, &(struct store_request){ .op = STORE_TRY, .try = &try }, &c->tried);
}

static enum flow_next step_tried(struct flow *flow)
{
	struct claim_flow *c = flow_state(flow);
	struct claim_try try = claim_try_stored(&c->tried);

	if (try.verdict == TRIES_GO)
		answer_nothing(c);
	else
		answer_often(c, &try);
	return FLOW_DONE;
}

static enum flow_next step_vault(struct flow *flow)
{
	struct claim_flow *c = flow_state(flow);

	if (!c->act.binds_payee) {
		flow_jump(flow, STEP_SUBMIT);
		return FLOW_NEXT;
	}
	return claim_act_put(flow, c->app, &c->act, &c->input, &c->put);
}

static enum flow_next step_submit(struct flow *flow)
{
	struct claim_flow *c = flow_state(flow);
	struct book_command command;

	if (c->act.binds_payee && c->put.outcome != STORE_DONE)
		return FLOW_FAIL;
	claim_act_command(&c->act, &command);
	return submit_flow(flow, c->app->treasury, &command, &c->submitted);
}

static void answer_refused(struct claim_flow *c)
{
	const struct book_refusal *refusal = &c->submitted.refusal;
	struct claim_status status;

	if (!c->page) {
		answer_problem(c->exchange, &(struct problem){ .status = refusal->status, .code = refusal->code,
							       .detail = refusal->detail, .field = refusal->field });
		c->exchange = NULL;
		return;
	}
	status = claim_status_now(c->app, c->claimant);
	answer_page_of(c, &status, PAGE_CLAIM_REFUSED, 409, 0);
}

static enum flow_next step_answer(struct flow *flow)
{
	struct claim_flow *c = flow_state(flow);

	switch (c->submitted.outcome) {
	case TREASURY_DONE:
		c->done = true;
		answer_status(c);
		return FLOW_DONE;
	case TREASURY_REFUSED:
		answer_refused(c);
		return FLOW_DONE;
	case TREASURY_AWAY:
	case TREASURY_UNKNOWN:
		break;
	}
	return FLOW_FAIL;
}

static void end(struct flow *flow, bool well)
{
	struct claim_flow *c = flow_state(flow);

	if (!c->failed)
		log_event(LOG_LEVEL_INFO, "claim", "kind", c->act.kind, "refused", c->submitted.refusal.code,
			  "ms", log_u64(flow_age_ms(flow)), NULL);
	if (c->exchange != NULL)
		answer_away(c);
	wipe(&c->input.code, sizeof(c->input.code));
	(void)well;
}

static const struct flow_step claim_steps[] = {
	[STEP_TRY] = { .name = "try", .run = step_try },
	[STEP_TRIED] = { .name = "tried", .run = step_tried },
	[STEP_VAULT] = { .name = "vault", .run = step_vault },
	[STEP_SUBMIT] = { .name = "submit", .run = step_submit },
	[STEP_ANSWER] = { .name = "answer", .run = step_answer },
};

static const struct flow_kind claim_flow_kind = {
	.name = "claim",
	.steps = claim_steps,
	.nsteps = COUNT_OF(claim_steps),
	.state_bytes = sizeof(struct claim_flow),
	.timeout_ms = 15000,
	.end = end,
};

static void start(const struct claim_flow *begun, const struct claim_status *status)
{
	struct claim_flow *c;

	c = flow_state(flow_start(begun->app->loop, &claim_flow_kind, NULL, NULL));
	*c = *begun;
	if (!c->failed)
		claim_act_make(c->app->office, &c->input, c->claimant, status, "receipt", &c->act);
}

/* --- starting --------------------------------------------------------------------------------- */

static enum page_claim_fault page_fault_of(enum claim_fault fault)
{
	switch (fault) {
	case CLAIM_NO_RAIL:
		return PAGE_CLAIM_RAIL;
	case CLAIM_NO_ACCOUNT:
		return PAGE_CLAIM_ACCOUNT;
	case CLAIM_NO_NAME:
		return PAGE_CLAIM_NAME;
	case CLAIM_UNCONFIRMED:
		return PAGE_CLAIM_CONFIRM;
	case CLAIM_FINE:
		return PAGE_CLAIM_FINE;
	case CLAIM_UNREADABLE:
	case CLAIM_CODE_ABSENT:
	case CLAIM_CODE_DIGITS:
	case CLAIM_CODE_LENGTH:
	case CLAIM_CODE_CHECK:
	case CLAIM_NO_ACTION:
	case CLAIM_NO_NONCE:
	case CLAIM_NO_MEMBER:
	case CLAIM_FAULTS:
		break;
	}
	return PAGE_CLAIM_OTHER;
}

/* Whoever has a code may act on it now and then: each act is a record. */
static bool may_act(struct claim_flow *c)
{
	unsigned wait_s = 0;
	uint64_t whose;

	memcpy(&whose, c->trace.mark, sizeof(whose));
	if (limits_take(c->app->limits, LIMIT_CLAIM_ACTS, whose, loop_now_ms(c->app->loop), &wait_s))
		return true;
	answer_often(c, &(struct claim_try){ .verdict = TRIES_WAIT, .wait_s = wait_s });
	return false;
}

/* It leads to nothing: how often may it? */
static void fail(struct claim_flow *c)
{
	struct claim_try try = claim_try_here(c->app, c->trace.mark, http_exchange_peer(c->exchange));

	if (try.verdict != TRIES_GO) {
		answer_often(c, &try);
	} else if (!c->app->config->limits.enabled) {
		answer_nothing(c);
	} else {
		c->failed = true;
		start(c, NULL);
	}
}

/*
 * What is wrong with the input is told before the code is looked at; but a page
 * tells how the code stands too, so one that leads to nothing counts here as well.
 */
static void answer_fault(struct claim_flow *c, enum claim_fault fault)
{
	const struct claim_fault_words *words = claim_fault_words(fault);
	const struct book *book = treasury_book(c->app->treasury);
	struct claim_status status = { .word = CLAIM_NONE };
	struct problem problem = { .status = words->status, .code = words->code, .field = words->field,
				   .detail = words->detail };

	if (!c->page)
		answer_problem(c->exchange, &problem);
	else if (page_fault_of(fault) == PAGE_CLAIM_OTHER || book == NULL)
		visitor_error(c->app, c->exchange, &c->look, &problem);
	else {
		status = claim_status_now(c->app, c->claimant);
		if (status.word == CLAIM_NONE)
			fail(c);
		else
			answer_page_of(c, &status, page_fault_of(fault), words->status, 0);
	}
}

/* An objection is a hold: nobody stops with it what nobody else asked for. One that was made before is a repetition. */
static bool may_object(struct claim_flow *c, const struct claim_status *status)
{
	if (c->input.action != CLAIM_OBJECT || claim_may(status, CLAIM_OBJECT) || status->reward->held)
		return true;
	if (c->page)
		answer_page_of(c, status, PAGE_CLAIM_REFUSED, 409, 0);
	else
		answer_problem(c->exchange, &(struct problem){ .status = 409, .code = "no_panel", .field = "action",
							       .detail = "Nobody else asks for it." });
	return false;
}

static void go(struct claim_flow *c)
{
	struct claim_status status;

	if (treasury_book(c->app->treasury) == NULL) {
		answer_away(c);
		return;
	}
	status = claim_status_now(c->app, c->claimant);
	if (status.word == CLAIM_NONE)
		fail(c);
	else if (c->input.action == CLAIM_LOOK)
		answer_status(c);
	else if (may_object(c, &status) && may_act(c))
		start(c, &status);
}

void claim_post(const struct call *args, struct http_exchange *exchange)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct claim_flow c = { .app = args->app, .exchange = exchange };
	const char *rails = args->app->config->money.rails;
	struct arena *arena = http_exchange_arena(exchange);
	enum claim_fault fault;

	c.page = !span_starts(request->path, SPAN("/api/"));
	fault = c.page ? claim_read_form(request->body, rails, arena, &c.input)
		       : claim_read_json(request->body, rails, arena, &c.input);
	c.look = visitor_look(args->app, request, c.input.lang, c.input.size);
	if (args->app->treasury == NULL || args->app->office == NULL) {
		answer_away(&c);
		return;
	}
	receipt_trace(keys_receipt(args->app->keys), &c.input.code, &c.trace);
	office_claimant(args->app->office, c.trace.mark, c.input.member, c.claimant);
	if (fault != CLAIM_FINE)
		answer_fault(&c, fault);
	else
		go(&c);
	wipe(&c.input.code, sizeof(c.input.code));
}
