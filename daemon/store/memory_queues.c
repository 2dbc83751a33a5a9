/*
 * The store in memory: queues, leases, what ran out.
 */
#include "daemon/store/calls.h"
#include "daemon/store/memory_state.h"

#include <stdlib.h>

static bool waits_in(const struct mem_tip *tip, const char *shard, const char (*regions)[7], size_t nregions)
{
	if (tip->row.state != TIP_QUEUED || !mem_same_shard(tip->row.id.text, shard))
		return false;
	for (size_t i = 0; i < nregions; i++)
		if (strcmp(tip->row.region, regions[i]) == 0)
			return true;
	return false;
}

static bool goes_before(const struct mem_tip *a, const struct mem_tip *b)
{
	uint64_t rank_a = store_rank(a->row.points, a->row.received_ms);
	uint64_t rank_b = store_rank(b->row.points, b->row.received_ms);

	return rank_a != rank_b ? rank_a < rank_b : strcmp(a->row.id.text, b->row.id.text) < 0;
}

static struct mem_tip *mem_best(struct memory_store *store, const struct store_claim *claim)
{
	struct mem_tip *best = NULL;

	for (size_t i = 0; i < store->tips.n; i++) {
		struct mem_tip *tip = &store->tips.at[i];

		if (claim->only.text[0] != '\0' && strcmp(tip->row.id.text, claim->only.text) != 0)
			continue;
		if (waits_in(tip, claim->shard, claim->regions, claim->nregions) &&
		    (best == NULL || goes_before(tip, best)))
			best = tip;
	}
	return best;
}

/* A clock that starts with a claim, and how long the one ran that nobody had opened the tip. */
static const char *mem_since(const struct memory_store *store, struct clock_face before, struct arena *arena)
{
	int64_t waited_ms = store->now_ms > before.since_ms ? store->now_ms - before.since_ms : 0;

	if (before.hand == CLOCK_STOPPED)
		return arena_printf(arena, ",\"since\":%lld", (long long)store->now_ms);
	return arena_printf(arena, ",\"since\":%lld,\"waited\":%lld", (long long)store->now_ms, (long long)waited_ms);
}

static void mem_claim_one(struct memory_store *store, const struct store_claim *claim, struct mem_tip *tip,
			  struct arena *arena)
{
	struct span by = store_actor_json(arena, claim->holder);
	struct clock_face before = tip->row.clock;
	const char *event, *since = "";
	bool told;

	tip->row.clock = clock_turned(before, CLOCK_OPEN, store->now_ms, &told);
	if (told)
		since = mem_since(store, before, arena);
	tip->row.state = TIP_CLAIMED;
	tip->row.holder = arena_dup(&store->arena, claim->holder);
	tip->row.lease_until_ms = store->now_ms + claim->lease_ms;
	event = arena_printf(arena,
			     "{\"e\":\"claimed\",\"id\":\"%s\",\"at\":%lld,\"by\":%.*s,\"until\":%lld,\"region\":\"%s\"%s}",
			     tip->row.id.text, (long long)store->now_ms, (int)by.len, by.at,
			     (long long)tip->row.lease_until_ms, tip->row.region, since);
	tip->row.rev = mem_append_of(store, tip, (struct store_event){ .json = span_of(event) });
}

struct store_row mem_row_listed(const struct mem_tip *tip, struct arena *arena)
{
	struct store_row row = mem_row(tip, arena);

	row.messages = NULL;
	row.identity = (struct span){ 0 };
	return row;
}

void mem_claim(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_claim *claim = request->claim;
	struct mem_tip *tip;

	call->reply.now_ms = store->now_ms;
	call->reply.rows = arena_array(&call->arena, struct store_row, claim->max);
	while (call->reply.nrows < claim->max && (tip = mem_best(store, claim)) != NULL) {
		mem_claim_one(store, claim, tip, &call->arena);
		call->reply.rows[call->reply.nrows++] = mem_row_listed(tip, &call->arena);
	}
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct store_row *)a)->id.text, ((const struct store_row *)b)->id.text);
}

void mem_held(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->now_ms = store->now_ms;
	reply->rows = arena_array(&call->arena, struct store_row, store->tips.n);
	for (size_t i = 0; i < store->tips.n; i++) {
		const struct mem_tip *tip = &store->tips.at[i];

		if (mem_is_held(tip->row.state) && span_eq(tip->row.holder, request->holder) &&
		    mem_same_shard(tip->row.id.text, request->shard))
			reply->rows[reply->nrows++] = mem_row_listed(tip, &call->arena);
	}
	qsort(reply->rows, reply->nrows, sizeof(struct store_row), by_id);
	if (reply->nrows > request->max)
		reply->nrows = request->max;
}

/* Oldest of the hundred best: found by taking the best a hundred times. */
static void mem_queue_head(struct memory_store *store, struct store_queue *queue, struct store_claim *only)
{
	enum { BEST = 100 };
	struct mem_tip *taken[BEST], *tip;
	size_t n = 0;

	while (n < BEST && (tip = mem_best(store, only)) != NULL) {
		if (n == 0)
			queue->best_points = tip->row.points;
		if (queue->oldest_ms == 0 || tip->row.received_ms < queue->oldest_ms)
			queue->oldest_ms = tip->row.received_ms;
		tip->row.state = TIP_STATES;
		taken[n++] = tip;
	}
	while (n > 0)
		taken[--n]->row.state = TIP_QUEUED;
}

static int by_region(const void *a, const void *b)
{
	return strcmp(((const struct store_queue *)a)->region, ((const struct store_queue *)b)->region);
}

void mem_queues(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->queues = arena_array(&call->arena, struct store_queue, store->regions.n);
	for (size_t i = 0; i < store->regions.n; i++) {
		const struct mem_region *region = &store->regions.at[i];
		struct store_claim only = { .regions = &region->region, .nregions = 1 };
		struct store_queue *queue = &reply->queues[reply->nqueues];

		if (!mem_same_shard(region->shard, request->shard))
			continue;
		reply->nqueues++;
		mem_shard_set(only.shard, request->shard);
		memcpy(queue->region, region->region, sizeof(queue->region));
		for (size_t t = 0; t < store->tips.n; t++) {
			const struct store_row *row = &store->tips.at[t].row;

			if (strcmp(row->region, region->region) != 0 ||
			    !mem_same_shard(row->id.text, request->shard))
				continue;
			queue->waiting += row->state == TIP_QUEUED;
			queue->held += mem_is_held(row->state);
		}
		for (size_t t = 0; t < store->tips.n; t++) {
			const struct store_row *row = &store->tips.at[t].row;

			queue->escalated += tip_state_open(row->state) && row->raise.times > 0 &&
					    strcmp(row->raise.home, region->region) == 0 &&
					    mem_same_shard(row->id.text, request->shard);
		}
		mem_queue_head(store, queue, &only);
	}
	qsort(reply->queues, reply->nqueues, sizeof(struct store_queue), by_region);
}

/* The lease that ran out first; ties by id, as a sorted set keeps them. */
static struct mem_tip *mem_ran_out(struct memory_store *store, const char *shard)
{
	struct mem_tip *first = NULL;

	for (size_t i = 0; i < store->tips.n; i++) {
		struct mem_tip *tip = &store->tips.at[i];
		int64_t until = tip->row.lease_until_ms;

		if (until == 0 || until > store->now_ms || !mem_same_shard(tip->row.id.text, shard))
			continue;
		if (first == NULL || until < first->row.lease_until_ms ||
		    (until == first->row.lease_until_ms && strcmp(tip->row.id.text, first->row.id.text) < 0))
			first = tip;
	}
	return first;
}

void mem_expire(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_tip *tip;

	if (mem_fenced(store, request->shard, request)) {
		call->reply.verdict = STORE_FENCED;
		return;
	}
	call->reply.now_ms = store->now_ms;
	while (call->reply.count < request->max && (tip = mem_ran_out(store, request->shard)) != NULL) {
		const char *event = arena_printf(
			&call->arena, "{\"e\":\"lease_expired\",\"id\":\"%s\",\"at\":%lld,\"region\":\"%s\"}",
			tip->row.id.text, (long long)store->now_ms, tip->row.region);

		tip->row.state = TIP_QUEUED;
		tip->row.lease_until_ms = 0;
		tip->row.holder = (struct span){ 0 };
		tip->row.rev = mem_append_of(store, tip, (struct store_event){ .json = span_of(event) });
		call->reply.count++;
	}
}

void mem_data_keys(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->data_keys = arena_array(&call->arena, struct store_data_key, request->nkey_ids);
	for (size_t i = 0; i < request->nkey_ids; i++)
		for (size_t k = 0; k < store->keys.n; k++)
			if (mem_same_shard(store->keys.at[k].shard, request->shard) &&
			    memcmp(store->keys.at[k].key.id, request->key_ids[i], STORE_DATA_KEY_ID_BYTES) ==
				    0)
				reply->data_keys[reply->ndata_keys++] = store->keys.at[k].key;
}

static struct mem_key *data_key_find(struct memory_store *store, const char shard[3], const unsigned char id[STORE_DATA_KEY_ID_BYTES])
{
	for (size_t k = 0; k < store->keys.n; k++)
		if (mem_same_shard(store->keys.at[k].shard, shard) && memcmp(store->keys.at[k].key.id, id, STORE_DATA_KEY_ID_BYTES) == 0)
			return &store->keys.at[k];
	return NULL;
}

void mem_data_key_swap(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_key *there = data_key_find(store, request->shard, request->key_ids[0]);

	if (there == NULL)
		call->reply.verdict = STORE_ABSENT;
	else if (span_eq(there->key.sealed, request->messages[1]))
		call->reply.verdict = STORE_ALREADY;
	else if (!span_eq(there->key.sealed, request->messages[0]))
		call->reply.verdict = STORE_CONFLICT;
	else
		there->key.sealed = arena_dup(&store->arena, request->messages[1]);
}
