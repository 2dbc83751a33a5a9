/*
 * Hexadecimal: there and back, and nothing that is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/hex.h"

static void bytes_come_back(void **state)
{
	struct arena arena = { 0 };
	unsigned char all[256];
	unsigned char back[256];
	char *text;

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	text = hex_text(&arena, all, sizeof(all));
	assert_int_equal(strlen(text), 512);
	assert_memory_equal(text, "000102", 6);
	assert_string_equal(text + 506, "fdfeff");
	assert_true(hex_get(span_of(text), back, sizeof(back)));
	assert_memory_equal(all, back, sizeof(all));
	arena_release(&arena);
}

static void either_case_is_read(void **state)
{
	unsigned char a[2];

	(void)state;
	assert_true(hex_get(SPAN("AbcD"), a, 2));
	assert_int_equal(a[0], 0xab);
	assert_int_equal(a[1], 0xcd);
}

static void other_lengths_and_signs_are_refused(void **state)
{
	unsigned char a[2];

	(void)state;
	assert_false(hex_get(SPAN("abc"), a, 2));
	assert_false(hex_get(SPAN("abcde"), a, 2));
	assert_false(hex_get(SPAN(""), a, 2));
	for (int c = 1; c < 256; c++) {
		char text[4] = { '0', '0', '0', (char)c };
		bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

		assert_int_equal(hex_get(span_from(text, 4), a, 2), digit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_back),
		cmocka_unit_test(either_case_is_read),
		cmocka_unit_test(other_lengths_and_signs_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
