/*
 * Marks of names: the same for the same, another for another use or name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/money/name_mark.h"

#include <string.h>

static unsigned char first[MARK_BYTES], second[MARK_BYTES];

static bool same(const char *use, const char *name, const char *other_use, const char *other)
{
	name_mark(use, span_of(name), first);
	name_mark(other_use, span_of(other), second);
	return memcmp(first, second, MARK_BYTES) == 0;
}

static void the_same_for_the_same(void **state)
{
	(void)state;
	assert_true(same("case", "case-1", "case", "case-1"));
	assert_true(same("case", "", "case", ""));
}

static void another_for_another(void **state)
{
	(void)state;
	assert_false(same("case", "case-1", "case", "case-2"));
	assert_false(same("case", "case-1", "reward", "case-1"));
	/* Where the use ends is part of it. */
	assert_false(same("ab", "c", "a", "bc"));
	assert_false(same("case", "", "", "case"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_for_the_same),
		cmocka_unit_test(another_for_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
