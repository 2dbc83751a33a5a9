/*
 * The store in memory: the money journal, the vault, failures.
 */
#include "daemon/store/memory_state.h"

#include "daemon/base/hex.h"

#include <stdio.h>

static struct store_head head_of(const struct memory_store *store)
{
	const struct mem_money *last = store->money.n > 0 ? &store->money.at[store->money.n - 1] : NULL;
	struct store_head head = { .seq = store->money.n, .count = store->money.n };

	if (last != NULL) {
		memcpy(head.hash, last->hash, sizeof(head.hash));
		head.at_ms = last->at_ms;
	}
	return head;
}

static bool is_word(struct span text, const char *more)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!plain && (c == '\0' || strchr(more, c) == NULL))
			return false;
	}
	return text.len > 0;
}

/* Takes the text off the front of the rest. */
static bool take(struct span *rest, const char *text)
{
	if (!span_starts(*rest, span_of(text)))
		return false;
	*rest = span_from_offset(*rest, strlen(text));
	return true;
}

/* The record says what stands beside it. */
static bool names(const struct store_money *money, struct arena *arena)
{
	struct span rest = money->record;
	const char *end = arena_printf(arena, ",\"hash\":\"%s\"}", hex_text(arena, money->hash, STORE_HASH_BYTES));
	size_t kind = 0;

	if (!take(&rest, arena_printf(arena, "{\"seq\":\"%llu\",\"prev\":\"%s\",\"at\":\"%lld\",\"kind\":\"",
				      (unsigned long long)money->seq, hex_text(arena, money->prev, STORE_HASH_BYTES),
				      (long long)money->at_ms)))
		return false;
	while (kind < rest.len && ((rest.at[kind] >= 'a' && rest.at[kind] <= 'z') || rest.at[kind] == '_' ||
				   rest.at[kind] == '.'))
		kind++;
	rest = span_from_offset(rest, kind);
	return kind > 0 &&
	       take(&rest, arena_printf(arena, "\",\"key\":\"%.*s\",\"print\":\"%s\",", (int)money->key.len, money->key.at,
					hex_text(arena, money->print, STORE_HASH_BYTES))) &&
	       rest.len >= strlen(end) && span_is(span_from_offset(rest, rest.len - strlen(end)), end);
}

static const struct mem_money *used(const struct memory_store *store, struct span key)
{
	for (size_t i = 0; i < store->money.n; i++)
		if (span_eq(store->money.at[i].key, key))
			return &store->money.at[i];
	return NULL;
}

static enum store_verdict verdict_of(struct memory_store *store, const struct store_request *request,
				     const struct store_head *head, uint64_t *rev)
{
	const struct store_money *money = request->money;
	const struct mem_money *same = used(store, money->key);
	int64_t off_ms = money->at_ms - store->now_ms;

	*rev = same != NULL ? same->seq : 0;
	if (same != NULL)
		return memcmp(same->print, money->print, STORE_HASH_BYTES) == 0 ? STORE_ALREADY : STORE_COLLISION;
	if (request->job != NULL && mem_fenced(store, STORE_MONEY_SHARD, request))
		return STORE_FENCED;
	if (money->seq != head->seq + 1 || memcmp(money->prev, head->hash, STORE_HASH_BYTES) != 0)
		return STORE_CONFLICT;
	if (money->at_ms < head->at_ms || off_ms > STORE_MONEY_SKEW_MS || off_ms < -STORE_MONEY_SKEW_MS)
		return STORE_UNTIMELY;
	*rev = money->seq;
	return STORE_OK;
}

static void append(struct memory_store *store, const struct store_money *money)
{
	struct mem_money *added = MEM_ADD(store->money);

	added->seq = money->seq;
	added->at_ms = money->at_ms;
	memcpy(added->hash, money->hash, STORE_HASH_BYTES);
	memcpy(added->print, money->print, STORE_HASH_BYTES);
	added->key = arena_dup(&store->arena, money->key);
	added->record = arena_dup(&store->arena, money->record);
}

void mem_money_append(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_head head = head_of(store);

	if (!is_word(request->money->key, "._:-") || !names(request->money, &call->arena)) {
		call->reply.outcome = STORE_BROKEN;
		return;
	}
	call->reply.now_ms = store->now_ms;
	call->reply.verdict = verdict_of(store, request, &head, &call->reply.rev);
	if (call->reply.verdict == STORE_OK)
		append(store, request->money);
	call->reply.head = head_of(store);
}

void mem_money_read(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->head = head_of(store);
	reply->now_ms = store->now_ms;
	reply->events = arena_array(&call->arena, struct store_event, request->max);
	for (size_t i = 0; i < store->money.n && reply->nevents < request->max; i++)
		if (store->money.at[i].seq >= request->from)
			reply->events[reply->nevents++] = (struct store_event){ .number = store->money.at[i].seq,
										.json = store->money.at[i].record };
}

/* --- the vault ----------------------------------------------------------------------- */

static struct mem_sealed *sealed_find(struct memory_store *store, struct span token)
{
	for (size_t i = 0; i < store->vault.n; i++)
		if (!store->vault.at[i].gone && span_eq(store->vault.at[i].token, token))
			return &store->vault.at[i];
	return NULL;
}

void mem_vault_put(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_sealed *there = sealed_find(store, request->token);

	if (!is_word(request->token, "_-")) {
		call->reply.outcome = STORE_BROKEN;
		return;
	}
	if (there != NULL) {
		call->reply.verdict = span_eq(there->sealed, request->sealed) ? STORE_ALREADY : STORE_COLLISION;
		return;
	}
	there = MEM_ADD(store->vault);
	there->token = arena_dup(&store->arena, request->token);
	there->sealed = arena_dup(&store->arena, request->sealed);
}

void mem_vault_get(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct mem_sealed *there = sealed_find(store, request->token);

	if (there == NULL)
		call->reply.verdict = STORE_ABSENT;
	else
		call->reply.vault = there->sealed;
}

void mem_vault_drop(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_sealed *there = sealed_find(store, request->token);

	if (there == NULL)
		call->reply.verdict = STORE_ABSENT;
	else
		there->gone = true;
}

/* --- failures -------------------------------------------------------------------------- */

static struct mem_failures *failures_of(struct memory_store *store, const unsigned char mark[STORE_MARK_BYTES])
{
	struct mem_failures *added;

	for (size_t i = 0; i < store->failures.n; i++)
		if (memcmp(store->failures.at[i].mark, mark, STORE_MARK_BYTES) == 0)
			return &store->failures.at[i];
	added = MEM_ADD(store->failures);
	memcpy(added->mark, mark, STORE_MARK_BYTES);
	return added;
}

static int64_t try_wait_ms(const struct store_try *try, unsigned count)
{
	unsigned more = count < try->free ? 0 : count - try->free + 1;
	uint64_t seconds = more == 0 ? 0 : more < 32 ? UINT64_C(1) << more : try->wait_max_s;

	return 1000 * (int64_t)(seconds < try->wait_max_s ? seconds : try->wait_max_s);
}

/* Never full: what gives way in Redis is the server's own limit. */
void mem_try(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_try *try = request->try;
	struct mem_failures *at = failures_of(store, try->mark);
	int64_t early_ms;

	if (at->count == 0 || store->now_ms - at->first_ms >= (int64_t)try->period_s * 1000) {
		at->count = 0;
		at->first_ms = store->now_ms;
	}
	early_ms = at->count > 0 ? at->last_ms + try_wait_ms(try, at->count) - store->now_ms : 0;
	call->reply.count = at->count;
	if (at->count >= try->max) {
		call->reply.verdict = STORE_CONFLICT;
	} else if (early_ms > 0) {
		call->reply.verdict = STORE_UNTIMELY;
		call->reply.wait_ms = (uint64_t)early_ms;
	} else {
		call->reply.count = ++at->count;
		at->last_ms = store->now_ms;
	}
}
