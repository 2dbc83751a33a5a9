/*
 * The plan: no cell is too small, nothing is found by subtracting, and what need
 * not stay closed is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tlog/figures_sample.h"

#include "daemon/base/table.h"

static struct sample sample;
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	sample.n = 0;
	sample.random = 7;
	arena_clear(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* n events in one region of prefecture 1506 or 1501. */
static void add(const char *event, const char *outcome, const char *region, size_t n)
{
	while (n-- > 0)
		sample_region(sample_add(&sample, strcmp(event, "accepted") == 0 ? LEAF_RECEIVED : LEAF_WORK, event, outcome), region,
			      "150000", strncmp(region, "1506", 4) == 0 ? "150600" : "150100");
}

/* "accepted - 150621 5 - - -\n..." of what the plan opens. */
static const char *planned(void)
{
	static char text[8192];
	struct figures figures = { .origin = SPAN("x"), .month = SPAN("2026-11") };
	static struct figures_leaf leaves[SAMPLE_MAX];
	struct buf out = { 0 };
	struct span rest, line;

	figures_plan(sample.leaves, sample.n, FIGURES_SMALL, &arena);
	memcpy(leaves, sample.leaves, sizeof(leaves[0]) * sample.n);
	assert_true(figures_count(leaves, sample.n, &arena, &figures));
	figures_write(&figures, &out);
	rest = buf_span(&out);
	for (size_t i = 0; i < 3; i++)
		assert_true(span_cut(&rest, '\n', &line));
	assert_true(rest.len < sizeof(text));
	memcpy(text, rest.at, rest.len);
	text[rest.len] = '\0';
	buf_release(&out);
	return text;
}

static void large_cells_are_told_by_county(void **state)
{
	(void)state;
	add("accepted", "", "150621", 5);
	add("accepted", "", "150622", 9);
	sample_dummies(&sample, LEAF_RECEIVED, 4);
	assert_string_equal(planned(), "closed 0 0 0\ndummies 4 0 0\naccepted - 150621 5 - - -\naccepted - 150622 9 - - -\n");
}

static void small_ones_join_the_level_above(void **state)
{
	(void)state;
	add("accepted", "", "150621", 3);
	add("accepted", "", "150622", 9);
	add("accepted", "", "150623", 2);
	assert_string_equal(planned(), "closed 0 0 0\ndummies 0 0 0\naccepted - 150600 5 - - -\naccepted - 150622 9 - - -\n");
}

static void what_the_bureau_has_itself_is_among_them(void **state)
{
	(void)state;
	add("accepted", "", "150621", 1);
	add("accepted", "", "150600", 6);
	add("accepted", "", "150101", 5);
	assert_string_equal(planned(), "closed 0 0 0\ndummies 0 0 0\naccepted - 150101 5 - - -\naccepted - 150600 7 - - -\n");
}

/* Two of the province would be found by subtracting: the smallest cell joins them. */
static void a_rest_too_small_takes_the_smallest_cell(void **state)
{
	(void)state;
	add("accepted", "", "150621", 8);
	add("accepted", "", "150101", 6);
	add("accepted", "", "150623", 2);
	assert_string_equal(planned(), "closed 0 0 0\ndummies 0 0 0\naccepted - - 8 - - -\naccepted - 150621 8 - - -\n");
}

static void a_small_event_stays_closed_among_dummies(void **state)
{
	(void)state;
	add("accepted", "", "150621", 3);
	sample_dummies(&sample, LEAF_RECEIVED, 10);
	assert_string_equal(planned(), "closed 5 0 0\ndummies 8 0 0\n");
}

static void without_dummies_the_class_stays_closed(void **state)
{
	(void)state;
	add("accepted", "", "150621", 20);
	sample_region(sample_add(&sample, LEAF_RECEIVED, "received", ""), "150621", "150000", "150600");
	sample_dummies(&sample, LEAF_RECEIVED, 3);
	assert_string_equal(planned(), "closed 24 0 0\ndummies 0 0 0\n");
}

/* Which dummies stay closed does not follow from their place. */
static void closed_dummies_are_drawn(void **state)
{
	size_t closed_among_first = 0;

	(void)state;
	for (uint32_t run = 0; run < 100; run++) {
		set_up(state);
		sample.random = run * 977;
		add("accepted", "", "150621", 3);
		sample_dummies(&sample, LEAF_RECEIVED, 10);
		planned();
		closed_among_first += sample.leaves[3].open == 0;
	}
	assert_in_range(closed_among_first, 8, 35);
}

static void outcomes_are_told_apart_where_they_are_many(void **state)
{
	(void)state;
	add("closed", "verified", "150621", 6);
	add("closed", "unfounded", "150621", 8);
	add("closed", "prank", "150621", 3);
	add("closed", "referred", "150621", 2);
	assert_string_equal(planned(), "closed 0 0 0\ndummies 0 0 0\nclosed - 150621 5 - - -\nclosed unfounded 150621 8 - - -\n"
				       "closed verified 150621 6 - - -\n");
}

static void a_single_small_outcome_takes_the_smallest(void **state)
{
	(void)state;
	add("closed", "verified", "150621", 6);
	add("closed", "unfounded", "150621", 8);
	add("closed", "prank", "150621", 1);
	assert_string_equal(planned(), "closed 0 0 0\ndummies 0 0 0\nclosed - 150621 7 - - -\nclosed unfounded 150621 8 - - -\n");
}

static void what_informants_cause_stays_closed(void **state)
{
	(void)state;
	add("supplement", "", "", 30);
	add("rescored", "", "150621", 30);
	add("note", "", "150621", 30);
	sample_dummies(&sample, LEAF_OFFICE, 2);
	for (size_t i = 0; i < 9; i++) {
		sample_add(&sample, LEAF_OFFICE, "reward.claim", "");
		sample_add(&sample, LEAF_OFFICE, "sign_in", "");
	}
	assert_string_equal(planned(), "closed 0 60 9\ndummies 0 0 2\nnote - - 30 - - -\nsign_in - - 9 - - -\n");
}

static void rewards_are_told_by_prefecture_with_amounts(void **state)
{
	(void)state;
	for (size_t i = 0; i < 7; i++) {
		struct figures_leaf *leaf = sample_add(&sample, LEAF_OFFICE, "attempt.observe", "succeeded");

		sample_region(leaf, "150621", "150000", "150600");
		leaf->values.at[LEAF_AMOUNT] = SPAN("850000");
	}
	assert_string_equal(planned(), "closed 0 0 0\ndummies 0 0 0\nattempt.observe succeeded 150600 7 5950000 - -\n");
}

static void first_looks_tell_how_long_they_took(void **state)
{
	static const char *const waited[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "100" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(waited); i++) {
		struct figures_leaf *leaf = sample_add(&sample, LEAF_WORK, "first_look", "");

		sample_region(leaf, "150621", "150000", "150600");
		leaf->values.at[LEAF_WAITED] = span_of(waited[COUNT_OF(waited) - 1 - i]);
	}
	assert_string_equal(planned(), "closed 0 0 0\ndummies 0 0 0\nfirst_look - 150621 10 - 4 8\n");
}

/* Months of any events: whatever stands in a row stands there five times, and all leaves are in one place. */
static void months_by_chance(void **state)
{
	static const char *const events[] = { "accepted", "first_look", "closed", "escalated", "note", "supplement" };
	static const char *const outcomes[] = { "verified", "unfounded", "prank" };
	static const char *const regions[] = { "150000", "150600", "150621", "150622", "150623", "150101", "150102", "150100" };

	(void)state;
	for (uint32_t run = 0; run < 300; run++) {
		struct figures figures = { .origin = SPAN("x"), .month = SPAN("2026-11") };
		uint64_t told = 0;

		set_up(state);
		sample.random = run;
		for (size_t i = sample_random(&sample, 120); i > 0; i--) {
			const char *event = events[sample_random(&sample, COUNT_OF(events))];
			bool closed = strcmp(event, "closed") == 0;

			add(event, closed ? outcomes[sample_random(&sample, 1 + sample_random(&sample, 3))] : "",
			    regions[sample_random(&sample, 1 + sample_random(&sample, COUNT_OF(regions)))], 1);
		}
		sample_dummies(&sample, LEAF_RECEIVED, 8);
		sample_dummies(&sample, LEAF_WORK, 8);
		figures_plan(sample.leaves, sample.n, FIGURES_SMALL, &arena);
		assert_true(figures_count(sample.leaves, sample.n, &arena, &figures));
		for (size_t i = 0; i < figures.n; i++) {
			assert_true(figures.rows[i].count >= FIGURES_SMALL);
			told += figures.rows[i].count;
		}
		for (size_t i = LEAF_RECEIVED; i < LEAF_CLASSES_END; i++) {
			assert_true(figures.closed[i] == 0 || figures.closed[i] >= FIGURES_SMALL);
			told += figures.closed[i] + figures.dummies[i];
		}
		assert_int_equal(told, sample.n);
	}
}

#define EACH(test) cmocka_unit_test_setup(test, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(large_cells_are_told_by_county),
		EACH(small_ones_join_the_level_above),
		EACH(what_the_bureau_has_itself_is_among_them),
		EACH(a_rest_too_small_takes_the_smallest_cell),
		EACH(a_small_event_stays_closed_among_dummies),
		EACH(without_dummies_the_class_stays_closed),
		EACH(closed_dummies_are_drawn),
		EACH(outcomes_are_told_apart_where_they_are_many),
		EACH(a_single_small_outcome_takes_the_smallest),
		EACH(what_informants_cause_stays_closed),
		EACH(rewards_are_told_by_prefecture_with_amounts),
		EACH(first_looks_tell_how_long_they_took),
		EACH(months_by_chance),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
