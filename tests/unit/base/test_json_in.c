/*
 * Reading JSON: what the RFC allows is taken, all else is refused with its place.
 */
#include "daemon/base/json_in.h"

#include "daemon/base/buf.h"
#include "daemon/base/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct arena arena;
static struct json_object object;

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static bool read_text(const char *text)
{
	return json_object_read(span_of(text), &arena, &object, NULL);
}

static void members_come_in_order_with_their_kinds(void **state)
{
	static const enum json_kind kinds[] = { JSON_TEXT, JSON_NUMBER, JSON_TRUE, JSON_FALSE, JSON_NULL, JSON_TREE };

	(void)state;
	assert_true(read_text(" {\"a\":\"x\", \"b\" : -1.5e+3,\"c\":true,\"d\":false,\n\"e\":null,\"f\":[1,{\"g\":[]}]} "));
	assert_int_equal(object.n, COUNT_OF(kinds));
	for (size_t i = 0; i < object.n; i++)
		assert_int_equal(object.members[i].kind, kinds[i]);
	assert_true(span_is(object.members[0].text, "x"));
	assert_true(span_is(object.members[1].text, "-1.5e+3"));
	assert_true(span_is(object.members[5].text, "[1,{\"g\":[]}]"));
	assert_null(json_member_find(&object, "e"));
	assert_null(json_member_find(&object, "z"));
	assert_ptr_equal(json_member_find(&object, "c"), &object.members[2]);
}

static void escapes_are_decoded(void **state)
{
	(void)state;
	assert_true(read_text("{\"\\u0061\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u4e2d\\uD83D\\uDE00\\u00e9\"}"));
	assert_true(span_is(object.members[0].name, "a"));
	assert_true(span_is(object.members[0].text, "\"\\/\b\f\n\r\t\xe4\xb8\xad\xf0\x9f\x98\x80\xc3\xa9"));
}

static void an_empty_text_is_there(void **state)
{
	(void)state;
	assert_true(read_text("{\"a\":\"\"}"));
	assert_non_null(object.members[0].text.at);
	assert_int_equal(object.members[0].text.len, 0);
	assert_non_null(json_member_text(&object, "a").at);
}

static void only_a_text_is_a_text(void **state)
{
	(void)state;
	assert_true(read_text("{\"a\":\"x\",\"b\":1,\"c\":null,\"d\":{\"a\":\"y\"},\"e\":true}"));
	assert_true(span_is(json_member_text(&object, "a"), "x"));
	for (const char *name = "bcdez"; *name != '\0'; name++)
		assert_null(json_member_text(&object, (char[]){ *name, '\0' }).at);
}

static void what_is_no_json_is_refused(void **state)
{
	static const char *const texts[] = {
		"", " ", "[]", "\"a\"", "{", "{}x", "{} {}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}",
		"{'a':1}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}", "{\"a\":1e}", "{\"a\":nul}",
		"{\"a\":True}", "{\"a\":\"x}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\uD800\"}",
		"{\"a\":\"\\uDC00\"}", "{\"a\":\"\\uD800\\u0041\"}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\n\"}",
		"{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"a\":[1,]}", "{\"a\":[1 2]}", "{\"a\":{\"b\"}}",
		"{\"a\":\"\xff\"}", "{\"a\":\"\xc0\xaf\"}", "{\"\xed\xa0\x80\":1}", "\xef\xbb\xbf{}", "{\"a\":1}\x01",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (read_text(texts[i]))
			fail_msg("taken: %s", texts[i]);
}

static void every_cut_of_an_object_is_refused(void **state)
{
	static const char whole[] = "{\"text\":\"\\u4e2d\\n x\",\"n\":[1,2.5e3,{\"q\":null}],\"t\":true}";

	(void)state;
	assert_true(json_object_read(SPAN(whole), &arena, &object, NULL));
	for (size_t len = 0; len < sizeof(whole) - 1; len++)
		assert_false(json_object_read(span_from(whole, len), &arena, &object, NULL));
}

static void depth_and_members_are_limited(void **state)
{
	char deep[200] = "{\"a\":";
	struct buf many = { 0 };

	(void)state;
	memset(deep + 5, '[', 40);
	memset(deep + 45, ']', 40);
	strcpy(deep + 85, "}");
	assert_false(read_text(deep));
	buf_add_text(&many, "{");
	for (int i = 0; i <= JSON_MEMBERS_MAX; i++)
		buf_printf(&many, "%s\"m%d\":1", i > 0 ? "," : "", i);
	buf_add_text(&many, "}");
	assert_false(json_object_read(buf_span(&many), &arena, &object, NULL));
	buf_release(&many);
}

static void a_complaint_names_line_and_column(void **state)
{
	struct complaint complaint;

	(void)state;
	assert_false(json_object_read(SPAN("{\"a\":1,\n  \"b\":x}"), &arena, &object, &complaint));
	assert_int_equal(complaint.line, 2);
	assert_int_equal(complaint.column, 7);
}

static const char nested[] = "{\"a\": [1, \"\\u4e2d\", [ ], [[2],3] ,{\"b\":\n\"x\"},null] , \"c\":[ ],\"d\":[true],\"e\":{}}";

static void elements_come_in_order_with_their_places(void **state)
{
	static const enum json_kind kinds[] = { JSON_NUMBER, JSON_TEXT, JSON_TREE, JSON_TREE, JSON_TREE, JSON_NULL };
	static const char *const texts[] = { "1", "\xe4\xb8\xad", "[ ]", "[[2],3]", "{\"b\":\n\"x\"}", "" };
	struct json_member element;
	struct json_array array;
	size_t n = 0;

	(void)state;
	assert_true(read_text(nested));
	assert_true(json_array_within(SPAN(nested), &object.members[0], &array));
	for (; json_array_next(&array, &arena, &element); n++) {
		assert_in_range(n, 0, COUNT_OF(kinds) - 1);
		assert_int_equal(element.kind, kinds[n]);
		assert_true(span_is(element.text, texts[n]));
		if (element.kind == JSON_TREE || element.kind == JSON_NUMBER)
			assert_ptr_equal(element.text.at, nested + element.at);
	}
	assert_int_equal(n, COUNT_OF(kinds));
	assert_false(json_array_next(&array, &arena, &element));
}

static void an_empty_array_has_no_element(void **state)
{
	struct json_member element;
	struct json_array array;

	(void)state;
	assert_true(read_text(nested));
	assert_true(json_array_within(SPAN(nested), json_member_find(&object, "c"), &array));
	assert_false(json_array_next(&array, &arena, &element));
	assert_false(json_array_within(SPAN(nested), json_member_find(&object, "e"), &array));
	assert_true(read_text("{\"a\":\"[1]\"}"));
	assert_false(json_array_within(SPAN("{\"a\":\"[1]\"}"), &object.members[0], &array));
}

static void arrays_in_arrays_are_walked(void **state)
{
	struct json_member element, inner;
	struct json_array array, within;

	(void)state;
	assert_true(read_text(nested));
	assert_true(json_array_within(SPAN(nested), &object.members[0], &array));
	for (int i = 0; i < 4; i++)
		assert_true(json_array_next(&array, &arena, &element));
	assert_true(json_array_within(SPAN(nested), &element, &within));
	assert_true(json_array_next(&within, &arena, &inner));
	assert_true(span_is(inner.text, "[2]"));
	assert_true(json_array_next(&within, &arena, &inner));
	assert_true(span_is(inner.text, "3"));
	assert_false(json_array_next(&within, &arena, &inner));
}

static void an_object_within_keeps_the_places_of_the_whole(void **state)
{
	static const char text[] = "{\"a\":\n{\"b\":1,\n \"b\":2}}";
	struct json_object inner;
	struct complaint complaint;

	(void)state;
	assert_true(json_object_read(SPAN(text), &arena, &object, NULL));
	assert_false(json_object_within(SPAN(text), &object.members[0], &arena, &inner, &complaint));
	assert_int_equal(complaint.line, 3);
	assert_true(read_text("{\"a\": {\"b\" : 7}}"));
	assert_true(json_object_within(SPAN("{\"a\": {\"b\" : 7}}"), &object.members[0], &arena, &inner, NULL));
	assert_int_equal(inner.members[0].at, 13);
	assert_true(read_text("{\"a\":[1],\"b\":2}"));
	for (size_t i = 0; i < 2; i++)
		assert_false(json_object_within(SPAN("{\"a\":[1],\"b\":2}"), &object.members[i], &arena, &inner, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_come_in_order_with_their_kinds),
		cmocka_unit_test(escapes_are_decoded),
		cmocka_unit_test(an_empty_text_is_there),
		cmocka_unit_test(only_a_text_is_a_text),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(every_cut_of_an_object_is_refused),
		cmocka_unit_test(depth_and_members_are_limited),
		cmocka_unit_test(a_complaint_names_line_and_column),
		cmocka_unit_test(elements_come_in_order_with_their_places),
		cmocka_unit_test(an_empty_array_has_no_element),
		cmocka_unit_test(arrays_in_arrays_are_walked),
		cmocka_unit_test(an_object_within_keeps_the_places_of_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
