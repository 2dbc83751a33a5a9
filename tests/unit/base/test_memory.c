/*
 * Memory is zero, all of it.
 */
#include "daemon/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

static void every_byte_is_zero(void **state)
{
	unsigned char *at = memory_zeroes(100, 7);

	(void)state;
	for (size_t i = 0; i < 700; i++)
		assert_int_equal(at[i], 0);
	free(at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_is_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
