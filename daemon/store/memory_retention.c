/*
 * The store in memory: tips that have ended, and what is deleted of them.
 */
#include "daemon/store/memory_state.h"

#include "daemon/base/civil_time.h"
#include "daemon/core/retention.h"

#include <stdlib.h>

#define MONTH_CHARS 7   /* "2026-11" */

struct store_end mem_end(struct memory_store *store, const struct store_end *end, bool *ends)
{
	struct store_end kept = *end;

	*ends = end->outcome.len > 0 && end->at_ms == CLOCK_NOW;
	if (*ends)
		kept.at_ms = store->now_ms;
	kept.outcome = arena_dup(&store->arena, end->outcome);
	return kept;
}

struct store_hold mem_hold(struct memory_store *store, const struct store_hold *hold)
{
	return (struct store_hold){ .by = arena_dup(&store->arena, hold->by), .asked = arena_dup(&store->arena, hold->asked) };
}

static int by_end(const void *a, const void *b)
{
	const struct store_row *left = a, *right = b;

	if (left->end.at_ms != right->end.at_ms)
		return left->end.at_ms < right->end.at_ms ? -1 : 1;
	return strcmp(left->id.text, right->id.text);
}

static bool is_asked_for(const struct store_row *row, const struct store_request *request)
{
	int64_t from_ms = (int64_t)request->from;

	return mem_same_shard(row->id.text, request->shard) && row->end.outcome.len > 0 && row->end.at_ms <= request->until_ms &&
	       (row->end.at_ms > from_ms || (row->end.at_ms == from_ms && strcmp(row->id.text, request->id.text) > 0));
}

void mem_ended(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->now_ms = store->now_ms;
	reply->rows = arena_array(&call->arena, struct store_row, store->tips.n);
	for (size_t i = 0; i < store->tips.n; i++) {
		if (!is_asked_for(&store->tips.at[i].row, request))
			continue;
		reply->rows[reply->nrows] = mem_row_listed(&store->tips.at[i], &call->arena);
		reply->rows[reply->nrows++].sealed = (struct span){ 0 };
	}
	qsort(reply->rows, reply->nrows, sizeof(struct store_row), by_end);
	if (reply->nrows > request->max)
		reply->nrows = request->max;
}

static void count_part(struct memory_store *store, const struct store_erasure *what, enum retention_part part)
{
	char day[CIVIL_DATE_MAX];
	struct span name;
	struct mem_count *count;

	civil_write_date(what->at_ms, 0, day);
	name = span_of(arena_printf(&store->arena, "%.*s %s %.*s %s", MONTH_CHARS, day, what->region, (int)what->end.outcome.len,
				    what->end.outcome.at, retention_part_word(part)));
	for (size_t i = 0; i < store->counts.n; i++) {
		if (mem_same_shard(store->counts.at[i].shard, what->id.text) && span_eq(store->counts.at[i].name, name)) {
			store->counts.at[i].n++;
			return;
		}
	}
	count = MEM_ADD(store->counts);
	mem_shard_set(count->shard, what->id.text);
	count->name = name;
	count->n = 1;
}

static struct mem_doomed *doomed_of(struct memory_store *store, const struct tip_id *id)
{
	struct mem_doomed *added;

	for (size_t i = 0; i < store->doomed.n; i++)
		if (!store->doomed.at[i].gone && strcmp(store->doomed.at[i].id.text, id->text) == 0)
			return &store->doomed.at[i];
	added = MEM_ADD(store->doomed);
	added->id = *id;
	return added;
}

static void doom_files(struct memory_store *store, struct mem_tip *tip)
{
	struct mem_doomed *doomed;

	if (span_empty(tip->files))
		return;
	doomed = doomed_of(store, &tip->row.id);
	mem_names_add(store, &doomed->names, tip->files);
	tip->files = (struct span){ 0 };
}

static void erase_parts(struct memory_store *store, const struct store_erasure *what, struct mem_tip *tip)
{
	struct store_row *row = &tip->row;

	if ((what->parts & RETENTION_BIT(RETENTION_IDENTITY)) != 0)
		row->identity = (struct span){ 0 };
	if ((what->parts & (RETENTION_BIT(RETENTION_FILES) | RETENTION_BIT(RETENTION_ROW))) != 0)
		doom_files(store, tip);
	if ((what->parts & RETENTION_BIT(RETENTION_TEXT)) != 0) {
		row->sealed = (struct span){ 0 };
		row->nmessages = 0;
		row->clock = (struct clock_face){ .hand = CLOCK_STOPPED };
	}
	row->state = what->state;
	row->end.erased = what->end.erased;
	for (size_t part = 0; part < RETENTION_PARTS; part++)
		if ((what->parts & RETENTION_BIT(part)) != 0)
			count_part(store, what, (enum retention_part)part);
	if ((what->parts & RETENTION_BIT(RETENTION_ROW)) == 0)
		return;
	free(row->messages);
	free(tip->children.at);
	*tip = store->tips.at[--store->tips.n];
}

static enum store_verdict judge(struct memory_store *store, const struct store_request *request, const struct mem_tip *tip)
{
	const struct store_erasure *what = request->erasure;

	if (mem_fenced(store, what->id.text, request))
		return STORE_FENCED;
	if (tip == NULL)
		return STORE_ABSENT;
	if (tip->row.rev != what->expect_rev || tip->row.end.outcome.len == 0 || tip->row.hold.by.len > 0 ||
	    mem_is_held(tip->row.state))
		return STORE_CONFLICT;
	return store->now_ms < what->due_ms ? STORE_UNTIMELY : STORE_OK;
}

void mem_erase(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct mem_tip *tip = mem_find(store, &request->erasure->id);

	call->reply.now_ms = store->now_ms;
	call->reply.verdict = judge(store, request, tip);
	if (call->reply.verdict != STORE_FENCED && tip != NULL)
		call->reply.rev = tip->row.rev;
	if (call->reply.verdict != STORE_OK)
		return;
	tip->row.rev = call->reply.rev = mem_append_of(store, tip, (struct store_event){ .json = request->erasure->event });
	erase_parts(store, request->erasure, tip);
}

void mem_doomed(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->items = arena_array(&call->arena, struct store_item, store->doomed.n);
	for (size_t i = 0; i < store->doomed.n && reply->nitems < request->max; i++) {
		struct mem_doomed *doomed = &store->doomed.at[i];

		if (!doomed->gone && mem_same_shard(doomed->id.text, request->shard))
			reply->items[reply->nitems++] = (struct store_item){ .id = span_of(doomed->id.text), .payload = doomed->names };
	}
}

void mem_doomed_end(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	call->reply.verdict = STORE_ABSENT;
	for (size_t i = 0; i < store->doomed.n; i++) {
		if (store->doomed.at[i].gone || strcmp(store->doomed.at[i].id.text, request->id.text) != 0)
			continue;
		store->doomed.at[i].gone = true;
		call->reply.verdict = STORE_OK;
	}
}

void mem_erased(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;

	reply->items = arena_array(&call->arena, struct store_item, store->counts.n);
	for (size_t i = 0; i < store->counts.n; i++) {
		struct mem_count *count = &store->counts.at[i];

		if (mem_same_shard(count->shard, request->shard))
			reply->items[reply->nitems++] = (struct store_item){
				.id = count->name,
				.payload = span_of(arena_printf(&call->arena, "%llu", (unsigned long long)count->n)),
			};
	}
}
