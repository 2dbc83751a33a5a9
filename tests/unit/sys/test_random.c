/*
 * Random bytes: all are written, none comes twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/random.h"

#include <sodium.h>
#include <string.h>

/* Across the block that is drawn ahead, sixteen bytes never repeat. */
static void no_draw_comes_again(void **state)
{
	static unsigned char drawn[2000][16];

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		random_bytes(drawn[i], 16);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(drawn[i], drawn[j], 16);
	}
}

static void every_byte_is_filled_and_none_beyond(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 600; len += 7) {
		unsigned char seen[608] = { 0 };
		unsigned char at[608];

		for (int round = 0; round < 40; round++) {
			memset(at, 0, sizeof(at));
			random_bytes(at, len);
			for (size_t i = 0; i < sizeof(at); i++)
				seen[i] |= at[i];
		}
		for (size_t i = 0; i < sizeof(at); i++)
			assert_int_equal(seen[i] != 0, i < len);
	}
}

static void numbers_use_all_bits(void **state)
{
	uint64_t ones = 0;
	uint64_t zeroes = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		uint64_t number = random_u64();

		ones |= number;
		zeroes |= ~number;
	}
	assert_true(ones == UINT64_MAX && zeroes == UINT64_MAX);
}

static int begin_all(void **state)
{
	(void)state;
	return sodium_init() < 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_draw_comes_again),
		cmocka_unit_test(every_byte_is_filled_and_none_beyond),
		cmocka_unit_test(numbers_use_all_bits),
	};

	return cmocka_run_group_tests(tests, begin_all, NULL);
}
