/*
 * Fields out of forms, queries and JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/intake/sms_door.h"

static void forms(void **state)
{
	static const char *const broken[] = { "a=%", "a=%zz", "%1=b" };
	static struct sms_fields fields;
	struct arena arena = { 0 };

	(void)state;
	assert_true(sms_fields_of_form(SPAN("a=1&&b=%20+x&a=2&c&%41=%3D&d="), &arena, &fields));
	assert_int_equal(fields.n, 6);
	assert_true(span_is(sms_field(&fields, "a"), "1") && span_is(sms_field(&fields, "b"), "  x"));
	assert_true(span_is(sms_field(&fields, "A"), "=") && sms_field(&fields, "c").at != NULL && sms_field(&fields, "d").len == 0);
	assert_null(sms_field(&fields, "e").at);
	assert_true(sms_fields_of_form((struct span){ 0 }, &arena, &fields) && fields.n == 0);
	for (size_t i = 0; i < COUNT_OF(broken); i++)
		assert_false(sms_fields_of_form(span_of(broken[i]), &arena, &fields));
	arena_release(&arena);
}

static void too_many_fields_are_refused(void **state)
{
	static struct sms_fields fields;
	struct arena arena = { 0 };
	struct buf form = { 0 };

	(void)state;
	for (int i = 0; i < SMS_FIELDS_MAX; i++)
		buf_printf(&form, "f%d=x&", i);
	assert_true(sms_fields_of_form(buf_span(&form), &arena, &fields));
	buf_add_text(&form, "more=x");
	assert_false(sms_fields_of_form(buf_span(&form), &arena, &fields));
	buf_release(&form);
	arena_release(&arena);
}

static void objects_and_what_is_in_them(void **state)
{
	static const char *const broken[] = { "[]", "", "{", "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":2}}", "1" };
	static struct sms_fields fields;
	struct arena arena = { 0 };

	(void)state;
	assert_true(sms_fields_of_json(SPAN("{\"a\":\"\\u4e1c\",\"n\":1e3,\"t\":true,\"f\":false,\"z\":null,"
					    "\"o\":{\"p\":{\"q\":\"deep\"}},\"l\":[\"x\",{\"m\":2},[]]}"), &arena, &fields));
	assert_true(span_is(sms_field(&fields, "a"), "东") && span_is(sms_field(&fields, "n"), "1e3"));
	assert_true(span_is(sms_field(&fields, "t"), "true") && span_is(sms_field(&fields, "f"), "false"));
	assert_null(sms_field(&fields, "z").at);
	assert_true(span_is(sms_field(&fields, "o.p.q"), "deep") && span_is(sms_field(&fields, "l.0"), "x"));
	assert_true(span_is(sms_field(&fields, "l.1.m"), "2"));
	assert_true(sms_fields_of_json(SPAN("{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":1}}}}}"), &arena, &fields) && fields.n == 1);
	assert_true(sms_fields_of_json(SPAN("{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":1}}}}}}"), &arena, &fields) && fields.n == 0);
	for (size_t i = 0; i < COUNT_OF(broken); i++)
		if (sms_fields_of_json(span_of(broken[i]), &arena, &fields))
			fail_msg("%s", broken[i]);
	arena_release(&arena);
}

static void lists(void **state)
{
	static struct sms_fields fields;
	struct arena arena = { 0 };
	struct sms_list *list = sms_list_of_json(SPAN(" [ {\"a\":1} , 2, {\"a\":1,\"a\":1} ] "), &arena);

	(void)state;
	assert_non_null(list);
	assert_true(sms_list_next(list, &fields) && span_is(sms_field(&fields, "a"), "1"));
	assert_true(sms_list_next(list, &fields) && fields.n == 0);
	assert_false(sms_list_next(list, &fields) && fields.n > 0);
	assert_null(sms_list_of_json(SPAN("[],\"x\":[]"), &arena));
	assert_null(sms_list_of_json(SPAN("{}"), &arena));
	assert_non_null(sms_list_of_member(SPAN("{\"a\":{\"b\":[]}}"), "a.b", &arena));
	assert_null(sms_list_of_member(SPAN("{\"a\":{\"b\":[]}}"), "a.c", &arena));
	assert_null(sms_list_of_member(SPAN("{\"a\":[]}"), "a.b", &arena));
	assert_null(sms_list_of_member(SPAN("{\"a\":1}"), "a", &arena));
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(too_many_fields_are_refused),
		cmocka_unit_test(objects_and_what_is_in_them),
		cmocka_unit_test(lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
