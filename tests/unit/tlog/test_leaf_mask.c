/*
 * Masked seeds: the value against one computed apart (Python's hashlib), back again, and by id.
 *
 *   mask = blake2b(b"tipline leaf mask v1\0" b"15-7K3MQ2X9RD", key=bytes(range(32)), digest_size=16)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/leaf_mask.h"

#include "daemon/base/hex.h"

static const struct tip_id id = { .text = "15-7K3MQ2X9RD" };
static unsigned char key[LEAF_KEY_BYTES], seed[LEAF_SEED_BYTES];

static int set_up(void **state)
{
	(void)state;
	for (unsigned char i = 0; i < sizeof(key); i++)
		key[i] = i;
	memcpy(seed, key, sizeof(seed));
	return 0;
}

static void the_mask_is_fixed(void **state)
{
	char hex[2 * LEAF_SEED_BYTES + 1] = "";
	unsigned char masked[LEAF_SEED_BYTES];

	(void)state;
	leaf_mask(key, &id, seed, masked);
	hex_put(masked, sizeof(masked), hex);
	assert_string_equal(hex, "3e2893b9593433cc9c2710a03e51fe17");
}

static void twice_gives_the_seed(void **state)
{
	unsigned char masked[LEAF_SEED_BYTES];

	(void)state;
	leaf_mask(key, &id, seed, masked);
	assert_memory_not_equal(masked, seed, sizeof(seed));
	leaf_mask(key, &id, masked, masked);
	assert_memory_equal(masked, seed, sizeof(seed));
}

static void another_key_or_id_gives_another(void **state)
{
	struct tip_id other = { .text = "15-7K3MQ2X9RE" };
	unsigned char masked[3][LEAF_SEED_BYTES], zero[LEAF_KEY_BYTES] = { 0 };

	(void)state;
	leaf_mask(key, &id, seed, masked[0]);
	leaf_mask(key, &other, seed, masked[1]);
	leaf_mask(zero, &id, seed, masked[2]);
	assert_memory_not_equal(masked[0], masked[1], LEAF_SEED_BYTES);
	assert_memory_not_equal(masked[0], masked[2], LEAF_SEED_BYTES);
	assert_memory_not_equal(masked[1], masked[2], LEAF_SEED_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mask_is_fixed),
		cmocka_unit_test(twice_gives_the_seed),
		cmocka_unit_test(another_key_or_id_gives_another),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
