/*
 * The region of a message by its destination or its first word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/sms/area.h"

#define AREAS "0571=330100,571=999999,HZ=330102,BJ=110000,杭州=330103, SH = 310000"

static void expect(const char *destination, const char *text, const char *region)
{
	struct span found = sms_area_of(SPAN(AREAS), span_of(destination), span_of(text));

	if (!span_is(found, region))
		fail_msg("%s \"%s\": %.*s", destination, text, (int)found.len, found.at);
}

static void words_go_before_numbers(void **unused)
{
	(void)unused;
	expect("1069000571", "somebody", "330100");
	expect("106900571", "somebody", "330100");
	expect("106902571", "somebody", "999999");
	expect("571", "somebody", "");
	expect("106900", "somebody", "");
	expect("", "", "");
	expect("1069000571", "BJ somebody", "110000");
	expect("106900", "bj：有人", "110000");
	expect("106900", "ＢＪ有人", "110000");
	expect("106900", "bjorn was there", "");
	expect("106900", "I saw BJ", "");
	expect("106900", "  杭州西湖有人", "330103");
	expect("106900", "SH", "310000");
	expect("106900", "0571 somebody", "");
}

static void items_are_a_mark_and_a_region(void **unused)
{
	static const char *const wrong[] = { "", "0571", "=330100", "0571=", "0571=33010", "0571=3301000", "0571=33010a" };
	struct span mark, region;

	(void)unused;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(sms_area_parse(span_of(wrong[i]), &mark, &region));
	assert_true(sms_area_parse(SPAN(" HZ = 330100 "), &mark, &region));
	assert_true(span_is(mark, "HZ") && span_is(region, "330100"));
	assert_int_equal(sms_area_of(SPAN(""), SPAN("1069000571"), SPAN("HZ x")).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(words_go_before_numbers),
					    cmocka_unit_test(items_are_a_mark_and_a_region) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
