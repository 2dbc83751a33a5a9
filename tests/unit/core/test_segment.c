/*
 * daemon/core/text/segment.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/text/segment.h"

#include "daemon/base/buf.h"

#include <stdio.h>
#include <stdlib.h>

static struct buf real;

static int start(void **state)
{
	FILE *f = fopen("config/regions/segments.bin", "rb");
	size_t n;

	(void)state;
	assert_non_null(f);
	while ((n = fread(buf_reserve(&real, 65536), 1, 65536, f)) > 0)
		real.len += n;
	fclose(f);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	buf_release(&real);
	return 0;
}

static void assert_sold(const char *number, const char *expected)
{
	struct segments segments;
	char code[7] = "none";

	assert_true(segments_open(buf_span(&real), &segments, NULL));
	assert_int_equal(segments_find(&segments, span_of(number), code), strcmp(expected, "none") != 0);
	assert_string_equal(code, expected);
}

static void test_known_segments(void **state)
{
	(void)state;
	assert_sold("13057001234", "320600");
	assert_sold("13912345678", "320400");
	assert_sold("18665430000", "440600");
	assert_sold("13499999999", "110000");
	assert_sold("+8613057001234", "320600");
	assert_sold("8613057001234", "320600");
}

static void test_what_is_no_mainland_mobile_number(void **state)
{
	(void)state;
	assert_sold("", "none");
	assert_sold("+", "none");
	assert_sold("1305700123", "none");
	assert_sold("130570012345", "none");
	assert_sold("03057001234", "none");
	assert_sold("1305700123x", "none");
	assert_sold("+85213057001", "none");
	assert_sold("+13057001234", "none");
	assert_sold("19999999999", "none");
	assert_sold("11111111111", "none");
}

static void test_an_empty_table_knows_nothing(void **state)
{
	struct segments segments = { 0 };
	char code[7];

	(void)state;
	assert_false(segments_find(&segments, SPAN("13057001234"), code));
}

/* No cut and no changed byte may let a lookup leave the table. */
static void test_broken_tables(void **state)
{
	struct segments segments;
	char code[7];

	(void)state;
	for (size_t len = 0; len < 3000; len++)
		assert_false(segments_open(span_from(real.at, len), &segments, NULL));
	srand(3);
	for (int round = 0; round < 2000; round++) {
		size_t at = (size_t)rand() % 4000;
		char was = real.at[at];

		real.at[at] = (char)rand();
		if (segments_open(buf_span(&real), &segments, NULL))
			for (int i = 0; i < 20; i++) {
				char number[16];

				snprintf(number, sizeof(number), "1%02d%04u0000", 30 + i, (unsigned)rand() % 10000);
				(void)segments_find(&segments, span_of(number), code);
			}
		real.at[at] = was;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_segments),
		cmocka_unit_test(test_what_is_no_mainland_mobile_number),
		cmocka_unit_test(test_an_empty_table_knows_nothing),
		cmocka_unit_test(test_broken_tables),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
