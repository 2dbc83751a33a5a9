/*
 * daemon/core/text/route.c, with the real table of regions; tests/data/routing.jsonl holds the texts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/buf.h"
#include "daemon/core/text/route.h"
#include "daemon/core/text/tight.h"

#include <jansson.h>
#include <stdio.h>

static struct engine {
	struct normalizer *normalizer;
	struct gazetteer *gazetteer;
	struct towns *towns;
	struct buf segments_file;
	struct segments segments;
	struct scanner *scanner;
	struct scan_scratch *scratch;
	struct arena arena;
} engine;

static void read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	while ((n = fread(buf_reserve(out, 65536), 1, 65536, f)) > 0)
		out->len += n;
	fclose(f);
}

static int start(void **state)
{
	struct scan_set *set = scan_set_new();
	struct buf tsv = { 0 };
	struct buf towns = { 0 };
	const char *why;

	(void)state;
	read_file("config/regions/regions.tsv", &tsv);
	engine.normalizer = normalizer_new();
	engine.gazetteer = gazetteer_new(buf_span(&tsv), NULL);
	read_file("config/regions/towns.tsv", &towns);
	engine.towns = towns_new(buf_span(&towns), engine.normalizer, NULL);
	read_file("config/regions/segments.bin", &engine.segments_file);
	assert_true(segments_open(buf_span(&engine.segments_file), &engine.segments, NULL));
	route_add_patterns(engine.gazetteer, set);
	engine.scanner = scanner_new(set, &why);
	engine.scratch = scan_scratch_new(engine.scanner);
	scan_set_free(set);
	buf_release(&tsv);
	buf_release(&towns);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_release(&engine.arena);
	scan_scratch_free(engine.scratch);
	scanner_free(engine.scanner);
	towns_free(engine.towns);
	buf_release(&engine.segments_file);
	gazetteer_free(engine.gazetteer);
	normalizer_free(engine.normalizer);
	return 0;
}

static void read_field(const char *words, struct folded *tight, struct scan_hits *hits)
{
	struct folded folded;

	normalize(engine.normalizer, span_of(words), &engine.arena, &folded);
	tighten(&folded, &engine.arena, tight);
	scan(engine.scanner, engine.scratch, tight->text, &engine.arena, hits);
}

static struct route route_sent(const char *text, const char *place, const char *chosen, const char *sender)
{
	struct folded folded[2];
	struct scan_hits hits[2];
	struct route out;

	read_field(text, &folded[0], &hits[0]);
	read_field(place, &folded[1], &hits[1]);
	route_tip(engine.gazetteer,
		  &(struct route_input){ .text = &folded[0],
					 .text_hits = &hits[0],
					 .place = &folded[1],
					 .place_hits = &hits[1],
					 .chosen = span_of(chosen),
					 .sender = span_of(sender),
					 .towns = engine.towns,
					 .segments = &engine.segments },
		  &engine.arena, &out);
	return out;
}

static struct route route_fields(const char *text, const char *place, const char *chosen)
{
	return route_sent(text, place, chosen, "");
}

static void assert_routed(const char *text, const char *place, const char *chosen, const char *code,
			  enum route_reason reason)
{
	struct route r = route_fields(text, place, chosen);

	if (strcmp(r.code, code) != 0 || r.reason != reason)
		fail_msg("\"%s\" / \"%s\" / \"%s\": %s by %s, not %s by %s", text, place, chosen, r.code,
			 route_reason_name(r.reason), code, route_reason_name(reason));
	assert_int_equal(r.level, gazetteer_find(engine.gazetteer, span_of(r.code))->level);
	assert_in_range(r.confidence, 0, 100);
}

static void check_sample(json_t *row)
{
	const char *text = json_string_value(json_object_get(row, "text"));
	json_t *gold = json_object_get(row, "gold");
	long settled = (long)json_integer_value(json_object_get(row, "det"));
	struct route r = route_fields(text, "", "");
	const char *code = json_array_size(gold) == 1 ? json_string_value(json_array_get(gold, 0)) : NULL;

	if (code != NULL ? strcmp(r.code, code) != 0 : (long)r.level != settled)
		fail_msg("%s went to %s", text, r.code);
}

static void test_samples(void **state)
{
	struct buf file = { 0 };
	struct span rest;
	struct span line;

	(void)state;
	read_file("tests/data/routing.jsonl", &file);
	rest = buf_span(&file);
	while (span_cut(&rest, '\n', &line))
		if (line.len > 0) {
			json_t *row = json_loadb(line.at, line.len, 0, NULL);

			assert_non_null(row);
			check_sample(row);
			json_decref(row);
		}
	buf_release(&file);
}

static void test_what_decides_when_fields_differ(void **state)
{
	(void)state;
	assert_routed("没有地名", "", "", "000000", ROUTE_TO_NATION);
	assert_routed("没有地名", "", "330106", "330106", ROUTE_BY_CHOICE);
	assert_routed("没有地名", "", "110103", "110101", ROUTE_BY_CHOICE);
	assert_routed("没有地名", "", "999999", "000000", ROUTE_TO_NATION);
	assert_routed("在青岛市市北区看到的", "", "330106", "370203", ROUTE_BY_TEXT);
	assert_routed("没有地名", "青岛市市北区", "330106", "370203", ROUTE_BY_PLACE);
	assert_routed("在浙江省看到的", "青岛市市北区", "", "370203", ROUTE_BY_PLACE);
	assert_routed("在青岛市市北区看到的", "山东省", "", "370203", ROUTE_BY_TEXT);
	assert_routed("在浙江省看到的", "", "330106", "330106", ROUTE_BY_CHOICE);
}

static void test_the_chosen_region_settles_an_ambiguous_name(void **state)
{
	(void)state;
	assert_routed("西湖区有人拐小孩", "", "", "000000", ROUTE_TO_NATION);
	assert_routed("西湖区有人拐小孩", "", "330000", "330106", ROUTE_BY_TEXT);
	assert_routed("西湖区有人拐小孩", "", "360100", "360103", ROUTE_BY_TEXT);
}

static void test_an_ambiguous_name_lists_its_meanings(void **state)
{
	struct route r = route_fields("江苏省鼓楼区有人拐小孩", "", "");

	(void)state;
	assert_string_equal(r.code, "320000");
	assert_int_equal(r.reason, ROUTE_BY_PARENT);
	assert_true(r.nrelated >= 2);
	assert_string_equal(r.related[0], "320106");
	assert_string_equal(r.related[1], "320302");
}

static void test_open_names_are_listed_beneath_what_is_settled(void **state)
{
	struct route r = route_fields("江苏省鼓楼区有人拐小孩", "", "");

	(void)state;
	assert_int_equal(r.ncandidates, 2);
	assert_string_equal(r.candidates[0], "320106");
	assert_string_equal(r.candidates[1], "320302");
	r = route_fields("鼓楼区有人拐小孩", "", "");
	assert_string_equal(r.code, "000000");
	assert_int_equal(r.reason, ROUTE_TO_NATION);
	assert_int_equal(r.ncandidates, 4);
	r = route_fields("福州市鼓楼区有人拐小孩", "", "");
	assert_int_equal(r.ncandidates, 1);
	assert_string_equal(r.candidates[0], r.code);
	assert_int_equal(route_fields("没有地名", "", "").ncandidates, 0);
	assert_int_equal(route_fields("没有地名", "", "330106").ncandidates, 0);
}

/* All candidates lie beneath the answer and differ, whatever the name. */
static void test_candidates_lie_within_the_answer(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < gazetteer_count(engine.gazetteer); i++) {
		const struct region *region = gazetteer_at(engine.gazetteer, i);
		char text[100];
		struct route r;

		snprintf(text, sizeof(text), "在%.*s看到的", (int)region->name.len, region->name.at);
		r = route_fields(text, "", "");
		for (size_t k = 0; k < r.ncandidates; k++) {
			assert_true(region_within(span_of(r.candidates[k]), span_of(r.code)));
			for (size_t j = 0; j < k; j++)
				assert_string_not_equal(r.candidates[j], r.candidates[k]);
		}
		arena_release(&engine.arena);
	}
}

/* Turns the order of hits on the same words around: what a name may mean has no order of its own. */
static void turn_around(struct scan_hits *hits)
{
	for (size_t from = 0, to; from < hits->n; from = to) {
		for (to = from + 1; to < hits->n && hits->at[to].from == hits->at[from].from &&
				    hits->at[to].to == hits->at[from].to &&
				    hits->at[to].family == SCAN_PLACE;)
			to++;
		for (size_t i = from, k = to - 1; i < k && hits->at[i].family == SCAN_PLACE; i++, k--) {
			struct scan_hit hit = hits->at[i];

			hits->at[i] = hits->at[k];
			hits->at[k] = hit;
		}
	}
}

static void test_the_order_of_meanings_does_not_matter(void **state)
{
	static const char *const texts[] = {
		"鼓楼区有人拐小孩",     "江苏省鼓楼区有人", "吉林吉林", "在朝阳区看到",
		"Xihu District, China", "福州鼓楼",         "城关区",   "本溪县"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct folded text;
		struct scan_hits hits;
		struct route once = route_fields(texts[i], "", "");
		struct route again;

		read_field(texts[i], &text, &hits);
		turn_around(&hits);
		route_tip(engine.gazetteer,
			  &(struct route_input){ .text = &text, .text_hits = &hits, .towns = engine.towns },
			  &engine.arena, &again);
		assert_string_equal(again.code, once.code);
		assert_int_equal(again.ncandidates, once.ncandidates);
		assert_memory_equal(again.candidates, once.candidates,
				    once.ncandidates * sizeof(once.candidates[0]));
	}
}

static void test_a_number_counts_only_when_nothing_else_does(void **state)
{
	struct route r = route_sent("没有地名", "", "", "+8613057001234");

	(void)state;
	assert_int_equal(r.reason, ROUTE_BY_SENDER);
	assert_string_equal(r.code, "320600");
	assert_true(r.level <= REGION_PREFECTURE);
	assert_true(r.confidence > 0 && r.confidence < 50);
	assert_int_equal(route_sent("没有地名", "", "", "").reason, ROUTE_TO_NATION);
	assert_int_equal(route_sent("没有地名", "", "", "+15550001111").reason, ROUTE_TO_NATION);
	assert_int_equal(route_sent("没有地名", "", "330106", "13057001234").reason, ROUTE_BY_CHOICE);
	assert_int_equal(route_sent("在岷县看到", "", "", "13057001234").reason, ROUTE_BY_TEXT);
	assert_int_equal(route_sent("没有地名", "岷县", "", "13057001234").reason, ROUTE_BY_PLACE);
	assert_int_equal(route_sent("鼓楼区有人拐小孩", "", "", "13057001234").reason, ROUTE_TO_NATION);
}

static void test_towns_name_their_county(void **state)
{
	(void)state;
	assert_routed("江苏省常州市湟里镇东方路", "", "", "320412", ROUTE_BY_TEXT);
	assert_routed("在浙江温州柳市镇看到", "", "", "330382", ROUTE_BY_TEXT);
	assert_routed("鼓楼区五凤街道有人拐小孩", "", "", "350102", ROUTE_BY_TEXT);
	assert_routed("浙江省滨江街道建设街3号", "", "", "330302", ROUTE_BY_TEXT);
}

static void test_slips_beneath_or_above_what_is_named(void **state)
{
	(void)state;
	assert_routed("广东省云浮市心兴县北二路9号", "", "", "445321", ROUTE_BY_TEXT);
	assert_routed("南京市雨花区小行路58号", "", "", "320114", ROUTE_BY_TEXT);
	assert_routed("杭洲市西湖区文一路", "", "", "330106", ROUTE_BY_TEXT);
	assert_routed("福州市鼓楼区六一中路79号", "", "", "350102", ROUTE_BY_TEXT);
}

/* Blanks, pictures and stickers between the characters of a text change nothing. */
static void test_noise_between_characters_changes_nothing(void **state)
{
	static const char *const noise[] = { " ", "🙏", "  ", "❗", "[泪]", "\n", "…", "-", "‼️" };
	static const char *const texts[] = { "我老家四川南充，昨天在福建省莆田市仙游县看见他",
					     "江苏省鼓楼区有人拐小孩", "广东省云浮市心兴县",
					     "浙江省温州市柳市镇", "他爱吃重庆火锅" };

	(void)state;
	for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++)
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
			struct buf torn = { 0 };
			struct route plain = route_fields(texts[k], "", "");
			struct route r;

			for (const char *c = texts[k]; *c != '\0'; c++) {
				if (c > texts[k] && ((unsigned char)*c & 0xC0) != 0x80)
					buf_add_text(&torn, noise[i]);
				buf_add_byte(&torn, *c);
			}
			buf_add_byte(&torn, 0);
			r = route_fields(torn.at, "", "");
			if (strcmp(r.code, plain.code) != 0 || r.ncandidates != plain.ncandidates)
				fail_msg("%s: %s, not %s", torn.at, r.code, plain.code);
			buf_release(&torn);
		}
}

static void test_where_it_happened_and_where_somebody_comes_from(void **state)
{
	static const char *const texts[] = {
		"我老家四川南充的，昨天在%s看见一个孩子被打",
		"从四川南充坐火车到%s，在候车室看见他们",
		"孩子在四川南充走失的，昨天有人在%s见过",
		"以前在四川南充打工，现在住%s",
		"%s有个乞丐，口音像四川南充的",
		"一辆四川牌照的面包车停在%s，车上有小孩哭",
		"那人不是四川的，他住在%s",
		"在%s看到他们，说要去四川南充",
		"有个四川女人被卖到%s当媳妇",
		"四川南充的人贩子在%s活动",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *at = strstr(texts[i], "%s");
		char text[300];

		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - texts[i]), texts[i], "福建省莆田市仙游县",
			 at + 2);
		assert_routed(text, "", "", "350322", ROUTE_BY_TEXT);
	}
}

static void test_words_that_only_look_like_places(void **state)
{
	static const char *const texts[] = { "世界和平",       "祝您身体安康",      "一块大理石",
					     "三明治吃完了",   "快递已开封",        "喝普洱茶",
					     "在富裕家庭长大", "我叫李安康",        "不是北京的",
					     "在北京东路",     "She has long hair", "at long last",
					     "洛阳铲",         "广州恒大的球衣",    "李延安失踪了",
					     "Peking duck",    "not in Beijing" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_routed(texts[i], "", "", "000000", ROUTE_TO_NATION);
}

static void test_latin_names_however_written(void **state)
{
	static const char *const texts[] = { "Gushi County, Xinyang, Henan",
					     "Henan Province, Xinyang City, Gushi County",
					     "Henan Sheng Xinyang Shi Gushi Xian",
					     "henanshengxinyangshigushixian",
					     "henanxinyanggushi",
					     "Gùshǐ Xiàn, Xìnyáng, Hénán",
					     "我在Gushi, Xinyang看到" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_routed(texts[i], "", "", "411525", ROUTE_BY_TEXT);
}

static void test_other_places_are_related(void **state)
{
	struct route r = route_fields("她自称是湖南省常德市人，被骗到广西壮族自治区贵港市桂平市", "", "");

	(void)state;
	assert_string_equal(r.code, "450881");
	assert_int_equal(r.nrelated, 1);
	assert_string_equal(r.related[0], "430700");
	assert_true(span_is(r.evidence, "广西壮族自治区贵港市桂平市"));
}

/* Whatever stands around an address must not send it into another province. */
static void test_filler_does_not_move_the_answer(void **state)
{
	static const char *const around[] = { "昨天晚上", "，请尽快核实", "孩子一直在哭", "电话13800000000",
					      "！！！" };

	(void)state;
	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++)
		for (size_t k = 0; k < sizeof(around) / sizeof(around[0]); k++) {
			char text[300];

			snprintf(text, sizeof(text), "%s在甘肃省定西市岷县%s", around[i], around[k]);
			assert_routed(text, "", "", "621126", ROUTE_BY_TEXT);
		}
}

/* Each division, named with all that stands above it, is found again. */
static void test_every_region_is_found_by_its_full_address(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (uint32_t i = 1; i < gazetteer_count(engine.gazetteer); i++) {
		const struct region *r = gazetteer_at(engine.gazetteer, i);
		const struct region *p = gazetteer_at(engine.gazetteer, r->parent);
		const struct region *g = gazetteer_at(engine.gazetteer, p->parent);
		char text[300];
		struct route out;

		snprintf(text, sizeof(text), "在%.*s%.*s%.*s看到的",
			 g->level > REGION_NATION ? (int)g->name.len : 0, g->name.at,
			 p->level > REGION_NATION ? (int)p->name.len : 0, p->name.at, (int)r->name.len,
			 r->name.at);
		out = route_fields(text, "", "");
		if (strcmp(out.code, r->code) != 0 && wrong++ < 5)
			print_message("%s: %s, not %s\n", text, out.code, r->code);
		arena_release(&engine.arena);
	}
	assert_int_equal(wrong, 0);
}

static void test_reasons_have_names(void **state)
{
	(void)state;
	assert_string_equal(route_reason_name(ROUTE_BY_TEXT), "text");
	assert_string_equal(route_reason_name(ROUTE_BY_PLACE), "place");
	assert_string_equal(route_reason_name(ROUTE_BY_CHOICE), "choice");
	assert_string_equal(route_reason_name(ROUTE_BY_PARENT), "parent");
	assert_string_equal(route_reason_name(ROUTE_BY_SENDER), "sender");
	assert_string_equal(route_reason_name(ROUTE_TO_NATION), "nation");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_what_decides_when_fields_differ),
		cmocka_unit_test(test_the_chosen_region_settles_an_ambiguous_name),
		cmocka_unit_test(test_an_ambiguous_name_lists_its_meanings),
		cmocka_unit_test(test_open_names_are_listed_beneath_what_is_settled),
		cmocka_unit_test(test_candidates_lie_within_the_answer),
		cmocka_unit_test(test_the_order_of_meanings_does_not_matter),
		cmocka_unit_test(test_a_number_counts_only_when_nothing_else_does),
		cmocka_unit_test(test_towns_name_their_county),
		cmocka_unit_test(test_slips_beneath_or_above_what_is_named),
		cmocka_unit_test(test_noise_between_characters_changes_nothing),
		cmocka_unit_test(test_where_it_happened_and_where_somebody_comes_from),
		cmocka_unit_test(test_words_that_only_look_like_places),
		cmocka_unit_test(test_latin_names_however_written),
		cmocka_unit_test(test_other_places_are_related),
		cmocka_unit_test(test_filler_does_not_move_the_answer),
		cmocka_unit_test(test_every_region_is_found_by_its_full_address),
		cmocka_unit_test(test_reasons_have_names),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
