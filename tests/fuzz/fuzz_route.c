/*
 * Routing any bytes: tightened the same again, an answer in force, candidates beneath it.
 * Runs on a corner of the country, so that it starts quickly.
 */
#include "daemon/core/text/route.h"
#include "daemon/core/text/tight.h"

#include <assert.h>

static const char regions[] = "000000\tnation\t全国\t全国\tChina\t\n"
			      "320000\tprovince\t江苏省\t江苏\tJiangsu\t\n"
			      "320100\tprefecture\t南京市\t南京\tNanjing\t\n"
			      "320106\tcounty\t鼓楼区\t鼓楼\tGulou\t\n"
			      "320114\tcounty\t雨花台区\t雨花台\tYuhuatai\t\n"
			      "320300\tprefecture\t徐州市\t徐州\tXuzhou\t\n"
			      "320302\tcounty\t鼓楼区\t鼓楼\tGulou\t\n"
			      "330000\tprovince\t浙江省\t浙江\tZhejiang\t\n"
			      "330100\tprefecture\t杭州市\t杭州\tHangzhou\t\n"
			      "330106\tcounty\t西湖区\t西湖\tXihu/Xihuqu\t\n"
			      "000000\tword\t西湖龙井\t西湖龙井\t\t\n"
			      "000000\tcommon\t西湖\t西湖\t\t\n";
static const char towns[] = "320106\t中央门街道\n330106\t双浦镇\n320302\t环城街道\n";

static struct engine {
	struct normalizer *normalizer;
	struct gazetteer *gazetteer;
	struct towns *towns;
	struct scanner *scanner;
	struct scan_scratch *scratch;
} engine;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void start(void)
{
	struct scan_set *set = scan_set_new();
	const char *why;

	engine.normalizer = normalizer_new();
	engine.gazetteer = gazetteer_new(span_of(regions), NULL);
	engine.towns = towns_new(span_of(towns), engine.normalizer, NULL);
	route_add_patterns(engine.gazetteer, set);
	engine.scanner = scanner_new(set, &why);
	engine.scratch = scan_scratch_new(engine.scanner);
	scan_set_free(set);
}

static void check(const struct route *route, struct span text)
{
	const struct region *region = gazetteer_find(engine.gazetteer, span_of(route->code));

	assert(region != NULL && (enum region_level)region->level == route->level);
	assert(route->confidence <= 100 && route->evidence.len <= text.len);
	for (size_t i = 0; i < route->ncandidates; i++)
		assert(region_within(span_of(route->candidates[i]), span_of(route->code)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct folded folded;
	struct folded tight;
	struct folded again;
	struct scan_hits hits;
	struct route route;

	if (engine.scanner == NULL)
		start();
	normalize(engine.normalizer, span_from(data, size), &arena, &folded);
	tighten(&folded, &arena, &tight);
	tighten(&tight, &arena, &again);
	assert(span_find(folded.text, SPAN("[")) < folded.text.len || span_eq(tight.text, again.text));
	assert(tight.origin[tight.text.len] == size);
	scan(engine.scanner, engine.scratch, tight.text, &arena, &hits);
	route_tip(engine.gazetteer,
		  &(struct route_input){ .text = &tight, .text_hits = &hits, .towns = engine.towns }, &arena,
		  &route);
	check(&route, tight.text);
	arena_release(&arena);
	return 0;
}
