/*
 * Ids of carriers: whatever the answer said and however the report spells it,
 * one of the report's forms is the normal form of the answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/sms/report_id.h"

#include "daemon/base/table.h"

#include <string.h>

static bool matches(const char *answer, const char *report)
{
	struct arena arena = { 0 };
	struct span normal = report_id_normal(span_of(answer), &arena);
	struct report_id id;
	bool found = false;

	report_id_read(span_of(report), &arena, &id);
	for (size_t i = 0; i < id.n; i++)
		found |= normal.len > 0 && span_eq(id.form[i], normal);
	arena_release(&arena);
	return found;
}

static const struct {
	const char *answer, *report;
	bool same;
} spellings[] = {
	{ "12345678", "12345678", true },
	{ "0012345678", "12345678", true },
	{ "12345678", "0000012345678", true },
	{ "BC614E", "12345678", true },                      /* hexadecimal, decimal */
	{ "bc614e", "0012345678", true },
	{ "12345678", "BC614E", true },
	{ "12345678", "00bc614e", true },
	{ "0x1A2B", "6699", true },
	{ "6699", "0x1a2b", true },
	{ "00001A2B", "1a2b", true },
	{ "FFFFFFFFFFFFFFFF", "18446744073709551615", true },
	{ "18446744073709551615", "ffffffffffffffff", true },
	{ "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", true },
	{ "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}", "F81D4FAE7DEC11D0A76500A0C91E6BF6", true },
	{ "SM0123abcXYZ", "sm0123ABCxyz", true },
	{ " 42 ", "42", true },
	{ "0", "000", true },
	{ "12345678", "12345679", false },
	{ "1A2B", "1A2C", false },
	{ "abc-1", "abc1", false },
	{ "", "", false },
	{ "", "0", false },
	{ "18446744073709551616", "0", false },              /* more than 64 bits is no number */
};

static void spellings_of_one_id_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(spellings); i++)
		if (matches(spellings[i].answer, spellings[i].report) != spellings[i].same)
			fail_msg("%s and %s", spellings[i].answer, spellings[i].report);
}

static void the_same_spelling_is_looked_for_first(void **state)
{
	struct arena arena = { 0 };
	struct report_id id;

	(void)state;
	report_id_read(SPAN("00305419896"), &arena, &id);
	assert_int_equal(id.n, 3);
	assert_true(span_is(id.form[0], "305419896"));
	assert_true(span_is(id.form[1], "12345678"));
	report_id_read(SPAN("hello"), &arena, &id);
	assert_int_equal(id.n, 1);
	arena_release(&arena);
}

static void an_endless_id_is_none(void **state)
{
	struct arena arena = { 0 };
	char text[REPORT_ID_MAX + 2];
	struct report_id id;

	(void)state;
	memset(text, '7', sizeof(text));
	report_id_read(span_from(text, REPORT_ID_MAX), &arena, &id);
	assert_int_equal(id.n, 1);
	report_id_read(span_from(text, REPORT_ID_MAX + 1), &arena, &id);
	assert_int_equal(id.n, 0);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings_of_one_id_match),
		cmocka_unit_test(the_same_spelling_is_looked_for_first),
		cmocka_unit_test(an_endless_id_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
