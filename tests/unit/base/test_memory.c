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

/* What was there stays, and there is room for one more each time; a sanitizer sees a write past the end. */
static void an_array_grows_with_its_use(void **state)
{
	unsigned *numbers = NULL;

	(void)state;
	for (unsigned n = 0; n < 1000; n++) {
		numbers = memory_grow(numbers, n, sizeof(*numbers));
		numbers[n] = n;
	}
	for (unsigned n = 0; n < 1000; n++)
		assert_int_equal(numbers[n], n);
	free(numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_is_zero),
		cmocka_unit_test(an_array_grows_with_its_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
