/*
 * What the informant is told with the 24 digits; see receipt.c.
 */
#include "handlers/intake/receipt_inside.h"

#include "daemon/base/hex.h"
#include "daemon/base/json_out.h"
#include "daemon/core/judge.h"
#include "daemon/core/score/score.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/random.h"
#include "handlers/intake/report.h"
#include "handlers/reward/waiting.h"
#include "handlers/web/raise_words.h"

#define MESSAGES_MAX 200   /* shown: the latest */
#define PROOF_RETRY_S 30  /* a batch is made about that often */

void receipt_answer_ask(const struct receipt_flow *r, int status, enum page_ask_fault fault)
{
	struct buf html = { 0 };

	page_receipt_ask(r->app->pages, &r->look,
			 &(struct page_receipt_ask){ .fault = fault,
						     .typed = fault != PAGE_ASK_UNFOUND ? r->typed : (struct span){ 0 } },
			 &html);
	if (fault == PAGE_ASK_OFTEN)
		answer_page_limited(r->exchange, status, buf_span(&html), PAGES_CSP, &r->refusal);
	else
		answer_page(r->exchange, status, buf_span(&html), PAGES_CSP, 0);
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
	[PAGE_ASK_OFTEN] = { PAGE_ASK_OFTEN, 429, NULL, NULL },
};

static struct problem slip_of(const struct receipt_flow *r, enum page_ask_fault fault)
{
	if (fault == PAGE_ASK_OFTEN)
		return limited_problem(&r->refusal, "too_many_tries");
	return (struct problem){ .status = slips[fault].status,
				 .code = slips[fault].code,
				 .detail = slips[fault].detail,
				 .field = fault != PAGE_ASK_UNFOUND ? "receipt" : NULL };
}

void receipt_answer_slip(struct receipt_flow *r, enum page_ask_fault fault)
{
	struct problem problem = slip_of(r, fault);

	receipt_drop_files(r);
	if (r->page)
		receipt_answer_ask(r, problem.status, fault);
	else
		answer_problem(r->exchange, &problem);
	r->exchange = NULL;
}

static const struct span *file_names(const struct tip_message *message, struct arena *arena)
{
	struct span *names = arena_array(arena, struct span, message->nfiles);

	for (size_t i = 0; i < message->nfiles; i++)
		names[i] = message->files[i].name;
	return names;
}

struct page_message *receipt_messages(struct receipt_flow *r, struct arena *arena, size_t *n)
{
	const struct store_row *row = &r->read.rows[0];
	struct page_message *messages = arena_array(arena, struct page_message, MESSAGES_MAX);

	*n = 0;
	if (r->waiting || r->erased || row->messages == NULL)
		return messages;
	for (size_t i = row->nmessages > MESSAGES_MAX ? row->nmessages - MESSAGES_MAX : 0; i < row->nmessages; i++) {
		struct tip_message message;

		if (!seal_open_message(&row->id, row->messages[i], &r->tip_key, arena, &message) ||
		    message.kind == MESSAGE_NOTE)
			continue;
		messages[(*n)++] = (struct page_message){ .from_bureau = message.kind == MESSAGE_FROM_BUREAU,
							  .at_ms = message.at_ms,
							  .text = message.text,
							  .files = file_names(&message, arena),
							  .nfiles = message.nfiles };
	}
	return messages;
}

static enum tip_state state_of(const struct receipt_flow *r)
{
	return r->waiting ? TIP_QUEUED : r->read.rows[0].state;
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

/* When the level above will have it if nothing is done; empty: no clock runs, or there is none above. */
static struct span next_of(const struct receipt_flow *r, struct arena *arena)
{
	const struct store_row *row = r->read.rows;
	int64_t since_ms, at_ms, left_ms;
	enum clock_wait why;
	char above[7];

	if (r->waiting || r->erased || r->app->clock_limits == NULL || row->state == TIP_TRANSFERRED ||
	    !clock_next(row->clock, r->app->clock_limits, priority_of(row->points), &why, &since_ms, &at_ms))
		return (struct span){ 0 };
	region_code_above(row->region, above);
	left_ms = at_ms - clock_wall_ms();
	if (strcmp(above, row->region) == 0 || left_ms <= 0)
		return (struct span){ 0 };
	return raise_next_words(r->look.lang, why, left_ms, region_level_word(above), arena);
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

static void fill_log(const struct receipt_flow *r, struct page_leaf *leaves, struct page_status *view)
{
	const struct receipt_log *log = &r->log;

	for (size_t i = 0; i < log->nleaves; i++)
		leaves[i] = (struct page_leaf){ .log = span_of(log->leaves[i].log->name),
						.index = log->leaves[i].found.index,
						.class = span_of(leaf_class_name(log->leaves[i].found.class)),
						.day = log->leaves[i].found.day };
	view->leaves = leaves;
	view->nleaves = log->nleaves;
	view->log_served = log->logs != NULL;
	view->log_whole = log->whole;
	view->log_behind = log->behind;
	view->proof = log->proof;
}

/* Of words that were refused as they came, words_fault() tells. */
static enum page_fault file_fault(const struct receipt_flow *r)
{
	if (r->problem.status == 0 || r->problem.field == NULL || strcmp(r->problem.field, "file") != 0)
		return PAGE_FINE;
	return report_fault_of(r->problem.code);
}

/* Where a file may come, a script may send it and tell how far it is. */
static const char *policy_of(const struct page_status *view)
{
	return view->may_attach ? PAGES_CSP_REPORT : PAGES_CSP;
}

static void answer_status_page(struct flow *flow, struct receipt_flow *r)
{
	struct arena *arena = flow_arena(flow);
	unsigned char random[16];
	struct buf html = { 0 };
	struct page_leaf leaves[RECEIPT_LEAVES_MAX];
	struct reward_waiting waiting;
	struct page_status view = {
		.code = span_of(r->code.digits),
		.reference = span_of(r->trace.id.text),
		.state = state_of(r),
		.region = region_name(r),
		.received_ms = r->waiting ? 0 : r->read.rows[0].received_ms,
		.may_write = receipt_may_write(r),
		.may_attach = receipt_may_attach(r, arena),
		.taken = r->added,
		.erased = r->erased,
		.may_reopen = receipt_may_reopen(r),
		.raise = raise_of(r, arena),
		.next = next_of(r, arena),
		.raised_ms = r->waiting ? 0 : r->read.rows[0].raise.at_ms,
		.fault = r->fault,
		.file_fault = file_fault(r),
		.typed = r->text,
	};

	random_bytes(random, sizeof(random));
	view.nonce = span_of(hex_text(arena, random, sizeof(random)));
	if (reward_waits(r->app, r->trace.mark, &waiting)) {
		view.reward = span_of(waiting.word);
		view.reward_until_ms = waiting.until_ms;
	}
	view.messages = receipt_messages(r, arena, &view.nmessages);
	fill_log(r, leaves, &view);
	page_status(r->app->pages, &r->look, &view, &html);
	answer_page(r->exchange, view.fault != PAGE_FINE ? 400 : view.file_fault != PAGE_FINE ? r->problem.status : 200, buf_span(&html),
		    policy_of(&view), 0);
	buf_release(&html);
}

static void put_messages(struct flow *flow, struct receipt_flow *r, struct json_out *json)
{
	size_t n;
	const struct page_message *messages = receipt_messages(r, flow_arena(flow), &n);

	json_open_member(json, "messages", '[');
	for (size_t i = 0; i < n; i++) {
		char at[21];

		clock_text(messages[i].at_ms, at);
		json_open(json, '{');
		json_text(json, "from", messages[i].from_bureau ? SPAN("bureau") : SPAN("informant"));
		json_text(json, "at", span_of(at));
		json_text(json, "text", messages[i].text);
		json_open_member(json, "files", '[');
		for (size_t j = 0; j < messages[i].nfiles; j++)
			json_text(json, NULL, messages[i].files[j]);
		json_close(json, ']');
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
	json_bool(&json, "erased", r->erased);
	json_bool(&json, "may_write", receipt_may_write(r));
	json_bool(&json, "may_attach", receipt_may_attach(r, flow_arena(flow)));
	json_bool(&json, "added", r->added);
	json_bool(&json, "may_reopen", receipt_may_reopen(r));
	json_bool(&json, "reopened", r->reopened);
	put_raise(flow, r, &json);
	receipt_log_json(&r->log, &json);
	put_messages(flow, r, &json);
	json_close(&json, '}');
	answer_json(r->exchange, 200, buf_span(&body));
	buf_release(&body);
}

static const struct {
	const char *code;
	const char *detail;
} supplement_faults[PAGE_FAULTS] = {
	[PAGE_ABSENT] = { "missing", "The supplement has neither words nor files." },
	[PAGE_TOO_LONG] = { "too_long", "The supplement is longer than may be sent." },
	[PAGE_UNREADABLE] = { "not_utf8", "The supplement is not UTF-8." },
	[PAGE_UNKNOWN] = { "not_in_this_state", "Nothing can be added to this tip any more." },
	[PAGE_HOLDS_CODE] = { "receipt_code_inside", "The supplement holds a receipt code. Leave it out." },
};

/* A neutral name: the file lies where others may look. */
static void answer_proof(struct receipt_flow *r)
{
	struct http_reply reply = { .status = 200, .type = "text/plain; charset=utf-8", .body = r->log.proof };

	http_reply_field(&reply, "Cache-Control", SPAN("no-store"));
	http_reply_field(&reply, "Content-Disposition", SPAN("attachment; filename=\"proof.txt\""));
	http_reply_field(&reply, "X-Content-Type-Options", SPAN("nosniff"));
	http_reply_field(&reply, "Referrer-Policy", SPAN("no-referrer"));
	http_reply_field(&reply, "Content-Security-Policy", SPAN("default-src 'none'; frame-ancestors 'none'"));
	http_exchange_reply(r->exchange, &reply);
}

enum flow_next receipt_answer(struct flow *flow)
{
	struct receipt_flow *r = flow_state(flow);

	receipt_drop_files(r);
	if (r->download && r->log.proven)
		answer_proof(r);
	else if (r->download && !r->page)
		answer_problem(r->exchange, &(struct problem){ .status = 404, .code = "proof_pending",
							       .detail = "The log does not hold this tip yet.",
							       .retry_after_s = PROOF_RETRY_S });
	else if (r->page)
		answer_status_page(flow, r);
	else if (r->fault != PAGE_FINE)
		answer_problem(r->exchange, &(struct problem){ .status = r->fault == PAGE_UNKNOWN ? 409 : 400,
							       .code = supplement_faults[r->fault].code,
							       .detail = supplement_faults[r->fault].detail,
							       .field = "text" });
	else if (r->problem.status != 0)
		answer_problem(r->exchange, &r->problem);
	else
		answer_status_json(flow, r);
	r->exchange = NULL;
	return FLOW_DONE;
}
