/*
 * The store in memory: memos and buckets.
 */
#include "daemon/store/memory_state.h"

static struct mem_memo *memo_of(struct memory_store *store, const unsigned char mark[STORE_MARK_BYTES])
{
	struct mem_memo *added;

	for (size_t i = 0; i < store->memos.n; i++)
		if (memcmp(store->memos.at[i].mark, mark, STORE_MARK_BYTES) == 0)
			return &store->memos.at[i];
	added = MEM_ADD(store->memos);
	memcpy(added->mark, mark, STORE_MARK_BYTES);
	return added;
}

static struct span still_there(const struct memory_store *store, const struct mem_memo *memo)
{
	return store->now_ms < memo->until_ms ? memo->sealed : SPAN("");
}

static void set(struct memory_store *store, const unsigned char mark[STORE_MARK_BYTES], struct span sealed, unsigned keep_s)
{
	struct mem_memo *memo = memo_of(store, mark);

	memo->sealed = arena_dup(&store->arena, sealed);
	memo->until_ms = store->now_ms + (int64_t)keep_s * 1000;
}

void mem_memo_get(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	call->reply.memo = still_there(store, memo_of(store, request->memo->mark));
	if (call->reply.memo.len == 0)
		call->reply.verdict = STORE_ABSENT;
}

static bool is_there(struct memory_store *store, const struct store_memo *memo)
{
	const struct mem_tip *tip = memo->with != NULL ? mem_find(store, memo->with) : NULL;

	return memo->with == NULL ||
	       (tip != NULL && memcmp(tip->row.receipt_mark, memo->with_mark, STORE_MARK_BYTES) == 0);
}

void mem_memo_put(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_memo *memo = request->memo;
	struct span there = still_there(store, memo_of(store, memo->mark));
	bool already = span_eq(there, memo->sealed);

	if (!is_there(store, memo)) {
		call->reply.verdict = STORE_ABSENT;
		return;
	}
	if (!already && !span_eq(there, memo->was)) {
		call->reply.verdict = STORE_CONFLICT;
		return;
	}
	set(store, memo->mark, memo->sealed, memo->keep_s);
	if (memo->beside.len > 0)
		set(store, memo->beside_mark, memo->beside, memo->beside_keep_s);
	call->reply.verdict = already ? STORE_ALREADY : STORE_OK;
}

static struct mem_bucket *bucket_of(struct memory_store *store, const unsigned char mark[STORE_MARK_BYTES])
{
	struct mem_bucket *added;

	for (size_t i = 0; i < store->buckets.n; i++)
		if (memcmp(store->buckets.at[i].mark, mark, STORE_MARK_BYTES) == 0)
			return &store->buckets.at[i];
	added = MEM_ADD(store->buckets);
	memcpy(added->mark, mark, STORE_MARK_BYTES);
	return added;
}

void mem_bucket(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_bucket *bucket = bucket_of(store, request->bucket->mark);
	double now = (double)store->now_ms * 1000, each = 3.6e9 / request->bucket->per_hour;
	double most = request->bucket->burst * each, full = bucket->full_us;

	full = full < now ? now : full > now + most ? now + most : full;
	full += each;
	if (full - now > most + 0.5) {
		call->reply.verdict = STORE_UNTIMELY;
		call->reply.wait_ms = (uint64_t)((full - now - most + 999) / 1000);
		return;
	}
	bucket->full_us = full;
}
