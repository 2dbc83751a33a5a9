/*
 * The store in memory, for tests: the same verdicts as redis.c, written on its
 * own, so that each can be held against the other (tests/contract).
 *
 * Everything lives in one arena and in plain arrays that are searched from the
 * front; its clock is moved by hand. Not for production: it forgets.
 */
#include "daemon/store/memory_state.h"

#include "daemon/loop/loop.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void *mem_grown(void *at, size_t *size, size_t n, size_t each)
{
	if (n < *size)
		return at;
	*size = *size > 0 ? 2 * *size : 16;
	at = realloc(at, *size * each);
	assert(at != NULL);
	return at;
}

bool mem_same_shard(const char *a, const char *b)
{
	return memcmp(a, b, 2) == 0;
}

void mem_shard_set(char shard[3], const char *from)
{
	memcpy(shard, from, 2);
	shard[2] = '\0';
}

bool mem_is_zero(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

uint64_t mem_append(struct memory_store *store, const char *shard, struct store_event event)
{
	uint64_t number = 1;
	struct mem_event *added;

	for (size_t i = 0; i < store->events.n; i++)
		if (mem_same_shard(store->events.at[i].shard, shard))
			number++;
	added = MEM_ADD(store->events);
	mem_shard_set(added->shard, shard);
	added->event = (struct store_event){
		.number = number,
		.json = arena_dup(&store->arena, event.json),
		.fingerprint = arena_dup(&store->arena, event.fingerprint),
		.commitment = arena_dup(&store->arena, event.commitment),
		.seed = arena_dup(&store->arena, event.seed),
		.example = arena_dup(&store->arena, event.example),
	};
	return number;
}

uint64_t mem_append_of(struct memory_store *store, const struct mem_tip *tip, struct store_event event)
{
	event.seed = tip->row.seed;
	return mem_append(store, tip->row.id.text, event);
}

struct span mem_json_with(struct arena *arena, struct span event, const char *name, uint64_t value)
{
	return span_of(arena_printf(arena, "%.*s,\"%s\":%llu}", (int)event.len - 1, event.at, name,
				    (unsigned long long)value));
}

void mem_region_add(struct memory_store *store, const char *shard, const char *region)
{
	struct mem_region *added;

	for (size_t i = 0; i < store->regions.n; i++)
		if (strcmp(store->regions.at[i].region, region) == 0 &&
		    mem_same_shard(store->regions.at[i].shard, shard))
			return;
	added = MEM_ADD(store->regions);
	mem_shard_set(added->shard, shard);
	memcpy(added->region, region, sizeof(added->region));
}

void mem_key_add(struct memory_store *store, const char *shard, const struct store_data_key *key)
{
	struct mem_key *added;

	if (mem_is_zero(key->id, sizeof(key->id)))
		return;
	for (size_t i = 0; i < store->keys.n; i++)
		if (mem_same_shard(store->keys.at[i].shard, shard) &&
		    memcmp(store->keys.at[i].key.id, key->id, sizeof(key->id)) == 0)
			return;
	added = MEM_ADD(store->keys);
	mem_shard_set(added->shard, shard);
	added->key = *key;
	added->key.sealed = arena_dup(&store->arena, key->sealed);
}

void mem_item_add(struct memory_store *store, const char *shard, uint64_t number, struct span payload)
{
	struct mem_item *added;

	if (span_empty(payload))
		return;
	added = MEM_ADD(store->items);
	mem_shard_set(added->shard, shard);
	added->item.id = span_of(arena_printf(&store->arena, "%llu", (unsigned long long)number));
	added->item.payload = arena_dup(&store->arena, payload);
	added->due_ms = store->now_ms;
}

void mem_item_revive(struct memory_store *store, const char *shard, struct span id, struct span payload)
{
	struct mem_item *added;

	if (span_empty(payload))
		return;
	added = MEM_ADD(store->items);
	mem_shard_set(added->shard, shard);
	added->item.id = arena_dup(&store->arena, id);
	added->item.payload = arena_dup(&store->arena, payload);
	added->due_ms = store->now_ms;
}

struct mem_tip *mem_find(struct memory_store *store, const struct tip_id *id)
{
	for (size_t i = 0; i < store->tips.n; i++)
		if (strcmp(store->tips.at[i].row.id.text, id->text) == 0)
			return &store->tips.at[i];
	return NULL;
}

bool mem_is_held(enum tip_state state)
{
	return state == TIP_CLAIMED || state == TIP_VERIFIED;
}

struct mem_job *mem_job_find(struct memory_store *store, const char *shard, const char *name)
{
	for (size_t i = 0; i < store->jobs.n; i++)
		if (mem_same_shard(store->jobs.at[i].shard, shard) &&
		    strcmp(store->jobs.at[i].name, name) == 0)
			return &store->jobs.at[i];
	return NULL;
}

bool mem_fenced(struct memory_store *store, const char *shard, const struct store_request *request)
{
	const struct mem_job *job = mem_job_find(store, shard, request->job);

	return job == NULL || job->fence != request->fence;
}

/* --- the door ---------------------------------------------------------------------- */

static void mem_health(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	(void)request;
	call->reply.health.memory_bytes = store->arena.used;
	snprintf(call->reply.health.weakness, sizeof(call->reply.health.weakness), "in memory");
	snprintf(call->reply.health.version, sizeof(call->reply.health.version), "memory");
}

static void (*const operations[STORE_OPS])(struct memory_store *, const struct store_request *,
					   struct mem_call *) = {
	[STORE_ACCEPT] = mem_accept,
	[STORE_READ] = mem_read,
	[STORE_CHANGE] = mem_change,
	[STORE_CLAIM] = mem_claim,
	[STORE_HELD] = mem_held,
	[STORE_QUEUES] = mem_queues,
	[STORE_PAGE] = mem_page,
	[STORE_OVERDUE] = mem_overdue,
	[STORE_ESCALATE] = mem_escalate,
	[STORE_ESCALATED] = mem_escalated,
	[STORE_HOLDERS] = mem_holders,
	[STORE_EXPIRE] = mem_expire,
	[STORE_DATA_KEYS] = mem_data_keys,
	[STORE_DATA_KEY_SWAP] = mem_data_key_swap,
	[STORE_PART] = mem_part,
	[STORE_PARTS_DUE] = mem_parts_due,
	[STORE_PARTS_DONE] = mem_parts_done,
	[STORE_OUTBOX_DUE] = mem_outbox_due,
	[STORE_OUTBOX_END] = mem_outbox_end,
	[STORE_OUTBOX_DEAD] = mem_outbox_dead,
	[STORE_OUTBOX_REVIVE] = mem_outbox_revive,
	[STORE_OUTBOX_PUT] = mem_outbox_put,
	[STORE_RECEIVE] = mem_receive,
	[STORE_JOB_LEASE] = mem_job_lease,
	[STORE_JOB_NOTE] = mem_job_note,
	[STORE_LINK] = mem_link,
	[STORE_CHILDREN] = mem_children,
	[STORE_JOURNAL] = mem_journal,
	[STORE_MONEY_APPEND] = mem_money_append,
	[STORE_MONEY_READ] = mem_money_read,
	[STORE_VAULT_PUT] = mem_vault_put,
	[STORE_VAULT_GET] = mem_vault_get,
	[STORE_VAULT_DROP] = mem_vault_drop,
	[STORE_TRY] = mem_try,
	[STORE_BUCKET] = mem_bucket,
	[STORE_ARCHIVED] = mem_archived,
	[STORE_JOURNAL_TRIM] = mem_journal_trim,
	[STORE_LOG_SEAL] = mem_log_seal,
	[STORE_LOG_READ] = mem_log_read,
	[STORE_AUDIT] = mem_audit,
	[STORE_ENDED] = mem_ended,
	[STORE_ERASE] = mem_erase,
	[STORE_DOOMED] = mem_doomed,
	[STORE_DOOMED_END] = mem_doomed_end,
	[STORE_ERASED] = mem_erased,
	[STORE_MEMO_GET] = mem_memo_get,
	[STORE_MEMO_PUT] = mem_memo_put,
	[STORE_COVER] = mem_cover,
	[STORE_FRONTS] = mem_fronts,
	[STORE_HEALTH] = mem_health,
};

static void mem_answer(void *ctx)
{
	struct mem_call *call = ctx;

	if (!call->dropped) {
		struct mem_call **link = &call->store->pending;

		while (*link != call)
			link = &(*link)->next;
		*link = call->next;
		call->wait.done(call->wait.ctx, &call->reply);
	}
	arena_release(&call->arena);
	free(call);
}

static void memory_submit(struct store *base, const struct store_request *request, struct store_wait wait)
{
	struct memory_store *store = (struct memory_store *)base;
	struct mem_call *call = calloc(1, sizeof(*call));

	assert(call != NULL && request->op < STORE_OPS);
	call->store = store;
	call->wait = wait;
	call->next = store->pending;
	store->pending = call;
	if (store->base.up)
		operations[request->op](store, request, call);
	else
		call->reply.outcome = STORE_NOT_SENT;
	loop_post(store->loop, mem_answer, call);
}

static void memory_free(struct store *base)
{
	struct memory_store *store = (struct memory_store *)base;

	while (store->pending != NULL) {
		struct mem_call *call = store->pending;

		store->pending = call->next;
		call->dropped = true;
		call->wait.done(call->wait.ctx, &call->reply);
	}
	for (size_t i = 0; i < store->tips.n; i++) {
		free(store->tips.at[i].row.messages);
		free(store->tips.at[i].children.at);
	}
	free(store->tips.at);
	free(store->events.at);
	free(store->regions.at);
	free(store->requests.at);
	free(store->keys.at);
	free(store->items.at);
	free(store->letters.at);
	free(store->groups.at);
	free(store->jobs.at);
	free(store->batches.at);
	free(store->money.at);
	free(store->vault.at);
	free(store->failures.at);
	free(store->buckets.at);
	free(store->said.at);
	free(store->segments.at);
	free(store->memos.at);
	free(store->counts.at);
	free(store->doomed.at);
	arena_release(&store->arena);
	free(store);
}

static const struct store_ops memory_ops = {
	.submit = memory_submit,
	.free = memory_free,
};

struct store *store_memory_new(struct loop *loop)
{
	struct memory_store *store = calloc(1, sizeof(*store));

	assert(store != NULL);
	store->base.ops = &memory_ops;
	store->base.up = true;
	store->loop = loop;
	return &store->base;
}

void store_memory_advance(struct store *store, unsigned ms)
{
	((struct memory_store *)store)->now_ms += ms;
}
