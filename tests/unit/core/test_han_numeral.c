/*
 * Han numerals: every one has its value, and nothing else has one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/base/span.h"
#include "daemon/core/text/han_numeral.h"

static const struct {
	uint32_t c;
	int value;
} numerals[] = {
	{ U'〇', 0 }, { U'零', 0 }, { U'一', 1 }, { U'二', 2 },  { U'两', 2 },  { U'三', 3 },   { U'四', 4 },    { U'五', 5 },
	{ U'六', 6 }, { U'七', 7 }, { U'八', 8 }, { U'九', 9 }, { U'十', 10 }, { U'百', 100 }, { U'千', 1000 },
};

static int expected(uint32_t c)
{
	for (size_t i = 0; i < sizeof(numerals) / sizeof(*numerals); i++) {
		if (numerals[i].c == c)
			return numerals[i].value;
	}
	return -1;
}

static void every_character(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x10FFFF; c++)
		assert_int_equal(han_numeral(c), expected(c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
