/*
 * daemon/core/text/survey.c, on a corner of the country; test_route.c has the whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/text/survey.h"
#include "daemon/core/text/tight.h"

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

static struct engine {
	struct gazetteer *gazetteer;
	struct normalizer *normalizer;
	struct scanner *scanner;
	struct scan_scratch *scratch;
	struct arena arena;
	struct survey survey;
} engine;

static int start(void **state)
{
	struct scan_set *set = scan_set_new();
	const char *why;

	(void)state;
	engine.gazetteer = gazetteer_new(span_of(table), NULL);
	engine.normalizer = normalizer_new();
	mentions_add_patterns(engine.gazetteer, set);
	engine.scanner = scanner_new(set, &why);
	engine.scratch = scan_scratch_new(engine.scanner);
	scan_set_free(set);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_release(&engine.arena);
	scan_scratch_free(engine.scratch);
	scanner_free(engine.scanner);
	gazetteer_free(engine.gazetteer);
	normalizer_free(engine.normalizer);
	return 0;
}

static struct finding find(const char *text, const char *chosen)
{
	struct folded folded;
	struct folded tight;
	struct scan_hits hits;
	struct finding out;

	normalize(engine.normalizer, span_of(text), &engine.arena, &folded);
	tighten(&folded, &engine.arena, &tight);
	scan(engine.scanner, engine.scratch, tight.text, &engine.arena, &hits);
	survey_field(&engine.survey, engine.gazetteer, NULL, &tight, &hits, span_of(chosen), &out);
	return out;
}

static void assert_found(const char *text, const char *expected)
{
	struct finding f = find(text, "");

	if (strcmp(f.region != NULL ? f.region->code : "none", expected) != 0)
		fail_msg("%s: %s, not %s", text, f.region != NULL ? f.region->code : "none", expected);
}

static void test_levels_support_each_other(void **state)
{
	(void)state;
	assert_found("江苏省徐州市鼓楼区", "320302");
	assert_found("鼓楼区，徐州，江苏", "320302");
	assert_found("江苏徐州鼓楼", "320302");
	assert_found("九里区", "320311");
	assert_found("西湖", "none");
	assert_found("没有地名", "none");
}

static void test_of_two_counties_the_first(void **state)
{
	(void)state;
	assert_found("泉山区解放路3号、杭州市西湖区", "320311");
	assert_found("杭州市西湖区、徐州市泉山区", "330106");
}

static void test_more_is_said_elsewhere(void **state)
{
	(void)state;
	assert_found("我在江苏，具体是南京市鼓楼区", "320106");
}

static void test_open_meanings(void **state)
{
	struct finding f = find("鼓楼区有人", "");

	(void)state;
	assert_true(f.ambiguous);
	assert_string_equal(f.region->code, "320000");
	assert_int_equal(f.nopen, 2);
	assert_string_equal(f.open[0]->code, "320106");
	assert_string_equal(f.open[1]->code, "320302");
	f = find("鼓楼区有人", "320300");
	assert_false(f.ambiguous);
	assert_string_equal(f.region->code, "320302");
	assert_int_equal(f.nopen, 1);
}

static void test_what_is_worth_naming_beside_the_answer(void **state)
{
	size_t named = 0;

	(void)state;
	assert_found("老家浙江省杭州市，现住徐州市泉山区", "320311");
	for (size_t i = 0; i < engine.survey.n; i++)
		named += survey_named(&engine.survey, &engine.survey.at[i]);
	assert_int_equal(named, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels_support_each_other),
		cmocka_unit_test(test_of_two_counties_the_first),
		cmocka_unit_test(test_more_is_said_elsewhere),
		cmocka_unit_test(test_open_meanings),
		cmocka_unit_test(test_what_is_worth_naming_beside_the_answer),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
