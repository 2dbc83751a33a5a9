/*
 * Members of a staff call's body: type, length and range.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/bureau/body.h"

static struct arena arena;
static struct json_object *body;
static struct problem problem;

static int begin(void **state)
{
	struct complaint why;

	(void)state;
	body = arena_new(&arena, struct json_object);
	problem = (struct problem){ 0 };
	assert_true(json_object_read(SPAN("{\"text\":\"four\",\"empty\":\"\",\"none\":null,\"n\":7,\"minus\":-7,"
					  "\"half\":7.5,\"huge\":18446744073709551616,\"tree\":[1],\"yes\":true}"),
				     &arena, body, &why));
	return 0;
}

static int finish(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void a_text_must_fit(void **state)
{
	struct span value;

	(void)state;
	assert_true(body_text(body, "text", true, 4, &value, &problem));
	assert_true(span_is(value, "four"));
	assert_false(body_text(body, "text", true, 3, &value, &problem));
	assert_string_equal(problem.field, "text");
	assert_string_equal(problem.code, "field_invalid");
	assert_int_equal(problem.status, 400);
}

static void a_needed_text_must_be_there(void **state)
{
	static const char *const missing[] = { "absent", "none", "empty" };
	struct span value;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_false(body_text(body, missing[i], true, 10, &value, &problem));
		assert_true(body_text(body, missing[i], false, 10, &value, &problem));
		assert_int_equal(value.len, 0);
	}
}

static void another_type_is_no_text(void **state)
{
	static const char *const others[] = { "n", "tree", "yes" };
	struct span value;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_false(body_text(body, others[i], false, 10, &value, &problem));
}

static void a_number_must_be_whole_and_in_range(void **state)
{
	static const char *const others[] = { "text", "minus", "half", "huge", "tree", "yes" };
	uint64_t value = 99;

	(void)state;
	assert_true(body_number(body, "absent", 1, 10, &value, &problem));
	assert_true(body_number(body, "none", 1, 10, &value, &problem));
	assert_int_equal(value, 99);
	for (size_t i = 0; i < 6; i++)
		assert_false(body_number(body, others[i], 0, UINT64_MAX, &value, &problem));
	assert_false(body_number(body, "n", 8, 10, &value, &problem));
	assert_false(body_number(body, "n", 1, 6, &value, &problem));
	assert_int_equal(value, 99);
	assert_true(body_number(body, "n", 7, 7, &value, &problem));
	assert_int_equal(value, 7);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(a_text_must_fit),
		TEST(a_needed_text_must_be_there),
		TEST(another_type_is_no_text),
		TEST(a_number_must_be_whole_and_in_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
