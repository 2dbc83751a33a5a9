/*
 * Spans: comparing, cutting, reading numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/base/span.h"

static void empty_spans_are_equal_wherever_they_point(void **state)
{
	(void)state;
	assert_true(span_eq((struct span){ 0 }, SPAN("")));
	assert_true(span_is((struct span){ 0 }, ""));
	assert_false(span_eq(SPAN("a"), SPAN("")));
	assert_true(span_empty(span_of(NULL)));
	assert_true(span_starts(SPAN("a"), (struct span){ 0 }));
}

static void case_counts_for_ascii_letters_alone(void **state)
{
	(void)state;
	assert_true(span_eq_nocase(SPAN("Content-Type"), SPAN("cONTENT-tYPE")));
	assert_false(span_eq_nocase(SPAN("a"), SPAN("b")));
	assert_false(span_eq_nocase(SPAN("@"), SPAN("`")));
	assert_false(span_eq_nocase(SPAN("["), SPAN("{")));
	assert_false(span_eq_nocase(SPAN("\xc3\x89"), SPAN("\xc3\xa9")));
	assert_false(span_eq_nocase(SPAN("ab"), SPAN("abc")));
}

static void parts_are_cut_one_by_one(void **state)
{
	static const char *const wanted[] = { "a", "", "b", "" };
	struct span rest = SPAN("a,,b,");
	struct span part;
	size_t n = 0;

	(void)state;
	while (span_cut(&rest, ',', &part)) {
		assert_true(n < COUNT_OF(wanted));
		assert_true(span_is(part, wanted[n++]));
	}
	assert_int_equal(n, COUNT_OF(wanted));
	rest = SPAN("");
	assert_true(span_cut(&rest, ',', &part));
	assert_true(span_empty(part));
	assert_false(span_cut(&rest, ',', &part));
}

static void a_needle_is_found_where_it_first_is(void **state)
{
	(void)state;
	assert_int_equal(span_find(SPAN("aab"), SPAN("ab")), 1);
	assert_int_equal(span_find(SPAN("aab"), SPAN("aab")), 0);
	assert_int_equal(span_find(SPAN("aab"), SPAN("b")), 2);
	assert_int_equal(span_find(SPAN("aab"), SPAN("ba")), 3);
	assert_int_equal(span_find(SPAN("aab"), SPAN("aabb")), 3);
	assert_int_equal(span_find((struct span){ 0 }, SPAN("a")), 0);
	assert_int_equal(span_find(SPAN("aab"), (struct span){ 0 }), 0);
}

static void what_cannot_be_read_is_blank(void **state)
{
	(void)state;
	assert_true(span_is_blank((struct span){ 0 }));
	assert_true(span_is_blank(SPAN(" \t\r\n")));
	assert_true(span_is_blank(span_from("\0 ", 2)));
	assert_true(span_is_blank(SPAN("\u3000\u00a0 \u200b\u2003\ufeff")));
	assert_false(span_is_blank(SPAN("\u3000\u2026")));
	assert_false(span_is_blank(SPAN("\xe2\x80")));
	assert_false(span_is_blank(SPAN("\n.\n")));
	assert_false(span_is_blank(SPAN(" \xe7\xba\xa2")));
}

static void blanks_go_from_both_ends(void **state)
{
	(void)state;
	assert_true(span_is(span_trim(SPAN(" \t a b\t ")), "a b"));
	assert_int_equal(span_trim(SPAN(" \t ")).len, 0);
	assert_int_equal(span_trim((struct span){ 0 }).len, 0);
	assert_true(span_is(span_trim(SPAN("\na")), "\na"));
}

static void numbers_are_read_up_to_the_largest(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x1", "1.0", "18446744073709551616",
					   "99999999999999999999999" };
	uint64_t number = 7;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(span_u64(span_of(bad[i]), &number));
	assert_int_equal(number, 7);
	assert_true(span_u64(SPAN("18446744073709551615"), &number));
	assert_true(number == UINT64_MAX);
	assert_true(span_u64(SPAN("007"), &number));
	assert_int_equal(number, 7);
}

static void an_offset_past_the_end_is_empty(void **state)
{
	(void)state;
	assert_true(span_is(span_from_offset(SPAN("abc"), 2), "c"));
	assert_int_equal(span_from_offset(SPAN("abc"), 3).len, 0);
	assert_int_equal(span_from_offset(SPAN("abc"), 99).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_spans_are_equal_wherever_they_point),
		cmocka_unit_test(case_counts_for_ascii_letters_alone),
		cmocka_unit_test(parts_are_cut_one_by_one),
		cmocka_unit_test(a_needle_is_found_where_it_first_is),
		cmocka_unit_test(blanks_go_from_both_ends),
		cmocka_unit_test(what_cannot_be_read_is_blank),
		cmocka_unit_test(numbers_are_read_up_to_the_largest),
		cmocka_unit_test(an_offset_past_the_end_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
