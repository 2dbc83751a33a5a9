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

static void assert_routed(const struct tip *tip, const char *code, enum route_reason reason)
{
	struct arena arena = { 0 };
	struct judgement out;

	judge_tip(judge, tip, &arena, &out);
	assert_string_equal(out.route.code, code);
	assert_int_equal(out.route.reason, reason);
	arena_release(&arena);
}

static void the_second_stages_of_routing_are_asked(void **state)
{
	struct tip nowhere = { .text = SPAN("我想反映一个情况"), .sender = SPAN("+8613057001234") };
	struct tip torn = { .text = SPAN("江 苏 省 常🙏州市湟[泪]里镇"), .sender = SPAN("+8613057001234") };
	struct tip place = { .text = SPAN("我想反映一个情况"), .place = SPAN("常州 湟里镇") };

	(void)state;
	assert_routed(&nowhere, "320600", ROUTE_BY_SENDER);
	assert_routed(&torn, "320412", ROUTE_BY_TEXT);
	assert_routed(&place, "320412", ROUTE_BY_PLACE);
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
	assert_true(span_eq(fingerprint_pack(&plain.fingerprint, &arena),
			    fingerprint_pack(&other.fingerprint, &arena)));
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

/* What a judge says of a file that holds these rules; the line of the complaint, 0 when all is well. */
static size_t line_refused(const char *yaml, struct complaint *why)
{
	struct rule_file file = { .name = "x.yaml", .yaml = span_of(yaml) };
	struct judge_sources sources = files.sources;
	struct judge *made;

	*why = (struct complaint){ 0 };
	sources.rule_files = &file;
	sources.nrule_files = 1;
	made = judge_new(&sources, why);
	judge_free(made);
	return made != NULL ? 0 : why->line;
}

#define TOLD_BY_OTHERS                                                                                       \
	"rules:\n- name: x\n  points: 5\n  reason: { zh-CN: a, en: a }\n  when: { others: 2 }\n"

static void samples_of_context_are_tried(void **state)
{
	struct complaint why;

	(void)state;
	assert_int_equal(line_refused(TOLD_BY_OTHERS "  match: [{ context: { others: 2 } }]\n  no_match: [x]\n", &why), 0);
	assert_int_equal(line_refused(TOLD_BY_OTHERS "  match: [{ context: { others: 1 } }]\n  no_match: [x]\n", &why), 6);
	assert_non_null(strstr(why.text, "does not match \"this context\""));
	assert_int_equal(
		line_refused(TOLD_BY_OTHERS "  match: [{ context: { others: 2 } }]\n  no_match:\n"
					    "  - { text: abc, context: { others: 3 } }\n",
			     &why),
		8);
	assert_non_null(strstr(why.text, "no_match: the rule matches \"abc\""));
}

#define SEARCH                                                                                               \
	"campaigns:\n- name: x\n  points: 5\n  reason: { zh-CN: a, en: a }\n  any: [面包车]\n  region: '1506'\n" \
	"  until: 2020-01-31\n"

/* Tried on a day of theirs, in the region that the sample names or has chosen. */
static void samples_of_campaigns_are_tried(void **state)
{
	struct complaint why;

	(void)state;
	assert_int_equal(line_refused(SEARCH "  match: [{ text: 面包车, region: '150602' }, 鄂尔多斯市东胜区有面包车]\n"
					     "  no_match: [面包车]\n",
				      &why),
			 0);
	assert_int_equal(line_refused(SEARCH "  match: [面包车]\n  no_match: [x]\n", &why), 8);
}

/* The example that operators copy is well formed and holds its tests. */
static void the_example_campaign_holds(void **state)
{
	struct complaint why;
	struct arena arena = { 0 };
	struct span yaml = judge_file_read(&arena, "config/campaigns/bus-station-van.yaml.example");

	(void)state;
	if (line_refused(arena_printf(&arena, "%.*s", (int)yaml.len, yaml.at), &why) != 0)
		fail_msg("%s", why.text);
	arena_release(&arena);
}

/* --- learning ----------------------------------------------------------------------- */

#define JUNK "恭喜您中奖，点击领取现金红包"
#define CLUE "村口砖厂后面有人被打，听见喊救命"

static void teach_both(struct learner *learner, const char *text, bool wanted)
{
	struct arena arena = { 0 };
	struct judgement judged;

	judge_text(text, &arena, &judged);
	assert_non_null(judged.example);
	for (int i = 0; i < LEARN_SEEN_MIN; i++)
		learner_learn(learner, judged.example, wanted);
	arena_release(&arena);
}

static const struct score_reason *learned_reason(const struct score *score)
{
	for (size_t i = 0; i < score->nreasons; i++)
		if (span_is(score->reasons[i].rule->name, SCORE_LEARNED))
			return &score->reasons[i];
	return NULL;
}

static void what_was_learned_is_one_reason_and_can_be_taken_away(void **state)
{
	struct learner *learner = learner_new();
	struct arena arena = { 0 };
	struct judgement before, with, after;

	(void)state;
	judge_text(JUNK, &arena, &before);
	assert_null(before.example);
	judge_set_learner(judge, learner);
	judge_text(JUNK, &arena, &with);
	assert_null(learned_reason(&with.score));
	assert_int_equal(with.score.points, before.score.points);
	teach_both(learner, JUNK, false);
	teach_both(learner, CLUE, true);
	judge_text(JUNK, &arena, &with);
	assert_non_null(learned_reason(&with.score));
	assert_true(learned_reason(&with.score)->points < 0);
	judge_text(CLUE, &arena, &with);
	assert_non_null(learned_reason(&with.score));
	assert_true(learned_reason(&with.score)->points > 0);
	judge_set_learner(judge, NULL);
	judge_text(JUNK, &arena, &after);
	assert_int_equal(after.score.points, before.score.points);
	assert_null(after.example);
	arena_release(&arena);
	learner_free(learner);
}

/* The features are made of what the rules alone say, so a model never feeds on its own points. */
static void an_example_is_the_same_whatever_was_learned(void **state)
{
	struct learner *learner = learner_new();
	struct arena arena = { 0 };
	struct judgement before, after;

	(void)state;
	judge_set_learner(judge, learner);
	judge_text(JUNK, &arena, &before);
	teach_both(learner, JUNK, false);
	teach_both(learner, CLUE, true);
	judge_text(JUNK, &arena, &after);
	assert_int_equal(before.example->n, after.example->n);
	assert_memory_equal(before.example->features, after.example->features,
			    before.example->n * sizeof(before.example->features[0]));
	judge_set_learner(judge, NULL);
	arena_release(&arena);
	learner_free(learner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bands_of_plain_cases),
		cmocka_unit_test(width_case_and_script_change_nothing),
		cmocka_unit_test(reasons_add_up),
		cmocka_unit_test(judging_twice_says_the_same),
		cmocka_unit_test(failing_samples_are_refused),
		cmocka_unit_test(what_was_learned_is_one_reason_and_can_be_taken_away),
		cmocka_unit_test(an_example_is_the_same_whatever_was_learned),
		cmocka_unit_test(samples_of_context_are_tried),
		cmocka_unit_test(samples_of_campaigns_are_tried),
		cmocka_unit_test(the_example_campaign_holds),
		cmocka_unit_test(the_second_stages_of_routing_are_asked),
	};

	return cmocka_run_group_tests(tests, open_judge, close_judge);
}
