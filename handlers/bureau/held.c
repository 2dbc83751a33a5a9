/*
 * What an officer holds: all tips under the person's lease, shard by shard; or
 * those that passed from the person's region to a level above.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/core/judge.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/dossier.h"
#include "handlers/answer.h"
#include "handlers/bureau/rights.h"

#define HELD_MAX 500
#define KEY_ROUNDS_MAX (HELD_MAX / DOSSIER_KEYS_MAX + 1)

enum held_step {
	STEP_ASK,
	STEP_ASKED,
	STEP_OPEN,
	STEP_ANSWER,
};

struct held_flow {
	struct app *app;
	struct staff staff;
	struct http_exchange *exchange;
	struct span lang;
	bool escalated;           /* asked for are those */
	struct shard_list shards;
	size_t shard;
	struct store_reply held[SHARDS_MAX];
	struct dossier_keys keys;
	size_t opened;            /* shards whose keys were fetched */
	unsigned key_rounds;      /* fetches of keys of the last of them */
};

static enum flow_next step_ask(struct flow *flow)
{
	struct held_flow *h = flow_state(flow);
	struct store_request request = { .op = STORE_HELD, .holder = span_of(h->staff.person), .max = HELD_MAX };

	if (h->escalated)
		request.op = STORE_ESCALATED;
	memcpy(request.region, h->staff.region, sizeof(request.region));
	memcpy(request.shard, h->shards.at[h->shard], sizeof(request.shard));
	return store_wait_flow(flow, h->app->store, &request, &h->held[h->shard]);
}

static enum flow_next step_asked(struct flow *flow)
{
	struct held_flow *h = flow_state(flow);

	if (h->held[h->shard].outcome != STORE_DONE)
		return FLOW_FAIL;
	if (++h->shard < h->shards.n)
		flow_jump(flow, STEP_ASK);
	return FLOW_NEXT;
}

/* Fetches the data keys of the next shard that lacks some; runs again after each. */
static enum flow_next step_open(struct flow *flow)
{
	struct held_flow *h = flow_state(flow);

	/* The same shard once more when more than one fetch can take was missing. */
	if (dossier_keys_open(h->app, &h->staff, &h->keys) && ++h->key_rounds < KEY_ROUNDS_MAX)
		h->opened--;
	else
		h->key_rounds = 0;
	h->keys.reply.outcome = STORE_NOT_SENT;
	while (h->opened < h->shards.n) {
		const struct store_reply *held = &h->held[h->opened];
		struct span shard = span_of(h->shards.at[h->opened]);

		h->opened++;
		if (!dossier_keys_missing(h->app, &h->staff, shard, held->rows, held->nrows, &h->keys))
			continue;
		flow_jump(flow, STEP_OPEN);
		return dossier_keys_fetch(h->app, flow, &h->keys);
	}
	return FLOW_NEXT;
}

/* Of tips that passed upwards within the person's own region there is a queue to look at. */
static bool wanted(const struct held_flow *h, const struct store_row *row)
{
	return h->escalated ? !rights_reach(&h->staff, span_of(row->region)) : rights_see(&h->staff, row);
}

static void put_rows(struct flow *flow, const struct held_flow *h, const struct store_reply *held,
		     struct json_out *json)
{
	for (size_t i = 0; i < held->nrows; i++) {
		struct dossier dossier;

		if (!wanted(h, &held->rows[i]))
			continue;
		dossier_open(h->app, &h->staff, &held->rows[i], flow_arena(flow), &dossier);
		dossier_json(h->app, &dossier, h->lang, flow_arena(flow), json);
	}
}

static enum flow_next step_answer(struct flow *flow)
{
	struct held_flow *h = flow_state(flow);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);

	json_open(&json, '{');
	json_open_member(&json, "tips", '[');
	for (size_t s = 0; s < h->shards.n; s++)
		put_rows(flow, h, &h->held[s], &json);
	json_close(&json, ']');
	json_close(&json, '}');
	answer_json(h->exchange, 200, buf_span(&body));
	h->exchange = NULL;
	buf_release(&body);
	return FLOW_DONE;
}

static void end(struct flow *flow, bool well)
{
	struct held_flow *h = flow_state(flow);

	(void)well;
	if (h->exchange != NULL)
		answer_unavailable(h->exchange);
}

static const struct flow_step held_steps[] = {
	[STEP_ASK] = { .name = "ask", .run = step_ask },
	[STEP_ASKED] = { .name = "asked", .run = step_asked },
	[STEP_OPEN] = { .name = "open", .run = step_open },
	[STEP_ANSWER] = { .name = "answer", .run = step_answer },
};

static const struct flow_kind held_kind = {
	.name = "held",
	.steps = held_steps,
	.nsteps = COUNT_OF(held_steps),
	.state_bytes = sizeof(struct held_flow),
	.timeout_ms = 15000,
	.end = end,
};

static bool asks(const struct http_request *request, const char *name, const char *word)
{
	struct buf value = { 0 };
	bool asked = http_param_find(request->query, name, &value) && span_is(buf_span(&value), word);

	buf_release(&value);
	return asked;
}

void tips_held(const struct call *args, struct http_exchange *exchange)
{
	const struct http_request *request = http_exchange_request(exchange);
	bool mine = asks(request, "held", "me"), escalated = asks(request, "escalated", "from_here");
	struct held_flow *h;
	struct flow *flow;

	if (mine == escalated) {
		answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = "held",
							    .detail = "Either ?held=me or ?escalated=from_here." });
		return;
	}
	flow = flow_start(args->app->loop, &held_kind, NULL, NULL);
	h = flow_state(flow);
	h->app = args->app;
	h->staff = *args->staff;
	h->exchange = exchange;
	h->escalated = escalated;
	h->keys.reply.outcome = STORE_NOT_SENT;
	h->lang = arena_dup(flow_arena(flow), http_field_find(request, "Accept-Language"));
	shards_of_region(judge_gazetteer(args->app->judge), span_of(args->staff->region), &h->shards);
}
