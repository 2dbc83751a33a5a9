/*
 * Flows: steps in a row, references instead of pointers, one way to end.
 *
 * The flows of a loop live in one table of slots. A reference is slot and
 * generation; the generation goes up when a flow ends and when a wait times
 * out, so an answer that comes too late finds nothing to resume.
 * Deadlines are swept, not armed one by one: a sweep reads a few thousand
 * numbers, arming would cost two system calls a tip.
 */
#include "daemon/loop/flow.h"

#include "daemon/loop/attachment.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <stdlib.h>

#define SWEEP_MS 50
#define NO_SLOT UINT32_MAX

enum flow_condition {
	FLOW_UNUSED,
	FLOW_READY,    /* its next step is posted */
	FLOW_RUNNING,
	FLOW_WAITING,
};

struct flow {
	const struct flow_kind *kind;
	struct loop *loop;
	struct arena arena;
	void *state;
	size_t next_step;
	size_t wait_step;        /* the step whose wait this is */
	uint64_t started_ms;
	uint64_t deadline_ms;    /* while waiting */
	uint32_t slot;
	uint32_t generation;
	uint32_t next_free;
	enum flow_condition condition;
};

struct flow_table {
	struct loop *loop;
	struct flow **slots;     /* each allocated once and reused */
	uint32_t nslots;
	uint32_t free_head;
	size_t live;
	struct loop_timer *sweep;
};

static void sweep(void *ctx);

static void table_free(void *arg)
{
	struct flow_table *table = arg;

	for (uint32_t i = 0; i < table->nslots; i++) {
		arena_release(&table->slots[i]->arena);
		free(table->slots[i]);
	}
	free(table->slots);
	free(table);
}

static struct flow_table *table_of(struct loop *loop)
{
	struct flow_table *table = loop_attached(loop);

	if (table != NULL)
		return table;
	table = calloc(1, sizeof(*table));
	assert(table != NULL);
	table->loop = loop;
	table->free_head = NO_SLOT;
	table->sweep = loop_every(loop, SWEEP_MS, sweep, table);
	loop_attach(loop, table, table_free);
	return table;
}

static struct flow *slot_new(struct flow_table *table)
{
	struct flow *flow = calloc(1, sizeof(*flow));
	uint32_t n = table->nslots;

	assert(flow != NULL && n < NO_SLOT);
	if ((n & (n - 1)) == 0) {
		table->slots = realloc(table->slots, (n == 0 ? 1 : 2 * (size_t)n) * sizeof(struct flow *));
		assert(table->slots != NULL);
	}
	table->slots[n] = flow;
	flow->slot = n;
	table->nslots++;
	return flow;
}

static struct flow *slot_take(struct flow_table *table)
{
	struct flow *flow;

	if (table->free_head == NO_SLOT)
		return slot_new(table);
	flow = table->slots[table->free_head];
	table->free_head = flow->next_free;
	return flow;
}

static struct flow *find(const struct flow_table *table, struct flow_ref ref)
{
	struct flow *flow;

	if (table == NULL || ref.slot >= table->nslots)
		return NULL;
	flow = table->slots[ref.slot];
	if (flow->condition == FLOW_UNUSED || flow->generation != ref.generation)
		return NULL;
	return flow;
}

static void finish(struct flow *flow, bool well)
{
	struct flow_table *table = table_of(flow->loop);

	if (flow->kind->end != NULL)
		flow->kind->end(flow, well);
	flow->generation++;
	flow->condition = FLOW_UNUSED;
	arena_clear(&flow->arena);
	flow->next_free = table->free_head;
	table->free_head = flow->slot;
	table->live--;
}

static void start_waiting(struct flow *flow, size_t step)
{
	unsigned timeout_ms = flow->kind->steps[step].timeout_ms;

	if (timeout_ms == 0)
		timeout_ms = flow->kind->timeout_ms;
	flow->wait_step = step;
	flow->condition = FLOW_WAITING;
	flow->deadline_ms = timeout_ms > 0 ? loop_now_ms(flow->loop) + timeout_ms : UINT64_MAX;
}

static enum flow_next run_step(struct flow *flow, size_t *step)
{
	*step = flow->next_step;
	if (*step >= flow->kind->nsteps)
		return FLOW_DONE;
	flow->next_step = *step + 1;
	return flow->kind->steps[*step].run(flow);
}

/* Goes on with what the last step (or a time-out) said, as far as it goes without waiting. */
static void advance(struct flow *flow, enum flow_next next, size_t step)
{
	flow->condition = FLOW_RUNNING;
	while (next == FLOW_NEXT)
		next = run_step(flow, &step);
	if (next == FLOW_WAIT)
		start_waiting(flow, step);
	else
		finish(flow, next == FLOW_DONE);
}

/*
 * Slots are never freed while the loop lives, so a posted pointer is safe; and
 * only a flow that is ready goes on, so a second post for the same slot is
 * without effect.
 */
static void run_posted_flow(void *arg)
{
	struct flow *flow = arg;

	if (flow->condition == FLOW_READY)
		advance(flow, FLOW_NEXT, flow->next_step);
}

static void make_ready(struct flow *flow)
{
	flow->condition = FLOW_READY;
	loop_post(flow->loop, run_posted_flow, flow);
}

static void time_out(struct flow *flow)
{
	const struct flow_step *step = &flow->kind->steps[flow->wait_step];
	enum flow_next next = FLOW_FAIL;

	log_event(LOG_LEVEL_WARNING, "flow.timeout", "flow", flow->kind->name, "step", step->name, NULL);
	flow->generation++;
	flow->condition = FLOW_RUNNING;
	if (flow->kind->timed_out != NULL)
		next = flow->kind->timed_out(flow, step);
	advance(flow, next, flow->wait_step);
}

static void sweep(void *ctx)
{
	struct flow_table *table = ctx;
	uint64_t now_ms = loop_now_ms(table->loop);

	if (table->live == 0)
		return;
	for (uint32_t i = 0; i < table->nslots; i++)
		if (table->slots[i]->condition == FLOW_WAITING && table->slots[i]->deadline_ms <= now_ms)
			time_out(table->slots[i]);
}

struct flow *flow_start(struct loop *loop, const struct flow_kind *kind, void (*init)(struct flow *, void *),
			void *ctx)
{
	struct flow_table *table = table_of(loop);
	struct flow *flow = slot_take(table);

	flow->kind = kind;
	flow->loop = loop;
	flow->next_step = 0;
	flow->started_ms = loop_now_ms(loop);
	flow->state = arena_alloc(&flow->arena, kind->state_bytes);
	table->live++;
	if (init != NULL)
		init(flow, ctx);
	make_ready(flow);
	return flow;
}

void *flow_state(struct flow *flow)
{
	return flow->state;
}

struct arena *flow_arena(struct flow *flow)
{
	return &flow->arena;
}

struct loop *flow_loop(struct flow *flow)
{
	return flow->loop;
}

struct flow_ref flow_ref(const struct flow *flow)
{
	return (struct flow_ref){ .slot = flow->slot, .generation = flow->generation };
}

uint64_t flow_age_ms(const struct flow *flow)
{
	return loop_now_ms(flow->loop) - flow->started_ms;
}

void flow_jump(struct flow *flow, size_t step)
{
	assert(step < flow->kind->nsteps);
	flow->next_step = step;
}

struct flow *flow_resolve(struct loop *loop, struct flow_ref ref)
{
	return find(loop_attached(loop), ref);
}

void flow_resume(struct loop *loop, struct flow_ref ref)
{
	struct flow *flow = flow_resolve(loop, ref);

	if (flow != NULL && flow->condition == FLOW_WAITING)
		make_ready(flow);
}

void flow_abort(struct loop *loop, struct flow_ref ref)
{
	struct flow *flow = flow_resolve(loop, ref);

	if (flow == NULL)
		return;
	/* A step (or end()) that aborts its own flow would go on in freed memory. */
	assert(flow->condition != FLOW_RUNNING);
	flow->condition = FLOW_RUNNING;
	finish(flow, false);
}

size_t flow_count(const struct loop *loop)
{
	const struct flow_table *table = loop_attached(loop);

	return table != NULL ? table->live : 0;
}
