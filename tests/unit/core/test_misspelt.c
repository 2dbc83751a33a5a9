/*
 * daemon/core/text/misspelt.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/text/misspelt.h"

static const char table[] = "000000\tnation\t全国\t全国\tChina\t\n"
			    "320000\tprovince\t江苏省\t江苏\tJiangsu\t\n"
			    "320100\tprefecture\t南京市\t南京\tNanjing\t\n"
			    "320106\tcounty\t鼓楼区\t鼓楼\tGulou\t\n"
			    "320114\tcounty\t雨花台区\t雨花台\tYuhuatai\t\n"
			    "320300\tprefecture\t徐州市\t徐州\tXuzhou\t\n"
			    "320302\tcounty\t鼓楼区\t鼓楼\tGulou\t\n"
			    "320311\tcounty\t泉山区\t泉山\tQuanshan\t\n"
			    "330000\tprovince\t浙江省\t浙江\tZhejiang\t\n"
			    "330100\tprefecture\t杭州市\t杭州\tHangzhou\t\n"
			    "330106\tcounty\t西湖区\t西湖\tXihu\t\n"
			    "320399\told\t九里区\t九里\t\t320311\n";

static struct gazetteer *gazetteer;

static int start(void **state)
{
	(void)state;
	gazetteer = gazetteer_new(span_of(table), NULL);
	return gazetteer != NULL ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	gazetteer_free(gazetteer);
	return 0;
}

static const struct region *region(const char *code)
{
	return gazetteer_find(gazetteer, span_of(code));
}

static void assert_child(const char *above, const char *text, const char *expected)
{
	struct misspelt_match found = misspelt_child(gazetteer, span_of(text), 0, region(above));

	assert_string_equal(found.region != NULL ? found.region->code : "none", expected);
	if (found.region != NULL)
		assert_true(found.to <= strlen(text));
}

static void test_one_wrong_character_beneath_what_is_named(void **state)
{
	(void)state;
	assert_child("320100", "古楼区人民路", "320106");
	assert_child("320100", "鼓搂区", "320106");
	assert_child("320100", ", 鼓搂区", "320106");
	assert_child("320100", "鼓楼区", "none"); /* nothing is wrong */
	assert_child("320100", "鼓楼县", "none"); /* the last character tells the kind */
	assert_child("320100", "古搂区", "none");
	assert_child("320100", "泉水区", "none"); /* lies elsewhere */
	assert_child("320100", "", "none");
	assert_child("320100", "鼓", "none");
}

static void test_a_character_left_out(void **state)
{
	(void)state;
	assert_child("320100", "雨花区小行路", "320114");
	assert_child("320100", "花区", "none");
}

static void test_of_several_none(void **state)
{
	(void)state;
	assert_child("320000", "古楼区", "none");
	assert_child("320000", "涂州市", "320300");
}

static void test_a_parent_in_front(void **state)
{
	const struct region *const gulou[] = { region("320106"), region("320302") };
	struct span text = SPAN("涂州市鼓楼区");

	(void)state;
	assert_ptr_equal(misspelt_parent(gazetteer, text, 9, gulou, 2), gulou[1]);
	assert_null(misspelt_parent(gazetteer, SPAN("某某市鼓楼区"), 9, gulou, 2));
	assert_null(misspelt_parent(gazetteer, SPAN("鼓楼区"), 0, gulou, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_wrong_character_beneath_what_is_named),
		cmocka_unit_test(test_a_character_left_out),
		cmocka_unit_test(test_of_several_none),
		cmocka_unit_test(test_a_parent_in_front),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
