/*
 * Reading events: members in order, what is nested passed over, broken ones told.
 */
#include "daemon/core/journal/event.h"

#include "daemon/base/json_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

static void members_come_in_order(void **unused)
{
	struct span rest =
		SPAN(" { \"a\" : 1 , \"b\":\"x\\\"y\",\"c\":[1,{\"z\":\"]\"}],\"d\":{\"e\":2},\"f\":true} ");
	static const char *const names[] = { "a", "b", "c", "d", "f" };
	static const char *const values[] = { "1", "x\\\"y", "[1,{\"z\":\"]\"}]", "{\"e\":2}", "true" };
	struct event_member member;
	bool well;
	size_t n = 0;

	(void)unused;
	while (event_next(&rest, &member, &well)) {
		assert_true(span_is(member.name, names[n]));
		assert_true(span_is(member.value, values[n]));
		assert_int_equal(member.text, n == 1);
		n++;
	}
	assert_true(well);
	assert_int_equal(n, 5);
}

/* Every prefix of an event is broken; none is read past its end. */
static void a_cut_event_is_broken(void **unused)
{
	static const char whole[] = "{\"a\":\"b\\\\\",\"c\":[\"}\"],\"d\":12}";
	struct event_member member;
	char copy[sizeof(whole)];
	bool well;

	(void)unused;
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		struct span rest = span_from(copy, len);

		memcpy(copy, whole, len);
		while (event_next(&rest, &member, &well))
			;
		assert_false(well);
	}
}

static void a_member_is_found_by_its_name(void **unused)
{
	struct event_member member;

	(void)unused;
	assert_true(event_find(SPAN("{\"a\":{\"b\":1},\"b\":2}"), "b", &member));
	assert_true(span_is(member.value, "2"));
	assert_false(event_find(SPAN("{\"a\":1}"), "b", &member));
}

/* What json_out writes comes back as it was. */
static void text_goes_through_json_and_back(void **unused)
{
	static const char *const texts[] = { "", "plain", "q\"b\\s/</script>", "\x01\x1f\t\n",
					     "\xe6\x9d\x8e\xf0\x9f\x98\x80" };

	(void)unused;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf buf = { 0 };
		struct json_out json = json_out_to(&buf);
		struct event_member member;
		char out[64];

		json_open(&json, '{');
		json_text(&json, "t", span_of(texts[i]));
		json_close(&json, '}');
		assert_true(event_find(buf_span(&buf), "t", &member));
		assert_int_equal(event_text(member.value, out, sizeof(out)), strlen(texts[i]));
		assert_memory_equal(out, texts[i], strlen(texts[i]));
		buf_release(&buf);
	}
}

static void escapes_are_checked(void **unused)
{
	char out[8];

	(void)unused;
	assert_int_equal(event_text(SPAN("\\ud83d\\ude00"), out, sizeof(out)), 4);
	assert_memory_equal(out, "\xf0\x9f\x98\x80", 4);
	assert_int_equal(event_text(SPAN("\\ud83d"), out, sizeof(out)), SIZE_MAX);
	assert_int_equal(event_text(SPAN("\\u12"), out, sizeof(out)), SIZE_MAX);
	assert_int_equal(event_text(SPAN("\\x"), out, sizeof(out)), SIZE_MAX);
	assert_int_equal(event_text(SPAN("\\"), out, sizeof(out)), SIZE_MAX);
	assert_int_equal(event_text(SPAN("123456789"), out, sizeof(out)), SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_come_in_order),
		cmocka_unit_test(a_cut_event_is_broken),
		cmocka_unit_test(a_member_is_found_by_its_name),
		cmocka_unit_test(text_goes_through_json_and_back),
		cmocka_unit_test(escapes_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
