/*
 * Which fields of which leaf are opened; see figures.h.
 */
#include "daemon/tlog/figures.h"

#include <assert.h>
#include <stdlib.h>

#define LEVELS 3   /* province, prefecture, county */

/* How an event is told. Others of a class: see kind_of(). */
struct kind {
	const char *event;
	bool closed;         /* stays so */
	bool outcomes;       /* by outcome */
	unsigned levels;     /* of its region, at most; 0: without */
	unsigned more;       /* opened with it */
};

static const struct kind kinds[] = {
	{ .event = "accepted", .levels = 3 },
	{ .event = "received", .levels = 3 },
	{ .event = "first_look", .levels = 3, .more = LEAF_OPEN(LEAF_WAITED) },
	{ .event = "closed", .outcomes = true, .levels = 3 },
	{ .event = "escalated", .levels = 3 },
	{ .event = "attempt.observe", .outcomes = true, .levels = 2, .more = LEAF_OPEN(LEAF_AMOUNT) },
	/* what bureaus do beside */
	{ .event = "claimed" },
	{ .event = "released" },
	{ .event = "transferred" },
	{ .event = "transferred_away" },
	{ .event = "verified" },
	{ .event = "message" },
	{ .event = "note" },
	{ .event = "unseal_asked" },
	{ .event = "unsealed" },
	{ .event = "unreadable" },
	/* what informants do with their rewards */
	{ .event = "reward.claim", .closed = true },
	{ .event = "reward.change_payee", .closed = true },
	{ .event = "reward.decline", .closed = true },
	{ .event = "reward.panel", .closed = true },
	{ .event = "reward.reissue", .closed = true },
};

/* Of others, what the house does is told; what happens to tips is not. */
static const struct kind other_office = { .event = "" }, other_tip = { .event = "", .closed = true };

static const struct kind *kind_of(const struct figures_leaf *leaf)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (span_is(leaf->values.at[LEAF_EVENT], kinds[i].event))
			return &kinds[i];
	return leaf->class == LEAF_OFFICE ? &other_office : &other_tip;
}

static bool is_dummy(const struct figures_leaf *leaf)
{
	return span_is(leaf->values.at[LEAF_EVENT], "dummy");
}

/* Leaves that are looked at together. */
struct some {
	struct figures_leaf **at;
	size_t n;
};

static int compare_spans(struct span a, struct span b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter > 0 ? memcmp(a.at, b.at, shorter) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_fields(const struct figures_leaf *a, const struct figures_leaf *b, unsigned from, unsigned to)
{
	int order = 0;

	for (unsigned i = from; i < to && order == 0; i++)
		order = compare_spans(a->values.at[i], b->values.at[i]);
	return order;
}

/* Dummies behind the events of their class, in the order drawn; events by kind, then by region. */
static int by_kind(const void *one, const void *other)
{
	const struct figures_leaf *a = *(struct figures_leaf *const *)one, *b = *(struct figures_leaf *const *)other;
	int order = (a->class > b->class) - (a->class < b->class);

	if (order == 0)
		order = is_dummy(a) - is_dummy(b);
	if (order == 0 && is_dummy(a))
		return (a->draw > b->draw) - (a->draw < b->draw);
	return order != 0 ? order : compare_fields(a, b, LEAF_EVENT, LEAF_COUNTY + 1);
}

static int by_region(const void *one, const void *other)
{
	return compare_fields(*(struct figures_leaf *const *)one, *(struct figures_leaf *const *)other, LEAF_PROVINCE, LEAF_COUNTY + 1);
}

/* They are pointers that are put in order. */
static void sort(struct some leaves, int (*compare)(const void *one, const void *other))
{
	if (leaves.n > 0)
		qsort(leaves.at, leaves.n, sizeof(void *), compare);
}

/* Takes off the first leaves whose fields up to `to` are alike. */
static bool cut(struct some *rest, unsigned from, unsigned to, struct some *part)
{
	*part = (struct some){ .at = rest->at };
	while (part->n < rest->n && compare_fields(rest->at[0], rest->at[part->n], from, to) == 0)
		part->n++;
	rest->at += part->n;
	rest->n -= part->n;
	return part->n > 0;
}

static void open_fields(struct some leaves, unsigned fields)
{
	for (size_t i = 0; i < leaves.n; i++)
		leaves.at[i]->open |= fields;
}

static void close_all(struct some leaves)
{
	for (size_t i = 0; i < leaves.n; i++)
		leaves.at[i]->open = 0;
}

/* --- regions ---------------------------------------------------------------------------------------- */

/* To which level a leaf is opened: 0 to LEVELS. */
static unsigned level_of(const struct figures_leaf *leaf)
{
	unsigned level = 0;

	while (level < LEVELS && leaf->open & LEAF_OPEN(LEAF_PROVINCE + level))
		level++;
	return level;
}

static void set_level(struct figures_leaf *leaf, unsigned level)
{
	for (unsigned i = 0; i < LEVELS; i++)
		leaf->open &= ~LEAF_OPEN(LEAF_PROVINCE + i);
	for (unsigned i = 0; i < level; i++)
		leaf->open |= LEAF_OPEN(LEAF_PROVINCE + i);
}

static size_t count_level(struct some leaves, unsigned level)
{
	size_t n = 0;

	for (size_t i = 0; i < leaves.n; i++)
		n += level_of(leaves.at[i]) == level;
	return n;
}

static void move_level(struct some leaves, unsigned from, unsigned to)
{
	for (size_t i = 0; i < leaves.n; i++)
		if (level_of(leaves.at[i]) == from)
			set_level(leaves.at[i], to);
}

/* As deep as a leaf's region goes and its kind is told. */
static void open_regions(struct some leaves, unsigned levels)
{
	for (size_t i = 0; i < leaves.n; i++) {
		unsigned level = 0;

		while (level < levels && !span_empty(leaves.at[i]->values.at[LEAF_PROVINCE + level]))
			level++;
		set_level(leaves.at[i], level);
	}
}

/* The smallest cell that is told by a region; false: there is none. */
static bool smallest_cell(struct some leaves, struct some *cell, unsigned *level)
{
	size_t smallest = SIZE_MAX;

	for (unsigned at = LEVELS; at > 0; at--) {
		struct some rest = leaves, part;

		while (cut(&rest, LEAF_PROVINCE, LEAF_PROVINCE + at, &part)) {
			size_t n = count_level(part, at);

			if (n == 0 || n >= smallest)
				continue;
			smallest = n;
			*cell = part;
			*level = at;
		}
	}
	return smallest < SIZE_MAX;
}

static void plan_regions(struct some leaves, const struct kind *kind, size_t small)
{
	unsigned level;
	struct some part;

	sort(leaves, by_region);
	open_regions(leaves, kind->levels);
	for (level = LEVELS; level > 0; level--) {
		struct some rest = leaves;

		while (cut(&rest, LEAF_PROVINCE, LEAF_PROVINCE + level, &part))
			if (count_level(part, level) < small)
				move_level(part, level, level - 1);
	}
	while (count_level(leaves, 0) > 0 && count_level(leaves, 0) < small && smallest_cell(leaves, &part, &level))
		move_level(part, level, 0);
}

/* --- outcomes ---------------------------------------------------------------------------------------- */

static void gather(struct some leaves, bool told, struct some *out)
{
	out->n = 0;
	for (size_t i = 0; i < leaves.n; i++)
		if (((leaves.at[i]->open & LEAF_OPEN(LEAF_OUTCOME)) != 0) == told)
			out->at[out->n++] = leaves.at[i];
}

static size_t untold(struct some leaves)
{
	size_t n = 0;

	for (size_t i = 0; i < leaves.n; i++)
		n += !(leaves.at[i]->open & LEAF_OPEN(LEAF_OUTCOME));
	return n;
}

/* Of the outcomes that are told; false: none is. */
static bool smallest_outcome(struct some leaves, struct some *smallest)
{
	struct some part;

	smallest->n = SIZE_MAX;
	while (cut(&leaves, LEAF_OUTCOME, LEAF_OUTCOME + 1, &part))
		if (untold(part) == 0 && part.n < smallest->n)
			*smallest = part;
	return smallest->n < SIZE_MAX;
}

static void hide_outcome(struct some leaves)
{
	for (size_t i = 0; i < leaves.n; i++)
		leaves.at[i]->open &= ~LEAF_OPEN(LEAF_OUTCOME);
}

static void plan_outcomes(struct some leaves, const struct kind *kind, size_t small, struct arena *arena)
{
	struct some rest = leaves, part, scratch = { .at = arena_array(arena, struct figures_leaf *, leaves.n) };

	open_fields(leaves, LEAF_OPEN(LEAF_OUTCOME));
	while (cut(&rest, LEAF_OUTCOME, LEAF_OUTCOME + 1, &part))
		if (part.n < small)
			hide_outcome(part);
	while (untold(leaves) > 0 && untold(leaves) < small && smallest_outcome(leaves, &part))
		hide_outcome(part);
	gather(leaves, false, &scratch);
	plan_regions(scratch, kind, small);
	gather(leaves, true, &scratch);
	rest = scratch;
	while (cut(&rest, LEAF_OUTCOME, LEAF_OUTCOME + 1, &part))
		plan_regions(part, kind, small);
}

/* --- the whole ------------------------------------------------------------------------------------------ */

/* Leaves of one event. Returns how many stay closed. */
static size_t plan_event(struct some leaves, size_t small, struct arena *arena)
{
	const struct kind *kind = kind_of(leaves.at[0]);

	close_all(leaves);
	if (kind->closed || leaves.n < small)
		return leaves.n;
	open_fields(leaves, LEAF_OPEN(LEAF_EVENT) | kind->more);
	if (kind->outcomes)
		plan_outcomes(leaves, kind, small, arena);
	else
		plan_regions(leaves, kind, small);
	return 0;
}

/* The leaves of one class, dummies behind. */
static void plan_class(struct some leaves, size_t small, struct arena *arena)
{
	struct some rest = leaves, part;
	size_t closed = 0, more;

	while (rest.n > 0 && !is_dummy(rest.at[0]) && cut(&rest, LEAF_EVENT, LEAF_EVENT + 1, &part))
		closed += plan_event(part, small, arena);
	more = closed > 0 && closed < small ? small - closed : 0;
	if (more > rest.n) {
		close_all(leaves);
		return;
	}
	close_all(rest);
	open_fields((struct some){ .at = rest.at + more, .n = rest.n - more }, LEAF_OPEN(LEAF_EVENT));
}

void figures_plan(struct figures_leaf *leaves, size_t n, size_t small, struct arena *arena)
{
	struct some all = { .at = arena_array(arena, struct figures_leaf *, n), .n = n }, rest;

	assert(small > 0);
	for (size_t i = 0; i < n; i++)
		all.at[i] = &leaves[i];
	sort(all, by_kind);
	for (rest = all; rest.n > 0;) {
		struct some part = { .at = rest.at };

		while (part.n < rest.n && rest.at[part.n]->class == rest.at[0]->class)
			part.n++;
		plan_class(part, small, arena);
		rest = (struct some){ .at = rest.at + part.n, .n = rest.n - part.n };
	}
}
