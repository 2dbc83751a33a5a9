/*
 * The store in memory: dead letters, in the order in which they were given up.
 */
#include "daemon/store/memory_state.h"

static bool letter_there(const struct memory_store *store, const struct mem_letter *letter, const char *shard)
{
	return !letter->gone && mem_same_shard(letter->shard, shard) &&
	       letter->item.at_ms > store->now_ms - (int64_t)STORE_DEAD_KEEP_S * 1000;
}

static void letter_make_room(struct memory_store *store, const char *shard)
{
	struct mem_letter *oldest = NULL;
	size_t n = 0;

	for (size_t i = 0; i < store->letters.n; i++) {
		struct mem_letter *at = &store->letters.at[i];

		if (at->item.at_ms <= store->now_ms - (int64_t)STORE_DEAD_KEEP_S * 1000)
			at->gone = true;
		if (!letter_there(store, at, shard))
			continue;
		n++;
		if (oldest == NULL)
			oldest = at;
	}
	if (n >= STORE_DEAD_MAX)
		oldest->gone = true;
}

void mem_letter_add(struct memory_store *store, const char *shard, const struct store_item *item, struct span why)
{
	struct mem_letter *added;

	letter_make_room(store, shard);
	added = MEM_ADD(store->letters);
	mem_shard_set(added->shard, shard);
	added->item = *item;
	added->item.at_ms = store->now_ms;
	added->item.why = arena_dup(&store->arena, why);
}

void mem_outbox_dead(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	call->reply.items = arena_array(&call->arena, struct store_item, request->max);
	for (size_t i = 0; i < store->letters.n && call->reply.nitems < request->max; i++)
		if (!store->letters.at[i].gone && mem_same_shard(store->letters.at[i].shard, request->shard))
			call->reply.items[call->reply.nitems++] = store->letters.at[i].item;
}

void mem_outbox_revive(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_revival *revival = request->revival;

	for (size_t i = 0; i < store->letters.n; i++) {
		struct mem_letter *at = &store->letters.at[i];

		if (at->gone || !mem_same_shard(at->shard, request->shard) || !span_eq(at->item.id, revival->item))
			continue;
		at->gone = true;
		mem_item_revive(store, request->shard, revival->as, revival->payload);
		return;
	}
	call->reply.verdict = STORE_ABSENT;
}
