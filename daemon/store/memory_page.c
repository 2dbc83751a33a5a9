/*
 * The store in memory: pages of open tips. All that fit are sorted each time.
 */
#include "daemon/core/text/gazetteer.h"
#include "daemon/store/calls.h"
#include "daemon/store/memory_state.h"

#include <stdlib.h>

static bool belongs(const struct store_page *page, const struct store_row *row)
{
	bool wanted = (page->waiting && row->state == TIP_QUEUED) || (page->held && mem_is_held(row->state));

	return wanted && row->points >= page->fewest && row->points <= page->most &&
	       region_within(span_of(row->region), span_of(page->region));
}

/* A tip and its place on the page. */
struct standing {
	const struct mem_tip *tip;
	struct store_place place;
	int64_t due_ms;
};

/* The sooner of both ends; INT64_MAX: it has neither. */
static int64_t due_at(const struct store_row *row, const struct clock_limits *limits)
{
	enum clock_wait why;
	int64_t since_ms, passes_ms;
	bool runs = strcmp(row->region, REGION_NATIONAL) != 0 &&
		    clock_next(row->clock, limits, priority_of(row->points), &why, &since_ms, &passes_ms);

	if (!runs)
		passes_ms = INT64_MAX;
	return row->lease_until_ms > 0 && row->lease_until_ms < passes_ms ? row->lease_until_ms : passes_ms;
}

static int by_score(const void *a, const void *b)
{
	return store_place_order(&((const struct standing *)a)->place, &((const struct standing *)b)->place, STORE_BEST_FIRST);
}

static int by_time(const void *a, const void *b)
{
	return store_place_order(&((const struct standing *)a)->place, &((const struct standing *)b)->place, STORE_OLDEST_FIRST);
}

/* Of a whole id that tip alone. */
static bool may_be(const struct store_page *page, const struct store_row *row)
{
	return strlen(page->begins) < TIP_ID_LEN || page->order == STORE_DUE_FIRST || strcmp(row->id.text, page->begins) == 0;
}

/* Those that fit, in order. */
static struct standing *gathered(struct memory_store *store, const struct store_request *request, struct arena *arena, size_t *n)
{
	const struct store_page *page = request->page;
	struct standing *all = arena_array(arena, struct standing, store->tips.n);

	*n = 0;
	for (size_t i = 0; i < store->tips.n; i++) {
		const struct mem_tip *tip = &store->tips.at[i];

		struct store_row row = tip->row;

		row.due_ms = page->order == STORE_DUE_FIRST ? due_at(&tip->row, page->limits) : 0;
		if (!mem_same_shard(row.id.text, request->shard) || !belongs(page, &row) || !may_be(page, &row) || row.due_ms == INT64_MAX)
			continue;
		all[(*n)++] = (struct standing){ .tip = tip, .due_ms = row.due_ms, .place = store_place_of(&row, page->order) };
	}
	qsort(all, *n, sizeof(*all), page->order == STORE_BEST_FIRST ? by_score : by_time);
	return all;
}

static struct store_row without_content(const struct standing *at, struct arena *arena)
{
	struct store_row row = mem_row_listed(at->tip, arena);

	row.sealed = (struct span){ 0 };
	row.due_ms = at->due_ms;
	return row;
}

void mem_page(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_page *page = request->page;
	struct store_reply *reply = &call->reply;
	struct store_place here = { .points = 0 };
	size_t n, looked = 0, i = 0;
	struct standing *all = gathered(store, request, &call->arena, &n);

	reply->now_ms = store->now_ms;
	reply->count = page->order == STORE_DUE_FIRST ? 0 : n;
	reply->rows = arena_array(&call->arena, struct store_row, page->max);
	for (; i < n && reply->nrows < page->max && looked < page->looks; i++) {
		here = all[i].place;
		if (page->after.id.text[0] != '\0' && store_place_order(&here, &page->after, page->order) <= 0)
			continue;
		looked++;
		if (strncmp(here.id.text, page->begins, strlen(page->begins)) == 0)
			reply->rows[reply->nrows++] = without_content(&all[i], &call->arena);
	}
	if (i < n)
		reply->place = here;
}
