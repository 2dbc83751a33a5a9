/*
 * Words of short messages are compared in one form.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/sms_fold.h"

static void one_form(void **unused)
{
	static const struct {
		const char *text, *folded;
	} cases[] = {
		{ " Stop\r\n", "stop" }, { "ＳＴＯＰ", "stop" }, { "退\xe2\x80\x8b订", "退订" }, { "a \t\n b", "a b" },
		{ "\xef\xbb\xbf回执", "回执" }, { "ﬁn", "fin" }, { "Straße", "strasse" }, { "", "" }, { "   ", "" },
		{ "bad \xff", "" }, { "　查询　", "查询" },
	};
	struct arena arena = { 0 };

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct span once = sms_fold(span_of(cases[i].text), &arena);

		assert_true(span_is(once, cases[i].folded));
		assert_true(span_eq(sms_fold(once, &arena), once));
	}
	arena_release(&arena);
}

static void a_long_text_is_no_word(void **unused)
{
	char text[SMS_FOLD_MAX + 2];
	struct arena arena = { 0 };

	(void)unused;
	memset(text, 'a', sizeof(text));
	assert_int_equal(sms_fold(span_from(text, SMS_FOLD_MAX), &arena).len, SMS_FOLD_MAX);
	assert_int_equal(sms_fold(span_from(text, SMS_FOLD_MAX + 1), &arena).len, 0);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(one_form), cmocka_unit_test(a_long_text_is_no_word) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
