/*
 * The table of what is open in a month; see figures.h.
 */
#include "daemon/tlog/figures.h"

#include "daemon/base/money.h"

#include <stdlib.h>

#define REGION_DIGITS 6
#define WAITED_DIGITS 9
#define AMOUNT_DIGITS 16

static bool is_open(const struct figures_leaf *leaf, enum leaf_field field)
{
	return leaf->open & LEAF_OPEN(field);
}

/* The value of an open field; that of a closed one is as good as empty. */
static struct span shown(const struct figures_leaf *leaf, enum leaf_field field)
{
	return is_open(leaf, field) ? leaf->values.at[field] : (struct span){ 0 };
}

static struct span region_of(const struct figures_leaf *leaf)
{
	return is_open(leaf, LEAF_COUNTY)       ? leaf->values.at[LEAF_COUNTY]
	       : is_open(leaf, LEAF_PREFECTURE) ? leaf->values.at[LEAF_PREFECTURE]
						: shown(leaf, LEAF_PROVINCE);
}

static uint64_t number_of(const struct figures_leaf *leaf, enum leaf_field field)
{
	uint64_t number = 0;

	return span_u64(shown(leaf, field), &number) ? number : 0;
}

static bool well_number(const struct figures_leaf *leaf, enum leaf_field field, size_t digits)
{
	struct span text = shown(leaf, field);

	return span_empty(text) || (text.len <= digits && span_digits(text));
}

static bool well_region(const struct figures_leaf *leaf)
{
	bool above = true;

	for (unsigned i = LEAF_PROVINCE; i <= LEAF_COUNTY; i++) {
		bool open = is_open(leaf, (enum leaf_field)i);

		if (open && (!above || leaf->values.at[i].len != REGION_DIGITS || !span_digits(leaf->values.at[i])))
			return false;
		above = open;
	}
	return true;
}

static bool well(const struct figures_leaf *leaf)
{
	if (leaf->open == 0)
		return true;
	return !span_empty(shown(leaf, LEAF_EVENT)) && well_region(leaf) && well_number(leaf, LEAF_WAITED, WAITED_DIGITS) &&
	       well_number(leaf, LEAF_AMOUNT, AMOUNT_DIGITS);
}

static int compare(struct span a, struct span b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter > 0 ? memcmp(a.at, b.at, shorter) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_rows(const struct figures_leaf *a, const struct figures_leaf *b)
{
	int order = compare(shown(a, LEAF_EVENT), shown(b, LEAF_EVENT));

	if (order == 0)
		order = compare(shown(a, LEAF_OUTCOME), shown(b, LEAF_OUTCOME));
	return order != 0 ? order : compare(region_of(a), region_of(b));
}

static int by_row(const void *one, const void *other)
{
	const struct figures_leaf *a = one, *b = other;
	uint64_t waited_a = number_of(a, LEAF_WAITED), waited_b = number_of(b, LEAF_WAITED);
	int order = compare_rows(a, b);

	return order != 0 ? order : (waited_a > waited_b) - (waited_a < waited_b);
}

/* One row of n leaves, those that waited least first. False: no amounts add up to so much. */
static bool make_row(const struct figures_leaf *leaves, size_t n, struct figures_row *row)
{
	*row = (struct figures_row){ .event = shown(leaves, LEAF_EVENT), .outcome = shown(leaves, LEAF_OUTCOME),
				   .region = region_of(leaves), .count = n, .waits = is_open(leaves, LEAF_WAITED),
				   .amounts = is_open(leaves, LEAF_AMOUNT) };

	for (size_t i = 0; i < n; i++)
		if (!money_add(row->amount, (int64_t)number_of(&leaves[i], LEAF_AMOUNT), &row->amount))
			return false;
	if (row->waits) {
		row->median = number_of(&leaves[(n + 1) / 2 - 1], LEAF_WAITED);
		row->p90 = number_of(&leaves[(9 * n + 9) / 10 - 1], LEAF_WAITED);
	}
	return true;
}

/* Counts those without a row; moves the others to the front. */
static size_t take_apart(struct figures_leaf *leaves, size_t n, struct figures *figures)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct figures_leaf leaf = leaves[i];

		if (leaf.open == 0) {
			figures->closed[leaf.class]++;
		} else if (span_is(leaf.values.at[LEAF_EVENT], "dummy")) {
			figures->dummies[leaf.class]++;
		} else {
			leaves[i] = leaves[kept];
			leaves[kept++] = leaf;
		}
	}
	return kept;
}

bool figures_count(struct figures_leaf *leaves, size_t n, struct arena *arena, struct figures *figures)
{
	size_t kept;

	for (size_t i = 0; i < n; i++)
		if (!well(&leaves[i]))
			return false;
	memset(figures->closed, 0, sizeof(figures->closed));
	memset(figures->dummies, 0, sizeof(figures->dummies));
	figures->n = 0;
	kept = take_apart(leaves, n, figures);
	qsort(leaves, kept, sizeof(leaves[0]), by_row);
	figures->rows = arena_array(arena, struct figures_row, kept);
	for (size_t from = 0, to; from < kept; from = to) {
		for (to = from + 1; to < kept && compare_rows(&leaves[from], &leaves[to]) == 0;)
			to++;
		if (!make_row(&leaves[from], to - from, &figures->rows[figures->n++]))
			return false;
	}
	return true;
}
