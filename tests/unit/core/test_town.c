/*
 * daemon/core/text/town.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/text/town.h"

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

static const char towns_table[] = "# code\tnames\n"
				  "320106\t湖南路街道 中央门街道 城东镇\n"
				  "320114\t板桥街道 铁心桥街道\n"
				  "320302\t环城街道 城东镇\n"
				  "320399\t火花镇 东风农场\n"
				  "330106\t双浦镇 板桥镇 洩湖乡\n";

static struct gazetteer *gazetteer;
static struct normalizer *normalizer;
static struct towns *towns;

static int start(void **state)
{
	(void)state;
	gazetteer = gazetteer_new(span_of(table), NULL);
	normalizer = normalizer_new();
	towns = towns_new(span_of(towns_table), normalizer, NULL);
	return towns != NULL ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	towns_free(towns);
	normalizer_free(normalizer);
	gazetteer_free(gazetteer);
	return 0;
}

static void assert_county(const char *within, const char *text, const char *expected)
{
	struct town_match found =
		towns_find(towns, gazetteer, span_of(text), 0, gazetteer_find(gazetteer, span_of(within)));

	if (strcmp(found.county != NULL ? found.county->code : "none", expected) != 0)
		fail_msg("%s within %s", text, within);
	if (found.county != NULL)
		assert_true(found.from < found.to && found.to <= strlen(text));
}

static void test_a_town_names_its_county(void **state)
{
	(void)state;
	assert_county("320100", "中央门街道12号", "320106");
	assert_county("320100", "中央门办事处", "320106");
	assert_county("320100", "住在板桥街道", "320114");
	assert_county("320000", "板桥街道", "320114");
	assert_county("330000", "泄湖乡", "330106"); /* folded like the texts */
	assert_county("330100", "没有", "none");
	assert_county("330100", "镇", "none");
	assert_county("330100", "", "none");
}

static void test_a_former_county_counts_as_its_successor(void **state)
{
	(void)state;
	assert_county("320300", "火花镇", "320311");
}

static void test_a_town_may_have_become_another_kind(void **state)
{
	(void)state;
	assert_county("320300", "火花街道", "320311");
	assert_county("320300", "东风农场", "320311");
	assert_county("320300", "东风林场", "320311");
	assert_county("320300", "东风镇", "320311");
	assert_county("000000", "火花街道", "none"); /* within the nation the kind must be right */
	assert_county("000000", "火花镇", "320311");
}

static void test_of_several_none(void **state)
{
	(void)state;
	assert_county("320000", "城东镇", "none");
	assert_county("320100", "城东镇", "320106");
	assert_county("000000", "板桥镇", "none");
}

static void test_a_short_name_must_stand_apart(void **state)
{
	(void)state;
	assert_county("320100", "他家的板桥街道", "320114");
	assert_county("320100", "小板桥街道", "none");
	assert_county("320100", "老铁心桥街道", "320114");
}

static void test_bad_tables(void **state)
{
	static const struct {
		const char *tsv;
		size_t line;
	} bad[] = { { "32010\t城东镇\n", 1 }, { "# x\n320106\t城东\n", 2 }, { "320106 城东镇\n", 1 } };
	struct complaint why;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(towns_new(span_of(bad[i].tsv), normalizer, &why));
		assert_int_equal(why.line, bad[i].line);
	}
}

static void test_an_empty_table(void **state)
{
	struct towns *none = towns_new(SPAN(""), normalizer, NULL);

	(void)state;
	assert_null(towns_find(none, gazetteer, SPAN("中央门街道"), 0, gazetteer_at(gazetteer, 0)).county);
	assert_true(towns_bytes(none) < towns_bytes(towns));
	towns_free(none);
	towns_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_town_names_its_county),
		cmocka_unit_test(test_a_former_county_counts_as_its_successor),
		cmocka_unit_test(test_a_town_may_have_become_another_kind),
		cmocka_unit_test(test_of_several_none),
		cmocka_unit_test(test_a_short_name_must_stand_apart),
		cmocka_unit_test(test_bad_tables),
		cmocka_unit_test(test_an_empty_table),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
