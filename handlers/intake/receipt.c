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
#include "daemon/base/table.h"
#include "daemon/base/wipe.h"
#include "daemon/store/spool.h"
#include "daemon/store/wait.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "daemon/sys/week_keys.h"
#include "handlers/intake/receipt_inside.h"
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

/* For its files alone: how many there are. */
static const struct tip_content *content_of(const struct store_row *row, struct span sealed, const struct seal_key *tip_key,
					    struct arena *arena)
{
	struct tip_content *content = arena_new(arena, struct tip_content);

	return seal_open_tip(&row->id, sealed, tip_key, arena, content) ? content : NULL;
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
	if (fits)
		r->content = content_of(row, sealed, &r->tip_key, arena);
	return fits;
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
		return receipt_adds(r) ? FLOW_FAIL : begin_look(flow, r);
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
	if (!receipt_adds(r) || r->added || !receipt_add_judge(r, flow_arena(flow)))
		return begin_look(flow, r);
	return receipt_add(flow, r);
}

static enum flow_next step_added(struct flow *flow)
{
	struct receipt_flow *r = flow_state(flow);

	receipt_add_told(r);
	if (r->changed.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (r->changed.verdict == STORE_CONFLICT && ++r->tries >= TRIES)
		return FLOW_FAIL;
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
	if (r->problem.status >= 500)
		problem = r->problem;
	/* The page of 503 says that nothing was received: here that is not known, or it was. */
	if (r->page && r->keep)
		problem.status = 504;
	receipt_drop_files(r);
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

static void begin_receipt(const struct call *args, struct receipt_sent *sent, bool download)
{
	struct receipt_flow r = { .app = sent->app, .exchange = sent->exchange, .page = sent->page, .download = download };
	enum page_ask_fault fault;

	if (!receipt_sent_read(sent))
		return;
	r.look = visitor_look(sent->app, http_exchange_request(sent->exchange), sent->lang, sent->size);
	r.typed = receipt_sent_code(sent);
	if (!download)
		r.text = sent->text;
	r.upload = sent->upload;
	r.problem = sent->problem;
	r.again = sent->reopen.len > 0;
	fault = read_code(r.typed, &r.code);
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
	/* The page with the code leads on to here, with a body that was collected. */
	begin_receipt(args, *args->own != NULL ? *args->own : receipt_sent_new(args->app, exchange), false);
}

void receipt_proof(const struct call *args, struct http_exchange *exchange)
{
	begin_receipt(args, receipt_sent_new(args->app, exchange), true);
}
