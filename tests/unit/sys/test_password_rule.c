/*
 * Which passwords are taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/sys/password_rule.h"
#include "daemon/sys/person_keys.h"

static struct complaint why;

static bool taken(const char *password)
{
	return password_rule(SPAN("li.wei"), span_of(password), &why);
}

static void length_is_what_counts(void **state)
{
	char longest[PERSON_PASSWORD_MAX + 2];

	(void)state;
	assert_true(taken("correct horse battery"));
	assert_true(taken("abcdefg hijk"));
	assert_true(taken("春眠不觉晓处处闻啼鸟夜来"));   /* twelve characters */
	assert_false(taken("春眠不觉晓处处闻啼鸟夜"));
	assert_non_null(strstr(why.text, "12 characters"));
	assert_false(taken("elevenchars"));
	assert_false(taken("twelve bytes\xff"));
	assert_false(taken(""));
	for (size_t i = 0; i < sizeof(longest); i++)
		longest[i] = (char)('a' + i * 7 % 26);
	assert_true(password_rule(SPAN("li.wei"), span_from(longest, PERSON_PASSWORD_MAX), &why));
	assert_false(password_rule(SPAN("li.wei"), span_from(longest, PERSON_PASSWORD_MAX + 1), &why));
}

static void the_name_and_little_besides_is_none(void **state)
{
	static const char *const none[] = { "li.wei123456", "123LI.WEI4567", "li.wei.li.we" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(none); i++) {
		assert_false(taken(none[i]));
		assert_non_null(strstr(why.text, "name"));
		assert_null(strstr(why.text, none[i]));
	}
	assert_true(taken("li.wei and the sea"));
	assert_true(password_rule(SPAN("zhao"), SPAN("li.wei12345678"), &why));
}

static void rows_and_repetitions_are_none(void **state)
{
	static const char *const none[] = { "aaaaaaaaaaaa", "abababababab", "abcabcabcabc", "abcdabcdabcd", "12341234123412", "123456789012",
					    "098765432109", "abcdefghijklm", "zyxwvutsrqpo", "aabbaabbbabbab" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(none); i++)
		assert_false(taken(none[i]));
	assert_non_null(strstr(why.text, "four words"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(length_is_what_counts),
		cmocka_unit_test(the_name_and_little_besides_is_none),
		cmocka_unit_test(rows_and_repetitions_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
