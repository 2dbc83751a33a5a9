/*
 * The store in memory: clocks, passing to the level above, who holds tips.
 */
#include "daemon/store/memory_state.h"

#include <stdlib.h>

struct clock_face mem_clock(const struct memory_store *store, struct clock_face face, bool *starts)
{
	*starts = face.since_ms == CLOCK_NOW || face.asked_ms == CLOCK_NOW;
	if (face.since_ms == CLOCK_NOW)
		face.since_ms = store->now_ms;
	if (face.asked_ms == CLOCK_NOW)
		face.asked_ms = store->now_ms;
	return face;
}

static bool is_overdue(const struct mem_tip *tip, const struct store_request *request, int64_t now_ms)
{
	const struct store_row *row = &tip->row;
	enum clock_wait why;
	int64_t since_ms, at_ms;

	return mem_same_shard(row->id.text, request->shard) && row->state != TIP_TRANSFERRED &&
	       strcmp(row->region, "000000") != 0 &&
	       clock_next(row->clock, request->limits, priority_of(row->points), &why, &since_ms, &at_ms) &&
	       at_ms <= now_ms;
}

/* Which come first does not matter to who asks: all of them go. Here it is the order of acceptance. */
void mem_overdue(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->now_ms = store->now_ms;
	reply->rows = arena_array(&call->arena, struct store_row, request->max);
	for (size_t i = 0; i < store->tips.n && reply->nrows < request->max; i++) {
		struct store_row *row = &reply->rows[reply->nrows];

		if (!is_overdue(&store->tips.at[i], request, store->now_ms))
			continue;
		*row = mem_row_listed(&store->tips.at[i], &call->arena);
		row->sealed = (struct span){ 0 };
		reply->nrows++;
	}
}

static struct span escalated_event(struct memory_store *store, const struct store_escalation *what,
				   struct arena *arena)
{
	struct span event = mem_json_with(arena, what->event, "since", (uint64_t)store->now_ms);

	return mem_json_with(arena, event, "waited", (uint64_t)(store->now_ms - what->since_ms));
}

static void escalate(struct memory_store *store, const struct store_escalation *what, struct mem_tip *tip,
		     struct arena *arena)
{
	struct store_row *row = &tip->row;
	bool starts;

	row->rev = mem_append_of(store, tip, (struct store_event){ .json = escalated_event(store, what, arena) });
	row->state = what->state;
	memcpy(row->region, what->region, sizeof(row->region));
	row->points = what->points;
	row->holder = (struct span){ 0 };
	row->lease_until_ms = 0;
	row->clock = mem_clock(store, what->clock, &starts);
	row->raise = what->raise;
	row->raise.why = what->why;
	row->raise.at_ms = store->now_ms;
	row->raise.waited_ms = store->now_ms - what->since_ms;
	row->reopens = what->reopens;
	row->closer = arena_dup(&store->arena, what->closer);
	row->end = (struct store_end){ .erased = 0 };
	mem_region_add(store, what->id.text, what->region);
}

static enum store_verdict judge(struct memory_store *store, const struct store_request *request,
				const struct mem_tip *tip)
{
	const struct store_escalation *what = request->escalation;

	if (mem_fenced(store, what->id.text, request))
		return STORE_FENCED;
	if (tip == NULL)
		return STORE_ABSENT;
	if (tip->row.rev != what->expect_rev)
		return STORE_CONFLICT;
	return store->now_ms < what->since_ms + what->limit_ms ? STORE_UNTIMELY : STORE_OK;
}

void mem_escalate(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_tip *tip = mem_find(store, &request->escalation->id);

	call->reply.now_ms = store->now_ms;
	call->reply.verdict = judge(store, request, tip);
	if (call->reply.verdict == STORE_OK)
		escalate(store, request->escalation, tip, &call->arena);
	if (call->reply.verdict != STORE_FENCED && tip != NULL)
		call->reply.rev = tip->row.rev;
}

/* Codes of regions beneath it begin with its digits. */
static bool lies_within(const char *inner, const char *outer)
{
	size_t n = 6;

	while (n > 0 && outer[n - 1] == '0' && outer[n - 2] == '0')
		n -= 2;
	return memcmp(inner, outer, n) == 0;
}

static int by_home(const void *a, const void *b)
{
	const struct store_row *left = a, *right = b;
	int order = strcmp(left->raise.home, right->raise.home);

	return order != 0 ? order : strcmp(left->id.text, right->id.text);
}

void mem_escalated(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->now_ms = store->now_ms;
	reply->rows = arena_array(&call->arena, struct store_row, store->tips.n);
	for (size_t i = 0; i < store->tips.n; i++) {
		const struct store_row *row = &store->tips.at[i].row;

		if (mem_same_shard(row->id.text, request->shard) && tip_state_open(row->state) &&
		    row->raise.times > 0 && lies_within(row->raise.home, request->region))
			reply->rows[reply->nrows++] = mem_row_listed(&store->tips.at[i], &call->arena);
	}
	qsort(reply->rows, reply->nrows, sizeof(struct store_row), by_home);
	if (reply->nrows > request->max)
		reply->nrows = request->max;
}

static bool listed(const struct store_reply *reply, struct span holder)
{
	for (size_t i = 0; i < reply->nholders; i++)
		if (span_eq(reply->holders[i], holder))
			return true;
	return false;
}

void mem_holders(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->holders = arena_array(&call->arena, struct span, store->tips.n);
	for (size_t i = 0; i < store->tips.n && reply->nholders < request->max; i++) {
		const struct store_row *row = &store->tips.at[i].row;

		if (mem_is_held(row->state) && mem_same_shard(row->id.text, request->shard) &&
		    !listed(reply, row->holder))
			reply->holders[reply->nholders++] = row->holder;
	}
}
