/*
 * V1, the judgement: one place that fits the state, or a reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/cli/verify_place.h"

#define BASE "150602 55 1763748000000 0123456789abcdef"

static const char *judge(const char *name, struct verify_place place, const char *base, const char *holder)
{
	const struct verify_state state = { .there = name != NULL, .state = span_of(name), .base = span_of(base),
					    .holder = span_of(holder), .until = span_of(holder) };

	return verify_place_judge(&place, &state, SPAN("15"));
}

static void test_one_place(void **state)
{
	const struct verify_place queue = { .queues = 1, .region = "150602" }, held = { .lease = true, .holder = true }, none = { 0 };

	(void)state;
	assert_null(judge("queued", queue, BASE, ""));
	assert_null(judge("claimed", held, BASE, "o"));
	assert_null(judge("verified", held, BASE, "o"));
	assert_null(judge("closed", none, BASE, ""));
	assert_null(judge("transferred", none, "110105" " 5 6 0123456789abcdef", ""));
	assert_null(judge("queued", (struct verify_place){ .queues = 1, .region = "000000" }, "000000 5 6 0123456789abcdef", ""));
}

static void test_none_or_two(void **state)
{
	const struct verify_place queue = { .queues = 1, .region = "150602" }, held = { .lease = true, .holder = true }, none = { 0 };
	struct verify_place both = { .queues = 1, .region = "150602", .lease = true, .holder = true };

	(void)state;
	assert_non_null(judge(NULL, none, BASE, ""));
	assert_non_null(judge("queued", none, BASE, ""));
	assert_non_null(judge("queued", both, BASE, ""));
	assert_non_null(judge("claimed", both, BASE, "o"));
	assert_non_null(judge("claimed", none, BASE, "o"));
	assert_non_null(judge("claimed", held, BASE, ""));
	assert_non_null(judge("closed", queue, BASE, ""));
	assert_non_null(judge("transferred", held, BASE, ""));
	assert_non_null(judge("lost", none, BASE, ""));
	both.queues = 2;
	assert_non_null(judge("queued", both, BASE, ""));
	assert_non_null(judge("queued", (struct verify_place){ .queues = 1, .region = "150603" }, BASE, ""));
	assert_non_null(judge("queued", (struct verify_place){ .queues = 1, .region = "110105" }, "110105 5 6 0123456789abcdef", ""));
	assert_non_null(judge("closed", none, "1506", ""));
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(test_one_place), cmocka_unit_test(test_none_or_two) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
