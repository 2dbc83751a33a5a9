/*
 * The receipt: what the informant sees with the 24 digits, and may add.
 *
 *   read     the tip whose id the code gives                          waits
 *   open     mark compared, tip key out of the receipt's own wrap
 *   add      a supplement, when one was written                       waits
 *   answer   status in words, messages both ways
 *
 * An unknown code costs the same look-up and gets the same answer as one whose
 * mark does not fit. The code comes in the body, never in a URL.
 */
#include "daemon/base/json_in.h"
#include "daemon/base/json_out.h"
#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/base/wipe.h"
#include "daemon/core/judge.h"
#include "daemon/core/tip/seal.h"
#include "daemon/http/form.h"
#include "daemon/loop/loop.h"
#include "daemon/store/change.h"
#include "daemon/store/spool.h"
#include "daemon/store/wait.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"
#include "handlers/intake/visitor.h"
#include "handlers/intake/web.h"
#include "handlers/web/raise_words.h"

#include <sodium.h>

#define TRIES 4
#define REOPENS_MAX 3   /* by the same informant; a supplement can still be sent, and has its clock */
#define HOPS_MAX 40     /* transfers between shards that are followed: there are 35 */
#define MESSAGES_MAX 200   /* shown: the latest */
#define SUPPLEMENTS_MAX 500  /* of a tip, its messages and notes together, beyond which nothing is added */

enum receipt_step {
	STEP_READ,
	STEP_OPEN,
	STEP_ADDED,
	STEP_ANSWER,
};

struct receipt_flow {
	struct app *app;
	struct http_exchange *exchange;
	bool page;
	struct page_look look;
	struct span typed;              /* the code as it was typed */
	struct span text;               /* supplement; at == NULL: none was sent */
	struct receipt_code code;
	struct receipt_trace trace;
	struct tip_id id;               /* where the tip is now */
	struct seal_key tip_key;
	struct store_reply read;
	struct store_reply changed;
	unsigned hops;
	unsigned tries;
	bool opened;
	bool again;                     /* the informant wants a closed tip looked at again */
	bool reopened;
	bool added;
	bool waiting;                   /* in the spool: accepted, not in the store yet */
	enum page_fault fault;
};

/* --- answers --------------------------------------------------------------------------------------- */

static void answer_ask(const struct receipt_flow *r, int status, enum page_ask_fault fault, unsigned wait_s)
{
	struct buf html = { 0 };

	page_receipt_ask(r->app->pages, &r->look,
			 &(struct page_receipt_ask){ .fault = fault,
						     .typed = fault != PAGE_ASK_UNFOUND ? r->typed : (struct span){ 0 } },
			 &html);
	answer_page(r->exchange, status, buf_span(&html), PAGES_CSP, wait_s);
	buf_release(&html);
}

static const struct {
	enum page_ask_fault fault;
	int status;
	const char *code;
	const char *detail;
} slips[] = {
	[PAGE_ASK_ABSENT] = { PAGE_ASK_ABSENT, 400, "missing", "The receipt code is needed." },
	[PAGE_ASK_DIGITS] = { PAGE_ASK_DIGITS, 400, "not_digits", "A receipt code has digits only." },
	[PAGE_ASK_LENGTH] = { PAGE_ASK_LENGTH, 400, "wrong_length", "A receipt code has 24 digits." },
	[PAGE_ASK_CHECK] = { PAGE_ASK_CHECK, 400, "check_failed", "A digit is wrong: the check digits do not fit." },
	[PAGE_ASK_UNFOUND] = { PAGE_ASK_UNFOUND, 404, "no_such_receipt", "No tip has this receipt code." },
	[PAGE_ASK_OFTEN] = { PAGE_ASK_OFTEN, 429, "too_many_tries", "Too many tries in a short time." },
};

static void answer_slip(struct receipt_flow *r, enum page_ask_fault fault, unsigned wait_s)
{
	if (r->page)
		answer_ask(r, slips[fault].status, fault, wait_s);
	else
		answer_problem(r->exchange, &(struct problem){ .status = slips[fault].status,
							       .code = slips[fault].code,
							       .detail = slips[fault].detail,
							       .field = wait_s == 0 && fault != PAGE_ASK_UNFOUND
										? "receipt"
										: NULL,
							       .retry_after_s = wait_s });
	r->exchange = NULL;
}

/* The messages that the informant may see, opened, oldest first. */
static struct page_message *messages_of(struct receipt_flow *r, struct arena *arena, size_t *n)
{
	const struct store_row *row = &r->read.rows[0];
	struct page_message *messages = arena_array(arena, struct page_message, MESSAGES_MAX);

	*n = 0;
	if (r->waiting || row->messages == NULL)
		return messages;
	for (size_t i = row->nmessages > MESSAGES_MAX ? row->nmessages - MESSAGES_MAX : 0; i < row->nmessages; i++) {
		struct tip_message message;

		if (!seal_open_message(&row->id, row->messages[i], &r->tip_key, arena, &message) ||
		    message.kind == MESSAGE_NOTE)
			continue;
		messages[(*n)++] = (struct page_message){ .from_bureau = message.kind == MESSAGE_FROM_BUREAU,
							  .at_ms = message.at_ms,
							  .text = message.text };
	}
	return messages;
}

static enum tip_state state_of(const struct receipt_flow *r)
{
	return r->waiting ? TIP_QUEUED : r->read.rows[0].state;
}

static bool may_write(const struct receipt_flow *r)
{
	return !r->waiting && r->read.rows[0].nmessages < SUPPLEMENTS_MAX &&
	       tip_move_find(state_of(r), TIP_EV_SUPPLEMENT, TIP_BY_INFORMANT) != NULL;
}

static bool may_reopen(const struct receipt_flow *r)
{
	return may_write(r) && r->read.rows[0].reopens < REOPENS_MAX &&
	       tip_move_find(state_of(r), TIP_EV_REOPEN, TIP_BY_INFORMANT) != NULL;
}

static struct span region_name(const struct receipt_flow *r)
{
	const struct region *region;

	if (r->waiting)
		return (struct span){ 0 };
	region = gazetteer_find(judge_gazetteer(r->app->judge), span_of(r->read.rows[0].region));
	if (region == NULL || region->level == REGION_NATION)
		return (struct span){ 0 };
	return strncmp(r->look.lang->tag, "zh", 2) == 0 || region->en_bytes == 0 ? region->name : region_name_en(region);
}

/* What became of nothing being done, in the visitor's language; empty: it did not come to that. */
static struct span raise_of(const struct receipt_flow *r, struct arena *arena)
{
	const struct store_row *row = r->read.rows;

	if (r->waiting || row->raise.times == 0)
		return (struct span){ 0 };
	return raise_words(r->look.lang, row->raise.why, row->raise.waited_ms, region_level_word(row->region), arena);
}

static void put_raise(struct flow *flow, const struct receipt_flow *r, struct json_out *json)
{
	const struct store_row *row = r->read.rows;
	char at[21];

	if (r->waiting || row->raise.times == 0) {
		json_none(json, "escalated");
		return;
	}
	clock_text(row->raise.at_ms, at);
	json_open_member(json, "escalated", '{');
	json_text(json, "level", span_of(region_level_word(row->region)));
	json_text(json, "at", span_of(at));
	json_text(json, "why", span_of(clock_wait_name(row->raise.why)));
	json_u64(json, "waited_s", (uint64_t)row->raise.waited_ms / 1000);
	json_u64(json, "times", row->raise.times);
	json_text(json, "text", raise_of(r, flow_arena(flow)));
	json_close(json, '}');
}

static void answer_status_page(struct flow *flow, struct receipt_flow *r)
{
	struct arena *arena = flow_arena(flow);
	unsigned char random[16];
	struct buf html = { 0 };
	struct page_status view = {
		.code = span_of(r->code.digits),
		.reference = span_of(r->trace.id.text),
		.state = state_of(r),
		.region = region_name(r),
		.received_ms = r->waiting ? 0 : r->read.rows[0].received_ms,
		.may_write = may_write(r),
		.taken = r->added,
		.may_reopen = may_reopen(r),
		.raise = raise_of(r, arena),
		.raised_ms = r->waiting ? 0 : r->read.rows[0].raise.at_ms,
		.fault = r->fault,
		.typed = r->fault != PAGE_FINE ? r->text : (struct span){ 0 },
	};

	random_bytes(random, sizeof(random));
	view.nonce = span_of(hex_text(arena, random, sizeof(random)));
	view.messages = messages_of(r, arena, &view.nmessages);
	page_status(r->app->pages, &r->look, &view, &html);
	answer_page(r->exchange, r->fault == PAGE_FINE ? 200 : 400, buf_span(&html), PAGES_CSP, 0);
	buf_release(&html);
}

static void put_messages(struct flow *flow, struct receipt_flow *r, struct json_out *json)
{
	size_t n;
	const struct page_message *messages = messages_of(r, flow_arena(flow), &n);

	json_open_member(json, "messages", '[');
	for (size_t i = 0; i < n; i++) {
		char at[21];

		clock_text(messages[i].at_ms, at);
		json_open(json, '{');
		json_text(json, "from", messages[i].from_bureau ? SPAN("bureau") : SPAN("informant"));
		json_text(json, "at", span_of(at));
		json_text(json, "text", messages[i].text);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void answer_status_json(struct flow *flow, struct receipt_flow *r)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	char received[21];

	json_open(&json, '{');
	json_text(&json, "id", span_of(r->trace.id.text));
	json_text(&json, "state", span_of(tip_state_name(state_of(r))));
	json_text(&json, "region_name", region_name(r));
	if (!r->waiting) {
		clock_text(r->read.rows[0].received_ms, received);
		json_text(&json, "received", span_of(received));
	}
	json_bool(&json, "may_write", may_write(r));
	json_bool(&json, "added", r->added);
	json_bool(&json, "may_reopen", may_reopen(r));
	json_bool(&json, "reopened", r->reopened);
	put_raise(flow, r, &json);
	put_messages(flow, r, &json);
	json_close(&json, '}');
	answer_json(r->exchange, 200, buf_span(&body));
	buf_release(&body);
}

static const struct {
	const char *code;
	const char *detail;
} supplement_faults[PAGE_FAULTS] = {
	[PAGE_ABSENT] = { "missing", "The supplement is empty." },
	[PAGE_TOO_LONG] = { "too_long", "The supplement is longer than may be sent." },
	[PAGE_UNREADABLE] = { "not_utf8", "The supplement is not UTF-8." },
	[PAGE_UNKNOWN] = { "not_in_this_state", "Nothing can be added to this tip any more." },
	[PAGE_HOLDS_CODE] = { "receipt_code_inside", "The supplement holds a receipt code. Leave it out." },
};

static enum flow_next step_answer(struct flow *flow)
{
	struct receipt_flow *r = flow_state(flow);

	if (r->page)
		answer_status_page(flow, r);
	else if (r->fault != PAGE_FINE)
		answer_problem(r->exchange, &(struct problem){ .status = r->fault == PAGE_UNKNOWN ? 409 : 400,
							       .code = supplement_faults[r->fault].code,
							       .detail = supplement_faults[r->fault].detail,
							       .field = "text" });
	else
		answer_status_json(flow, r);
	r->exchange = NULL;
	return FLOW_DONE;
}

/* --- reading ------------------------------------------------------------------------------------------ */

static enum flow_next go(struct flow *flow, enum receipt_step step)
{
	flow_jump(flow, step);
	return FLOW_NEXT;
}

static enum flow_next step_read(struct flow *flow)
{
	struct receipt_flow *r = flow_state(flow);

	return store_wait_flow(flow, r->app->store, &(struct store_request){ .op = STORE_READ, .id = r->id }, &r->read);
}

/* The tip is not in the store, or the store is away. It may wait in the spool. */
static bool in_spool(struct receipt_flow *r)
{
	r->waiting = r->hops == 0 && spool_holds(r->app->spool, &r->id);
	return r->waiting;
}

static bool open_tip(struct receipt_flow *r, const struct store_row *row)
{
	struct seal_key receipt_key;
	bool fits;

	if (sodium_memcmp(row->receipt_mark, r->trace.mark, STORE_MARK_BYTES) != 0)
		return false;
	seal_key_from_receipt(&r->code, &receipt_key);
	fits = seal_tip_key_by_receipt(&row->id, row->sealed, &receipt_key, &r->tip_key);
	wipe(&receipt_key, sizeof(receipt_key));
	return fits;
}

/* The same informant pressed the button twice, or the browser did. */
static bool said_already(struct receipt_flow *r, struct arena *arena)
{
	size_t n;
	const struct page_message *messages = messages_of(r, arena, &n);

	for (size_t i = n; i > 0 && !messages[i - 1].from_bureau; i--)
		if (span_eq(messages[i - 1].text, r->text))
			return true;
	return false;
}

static enum page_fault supplement_fault(const struct receipt_flow *r)
{
	if (span_trim(r->text).len == 0)
		return PAGE_ABSENT;
	if (r->text.len > r->app->config->limits.text_bytes)
		return PAGE_TOO_LONG;
	if (!utf8_valid(r->text))
		return PAGE_UNREADABLE;
	if (receipt_hidden_in(r->text))
		return PAGE_HOLDS_CODE;
	return may_write(r) ? PAGE_FINE : PAGE_UNKNOWN;
}

static struct span seal_supplement(struct receipt_flow *r, struct arena *arena)
{
	struct tip_message message = {
		.kind = MESSAGE_FROM_INFORMANT,
		.at_ms = clock_wall_ms(),
		.text = r->text,
	};
	struct buf sealed = { 0 };
	struct span kept;

	seal_message(&r->id, &message, &r->tip_key, &sealed);
	kept = arena_dup(arena, buf_span(&sealed));
	buf_release(&sealed);
	return kept;
}

static enum flow_next add_supplement(struct flow *flow, struct receipt_flow *r)
{
	const struct store_row *row = &r->read.rows[0];
	struct arena *arena = flow_arena(flow);
	bool again = r->again && may_reopen(r);
	enum tip_event event = again ? TIP_EV_REOPEN : TIP_EV_SUPPLEMENT;
	const struct tip_move *move = tip_move_find(row->state, event, TIP_BY_INFORMANT);
	struct store_change change = {
		.id = r->id,
		.expect_rev = row->rev,
		.state = move->to,
		.points = row->points,
		.holder = row->holder,
		.event = span_of(arena_printf(arena, "{\"e\":\"%s\",\"id\":\"%s\",\"at\":%lld}",
					      again ? "reopened" : "supplement", r->id.text,
					      (long long)clock_wall_ms())),
		.message = seal_supplement(r, arena),
	};

	memcpy(change.region, row->region, sizeof(change.region));
	store_change_follow(&change, row, move, (struct span){ 0 });
	r->reopened = again;
	return store_wait_flow(flow, r->app->store, &(struct store_request){ .op = STORE_CHANGE, .change = &change },
			       &r->changed);
}

/* A tip that went to another shard is read there: the same tail, the region's two digits. */
static enum flow_next follow(struct flow *flow, struct receipt_flow *r)
{
	memcpy(r->id.text, r->read.rows[0].region, 2);
	r->hops++;
	return go(flow, STEP_READ);
}

static enum flow_next step_open(struct flow *flow)
{
	struct receipt_flow *r = flow_state(flow);
	const struct store_row *row = r->read.rows;

	bool absent = r->read.verdict == STORE_ABSENT || r->read.nrows == 0;

	/* Nothing can be added until it is in the store: say so, rather than lose the words. */
	if ((r->read.outcome != STORE_DONE || absent) && in_spool(r))
		return r->text.at != NULL ? FLOW_FAIL : go(flow, STEP_ANSWER);
	/* A transferred tip that has not arrived yet is under way: ask again later. */
	if (r->read.outcome != STORE_DONE || (absent && r->hops > 0))
		return FLOW_FAIL;
	if (absent || (!r->opened && !open_tip(r, row))) {
		answer_slip(r, PAGE_ASK_UNFOUND, 0);
		return FLOW_DONE;
	}
	r->opened = true;
	if (row->state == TIP_TRANSFERRED && r->hops < HOPS_MAX)
		return follow(flow, r);
	if (r->text.at == NULL || r->added)
		return go(flow, STEP_ANSWER);
	r->fault = supplement_fault(r);
	r->added = r->fault == PAGE_FINE && !(r->again && may_reopen(r)) && said_already(r, flow_arena(flow));
	if (r->fault != PAGE_FINE || r->added)
		return go(flow, STEP_ANSWER);
	return add_supplement(flow, r);
}

static enum flow_next step_added(struct flow *flow)
{
	struct receipt_flow *r = flow_state(flow);

	if (r->changed.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (r->changed.verdict == STORE_CONFLICT && ++r->tries >= TRIES)
		return FLOW_FAIL;
	r->added = r->changed.verdict == STORE_OK;
	r->reopened = r->reopened && r->added;
	return go(flow, STEP_READ);
}

static void end(struct flow *flow, bool well)
{
	struct receipt_flow *r = flow_state(flow);
	struct problem problem = { .status = 503,
				   .code = "store_unavailable",
				   .detail = "The store cannot be reached at the moment. Try again shortly.",
				   .retry_after_s = 5 };

	log_event(LOG_LEVEL_INFO, "receipt", "id", r->opened ? r->id.text : NULL, "added", r->added ? "yes" : NULL,
		  "ms", log_u64(flow_age_ms(flow)), NULL);
	if (r->exchange != NULL && r->page)
		visitor_error(r->app, r->exchange, &r->look, &problem);
	else if (r->exchange != NULL)
		answer_problem(r->exchange, &problem);
	wipe(&r->tip_key, sizeof(r->tip_key));
	wipe(&r->code, sizeof(r->code));
	(void)well;
}

static const struct flow_step receipt_steps[] = {
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_OPEN] = { .name = "open", .run = step_open },
	[STEP_ADDED] = { .name = "added", .run = step_added },
	[STEP_ANSWER] = { .name = "answer", .run = step_answer },
};

static const struct flow_kind receipt_kind = {
	.name = "receipt",
	.steps = receipt_steps,
	.nsteps = COUNT_OF(receipt_steps),
	.state_bytes = sizeof(struct receipt_flow),
	.timeout_ms = 15000,
	.end = end,
};

/* --- starting -------------------------------------------------------------------------------------------- */

struct receipt_fields {
	struct span code, text, lang, size;
	bool again;
};

static bool fields_of_form(struct span body, struct arena *arena, struct receipt_fields *out)
{
	static const struct form_limits limits = { .pairs = 16, .name_bytes = 64, .value_bytes = 1 << 20 };
	struct complaint complaint;
	struct form form;

	if (!form_decode(body, &limits, arena, &form, &complaint))
		return false;
	out->code = form_find(&form, "code");
	if (out->code.at == NULL)
		out->code = form_find(&form, "receipt");
	out->text = form_find(&form, "text");
	out->lang = form_find(&form, "lang");
	out->size = form_find(&form, "size");
	out->again = form_find(&form, "reopen").len > 0;
	return true;
}

static struct span text_of(const struct json_object *object, const char *name)
{
	const struct json_member *member = json_member_find(object, name);

	return member != NULL && member->kind == JSON_TEXT ? member->text : (struct span){ 0 };
}

static bool fields_of_json(struct span body, struct arena *arena, struct receipt_fields *out)
{
	struct json_object *object = arena_new(arena, struct json_object);
	const struct json_member *again;

	if (!json_object_read(body, arena, object, NULL))
		return false;
	out->code = text_of(object, "receipt");
	if (out->code.at == NULL)
		out->code = text_of(object, "code");
	out->text = text_of(object, "text");
	out->lang = text_of(object, "lang");
	again = json_member_find(object, "reopen");
	out->again = again != NULL && again->kind == JSON_TRUE;
	return true;
}

static enum page_ask_fault read_code(struct span typed, struct receipt_code *code)
{
	if (span_trim(typed).len == 0)
		return PAGE_ASK_ABSENT;
	switch (receipt_parse(typed, code)) {
	case RECEIPT_FINE:
		return PAGE_ASK_FINE;
	case RECEIPT_NOT_DIGITS:
		return PAGE_ASK_DIGITS;
	case RECEIPT_LENGTH:
		return PAGE_ASK_LENGTH;
	case RECEIPT_CHECK:
		return PAGE_ASK_CHECK;
	}
	return PAGE_ASK_DIGITS;
}

void receipt_ask(const struct call *args, struct http_exchange *exchange)
{
	struct receipt_flow ask = {
		.app = args->app,
		.exchange = exchange,
		.look = visitor_look(args->app, http_exchange_request(exchange), (struct span){ 0 },
				     (struct span){ 0 }),
	};

	answer_ask(&ask, 200, PAGE_ASK_FINE, 0);
}

/* Tries are few for one visitor and bounded for all together. */
static bool may_try(const struct app *app, const struct http_exchange *exchange, unsigned *wait_s)
{
	return visitor_may(app, exchange, LIMIT_RECEIPTS, wait_s) &&
	       limits_take(app->limits, LIMIT_RECEIPTS_ALL, 0, loop_now_ms(app->loop), wait_s);
}

static void start(const struct receipt_flow *begun)
{
	struct flow *flow = flow_start(begun->app->loop, &receipt_kind, NULL, NULL);
	struct receipt_flow *r = flow_state(flow);

	*r = *begun;
	receipt_trace(keys_receipt(r->app->keys), &r->code, &r->trace);
	r->id = r->trace.id;
}

void receipt_post(const struct call *args, struct http_exchange *exchange)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct arena *arena = http_exchange_arena(exchange);
	struct receipt_fields fields = { 0 };
	struct receipt_flow r = { .app = args->app, .exchange = exchange };
	enum page_ask_fault fault;
	unsigned wait_s = 0;
	bool fine;

	r.page = !span_starts(request->path, SPAN("/api/")) && !visitor_wants_json(request);
	fine = span_starts(request->path, SPAN("/api/")) ? fields_of_json(request->body, arena, &fields)
							 : fields_of_form(request->body, arena, &fields);
	r.look = visitor_look(args->app, request, fields.lang, fields.size);
	r.typed = fields.code;
	r.text = fields.text;
	r.again = fields.again;
	fault = fine ? read_code(fields.code, &r.code) : PAGE_ASK_ABSENT;
	if (!may_try(args->app, exchange, &wait_s))
		fault = PAGE_ASK_OFTEN;
	if (fault == PAGE_ASK_FINE)
		start(&r);
	else
		answer_slip(&r, fault, wait_s);
}
