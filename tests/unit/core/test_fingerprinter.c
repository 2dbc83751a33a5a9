/* Hash keys: a function of the key, and every part of them depends on all of it. */
#include "daemon/core/tip/fingerprinter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#define BLOCK 16

static void the_same_key_gives_the_same(void **state)
{
	const struct fingerprint_key key = { .bytes = { 1, 2, 3 } };
	struct fingerprinter one, other;

	(void)state;
	fingerprinter_init(&one, &key);
	fingerprinter_init(&other, &key);
	assert_memory_equal(&one, &other, sizeof(one));
}

static void one_bit_of_the_key_changes_all_of_it(void **state)
{
	struct fingerprint_key key = { .bytes = { 0 } };
	struct fingerprinter plain, changed;
	const unsigned char *a = (const unsigned char *)&plain, *b = (const unsigned char *)&changed;

	(void)state;
	fingerprinter_init(&plain, &key);
	for (size_t i = 0; i < sizeof(key.bytes); i++) {
		key.bytes[i] ^= 1;
		fingerprinter_init(&changed, &key);
		key.bytes[i] ^= 1;
		for (size_t at = 0; at < sizeof(plain); at += BLOCK)
			assert_memory_not_equal(a + at, b + at, BLOCK);
	}
}

static void no_part_repeats_another_or_the_key(void **state)
{
	struct fingerprint_key key;
	struct fingerprinter made;
	const unsigned char *bytes = (const unsigned char *)&made;

	(void)state;
	memset(key.bytes, 7, sizeof(key.bytes));
	fingerprinter_init(&made, &key);
	for (size_t i = 0; i < sizeof(made); i += BLOCK) {
		assert_memory_not_equal(bytes + i, key.bytes, BLOCK);
		for (size_t j = 0; j < i; j += BLOCK)
			assert_memory_not_equal(bytes + i, bytes + j, BLOCK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_key_gives_the_same),
		cmocka_unit_test(one_bit_of_the_key_changes_all_of_it),
		cmocka_unit_test(no_part_repeats_another_or_the_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
