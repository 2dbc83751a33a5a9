/*
 * The judge with the repository's own tables: it starts, its rules keep what
 * their tests promise, and tips end in the band an officer would expect.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/judge_files.h"

#include "daemon/base/table.h"

static struct judge_files files;
static struct judge *judge;

static int open_judge(void **state)
{
	struct complaint why = { 0 };

	(void)state;
	judge_files_read(&files);
	judge = judge_new(&files.sources, &why);
	if (judge == NULL)
		print_error("%s\n", why.text);
	return judge == NULL;
}

static int close_judge(void **state)
{
	(void)state;
	judge_free(judge);
	judge_files_release(&files);
	return 0;
}

static void judge_text(const char *text, struct arena *arena, struct judgement *out)
{
	struct tip tip = { .text = span_of(text) };

	judge_tip(judge, &tip, arena, out);
}

struct expected {
	const char *text;
	enum priority priority;
};

static void bands_of_plain_cases(void **state)
{
	static const struct expected rows[] = {
		{ .text = "刚才看到一个男的把小女孩塞进白色面包车，车牌京A12345，正往高速开，快来人",
		  .priority = PRIORITY_IMMEDIATE },
		{ .text = "救救我，我被关在出租屋里，他们不让出门，天天被打",
		  .priority = PRIORITY_IMMEDIATE },
		{ .text = "Help me, I am locked in a house, they took my passport and beat the other girls",
		  .priority = PRIORITY_IMMEDIATE },
		{ .text = "村里老光棍家有个女的，像是买来的媳妇，用铁链锁着",
		  .priority = PRIORITY_IMMEDIATE },
		{ .text = "隔壁夫妻最近突然多了一个两岁的男孩，口音不一样，孩子一直哭",
		  .priority = PRIORITY_URGENT },
		{ .text = "I saw two girls being dragged into a van near the bus station",
		  .priority = PRIORITY_IMMEDIATE },
		{ .text = "i saw a child crying in a van with a stranger", .priority = PRIORITY_URGENT },
		{ .text = "我想反映一个情况，村东头那户人家好像不太对劲", .priority = PRIORITY_STANDARD },
		{ .text = "听说二十年前那边有人家抱养过女儿", .priority = PRIORITY_LOW },
		{ .text = "【贷款】无抵押低利息，当天放款，点击链接 http://a.example 退订回T",
		  .priority = PRIORITY_LOW },
		{ .text = "Congratulations! You have won a cash prize, call now to claim your award",
		  .priority = PRIORITY_LOW },
		{ .text = "测试", .priority = PRIORITY_LOW },
		{ .text = "啊啊啊啊啊啊", .priority = PRIORITY_LOW },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct arena arena = { 0 };
		struct judgement out;

		judge_text(rows[i].text, &arena, &out);
		if (out.score.priority != rows[i].priority) {
			for (size_t r = 0; r < out.score.nreasons; r++)
				print_error("%+d %.*s\n", out.score.reasons[r].points,
					    (int)out.score.reasons[r].rule->name.len,
					    out.score.reasons[r].rule->name.at);
			fail_msg("%s: %u, %s", rows[i].text, out.score.points,
				 priority_name(out.score.priority));
		}
		arena_release(&arena);
	}
}

static void width_case_and_script_change_nothing(void **state)
{
	struct arena arena = { 0 };
	struct judgement plain, other;

	(void)state;
	judge_text("车牌京A12345，女孩被关在地下室，电话13800138000", &arena, &plain);
	judge_text("車牌京ａ１２３４５，女孩被關在地下室，電話１３８００１３８０００", &arena, &other);
	assert_true(span_eq(plain.text.text, other.text.text));
	assert_int_equal(plain.score.points, other.score.points);
	assert_int_equal(plain.entities.n, other.entities.n);
	assert_int_equal(plain.fingerprint.nsketch, other.fingerprint.nsketch);
	assert_memory_equal(plain.fingerprint.sketch, other.fingerprint.sketch,
			    plain.fingerprint.nsketch * sizeof(*plain.fingerprint.sketch));
	arena_release(&arena);
}

/* The sum of the reasons is the score, as long as none had to be left out and nothing was clamped. */
static void reasons_add_up(void **state)
{
	struct arena arena = { 0 };
	struct judgement out;
	int sum = SCORE_BASE;

	(void)state;
	judge_text("听说有个女孩被关，车牌京A12345", &arena, &out);
	for (size_t i = 0; i < out.score.nreasons; i++) {
		struct span words = out.score.reasons[i].evidence;

		sum += out.score.reasons[i].points;
		assert_true(span_empty(words) ||
			    (words.at >= out.text.text.at &&
			     words.at + words.len <= out.text.text.at + out.text.text.len));
	}
	assert_int_equal(sum, out.score.points);
	arena_release(&arena);
}

static void judging_twice_says_the_same(void **state)
{
	struct arena arena = { 0 };
	struct judgement first, again;

	(void)state;
	judge_text("今天下午3点在鄂尔多斯市东胜区看到一个12岁女孩一直哭", &arena, &first);
	judge_text("x", &arena, &again);
	judge_text("今天下午3点在鄂尔多斯市东胜区看到一个12岁女孩一直哭", &arena, &again);
	assert_int_equal(first.score.points, again.score.points);
	assert_string_equal(first.route.code, again.route.code);
	assert_true(span_eq(fingerprint_pack(&first.fingerprint, &arena),
			    fingerprint_pack(&again.fingerprint, &arena)));
	arena_release(&arena);
}

/* A rule that does not keep its own tests is refused with the line of the test. */
static void failing_samples_are_refused(void **state)
{
	static const char yaml[] =
		"rules:\n  - name: x\n    points: 5\n    reason: { zh-CN: a, en: a }\n    any: [猫]\n"
		"    match: [一只猫]\n    no_match:\n      - 一条狗\n      - 没有狗只有猫\n";
	struct rule_file file = { .name = "x.yaml", .yaml = SPAN(yaml) };
	struct judge_sources sources = files.sources;
	struct complaint why = { 0 };

	(void)state;
	sources.rule_files = &file;
	sources.nrule_files = 1;
	assert_null(judge_new(&sources, &why));
	assert_int_equal(why.line, 9);
	assert_non_null(strstr(why.text, "x.yaml:9: rule 'x': no_match: the rule matches \"没有狗只有猫\""));
	sources.regions_tsv = SPAN("no table");
	assert_null(judge_new(&sources, &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bands_of_plain_cases),
		cmocka_unit_test(width_case_and_script_change_nothing),
		cmocka_unit_test(reasons_add_up),
		cmocka_unit_test(judging_twice_says_the_same),
		cmocka_unit_test(failing_samples_are_refused),
	};

	return cmocka_run_group_tests(tests, open_judge, close_judge);
}
