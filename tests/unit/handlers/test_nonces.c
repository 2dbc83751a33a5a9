/*
 * Nonces: once within ten minutes, for every rail by itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/payout/nonces.h"

#include <stdio.h>

#define WHO SPAN("wallet")

static const unsigned char key[16] = { 1, 2, 3 };

static enum nonces_answer take(struct nonces *nonces, unsigned number, int64_t now_ms)
{
	char text[24];

	snprintf(text, sizeof(text), "nonce-%016x", number);
	return nonces_take(nonces, WHO, span_of(text), now_ms);
}

static void a_nonce_passes_once(void **state)
{
	struct nonces *nonces = nonces_new(8, key);

	(void)state;
	assert_int_equal(nonces_take(nonces, WHO, SPAN("0123456789abcdef"), 1000), NONCES_NEW);
	assert_int_equal(nonces_take(nonces, WHO, SPAN("0123456789abcdef"), 1000), NONCES_SEEN);
	assert_int_equal(nonces_take(nonces, SPAN("bank"), SPAN("0123456789abcdef"), 1000), NONCES_NEW);
	assert_int_equal(nonces_take(nonces, WHO, SPAN("0123456789abcdef"), 1000 + NONCES_KEEP_MS - 1), NONCES_SEEN);
	assert_int_equal(nonces_take(nonces, WHO, SPAN("0123456789abcdef"), 1000 + NONCES_KEEP_MS), NONCES_NEW);
	nonces_free(nonces);
	nonces_free(NULL);
}

/* None of as many as there is room for is forgotten or turned away. */
static void as_many_as_were_ordered(void **state)
{
	struct nonces *nonces = nonces_new(4096, key);

	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		int64_t now = 1 + round * NONCES_KEEP_MS;

		for (unsigned i = 0; i < 4096; i++)
			assert_int_equal(take(nonces, i, now), NONCES_NEW);
		for (unsigned i = 0; i < 4096; i++)
			assert_int_equal(take(nonces, i, now + NONCES_KEEP_MS - 1), NONCES_SEEN);
	}
	nonces_free(nonces);
}

static void a_full_table_lets_nothing_in(void **state)
{
	struct nonces *nonces = nonces_new(1, key);
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		taken += take(nonces, i, 1) == NONCES_NEW;
	assert_in_range(taken, 1, 66);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_not_equal(take(nonces, i, 1), NONCES_NEW);
	assert_int_equal(take(nonces, 5000, 1), NONCES_FULL);
	assert_int_equal(take(nonces, 5000, 1 + NONCES_KEEP_MS), NONCES_NEW);
	nonces_free(nonces);
}

/* The event could not be written: the same callback comes again and has to pass. */
static void what_was_given_back_passes_again(void **state)
{
	struct nonces *nonces = nonces_new(64, key);

	(void)state;
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(take(nonces, i, 1), NONCES_NEW);
	nonces_drop(nonces, WHO, SPAN("nonce-0000000000000007"));
	nonces_drop(nonces, WHO, SPAN("never seen before"));
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(take(nonces, i, 1), i == 7 ? NONCES_NEW : NONCES_SEEN);
	nonces_free(nonces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_nonce_passes_once),
		cmocka_unit_test(as_many_as_were_ordered),
		cmocka_unit_test(a_full_table_lets_nothing_in),
		cmocka_unit_test(what_was_given_back_passes_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
