/*
 * In which regions the figures of the queues changed since: a long poll.
 *
 *   look      something changed, or the time is up                  waits, for the next look of the watch
 *   answer    the regions, and where to go on from
 *
 * Counts alone are looked at (watch.h), and no key is opened. Who asks while
 * nobody ever looked at the region's shards waits for the first look, so that
 * nothing that happens from the answer on is missed.
 */
#include "daemon/base/json_out.h"
#include "daemon/base/table.h"
#include "daemon/core/judge.h"
#include "daemon/loop/loop.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/watch.h"
#include "handlers/staff/gatekeeping.h"

#include <stdio.h>
#include <stdlib.h>

#define WAIT_MAX_S 25
#define LIFE_DIGITS 16
#define AFTER_BYTES 40
#define REGIONS_MAX 8000   /* a region that lies in several shards counts for each of them */

enum changes_step {
	STEP_LOOK,
	STEP_ANSWER,
};

struct changes_flow {
	struct app *app;
	struct staff staff;
	unsigned who;
	struct http_exchange *exchange;
	struct shard_list shards;
	bool since;                     /* `after` is of this watch; else the answer tells all, or nothing */
	bool all;
	uint64_t after;
	uint64_t wait_s;
	bool looked;
};

/* --- what changed -------------------------------------------------------------------------- */

struct telling {
	char (*regions)[7];
	size_t n;
};

static void tell(void *ctx, const char region[7])
{
	struct telling *telling = ctx;

	if (telling->n < REGIONS_MAX)
		memcpy(telling->regions[telling->n++], region, 7);
}

static int by_code(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void count(void *ctx, const char region[7])
{
	(void)ctx;
	(void)region;
}

static bool is_changed(const struct changes_flow *c)
{
	return c->since && watch_changed(c->app->watch, span_of(c->staff.region), c->after, count, NULL) > 0;
}

static enum flow_next refuse(struct changes_flow *c, const struct problem *problem)
{
	answer_problem(c->exchange, problem);
	c->exchange = NULL;
	return FLOW_DONE;
}

/* --- waiting ---------------------------------------------------------------------------------- */

static bool time_is_up(const struct flow *flow, const struct changes_flow *c)
{
	return flow_age_ms(flow) >= c->wait_s * 1000 || c->app->draining || http_exchange_gone(c->exchange);
}

static enum flow_next step_look(struct flow *flow)
{
	struct changes_flow *c = flow_state(flow);
	bool known = watch_knows(c->app->watch, &c->shards);

	if (known && (!c->since || is_changed(c) || (c->looked && time_is_up(flow, c))))
		return FLOW_NEXT;
	if (!known && c->looked)
		return FLOW_FAIL;   /* the store is away */
	if (!watch_wait(c->app->watch, &c->shards, flow_ref(flow)))
		return refuse(c, &(struct problem){ .status = 503, .code = "busy", .retry_after_s = 5,
						    .detail = "Too many wait for changes already." });
	c->looked = true;
	flow_jump(flow, STEP_LOOK);
	return FLOW_WAIT;
}

/* --- answer ------------------------------------------------------------------------------------- */

static void put_regions(struct flow *flow, const struct changes_flow *c, struct json_out *json)
{
	struct telling telling = { .n = 0 };
	struct span region = span_of(c->staff.region);

	/* Each once: an answer of another life tells all counties there are. */
	telling.regions = arena_alloc(flow_arena(flow), REGIONS_MAX * sizeof(*telling.regions));
	if (c->all)
		watch_all(c->app->watch, region, tell, &telling);
	else if (c->since)
		watch_changed(c->app->watch, region, c->after, tell, &telling);
	qsort(telling.regions, telling.n, sizeof(*telling.regions), by_code);
	json_open_member(json, "regions", '[');
	for (size_t i = 0; i < telling.n; i++)
		if (i == 0 || strcmp(telling.regions[i - 1], telling.regions[i]) != 0)
			json_text(json, NULL, span_of(telling.regions[i]));
	json_close(json, ']');
}

/* The right to know may have ended meanwhile. */
static bool may_still(struct changes_flow *c, struct problem *problem)
{
	if (!gatekeeping_again(c->app, c->exchange, &c->staff, problem))
		return false;
	if ((c->staff.roles & c->who) != 0)
		return true;
	*problem = (struct problem){ .status = 403, .code = "role_needed", .detail = "Your roles do not allow this call." };
	return false;
}

static enum flow_next step_answer(struct flow *flow)
{
	struct changes_flow *c = flow_state(flow);
	struct buf body = { 0 };
	struct json_out json = json_out_to(&body);
	char next[AFTER_BYTES];
	struct problem problem;

	if (!may_still(c, &problem))
		return refuse(c, &problem);
	snprintf(next, sizeof(next), "%016llx-%llu", (unsigned long long)watch_life(c->app->watch),
		 (unsigned long long)watch_number(c->app->watch));
	json_open(&json, '{');
	json_text(&json, "next", span_of(next));
	put_regions(flow, c, &json);
	json_close(&json, '}');
	answer_json(c->exchange, 200, buf_span(&body));
	c->exchange = NULL;
	buf_release(&body);
	return FLOW_DONE;
}

static void end(struct flow *flow, bool well)
{
	struct changes_flow *c = flow_state(flow);

	(void)well;
	if (c->exchange != NULL)
		answer_unavailable(c->exchange);
}

static const struct flow_step changes_steps[] = {
	[STEP_LOOK] = { .name = "look", .run = step_look },
	[STEP_ANSWER] = { .name = "answer", .run = step_answer },
};

static const struct flow_kind changes_kind = {
	.name = "changes",
	.steps = changes_steps,
	.nsteps = COUNT_OF(changes_steps),
	.state_bytes = sizeof(struct changes_flow),
	.timeout_ms = 15000,
	.end = end,
};

/* --- starting ------------------------------------------------------------------------------------- */

static bool refuse_field(struct problem *problem, const char *field, const char *detail)
{
	*problem = (struct problem){ .status = 400, .code = "field_invalid", .field = field, .detail = detail };
	return false;
}

/* The first number a watch gave in hex, and the second in decimal digits. */
static bool read_after(struct span text, uint64_t *life, uint64_t *number)
{
	struct span first;

	if (!span_cut(&text, '-', &first) || first.len != LIFE_DIGITS || !span_u64(text, number))
		return false;
	*life = 0;
	for (size_t i = 0; i < LIFE_DIGITS; i++) {
		const char *digit = strchr("0123456789abcdef", first.at[i]);

		if (digit == NULL || first.at[i] == '\0')
			return false;
		*life = *life << 4 | (uint64_t)(digit - "0123456789abcdef");
	}
	return true;
}

/* Of another process or life, or from the future: all is told, at once. */
static void go_on_from(struct changes_flow *c, uint64_t life, uint64_t number)
{
	c->since = life == watch_life(c->app->watch) && number <= watch_number(c->app->watch);
	c->all = !c->since;
	c->after = number;
}

static bool read_query(struct span query, struct changes_flow *c, struct problem *problem)
{
	struct buf value = { 0 };
	uint64_t life, number;
	bool fine = true;

	if (http_param_find(query, "after", &value)) {
		fine = read_after(buf_span(&value), &life, &number) || refuse_field(problem, "after", "Give the `next` of the answer before.");
		if (fine)
			go_on_from(c, life, number);
	}
	buf_clear(&value);
	if (fine && http_param_find(query, "wait_s", &value))
		fine = (span_u64(buf_span(&value), &c->wait_s) && c->wait_s <= WAIT_MAX_S) ||
		       refuse_field(problem, "wait_s", "A wait takes 0 to 25 seconds.");
	buf_release(&value);
	return fine;
}

void queue_changes(const struct call *args, struct http_exchange *exchange)
{
	struct changes_flow begun = { .app = args->app, .staff = *args->staff, .who = args->endpoint->who, .exchange = exchange };
	struct problem problem;

	if (!read_query(http_exchange_request(exchange)->query, &begun, &problem)) {
		answer_problem(exchange, &problem);
		return;
	}
	shards_of_region(judge_gazetteer(args->app->judge), span_of(args->staff->region), &begun.shards);
	*(struct changes_flow *)flow_state(flow_start(args->app->loop, &changes_kind, NULL, NULL)) = begun;
}
