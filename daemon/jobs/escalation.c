/*
 * Escalation; see escalation.h. One shard after the other: take or renew the
 * job's lease, ask what is overdue, move it tip by tip; again while there is
 * more of it than one answer holds.
 */
#include "daemon/jobs/escalation.h"

#include "daemon/base/json_out.h"
#include "daemon/store/change.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <stdlib.h>

#define JOB "escalation"
#define JOB_LEASE_MS 15000   /* renewed at a third of it */
#define SHARDS_MAX 64
#define AT_ONCE 64

struct escalation {
	struct escalation_env env;
	struct loop_timer *timer;
	struct clock_limits limits;
	struct escalation_figures figures;
	struct arena arena;          /* of the plans */
	struct store_escalation plans[AT_ONCE];
	size_t n, next;
	uint64_t moved;              /* of these plans */
	bool more;                   /* the answer was full */
	size_t shard;                /* being worked on */
	struct {
		uint64_t fence;
		uint64_t renew_ms;   /* 0: not held */
	} held[SHARDS_MAX];
	bool on;
	bool working;
	bool closing;
};

static void next_shard(struct escalation *e);
static void look(struct escalation *e);

static void release(struct escalation *e)
{
	arena_release(&e->arena);
	free(e);
}

/* False when the job is going away; memory is freed then. */
static bool still_wanted(struct escalation *e)
{
	if (!e->closing)
		return true;
	release(e);
	return false;
}

static void submit(struct escalation *e, struct store_request *request,
		   void (*done)(void *ctx, const struct store_reply *reply))
{
	memcpy(request->shard, e->env.shards[e->shard], sizeof(request->shard));
	request->job = JOB;
	request->fence = e->held[e->shard].fence;
	store_submit(e->env.store, request, (struct store_wait){ .done = done, .ctx = e });
}

/* --- one tip after the other ------------------------------------------------------------------ */

static struct span event_of(const struct store_escalation *plan, const char *from, struct arena *arena)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	struct span event;

	json_open(&json, '{');
	json_text(&json, "e", SPAN("escalated"));
	json_text(&json, "id", span_of(plan->id.text));
	json_i64(&json, "at", clock_wall_ms());
	json_text(&json, "from", span_of(from));
	json_text(&json, "to", span_of(plan->region));
	json_text(&json, "why", span_of(clock_wait_name(plan->why)));
	json_text(&json, "level", span_of(region_level_word(plan->region)));
	json_close(&json, '}');
	event = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return event;
}

static void step(struct escalation *e);

static void tell(struct escalation *e)
{
	if (e->moved > 0)
		log_event(LOG_LEVEL_NOTICE, "escalation.moved", "shard", e->env.shards[e->shard], "tips",
			  log_u64(e->moved), NULL);
	e->moved = 0;
}

static void escalated(void *ctx, const struct store_reply *reply)
{
	struct escalation *e = ctx;

	if (!still_wanted(e))
		return;
	/* Unknown is not asked again here: the next look finds the tip where it is. */
	if (reply->outcome != STORE_DONE || reply->verdict == STORE_FENCED) {
		e->held[e->shard].renew_ms = 0;
		tell(e);
		next_shard(e);
		return;
	}
	if (reply->verdict == STORE_OK) {
		e->figures.escalated[e->plans[e->next].why]++;
		e->moved++;
	} else {
		e->figures.refused++;
	}
	e->next++;
	step(e);
}

static void step(struct escalation *e)
{
	bool progress = e->moved > 0;

	if (e->next < e->n && e->on) {
		submit(e, &(struct store_request){ .op = STORE_ESCALATE, .escalation = &e->plans[e->next] }, escalated);
		return;
	}
	tell(e);
	if (e->more && progress && e->on)
		look(e);
	else
		next_shard(e);
}

/* --- what is overdue ---------------------------------------------------------------------------- */

static void plan(struct escalation *e, const struct store_row *row, int64_t now_ms)
{
	struct store_escalation *out = &e->plans[e->n];
	char above[7];

	e->env.above(e->env.ctx, row->region, above);
	if (strcmp(above, row->region) == 0 || !store_escalation_plan(out, row, above, &e->limits, now_ms))
		return;
	out->closer = arena_dup(&e->arena, out->closer);
	out->event = event_of(out, row->region, &e->arena);
	e->n++;
}

static void looked(void *ctx, const struct store_reply *reply)
{
	struct escalation *e = ctx;

	if (!still_wanted(e))
		return;
	e->n = e->next = 0;
	e->more = reply->outcome == STORE_DONE && reply->nrows == AT_ONCE;
	arena_release(&e->arena);
	for (size_t i = 0; reply->outcome == STORE_DONE && i < reply->nrows; i++)
		plan(e, &reply->rows[i], reply->now_ms);
	step(e);
}

static void look(struct escalation *e)
{
	submit(e, &(struct store_request){ .op = STORE_OVERDUE, .limits = &e->limits, .max = AT_ONCE }, looked);
}

/* --- rounds ------------------------------------------------------------------------------------- */

static void leased(void *ctx, const struct store_reply *reply)
{
	struct escalation *e = ctx;

	if (!still_wanted(e))
		return;
	if (reply->outcome != STORE_DONE || reply->verdict != STORE_OK) {
		e->held[e->shard].renew_ms = 0;
		next_shard(e);
		return;
	}
	e->held[e->shard].fence = reply->fence;
	e->held[e->shard].renew_ms = loop_now_ms(e->env.loop) + JOB_LEASE_MS / 3;
	look(e);
}

static void work_on_shard(struct escalation *e)
{
	if (e->held[e->shard].renew_ms > loop_now_ms(e->env.loop))
		look(e);
	else
		submit(e, &(struct store_request){ .op = STORE_JOB_LEASE, .holder = e->env.holder, .lease_ms = JOB_LEASE_MS },
		       leased);
}

static void next_shard(struct escalation *e)
{
	e->working = ++e->shard < e->env.nshards && e->env.store->up && e->on;
	if (e->working)
		work_on_shard(e);
}

static void begin_round(void *ctx)
{
	struct escalation *e = ctx;

	if (e->working || !e->on || !e->env.store->up || e->env.nshards == 0)
		return;
	e->working = true;
	e->shard = 0;
	work_on_shard(e);
}

/* --- from outside --------------------------------------------------------------------------------- */

struct escalation *escalation_new(const struct escalation_env *env)
{
	struct escalation *e = calloc(1, sizeof(*e));

	assert(e != NULL && env->holder.len > 0 && env->nshards <= SHARDS_MAX);
	e->env = *env;
	e->timer = loop_every(env->loop, env->period_ms, begin_round, e);
	return e;
}

void escalation_free(struct escalation *e)
{
	if (e == NULL)
		return;
	loop_timer_cancel(e->timer);
	if (e->working)
		e->closing = true;
	else
		release(e);
}

void escalation_set(struct escalation *e, const struct clock_limits *limits)
{
	e->on = limits != NULL;
	if (limits != NULL)
		e->limits = *limits;
}

void escalation_figures(const struct escalation *e, struct escalation_figures *out)
{
	*out = e->figures;
	out->leading = false;
	for (size_t i = 0; i < e->env.nshards; i++)
		out->leading |= e->held[i].renew_ms > loop_now_ms(e->env.loop);
}
