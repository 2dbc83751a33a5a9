/*
 * What judging costs: CPU microseconds for a tip of 100 Chinese characters.
 *
 * Prints the whole of judge_tip and each stage by itself, as the median of
 * some rounds (of the thread's CPU time, so that neighbours on the machine
 * disturb little). Run from the repository's root.
 */
#include "tests/support/judge_files.h"

#include "daemon/base/table.h"

#include <time.h>

#define ROUNDS 15
#define CALLS 4000

static const char text[] =
	"昨天傍晚六点多，我在鄂尔多斯市东胜区火车站东广场看到一个四十来岁的男人拉着一个十二岁左右的小女孩，"
	"女孩一直哭，说不认识他，后来被拖上白色面包车，车牌蒙K12345，往高速方向开走了，请马上派人，电话138001"
	"38000。";

/* All that the stages share, made once. */
struct bench {
	struct judge *judge;
	struct normalizer *normalizer;
	struct gazetteer *gazetteer;
	struct rules *rules;
	struct scanner *scanner;
	struct scan_scratch *scratch;
	struct fingerprinter fingerprinter;
	struct tip tip;
	struct arena kept; /* of the values below */
	struct folded folded;
	struct scan_hits hits;
	struct entities entities;
	struct route route;
};

static void stage_whole(struct bench *b, struct arena *arena)
{
	struct judgement out;

	judge_tip(b->judge, &b->tip, arena, &out);
}

static void stage_normalize(struct bench *b, struct arena *arena)
{
	normalize(b->normalizer, b->tip.text, arena, &b->folded);
}

static void stage_scan(struct bench *b, struct arena *arena)
{
	scan(b->scanner, b->scratch, b->folded.text, arena, &b->hits);
}

static void stage_entities(struct bench *b, struct arena *arena)
{
	(void)arena;
	entities_find(b->folded.text, &b->entities);
}

static void stage_route(struct bench *b, struct arena *arena)
{
	static const struct folded no_place;
	static const struct scan_hits no_hits;

	route_tip(b->gazetteer,
		  &(struct route_input){ .text = &b->folded,
					 .text_hits = &b->hits,
					 .place = &no_place,
					 .place_hits = &no_hits },
		  arena, &b->route);
}

static void stage_score(struct bench *b, struct arena *arena)
{
	struct score score;

	(void)arena;
	score_tip(b->rules,
		  &(struct score_input){ .tip = &b->tip,
					 .text = &b->folded,
					 .hits = &b->hits,
					 .entities = &b->entities,
					 .route = &b->route },
		  &score);
}

static void stage_fingerprint(struct bench *b, struct arena *arena)
{
	struct fingerprint print;

	fingerprint(&b->fingerprinter,
		    &(struct fingerprint_input){ .original = b->tip.text,
						 .text = &b->folded,
						 .hits = &b->hits,
						 .entities = &b->entities },
		    arena, &print);
}

static void stage_nothing(struct bench *b, struct arena *arena)
{
	(void)b;
	arena_alloc(arena, 16);
}

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double measure(struct bench *b, void (*stage)(struct bench *, struct arena *))
{
	double rounds[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++) {
		double from = cpu_us();

		for (size_t n = 0; n < CALLS; n++) {
			struct arena arena = { 0 };

			stage(b, &arena);
			arena_release(&arena);
		}
		rounds[i] = (cpu_us() - from) / CALLS;
	}
	qsort(rounds, ROUNDS, sizeof(*rounds), by_size);
	return rounds[ROUNDS / 2];
}

static void prepare(struct bench *b, const struct judge_sources *sources)
{
	struct complaint why = { 0 };
	const char *problem = "";
	struct scan_set *set = scan_set_new();

	*b = (struct bench){ .judge = judge_new(sources, &why), .tip = { .text = SPAN_INIT(text) } };
	if (b->judge == NULL) {
		fprintf(stderr, "%s\n", why.text);
		exit(EXIT_FAILURE);
	}
	b->normalizer = normalizer_new();
	b->gazetteer = gazetteer_new(sources->regions_tsv, &why);
	b->rules = rules_new(sources->rule_files, sources->nrule_files, &why);
	route_add_patterns(b->gazetteer, set);
	rules_add_patterns(b->rules, b->normalizer, set);
	b->scanner = scanner_new(set, &problem);
	scan_set_free(set);
	b->scratch = scan_scratch_new(b->scanner);
	fingerprinter_init(&b->fingerprinter, &sources->key);
}

static void release(struct bench *b)
{
	judge_free(b->judge);
	scan_scratch_free(b->scratch);
	scanner_free(b->scanner);
	rules_free(b->rules);
	gazetteer_free(b->gazetteer);
	normalizer_free(b->normalizer);
	arena_release(&b->kept);
}

/* The stages' inputs, in an arena of their own that outlives the rounds. */
static void keep_inputs(struct bench *b)
{
	stage_normalize(b, &b->kept);
	stage_scan(b, &b->kept);
	stage_entities(b, &b->kept);
	stage_route(b, &b->kept);
}

int main(void)
{
	static const struct {
		const char *name;
		void (*run)(struct bench *, struct arena *);
	} stages[] = {
		{ .name = "judge_tip", .run = stage_whole },
		{ .name = "  normalize", .run = stage_normalize },
		{ .name = "  scan", .run = stage_scan },
		{ .name = "  entities", .run = stage_entities },
		{ .name = "  route", .run = stage_route },
		{ .name = "  score", .run = stage_score },
		{ .name = "  fingerprint", .run = stage_fingerprint },
		{ .name = "  (empty arena)", .run = stage_nothing },
	};
	struct judge_files files;
	struct bench bench;

	judge_files_read(&files);
	prepare(&bench, &files.sources);
	for (size_t i = 0; i < COUNT_OF(stages); i++) {
		keep_inputs(&bench);
		printf("%-16s %7.2f us\n", stages[i].name, measure(&bench, stages[i].run));
	}
	release(&bench);
	judge_files_release(&files);
	return 0;
}
