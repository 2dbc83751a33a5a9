/*
 * Claims: how a reward stands, and what its claimant wants. Public.
 *
 *   read     the body (claim_input.h); the code's token is looked up in the book
 *   vault    claim, change: the payee is sealed and put away          waits
 *   submit   the journal gets the token of the vault, never the payee  waits
 *   answer   one word for the status, and what can be done
 *
 * Equal answers: without a reward to tell of there is one answer, made by the
 * same steps, whatever the reason. Nothing of the store is asked for it.
 *
 * Limits: only what leads to nothing is counted, by code, by source and for
 * all together. A code that has a reward passes before anything is counted, so
 * nobody locks its owner out; with 66 random bits a code needs no other guard.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/config.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"
#include "handlers/intake/visitor.h"
#include "handlers/payout/attempt_voucher.h"
#include "handlers/payout/payee.h"
#include "handlers/reward/claim_input.h"
#include "handlers/reward/reward.h"
#include "handlers/reward/submit.h"
#include "handlers/reward/told.h"

enum claim_step {
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
	char reward[BOOK_ID_MAX];
	const char *kind;
	char payee[OFFICE_TOKEN_MAX];
	char key[OFFICE_TOKEN_MAX], nonce[OFFICE_TOKEN_MAX];
	bool done;
	struct store_reply put;
	struct submitted submitted;
};

/* --- answers ------------------------------------------------------------------------------ */

static bool voucher_of(const struct claim_flow *c, const struct claim_status *status, struct voucher *voucher,
		       struct voucher_word *word)
{
	const struct book_reward *reward = status->reward;
	const struct book_attempt *last;
	struct seal_key key;

	if (reward == NULL || status->word != CLAIM_MOVING || reward->nattempts == 0)
		return false;
	last = &reward->attempts[reward->nattempts - 1];
	if (strcmp(last->rail, VOUCHER_RAIL) != 0)
		return false;
	attempt_voucher_key(keys_requests(c->app->keys), &key);
	attempt_voucher(&key, last, voucher, word);
	wipe(&key, sizeof(key));
	return voucher->state == VOUCHER_OPEN && last->sent_ms > 0;
}

static void put_voucher(const struct claim_flow *c, const struct claim_status *status, struct json_out *json)
{
	char shown[VOUCHER_SHOWN_MAX];
	struct voucher_word word;
	struct voucher voucher;

	if (!voucher_of(c, status, &voucher, &word)) {
		json_none(json, "voucher");
		return;
	}
	voucher_word_show(&word, shown);
	json_open_member(json, "voucher", '{');
	json_text(json, "number", span_of(voucher.number));
	json_text(json, "word", span_of(shown));
	told_time(json, "expires", voucher.expires_ms);
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
	told_time(&json, "deadline", status->word == CLAIM_OPEN ? reward->deadline_ms : 0);
	put_choices(c, status, &json);
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
	if (voucher_of(c, status, &voucher, &word)) {
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
	const struct book *book = treasury_book(c->app->treasury);
	struct claim_status status = { .word = CLAIM_NONE };

	if (book != NULL)
		status = claim_status(book, span_of(c->claimant));
	if (c->page)
		answer_page_of(c, &status, PAGE_CLAIM_FINE, 200, 0);
	else
		answer_status_json(c, &status);
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

static bool binds_payee(const struct claim_flow *c)
{
	return c->input.action == CLAIM_CLAIM || c->input.action == CLAIM_CHANGE;
}

static enum flow_next step_vault(struct flow *flow)
{
	struct claim_flow *c = flow_state(flow);
	struct payee payee = { .account = c->input.account, .name = c->input.name };
	struct buf sealed = { 0 };
	struct seal_key key;
	enum flow_next next;

	if (!binds_payee(c)) {
		flow_jump(flow, STEP_SUBMIT);
		return FLOW_NEXT;
	}
	payee_key(keys_courier(c->app->keys), &key);
	payee_seal(&key, span_of(c->payee), &payee, &sealed);
	next = store_wait_flow(flow, c->app->store,
			       &(struct store_request){ .op = STORE_VAULT_PUT, .token = span_of(c->payee),
							.sealed = buf_span(&sealed) },
			       &c->put);
	wipe(&key, sizeof(key));
	buf_release(&sealed);
	return next;
}

static void add_field(struct book_command *command, const char *name, const char *value)
{
	command->fields[command->nfields++] = (struct book_field){ .name = name, .value = span_of(value) };
}

static enum flow_next step_submit(struct flow *flow)
{
	struct claim_flow *c = flow_state(flow);
	struct book_command command = { .kind = c->kind, .person = SPAN("claimant"), .account = SPAN("claimant"),
					.roles = MONEY_CLAIMANT, .subject = span_of(c->reward) };

	if (binds_payee(c) && c->put.outcome != STORE_DONE)
		return FLOW_FAIL;
	command.key = span_of(c->key);
	if (binds_payee(c)) {
		add_field(&command, "payee", c->payee);
		command.fields[command.nfields++] = (struct book_field){ .name = "rail", .value = c->input.rail };
	} else {
		add_field(&command, "confirm", "1");
	}
	add_field(&command, "nonce", c->nonce);
	if (strcmp(c->kind, "reward.reissue") != 0)
		add_field(&command, "proof", "receipt");
	return submit_flow(flow, c->app->treasury, &command, &c->submitted);
}

static void answer_refused(struct claim_flow *c)
{
	const struct book_refusal *refusal = &c->submitted.refusal;
	const struct book *book = treasury_book(c->app->treasury);
	struct claim_status status = { .word = CLAIM_NONE };

	if (!c->page) {
		answer_problem(c->exchange, &(struct problem){ .status = refusal->status, .code = refusal->code,
							       .detail = refusal->detail, .field = refusal->field });
		c->exchange = NULL;
		return;
	}
	if (book != NULL)
		status = claim_status(book, span_of(c->claimant));
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

	log_event(LOG_LEVEL_INFO, "claim", "kind", c->kind, "refused", c->submitted.refusal.code, "ms",
		  log_u64(flow_age_ms(flow)), NULL);
	if (c->exchange != NULL)
		answer_away(c);
	wipe(&c->input.code, sizeof(c->input.code));
	(void)well;
}

static const struct flow_step claim_steps[] = {
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

/* The vault's token tells the same account apart from others; of cash it tells nothing. */
static void make_tokens(struct claim_flow *c)
{
	const struct office *office = c->app->office;
	struct arena *arena = http_exchange_arena(c->exchange);
	const char *account = claim_rail_is_anonymous(c->input.rail)
				      ? c->claimant
				      : arena_printf(arena, "%.*s %.*s", (int)c->input.rail.len, c->input.rail.at,
						     (int)c->input.account.len, c->input.account.at);
	/* Another name for the same account is another entry of the vault. */
	const char *which = arena_printf(arena, "%.*s %.*s", (int)c->input.nonce.len, c->input.nonce.at,
					 (int)c->input.name.len, c->input.name.at != NULL ? c->input.name.at : "");

	office_payee(office, span_of(account), span_of(c->claimant), span_of(which), c->payee);
	office_claim_key(office, claim_action_name(c->input.action), span_of(c->claimant), c->input.nonce, c->key);
	office_claim_key(office, "nonce", span_of(c->claimant), c->input.nonce, c->nonce);
}

static void start(const struct claim_flow *begun, const struct claim_status *status)
{
	struct claim_flow *c;

	c = flow_state(flow_start(begun->app->loop, &claim_flow_kind, NULL, NULL));
	*c = *begun;
	memcpy(c->reward, status->reward->id, sizeof(c->reward));
	c->kind = claim_kind(status, c->input.action);
	make_tokens(c);
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

/* What is wrong with the input is told before the code is looked at. */
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
		status = claim_status(book, span_of(c->claimant));
		answer_page_of(c, &status, page_fault_of(fault), words->status, 0);
	}
}

static void answer_often(struct claim_flow *c, bool in_person, unsigned wait_s)
{
	struct claim_status status = { .word = CLAIM_NONE };
	struct problem problem = { .status = 429, .code = "too_many_tries", .retry_after_s = wait_s,
				   .detail = "Too many tries in a short time." };

	if (in_person) {
		problem.code = "in_person";
		problem.detail = "Too many tries. From here on only a person can help: bring the code to the bureau.";
	}
	if (c->page)
		answer_page_of(c, &status, in_person ? PAGE_CLAIM_IN_PERSON : PAGE_CLAIM_OFTEN, 429, wait_s);
	else
		answer_problem(c->exchange, &problem);
}

/* Something that led to nothing; false after an answer that it was too often. */
static bool may_fail(struct claim_flow *c)
{
	uint64_t now_ms = loop_now_ms(c->app->loop);
	unsigned wait_s = 0;
	enum tries_verdict verdict;

	if (!c->app->config->limits.enabled)
		return true;
	verdict = tries_fail(office_tries(c->app->office), c->trace.mark, now_ms, &wait_s);
	if (verdict == TRIES_GO && visitor_may(c->app, c->exchange, LIMIT_CLAIMS, &wait_s) &&
	    limits_take(c->app->limits, LIMIT_CLAIMS_ALL, 0, now_ms, &wait_s))
		return true;
	answer_often(c, verdict == TRIES_IN_PERSON, wait_s);
	return false;
}

/* Whoever has a code may act on it now and then: each act is a record. */
static bool may_act(struct claim_flow *c)
{
	unsigned wait_s = 0;
	uint64_t whose;

	memcpy(&whose, c->trace.mark, sizeof(whose));
	if (limits_take(c->app->limits, LIMIT_CLAIM_ACTS, whose, loop_now_ms(c->app->loop), &wait_s))
		return true;
	answer_often(c, false, wait_s);
	return false;
}

static void go(struct claim_flow *c)
{
	const struct book *book = treasury_book(c->app->treasury);
	struct claim_status status;

	if (book == NULL) {
		answer_away(c);
		return;
	}
	status = claim_status(book, span_of(c->claimant));
	if (status.word == CLAIM_NONE ? !may_fail(c) : c->input.action != CLAIM_LOOK && !may_act(c))
		return;
	if (status.word == CLAIM_NONE || c->input.action == CLAIM_LOOK)
		answer_status(c);
	else
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
