/*
 * Queues: what waits where, and taking the best of it under a lease.
 *
 * A claim covers a region and all beneath it. Within one shard the store
 * merges the queues by itself; over several shards (a national desk) the
 * shard with the best head is drawn from first, one tip at a time.
 * When nothing waits the call may wait: it looks again whenever this daemon
 * queued a tip, and at least every two seconds for those of other daemons.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/core/judge.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/config.h"
#include "daemon/sys/log.h"
#include "handlers/bureau/body.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/dossier.h"
#include "handlers/bureau/rights.h"
#include "handlers/staff/gatekeeping.h"
#include "handlers/intake/commit.h"

#include <stdlib.h>

#define CLAIM_MAX 500
#define LOOK_AGAIN_MS 100
#define LOOK_ANYWAY_MS 2000
#define KEY_ROUNDS_MAX (CLAIM_MAX / DOSSIER_KEYS_MAX + 1)
#define QUEUES_MAX 400   /* a shard has less than 250 divisions */

enum queue_step {
	STEP_ASK,
	STEP_ASKED,
	STEP_DECIDE,
	STEP_TAKEN,
	STEP_LOOK,
	STEP_KEYS,
	STEP_KEYED,
	STEP_ANSWER,
};

struct queue_flow {
	struct app *app;
	struct staff staff;
	unsigned who;                     /* may call this */
	struct http_exchange *exchange;
	char region[7];
	bool claiming;
	struct span lang;
	uint64_t max;
	uint64_t lease_s;
	uint64_t wait_s;
	struct shard_list shards;
	size_t shard;                     /* being asked, drawn from, or fetched keys of */
	bool one_shard;                   /* only that one is to be asked again */
	struct store_reply queues[SHARDS_MAX];
	struct store_reply claimed;
	struct store_row *rows;           /* gathered, room for max */
	size_t nrows;
	uint64_t seen_stored;             /* commits when the queues were read */
	uint64_t looked_ms;
	struct dossier_keys keys;
	unsigned key_rounds;              /* fetches of keys of this shard */
};

static enum flow_next go(struct flow *flow, enum queue_step step)
{
	flow_jump(flow, step);
	return FLOW_NEXT;
}

/* --- reading the queues of all shards, one after the other ---------------------------- */

static enum flow_next step_ask(struct flow *flow)
{
	struct queue_flow *q = flow_state(flow);
	struct store_request request = { .op = STORE_QUEUES };

	if (q->shard == 0 && !q->one_shard) {
		q->seen_stored = commit_figures(q->app->commit)->stored;
		q->looked_ms = loop_now_ms(q->app->loop);
	}
	memcpy(request.shard, q->shards.at[q->shard], sizeof(request.shard));
	return store_wait_flow(flow, q->app->store, &request, &q->queues[q->shard]);
}

static enum flow_next step_asked(struct flow *flow)
{
	struct queue_flow *q = flow_state(flow);

	if (q->queues[q->shard].outcome != STORE_DONE && q->nrows > 0) {
		/* What was claimed before must reach the officer: it is under the lease. */
		q->shard = 0;
		return go(flow, STEP_KEYS);
	}
	if (q->queues[q->shard].outcome != STORE_DONE)
		return FLOW_FAIL;
	if (!q->one_shard && ++q->shard < q->shards.n)
		flow_jump(flow, STEP_ASK);
	return FLOW_NEXT;
}

static bool covers(const struct queue_flow *q, const struct store_queue *queue)
{
	return region_within(span_of(queue->region), span_of(q->region)) &&
	       rights_reach(&q->staff, span_of(queue->region));
}

/* --- the list ---------------------------------------------------------------------------- */

static void put_queue(const struct queue_flow *q, const struct store_queue *queue, struct json_out *json)
{
	const struct region *region = gazetteer_find(judge_gazetteer(q->app->judge), span_of(queue->region));
	char text[21];

	json_open(json, '{');
	json_text(json, "region", span_of(queue->region));
	json_text(json, "name", region != NULL ? region->name : SPAN(""));
	json_u64(json, "waiting", queue->waiting);
	json_u64(json, "held", queue->held);
	clock_text(queue->oldest_ms, text);
	if (queue->oldest_ms > 0)
		json_text(json, "oldest", span_of(text));
	else
		json_none(json, "oldest");
	json_u64(json, "best", queue->best_points);
	json_text(json, "level", span_of(region_level_word(queue->region)));
	json_u64(json, "escalated", queue->escalated);
	json_close(json, '}');
}

static void answer_list(const struct queue_flow *q)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_open_member(&json, "queues", '[');
	for (size_t s = 0; s < q->shards.n; s++)
		for (size_t i = 0; i < q->queues[s].nqueues; i++)
			if (covers(q, &q->queues[s].queues[i]))
				put_queue(q, &q->queues[s].queues[i], &json);
	json_close(&json, ']');
	json_close(&json, '}');
	answer_json(q->exchange, 200, buf_span(&body));
	buf_release(&body);
}

/* --- claiming ------------------------------------------------------------------------------ */

/* The shard whose head is best, or shards.n when nothing waits; *others: more shards have some. */
static size_t best_shard(const struct queue_flow *q, bool *others)
{
	size_t best = q->shards.n;
	const struct store_queue *head = NULL;

	*others = false;
	for (size_t s = 0; s < q->shards.n; s++)
		for (size_t i = 0; i < q->queues[s].nqueues; i++) {
			const struct store_queue *queue = &q->queues[s].queues[i];

			if (queue->waiting == 0 || !covers(q, queue))
				continue;
			*others |= head != NULL && best != s;
			if (head == NULL || queue->best_points > head->best_points ||
			    (queue->best_points == head->best_points && queue->oldest_ms < head->oldest_ms)) {
				head = queue;
				best = s;
			}
		}
	return best;
}

/* Draws from the queues of one shard. */
static enum flow_next claim_from(struct flow *flow, struct queue_flow *q, size_t shard, size_t max)
{
	char(*regions)[7] = arena_alloc(flow_arena(flow), QUEUES_MAX * sizeof(*regions));
	struct store_claim claim = {
		.regions = (const char(*)[7])regions,
		.max = (unsigned)max,
		.lease_ms = (unsigned)(q->lease_s * 1000),
		.holder = span_of(q->staff.person),
	};

	memcpy(claim.shard, q->shards.at[shard], sizeof(claim.shard));
	for (size_t i = 0; i < q->queues[shard].nqueues && claim.nregions < QUEUES_MAX; i++) {
		const struct store_queue *queue = &q->queues[shard].queues[i];

		if (queue->waiting > 0 && covers(q, queue))
			memcpy(regions[claim.nregions++], queue->region, sizeof(queue->region));
	}
	q->shard = shard;
	return store_wait_flow(flow, q->app->store, &(struct store_request){ .op = STORE_CLAIM, .claim = &claim },
			       &q->claimed);
}

static bool time_is_up(const struct flow *flow, const struct queue_flow *q)
{
	return q->nrows > 0 || flow_age_ms(flow) >= q->wait_s * 1000 || q->app->draining ||
	       http_exchange_gone(q->exchange);
}

struct wake {
	struct loop *loop;
	struct flow_ref flow;
};

static void wake(void *ctx)
{
	struct wake *waking = ctx;

	flow_resume(waking->loop, waking->flow);
	free(waking);
}

/* Comes back after a while, to look whether something was queued. */
static enum flow_next pause_then_look(struct flow *flow, const struct queue_flow *q)
{
	struct wake *waking = malloc(sizeof(*waking));

	if (waking == NULL)
		return FLOW_FAIL;
	*waking = (struct wake){ .loop = q->app->loop, .flow = flow_ref(flow) };
	loop_after(q->app->loop, LOOK_AGAIN_MS, wake, waking);
	flow_jump(flow, STEP_LOOK);
	return FLOW_WAIT;
}

/* Who waits may lose the right to what comes; false when it was answered. Of what was taken already the answer tells. */
static bool may_still(struct queue_flow *q)
{
	struct problem problem;

	if (gatekeeping_again(q->app, q->exchange, &q->staff, &problem)) {
		if ((q->staff.roles & q->who) != 0)
			return true;
		problem = (struct problem){ .status = 403, .code = "role_needed", .detail = "Your roles do not allow this call." };
	}
	answer_problem(q->exchange, &problem);
	q->exchange = NULL;
	return false;
}

static enum flow_next step_decide(struct flow *flow)
{
	struct queue_flow *q = flow_state(flow);
	bool others;
	size_t best;

	if (!q->claiming)
		return go(flow, STEP_ANSWER);
	if (q->nrows == 0 && !may_still(q))
		return FLOW_DONE;
	best = best_shard(q, &others);
	if (best < q->shards.n && q->nrows < q->max && !http_exchange_gone(q->exchange))
		return claim_from(flow, q, best, others ? 1 : (size_t)q->max - q->nrows);
	if (time_is_up(flow, q)) {
		q->shard = 0;
		return go(flow, STEP_KEYS);
	}
	return pause_then_look(flow, q);
}

static enum flow_next step_taken(struct flow *flow)
{
	struct queue_flow *q = flow_state(flow);

	if (q->claimed.outcome != STORE_DONE && q->nrows == 0)
		return FLOW_FAIL;
	for (size_t i = 0; q->claimed.outcome == STORE_DONE && i < q->claimed.nrows && q->nrows < q->max; i++)
		q->rows[q->nrows++] = q->claimed.rows[i];
	if (q->nrows >= q->max || q->claimed.outcome != STORE_DONE) {
		q->shard = 0;
		return go(flow, STEP_KEYS);
	}
	if (q->claimed.nrows == 0) {
		/* Others were faster: nothing waits there until the queues are read anew. */
		q->queues[q->shard].nqueues = 0;
		return go(flow, STEP_DECIDE);
	}
	q->one_shard = true;
	return go(flow, STEP_ASK);
}

static enum flow_next step_look(struct flow *flow)
{
	struct queue_flow *q = flow_state(flow);
	bool news = commit_figures(q->app->commit)->stored != q->seen_stored ||
		    loop_now_ms(q->app->loop) - q->looked_ms >= LOOK_ANYWAY_MS || time_is_up(flow, q);

	if (!news)
		return pause_then_look(flow, q);
	q->shard = 0;
	q->one_shard = false;
	return go(flow, STEP_ASK);
}

/* --- opening what was claimed --------------------------------------------------------------- */

static enum flow_next step_keys(struct flow *flow)
{
	struct queue_flow *q = flow_state(flow);

	for (; q->shard < q->shards.n; q->shard++)
		if (dossier_keys_missing(q->app, &q->staff, span_of(q->shards.at[q->shard]), q->rows, q->nrows, &q->keys))
			return dossier_keys_fetch(q->app, flow, &q->keys);
	return go(flow, STEP_ANSWER);
}

static enum flow_next step_keyed(struct flow *flow)
{
	struct queue_flow *q = flow_state(flow);

	if (!dossier_keys_open(q->app, &q->staff, &q->keys) || ++q->key_rounds == KEY_ROUNDS_MAX) {
		q->key_rounds = 0;
		q->shard++;
	}
	return go(flow, STEP_KEYS);
}

static void answer_tips(struct flow *flow, const struct queue_flow *q)
{
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_open_member(&json, "tips", '[');
	for (size_t i = 0; i < q->nrows; i++) {
		struct dossier dossier;

		dossier_open(q->app, &q->staff, &q->rows[i], flow_arena(flow), &dossier);
		dossier_json(q->app, &dossier, q->lang, flow_arena(flow), &json);
	}
	json_close(&json, ']');
	json_close(&json, '}');
	answer_json(q->exchange, 200, buf_span(&body));
	buf_release(&body);
}

static enum flow_next step_answer(struct flow *flow)
{
	struct queue_flow *q = flow_state(flow);

	if (q->claiming)
		answer_tips(flow, q);
	else
		answer_list(q);
	q->exchange = NULL;
	return FLOW_DONE;
}

static void end(struct flow *flow, bool well)
{
	struct queue_flow *q = flow_state(flow);

	log_event(LOG_LEVEL_INFO, q->claiming ? "queue.claim" : "queue.list", "by", q->staff.person, "region",
		  q->region, "tips", log_u64(q->nrows), "ms", log_u64(flow_age_ms(flow)), NULL);
	if (q->exchange != NULL)
		answer_unavailable(q->exchange);
	(void)well;
}

static const struct flow_step queue_steps[] = {
	[STEP_ASK] = { .name = "ask", .run = step_ask },
	[STEP_ASKED] = { .name = "asked", .run = step_asked },
	[STEP_DECIDE] = { .name = "decide", .run = step_decide },
	[STEP_TAKEN] = { .name = "taken", .run = step_taken },
	[STEP_LOOK] = { .name = "look", .run = step_look },
	[STEP_KEYS] = { .name = "keys", .run = step_keys },
	[STEP_KEYED] = { .name = "keyed", .run = step_keyed },
	[STEP_ANSWER] = { .name = "answer", .run = step_answer },
};

static const struct flow_kind queue_kind = {
	.name = "queue",
	.steps = queue_steps,
	.nsteps = COUNT_OF(queue_steps),
	.state_bytes = sizeof(struct queue_flow),
	.timeout_ms = 15000,
	.end = end,
};

/* --- starting --------------------------------------------------------------------------------- */

static struct flow *start(const struct call *args, struct http_exchange *exchange, struct span region)
{
	struct flow *flow = flow_start(args->app->loop, &queue_kind, NULL, NULL);
	struct queue_flow *q = flow_state(flow);

	q->app = args->app;
	q->staff = *args->staff;
	q->who = args->endpoint->who;
	q->exchange = exchange;
	memcpy(q->region, region.at, 6);
	q->lang = arena_dup(flow_arena(flow), http_field_find(http_exchange_request(exchange), "Accept-Language"));
	shards_of_region(judge_gazetteer(args->app->judge), region, &q->shards);
	return flow;
}

void queue_list(const struct call *args, struct http_exchange *exchange)
{
	start(args, exchange, span_of(args->staff->region));
}

static bool read_claim(const struct app *app, struct http_exchange *exchange, uint64_t *max, uint64_t *lease_s,
		       uint64_t *wait_s, struct problem *problem)
{
	const struct config *config = app->config;
	const struct json_object *body = body_read(exchange, problem);

	if (body == NULL)
		return false;
	*max = 1;
	*lease_s = config->lease.default_s;
	*wait_s = 0;
	return body_number(body, "max", 1, CLAIM_MAX, max, problem) &&
	       body_number(body, "lease_s", 1, config->lease.max_s, lease_s, problem) &&
	       body_number(body, "wait_s", 0, config->claim.wait_max_s, wait_s, problem);
}

void queue_claim(const struct call *args, struct http_exchange *exchange)
{
	struct span region = args->param[0];
	struct problem problem;
	uint64_t max;
	uint64_t lease_s;
	uint64_t wait_s;
	struct queue_flow *q;
	struct flow *flow;

	if (gazetteer_find(judge_gazetteer(args->app->judge), region) == NULL) {
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "no_such_region",
							    .detail = "No region in force has this code.",
							    .field = "region" });
		return;
	}
	if (!rights_reach(args->staff, region)) {
		answer_problem(exchange, &(struct problem){ .status = 403, .code = "region_not_yours",
							    .detail = "Your rights do not reach this region." });
		return;
	}
	if (!read_claim(args->app, exchange, &max, &lease_s, &wait_s, &problem)) {
		answer_problem(exchange, &problem);
		return;
	}
	flow = start(args, exchange, region);
	q = flow_state(flow);
	q->claiming = true;
	q->max = max;
	q->lease_s = lease_s;
	q->wait_s = wait_s;
	q->rows = arena_array(flow_arena(flow), struct store_row, max);
}
