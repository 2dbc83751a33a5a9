/*
 * daemon/core/text/gazetteer.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/buf.h"
#include "daemon/core/text/gazetteer.h"
#include "daemon/core/text/normalize.h"

#include <stdio.h>

#define NATION "000000\tnation\t全国\t全国\tChina\t\n"
#define PROVINCE "610000\tprovince\t陕西省\t陕西\tShaanxi\t\n"
#define PREFECTURE "610100\tprefecture\t西安市\t西安\tXi'an/Xian\t\n"
#define COUNTY "610102\tcounty\t新城区\t新城\tXincheng\t\n"

static const char small[] = "# a comment\n" NATION PROVINCE PREFECTURE COUNTY
			    "610171\tzone\t高新技术产业开发区\t高新技术产业开发区\t\t610100\n"
			    "610105\told\t旧城区\t旧城\t\t610102\n"
			    "610102\talias\t老新城\t老新城\t\t610102\n";

static struct gazetteer *real_table(void)
{
	FILE *f = fopen("config/regions/regions.tsv", "rb");
	struct buf tsv = { 0 };
	struct complaint why = { 0 };
	struct gazetteer *g;
	size_t n;

	assert_non_null(f);
	while ((n = fread(buf_reserve(&tsv, 65536), 1, 65536, f)) > 0)
		tsv.len += n;
	fclose(f);
	g = gazetteer_new(buf_span(&tsv), &why);
	if (g == NULL)
		fail_msg("line %zu: %s", why.line, why.text);
	buf_release(&tsv);
	return g;
}

static void test_a_small_table(void **state)
{
	struct gazetteer *g = gazetteer_new(span_of(small), NULL);
	const struct region *r;

	(void)state;
	assert_non_null(g);
	assert_int_equal(gazetteer_count(g), 4);
	assert_int_equal(gazetteer_at(g, 0)->level, REGION_NATION);
	r = gazetteer_find(g, SPAN("610102"));
	assert_non_null(r);
	assert_int_equal(r->level, REGION_COUNTY);
	assert_true(span_is(r->name, "新城区"));
	assert_true(span_is(region_short_name(r), "新城"));
	assert_string_equal(gazetteer_at(g, r->parent)->code, "610100");
	assert_true(span_is(region_name_en(gazetteer_find(g, SPAN("610100"))), "Xi'an"));
	gazetteer_free(g);
}

static void test_codes_not_in_force_count_as_something(void **state)
{
	struct gazetteer *g = gazetteer_new(span_of(small), NULL);

	(void)state;
	assert_null(gazetteer_find(g, SPAN("610105")));
	assert_string_equal(gazetteer_resolve(g, SPAN("610102"))->code, "610102");
	assert_string_equal(gazetteer_resolve(g, SPAN("610105"))->code, "610102");
	assert_string_equal(gazetteer_resolve(g, SPAN("610171"))->code, "610100");
	assert_string_equal(gazetteer_resolve(g, SPAN("610199"))->code, "610100");
	assert_string_equal(gazetteer_resolve(g, SPAN("619900"))->code, "610000");
	assert_string_equal(gazetteer_resolve(g, SPAN("990000"))->code, "000000");
	assert_string_equal(gazetteer_resolve(g, SPAN("61010"))->code, "000000");
	assert_string_equal(gazetteer_resolve(g, SPAN(""))->code, "000000");
	assert_string_equal(gazetteer_resolve(g, SPAN("61010x"))->code, "000000");
	gazetteer_free(g);
}

static bool has_name(const struct gazetteer *g, const char *text, enum gazetteer_name_kind kind,
		     const char *code)
{
	for (uint32_t i = 0; i < gazetteer_name_count(g); i++) {
		struct gazetteer_name n = gazetteer_name_at(g, i);

		if (span_is(n.text, text) && n.kind == kind &&
		    strcmp(gazetteer_at(g, n.region)->code, code) == 0)
			return true;
	}
	return false;
}

static void test_names_of_all_kinds(void **state)
{
	struct gazetteer *g = gazetteer_new(span_of(small), NULL);

	(void)state;
	assert_true(has_name(g, "西安市", NAME_FULL, "610100"));
	assert_true(has_name(g, "西安", NAME_SHORT, "610100"));
	assert_true(has_name(g, "xian", NAME_LATIN, "610100"));
	assert_true(has_name(g, "xi'an", NAME_LATIN, "610100"));
	assert_true(has_name(g, "旧城区", NAME_OLD, "610102"));
	assert_true(has_name(g, "高新技术产业开发区", NAME_ZONE, "610100"));
	assert_true(has_name(g, "老新城", NAME_ALIAS, "610102"));
	gazetteer_free(g);
}

static void assert_refused(const char *tsv, size_t line, const char *word)
{
	struct complaint why = { 0 };

	assert_null(gazetteer_new(span_of(tsv), &why));
	assert_int_equal(why.line, line);
	if (strstr(why.text, word) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why.text, word);
}

static void test_a_wrong_table_is_refused_with_its_line(void **state)
{
	(void)state;
	assert_refused("", 0, "empty");
	assert_refused(PROVINCE, 1, "nation");
	assert_refused(NATION NATION, 2, "nation");
	assert_refused(NATION "61\tprovince\t陕西省\t陕西\t\t\n", 2, "six digits");
	assert_refused(NATION "610000\tprovince\t陕西省\t陕西\n", 2, "columns");
	assert_refused(NATION "610000\tprovince\t\t陕西\t\t\n", 2, "empty");
	assert_refused(NATION "610000\tstate\t陕西省\t陕西\t\t\n", 2, "level");
	assert_refused(NATION "610000\tcounty\t陕西省\t陕西\t\t\n", 2, "level");
	assert_refused(NATION PROVINCE PROVINCE, 3, "order");
	assert_refused(NATION PREFECTURE, 2, "province");
	assert_refused(NATION PROVINCE "610105\told\t旧城区\t旧城\t\t610102\n", 3, "in force");
	assert_refused(NATION PROVINCE "610105\told\t旧城区\t旧城\t\t610000\n" PREFECTURE, 4, "before");
}

static void test_within(void **state)
{
	(void)state;
	assert_true(region_within(SPAN("150602"), SPAN("150602")));
	assert_true(region_within(SPAN("150602"), SPAN("150600")));
	assert_true(region_within(SPAN("150602"), SPAN("150000")));
	assert_true(region_within(SPAN("150602"), SPAN("000000")));
	assert_false(region_within(SPAN("150600"), SPAN("150602")));
	assert_false(region_within(SPAN("150602"), SPAN("150700")));
	assert_false(region_within(SPAN("000000"), SPAN("150000")));
	assert_false(region_within(SPAN("1506"), SPAN("150000")));
	assert_false(region_within(SPAN("150600"), SPAN("")));
	assert_true(region_within(SPAN("101000"), SPAN("100000")));
}

static void test_the_real_table(void **state)
{
	struct gazetteer *g = real_table();
	size_t mainland = 0;
	size_t first_level = 0;

	(void)state;
	for (uint32_t i = 1; i < gazetteer_count(g); i++) {
		const struct region *r = gazetteer_at(g, i);
		const struct region *parent = gazetteer_at(g, r->parent);

		mainland += r->code[0] < '7';
		first_level += r->level == REGION_PROVINCE;
		assert_true(parent->level < r->level);
		assert_true(region_within(span_from(r->code, 6), span_from(parent->code, 6)));
		assert_ptr_equal(gazetteer_find(g, span_from(r->code, 6)), r);
		assert_true(r->en_bytes > 0);
		assert_true(span_starts(r->name, region_short_name(r)));
	}
	assert_int_equal(mainland, 3211);
	assert_int_equal(first_level, 34);
	assert_string_equal(gazetteer_resolve(g, SPAN("110100"))->code, "110000");
	assert_string_equal(gazetteer_resolve(g, SPAN("110103"))->code, "110101");
	assert_string_equal(gazetteer_resolve(g, SPAN("500112"))->code, "500157");
	assert_string_equal(gazetteer_resolve(g, SPAN("429000"))->code, "420000");
	assert_string_equal(gazetteer_resolve(g, SPAN("320571"))->code, "320500");
	assert_string_equal(gazetteer_at(g, gazetteer_find(g, SPAN("429004"))->parent)->code, "420000");
	gazetteer_free(g);
}

/* Patterns are looked for in folded text, so a name that folding changes would never be found. */
static void test_real_names_are_folded(void **state)
{
	struct gazetteer *g = real_table();
	struct normalizer *tables = normalizer_new();

	(void)state;
	for (uint32_t i = 0; i < gazetteer_name_count(g); i++) {
		struct span name = gazetteer_name_at(g, i).text;
		struct arena arena;
		struct folded folded;

		arena_init(&arena);
		normalize(tables, name, &arena, &folded);
		if (!span_eq(name, folded.text))
			fail_msg("%.*s", (int)name.len, name.at);
		arena_release(&arena);
	}
	normalizer_free(tables);
	gazetteer_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_small_table),
		cmocka_unit_test(test_codes_not_in_force_count_as_something),
		cmocka_unit_test(test_names_of_all_kinds),
		cmocka_unit_test(test_a_wrong_table_is_refused_with_its_line),
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_the_real_table),
		cmocka_unit_test(test_real_names_are_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
