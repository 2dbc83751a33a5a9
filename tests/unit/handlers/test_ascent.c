/*
 * Up to the first tip of an incident: parents, transfers, tips on their way, what is gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/bureau/ascent.h"

#include <stdio.h>

/* A little world: rows by id. */
static struct store_row world[ASCENT_STEPS_MAX + 8];
static size_t nworld;

static struct store_row *put(const char *id, const char *parent)
{
	struct store_row *row = &world[nworld++];

	*row = (struct store_row){ .state = TIP_QUEUED, .received_ms = (int64_t)nworld };
	snprintf(row->id.text, sizeof(row->id.text), "%s", id);
	snprintf(row->parent.text, sizeof(row->parent.text), "%s", parent);
	snprintf(row->region, sizeof(row->region), "%.2s0000", id);
	return row;
}

/* The tip went from `id` to another shard. */
static void moves(const char *id, const char *parent, const char *region, unsigned hops)
{
	struct store_row *row = put(id, parent);

	row->state = TIP_TRANSFERRED;
	row->hops = hops;
	snprintf(row->region, sizeof(row->region), "%s", region);
}

static struct store_reply answer(const struct tip_id *id)
{
	for (size_t i = 0; i < nworld; i++)
		if (strcmp(world[i].id.text, id->text) == 0)
			return (struct store_reply){ .outcome = STORE_DONE, .rows = &world[i], .nrows = 1 };
	return (struct store_reply){ .outcome = STORE_DONE, .verdict = STORE_ABSENT };
}

static enum ascent_next climb(struct ascent *ascent, const char *from, bool here)
{
	enum ascent_next next;

	*ascent = (struct ascent){ .here = here };
	snprintf(ascent->at.text, sizeof(ascent->at.text), "%s", from);
	do {
		struct store_reply read = answer(&ascent->at);

		next = ascent_step(ascent, &read);
	} while (next == ASCENT_READ);
	return next;
}

static int begin(void **state)
{
	(void)state;
	nworld = 0;
	return 0;
}

static void a_tip_alone_is_its_own_root(void **state)
{
	struct ascent a;

	(void)state;
	put("15-AAAAAAAAAA", "");
	assert_int_equal(climb(&a, "15-AAAAAAAAAA", false), ASCENT_THERE);
	assert_string_equal(a.root->id.text, "15-AAAAAAAAAA");
	assert_ptr_equal(a.root, a.tip);
	assert_string_equal(a.entry.text, "15-AAAAAAAAAA");
	assert_int_equal(climb(&a, "15-BBBBBBBBBB", false), ASCENT_ABSENT);
}

static void the_root_is_found_over_shards(void **state)
{
	struct ascent a;

	(void)state;
	put("15-AAAAAAAAAA", "");
	put("11-BBBBBBBBBB", "15-AAAAAAAAAA");
	put("31-CCCCCCCCCC", "11-BBBBBBBBBB");
	assert_int_equal(climb(&a, "31-CCCCCCCCCC", false), ASCENT_THERE);
	assert_string_equal(a.root->id.text, "15-AAAAAAAAAA");
	assert_string_equal(a.tip->id.text, "31-CCCCCCCCCC");
	assert_int_equal(climb(&a, "31-CCCCCCCCCC", true), ASCENT_THERE);
	assert_string_equal(a.root->id.text, "31-CCCCCCCCCC");
	assert_int_equal(a.steps, 0);
}

static void a_tip_that_moved_is_followed(void **state)
{
	struct ascent a;

	(void)state;
	moves("15-AAAAAAAAAA", "", "110000", 0);
	put("11-AAAAAAAAAA", "")->hops = 1;
	put("15-BBBBBBBBBB", "15-AAAAAAAAAA");
	assert_int_equal(climb(&a, "15-BBBBBBBBBB", false), ASCENT_THERE);
	assert_string_equal(a.root->id.text, "11-AAAAAAAAAA");
	assert_string_equal(a.entry.text, "15-AAAAAAAAAA");
	assert_false(a.root_moving);
	/* The tip itself: where it is now counts, not where it was. */
	assert_int_equal(climb(&a, "15-AAAAAAAAAA", true), ASCENT_THERE);
	assert_string_equal(a.tip->id.text, "11-AAAAAAAAAA");
	assert_false(a.tip_moving);
}

static void a_tip_on_its_way_is_where_it_left(void **state)
{
	struct ascent a;

	(void)state;
	put("31-RRRRRRRRRR", "");
	moves("15-AAAAAAAAAA", "31-RRRRRRRRRR", "110000", 0);
	assert_int_equal(climb(&a, "15-AAAAAAAAAA", false), ASCENT_THERE);
	assert_string_equal(a.tip->id.text, "15-AAAAAAAAAA");
	assert_true(a.tip_moving);
	assert_string_equal(a.root->id.text, "31-RRRRRRRRRR");
	assert_false(a.root_moving);
}

/* From 15 to 11 and on its way back: what stands at 15 is from before. */
static void a_tip_on_its_way_back_is_not_followed_in_a_ring(void **state)
{
	struct ascent a;

	(void)state;
	moves("15-AAAAAAAAAA", "", "110000", 0);
	moves("11-AAAAAAAAAA", "", "150000", 1);
	assert_int_equal(climb(&a, "15-AAAAAAAAAA", false), ASCENT_THERE);
	assert_string_equal(a.root->id.text, "11-AAAAAAAAAA");
	assert_true(a.root_moving);
	nworld = 0;
	put("15-AAAAAAAAAA", "")->hops = 2;
	moves("11-AAAAAAAAAA", "", "150000", 1);
	assert_int_equal(climb(&a, "11-AAAAAAAAAA", false), ASCENT_THERE);
	assert_string_equal(a.root->id.text, "15-AAAAAAAAAA");
	assert_false(a.root_moving);
}

static void a_parent_that_is_gone_ends_the_way(void **state)
{
	struct ascent a;

	(void)state;
	put("15-BBBBBBBBBB", "15-AAAAAAAAAA");
	assert_int_equal(climb(&a, "15-BBBBBBBBBB", false), ASCENT_THERE);
	assert_string_equal(a.root->id.text, "15-BBBBBBBBBB");
}

static void the_way_is_bounded(void **state)
{
	struct ascent a;

	(void)state;
	for (unsigned i = 0; i <= ASCENT_STEPS_MAX; i++) {
		char id[16];
		char parent[16];

		snprintf(id, sizeof(id), "15-%010u", i);
		snprintf(parent, sizeof(parent), "15-%010u", i - 1);
		put(id, i == 0 ? "" : parent);
	}
	assert_int_equal(climb(&a, "15-0000000199", false), ASCENT_THERE);
	assert_string_equal(a.root->id.text, "15-0000000000");
	assert_int_equal(climb(&a, "15-0000000200", false), ASCENT_TOO_FAR);
	/* Even a ring, which the store does not allow, ends. */
	snprintf(world[0].parent.text, sizeof(world[0].parent.text), "15-0000000001");
	assert_int_equal(climb(&a, "15-0000000001", false), ASCENT_TOO_FAR);
}

static void age_is_time_and_then_id(void **state)
{
	static const struct store_row rows[] = {
		{ .id = { .text = "11-BBBBBBBBBB" }, .received_ms = 5 },
		{ .id = { .text = "11-AAAAAAAAAA" }, .received_ms = 6 },
		{ .id = { .text = "15-AAAAAAAAAA" }, .received_ms = 6 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		for (size_t k = 0; k < COUNT_OF(rows); k++)
			assert_int_equal(ascent_older(&rows[i], &rows[k]), i < k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_tip_alone_is_its_own_root, begin),
		cmocka_unit_test_setup(the_root_is_found_over_shards, begin),
		cmocka_unit_test_setup(a_tip_that_moved_is_followed, begin),
		cmocka_unit_test_setup(a_tip_on_its_way_is_where_it_left, begin),
		cmocka_unit_test_setup(a_tip_on_its_way_back_is_not_followed_in_a_ring, begin),
		cmocka_unit_test_setup(a_parent_that_is_gone_ends_the_way, begin),
		cmocka_unit_test_setup(the_way_is_bounded, begin),
		cmocka_unit_test(age_is_time_and_then_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
