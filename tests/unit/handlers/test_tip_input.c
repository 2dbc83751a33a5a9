/*
 * Fields of a tip: the same whichever way they came.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/intake/tip_input.h"

static struct arena arena;

static int finish(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void form_and_json_say_the_same(void **state)
{
	struct tip_input a = { 0 };
	struct tip_input b = { 0 };
	struct problem problem;

	(void)state;
	assert_true(tip_input_form(&a, SPAN("text=a+b%26c&region=150602&place=p&when=w&category=k&lang=en&contact=t"
					    "&nonce=n&size=large&other=x"),
				   &arena, &problem));
	assert_true(tip_input_json(&b, SPAN("{\"text\":\"a b\\u0026c\",\"region\":\"150602\",\"place\":\"p\","
					    "\"when\":\"w\",\"category\":\"k\",\"lang\":\"en\",\"contact\":\"t\","
					    "\"nonce\":\"n\",\"size\":\"large\",\"other\":{\"text\":1}}"),
				   &arena, &problem));
	assert_true(span_is(a.text, "a b&c"));
	assert_true(span_eq(a.text, b.text) && span_eq(a.region, b.region) && span_eq(a.place, b.place) &&
		    span_eq(a.when, b.when) && span_eq(a.category, b.category) && span_eq(a.lang, b.lang) &&
		    span_eq(a.contact, b.contact) && span_eq(a.nonce, b.nonce) && span_eq(a.size, b.size));
	assert_true(span_is(b.size, "large"));
}

static void what_is_not_there_or_null_is_empty(void **state)
{
	struct tip_input in = { 0 };
	struct problem problem;

	(void)state;
	assert_true(tip_input_json(&in, SPAN("{\"text\":\"x\",\"place\":null}"), &arena, &problem));
	assert_int_equal(in.place.len, 0);
	assert_int_equal(in.contact.len, 0);
}

static void a_body_that_is_none_is_a_problem(void **state)
{
	static const char *const bodies[] = { "", "null", "[]", "{\"text\":1}", "{\"text\":[]}", "{\"text\":\"a\",}",
					      "{\"text\":\"a\"}x", "{\"a\":1,\"a\":2}", "{\"text\":\"\\ud800\"}",
					      "{\"text\":\"\\u0000\"}", "{text:1}" };
	static const char *const forms[] = { "text=%", "text=%zz", "text=%ff", "text=%00" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		struct tip_input in = { 0 };
		struct problem problem = { 0 };

		if (tip_input_json(&in, span_of(bodies[i]), &arena, &problem))
			fail_msg("%s", bodies[i]);
		assert_int_equal(problem.status, 400);
		assert_non_null(problem.code);
	}
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		struct tip_input in = { 0 };
		struct problem problem = { 0 };

		assert_false(tip_input_form(&in, span_of(forms[i]), &arena, &problem));
		assert_string_equal(problem.code, "form_invalid");
	}
}

static void a_member_of_another_type_is_named(void **state)
{
	struct tip_input in = { 0 };
	struct problem problem = { 0 };

	(void)state;
	assert_false(tip_input_json(&in, SPAN("{\"text\":\"x\",\"contact\":5}"), &arena, &problem));
	assert_string_equal(problem.field, "contact");
}

static void a_field_is_found_by_its_whole_name(void **state)
{
	struct tip_input in = { 0 };

	(void)state;
	assert_ptr_equal(tip_input_field(&in, SPAN("when")), &in.when);
	assert_null(tip_input_field(&in, SPAN("whe")));
	assert_null(tip_input_field(&in, SPAN("whenn")));
	assert_null(tip_input_field(&in, SPAN("")));
	assert_null(tip_input_field(&in, SPAN("Text")));
}

static void the_tip_has_what_the_fields_say(void **state)
{
	struct tip_input in = { .text = SPAN("words"), .region = SPAN(" 150602 "), .contact = SPAN("me") };
	struct tip tip = tip_input_tip(&in, TIP_BY_WEB, 42);

	(void)state;
	assert_true(span_is(tip.text, "words") && span_is(tip.region, "150602") && span_is(tip.contact, "me"));
	assert_int_equal(tip.channel, TIP_BY_WEB);
	assert_int_equal(tip.received_ms, 42);
	assert_int_equal(tip.sender.len, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, finish)
	const struct CMUnitTest tests[] = {
		TEST(form_and_json_say_the_same),
		TEST(what_is_not_there_or_null_is_empty),
		TEST(a_body_that_is_none_is_a_problem),
		TEST(a_member_of_another_type_is_named),
		TEST(a_field_is_found_by_its_whole_name),
		TEST(the_tip_has_what_the_fields_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
