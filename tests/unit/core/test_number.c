/*
 * One person is one sender; what is not surely a person's telephone gets no answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/number.h"

static void expect(const char *sender, const char *home, const char *wanted)
{
	struct arena arena = { 0 };
	struct span s = sms_number_normalize(span_of(sender), home, &arena);

	assert_true(span_is(s, wanted));
	/* A number in its one form stays as it is. */
	assert_true(span_eq(sms_number_normalize(s, home, &arena), s));
	arena_release(&arena);
}

static void one_form(void **state)
{
	static const char *const forms[] = { "+8613800138000", "8613800138000", "008613800138000", "13800138000",
					     " 13800138000 " };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(forms); i++)
		expect(forms[i], "86", "+8613800138000");
}

static void what_is_not_sure_stays(void **state)
{
	(void)state;
	expect("13800138000", NULL, "13800138000");
	expect("13800138000", "1", "13800138000");
	expect("12025550123", "86", "12025550123");
	expect("10086", "86", "10086");
	expect("TAXI", "86", "TAXI");
	expect("+1", "86", "+1");
	expect("00", "86", "00");
	expect("", "86", "");
	expect("+", "86", "+");
	expect("+12025550123", "86", "+12025550123");
	expect("8613800138", "86", "8613800138");
}

static void people_get_answers(void **state)
{
	(void)state;
	assert_true(sms_number_may_answer(SPAN("+8613800138000"), "86", NULL));
	assert_true(sms_number_may_answer(SPAN("+8613800138000"), NULL, NULL));
	assert_true(sms_number_may_answer(SPAN("+85291234567"), "86", "+86, +852"));
}

static void others_do_not(void **state)
{
	static const char *const others[] = { "10086", "TAXI", "", "+", "106900", "13800138000", "+8610086",
					      "+861012345678", "+12025550123", "+8613800138000x", "86\r\nX: y" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_false(sms_number_may_answer(span_of(others[i]), "86", NULL));
	assert_false(sms_number_may_answer(SPAN("+8613800138000"), "86", "+852"));
	assert_false(sms_number_may_answer(SPAN("+12025550123"), "86", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_form),
		cmocka_unit_test(what_is_not_sure_stays),
		cmocka_unit_test(people_get_answers),
		cmocka_unit_test(others_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
