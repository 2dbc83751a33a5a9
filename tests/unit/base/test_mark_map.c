/*
 * The map of marks against a plain array, over many random changes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/mark_map.h"

#include <string.h>

#define KEYS 500

static struct mark_map map;
static struct {
	bool there;
	uint64_t value;
} model[KEYS];

static void key_of(unsigned number, unsigned char key[MARK_BYTES])
{
	memset(key, 0, MARK_BYTES);
	memcpy(key, &number, sizeof(number));
}

static uint64_t next(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

static void assert_like_model(void)
{
	size_t n = 0;

	for (unsigned i = 0; i < KEYS; i++) {
		unsigned char key[MARK_BYTES];
		uint64_t value = 0;

		key_of(i, key);
		assert_int_equal(mark_map_get(&map, key, &value), model[i].there);
		if (model[i].there)
			assert_int_equal(value, model[i].value);
		n += model[i].there;
	}
	assert_int_equal(map.n, n);
}

static void it_is_a_map_under_any_seed(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 5; seed++) {
		uint64_t random = seed + 88172645463325252u;

		mark_map_init(&map, seed * 0x9e3779b97f4a7c15u);
		memset(model, 0, sizeof(model));
		for (int change = 0; change < 20000; change++) {
			/* Few keys at first, so that chains form and break often. */
			unsigned number = (unsigned)(next(&random) % (change < 10000 ? 60 : KEYS));
			unsigned char key[MARK_BYTES];

			key_of(number, key);
			if (next(&random) % 2 == 0) {
				model[number].there = true;
				model[number].value = next(&random);
				mark_map_set(&map, key, model[number].value);
			} else {
				model[number].there = false;
				mark_map_drop(&map, key);
			}
			if (change % 500 == 0)
				assert_like_model();
		}
		assert_like_model();
		mark_map_release(&map);
	}
}

static void an_empty_map_finds_and_forgets_nothing(void **state)
{
	unsigned char key[MARK_BYTES] = { 1 };
	uint64_t value;

	(void)state;
	mark_map_init(&map, 1);
	assert_false(mark_map_get(&map, key, &value));
	mark_map_drop(&map, key);
	assert_int_equal(map.n, 0);
	mark_map_release(&map);
}

static void keys_that_differ_in_any_byte_are_different(void **state)
{
	unsigned char key[MARK_BYTES] = { 0 };
	uint64_t value;

	(void)state;
	mark_map_init(&map, 1);
	mark_map_set(&map, key, 7);
	for (size_t i = 0; i < MARK_BYTES; i++) {
		key[i] = 1;
		assert_false(mark_map_get(&map, key, &value));
		key[i] = 0;
	}
	mark_map_set(&map, key, 8);
	assert_true(mark_map_get(&map, key, &value));
	assert_int_equal(value, 8);
	assert_int_equal(map.n, 1);
	mark_map_release(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_a_map_under_any_seed),
		cmocka_unit_test(an_empty_map_finds_and_forgets_nothing),
		cmocka_unit_test(keys_that_differ_in_any_byte_are_different),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
