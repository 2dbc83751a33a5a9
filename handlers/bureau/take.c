/*
 * Taking one tip that an officer chose, and not the best of a queue.
 *
 *   read     where the tip is, and whether it waits      waits
 *   claim    the same claim as of a queue, of that tip   waits
 *   answer   the tip as it is then (work.c)
 *
 * Who holds it already gets it again: the answer of the first call may have
 * been lost. When somebody was faster, the tip is read again to say who.
 */
#include "daemon/base/table.h"
#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/config.h"
#include "daemon/sys/log.h"
#include "handlers/bureau/body.h"
#include "handlers/bureau/bureau.h"
#include "handlers/bureau/quiet.h"
#include "handlers/bureau/rights.h"

#define TRIES 4

enum take_step {
	STEP_READ,
	STEP_CLAIM,
	STEP_CLAIMED,
};

struct take_flow {
	struct app *app;
	struct staff staff;
	struct tip_id id;
	uint64_t lease_s;
	struct quiet quiet;             /* `told` NULL: it was told */
	struct store_reply read;
	struct store_reply claimed;
	unsigned tries;
	bool done;
};

static enum flow_next told(struct take_flow *t, const struct problem *problem)
{
	struct quiet quiet = t->quiet;

	t->quiet.told = NULL;
	t->done = problem == NULL;
	quiet.told(quiet.ctx, problem);
	return FLOW_DONE;
}

static enum flow_next refuse(struct take_flow *t, int status, const char *code, const char *detail)
{
	return told(t, &(struct problem){ .status = status, .code = code, .detail = detail });
}

static enum flow_next step_read(struct flow *flow)
{
	struct take_flow *t = flow_state(flow);

	return store_wait_flow(flow, t->app->store, &(struct store_request){ .op = STORE_READ, .id = t->id }, &t->read);
}

/* What is not waiting is somebody's, or over. */
static enum flow_next refuse_state(struct flow *flow, struct take_flow *t, const struct store_row *row)
{
	if (row->state != TIP_CLAIMED && row->state != TIP_VERIFIED)
		return refuse(t, 409, "not_in_this_state", "This tip does not wait in a queue. Read it again.");
	return refuse(t, 409, "held_by_other",
		      arena_printf(flow_arena(flow), "%.*s holds this tip.", (int)row->holder.len, row->holder.at));
}

static enum flow_next claim(struct flow *flow, struct take_flow *t, const struct store_row *row)
{
	struct store_claim claim = { .regions = &row->region, .nregions = 1, .max = 1,
				     .lease_ms = (unsigned)(t->lease_s * 1000), .holder = span_of(t->staff.person),
				     .only = row->id };

	memcpy(claim.shard, tip_id_shard(&row->id).at, 2);
	return store_wait_flow(flow, t->app->store, &(struct store_request){ .op = STORE_CLAIM, .claim = &claim }, &t->claimed);
}

static enum flow_next step_claim(struct flow *flow)
{
	struct take_flow *t = flow_state(flow);
	const struct store_row *row = t->read.nrows > 0 ? &t->read.rows[0] : NULL;

	if (t->read.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (t->read.verdict == STORE_ABSENT || row == NULL || !rights_see(&t->staff, row))
		return refuse(t, 404, "no_such_tip", "There is no such tip in your region.");
	if (!rights_reach(&t->staff, span_of(row->region)))
		return refuse(t, 403, "escalated", "This tip passed to the level above. You may read it and write notes.");
	if (row->holder.len > 0 && span_is(row->holder, t->staff.person))
		return told(t, NULL);
	if (tip_move_find(row->state, TIP_EV_CLAIM, rights_actor(&t->staff)) == NULL)
		return refuse_state(flow, t, row);
	return claim(flow, t, row);
}

static enum flow_next step_claimed(struct flow *flow)
{
	struct take_flow *t = flow_state(flow);

	if (t->claimed.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (t->claimed.nrows > 0)
		return told(t, NULL);
	if (++t->tries >= TRIES)
		return refuse(t, 409, "changed_meanwhile", "The tip keeps changing. Read it again.");
	flow_jump(flow, STEP_READ);
	return FLOW_NEXT;
}

static void end(struct flow *flow, bool well)
{
	struct take_flow *t = flow_state(flow);

	log_event(LOG_LEVEL_INFO, "tip.take", "id", t->id.text, "by", t->staff.person, "done", t->done ? "yes" : "no", "ms",
		  log_u64(flow_age_ms(flow)), NULL);
	if (t->quiet.told != NULL)
		told(t, &quiet_unavailable);
	(void)well;
}

static const struct flow_step take_steps[] = {
	[STEP_READ] = { .name = "read", .run = step_read },
	[STEP_CLAIM] = { .name = "claim", .run = step_claim },
	[STEP_CLAIMED] = { .name = "claimed", .run = step_claimed },
};

static const struct flow_kind take_kind = {
	.name = "take",
	.steps = take_steps,
	.nsteps = COUNT_OF(take_steps),
	.state_bytes = sizeof(struct take_flow),
	.timeout_ms = 15000,
	.end = end,
};

const struct problem quiet_unavailable = { .status = 503, .code = "store_unavailable", .retry_after_s = 5,
					   .detail = "The store cannot be reached at the moment. Try again shortly." };

void take_quietly(struct app *app, const struct staff *staff, const struct tip_id *id, uint64_t lease_s, struct quiet quiet)
{
	struct take_flow *t = flow_state(flow_start(app->loop, &take_kind, NULL, NULL));

	t->app = app;
	t->staff = *staff;
	t->id = *id;
	t->lease_s = lease_s;
	t->quiet = quiet;
}

/* --- the call ------------------------------------------------------------------------------ */

struct asked {
	struct call call;
	struct staff staff;
	struct http_exchange *exchange;
};

/* The tip as it is then. */
static void answer(void *ctx, const struct problem *problem)
{
	struct asked *asked = ctx;

	if (problem == NULL)
		tip_read(&asked->call, asked->exchange);
	else
		answer_problem(asked->exchange, problem);
}

static bool read_lease(const struct app *app, struct http_exchange *exchange, uint64_t *lease_s, struct problem *problem)
{
	const struct json_object *body = body_read(exchange, problem);

	*lease_s = app->config->lease.default_s;
	return body != NULL && body_number(body, "lease_s", 1, app->config->lease.max_s, lease_s, problem);
}

void tip_claim(const struct call *args, struct http_exchange *exchange)
{
	struct problem problem = { .status = 404, .code = "no_such_tip", .detail = "A tip's id looks like 15-7K3MQ2X9RD." };
	struct asked *asked = arena_new(http_exchange_arena(exchange), struct asked);
	uint64_t lease_s;
	struct tip_id id;

	if (!tip_id_parse(args->param[0], &id) || !read_lease(args->app, exchange, &lease_s, &problem)) {
		answer_problem(exchange, &problem);
		return;
	}
	*asked = (struct asked){ .call = *args, .staff = *args->staff, .exchange = exchange };
	asked->call.staff = &asked->staff;
	take_quietly(args->app, args->staff, &id, lease_s, (struct quiet){ .told = answer, .ctx = asked });
}
