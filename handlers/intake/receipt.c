/*
 * The receipt: what the informant sees with the 24 digits, and may add.
 *
 *   try      one from the bucket of all processes together            waits
 *   read     the tip whose id the code gives                          waits
 *   open     mark compared, tip key out of the receipt's own wrap
 *   add      a supplement, when one was written                       waits
 *   look     the tip's leaves in the sealed log, slice by slice       waits
 *   answer   status in words, messages both ways, the proof
 *
 * An unknown code costs the same look-up and gets the same answer as one whose
 * mark does not fit; the log is searched behind that, for codes that fit. The
 * code comes in the body, never in a URL.
 */
#include "daemon/base/json_in.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/base/wipe.h"
#include "daemon/http/form.h"
#include "daemon/store/spool.h"
#include "daemon/store/wait.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "daemon/sys/week_keys.h"
#include "handlers/intake/receipt_inside.h"
#include "handlers/intake/supplement.h"
#include "handlers/intake/web.h"

#include <sodium.h>

#define TRIES 4
#define HOPS_MAX 40     /* transfers between shards that are followed: there are 35 */

enum receipt_step {
	STEP_TRY,
	STEP_TRIED,
	STEP_READ,
	STEP_OPEN,
	STEP_ADDED,
	STEP_LOOK,
	STEP_ANSWER,
};

/* --- the sealed log ----------------------------------------------------------------------------------- */

static enum flow_next go(struct flow *flow, enum receipt_step step)
{
	flow_jump(flow, step);
	return FLOW_NEXT;
}

static void next_turn(void *ctx)
{
	struct flow *flow = ctx;
	struct receipt_flow *r = flow_state(flow);

	r->turn = NULL;
	flow_resume(flow_loop(flow), flow_ref(flow));
}

static enum flow_next begin_look(struct flow *flow, struct receipt_flow *r)
{
	if (!r->waiting) {
		receipt_log_visit(&r->log, r->id.text, r->read.rows[0].rev);
		receipt_log_begin(&r->log, r->app->logs, &r->code, r->read.rows[0].received_ms);
	} else {
		receipt_log_begin(&r->log, r->app->logs, &r->code, 0);
		r->log.behind = true;
	}
	return go(flow, STEP_LOOK);
}

static enum flow_next step_look(struct flow *flow)
{
	struct receipt_flow *r = flow_state(flow);

	if (receipt_log_look(&r->log, flow_arena(flow)))
		return go(flow, STEP_ANSWER);
	r->turn = loop_after(flow_loop(flow), 1, next_turn, flow);
	flow_jump(flow, STEP_LOOK);
	return FLOW_WAIT;
}

/* --- how often --------------------------------------------------------------------------------------- */

static enum flow_next step_try(struct flow *flow)
{
	struct receipt_flow *r = flow_state(flow);
	struct store_bucket bucket;

	if (!limited_shared(r->app->limits, LIMIT_RECEIPTS_ALL, keys_requests(r->app->keys), SPAN("receipts"), &bucket))
		return go(flow, STEP_READ);
	return store_wait_flow(flow, r->app->store, &(struct store_request){ .op = STORE_BUCKET, .bucket = &bucket },
			       &r->tried);
}

/* When the store does not say, the buckets of this process hold alone. */
static enum flow_next step_tried(struct flow *flow)
{
	struct receipt_flow *r = flow_state(flow);

	if (!limited_shared_refusal(r->app->limits, LIMIT_RECEIPTS_ALL, &r->tried, &r->refusal))
		return FLOW_NEXT;
	receipt_answer_slip(r, PAGE_ASK_OFTEN);
	return FLOW_DONE;
}

/* --- reading ------------------------------------------------------------------------------------------ */

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

static bool open_tip(struct receipt_flow *r, const struct store_row *row, struct arena *arena)
{
	enum week_key_outcome week;
	struct seal_key receipt_key;
	struct span sealed;
	bool fits;

	if (sodium_memcmp(row->receipt_mark, r->trace.mark, STORE_MARK_BYTES) != 0)
		return false;
	/* Its words were deleted: there is nothing that the code could open, and the state says why. */
	if (span_empty(row->sealed)) {
		r->erased = row->end.erased != 0;
		return r->erased;
	}
	week = week_keys_uncover(r->app->weeks, &row->id, COVER_CONTENT, row->sealed, arena, &sealed);
	r->erased = week == WEEK_KEY_GONE;
	r->keyless = week == WEEK_KEY_MISSING;
	if (r->erased)
		return true;
	seal_key_from_receipt(&r->code, &receipt_key);
	fits = seal_tip_key_by_receipt(&row->id, sealed, &receipt_key, &r->tip_key);
	wipe(&receipt_key, sizeof(receipt_key));
	return fits;
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
	return receipt_may_write(r) ? PAGE_FINE : PAGE_UNKNOWN;
}

static enum flow_next add_supplement(struct flow *flow, struct receipt_flow *r)
{
	struct store_change change;

	r->reopened = r->again && receipt_may_reopen(r);
	supplement_change(&r->read.rows[0], &r->tip_key, r->text, r->reopened, clock_wall_ms(), flow_arena(flow), &change);
	return store_wait_flow(flow, r->app->store, &(struct store_request){ .op = STORE_CHANGE, .change = &change },
			       &r->changed);
}

/* A tip that went to another shard is read there: the same tail, the region's two digits. */
static enum flow_next follow(struct flow *flow, struct receipt_flow *r)
{
	receipt_log_visit(&r->log, r->id.text, r->read.rows[0].rev);
	memcpy(r->id.text, r->read.rows[0].region, 2);
	r->hops++;
	return go(flow, STEP_READ);
}

static enum flow_next step_open(struct flow *flow)
{
	struct receipt_flow *r = flow_state(flow);
	const struct store_row *row = r->read.rows;

	bool absent = r->read.verdict == STORE_ABSENT || r->read.nrows == 0, fits;

	/* Nothing can be added until it is in the store: say so, rather than lose the words. */
	if ((r->read.outcome != STORE_DONE || absent) && in_spool(r))
		return r->text.at != NULL ? FLOW_FAIL : begin_look(flow, r);
	/* A transferred tip that has not arrived yet is under way: ask again later. */
	if (r->read.outcome != STORE_DONE || (absent && r->hops > 0))
		return FLOW_FAIL;
	fits = !absent && (r->opened || open_tip(r, row, flow_arena(flow)));
	if (r->keyless)
		return FLOW_FAIL;
	if (!fits) {
		receipt_answer_slip(r, PAGE_ASK_UNFOUND);
		return FLOW_DONE;
	}
	r->opened = !span_empty(row->sealed);
	if (row->state == TIP_TRANSFERRED && r->hops < HOPS_MAX)
		return follow(flow, r);
	if (r->text.at == NULL || r->added)
		return begin_look(flow, r);
	r->fault = supplement_fault(r);
	/* The same informant pressed the button twice, or the browser did. */
	r->added = r->fault == PAGE_FINE && !(r->again && receipt_may_reopen(r)) &&
		   supplement_said(row, &r->tip_key, r->text, flow_arena(flow));
	if (r->fault != PAGE_FINE || r->added)
		return begin_look(flow, r);
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

	if (r->keyless) {
		problem.code = "week_key_missing";
		problem.detail = "What this code opens cannot be read at the moment. Try again later.";
		problem.retry_after_s = 3600;
	}
	log_event(LOG_LEVEL_INFO, "receipt", "id", r->opened ? r->id.text : NULL, "added", r->added ? "yes" : NULL,
		  "ms", log_u64(flow_age_ms(flow)), NULL);
	if (r->exchange != NULL && r->page)
		visitor_error(r->app, r->exchange, &r->look, &problem);
	else if (r->exchange != NULL)
		answer_problem(r->exchange, &problem);
	if (r->turn != NULL)
		loop_timer_cancel(r->turn);
	receipt_log_end(&r->log);
	wipe(&r->tip_key, sizeof(r->tip_key));
	wipe(&r->code, sizeof(r->code));
	(void)well;
}

static const struct flow_step receipt_steps[] = {
	[STEP_TRY] = { .name = "try", .run = step_try },
	[STEP_TRIED] = { .name = "tried", .run = step_tried },
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_OPEN] = { .name = "open", .run = step_open },
	[STEP_ADDED] = { .name = "added", .run = step_added },
	[STEP_LOOK] = { .name = "look", .run = step_look },
	[STEP_ANSWER] = { .name = "answer", .run = receipt_answer },
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

static bool fields_of_json(struct span body, struct arena *arena, struct receipt_fields *out)
{
	struct json_object *object = arena_new(arena, struct json_object);
	const struct json_member *again;

	if (!json_object_read(body, arena, object, NULL))
		return false;
	out->code = json_member_text(object, "receipt");
	if (out->code.at == NULL)
		out->code = json_member_text(object, "code");
	out->text = json_member_text(object, "text");
	out->lang = json_member_text(object, "lang");
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

	receipt_answer_ask(&ask, 200, PAGE_ASK_FINE);
}

static void start(const struct receipt_flow *begun)
{
	struct flow *flow = flow_start(begun->app->loop, &receipt_kind, NULL, NULL);
	struct receipt_flow *r = flow_state(flow);

	*r = *begun;
	receipt_trace(keys_receipt(r->app->keys), &r->code, &r->trace);
	r->id = r->trace.id;
}

static void begin_receipt(const struct call *args, struct http_exchange *exchange, bool download)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct arena *arena = http_exchange_arena(exchange);
	struct receipt_fields fields = { 0 };
	struct receipt_flow r = { .app = args->app, .exchange = exchange, .download = download };
	enum page_ask_fault fault;
	bool fine;

	r.page = !span_starts(request->path, SPAN("/api/")) && !visitor_wants_json(request);
	fine = span_starts(request->path, SPAN("/api/")) ? fields_of_json(request->body, arena, &fields)
							 : fields_of_form(request->body, arena, &fields);
	r.look = visitor_look(args->app, request, fields.lang, fields.size);
	r.typed = fields.code;
	if (!download)
		r.text = fields.text;
	r.again = fields.again;
	fault = fine ? read_code(fields.code, &r.code) : PAGE_ASK_ABSENT;
	if (args->refused != NULL) {
		fault = PAGE_ASK_OFTEN;
		r.refusal = *args->refused;
	}
	if (fault == PAGE_ASK_FINE)
		start(&r);
	else
		receipt_answer_slip(&r, fault);
}

void receipt_post(const struct call *args, struct http_exchange *exchange)
{
	begin_receipt(args, exchange, false);
}

void receipt_proof(const struct call *args, struct http_exchange *exchange)
{
	begin_receipt(args, exchange, true);
}
