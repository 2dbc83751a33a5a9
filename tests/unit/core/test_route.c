/*
 * daemon/core/route.c, with the real table of regions; tests/data/routing.jsonl holds the texts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/buf.h"
#include "daemon/core/route.h"

#include <jansson.h>
#include <stdio.h>

static struct engine {
	struct normalizer *normalizer;
	struct gazetteer *gazetteer;
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
	const char *why;

	(void)state;
	read_file("config/regions/regions.tsv", &tsv);
	engine.normalizer = normalizer_new();
	engine.gazetteer = gazetteer_new(buf_span(&tsv), NULL);
	route_add_patterns(engine.gazetteer, set);
	engine.scanner = scanner_new(set, &why);
	engine.scratch = scan_scratch_new(engine.scanner);
	scan_set_free(set);
	buf_release(&tsv);
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

static void read_field(const char *words, struct folded *folded, struct scan_hits *hits)
{
	normalize(engine.normalizer, span_of(words), &engine.arena, folded);
	scan(engine.scanner, engine.scratch, folded->text, &engine.arena, hits);
}

static struct route route_fields(const char *text, const char *place, const char *chosen)
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
					 .chosen = span_of(chosen) },
		  &engine.arena, &out);
	return out;
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
	assert_string_equal(route_reason_name(ROUTE_TO_NATION), "nation");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_what_decides_when_fields_differ),
		cmocka_unit_test(test_the_chosen_region_settles_an_ambiguous_name),
		cmocka_unit_test(test_an_ambiguous_name_lists_its_meanings),
		cmocka_unit_test(test_other_places_are_related),
		cmocka_unit_test(test_filler_does_not_move_the_answer),
		cmocka_unit_test(test_every_region_is_found_by_its_full_address),
		cmocka_unit_test(test_reasons_have_names),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
