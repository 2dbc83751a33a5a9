/*
 * Digests: when one is due, and what counts in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/notify/digest.h"

#define HOUR INT64_C(3600000)
#define NOON (INT64_C(1763683200000) + 12 * HOUR)   /* 2025-11-21, UTC */

static void due_once_a_day(void **state)
{
	int64_t due = 0;

	(void)state;
	assert_false(digest_due("", NOON, &due));
	assert_false(digest_due(NULL, NOON, &due));
	assert_true(digest_due("12:00 +0000", NOON, &due) && due == NOON);
	assert_true(digest_due("12:00 +0000", NOON + 12 * HOUR - 1, &due) && due == NOON);
	assert_false(digest_due("12:00 +0000", NOON + 12 * HOUR, &due));
	assert_false(digest_due("12:00 +0000", NOON - 1, &due));
	assert_int_equal(due, NOON - 24 * HOUR);
	assert_true(digest_due("20:00", NOON + HOUR, &due) && due == NOON);
	assert_true(digest_due("01:00 -1100", NOON, &due) && due == NOON);
	assert_true(digest_due("23:30 +0000", NOON - 1 * HOUR, &due) && due == NOON - 12 * HOUR - HOUR / 2);
}

static void events_count_in_their_day_and_region(void **state)
{
	static const char *const counted[] = {
		"{\"e\":\"accepted\",\"id\":\"15-7K3MQ2X9RD\",\"at\":86400000,\"region\":\"150602\",\"points\":1}",
		"{\"e\":\"received\",\"id\":\"15-7K3MQ2X9RD\",\"at\":172799999,\"region\":\"150600\",\"points\":1}",
		"{\"e\":\"escalated\",\"id\":\"15-7K3MQ2X9RD\",\"at\":86400000,\"from\":\"150602\",\"to\":\"150600\"}",
		"{\"e\":\"verified\",\"id\":\"15-7K3MQ2X9RD\",\"at\":86400000,\"region\":\"150602\",\"points\":1,\"by\":\"x\"}",
		"{\"e\":\"closed\",\"id\":\"15-7K3MQ2X9RD\",\"at\":86400000,\"region\":\"150602\",\"points\":1,\"by\":\"x\"}",
	};
	static const char *const others[] = {
		"{\"e\":\"accepted\",\"id\":\"15-7K3MQ2X9RD\",\"at\":86399999,\"region\":\"150602\",\"points\":1}",
		"{\"e\":\"accepted\",\"id\":\"15-7K3MQ2X9RD\",\"at\":172800000,\"region\":\"150602\",\"points\":1}",
		"{\"e\":\"accepted\",\"id\":\"15-7K3MQ2X9RD\",\"at\":86400000,\"region\":\"150702\",\"points\":1}",
		"{\"e\":\"escalated\",\"id\":\"15-7K3MQ2X9RD\",\"at\":86400000,\"from\":\"150600\",\"to\":\"150000\"}",
		"{\"e\":\"claimed\",\"id\":\"15-7K3MQ2X9RD\",\"at\":86400000,\"by\":\"x\"}", "nothing",
	};
	struct notice digest = digest_begin("150600", 2 * DIGEST_DAY_MS);

	(void)state;
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		digest_add_event(&digest, span_of(counted[i]));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		digest_add_event(&digest, span_of(others[i]));
	assert_int_equal(digest.count[DIGEST_NEW], 2);
	assert_int_equal(digest.count[DIGEST_ESCALATED], 1);
	assert_int_equal(digest.count[DIGEST_VERIFIED], 1);
	assert_int_equal(digest.count[DIGEST_CLOSED], 1);
	assert_int_equal(digest_event_ms(span_of(others[0])), 86399999);
	assert_int_equal(digest_event_ms(SPAN("nothing")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(due_once_a_day),
		cmocka_unit_test(events_count_in_their_day_and_region),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
