/*
 * Pages of open tips; see paging.h.
 */
#include "handlers/bureau/paging.h"

#include "daemon/base/table.h"
#include "daemon/core/score/score.h"

#include <stdio.h>

#define MAX_DEFAULT 100
#define LOOKS 20000
#define SHARDS 40
#define RECEIVED_MAX 9999999999999   /* ms; a rank has room for so many digits */

/* --- what is asked for ------------------------------------------------------------------- */

static bool refuse(struct problem *problem, const char *field, const char *detail)
{
	*problem = (struct problem){ .status = 400, .code = "field_invalid", .field = field, .detail = detail };
	return false;
}

static bool read_state(struct span value, struct store_page *page)
{
	page->waiting = span_is(value, "waiting") || span_is(value, "all");
	page->held = span_is(value, "held") || span_is(value, "all");
	return page->waiting || page->held;
}

static bool read_order(struct span value, struct store_page *page)
{
	static const struct {
		const char *word;
		enum store_order order;
	} orders[] = { { "score", STORE_BEST_FIRST }, { "age", STORE_OLDEST_FIRST }, { "due", STORE_DUE_FIRST } };

	for (size_t i = 0; i < COUNT_OF(orders); i++) {
		if (!span_is(value, orders[i].word))
			continue;
		page->order = orders[i].order;
		return true;
	}
	return false;
}

/* The points that make the priority. */
static bool read_priority(struct span value, struct store_page *page)
{
	bool any = false;

	for (unsigned points = 0; points <= 100; points++) {
		if (!span_is(value, priority_name(priority_of(points))))
			continue;
		page->fewest = any ? page->fewest : points;
		page->most = points;
		any = true;
	}
	return any;
}

static bool is_id_letter(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z' && strchr("ILOU", c) == NULL);
}

/* At least the shard; the rest of an id as far as it is known. */
static bool read_begins(struct span value, struct store_page *page)
{
	if (value.len < 2 || value.len > TIP_ID_LEN || !span_digits(span_from(value.at, 2)))
		return false;
	for (size_t i = 2; i < value.len; i++)
		if (i == 2 ? value.at[i] != '-' : !is_id_letter(value.at[i]))
			return false;
	memcpy(page->begins, value.at, value.len);
	page->begins[value.len] = '\0';
	return true;
}

static bool read_after(struct span value, struct store_page *page)
{
	return paging_read_place(value, &page->after);
}

static bool read_max(struct span value, struct store_page *page)
{
	uint64_t max;

	if (!span_u64(value, &max) || max < 1 || max > STORE_PAGE_MAX)
		return false;
	page->max = (unsigned)max;
	return true;
}

static const struct {
	const char *name;
	bool (*read)(struct span value, struct store_page *page);
	const char *detail;
} filters[] = {
	{ "state", read_state, "A state is one of: waiting, held, all." },
	{ "order", read_order, "An order is one of: score, age, due." },
	{ "priority", read_priority, "A priority is one of: immediate, urgent, standard, low." },
	{ "id", read_begins, "An id begins with the two digits before its dash, as in 15-7K3." },
	{ "after", read_after, "Give the `next` of the page before." },
	{ "max", read_max, "A page has 1 to 500 tips." },
};

/* There, also where its value is broken. */
static bool has_param(struct span query, const char *name)
{
	struct span pair, key;

	while (span_cut(&query, '&', &pair))
		if (span_cut(&pair, '=', &key) && span_is(key, name))
			return true;
	return false;
}

bool paging_read(struct span query, struct store_page *page, struct problem *problem)
{
	page->waiting = true;
	page->most = 100;
	page->max = MAX_DEFAULT;
	page->looks = LOOKS;
	for (size_t i = 0; i < COUNT_OF(filters); i++) {
		struct buf value = { 0 };
		bool fine = !has_param(query, filters[i].name) ||
			    (http_param_find(query, filters[i].name, &value) && filters[i].read(buf_span(&value), page));

		buf_release(&value);
		if (!fine)
			return refuse(problem, filters[i].name, filters[i].detail);
	}
	return true;
}

/* --- places --------------------------------------------------------------------------------- */

struct span paging_write_place(const struct store_place *place, char text[PAGING_PLACE_BYTES])
{
	int n = snprintf(text, PAGING_PLACE_BYTES, "%u-%lld-%s", place->points, (long long)place->at_ms, place->id.text);

	return span_from(text, (size_t)n);
}

bool paging_read_place(struct span text, struct store_place *place)
{
	struct span points, received;
	uint64_t score, ms;

	if (!span_cut(&text, '-', &points) || !span_cut(&text, '-', &received) || !span_u64(points, &score) || score > 100 ||
	    !span_u64(received, &ms) || ms > RECEIVED_MAX || !tip_id_parse(text, &place->id))
		return false;
	place->points = (unsigned)score;
	place->at_ms = (int64_t)ms;
	return true;
}

/* --- one page of several ----------------------------------------------------------------------- */

struct merging {
	const struct store_page *page;
	const struct store_reply *shards;
	size_t n;
	size_t at[SHARDS];              /* rows taken of each */
};

/* What of a shard comes next: its next row, or where it stopped looking (*row NULL); false: nothing. */
static bool head_of(const struct merging *m, size_t shard, const struct store_row **row, struct store_place *place)
{
	const struct store_reply *reply = &m->shards[shard];

	*row = m->at[shard] < reply->nrows ? &reply->rows[m->at[shard]] : NULL;
	*place = *row != NULL ? store_place_of(*row, m->page->order) : reply->place;
	return place->id.text[0] != '\0';
}

/* The first of all heads; m->n when there is none. */
static size_t first_of(const struct merging *m, const struct store_row **row, struct store_place *place)
{
	size_t first = m->n;

	for (size_t s = 0; s < m->n; s++) {
		const struct store_row *head;
		struct store_place where;

		if (!head_of(m, s, &head, &where) || (first < m->n && store_place_order(&where, place, m->page->order) >= 0))
			continue;
		first = s;
		*row = head;
		*place = where;
	}
	return first;
}

size_t paging_merge(const struct store_page *page, const struct store_reply *shards, size_t n, const struct store_row **out,
		    struct store_place *next)
{
	struct merging m = { .page = page, .shards = shards, .n = n < SHARDS ? n : SHARDS };
	const struct store_row *row = NULL;
	struct store_place place;
	size_t taken = 0, first;

	*next = (struct store_place){ .points = 0 };
	while ((first = first_of(&m, &row, &place)) < m.n && taken < page->max) {
		if (row == NULL) {
			*next = place;
			return taken;
		}
		out[taken++] = row;
		m.at[first]++;
	}
	if (first < m.n)
		*next = store_place_of(out[taken - 1], page->order);
	return taken;
}
