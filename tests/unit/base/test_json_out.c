/*
 * Writing JSON: held against another's reader for every character, and safe
 * inside a page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/json_out.h"

#include <jansson.h>

static struct buf buf;

static int finish(void **state)
{
	(void)state;
	buf_release(&buf);
	return 0;
}

static void commas_stand_where_they_must(void **state)
{
	struct json_out json = json_out_to(&buf);

	(void)state;
	json_open(&json, '{');
	json_open_member(&json, "a", '[');
	json_close(&json, ']');
	json_open_member(&json, "b", '[');
	json_u64(&json, NULL, UINT64_MAX);
	json_i64(&json, NULL, INT64_MIN);
	json_open(&json, '{');
	json_close(&json, '}');
	json_text(&json, NULL, SPAN(""));
	json_close(&json, ']');
	json_bool(&json, "c", true);
	json_bool(&json, "d", false);
	json_none(&json, "e");
	json_raw(&json, "f", SPAN("[1]"));
	json_close(&json, '}');
	assert_true(span_is(buf_span(&buf), "{\"a\":[],\"b\":[18446744073709551615,-9223372036854775808,{},\"\"],"
					    "\"c\":true,\"d\":false,\"e\":null,\"f\":[1]}"));
}

static void every_ascii_character_comes_back(void **state)
{
	(void)state;
	for (int c = 1; c < 128; c++) {
		struct json_out json = json_out_to(&buf);
		char text[3] = { 'x', (char)c, 'y' };
		json_t *read;

		buf_clear(&buf);
		json_open(&json, '[');
		json_text(&json, NULL, span_from(text, 3));
		json_close(&json, ']');
		read = json_loadb(buf.at, buf.len, 0, NULL);
		if (read == NULL)
			fail_msg("character %d", c);
		assert_int_equal(json_string_length(json_array_get(read, 0)), 3);
		assert_memory_equal(json_string_value(json_array_get(read, 0)), text, 3);
		json_decref(read);
	}
}

static void nothing_can_end_a_script_of_a_page(void **state)
{
	struct json_out json = json_out_to(&buf);

	(void)state;
	json_open(&json, '{');
	json_text(&json, "</script>", SPAN("</script><!--"));
	json_close(&json, '}');
	assert_int_equal(span_find(buf_span(&buf), SPAN("<")), buf.len);
}

static void text_beyond_ascii_stands_as_it_is(void **state)
{
	struct json_out json = json_out_to(&buf);

	(void)state;
	json_text(&json, NULL, SPAN("砖厂 \"é\"\\"));
	assert_true(span_is(buf_span(&buf), "\"砖厂 \\\"é\\\"\\\\\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(commas_stand_where_they_must, finish),
		cmocka_unit_test_teardown(every_ascii_character_comes_back, finish),
		cmocka_unit_test_teardown(nothing_can_end_a_script_of_a_page, finish),
		cmocka_unit_test_teardown(text_beyond_ascii_stands_as_it_is, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
