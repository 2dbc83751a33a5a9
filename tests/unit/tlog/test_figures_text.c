/*
 * Figures as text: read and written they are the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/figures.h"

#include "daemon/base/table.h"

#define HEAD "tipline-figures/v1\ntips.example/15\n2026-11\nclosed 0 12 5\ndummies 3 4 0\n"

static void texts_come_back(void **state)
{
	static const char text[] = HEAD "accepted - 150621 5 - - -\nattempt.observe succeeded 150600 7 5950000 - -\nfirst_look - - 10 - 4 8\n";
	struct figures figures;
	struct arena arena = { 0 };
	struct buf again = { 0 };

	(void)state;
	assert_true(figures_read(SPAN(text), &arena, &figures));
	assert_int_equal(figures.n, 3);
	assert_true(span_is(figures.rows[0].region, "150621") && !figures.rows[0].amounts && !figures.rows[0].waits);
	assert_true(figures.rows[1].amounts && figures.rows[1].amount == 5950000);
	assert_true(figures.rows[2].waits && figures.rows[2].median == 4 && figures.rows[2].p90 == 8);
	assert_int_equal(figures.closed[LEAF_WORK], 12);
	assert_int_equal(figures.dummies[LEAF_RECEIVED], 3);
	figures_write(&figures, &again);
	assert_true(span_is(buf_span(&again), text));
	buf_release(&again);
	arena_release(&arena);
}

static void other_texts_are_refused(void **state)
{
	static const char *const wrong[] = {
		"", "tipline-figures/v1\n", HEAD "accepted - 150621 5 - -\n", HEAD "accepted - 150621 5 - - - -\n", HEAD "accepted - 15062 5 - - -\n",
		HEAD "- - 150621 5 - - -\n", HEAD "accepted - 150621 05 - - -\n", HEAD "accepted - 150621 5 - 1 -\n", HEAD "accepted  150621 5 - - -\n",
		HEAD "accepted - 150621 5 - - -", HEAD "accepted - 150621 x - - -\n", HEAD "\n",
		"tipline-figures/v1\ntips.example/15\n2026-1\nclosed 0 0 0\ndummies 0 0 0\n",
		"tipline-figures/v1\ntips.example/15\n2026-11\nclosed 0 0\ndummies 0 0 0\n",
		"tipline-figures/v1\ntips.example/15\n2026-11\nclosed 0 0 0 0\ndummies 0 0 0\n",
		"tipline-figures/v1\ntips example/15\n2026-11\nclosed 0 0 0\ndummies 0 0 0\n",
	};
	struct arena arena = { 0 };
	struct figures figures;

	(void)state;
	assert_true(figures_read(SPAN(HEAD), &arena, &figures));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (figures_read(span_of(wrong[i]), &arena, &figures))
			fail_msg("number %zu was taken", i);
	arena_release(&arena);
}

static void months(void **state)
{
	static const char *const wrong[] = { "", "2026-00", "2026-13", "2026-1", "2026-011", "2026/11", "202a-11", "2026-1x", "2026-99" };

	(void)state;
	assert_true(figures_month_valid(SPAN("2026-01")) && figures_month_valid(SPAN("2026-12")) && figures_month_valid(SPAN("2026-09")));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(figures_month_valid(span_of(wrong[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(other_texts_are_refused),
		cmocka_unit_test(months),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
