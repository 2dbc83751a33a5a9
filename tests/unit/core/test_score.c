/*
 * Scores: words, groups, negation, predicates, sum and bands.
 *
 * The hits come from a plain search over the rules' terms, so that nothing but
 * score.c and rules.c can be at fault.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/score/score.h"

#include "daemon/base/buf.h"

#include <stdio.h>
#include <stdlib.h>

/* A rule of a name, with points and the lines that follow. */
#define RULE(name, points, lines)                                                                            \
	"  - name: " name "\n    points: " #points                                                           \
	"\n    reason: { zh-CN: 理由, en: reason }\n    match: [a]\n"                                      \
	"    no_match: [b]\n" lines

static int by_place(const void *a, const void *b)
{
	const struct scan_hit *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to > y->to ? -1 : x->to < y->to;
}

static void search(const struct rules *rules, struct span text, struct scan_hits *hits)
{
	static struct scan_hit found[1000];
	const struct rule_term *term;

	*hits = (struct scan_hits){ .at = found };
	for (uint32_t t = 0; (term = rules_term(rules, t)) != NULL; t++)
		for (uint32_t at = 0; at + term->word.len <= text.len; at++)
			if (memcmp(text.at + at, term->word.at, term->word.len) == 0)
				found[hits->n++] = (struct scan_hit){ .from = at,
								      .to = at + (uint32_t)term->word.len,
								      .meaning = t,
								      .family = SCAN_TERM };
	qsort(found, hits->n, sizeof(*found), by_place);
}

static const struct route nowhere = { .code = REGION_NATIONAL, .reason = ROUTE_TO_NATION };

static struct rules *load(const char *yaml)
{
	struct buf whole = { 0 };
	struct complaint why;
	struct rule_file file = { .name = "x.yaml" };
	struct rules *rules;

	buf_printf(&whole, "rules:\n%s", yaml);
	file.yaml = buf_span(&whole);
	rules = rules_new(&file, 1, &why);
	if (rules == NULL)
		fail_msg("%s", why.text);
	buf_release(&whole);
	return rules;
}

static void score_at(const struct rules *rules, const char *text, const struct route *route,
		     struct score *out)
{
	struct tip tip = { .text = span_of(text) };
	struct folded folded = { .text = span_of(text) };
	struct entities entities;
	struct scan_hits hits;

	search(rules, folded.text, &hits);
	entities_find(folded.text, &entities);
	score_tip(
		rules,
		&(struct score_input){
			.tip = &tip, .text = &folded, .hits = &hits, .entities = &entities, .route = route },
		out);
}

/* Points that the rules of `yaml` add to `text`. */
static int added(const char *yaml, const char *text)
{
	struct rules *rules = load(yaml);
	struct score score;

	score_at(rules, text, &nowhere, &score);
	rules_free(rules);
	return (int)score.points - SCORE_BASE;
}

static void latin_words_count_whole(void **state)
{
	static const char yaml[] = RULE("a", 10, "    any: [cage, kidnap*]\n");

	(void)state;
	assert_int_equal(added(yaml, "in a cage"), 10);
	assert_int_equal(added(yaml, "a package"), 0);
	assert_int_equal(added(yaml, "cages"), 0);
	assert_int_equal(added(yaml, "在cage里"), 10);
	assert_int_equal(added(yaml, "kidnapped!"), 10);
	assert_int_equal(added(yaml, "unkidnapped"), 0);
}

static void a_rule_counts_once(void **state)
{
	(void)state;
	assert_int_equal(added(RULE("a", 10, "    any: [小孩, 孩]\n"), "小孩小孩孩"), 10);
}

static void negation_right_before(void **state)
{
	static const char yaml[] = RULE("a", 10, "    any: [被关, 看到, locked]\n");

	(void)state;
	assert_int_equal(added(yaml, "她没有被关"), 0);
	assert_int_equal(added(yaml, "没看到"), 0);
	assert_int_equal(added(yaml, "有没有看到"), 10);
	assert_int_equal(added(yaml, "她没有被关,我看到的"), 10);
	assert_int_equal(added(yaml, "没有人,她被关"), 10);
	assert_int_equal(added(yaml, "it is not locked"), 0);
	assert_int_equal(added(yaml, "it isn't locked"), 0);
	assert_int_equal(added(yaml, "the knot locked"), 10);
	assert_int_equal(added(yaml, "casino locked"), 10);
}

static void negation_does_not_lift_a_penalty(void **state)
{
	(void)state;
	assert_int_equal(added(RULE("a", -10, "    any: [听说]\n"), "没听说"), -10);
}

static void all_groups_are_needed(void **state)
{
	static const char yaml[] = RULE("a", 10, "    all: [[卖], [孩, 女], [万]]\n");

	(void)state;
	assert_int_equal(added(yaml, "卖孩子要三万"), 10);
	assert_int_equal(added(yaml, "三万卖女儿"), 10);
	assert_int_equal(added(yaml, "卖孩子"), 0);
	assert_int_equal(added(yaml, "卖车三万"), 0);
}

static void within_bounds_the_distance(void **state)
{
	static const char yaml[] = RULE("a", 10, "    all: [[卖], [孩]]\n    within: 12\n");

	(void)state;
	assert_int_equal(added(yaml, "卖了他孩"), 10);
	assert_int_equal(added(yaml, "卖了他的孩"), 0);
	/* A later word may come close where the first did not. */
	assert_int_equal(added(yaml, "卖了他的孩子又卖"), 10);
	assert_int_equal(added(yaml, "孩一二三四五六卖卖孩"), 10);
}

static void unless_takes_back(void **state)
{
	static const char yaml[] = RULE("a", 10, "    any: [婴儿]\n    unless: [婴儿车]\n");

	(void)state;
	assert_int_equal(added(yaml, "婴儿"), 10);
	assert_int_equal(added(yaml, "婴儿坐在婴儿车里"), 0);
}

/* Where "unless" takes back the rule, "except" passes over that one place. */
static void except_passes_over_one_place(void **state)
{
	static const char yaml[] = RULE("a", 10, "    any: [被关, 关]\n    except: [被关注, 海关]\n");

	(void)state;
	assert_int_equal(added(yaml, "被关注"), 0);
	assert_int_equal(added(yaml, "海关被关注"), 0);
	assert_int_equal(added(yaml, "海关被关注,女孩被关"), 10);
	assert_int_equal(added(yaml, "被关"), 10);
	assert_int_equal(added(RULE("a", 10, "    any: [cage]\n    except: [cage door]\n"), "a cage doors"),
			 10);
}

/* What one rule passes over counts for another. */
static void except_is_of_its_rule(void **state)
{
	(void)state;
	assert_int_equal(added(RULE("a", 10, "    any: [关]\n    except: [海关]\n")
				       RULE("b", 5, "    any: [关]\n"),
			       "海关"),
			 5);
}

static void predicates_hold(void **state)
{
	(void)state;
	assert_int_equal(added(RULE("a", 10, "    when: { entity: plate }\n"), "京a12345"), 10);
	assert_int_equal(added(RULE("a", 10, "    when: { entity: plate }\n"), "13800138000"), 0);
	assert_int_equal(added(RULE("a", 10, "    when: { age_below: 18 }\n"), "17岁"), 10);
	assert_int_equal(added(RULE("a", 10, "    when: { age_below: 18 }\n"), "18岁"), 0);
	assert_int_equal(added(RULE("a", 10, "    when: { shorter_than: 3 }\n"), "两字"), 10);
	assert_int_equal(added(RULE("a", 10, "    when: { shorter_than: 3 }\n"), "三个字"), 0);
	assert_int_equal(added(RULE("a", 10, "    when: { longer_than: 3 }\n"), "三个字"), 0);
	assert_int_equal(added(RULE("a", 10, "    when: { fewer_different: 3 }\n"), "哈哈啊哈"), 10);
	assert_int_equal(added(RULE("a", 10, "    when: { fewer_different: 3 }\n"), "哈哈啊呵"), 0);
	assert_int_equal(
		added(RULE("a", 10, "    any: [电话]\n    when: { entity: phone }\n"), "电话13800138000"),
		10);
	assert_int_equal(added(RULE("a", 10, "    any: [电话]\n    when: { entity: phone }\n"), "电话"), 0);
}

static void reasons_are_ordered_and_show_words(void **state)
{
	struct rules *rules =
		load(RULE("small", 3, "    any: [孩]\n") RULE("minus", -20, "    any: [听说]\n")
			     RULE("big", 15, "    any: [卖]\n") RULE("also", 15, "    any: [孩]\n"));
	struct score score;

	(void)state;
	score_at(rules, "听说卖孩", &nowhere, &score);
	assert_int_equal(score.points, SCORE_BASE + 13);
	assert_int_equal(score.nreasons, 4);
	assert_true(span_is(score.reasons[0].rule->name, "minus") &&
		    span_is(score.reasons[0].evidence, "听说"));
	assert_true(span_is(score.reasons[1].rule->name, "big") && span_is(score.reasons[1].evidence, "卖"));
	assert_true(span_is(score.reasons[2].rule->name, "also"));
	assert_true(span_is(score.reasons[3].rule->name, "small") && score.reasons[3].points == 3);
	rules_free(rules);
}

/* More rules than can be told: all count, the largest are told. */
static void untold_rules_still_count(void **state)
{
	struct buf yaml = { 0 };
	struct rules *rules;
	struct score score;

	(void)state;
	for (unsigned i = 1; i <= 20; i++)
		buf_printf(&yaml,
			   "  - name: r%u\n    points: %u\n    reason: { zh-CN: a, en: a }\n    any: [x]\n"
			   "    match: [x]\n    no_match: [y]\n",
			   i, i <= 10 ? 1 : 2);
	buf_add_byte(&yaml, '\0');
	rules = load(yaml.at);
	score_at(rules, "x", &nowhere, &score);
	assert_int_equal(score.points, SCORE_BASE + 30);
	assert_int_equal(score.nreasons, SCORE_REASONS_MAX);
	assert_int_equal(score.reasons[9].points, 2);
	assert_int_equal(score.reasons[10].points, 1);
	rules_free(rules);
	buf_release(&yaml);
}

static void sum_is_clamped(void **state)
{
	(void)state;
	assert_int_equal(added(RULE("a", 100, "    any: [x]\n"), "x"), SCORE_MAX - SCORE_BASE);
	assert_int_equal(added(RULE("a", -100, "    any: [x]\n"), "x"), -SCORE_BASE);
	assert_int_equal(added(RULE("a", 60, "    any: [x]\n") RULE("b", 60, "    any: [x]\n")
				       RULE("c", -60, "    any: [x]\n"),
			       "x"),
			 60);
}

/* --- what was learned -------------------------------------------------------------------- */

static void score_learned(const char *yaml, const char *text, int learned, const struct route *route,
			  struct score *out)
{
	struct rules *rules = load(yaml);
	struct tip tip = { .text = span_of(text) };
	struct folded folded = { .text = span_of(text) };
	struct entities entities;
	struct scan_hits hits;

	search(rules, folded.text, &hits);
	entities_find(folded.text, &entities);
	score_tip(rules,
		  &(struct score_input){ .tip = &tip,
					 .text = &folded,
					 .hits = &hits,
					 .entities = &entities,
					 .route = route,
					 .learned = learned },
		  out);
	rules_free(rules);
}

static unsigned points_learned(const char *yaml, const char *text, int learned)
{
	struct score score;

	score_learned(yaml, text, learned, &nowhere, &score);
	return score.points;
}

static void learned_is_one_named_reason(void **state)
{
	struct score score;

	(void)state;
	score_learned(RULE("a", 5, "    any: [x]\n"), "x", -12, &nowhere, &score);
	assert_int_equal(score.points, SCORE_BASE + 5 - 12);
	assert_int_equal(score.nreasons, 2);
	assert_true(span_is(score.reasons[0].rule->name, SCORE_LEARNED) && score.reasons[0].points == -12);
	assert_false(span_empty(score.reasons[0].rule->reason_zh) ||
		     span_empty(score.reasons[0].rule->reason_en));
	score_learned(RULE("a", 5, "    any: [x]\n"), "x", 10, &nowhere, &score);
	assert_int_equal(score.points, SCORE_BASE + 15);
	score_learned(RULE("a", 5, "    any: [x]\n"), "x", 0, &nowhere, &score);
	assert_int_equal(score.nreasons, 1);
}

/* Whatever was learned: what says something exact stays in the band standard, and no higher for it. */
static void learned_sinks_nothing_exact(void **state)
{
	static const char *const kept[] = { "有个孩子在哭",       "12岁",
					    "车牌京a12345",       "13800138000",
					    "11010519491231002x", "微信号wang_1987",
					    "6222020000000000000" };
	static const char yaml[] = RULE("child", 2, "    any: [孩子]\n    keep: true\n");
	struct route county = { .level = REGION_COUNTY, .reason = ROUTE_BY_TEXT };
	struct score score;

	(void)state;
	for (int learned = -1; learned >= -40; learned--) {
		for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
			assert_true(priority_of(points_learned(yaml, kept[i], learned)) <= PRIORITY_STANDARD);
		score_learned(yaml, "某地", learned, &county, &score);
		assert_true(score.priority <= PRIORITY_STANDARD);
	}
	assert_int_equal(points_learned(yaml, "有个孩子在哭", -40), 25);
	assert_int_equal(points_learned(yaml, "有个孩子在哭", -3), SCORE_BASE + 2 - 3);
	assert_int_equal(points_learned(yaml, "有人在哭", -20), SCORE_BASE - 20);
}

/* The told points are those that counted. */
static void the_floor_shows_in_the_reason(void **state)
{
	struct score score;

	(void)state;
	score_learned(RULE("a", 1, "    any: [x]\n"), "京a12345", -20, &nowhere, &score);
	assert_int_equal(score.points, 25);
	assert_int_equal(score.reasons[0].points, -5);
}

/* What the rules put below stays there: the floor is against learning alone. */
static void the_floor_lifts_nothing(void **state)
{
	static const char yaml[] = RULE("junk", -20, "    any: [广告]\n");
	struct score score;

	(void)state;
	score_learned(yaml, "广告13800138000", -20, &nowhere, &score);
	assert_int_equal(score.points, SCORE_BASE - 20);
	assert_int_equal(score.nreasons, 1);
	assert_int_equal(points_learned(yaml, "广告13800138000", 7), SCORE_BASE - 20 + 7);
}

/* --- what other tips say ------------------------------------------------------------------- */

#define CONTEXT_RULES                                                                                        \
	RULE("words", 50, "    any: [x]\n")                                                                  \
	RULE("more", 30, "    when: { others: 1 }\n") RULE("junk", -25, "    when: { sender_pranks: 2 }\n")

static unsigned points_in(const struct rules *rules, const char *text, const struct score_context *context,
			  int learned)
{
	struct tip tip = { .text = span_of(text) };
	struct folded folded = { .text = span_of(text) };
	struct entities entities = { .n = 0 };
	struct scan_hits hits;
	struct score score;

	search(rules, folded.text, &hits);
	score_tip(rules,
		  &(struct score_input){ .tip = &tip,
					 .text = &folded,
					 .hits = &hits,
					 .entities = &entities,
					 .route = &nowhere,
					 .context = context,
					 .learned = learned },
		  &score);
	return score.points;
}

/* The linker, who knows no text, comes to the same points as the desk, who judges it again. */
static void context_can_be_added_later(void **state)
{
	struct rules *rules = load(CONTEXT_RULES);
	const struct rule *matched[4];
	size_t n;

	(void)state;
	for (unsigned others = 0; others < 3; others++)
		for (unsigned pranks = 0; pranks < 4; pranks++)
			for (int learned = -20; learned <= 20; learned += 20) {
				struct score_context context = { .others = others, .pranks = pranks };
				const char *text = learned != 0 ? "x" : "y";
				unsigned before = points_in(rules, text, NULL, learned);

				assert_int_equal(score_with_context(rules, &context, before, matched, 4, &n),
						 points_in(rules, text, &context, learned));
				assert_int_equal(n, (others > 0) + (pranks > 1));
			}
	rules_free(rules);
}

static void context_rules_are_named(void **state)
{
	struct rules *rules = load(CONTEXT_RULES);
	struct score_context context = { .others = 2, .pranks = 2 };
	const struct rule *matched[1];
	size_t n;

	(void)state;
	assert_int_equal(score_with_context(rules, &context, 90, matched, 1, &n), 95);
	assert_int_equal(n, 1);
	assert_true(span_is(matched[0]->name, "more"));
	assert_int_equal(score_with_context(rules, &context, 90, NULL, 0, &n), 95);
	assert_int_equal(n, 0);
	context = (struct score_context){ .copies = 50 };
	assert_int_equal(score_with_context(rules, &context, 90, matched, 1, &n), 90);
	rules_free(rules);
}

/* --- rules in company, campaigns ------------------------------------------------------------- */

static void companions_are_needed(void **state)
{
	static const char yaml[] = RULE("a", 1, "    any: [甲]\n") RULE("b", 2, "    any: [乙]\n")
		RULE("both", 10, "    with: [a, b]\n") RULE("more", 20, "    with: [both]\n    any: [丙]\n");

	(void)state;
	assert_int_equal(added(yaml, "甲"), 1);
	assert_int_equal(added(yaml, "甲乙"), 13);
	assert_int_equal(added(yaml, "甲乙丙"), 33);
	assert_int_equal(added(yaml, "乙丙"), 2);
}

#define DAY(n) (INT64_C(86400000) * (n))
#define DAY_2026_11_20 (INT64_C(1795132800000) - INT64_C(28800000))

static unsigned campaign_points(const char *region, int64_t received_ms, const char *related)
{
	static const char yaml[] =
		"campaigns:\n  - name: van\n    points: 20\n    reason: { zh-CN: 专项, en: search }\n"
		"    any: [van]\n    region: '1506'\n    from: 2026-11-20\n    until: 2026-11-21\n"
		"    match: [van]\n    no_match: [car]\n";
	struct rule_file file = { .name = "x.yaml", .yaml = span_of(yaml) };
	struct complaint why = { .text = "" };
	struct rules *rules = rules_new(&file, 1, &why);
	struct route route = { .reason = ROUTE_BY_TEXT };
	struct tip tip = { .text = SPAN("van"), .received_ms = received_ms };
	struct folded folded = { .text = tip.text };
	struct entities entities = { .n = 0 };
	struct scan_hits hits;
	struct score score;

	assert_non_null(rules);
	memcpy(route.code, region, 7);
	if (related != NULL)
		memcpy(route.related[route.nrelated++], related, 7);
	search(rules, folded.text, &hits);
	score_tip(
		rules,
		&(struct score_input){
			.tip = &tip, .text = &folded, .hits = &hits, .entities = &entities, .route = &route },
		&score);
	rules_free(rules);
	return score.points - SCORE_BASE;
}

static void campaigns_have_days(void **state)
{
	(void)state;
	assert_int_equal(campaign_points("150602", DAY_2026_11_20 - 1, NULL), 0);
	assert_int_equal(campaign_points("150602", DAY_2026_11_20, NULL), 20);
	assert_int_equal(campaign_points("150602", DAY_2026_11_20 + DAY(2) - 1, NULL), 20);
	assert_int_equal(campaign_points("150602", DAY_2026_11_20 + DAY(2), NULL), 0);
}

static void campaigns_have_a_region(void **state)
{
	(void)state;
	assert_int_equal(campaign_points("150600", DAY_2026_11_20, NULL), 20);
	assert_int_equal(campaign_points("150700", DAY_2026_11_20, NULL), 0);
	assert_int_equal(campaign_points("000000", DAY_2026_11_20, NULL), 0);
	assert_int_equal(campaign_points("110108", DAY_2026_11_20, "150602"), 20);
	assert_int_equal(campaign_points("110108", DAY_2026_11_20, "150702"), 0);
}

static void bands(void **state)
{
	(void)state;
	assert_int_equal(priority_of(100), PRIORITY_IMMEDIATE);
	assert_int_equal(priority_of(75), PRIORITY_IMMEDIATE);
	assert_int_equal(priority_of(74), PRIORITY_URGENT);
	assert_int_equal(priority_of(55), PRIORITY_URGENT);
	assert_int_equal(priority_of(54), PRIORITY_STANDARD);
	assert_int_equal(priority_of(25), PRIORITY_STANDARD);
	assert_int_equal(priority_of(24), PRIORITY_LOW);
	assert_int_equal(priority_of(0), PRIORITY_LOW);
	assert_string_equal(priority_name(priority_of(SCORE_BASE)), "standard");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(latin_words_count_whole),
		cmocka_unit_test(a_rule_counts_once),
		cmocka_unit_test(negation_right_before),
		cmocka_unit_test(negation_does_not_lift_a_penalty),
		cmocka_unit_test(all_groups_are_needed),
		cmocka_unit_test(within_bounds_the_distance),
		cmocka_unit_test(unless_takes_back),
		cmocka_unit_test(except_passes_over_one_place),
		cmocka_unit_test(except_is_of_its_rule),
		cmocka_unit_test(predicates_hold),
		cmocka_unit_test(reasons_are_ordered_and_show_words),
		cmocka_unit_test(untold_rules_still_count),
		cmocka_unit_test(sum_is_clamped),
		cmocka_unit_test(learned_is_one_named_reason),
		cmocka_unit_test(learned_sinks_nothing_exact),
		cmocka_unit_test(the_floor_shows_in_the_reason),
		cmocka_unit_test(the_floor_lifts_nothing),
		cmocka_unit_test(context_can_be_added_later),
		cmocka_unit_test(context_rules_are_named),
		cmocka_unit_test(companions_are_needed),
		cmocka_unit_test(campaigns_have_days),
		cmocka_unit_test(campaigns_have_a_region),
		cmocka_unit_test(bands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
