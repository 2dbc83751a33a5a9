/*
 * Clocks: text and time are each other's reverse, and no other text is taken.
 */
#include "daemon/base/table.h"
#include "daemon/sys/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void text_is_rfc3339(void **state)
{
	char text[21];

	(void)state;
	clock_text(INT64_C(1795284387999), text);
	assert_string_equal(text, "2026-11-21T18:06:27Z");
	clock_text(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	clock_text(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59Z");
}

static void text_stays_in_its_21_bytes(void **state)
{
	static const int64_t times[] = { INT64_MIN, INT64_MIN + 1, -1, 0, INT64_MAX - 1, INT64_MAX };
	char text[21];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(times); i++) {
		clock_text(times[i], text);
		assert_int_equal(strlen(text), 20);
	}
}

static void parse_reverses_text(void **state)
{
	char text[21];
	int64_t again;

	(void)state;
	/* Steps of a prime number of seconds walk over all days of months and leap years. */
	for (int64_t s = -2208988800; s < 7258118400; s += 86413 * 3) {
		clock_text(s * 1000, text);
		assert_true(clock_parse(span_of(text), &again));
		assert_true(again == s * 1000);
	}
}

static void parse_takes_nothing_else(void **state)
{
	static const char *const wrong[] = {
		"",
		"2026-11-21",
		"2026-02-30T00:00:00Z",
		"2025-02-29T00:00:00Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-11-21T24:00:00Z",
		"2026-11-21T18:60:27Z",
		"2026-11-21 18:06:27Z",
		"2026-11-21T18:06:27z",
		"2026-11-21T18:06:27+",
		"2026-11-21T18:06:27Z ",
		"+026-11-21T18:06:27Z",
	};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(clock_parse(span_of(wrong[i]), &ms));
}

static void steady_clock_never_goes_back(void **state)
{
	uint64_t last = clock_steady_ns();

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t now = clock_steady_ns();

		assert_true(now >= last);
		last = now;
	}
	assert_true(clock_steady_ms() <= clock_steady_ns() / 1000000);
	assert_true(clock_wall_ms() > INT64_C(1700000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_rfc3339),
		cmocka_unit_test(text_stays_in_its_21_bytes),
		cmocka_unit_test(parse_reverses_text),
		cmocka_unit_test(parse_takes_nothing_else),
		cmocka_unit_test(steady_clock_never_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
