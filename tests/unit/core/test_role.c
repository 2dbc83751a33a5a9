/*
 * daemon/core/text/role.c: cues and mentions laid out by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/text/role.h"

#include <stdio.h>

static struct scanner *scanner;
static struct scan_scratch *scratch;

static int start(void **state)
{
	struct scan_set *set = scan_set_new();
	const char *why;

	(void)state;
	cues_add_patterns(set);
	scanner = scanner_new(set, &why);
	scan_set_free(set);
	scratch = scan_scratch_new(scanner);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	scan_scratch_free(scratch);
	scanner_free(scanner);
	return 0;
}

/* Places stand as "<...>" in `marked`, a run each; their roles as letters: plain, event, aside, origin, not.
 */
static void assert_roles(const char *marked, const char *expected)
{
	struct arena arena = { 0 };
	struct scan_hits hits;
	struct cue_hits cues = { .n = 0 };
	struct mentions mentions = { .n = 0 };
	char text[200];
	char found[20] = "";
	uint32_t len = 0;

	for (const char *c = marked; *c != '\0'; c++)
		if (*c == '<')
			mentions.at[mentions.n] =
				(struct mention){ .from = len, .run = (unsigned)mentions.n };
		else if (*c == '>')
			mentions.at[mentions.n++].to = len;
		else
			text[len++] = *c;
	scan(scanner, scratch, span_from(text, len), &arena, &hits);
	for (size_t i = 0; i < hits.n; i++)
		cue_hits_add(&cues, &hits.at[i]);
	roles_judge(span_from(text, len), &cues, &mentions);
	for (size_t i = 0; i < mentions.n; i++)
		found[i] = "peaon"[mentions.at[i].role];
	arena_release(&arena);
	if (strcmp(found, expected) != 0)
		fail_msg("%s: %s, not %s", marked, found, expected);
}

static void test_cues_speak_of_the_nearest_place(void **state)
{
	(void)state;
	assert_roles("<四川>", "p");
	assert_roles("我在<四川>看到", "e");
	assert_roles("老家<四川>在<广东>", "oe");
	assert_roles("从<四川>到<广东>", "oe");
	assert_roles("<四川>走失,在<广东>见过", "ae");
	assert_roles("不是<四川>是<广东>", "np");
	assert_roles("是不是<四川>", "p");
	assert_roles("操<四川>口音,现住<广东>", "oe");
}

static void test_no_cue_reaches_across_a_comma(void **state)
{
	(void)state;
	assert_roles("<四川>,附近", "p");
	assert_roles("<四川>人民路附近", "e");
	assert_roles("老家,<四川>", "p");
}

static void test_the_longer_cue_hides_the_shorter(void **state)
{
	(void)state;
	assert_roles("<四川>人", "o");
	assert_roles("<四川>人民医院", "p");
	assert_roles("<四川>女人被骗", "a");
}

static void test_names_that_are_no_places(void **state)
{
	(void)state;
	assert_roles("<重庆>火锅", "n");
	assert_roles("叫王<南京>", "n");
	assert_roles("叫他<南京>", "p");
	assert_roles("小名叫<延安>", "n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cues_speak_of_the_nearest_place),
		cmocka_unit_test(test_no_cue_reaches_across_a_comma),
		cmocka_unit_test(test_the_longer_cue_hides_the_shorter),
		cmocka_unit_test(test_names_that_are_no_places),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
