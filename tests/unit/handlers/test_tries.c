/*
 * Failures by code: the first are free, then the wait doubles, then only a
 * person helps; and one code's failures are no other's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/reward/tries.h"

#include <string.h>

static struct tries *tries;

static int begin(void **state)
{
	(void)state;
	tries = tries_new(42);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	tries_free(tries);
	return 0;
}

static const unsigned char *mark(unsigned n)
{
	static unsigned char bytes[TRIES_MARK_BYTES];

	memset(bytes, 7, sizeof(bytes));
	memcpy(bytes, &n, sizeof(n));
	return bytes;
}

static void the_first_are_free_then_the_wait_doubles(void **state)
{
	uint64_t now_ms = 1000;
	unsigned wait_s = 0, last_s = 0;

	(void)state;
	for (int i = 0; i < TRIES_FREE; i++)
		assert_int_equal(tries_fail(tries, mark(1), now_ms, &wait_s), TRIES_GO);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(tries_fail(tries, mark(1), now_ms, &wait_s), TRIES_WAIT);
		assert_true(last_s == 0 || wait_s == 2 * last_s);
		last_s = wait_s;
		assert_int_equal(tries_fail(tries, mark(1), now_ms + 1000 * (wait_s - 1), &wait_s), TRIES_WAIT);
		assert_int_equal(wait_s, 1);
		now_ms += UINT64_C(1000) * last_s;
		assert_int_equal(tries_fail(tries, mark(1), now_ms, &wait_s), TRIES_GO);
	}
	assert_int_equal(tries_fail(tries, mark(2), now_ms, &wait_s), TRIES_GO);
}

static void a_hundred_in_thirty_days_are_enough(void **state)
{
	uint64_t now_ms = 5000;
	unsigned wait_s = 0, went = 0;

	(void)state;
	while (tries_fail(tries, mark(1), now_ms, &wait_s) != TRIES_IN_PERSON) {
		went++;
		now_ms += UINT64_C(1000) * TRIES_WAIT_MAX_S;
		assert_true(went <= TRIES_MAX);
	}
	assert_int_equal(went, TRIES_MAX);
	assert_int_equal(tries_fail(tries, mark(2), now_ms, &wait_s), TRIES_GO);
	assert_int_equal(tries_fail(tries, mark(1), 5000 + TRIES_PERIOD_MS, &wait_s), TRIES_GO);
}

/* So many codes that some give way: no code is ever slower than by its own failures. */
static void a_flood_slows_nobody_else(void **state)
{
	unsigned wait_s = 0;

	(void)state;
	for (unsigned i = 0; i < 200000; i++)
		assert_int_equal(tries_fail(tries, mark(i), 1000 + i, &wait_s), TRIES_GO);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_are_free_then_the_wait_doubles),
		TEST(a_hundred_in_thirty_days_are_enough),
		TEST(a_flood_slows_nobody_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
