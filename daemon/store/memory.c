/*
 * The store in memory, for tests: the same verdicts as redis.c, written on its
 * own, so that each can be held against the other (tests/contract).
 *
 * Everything lives in one arena and in plain arrays that are searched from the
 * front; its clock is moved by hand. Not for production: it forgets.
 */
#include "daemon/store/store.h"

#include "daemon/loop/loop.h"
#include "daemon/store/calls.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define REMEMBERED_MS (86400 * 1000LL)
#define PART_WHOLE_MS 10000

struct mem_tip {
	struct store_row row;
	size_t messages_size;
};

struct mem_event {
	char shard[3];
	struct store_event event;
};

struct mem_region {
	char shard[3];
	char region[7];
};

struct mem_request {
	unsigned char mark[STORE_MARK_BYTES];
	unsigned char digest[STORE_MARK_BYTES];
	struct span answer;
	int64_t until_ms;
};

struct mem_key {
	char shard[3];
	struct store_data_key key;
};

struct mem_item {
	char shard[3];
	struct store_item item;
	int64_t due_ms;
	bool gone;
};

struct mem_part {
	unsigned char digest[8];
	struct span sealed;
	bool there;
};

struct mem_group {
	unsigned char group[STORE_MARK_BYTES];
	unsigned total;
	int64_t due_ms;
	bool done;
	int64_t forget_ms;
	struct tip_id tip;
	struct mem_part parts[256];
	size_t nparts;
};

struct mem_job {
	char shard[3];
	char name[32];
	struct span holder;
	int64_t until_ms;
	uint64_t fence;
};

/* A growing array: pointer, count, room. */
#define MEM_ARRAY(type) \
	struct { \
		type *at; \
		size_t n, size; \
	}

struct memory_store {
	struct store base;
	struct loop *loop;
	struct arena arena;
	int64_t now_ms;
	MEM_ARRAY(struct mem_tip) tips;
	MEM_ARRAY(struct mem_event) events;
	MEM_ARRAY(struct mem_region) regions;
	MEM_ARRAY(struct mem_request) requests;
	MEM_ARRAY(struct mem_key) keys;
	MEM_ARRAY(struct mem_item) items;
	MEM_ARRAY(struct mem_group) groups;
	MEM_ARRAY(struct mem_job) jobs;
	struct mem_call *pending;
};

struct mem_call {
	struct memory_store *store;
	struct store_wait wait;
	struct arena arena;
	struct store_reply reply;
	struct mem_call *next;
	bool dropped;  /* answered by memory_free() */
};

static void *grown(void *at, size_t *size, size_t n, size_t each)
{
	if (n < *size)
		return at;
	*size = *size > 0 ? 2 * *size : 16;
	at = realloc(at, *size * each);
	assert(at != NULL);
	return at;
}

/* A new zeroed element at the end. */
#define MEM_ADD(array) \
	((array).at = grown((array).at, &(array).size, (array).n, sizeof(*(array).at)), \
	 memset(&(array).at[(array).n], 0, sizeof(*(array).at)), &(array).at[(array).n++])

static bool same_shard(const char *a, const char *b)
{
	return memcmp(a, b, 2) == 0;
}

static void shard_set(char shard[3], const char *from)
{
	memcpy(shard, from, 2);
	shard[2] = '\0';
}

static bool is_zero(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* --- journal and small things ------------------------------------------------------------ */

static uint64_t mem_append(struct memory_store *store, const char *shard, struct store_event event)
{
	uint64_t number = 1;
	struct mem_event *added;

	for (size_t i = 0; i < store->events.n; i++)
		if (same_shard(store->events.at[i].shard, shard))
			number++;
	added = MEM_ADD(store->events);
	shard_set(added->shard, shard);
	added->event = (struct store_event){
		.number = number,
		.json = arena_dup(&store->arena, event.json),
		.fingerprint = arena_dup(&store->arena, event.fingerprint),
		.commitment = arena_dup(&store->arena, event.commitment),
	};
	return number;
}

static struct span json_with(struct arena *arena, struct span event, const char *name, uint64_t value)
{
	return span_of(arena_printf(arena, "%.*s,\"%s\":%llu}", (int)event.len - 1, event.at, name,
				    (unsigned long long)value));
}

static void mem_region_add(struct memory_store *store, const char *shard, const char *region)
{
	struct mem_region *added;

	for (size_t i = 0; i < store->regions.n; i++)
		if (strcmp(store->regions.at[i].region, region) == 0 && same_shard(store->regions.at[i].shard, shard))
			return;
	added = MEM_ADD(store->regions);
	shard_set(added->shard, shard);
	memcpy(added->region, region, sizeof(added->region));
}

static void mem_key_add(struct memory_store *store, const char *shard, const struct store_data_key *key)
{
	struct mem_key *added;

	if (is_zero(key->id, sizeof(key->id)))
		return;
	for (size_t i = 0; i < store->keys.n; i++)
		if (same_shard(store->keys.at[i].shard, shard) &&
		    memcmp(store->keys.at[i].key.id, key->id, sizeof(key->id)) == 0)
			return;
	added = MEM_ADD(store->keys);
	shard_set(added->shard, shard);
	added->key = *key;
	added->key.sealed = arena_dup(&store->arena, key->sealed);
}

static void mem_item_add(struct memory_store *store, const char *shard, uint64_t number, struct span payload)
{
	struct mem_item *added;

	if (span_empty(payload))
		return;
	added = MEM_ADD(store->items);
	shard_set(added->shard, shard);
	added->item.id = span_of(arena_printf(&store->arena, "%llu", (unsigned long long)number));
	added->item.payload = arena_dup(&store->arena, payload);
	added->due_ms = store->now_ms;
}

static struct mem_tip *mem_find(struct memory_store *store, const struct tip_id *id)
{
	for (size_t i = 0; i < store->tips.n; i++)
		if (strcmp(store->tips.at[i].row.id.text, id->text) == 0)
			return &store->tips.at[i];
	return NULL;
}

static void mem_message(struct memory_store *store, struct mem_tip *tip, struct span message)
{
	struct store_row *row = &tip->row;

	row->messages = grown(row->messages, &tip->messages_size, row->nmessages, sizeof(struct span));
	row->messages[row->nmessages++] = arena_dup(&store->arena, message);
}

/* --- accept --------------------------------------------------------------------------------- */

static const struct mem_request *mem_request_find(struct memory_store *store, const unsigned char *mark)
{
	for (size_t i = store->requests.n; i > 0; i--)
		if (memcmp(store->requests.at[i - 1].mark, mark, STORE_MARK_BYTES) == 0)
			return store->requests.at[i - 1].until_ms > store->now_ms ? &store->requests.at[i - 1] : NULL;
	return NULL;
}

static void mem_request_add(struct memory_store *store, const struct store_tip *tip)
{
	struct mem_request *added;

	if (is_zero(tip->request_mark, sizeof(tip->request_mark)))
		return;
	added = MEM_ADD(store->requests);
	memcpy(added->mark, tip->request_mark, sizeof(added->mark));
	memcpy(added->digest, tip->request_digest, sizeof(added->digest));
	added->answer = arena_dup(&store->arena, tip->answer);
	added->until_ms = store->now_ms + 1000LL * tip->answer_ttl_s;
}

static bool mem_accept_refused(struct memory_store *store, const struct store_tip *tip, struct store_accepted *out)
{
	const struct mem_tip *old = mem_find(store, &tip->id);
	const struct mem_request *request = NULL;

	/* Before the id: a redelivery draws the same id again, and must get its first answer. */
	if (!is_zero(tip->request_mark, sizeof(tip->request_mark)))
		request = mem_request_find(store, tip->request_mark);
	if (request != NULL) {
		out->verdict = STORE_REPEATED;
		out->answer = request->answer;
		memcpy(out->digest, request->digest, sizeof(out->digest));
		return true;
	}
	if (old != NULL) {
		bool same = memcmp(old->row.receipt_mark, tip->receipt_mark, STORE_MARK_BYTES) == 0;

		out->verdict = same ? STORE_ALREADY : STORE_COLLISION;
		out->rev = same ? old->row.rev : 0;
	}
	return old != NULL;
}

static void mem_accept_one(struct memory_store *store, const struct store_tip *tip, struct span event,
			   struct store_accepted *out)
{
	struct mem_tip *added;

	if (mem_accept_refused(store, tip, out))
		return;
	out->verdict = STORE_OK;
	out->rev = mem_append(store, tip->id.text,
			      (struct store_event){ .json = event,
						    .fingerprint = tip->fingerprint,
						    .commitment = tip->commitment });
	added = MEM_ADD(store->tips);
	added->row = (struct store_row){ .id = tip->id,
					 .state = TIP_QUEUED,
					 .rev = out->rev,
					 .points = tip->points,
					 .received_ms = tip->received_ms,
					 .sealed = arena_dup(&store->arena, tip->sealed),
					 .identity = arena_dup(&store->arena, tip->identity) };
	memcpy(added->row.region, tip->region, sizeof(tip->region));
	memcpy(added->row.receipt_mark, tip->receipt_mark, STORE_MARK_BYTES);
	mem_region_add(store, tip->id.text, tip->region);
	mem_key_add(store, tip->id.text, &tip->data_key);
	mem_request_add(store, tip);
	mem_item_add(store, tip->id.text, out->rev, tip->outbox);
}

static void mem_accept(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_accepted *out = arena_array(&call->arena, struct store_accepted, request->ntips);

	call->reply.accepted = out;
	call->reply.naccepted = request->ntips;
	for (size_t i = 0; i < request->ntips; i++)
		mem_accept_one(store, &request->tips[i], request->tips[i].event, &out[i]);
}

static void mem_receive(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_accepted *out = arena_new(&call->arena, struct store_accepted);
	struct span event = request->tips[0].event;

	call->reply.accepted = out;
	call->reply.naccepted = 1;
	if (request->nmessages > 0)
		event = json_with(&call->arena, event, "messages", request->nmessages);
	mem_accept_one(store, &request->tips[0], event, out);
	if (out->verdict != STORE_OK)
		return;
	for (size_t i = 0; i < request->nmessages; i++)
		mem_message(store, mem_find(store, &request->tips[0].id), request->messages[i]);
}

/* --- one tip ---------------------------------------------------------------------------------- */

static void mem_read(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct mem_tip *tip = mem_find(store, &request->id);

	if (tip == NULL) {
		call->reply.verdict = STORE_ABSENT;
		return;
	}
	call->reply.rows = arena_new(&call->arena, struct store_row);
	call->reply.nrows = 1;
	call->reply.rows[0] = tip->row;
	call->reply.rows[0].messages = arena_array(&call->arena, struct span, tip->row.nmessages);
	for (size_t i = 0; i < tip->row.nmessages; i++)
		call->reply.rows[0].messages[i] = tip->row.messages[i];
	if (!request->identity)
		call->reply.rows[0].identity = (struct span){ 0 };
}

/* The last event of the tip is this very change: it came before and its answer got lost. */
static bool mem_is_last(struct memory_store *store, const struct mem_tip *tip, const struct store_change *change)
{
	for (size_t i = 0; i < store->events.n; i++) {
		const struct mem_event *at = &store->events.at[i];
		struct span head = span_from(change->event.at, change->event.len - 1);

		if (!same_shard(at->shard, tip->row.id.text) || at->event.number != tip->row.rev)
			continue;
		return span_starts(at->event.json, head) &&
		       (at->event.json.at[head.len] == '}' || at->event.json.at[head.len] == ',') &&
		       (span_empty(change->message) ||
			(tip->row.nmessages > 0 &&
			 span_eq(tip->row.messages[tip->row.nmessages - 1], change->message)));
	}
	return false;
}

static bool is_held(enum tip_state state)
{
	return state == TIP_CLAIMED || state == TIP_VERIFIED;
}

static struct span mem_change_event(struct memory_store *store, const struct store_change *change,
				    const struct mem_tip *tip, struct arena *arena)
{
	struct span event = change->event;

	if (!span_empty(change->message))
		event = json_with(arena, event, "messages", tip->row.nmessages + 1);
	if (is_held(change->state) && change->lease_ms > 0)
		event = json_with(arena, event, "until", (uint64_t)store->now_ms + change->lease_ms);
	return event;
}

static void mem_change_apply(struct memory_store *store, const struct store_change *change, struct mem_tip *tip)
{
	struct store_row *row = &tip->row;

	row->state = change->state;
	memcpy(row->region, change->region, sizeof(row->region));
	row->points = change->points;
	row->holder = arena_dup(&store->arena, change->holder);
	if (!is_held(change->state))
		row->lease_until_ms = 0;
	else if (change->lease_ms > 0)
		row->lease_until_ms = store->now_ms + change->lease_ms;
	if (change->state == TIP_QUEUED)
		mem_region_add(store, change->id.text, change->region);
	if (!span_empty(change->message))
		mem_message(store, tip, change->message);
	if (!span_empty(change->sealed))
		row->sealed = arena_dup(&store->arena, change->sealed);
	mem_key_add(store, change->id.text, &change->data_key);
	mem_item_add(store, change->id.text, row->rev, change->outbox);
}

static void mem_change(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_change *change = request->change;
	struct mem_tip *tip = mem_find(store, &change->id);

	call->reply.now_ms = store->now_ms;
	if (tip == NULL) {
		call->reply.verdict = STORE_ABSENT;
		return;
	}
	call->reply.rev = tip->row.rev;
	if (tip->row.rev != change->expect_rev) {
		bool same = tip->row.rev > change->expect_rev && mem_is_last(store, tip, change);

		call->reply.verdict = same ? STORE_ALREADY : STORE_CONFLICT;
		return;
	}
	if (is_held(change->state) != !span_empty(change->holder) ||
	    (is_held(change->state) && change->lease_ms == 0 && !is_held(tip->row.state))) {
		call->reply.outcome = STORE_BROKEN;
		return;
	}
	tip->row.rev = call->reply.rev = mem_append(
		store, change->id.text,
		(struct store_event){ .json = mem_change_event(store, change, tip, &call->arena) });
	mem_change_apply(store, change, tip);
}

/* --- queues and leases -------------------------------------------------------------------------- */

static bool waits_in(const struct mem_tip *tip, const char *shard, const char (*regions)[7], size_t nregions)
{
	if (tip->row.state != TIP_QUEUED || !same_shard(tip->row.id.text, shard))
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

		if (waits_in(tip, claim->shard, claim->regions, claim->nregions) &&
		    (best == NULL || goes_before(tip, best)))
			best = tip;
	}
	return best;
}

static void mem_claim_one(struct memory_store *store, const struct store_claim *claim, struct mem_tip *tip,
			  struct arena *arena)
{
	struct span by = store_actor_json(arena, claim->holder);
	const char *event;

	tip->row.state = TIP_CLAIMED;
	tip->row.holder = arena_dup(&store->arena, claim->holder);
	tip->row.lease_until_ms = store->now_ms + claim->lease_ms;
	event = arena_printf(arena, "{\"e\":\"claimed\",\"id\":\"%s\",\"at\":%lld,\"by\":%.*s,\"until\":%lld}",
			     tip->row.id.text, (long long)store->now_ms, (int)by.len, by.at,
			     (long long)tip->row.lease_until_ms);
	tip->row.rev = mem_append(store, claim->shard, (struct store_event){ .json = span_of(event) });
}

static struct store_row row_without_more(const struct mem_tip *tip)
{
	struct store_row row = tip->row;

	row.messages = NULL;
	row.identity = (struct span){ 0 };
	return row;
}

static void mem_claim(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_claim *claim = request->claim;
	struct mem_tip *tip;

	call->reply.now_ms = store->now_ms;
	call->reply.rows = arena_array(&call->arena, struct store_row, claim->max);
	while (call->reply.nrows < claim->max && (tip = mem_best(store, claim)) != NULL) {
		mem_claim_one(store, claim, tip, &call->arena);
		call->reply.rows[call->reply.nrows++] = row_without_more(tip);
	}
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct store_row *)a)->id.text, ((const struct store_row *)b)->id.text);
}

static void mem_held(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->now_ms = store->now_ms;
	reply->rows = arena_array(&call->arena, struct store_row, store->tips.n);
	for (size_t i = 0; i < store->tips.n; i++) {
		const struct mem_tip *tip = &store->tips.at[i];

		if (is_held(tip->row.state) && span_eq(tip->row.holder, request->holder) &&
		    same_shard(tip->row.id.text, request->shard))
			reply->rows[reply->nrows++] = row_without_more(tip);
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

static void mem_queues(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->queues = arena_array(&call->arena, struct store_queue, store->regions.n);
	for (size_t i = 0; i < store->regions.n; i++) {
		const struct mem_region *region = &store->regions.at[i];
		struct store_claim only = { .regions = &region->region, .nregions = 1 };
		struct store_queue *queue = &reply->queues[reply->nqueues];

		if (!same_shard(region->shard, request->shard))
			continue;
		reply->nqueues++;
		shard_set(only.shard, request->shard);
		memcpy(queue->region, region->region, sizeof(queue->region));
		for (size_t t = 0; t < store->tips.n; t++) {
			const struct store_row *row = &store->tips.at[t].row;

			if (strcmp(row->region, region->region) != 0 || !same_shard(row->id.text, request->shard))
				continue;
			queue->waiting += row->state == TIP_QUEUED;
			queue->held += is_held(row->state);
		}
		mem_queue_head(store, queue, &only);
	}
	qsort(reply->queues, reply->nqueues, sizeof(struct store_queue), by_region);
}

static struct mem_job *mem_job_find(struct memory_store *store, const char *shard, const char *name)
{
	for (size_t i = 0; i < store->jobs.n; i++)
		if (same_shard(store->jobs.at[i].shard, shard) && strcmp(store->jobs.at[i].name, name) == 0)
			return &store->jobs.at[i];
	return NULL;
}

static bool mem_fenced(struct memory_store *store, const struct store_request *request)
{
	const struct mem_job *job = mem_job_find(store, request->shard, request->job);

	return job == NULL || job->fence != request->fence;
}

/* The lease that ran out first; ties by id, as a sorted set keeps them. */
static struct mem_tip *mem_overdue(struct memory_store *store, const char *shard)
{
	struct mem_tip *first = NULL;

	for (size_t i = 0; i < store->tips.n; i++) {
		struct mem_tip *tip = &store->tips.at[i];
		int64_t until = tip->row.lease_until_ms;

		if (until == 0 || until > store->now_ms || !same_shard(tip->row.id.text, shard))
			continue;
		if (first == NULL || until < first->row.lease_until_ms ||
		    (until == first->row.lease_until_ms && strcmp(tip->row.id.text, first->row.id.text) < 0))
			first = tip;
	}
	return first;
}

static void mem_expire(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_tip *tip;

	if (mem_fenced(store, request)) {
		call->reply.verdict = STORE_FENCED;
		return;
	}
	call->reply.now_ms = store->now_ms;
	while (call->reply.count < request->max && (tip = mem_overdue(store, request->shard)) != NULL) {
		const char *event = arena_printf(
			&call->arena, "{\"e\":\"lease_expired\",\"id\":\"%s\",\"at\":%lld,\"region\":\"%s\"}",
			tip->row.id.text, (long long)store->now_ms, tip->row.region);

		tip->row.state = TIP_QUEUED;
		tip->row.lease_until_ms = 0;
		tip->row.holder = (struct span){ 0 };
		tip->row.rev = mem_append(store, request->shard, (struct store_event){ .json = span_of(event) });
		call->reply.count++;
	}
}

static void mem_data_keys(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->data_keys = arena_array(&call->arena, struct store_data_key, request->nkey_ids);
	for (size_t i = 0; i < request->nkey_ids; i++)
		for (size_t k = 0; k < store->keys.n; k++)
			if (same_shard(store->keys.at[k].shard, request->shard) &&
			    memcmp(store->keys.at[k].key.id, request->key_ids[i], STORE_DATA_KEY_ID_BYTES) == 0)
				reply->data_keys[reply->ndata_keys++] = store->keys.at[k].key;
}

/* --- parts ------------------------------------------------------------------------------------------ */

static struct mem_group *mem_group_find(struct memory_store *store, const unsigned char *group)
{
	for (size_t i = 0; i < store->groups.n; i++) {
		struct mem_group *at = &store->groups.at[i];

		if (memcmp(at->group, group, STORE_MARK_BYTES) == 0 &&
		    (!at->done || at->forget_ms > store->now_ms))
			return at;
	}
	return NULL;
}

static void mem_group_show(const struct mem_group *group, struct arena *arena, struct store_parts *out)
{
	memcpy(out->group, group->group, sizeof(out->group));
	out->total = group->total;
	out->parts = arena_array(arena, struct store_item, group->nparts);
	for (unsigned number = 1; number <= group->total; number++) {
		if (!group->parts[number].there)
			continue;
		out->parts[out->nparts].number = number;
		out->parts[out->nparts++].payload = group->parts[number].sealed;
	}
}

static enum store_verdict mem_part_judge(const struct mem_group *group, const struct store_part *part)
{
	const struct mem_part *old = &group->parts[part->number];

	if (old->there)
		return memcmp(old->digest, part->digest, sizeof(old->digest)) == 0 ? STORE_ALREADY : STORE_COLLISION;
	if (group->total != part->total)
		return STORE_COLLISION;
	return group->done ? STORE_CONFLICT : STORE_OK;
}

static struct mem_group *mem_group_new(struct memory_store *store, const struct store_part *part)
{
	struct mem_group *group = MEM_ADD(store->groups);

	memcpy(group->group, part->group, sizeof(group->group));
	group->total = part->total;
	group->due_ms = store->now_ms + part->timeout_ms;
	return group;
}

static void mem_part(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_part *part = request->part;
	struct mem_group *group = mem_group_find(store, part->group);
	struct store_reply *reply = &call->reply;

	if (group == NULL)
		group = mem_group_new(store, part);
	reply->verdict = mem_part_judge(group, part);
	if (reply->verdict == STORE_CONFLICT) {
		reply->rows = arena_new(&call->arena, struct store_row);
		reply->nrows = 1;
		reply->rows[0].id = group->tip;
	}
	if (reply->verdict != STORE_OK)
		return;
	group->parts[part->number].there = true;
	memcpy(group->parts[part->number].digest, part->digest, sizeof(part->digest));
	group->parts[part->number].sealed = arena_dup(&store->arena, part->sealed);
	if (++group->nparts < group->total)
		return;
	group->due_ms = store->now_ms + PART_WHOLE_MS;
	reply->groups = arena_new(&call->arena, struct store_parts);
	reply->ngroups = 1;
	mem_group_show(group, &call->arena, reply->groups);
}

static struct mem_group *mem_group_due(struct memory_store *store)
{
	struct mem_group *first = NULL;

	for (size_t i = 0; i < store->groups.n; i++) {
		struct mem_group *at = &store->groups.at[i];

		if (at->done || at->due_ms > store->now_ms)
			continue;
		if (first == NULL || at->due_ms < first->due_ms ||
		    (at->due_ms == first->due_ms && memcmp(at->group, first->group, STORE_MARK_BYTES) < 0))
			first = at;
	}
	return first;
}

static void mem_parts_due(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_group *group;

	call->reply.groups = arena_array(&call->arena, struct store_parts, request->max);
	while (call->reply.ngroups < request->max && (group = mem_group_due(store)) != NULL) {
		mem_group_show(group, &call->arena, &call->reply.groups[call->reply.ngroups++]);
		group->due_ms = store->now_ms + request->lease_ms;
	}
}

static void mem_parts_done(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_group *group = mem_group_find(store, request->part->group);

	if (group == NULL)
		call->reply.verdict = STORE_ABSENT;
	else if (group->done)
		call->reply.verdict = STORE_ALREADY;
	if (group == NULL || group->done)
		return;
	group->done = true;
	group->tip = request->id;
	group->forget_ms = store->now_ms + REMEMBERED_MS;
}

/* --- outbox, jobs, journal --------------------------------------------------------------------------- */

static bool due_before(const struct mem_item *a, const struct mem_item *b)
{
	size_t n = a->item.id.len < b->item.id.len ? a->item.id.len : b->item.id.len;
	int order = memcmp(a->item.id.at, b->item.id.at, n);

	if (a->due_ms != b->due_ms)
		return a->due_ms < b->due_ms;
	return order != 0 ? order < 0 : a->item.id.len < b->item.id.len;
}

static struct mem_item *mem_item_due(struct memory_store *store, const char *shard)
{
	struct mem_item *first = NULL;

	for (size_t i = 0; i < store->items.n; i++) {
		struct mem_item *at = &store->items.at[i];

		if (at->gone || at->due_ms > store->now_ms || !same_shard(at->shard, shard))
			continue;
		if (first == NULL || due_before(at, first))
			first = at;
	}
	return first;
}

static void mem_outbox_due(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_item *item;

	if (mem_fenced(store, request)) {
		call->reply.verdict = STORE_FENCED;
		return;
	}
	call->reply.items = arena_array(&call->arena, struct store_item, request->max);
	while (call->reply.nitems < request->max && (item = mem_item_due(store, request->shard)) != NULL) {
		call->reply.items[call->reply.nitems++] = item->item;
		item->item.attempts++;
		item->due_ms = store->now_ms + request->lease_ms;
	}
}

static struct mem_item *mem_item_find(struct memory_store *store, const char *shard, struct span id)
{
	for (size_t i = 0; i < store->items.n; i++)
		if (!store->items.at[i].gone && same_shard(store->items.at[i].shard, shard) &&
		    span_eq(store->items.at[i].item.id, id))
			return &store->items.at[i];
	return NULL;
}

static void mem_outbox_end(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_outbox_end *end = request->outbox_end;
	struct mem_item *item = mem_item_find(store, request->shard, end->item);

	if (item == NULL) {
		call->reply.verdict = STORE_ABSENT;
		return;
	}
	if (end->end == OUTBOX_LATER) {
		item->due_ms = store->now_ms + end->delay_ms;
		return;
	}
	item->gone = true;
	if (!span_empty(end->event))
		mem_append(store, request->shard, (struct store_event){ .json = end->event });
}

static struct mem_job *mem_job_new(struct memory_store *store, const struct store_request *request)
{
	struct mem_job *job = MEM_ADD(store->jobs);

	shard_set(job->shard, request->shard);
	snprintf(job->name, sizeof(job->name), "%s", request->job);
	return job;
}

static void mem_job_lease(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_job *job = mem_job_find(store, request->shard, request->job);

	call->reply.now_ms = store->now_ms;
	if (job == NULL)
		job = mem_job_new(store, request);
	if (!span_eq(job->holder, request->holder)) {
		if (job->until_ms > store->now_ms) {
			call->reply.verdict = STORE_FENCED;
			call->reply.fence = job->fence;
			return;
		}
		job->fence++;
	}
	job->holder = arena_dup(&store->arena, request->holder);
	job->until_ms = store->now_ms + request->lease_ms;
	call->reply.fence = job->fence;
}

static void mem_journal(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->events = arena_array(&call->arena, struct store_event, store->events.n);
	for (size_t i = 0; i < store->events.n && reply->nevents < request->max; i++)
		if (same_shard(store->events.at[i].shard, request->shard) &&
		    store->events.at[i].event.number >= request->from)
			reply->events[reply->nevents++] = store->events.at[i].event;
}

static void mem_health(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	(void)request;
	call->reply.health.memory_bytes = store->arena.used;
	snprintf(call->reply.health.weakness, sizeof(call->reply.health.weakness), "in memory");
	snprintf(call->reply.health.version, sizeof(call->reply.health.version), "memory");
}

static void (*const operations[STORE_OPS])(struct memory_store *, const struct store_request *, struct mem_call *) = {
	[STORE_ACCEPT] = mem_accept,         [STORE_READ] = mem_read,
	[STORE_CHANGE] = mem_change,         [STORE_CLAIM] = mem_claim,
	[STORE_HELD] = mem_held,             [STORE_QUEUES] = mem_queues,
	[STORE_EXPIRE] = mem_expire,         [STORE_DATA_KEYS] = mem_data_keys,
	[STORE_PART] = mem_part,             [STORE_PARTS_DUE] = mem_parts_due,
	[STORE_PARTS_DONE] = mem_parts_done, [STORE_OUTBOX_DUE] = mem_outbox_due,
	[STORE_OUTBOX_END] = mem_outbox_end, [STORE_RECEIVE] = mem_receive,
	[STORE_JOB_LEASE] = mem_job_lease,   [STORE_JOURNAL] = mem_journal,
	[STORE_HEALTH] = mem_health,
};

/* --- the door ------------------------------------------------------------------------------------------- */

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
	for (size_t i = 0; i < store->tips.n; i++)
		free(store->tips.at[i].row.messages);
	free(store->tips.at);
	free(store->events.at);
	free(store->regions.at);
	free(store->requests.at);
	free(store->keys.at);
	free(store->items.at);
	free(store->groups.at);
	free(store->jobs.at);
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
