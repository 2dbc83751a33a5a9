/*
 * Times as text: against fixed points, and there and back over every day.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/civil_time.h"
#include "daemon/base/table.h"

#define DAY_MS INT64_C(86400000)

static void fixed_points(void **state)
{
	/* From `date -u -d ... +%s`. */
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ .text = "1970-01-01T00:00:00Z", .ms = 0 },
		{ .text = "2026-11-21T18:06:27+08:00", .ms = INT64_C(1795255587000) },
		{ .text = "2026-11-21T10:06:27.5Z", .ms = INT64_C(1795255587500) },
		{ .text = "2026-11-21T10:06:27.123456789Z", .ms = INT64_C(1795255587123) },
		{ .text = "2000-02-29T23:59:59-00:30", .ms = INT64_C(951870599000) },
		{ .text = "9999-12-31T23:59:59Z", .ms = INT64_C(253402300799000) },
	};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(civil_read(span_of(rows[i].text), &ms));
		assert_int_equal(ms, rows[i].ms);
	}
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "2026-11-21", "2026-11-21T18:06:27", "2026-11-21 18:06:27Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+8:00",
		"2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00Zx", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01",
		"+026-01-01T00:00:00Z", "2026-1-01T00:00:00Z",
	};
	int64_t ms = 7;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(civil_read(span_of(bad[i]), &ms));
	assert_int_equal(ms, 7);
}

static void a_clock_on_a_wall(void **state)
{
	int64_t ms, day;

	(void)state;
	assert_true(civil_read_local(SPAN("2026-11-21 18:06:27"), CIVIL_BEIJING_MINUTES, &ms));
	assert_int_equal(ms, INT64_C(1795255587000));
	assert_true(civil_read_date(SPAN("2026-11-21"), CIVIL_BEIJING_MINUTES, &day));
	assert_int_equal(ms - day, (18 * 3600 + 6 * 60 + 27) * 1000);
	assert_false(civil_read_local(SPAN("2026-11-21 18:06:27Z"), 0, &ms));
	assert_false(civil_read_date(SPAN("2026-11-21 "), 0, &ms));
	assert_false(civil_read_date(SPAN("1970-01-01"), CIVIL_BEIJING_MINUTES, &ms));
}

static void every_day_comes_back(void **state)
{
	char text[CIVIL_TEXT_MAX], date[CIVIL_DATE_MAX], before[CIVIL_DATE_MAX] = "";
	int64_t ms;

	(void)state;
	for (int64_t day = 0; day < 2932897; day += day < 60000 ? 1 : 97) {
		int64_t at = day * DAY_MS + day % 86400 * 1000;

		assert_true(civil_read(civil_write(at, text), &ms));
		assert_int_equal(ms, at);
		assert_true(civil_read_date(civil_write_date(at, 0, date), 0, &ms));
		assert_int_equal(ms, day * DAY_MS);
		assert_true(strcmp(before, date) < 0);
		memcpy(before, date, sizeof(before));
	}
	civil_write_date(16 * 3600000, CIVIL_BEIJING_MINUTES, date);
	assert_string_equal(date, "1970-01-02");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_points),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(a_clock_on_a_wall),
		cmocka_unit_test(every_day_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
