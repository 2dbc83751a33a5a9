/*
 * daemon/core/text/mention.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/text/mention.h"

#include <stdio.h>

/* A corner of the country is enough here. */
static const char table[] = "000000\tnation\t全国\t全国\tChina\t\n"
			    "110000\tprovince\t北京市\t北京\tBeijing\t\n"
			    "330000\tprovince\t浙江省\t浙江\tZhejiang\t\n"
			    "331000\tprefecture\t台州市\t台州\tTaizhou\t\n"
			    "331004\tcounty\t路桥区\t路桥\tLuqiao\t\n"
			    "370000\tprovince\t山东省\t山东\tShandong\t\n"
			    "370100\tprefecture\t济南市\t济南\tJinan\t\n"
			    "370103\tcounty\t市中区\t市中\tShizhong\t\n"
			    "370105\tcounty\t天桥区\t天桥\tTianqiao\t\n";

struct fixture {
	struct gazetteer *gazetteer;
	struct scanner *scanner;
	struct scan_scratch *scratch;
	struct arena arena;
	struct mentions found;
};

static int start(void **state)
{
	static struct fixture f;
	struct scan_set *set = scan_set_new();
	const char *why;

	f.gazetteer = gazetteer_new(span_of(table), NULL);
	mentions_add_patterns(f.gazetteer, set);
	f.scanner = scanner_new(set, &why);
	f.scratch = scan_scratch_new(f.scanner);
	scan_set_free(set);
	*state = &f;
	return 0;
}

static int stop(void **state)
{
	struct fixture *f = *state;

	scan_scratch_free(f->scratch);
	scanner_free(f->scanner);
	gazetteer_free(f->gazetteer);
	return 0;
}

/* Scans a text as if it had been folded and tightened. */
static void find(struct fixture *f, struct span text)
{
	uint32_t *origin = arena_array(&f->arena, uint32_t, text.len + 1);
	struct folded folded = { .text = text, .origin = origin };
	struct scan_hits hits;

	for (uint32_t i = 0; i <= text.len; i++)
		origin[i] = i;
	scan(f->scanner, f->scratch, text, &f->arena, &hits);
	mentions_find(f->gazetteer, &folded, &hits, &f->found);
}

/* What is found, as "words:role" joined by blanks; `+` before a mention of the same run. */
static void assert_found(struct fixture *f, const char *text, const char *expected)
{
	static const char *const roles[] = { "plain", "event", "aside", "origin", "not" };
	char found[400] = "";
	size_t len = 0;

	arena_init(&f->arena);
	find(f, span_of(text));
	for (size_t i = 0; i < f->found.n; i++) {
		const struct mention *m = &f->found.at[i];
		bool same = i > 0 && m[-1].run == m->run;

		len += (size_t)snprintf(found + len, sizeof(found) - len, "%s%.*s:%s",
					i == 0 ? ""
					: same ? "+"
					       : " ",
					(int)(m->to - m->from), text + m->from, roles[m->role]);
	}
	arena_release(&f->arena);
	assert_string_equal(found, expected);
}

static void test_longest_names_and_runs(void **state)
{
	assert_found(*state, "山东省济南市天桥区", "山东省:plain+济南市:plain+天桥区:plain");
	assert_found(*state, "山东省, 济南市/天桥区", "山东省:plain+济南市:plain+天桥区:plain");
	assert_found(*state, "山东济南看见浙江", "山东:event+济南:event 浙江:plain");
	assert_found(*state, "", "");
}

static void test_a_character_may_serve_two_names(void **state)
{
	assert_found(*state, "济南市中区", "济南市:plain+市中区:plain");
	assert_found(*state, "济南市中心", "济南市:plain");
	assert_found(*state, "济南市市中区", "济南市:plain+市中区:plain");
}

static void test_other_kind_words_belong_to_the_name(void **state)
{
	struct fixture *f = *state;

	assert_found(f, "天桥县", "天桥县:plain");
	assert_int_equal(f->found.at[0].form, FORM_KIND);
	assert_found(f, "天桥镇", "天桥:plain");
	assert_int_equal(f->found.at[0].form, FORM_TOWN);
	assert_found(f, "tianqiao district, jinan", "tianqiao district:plain+jinan:plain");
	assert_int_equal(f->found.at[0].form, FORM_KIND);
}

static void test_cues(void **state)
{
	assert_found(*state, "他在济南", "济南:event");
	assert_found(*state, "老家是山东济南的,现住浙江", "山东:origin+济南:origin 浙江:event");
	assert_found(*state, "一个山东济南人", "山东:origin+济南:origin");
	assert_found(*state, "济南人民医院", "济南:plain");
	assert_found(*state, "操山东口音", "山东:origin");
	assert_found(*state, "从浙江到山东", "浙江:origin 山东:event");
	assert_found(*state, "seen in jinan", "jinan:event");
	assert_found(*state, "a man from jinan", "jinan:origin");
}

static void test_what_is_no_place(void **state)
{
	assert_found(*state, "北京东路", "北京:not");
	assert_found(*state, "北京大街", "北京:not");
	assert_found(*state, "北京市东路", "北京市:plain");
	assert_found(*state, "北京烤鸭", "北京:not");
	assert_found(*state, "开往济南", "济南:not");
	assert_found(*state, "名叫赵天桥", "天桥:not");
	assert_found(*state, "浙江台州路桥", "浙江:plain+台州:plain+路桥:plain");
	assert_found(*state, "jinanese", "");
}

static void test_many_mentions_are_bounded(void **state)
{
	struct fixture *f = *state;
	char text[200 * 9 + 1];

	for (size_t i = 0; i < 200; i++)
		memcpy(text + i * 9, "济南,", 7), memcpy(text + i * 9 + 7, "ab", 3);
	arena_init(&f->arena);
	find(f, span_of(text));
	assert_int_equal(f->found.n, MENTIONS_MAX);
	arena_release(&f->arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_longest_names_and_runs),
		cmocka_unit_test(test_a_character_may_serve_two_names),
		cmocka_unit_test(test_other_kind_words_belong_to_the_name),
		cmocka_unit_test(test_cues),
		cmocka_unit_test(test_what_is_no_place),
		cmocka_unit_test(test_many_mentions_are_bounded),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
