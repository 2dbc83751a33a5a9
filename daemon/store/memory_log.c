/*
 * The store in memory: the sealed log and the audit trail.
 */
#include "daemon/store/memory_state.h"

#define LEAVES_EACH 8

static const struct store_batch *last_of(const struct memory_store *store, const char *shard)
{
	for (size_t i = store->batches.n; i > 0; i--)
		if (mem_same_shard(store->batches.at[i - 1].shard, shard))
			return &store->batches.at[i - 1].batch;
	return NULL;
}

/* Number of the last event of a shard's journal. */
static uint64_t journal_end(const struct memory_store *store, const char *shard)
{
	uint64_t number = 0;

	if (mem_same_shard(shard, STORE_MONEY_SHARD))
		return store->money.n;
	for (size_t i = 0; i < store->events.n; i++)
		number += mem_same_shard(store->events.at[i].shard, shard);
	return number;
}

static bool same(const struct store_batch *a, const struct store_batch *b)
{
	return a->number == b->number && a->before == b->before && a->size == b->size && a->journal == b->journal &&
	       a->at_ms == b->at_ms && memcmp(a->root, b->root, STORE_HASH_BYTES) == 0 && span_eq(a->note, b->note);
}

static bool sizes_hold(const struct store_batch *batch)
{
	return batch->size > batch->before && batch->size % LEAVES_EACH == 0 && batch->before % LEAVES_EACH == 0;
}

static bool follows(const struct store_batch *batch, const struct store_batch *last)
{
	return batch->number == last->number + 1 && batch->before == last->size;
}

/* A batch behind `last` that goes back, or covers more events than it has leaves. */
static bool is_impossible(const struct store_batch *batch, const struct store_batch *last)
{
	return batch->journal < last->journal || batch->journal - last->journal > batch->size - batch->before ||
	       batch->at_ms < last->at_ms;
}

static enum store_verdict verdict_of(struct memory_store *store, const struct store_request *request,
				     const struct store_batch *last)
{
	if (same(request->batch, last))
		return STORE_ALREADY;
	if (mem_fenced(store, request->shard, request))
		return STORE_FENCED;
	return follows(request->batch, last) ? STORE_OK : STORE_CONFLICT;
}

static void add(struct memory_store *store, const struct store_request *request)
{
	struct mem_batch *added = MEM_ADD(store->batches);

	mem_shard_set(added->shard, request->shard);
	added->batch = *request->batch;
	added->batch.note = arena_dup(&store->arena, request->batch->note);
}

void mem_log_seal(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	static const struct store_batch none;
	const struct store_batch *last = last_of(store, request->shard);
	struct store_reply *reply = &call->reply;
	enum store_verdict verdict;

	if (last == NULL)
		last = &none;
	verdict = verdict_of(store, request, last);
	if (!sizes_hold(request->batch) || (verdict == STORE_OK && is_impossible(request->batch, last))) {
		reply->outcome = STORE_BROKEN;
		return;
	}
	if (verdict == STORE_OK && request->batch->journal > journal_end(store, request->shard))
		verdict = STORE_CONFLICT;
	if (verdict == STORE_OK)
		add(store, request);
	reply->verdict = verdict;
	last = last_of(store, request->shard);
	if (last == NULL)
		return;
	reply->batches = arena_new(&call->arena, struct store_batch);
	reply->batches[0] = *last;
	reply->nbatches = 1;
}

void mem_log_read(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_batch *last = last_of(store, request->shard);
	struct store_reply *reply = &call->reply;

	reply->rev = journal_end(store, request->shard);
	reply->count = last != NULL ? last->number : 0;
	reply->now_ms = store->now_ms;
	reply->batches = arena_array(&call->arena, struct store_batch, request->max);
	for (size_t i = 0; i < store->batches.n && reply->nbatches < request->max; i++)
		if (mem_same_shard(store->batches.at[i].shard, request->shard) &&
		    store->batches.at[i].batch.number >= request->from)
			reply->batches[reply->nbatches++] = store->batches.at[i].batch;
}

static bool is_object(struct span event)
{
	return event.len > 2 && event.at[0] == '{' && event.at[event.len - 1] == '}';
}

void mem_audit(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	for (size_t i = 0; i < request->nmessages; i++) {
		if (!is_object(request->messages[i])) {
			call->reply.outcome = STORE_BROKEN;
			return;
		}
	}
	for (size_t i = 0; i < request->nmessages; i++)
		call->reply.rev = mem_append(store, STORE_AUDIT_SHARD,
					     (struct store_event){ .json = request->messages[i] });
}
