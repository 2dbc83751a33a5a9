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

static struct store_place place_of(const struct store_row *row)
{
	return (struct store_place){ .points = row->points, .received_ms = row->received_ms, .id = row->id };
}

static int by_place(const void *a, const void *b, bool by_age)
{
	struct store_place one = place_of(&(*(const struct mem_tip *const *)a)->row);
	struct store_place other = place_of(&(*(const struct mem_tip *const *)b)->row);

	return store_place_order(&one, &other, by_age);
}

static int by_score(const void *a, const void *b)
{
	return by_place(a, b, false);
}

static int by_age(const void *a, const void *b)
{
	return by_place(a, b, true);
}

/* Those that fit, in order. */
static struct mem_tip **gathered(struct memory_store *store, const struct store_request *request, struct arena *arena, size_t *n)
{
	struct mem_tip **all = arena_array(arena, struct mem_tip *, store->tips.n);

	*n = 0;
	for (size_t i = 0; i < store->tips.n; i++)
		if (mem_same_shard(store->tips.at[i].row.id.text, request->shard) && belongs(request->page, &store->tips.at[i].row))
			all[(*n)++] = &store->tips.at[i];
	qsort(all, *n, sizeof(*all), request->page->by_age ? by_age : by_score);
	return all;
}

static struct store_row without_content(const struct mem_tip *tip, struct arena *arena)
{
	struct store_row row = mem_row_listed(tip, arena);

	row.sealed = (struct span){ 0 };
	return row;
}

void mem_page(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_page *page = request->page;
	struct store_reply *reply = &call->reply;
	struct store_place here = { .points = 0 };
	size_t n, looked = 0, i = 0;
	struct mem_tip **all = gathered(store, request, &call->arena, &n);

	reply->now_ms = store->now_ms;
	reply->count = n;
	reply->rows = arena_array(&call->arena, struct store_row, page->max);
	for (; i < n && reply->nrows < page->max && looked < page->looks; i++) {
		here = place_of(&all[i]->row);
		if (page->after.id.text[0] != '\0' && store_place_order(&here, &page->after, page->by_age) <= 0)
			continue;
		looked++;
		if (strncmp(here.id.text, page->begins, strlen(page->begins)) == 0)
			reply->rows[reply->nrows++] = without_content(all[i], &call->arena);
	}
	if (i < n)
		reply->place = here;
}
