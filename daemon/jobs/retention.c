/*
 * Retention; see retention.h. One shard after the other: take or renew the
 * job's lease, note the time that is trusted, read a page of what has ended,
 * delete tip by tip, the next page.
 */
#include "daemon/jobs/retention.h"

#include "daemon/base/json_out.h"
#include "daemon/core/journal/lifecycle.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <stdlib.h>

#define JOB "retention"
#define JOB_LEASE_MS 30000   /* renewed at a third of it */
#define SHARDS_MAX 64
#define AT_ONCE 64

struct retention {
	struct retention_env env;
	struct loop_timer *timer;
	struct retention_rules rules;
	struct retention_figures figures;
	uint64_t due, kept;          /* of the round under way */
	struct arena arena;          /* of the page */
	struct store_erasure plans[AT_ONCE];
	size_t n, next;
	uint64_t erased;             /* tips of this shard in this round */
	struct {
		int64_t ms;
		struct tip_id id;
		bool more;
	} page;                      /* the last row that was read */
	int64_t judged_ms;           /* the time by which this shard is judged */
	size_t shard;                /* being worked on */
	struct {
		uint64_t fence;
		uint64_t renew_ms;   /* 0: not held */
		struct retention_clock clock;
	} held[SHARDS_MAX];
	bool on;
	bool working;
	bool closing;
};

static void next_shard(struct retention *r);
static void look(struct retention *r);
static void step(struct retention *r);

static void release(struct retention *r)
{
	arena_release(&r->arena);
	free(r);
}

/* False when the job is going away; memory is freed then. */
static bool still_wanted(struct retention *r)
{
	if (!r->closing)
		return true;
	release(r);
	return false;
}

static void submit(struct retention *r, struct store_request *request,
		   void (*done)(void *ctx, const struct store_reply *reply))
{
	memcpy(request->shard, r->env.shards[r->shard], sizeof(request->shard));
	request->job = JOB;
	request->fence = r->held[r->shard].fence;
	store_submit(r->env.store, request, (struct store_wait){ .done = done, .ctx = r });
}

/* --- one tip after the other ------------------------------------------------------------------ */

static struct span event_of(const struct store_erasure *plan, struct arena *arena)
{
	char parts[RETENTION_PARTS_TEXT];
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	struct span event;

	json_open(&json, '{');
	json_text(&json, "e", SPAN("erased"));
	json_text(&json, "id", span_of(plan->id.text));
	json_i64(&json, "at", plan->at_ms);
	json_text(&json, "region", span_of(plan->region));
	json_text(&json, "outcome", plan->end.outcome);
	json_text(&json, "parts", retention_parts_write(plan->parts, parts));
	json_close(&json, '}');
	event = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return event;
}

static void count(struct retention *r, const struct store_erasure *plan)
{
	for (size_t part = 0; part < RETENTION_PARTS; part++)
		r->figures.erased[part] += (plan->parts & RETENTION_BIT(part)) != 0;
	r->erased++;
}

static void tell(struct retention *r)
{
	if (r->erased > 0)
		log_event(LOG_LEVEL_NOTICE, "retention.erased", "shard", r->env.shards[r->shard], "tips", log_u64(r->erased), NULL);
	r->erased = 0;
}

static void leave_shard(struct retention *r)
{
	r->held[r->shard].renew_ms = 0;
	next_shard(r);
}

static void erased(void *ctx, const struct store_reply *reply)
{
	struct retention *r = ctx;

	if (!still_wanted(r))
		return;
	/* Unknown is not asked again here: the next round finds the tip as it is. */
	if (reply->outcome != STORE_DONE || reply->verdict == STORE_FENCED) {
		leave_shard(r);
		return;
	}
	if (reply->verdict == STORE_OK)
		count(r, &r->plans[r->next]);
	else
		r->figures.refused++;
	r->next++;
	step(r);
}

static void step(struct retention *r)
{
	if (r->next < r->n && r->on)
		submit(r, &(struct store_request){ .op = STORE_ERASE, .erasure = &r->plans[r->next] }, erased);
	else if (r->page.more && r->on)
		look(r);
	else
		next_shard(r);
}

/* --- what has ended ----------------------------------------------------------------------------- */

static bool case_of(const struct store_row *row, struct retention_case *out)
{
	*out = (struct retention_case){ .ended_ms = row->end.at_ms, .erased = row->end.erased, .held = row->hold.by.len > 0 };
	if (!retention_outcome_parse(row->end.outcome, &out->outcome))
		return false;
	return true;
}

/* The money is asked about those alone that would go. */
static unsigned due_of(struct retention *r, const struct store_row *row, struct retention_case *tip)
{
	unsigned due = retention_plan(&r->rules, tip, r->judged_ms).due;

	if (due != 0 && tip->outcome == RETENTION_VERIFIED && r->env.unpaid != NULL)
		tip->unpaid = r->env.unpaid(r->env.ctx, &row->id);
	return tip->unpaid ? 0 : due;
}

static enum tip_state state_after(const struct store_row *row, unsigned parts)
{
	const struct tip_move *move = tip_move_find(row->state, TIP_EV_ERASE, TIP_BY_SYSTEM);

	return (parts & RETENTION_BIT(RETENTION_TEXT)) != 0 && move != NULL ? move->to : row->state;
}

static int64_t due_since(const struct retention *r, const struct retention_case *tip, unsigned parts)
{
	int64_t due_ms = 0;

	for (size_t part = 0; part < RETENTION_PARTS; part++) {
		int64_t at_ms = tip->ended_ms + r->rules.days[tip->outcome][part] * INT64_C(86400000);

		if ((parts & RETENTION_BIT(part)) != 0 && at_ms > due_ms)
			due_ms = at_ms;
	}
	return due_ms;
}

static void plan(struct retention *r, const struct store_row *row)
{
	struct store_erasure *out = &r->plans[r->n];
	struct retention_case tip;
	unsigned due;

	if (!case_of(row, &tip))
		return;
	due = due_of(r, row, &tip);
	r->kept += tip.held || tip.unpaid;
	if (due == 0)
		return;
	r->due++;
	*out = (struct store_erasure){ .id = row->id, .expect_rev = row->rev, .parts = due, .state = state_after(row, due),
				       .end = row->end, .due_ms = due_since(r, &tip, due), .at_ms = clock_wall_ms() };
	out->end.erased |= due;
	out->end.outcome = arena_dup(&r->arena, row->end.outcome);
	memcpy(out->region, row->region, sizeof(out->region));
	out->event = event_of(out, &r->arena);
	r->n++;
}

static void looked(void *ctx, const struct store_reply *reply)
{
	struct retention *r = ctx;

	if (!still_wanted(r))
		return;
	if (reply->outcome != STORE_DONE) {
		leave_shard(r);
		return;
	}
	r->n = r->next = 0;
	r->page.more = reply->nrows == AT_ONCE;
	arena_release(&r->arena);
	for (size_t i = 0; i < reply->nrows; i++) {
		plan(r, &reply->rows[i]);
		r->page.ms = reply->rows[i].end.at_ms;
		r->page.id = reply->rows[i].id;
	}
	step(r);
}

static void renewed(void *ctx, const struct store_reply *reply);

static void look(struct retention *r)
{
	if (r->held[r->shard].renew_ms <= loop_now_ms(r->env.loop))
		submit(r, &(struct store_request){ .op = STORE_JOB_LEASE, .holder = r->env.holder, .lease_ms = JOB_LEASE_MS }, renewed);
	else
		submit(r, &(struct store_request){ .op = STORE_ENDED, .from = (uint64_t)r->page.ms, .id = r->page.id, .max = AT_ONCE,
						   .until_ms = r->judged_ms }, looked);
}

/* --- rounds ------------------------------------------------------------------------------------- */

/* True: it is ours, under the same number as before or another one. */
static bool take_lease(struct retention *r, const struct store_reply *reply)
{
	if (reply->outcome != STORE_DONE || reply->verdict != STORE_OK) {
		r->held[r->shard].fence = 0;
		return false;
	}
	/* Somebody else led meanwhile, or nobody did: what was trusted last is the job's note. */
	if (r->held[r->shard].fence != reply->fence)
		r->held[r->shard].clock = (struct retention_clock){ .trusted_ms = (int64_t)reply->note };
	r->held[r->shard].fence = reply->fence;
	r->held[r->shard].renew_ms = loop_now_ms(r->env.loop) + JOB_LEASE_MS / 3;
	return true;
}

static void renewed(void *ctx, const struct store_reply *reply)
{
	struct retention *r = ctx;

	if (!still_wanted(r))
		return;
	if (take_lease(r, reply))
		look(r);
	else
		leave_shard(r);
}

static void noted(void *ctx, const struct store_reply *reply)
{
	struct retention *r = ctx;

	if (!still_wanted(r))
		return;
	if (reply->outcome != STORE_DONE || reply->verdict != STORE_OK)
		leave_shard(r);
	else
		look(r);
}

static void leased(void *ctx, const struct store_reply *reply)
{
	struct retention *r = ctx;
	struct retention_clock *clock = &r->held[r->shard].clock;

	if (!still_wanted(r))
		return;
	if (!take_lease(r, reply)) {
		leave_shard(r);
		return;
	}
	r->judged_ms = retention_clock_turn(clock, reply->now_ms, clock_steady_ms(), r->env.settle_ms);
	r->figures.waiting = clock->jumped_ms > 0;
	submit(r, &(struct store_request){ .op = STORE_JOB_NOTE, .from = (uint64_t)clock->trusted_ms }, noted);
}

static void work_on_shard(struct retention *r)
{
	r->page.ms = 0;
	r->page.id = (struct tip_id){ .text = "" };
	submit(r, &(struct store_request){ .op = STORE_JOB_LEASE, .holder = r->env.holder, .lease_ms = JOB_LEASE_MS }, leased);
}

static void end_round(struct retention *r)
{
	r->working = false;
	r->figures.due = r->due;
	r->figures.held = r->kept;
	r->figures.round_ms = clock_wall_ms();
}

static void next_shard(struct retention *r)
{
	tell(r);
	if (++r->shard < r->env.nshards && r->env.store->up && r->on)
		work_on_shard(r);
	else
		end_round(r);
}

static void begin_round(void *ctx)
{
	struct retention *r = ctx;

	if (r->working || !r->on || !r->env.store->up || r->env.nshards == 0)
		return;
	r->working = true;
	r->shard = 0;
	r->due = r->kept = 0;
	work_on_shard(r);
}

/* --- from outside --------------------------------------------------------------------------------- */

struct retention *retention_new(const struct retention_env *env)
{
	struct retention *r = calloc(1, sizeof(*r));

	assert(r != NULL && env->holder.len > 0 && env->nshards <= SHARDS_MAX);
	r->env = *env;
	r->timer = loop_every(env->loop, env->period_ms, begin_round, r);
	return r;
}

void retention_free(struct retention *r)
{
	if (r == NULL)
		return;
	loop_timer_cancel(r->timer);
	if (r->working)
		r->closing = true;
	else
		release(r);
}

void retention_set(struct retention *r, const struct retention_rules *rules)
{
	r->on = rules != NULL;
	if (rules != NULL)
		r->rules = *rules;
}

bool retention_is_on(const struct retention *r)
{
	return r->on;
}

bool retention_run(struct retention *r)
{
	begin_round(r);
	return r->working;
}

void retention_figures(const struct retention *r, struct retention_figures *out)
{
	*out = r->figures;
	out->leading = false;
	for (size_t i = 0; i < r->env.nshards; i++)
		out->leading |= r->held[i].renew_ms > loop_now_ms(r->env.loop);
}
