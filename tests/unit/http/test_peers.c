/*
 * Counts by mark, against a plain array.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/http/peers.h"

#define MARKS 500

/* Many marks share low bits, so that they crowd in the table. */
static uint64_t mark_of(unsigned i)
{
	return ((uint64_t)i << 40 | i % 7) + 1;
}

static void counts_match_a_plain_array(void **state)
{
	struct peers peers = { 0 };
	unsigned counts[MARKS] = { 0 };
	uint32_t random = 1;

	(void)state;
	for (unsigned turn = 0; turn < 200000; turn++) {
		unsigned i;

		random = random * 1664525u + 1013904223u;
		i = random >> 8 & 511;
		if (i >= MARKS)
			continue;
		/* Grows in the first half, shrinks in the second. */
		if (counts[i] > 0 && (random >> 20) % 5 < (turn < 100000 ? 2u : 3u)) {
			peers_remove(&peers, mark_of(i));
			counts[i]--;
		} else {
			assert_int_equal(peers_add(&peers, mark_of(i)), ++counts[i]);
		}
	}
	for (unsigned i = 0; i < MARKS; i++)
		for (; counts[i] > 0; counts[i]--)
			peers_remove(&peers, mark_of(i));
	assert_int_equal(peers.used, 0);
	peers_release(&peers);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(counts_match_a_plain_array) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
