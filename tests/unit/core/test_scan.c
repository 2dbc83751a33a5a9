/*
 * daemon/core/text/scan.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/text/scan.h"

#include <stdio.h>

struct fixture {
	struct scan_set *set;
	struct scanner *scanner;
	struct scan_scratch *scratch;
	struct arena arena;
};

static void start(struct fixture *f)
{
	const char *why = NULL;

	f->scanner = scanner_new(f->set, &why);
	assert_non_null(f->scanner);
	scan_set_free(f->set);
	f->scratch = scan_scratch_new(f->scanner);
	arena_init(&f->arena);
}

static void stop(struct fixture *f)
{
	arena_release(&f->arena);
	scan_scratch_free(f->scratch);
	scanner_free(f->scanner);
}

static void assert_hit(const struct scan_hit *hit, uint32_t from, uint32_t to, enum scan_family family,
		       uint32_t meaning)
{
	assert_int_equal(hit->from, from);
	assert_int_equal(hit->to, to);
	assert_int_equal(hit->family, family);
	assert_int_equal(hit->meaning, meaning);
}

static void test_overlapping_words_come_in_order_longer_first(void **state)
{
	struct fixture f = { .set = scan_set_new() };
	struct scan_hits hits;

	(void)state;
	scan_set_add(f.set, SCAN_PLACE, 1, SPAN("市中区"));
	scan_set_add(f.set, SCAN_PLACE, 2, SPAN("济南"));
	scan_set_add(f.set, SCAN_PLACE, 3, SPAN("济南市"));
	scan_set_add(f.set, SCAN_PLACE, 4, SPAN("南"));
	start(&f);
	scan(f.scanner, f.scratch, SPAN("济南市中区"), &f.arena, &hits);
	assert_int_equal(hits.n, 4);
	assert_hit(&hits.at[0], 0, 9, SCAN_PLACE, 3);
	assert_hit(&hits.at[1], 0, 6, SCAN_PLACE, 2);
	assert_hit(&hits.at[2], 3, 6, SCAN_PLACE, 4);
	assert_hit(&hits.at[3], 6, 15, SCAN_PLACE, 1);
	stop(&f);
}

static void test_one_word_may_mean_several_things(void **state)
{
	struct fixture f = { .set = scan_set_new() };
	struct scan_hits hits;

	(void)state;
	scan_set_add(f.set, SCAN_TERM, 9, SPAN("朝阳"));
	scan_set_add(f.set, SCAN_PLACE, 5, SPAN("朝阳"));
	scan_set_add(f.set, SCAN_PLACE, 4, SPAN("朝阳"));
	scan_set_add(f.set, SCAN_PLACE, 4, SPAN("朝阳"));
	start(&f);
	scan(f.scanner, f.scratch, SPAN("在朝阳"), &f.arena, &hits);
	assert_int_equal(hits.n, 3);
	assert_hit(&hits.at[0], 3, 9, SCAN_PLACE, 4);
	assert_hit(&hits.at[1], 3, 9, SCAN_PLACE, 5);
	assert_hit(&hits.at[2], 3, 9, SCAN_TERM, 9);
	stop(&f);
}

static void test_nothing_to_find_and_nothing_to_read(void **state)
{
	struct fixture f = { .set = scan_set_new() };
	struct scan_hits hits;

	(void)state;
	start(&f);
	scan(f.scanner, f.scratch, SPAN("任何"), &f.arena, &hits);
	assert_int_equal(hits.n, 0);
	scan(f.scanner, f.scratch, (struct span){ 0 }, &f.arena, &hits);
	assert_int_equal(hits.n, 0);
	stop(&f);
}

static void test_bytes_are_taken_as_they_are(void **state)
{
	struct fixture f = { .set = scan_set_new() };
	struct scan_hits hits;

	(void)state;
	scan_set_add(f.set, SCAN_TERM, 0, SPAN("a.*[b]"));
	scan_set_add(f.set, SCAN_TERM, 1, SPAN("x\0y"));
	start(&f);
	scan(f.scanner, f.scratch, SPAN("aaab a.*[b] x\0y"), &f.arena, &hits);
	assert_int_equal(hits.n, 2);
	assert_hit(&hits.at[0], 5, 11, SCAN_TERM, 0);
	assert_hit(&hits.at[1], 12, 15, SCAN_TERM, 1);
	stop(&f);
}

/* Against the obvious way: every literal tried at every place. */
static void test_finds_exactly_what_a_naive_search_finds(void **state)
{
	static const char *const words[] = { "ab", "ba", "aba", "abab", "b", "bb", "aab", "babba" };
	struct fixture f = { .set = scan_set_new() };
	uint32_t seed = 3;
	char text[200];

	(void)state;
	for (uint32_t i = 0; i < 8; i++)
		scan_set_add(f.set, SCAN_TERM, i, span_of(words[i]));
	start(&f);
	for (int round = 0; round < 200; round++) {
		struct scan_hits hits;
		size_t expected = 0;

		for (size_t i = 0; i < sizeof(text); i++) {
			seed = seed * 1103515245 + 12345;
			text[i] = (seed >> 16) % 3 != 0 ? 'a' : 'b';
		}
		scan(f.scanner, f.scratch, span_from(text, sizeof(text)), &f.arena, &hits);
		for (size_t i = 0; i < sizeof(text); i++)
			for (size_t w = 0; w < 8; w++)
				expected +=
					span_starts(span_from(text + i, sizeof(text) - i), span_of(words[w]));
		assert_int_equal(hits.n, expected);
		for (size_t i = 0; i < hits.n; i++) {
			const struct scan_hit *h = &hits.at[i];

			assert_true(span_is(span_from(text + h->from, h->to - h->from), words[h->meaning]));
			if (i > 0)
				assert_true(h[-1].from < h->from ||
					    (h[-1].from == h->from && h[-1].to > h->to));
		}
	}
	stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overlapping_words_come_in_order_longer_first),
		cmocka_unit_test(test_one_word_may_mean_several_things),
		cmocka_unit_test(test_nothing_to_find_and_nothing_to_read),
		cmocka_unit_test(test_bytes_are_taken_as_they_are),
		cmocka_unit_test(test_finds_exactly_what_a_naive_search_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
