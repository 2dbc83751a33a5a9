/*
 * The store in memory: what of a journal lies in the archive.
 */
#include "daemon/store/memory_state.h"

static const struct mem_segment *last_segment(const struct memory_store *store, const char *shard)
{
	for (size_t i = store->segments.n; i > 0; i--)
		if (mem_same_shard(store->segments.at[i - 1].shard, shard))
			return &store->segments.at[i - 1];
	return NULL;
}

/* Number of the last event that a batch covers. */
static uint64_t sealed_number(const struct memory_store *store, const char *shard)
{
	for (size_t i = store->batches.n; i > 0; i--)
		if (mem_same_shard(store->batches.at[i - 1].shard, shard))
			return store->batches.at[i - 1].batch.journal;
	return 0;
}

/* First of the events that are here, and last of all; 0: none. */
static void ends_of(const struct memory_store *store, const char *shard, uint64_t *first, uint64_t *last)
{
	*first = *last = 0;
	for (size_t i = 0; i < store->events.n; i++) {
		const struct mem_event *event = &store->events.at[i];

		if (!mem_same_shard(event->shard, shard))
			continue;
		*last = event->event.number;
		if (*first == 0 && !event->gone)
			*first = event->event.number;
	}
}

void mem_archived(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->now_ms = store->now_ms;
	reply->note = sealed_number(store, request->shard);
	ends_of(store, request->shard, &reply->first, &reply->rev);
	reply->segments = arena_array(&call->arena, struct store_segment, request->max);
	for (size_t i = 0; i < store->segments.n; i++) {
		if (!mem_same_shard(store->segments.at[i].shard, request->shard))
			continue;
		if (reply->count++ >= request->from && reply->nsegments < request->max)
			reply->segments[reply->nsegments++] = store->segments.at[i].segment;
	}
}

static enum store_verdict trim_verdict(struct memory_store *store, const struct store_request *request)
{
	const struct mem_segment *before = last_segment(store, request->shard);
	const struct store_segment *wanted = request->segment;
	uint64_t first, last;

	ends_of(store, request->shard, &first, &last);
	if (mem_fenced(store, request->shard, request))
		return STORE_FENCED;
	if (before != NULL && memcmp(&before->segment, wanted, sizeof(*wanted)) == 0)
		return STORE_ALREADY;
	if (wanted->first != first || wanted->first != (before != NULL ? before->segment.last : 0) + 1)
		return STORE_CONFLICT;
	if (wanted->last > sealed_number(store, request->shard) || wanted->last + request->max > last)
		return STORE_UNTIMELY;
	return STORE_OK;
}

void mem_journal_trim(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_segment *added;

	call->reply.verdict = trim_verdict(store, request);
	if (call->reply.verdict != STORE_OK)
		return;
	added = MEM_ADD(store->segments);
	mem_shard_set(added->shard, request->shard);
	added->segment = *request->segment;
	for (size_t i = 0; i < store->events.n; i++)
		if (mem_same_shard(store->events.at[i].shard, request->shard) &&
		    store->events.at[i].event.number <= request->segment->last)
			store->events.at[i].gone = true;
}
