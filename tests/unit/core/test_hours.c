/*
 * Quiet hours: what is read, and when they end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/hours.h"

#define MINUTE INT64_C(60000)
#define MIDNIGHT INT64_C(1763654400000)   /* 2025-11-21 00:00 in China */

static struct sms_hours hours_of(const char *text)
{
	struct sms_hours hours;

	assert_true(sms_hours_parse(span_of(text), &hours));
	return hours;
}

static void only_hours_are_read(void **unused)
{
	static const char *const wrong[] = { "22", "22:00", "22:00-", "24:00-07:00", "22:60-07:00", "22:00-07:00 ", "22:00-07:00 -",
					     "22:00-07:00 +8", "22:00-07:00 +1500", "22:00-07:00 +0860", "22:00-07:00+0800",
					     "22:00-07:00 +08000", " 22:00-07:00", "2:00-07:00", "ab:cd-ef:gh" };
	struct sms_hours hours = { .from = 7 };

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(sms_hours_parse(span_of(wrong[i]), &hours));
	assert_int_equal(hours.from, 7);
	hours = hours_of("22:15-07:30 -0330");
	assert_int_equal(hours.from, 22 * 60 + 15);
	assert_int_equal(hours.to, 7 * 60 + 30);
	assert_int_equal(hours.zone, -210);
	assert_int_equal(hours_of("22:00-07:00").zone, 480);
}

static void the_night_ends_in_the_morning(void **unused)
{
	struct sms_hours night = hours_of("22:00-07:00"), noon = hours_of("12:00-13:00"), none = hours_of(""),
			 same = hours_of("08:00-08:00");

	(void)unused;
	assert_int_equal(sms_hours_after(&night, MIDNIGHT - 2 * 60 * MINUTE), MIDNIGHT + 7 * 60 * MINUTE);
	assert_int_equal(sms_hours_after(&night, MIDNIGHT - 2 * 60 * MINUTE - 1), MIDNIGHT - 2 * 60 * MINUTE - 1);
	assert_int_equal(sms_hours_after(&night, MIDNIGHT + 5), MIDNIGHT + 7 * 60 * MINUTE);
	assert_int_equal(sms_hours_after(&night, MIDNIGHT + 7 * 60 * MINUTE - 1), MIDNIGHT + 7 * 60 * MINUTE);
	assert_int_equal(sms_hours_after(&night, MIDNIGHT + 7 * 60 * MINUTE), MIDNIGHT + 7 * 60 * MINUTE);
	assert_int_equal(sms_hours_after(&noon, MIDNIGHT + 750 * MINUTE), MIDNIGHT + 780 * MINUTE);
	for (int64_t at = MIDNIGHT; at < MIDNIGHT + 1440 * MINUTE; at += 7 * MINUTE) {
		assert_int_equal(sms_hours_after(&none, at), at);
		assert_int_equal(sms_hours_after(&same, at), at);
		/* Its end is not in it. */
		assert_int_equal(sms_hours_after(&night, sms_hours_after(&night, at)), sms_hours_after(&night, at));
	}
}

static void zones_move_it(void **unused)
{
	struct sms_hours greenwich = hours_of("00:00-01:00 +0000"), west = hours_of("00:00-01:00 -0500");

	(void)unused;
	assert_int_equal(sms_hours_after(&greenwich, MIDNIGHT + 8 * 60 * MINUTE), MIDNIGHT + 9 * 60 * MINUTE);
	assert_int_equal(sms_hours_after(&west, MIDNIGHT + 13 * 60 * MINUTE), MIDNIGHT + 14 * 60 * MINUTE);
	assert_int_equal(sms_hours_after(&west, MIDNIGHT), MIDNIGHT);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(only_hours_are_read),
					    cmocka_unit_test(the_night_ends_in_the_morning), cmocka_unit_test(zones_move_it) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
