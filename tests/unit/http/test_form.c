/*
 * Posted forms: decoding, limits, and complaints that name the field and never its value.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/http/form.h"

static const struct form_limits limits = { .pairs = 4, .name_bytes = 16, .value_bytes = 32 };

static bool decode(struct span encoded, struct arena *arena, struct form *form, struct complaint *complaint)
{
	*complaint = (struct complaint){ 0 };
	return form_decode(encoded, &limits, arena, form, complaint);
}

static void a_form_is_decoded(void **state)
{
	struct arena arena = { 0 };
	struct form form;
	struct complaint complaint;

	(void)state;
	assert_true(decode(SPAN("text=%E6%89%93+%2B1&&place=&lang=zh&text=second"), &arena, &form, &complaint));
	assert_int_equal(form.npairs, 4);
	assert_true(span_is(form_find(&form, "text"), "打 +1"));
	assert_true(span_is(form.pairs[3].value, "second"));
	assert_true(span_is(form_find(&form, "place"), ""));
	assert_non_null(form_find(&form, "place").at);
	assert_null(form_find(&form, "when").at);
	arena_release(&arena);
}

static void an_empty_body_is_an_empty_form(void **state)
{
	struct arena arena = { 0 };
	struct form form;
	struct complaint complaint;

	(void)state;
	assert_true(decode((struct span){ 0 }, &arena, &form, &complaint));
	assert_int_equal(form.npairs, 0);
	assert_true(decode(SPAN("&&"), &arena, &form, &complaint));
	assert_int_equal(form.npairs, 0);
	arena_release(&arena);
}

static const struct {
	struct span body;
	const char *text;
} refused[] = {
#define REFUSED(body_, text_) { .body = { .at = (body_), .len = sizeof(body_) - 1 }, .text = (text_) }
	REFUSED("a=1&text=x%4", "field 'text' has a broken escape"),
	REFUSED("a=1&text=%zz", "field 'text' has a broken escape"),
	REFUSED("text=a%00b", "field 'text' holds a NUL byte"),
	REFUSED("text=%ff", "field 'text' is not UTF-8 text"),
	REFUSED("text=%ed%a0%80", "field 'text' is not UTF-8 text"),
	REFUSED("text=\xe6\x89", "field 'text' is not UTF-8 text"),
	REFUSED("text=aaaaaaaabbbbbbbbccccccccddddddddx", "field 'text' is too long"),
	REFUSED("a=1&bb%ff=x", "the name of field 2 is not UTF-8 text"),
	REFUSED("aaaaaaaabbbbbbbbc=x", "the name of field 1 is too long"),
	REFUSED("a=1&b%=x", "field 2 has a broken escape in its name"),
	REFUSED("=x", "field 1 has no name"),
	REFUSED("%3Cb%3E=%ff", "field 1 is not UTF-8 text"),
	REFUSED("a&b&c&d&e", "the form has 5 fields; at most 4 are taken"),
};

static void a_refusal_names_the_field(void **state)
{
	struct arena arena = { 0 };
	struct form form;
	struct complaint complaint;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(refused); i++) {
		assert_false(decode(refused[i].body, &arena, &form, &complaint));
		assert_string_equal(complaint.text, refused[i].text);
		assert_int_equal(form.npairs, 0);
	}
	arena_release(&arena);
}

static void limits_are_inclusive(void **state)
{
	struct arena arena = { 0 };
	struct form form;
	struct complaint complaint;

	(void)state;
	assert_true(decode(SPAN("aaaaaaaabbbbbbbb=aaaaaaaabbbbbbbbccccccccdddddddd&b&c&d&"), &arena, &form, &complaint));
	assert_int_equal(form.npairs, 4);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_form_is_decoded),
		cmocka_unit_test(an_empty_body_is_an_empty_form),
		cmocka_unit_test(a_refusal_names_the_field),
		cmocka_unit_test(limits_are_inclusive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
