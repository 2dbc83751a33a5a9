/*
 * The store in memory: parts of long SMS, outbox, jobs, journal.
 */
#include "daemon/store/memory_state.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"

#include <stdio.h>

#define REMEMBERED_MS (86400 * 1000LL)
#define PART_WHOLE_MS 10000
#define PART_LATE_MS 60000
#define PART_VARIANTS 1000

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

static bool mem_lacks_all(const struct mem_group *tip, const struct mem_group *late)
{
	if (!tip->done || tip->note.len == 0 || tip->total != late->total)
		return false;
	for (unsigned number = 1; number <= late->total; number++)
		if (late->parts[number].there && tip->parts[number].there)
			return false;
	return true;
}

/* The latest tip before this group that lacks all it has. */
static const struct mem_group *mem_late_for(struct memory_store *store, const struct mem_group *group)
{
	const struct mem_group *at = group;

	if (group->nparts >= group->total)
		return NULL;
	for (unsigned i = 0; i < PART_VARIANTS && at != NULL && at->has_before; i++) {
		at = mem_group_find(store, at->before);
		if (at != NULL && mem_lacks_all(at, group))
			return at;
	}
	return NULL;
}

static void mem_group_show(struct memory_store *store, const struct mem_group *group, struct arena *arena,
			   struct store_parts *out)
{
	const struct mem_group *tip = mem_late_for(store, group);

	memcpy(out->group, group->group, sizeof(out->group));
	out->total = group->total;
	if (tip != NULL) {
		out->late = true;
		memcpy(out->late_for, tip->group, sizeof(out->late_for));
		out->late_tip = tip->tip;
		out->late_note = tip->note;
	}
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
		return memcmp(old->digest, part->digest, sizeof(old->digest)) == 0 ? STORE_ALREADY
										   : STORE_COLLISION;
	if (group->total != part->total)
		return STORE_COLLISION;
	if (group->done)
		return STORE_CONFLICT;
	return group->followed ? STORE_COLLISION : STORE_OK;
}

/* The sender's open groups, the oldest of them, and how many there are. */
static struct mem_group *mem_oldest_of(struct memory_store *store, const unsigned char *sender, size_t *n)
{
	struct mem_group *oldest = NULL;

	*n = 0;
	for (size_t i = 0; i < store->groups.n; i++) {
		struct mem_group *at = &store->groups.at[i];

		if (!at->counted || memcmp(at->sender, sender, STORE_MARK_BYTES) != 0)
			continue;
		++*n;
		if (oldest == NULL)
			oldest = at;
	}
	return oldest;
}

static struct mem_group *mem_group_new(struct memory_store *store, const struct store_part *part)
{
	struct mem_group *group = MEM_ADD(store->groups), *before, *oldest;
	size_t n;

	memcpy(group->group, part->group, sizeof(group->group));
	memcpy(group->sender, part->sender, sizeof(group->sender));
	group->total = part->total;
	group->counted = true;
	group->has_before = part->before != NULL;
	if (part->before != NULL) {
		memcpy(group->before, part->before, sizeof(group->before));
		before = mem_group_find(store, part->before);
		if (before != NULL)
			before->followed = true;
	}
	oldest = mem_oldest_of(store, part->sender, &n);
	if (n > part->open_max) {
		oldest->counted = false;
		oldest->due_ms = store->now_ms;
	}
	return group;
}

static void mem_part_deadline(struct memory_store *store, struct mem_group *group, const struct store_part *part, bool begins)
{
	bool late = mem_late_for(store, group) != NULL;

	if (begins || (group->seems_late && !late))
		group->due_ms = store->now_ms + (late && part->timeout_ms > PART_LATE_MS ? PART_LATE_MS : part->timeout_ms);
	group->seems_late = late && (begins || group->seems_late);
}

void mem_part(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_part *part = request->part;
	struct mem_group *group = mem_group_find(store, part->group);
	struct store_reply *reply = &call->reply;
	bool begins = group == NULL;

	if (begins)
		group = mem_group_new(store, part);
	else
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
	if (++group->nparts < group->total) {
		mem_part_deadline(store, group, part, begins);
		return;
	}
	group->due_ms = store->now_ms + PART_WHOLE_MS;
	reply->groups = arena_new(&call->arena, struct store_parts);
	reply->ngroups = 1;
	mem_group_show(store, group, &call->arena, reply->groups);
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

void mem_parts_due(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_group *group;

	call->reply.groups = arena_array(&call->arena, struct store_parts, request->max);
	while (call->reply.ngroups < request->max && (group = mem_group_due(store)) != NULL) {
		mem_group_show(store, group, &call->arena, &call->reply.groups[call->reply.ngroups++]);
		group->due_ms = store->now_ms + request->lease_ms;
	}
}

/* What was late is there now: it will not be added again. */
static void mem_parts_added(struct memory_store *store, const struct mem_group *group, const unsigned char *late_for)
{
	struct mem_group *tip = late_for != NULL ? mem_group_find(store, late_for) : NULL;

	if (tip == NULL || !tip->done)
		return;
	for (unsigned number = 1; number < COUNT_OF(tip->parts); number++)
		if (group->parts[number].there)
			tip->parts[number] = group->parts[number];
}

void mem_parts_done(struct memory_store *store, const struct store_request *request, struct mem_call *call)
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
	group->counted = false;
	group->note = arena_dup(&store->arena, request->part->note);
	mem_parts_added(store, group, request->part->before);
}

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

		if (at->gone || at->due_ms > store->now_ms || !mem_same_shard(at->shard, shard))
			continue;
		if (first == NULL || due_before(at, first))
			first = at;
	}
	return first;
}

void mem_outbox_due(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_item *item;

	if (mem_fenced(store, request->shard, request)) {
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
		if (!store->items.at[i].gone && mem_same_shard(store->items.at[i].shard, shard) &&
		    span_eq(store->items.at[i].item.id, id))
			return &store->items.at[i];
	return NULL;
}

void mem_outbox_end(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_outbox_end *end = request->outbox_end;
	struct mem_item *item = mem_item_find(store, request->shard, end->item);
	const struct mem_tip *tip;

	if (item == NULL) {
		call->reply.verdict = STORE_ABSENT;
		return;
	}
	if (end->end == OUTBOX_LATER) {
		item->due_ms = store->now_ms + end->delay_ms;
		return;
	}
	item->gone = true;
	tip = mem_find(store, &end->tip);
	if (end->end == OUTBOX_GIVEN_UP && !span_empty(end->why))
		mem_letter_add(store, request->shard, &item->item, end->why);
	if (!span_empty(end->event))
		mem_append(store, request->shard,
			   (struct store_event){ .json = end->event,
						 .seed = tip != NULL ? tip->row.seed : (struct span){ 0 } });
}

static bool mem_was_said(const struct memory_store *store, const struct store_request *request)
{
	for (size_t i = 0; i < store->said.n; i++)
		if (mem_same_shard(store->said.at[i].shard, request->shard) && store->said.at[i].until_ms > store->now_ms &&
		    memcmp(store->said.at[i].mark, request->outbox_put->mark, STORE_MARK_BYTES) == 0)
			return true;
	return false;
}

void mem_outbox_put(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_outbox_put *put = request->outbox_put;
	struct mem_item *item;
	struct mem_said *said;

	if (mem_was_said(store, request)) {
		call->reply.verdict = STORE_ALREADY;
		return;
	}
	said = MEM_ADD(store->said);
	mem_shard_set(said->shard, request->shard);
	memcpy(said->mark, put->mark, STORE_MARK_BYTES);
	said->until_ms = store->now_ms + (int64_t)put->remember_s * 1000;
	item = MEM_ADD(store->items);
	mem_shard_set(item->shard, request->shard);
	item->item.id = span_of(hex_text(&store->arena, put->mark, STORE_MARK_BYTES));
	item->item.payload = arena_dup(&store->arena, put->payload);
	item->due_ms = store->now_ms;
}

static struct mem_job *mem_job_new(struct memory_store *store, const struct store_request *request)
{
	struct mem_job *job = MEM_ADD(store->jobs);

	mem_shard_set(job->shard, request->shard);
	snprintf(job->name, sizeof(job->name), "%s", request->job);
	return job;
}

void mem_job_lease(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_job *job = mem_job_find(store, request->shard, request->job);

	call->reply.now_ms = store->now_ms;
	if (job == NULL)
		job = mem_job_new(store, request);
	call->reply.note = job->note;
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

void mem_job_note(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	if (mem_fenced(store, request->shard, request))
		call->reply.verdict = STORE_FENCED;
	else
		mem_job_find(store, request->shard, request->job)->note = request->from;
}

void mem_journal(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->events = arena_array(&call->arena, struct store_event, store->events.n);
	for (size_t i = 0; i < store->events.n && reply->nevents < request->max; i++)
		if (mem_same_shard(store->events.at[i].shard, request->shard) && !store->events.at[i].gone &&
		    store->events.at[i].event.number >= request->from)
			reply->events[reply->nevents++] = store->events.at[i].event;
}
