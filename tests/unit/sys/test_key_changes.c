/*
 * Changes of keys on their way to the trail: what is written is read back, a line goes once, a torn one costs no other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/files.h"
#include "daemon/sys/key_changes.h"
#include "tests/support/keys_house.h"

#define HOUSE_TEST(name) cmocka_unit_test_setup_teardown(name, house_make, house_remove)
#define NOW_MS INT64_C(1795363200000)   /* 2026-11-22 16:00 UTC */

static struct span line_of(enum trail_kind kind, const char *to, struct arena *arena)
{
	struct trail_event event = { .kind = kind, .by = SPAN("os:root"), .call = SPAN("key_grant"), .id = SPAN("bureau"),
				     .region = SPAN("150600"), .to = span_of(to) };

	return key_change_line(&event, NOW_MS, arena);
}

static void assert_file(const char *want)
{
	struct buf text = { 0 };

	assert_true(key_changes_text(house_dir, &text, &house_why));
	buf_add_byte(&text, '\0');
	assert_string_equal(text.at, want);
	buf_release(&text);
}

static void a_line_goes_both_ways(void **state)
{
	struct arena arena = { 0 };
	struct trail_event event;
	struct span line = line_of(TRAIL_KEY_GRANTED, "an", &arena);

	(void)state;
	assert_true(key_change_read(line, &arena, &event));
	assert_int_equal(event.kind, TRAIL_KEY_GRANTED);
	assert_true(event.at_ms == NOW_MS);
	assert_true(span_is(event.by, "os:root") && span_is(event.call, "key_grant") && span_is(event.id, "bureau"));
	assert_true(span_is(event.region, "150600") && span_is(event.to, "an"));
	assert_true(span_starts(event.query, SPAN("when=2026-11-22T")));
	arena_release(&arena);
}

static void what_is_no_line(void **state)
{
	static const char *const none[] = { "", "{", "{}", "[]", "{\"event\":\"key_granted\"}", "{\"event\":\"read\",\"at\":5}",
					    "{\"event\":\"key_granted\",\"at\":\"5\"}", "{\"at\":5}",
					    "{\"event\":\"key_granted\",\"at\":99999999999999999999}", "{\"event\":5,\"at\":5}" };
	struct arena arena = { 0 };
	struct trail_event event;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(key_change_read(span_of(none[i]), &arena, &event));
	arena_release(&arena);
}

static void lines_come_and_go(void **state)
{
	struct arena arena = { 0 };
	struct span one = line_of(TRAIL_KEY_GRANTED, "an", &arena), two = line_of(TRAIL_KEY_REVOKED, "bo", &arena);
	char want[600];

	(void)state;
	assert_file("");
	assert_true(key_changes_drop(house_dir, one, &house_why));   /* there is no file */
	assert_true(key_changes_add(house_dir, one, &house_why));
	assert_true(key_changes_add(house_dir, two, &house_why));
	assert_true(key_changes_add(house_dir, one, &house_why));
	assert_true(key_changes_drop(house_dir, one, &house_why));
	snprintf(want, sizeof(want), "%.*s\n%.*s\n", (int)two.len, two.at, (int)one.len, one.at);
	assert_file(want);
	assert_true(key_changes_drop(house_dir, two, &house_why));
	assert_true(key_changes_drop(house_dir, two, &house_why));
	assert_true(key_changes_drop(house_dir, one, &house_why));
	assert_file("");
	arena_release(&arena);
}

static void a_torn_line_costs_no_other(void **state)
{
	struct arena arena = { 0 };
	struct span one = line_of(TRAIL_KEY_GRANTED, "an", &arena);
	char path[128], want[300];

	(void)state;
	snprintf(path, sizeof(path), "%s/" KEY_CHANGES_FILE, house_dir);
	assert_true(files_replace(path, SPAN("{\"event\":\"key"), 0600, &house_why));
	assert_true(key_changes_add(house_dir, one, &house_why));
	snprintf(want, sizeof(want), "{\"event\":\"key\n%.*s\n", (int)one.len, one.at);
	assert_file(want);
	assert_true(key_changes_drop(house_dir, SPAN("{\"event\":\"key"), &house_why));
	assert_true(key_changes_drop(house_dir, one, &house_why));
	assert_file("");
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE_TEST(a_line_goes_both_ways),
		HOUSE_TEST(what_is_no_line),
		HOUSE_TEST(lines_come_and_go),
		HOUSE_TEST(a_torn_line_costs_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
