/*
 * UTF-8, held against the definition: every code point, every short byte row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"

/* The bytes of a code point by the bit layout alone; also of those that may not be. */
static size_t encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

static void every_code_point_is_valid_but_surrogates_and_what_lies_beyond(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x120000; c++) {
		char bytes[4];
		size_t len = encode(c, bytes);
		bool lawful = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);

		if (utf8_valid(span_from(bytes, len)) != lawful)
			fail_msg("U+%04X", c);
		if (lawful && len > 1)
			assert_false(utf8_valid(span_from(bytes, len - 1)));
		if (lawful)
			assert_int_equal(utf8_count(span_from(bytes, len)), 1);
	}
}

/* Of all rows of two bytes exactly the encodings are valid; so there is no overlong one. */
static void no_other_row_of_two_bytes_is_valid(void **state)
{
	unsigned valid = 0;

	(void)state;
	for (unsigned row = 0; row < 0x10000; row++) {
		char bytes[2] = { (char)(row >> 8), (char)row };

		valid += utf8_valid(span_from(bytes, 2));
	}
	assert_int_equal(valid, 128 * 128 + (0x800 - 0x80));
}

static void overlong_forms_are_refused(void **state)
{
	static const char *const forms[] = { "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
					     "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf8\x88\x80\x80\x80",
					     "\xff", "\x80", "a\xe4\xb8" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(forms); i++)
		assert_false(utf8_valid(span_of(forms[i])));
	assert_true(utf8_valid((struct span){ 0 }));
}

static void a_cut_is_the_longest_start_that_is_valid(void **state)
{
	struct span text = SPAN("a\xc3\xa9\xe7\xa0\x96\xf0\x9f\x98\x80z");

	(void)state;
	for (size_t max = 0; max <= text.len + 2; max++) {
		struct span cut = utf8_cut(text, max);

		assert_true(cut.len <= max && span_starts(text, cut) && utf8_valid(cut));
		for (size_t longer = cut.len + 1; longer <= max && longer <= text.len; longer++)
			assert_false(utf8_valid(span_from(text.at, longer)));
	}
	assert_int_equal(utf8_count(text), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point_is_valid_but_surrogates_and_what_lies_beyond),
		cmocka_unit_test(no_other_row_of_two_bytes_is_valid),
		cmocka_unit_test(overlong_forms_are_refused),
		cmocka_unit_test(a_cut_is_the_longest_start_that_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
