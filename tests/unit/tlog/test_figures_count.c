/*
 * Counting what is open: rows, sums, percentiles, and what cannot be counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/figures.h"

#include "daemon/base/table.h"

#define EVENT LEAF_OPEN(LEAF_EVENT)

static struct figures_leaf leaf_of(const char *event, const char *province, unsigned open)
{
	return (struct figures_leaf){ .class = LEAF_WORK, .open = open,
				      .values.at = { [LEAF_EVENT] = span_of(event), [LEAF_PROVINCE] = span_of(province) } };
}

/* A value that is closed is not looked at. */
static void closed_fields_do_not_count(void **state)
{
	struct figures_leaf leaves[] = {
		leaf_of("closed", "150000", EVENT | LEAF_OPEN(LEAF_PROVINCE)), leaf_of("closed", "150000", EVENT),
		leaf_of("closed", "110000", EVENT), leaf_of("closed", "150000", 0), leaf_of("dummy", "", EVENT), leaf_of("dummy", "", 0),
	};
	struct arena arena = { 0 };
	struct figures figures;

	(void)state;
	leaves[1].values.at[LEAF_OUTCOME] = SPAN("prank");
	assert_true(figures_count(leaves, COUNT_OF(leaves), &arena, &figures));
	assert_int_equal(figures.n, 2);
	assert_true(span_empty(figures.rows[0].region) && figures.rows[0].count == 2);
	assert_true(span_is(figures.rows[1].region, "150000") && figures.rows[1].count == 1);
	assert_int_equal(figures.closed[LEAF_WORK], 2);
	assert_int_equal(figures.dummies[LEAF_WORK], 1);
	arena_release(&arena);
}

static void half_and_nine_tenths(void **state)
{
	static const struct {
		size_t n;
		uint64_t median, p90;
	} wanted[] = { { 1, 1, 1 }, { 2, 1, 2 }, { 3, 2, 3 }, { 10, 5, 9 }, { 11, 6, 10 }, { 100, 50, 90 } };
	static const char numbers[] = "001002003004005006007008009010011012013014015016017018019020021022023024025026027028029030031032033034"
				      "035036037038039040041042043044045046047048049050051052053054055056057058059060061062063064065066067068"
				      "069070071072073074075076077078079080081082083084085086087088089090091092093094095096097098099100";
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wanted); i++) {
		struct figures_leaf leaves[100];
		struct figures figures;

		for (size_t k = 0; k < wanted[i].n; k++) {
			leaves[k] = leaf_of("first_look", "", EVENT | LEAF_OPEN(LEAF_WAITED));
			leaves[k].values.at[LEAF_WAITED] = span_from(numbers + 3 * (wanted[i].n - 1 - k), 3);
		}
		assert_true(figures_count(leaves, wanted[i].n, &arena, &figures));
		assert_int_equal(figures.n, 1);
		assert_int_equal(figures.rows[0].median, wanted[i].median);
		assert_int_equal(figures.rows[0].p90, wanted[i].p90);
	}
	arena_release(&arena);
}

static void what_cannot_be_counted_is_refused(void **state)
{
	struct figures_leaf wrong[] = {
		leaf_of("closed", "150000", LEAF_OPEN(LEAF_PROVINCE)), leaf_of("", "150000", EVENT), leaf_of("closed", "15", EVENT | LEAF_OPEN(LEAF_PROVINCE)),
		leaf_of("closed", "", EVENT | LEAF_OPEN(LEAF_PROVINCE)), leaf_of("closed", "150000", EVENT | LEAF_OPEN(LEAF_PREFECTURE)),
		leaf_of("closed", "", EVENT | LEAF_OPEN(LEAF_WAITED)), leaf_of("closed", "", EVENT | LEAF_OPEN(LEAF_AMOUNT)),
	};
	struct arena arena = { 0 };
	struct figures figures;

	(void)state;
	wrong[4].values.at[LEAF_PREFECTURE] = SPAN("150600");
	wrong[5].values.at[LEAF_WAITED] = SPAN("long");
	wrong[6].values.at[LEAF_AMOUNT] = SPAN("12345678901234567");
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(figures_count(&wrong[i], 1, &arena, &figures));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closed_fields_do_not_count),
		cmocka_unit_test(half_and_nine_tenths),
		cmocka_unit_test(what_cannot_be_counted_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
