/*
 * What was given up and is kept: dead letters, for the role admin of a
 * first-level region or the nation.
 *
 *   GET  /api/v1/outbox?state=dead         all of them, shard by shard
 *   POST /api/v1/outbox/{item}/retry|drop  one of them
 *
 * Told are the tip, the connector, the reason and the time; neither number nor
 * text. A letter that is tried again is another message: what is known of the
 * first one stays known.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/core/judge.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/keys.h"
#include "daemon/sys/log.h"
#include "handlers/answer.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/fields.h"
#include "handlers/bureau/rights.h"
#include "handlers/notify/courier.h"
#include "handlers/notify/outbox_item.h"

#define AGAIN_FOR_MS INT64_C(86400000)   /* a message that is tried again expires a day later */

enum outbox_step {
	STEP_ASK,
	STEP_ASKED,
	STEP_REVIVED,
};

struct outbox_flow {
	struct app *app;
	struct staff staff;
	struct http_exchange *exchange;
	struct shard_list shards;
	size_t shard;
	struct span item;                   /* of one letter; empty: the list is asked for */
	bool again;
	struct buf body;
	struct json_out json;
	struct store_reply reply;
};

/* "sms kannel refused 15-7K3MQ2X9RD", "-" for none. */
static void put_letter(const char *shard, const struct store_item *item, struct arena *arena, struct json_out *json)
{
	static const char *const names[] = { "kind", "connector", "reason", "tip" };
	struct span rest = item->why, word;

	json_open(json, '{');
	json_text(json, "item", span_of(arena_printf(arena, "%.2s-%.*s", shard, (int)item->id.len, item->id.at)));
	fields_time(json, "at", item->at_ms);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (span_cut(&rest, ' ', &word) && !span_is(word, "-"))
			json_text(json, names[i], word);
		else
			json_none(json, names[i]);
	json_close(json, '}');
}

static enum flow_next step_ask(struct flow *flow)
{
	struct outbox_flow *o = flow_state(flow);
	struct store_request request = { .op = STORE_OUTBOX_DEAD, .max = STORE_DEAD_MAX };

	memcpy(request.shard, o->shards.at[o->shard], sizeof(request.shard));
	return store_wait_flow(flow, o->app->store, &request, &o->reply);
}

static enum flow_next answer_list(struct outbox_flow *o)
{
	json_close(&o->json, ']');
	json_close(&o->json, '}');
	answer_json(o->exchange, 200, buf_span(&o->body));
	o->exchange = NULL;
	return FLOW_DONE;
}

static enum flow_next absent(struct outbox_flow *o)
{
	answer_problem(o->exchange, &(struct problem){ .status = 404, .code = "not_found",
						       .detail = "No dead letter has this name; perhaps it was tried again or dropped." });
	o->exchange = NULL;
	return FLOW_DONE;
}

static const struct store_item *letter_of(const struct outbox_flow *o)
{
	for (size_t i = 0; i < o->reply.nitems; i++)
		if (span_eq(o->reply.items[i].id, o->item))
			return &o->reply.items[i];
	return NULL;
}

/* The same message with a new time to expire; empty: this process cannot open it. */
static struct span renewed(struct flow *flow, const struct outbox_flow *o, struct span sealed)
{
	const struct seal_key *key = keys_courier(o->app->keys);
	struct outbox_item item;
	struct buf bytes = { 0 };
	struct span out;

	if (!outbox_item_open(key, sealed, flow_arena(flow), &item))
		return (struct span){ 0 };
	if (item.kind == OUTBOX_SMS)
		item.sms.expires_ms = clock_wall_ms() + AGAIN_FOR_MS;
	if (item.kind == OUTBOX_NOTICE)
		item.notice.expires_ms = clock_wall_ms() + AGAIN_FOR_MS;
	outbox_item_seal(key, &item, &bytes);
	out = arena_dup(flow_arena(flow), buf_span(&bytes));
	buf_release(&bytes);
	return out;
}

static enum flow_next revive(struct flow *flow)
{
	struct outbox_flow *o = flow_state(flow);
	const struct store_item *letter = letter_of(o);
	struct store_revival revival = { .item = o->item };
	struct store_request request = { .op = STORE_OUTBOX_REVIVE, .revival = &revival };

	if (letter == NULL)
		return absent(o);
	revival.as = span_of(arena_printf(flow_arena(flow), "%.*sr", (int)o->item.len, o->item.at));
	if (o->again)
		revival.payload = renewed(flow, o, letter->payload);
	if (o->again && revival.payload.len == 0)
		return FLOW_FAIL;
	memcpy(request.shard, o->shards.at[0], sizeof(request.shard));
	return store_wait_flow(flow, o->app->store, &request, &o->reply);
}

static enum flow_next step_asked(struct flow *flow)
{
	struct outbox_flow *o = flow_state(flow);

	if (o->reply.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (o->item.len > 0)
		return revive(flow);
	for (size_t i = 0; i < o->reply.nitems; i++)
		put_letter(o->shards.at[o->shard], &o->reply.items[i], flow_arena(flow), &o->json);
	if (++o->shard == o->shards.n)
		return answer_list(o);
	flow_jump(flow, STEP_ASK);
	return FLOW_NEXT;
}

static enum flow_next step_revived(struct flow *flow)
{
	struct outbox_flow *o = flow_state(flow);

	if (o->reply.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (o->reply.verdict != STORE_OK)
		return absent(o);
	log_event(LOG_LEVEL_INFO, o->again ? "outbox.retried" : "outbox.dropped", "shard", o->shards.at[0], "item",
		  arena_dup(flow_arena(flow), o->item).at, "by", o->staff.person, NULL);
	if (o->again && o->app->courier != NULL)
		courier_kick(o->app->courier, span_of(o->shards.at[0]));
	answer_json(o->exchange, 200, o->again ? SPAN("{\"state\":\"queued\"}") : SPAN("{\"state\":\"dropped\"}"));
	o->exchange = NULL;
	return FLOW_DONE;
}

static void end(struct flow *flow, bool well)
{
	struct outbox_flow *o = flow_state(flow);

	(void)well;
	if (o->exchange != NULL)
		answer_unavailable(o->exchange);
	buf_release(&o->body);
}

static const struct flow_step outbox_steps[] = {
	[STEP_ASK] = { .name = "ask", .run = step_ask },
	[STEP_ASKED] = { .name = "asked", .run = step_asked },
	[STEP_REVIVED] = { .name = "revived", .run = step_revived },
};

static const struct flow_kind outbox_kind = {
	.name = "outbox",
	.steps = outbox_steps,
	.nsteps = COUNT_OF(outbox_steps),
	.state_bytes = sizeof(struct outbox_flow),
	.timeout_ms = 15000,
	.end = end,
};

/* --- the calls --------------------------------------------------------------------------- */

/* A shard is of many bureaus: who sees its letters has rights over all of it. */
static bool of_first_level(const struct call *args, struct http_exchange *exchange)
{
	if (strcmp(args->staff->region + 2, "0000") == 0)
		return true;
	answer_problem(exchange, &(struct problem){ .status = 403, .code = "region_not_yours",
						    .detail = "This is for a province or the nation." });
	return false;
}

static struct outbox_flow *begin(const struct call *args, struct http_exchange *exchange, struct flow **flow)
{
	struct outbox_flow *o;

	*flow = flow_start(args->app->loop, &outbox_kind, NULL, NULL);
	o = flow_state(*flow);
	o->app = args->app;
	o->staff = *args->staff;
	o->exchange = exchange;
	shards_of_region(judge_gazetteer(args->app->judge), span_of(args->staff->region), &o->shards);
	return o;
}

void outbox_list(const struct call *args, struct http_exchange *exchange)
{
	struct buf state = { 0 };
	bool dead = http_param_find(http_exchange_request(exchange)->query, "state", &state) && span_is(buf_span(&state), "dead");
	struct outbox_flow *o;
	struct flow *flow;

	buf_release(&state);
	if (!dead) {
		answer_problem(exchange, &(struct problem){ .status = 400, .code = "field_invalid", .field = "state",
							    .detail = "Expected is ?state=dead." });
		return;
	}
	if (!of_first_level(args, exchange))
		return;
	o = begin(args, exchange, &flow);
	o->json = json_out_to(&o->body);
	json_open(&o->json, '{');
	json_open_member(&o->json, "items", '[');
}

static bool is_one_of(const struct shard_list *shards, struct span shard)
{
	for (size_t i = 0; i < shards->n; i++)
		if (span_is(shard, shards->at[i]))
			return true;
	return false;
}

void outbox_act(const struct call *args, struct http_exchange *exchange)
{
	struct span item = args->param[0], shard;
	bool again = span_is(args->param[1], "retry");
	struct shard_list shards;
	struct outbox_flow *o;
	struct flow *flow;

	if (!again && !span_is(args->param[1], "drop")) {
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "no_such_action",
							    .detail = "retry or drop." });
		return;
	}
	if (!of_first_level(args, exchange))
		return;
	shards_of_region(judge_gazetteer(args->app->judge), span_of(args->staff->region), &shards);
	if (!span_cut(&item, '-', &shard) || item.len == 0 || item.len > 60 || !is_one_of(&shards, shard)) {
		answer_problem(exchange, &(struct problem){ .status = 404, .code = "not_found", .detail = "No dead letter has this name." });
		return;
	}
	o = begin(args, exchange, &flow);
	o->again = again;
	o->item = arena_dup(flow_arena(flow), item);
	memcpy(o->shards.at[0], shard.at, 2);
	o->shards.n = 1;
}
