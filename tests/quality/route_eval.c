/*
 * How often routing is right: accuracy and precision by category and level.
 *
 *   route_eval TEXTS.jsonl [KEY.jsonl] [--wrong CATEGORY] [--answers FILE]
 *
 * TEXTS: one object a line, "id", "text", "cat". The key gives "gold" (codes
 * any of which is right; none: the text names no place) and "det" (the deepest
 * level the text settles: 1 province, 2 prefecture, 3 county); it may stand in
 * the same lines. A file that is not there is skipped with a notice.
 * Prints as well what the tables cost at start and what a text costs.
 */
#include "daemon/base/buf.h"
#include "daemon/core/text/route.h"
#include "daemon/core/text/tight.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define REGIONS "config/regions/regions.tsv"
#define TOWNS "config/regions/towns.tsv"
#define CATEGORIES_MAX 120
#define LEVELS 4
#define GOLD_MAX 24

struct engine {
	struct normalizer *normalizer;
	struct gazetteer *gazetteer;
	struct towns *towns;
	struct scanner *scanner;
	struct scan_scratch *scratch;
};

struct tally {
	char name[32];
	unsigned texts;
	unsigned asked[LEVELS]; /* texts that settle this level */
	unsigned answered[LEVELS];
	unsigned right[LEVELS];
	unsigned placeless; /* texts that name no place */
	unsigned silent;
	unsigned open; /* ambiguous texts */
	unsigned held; /* not settled deeper than the text does */
};

struct options {
	const char *texts;
	const char *key;
	const char *wrong;
	FILE *answers;
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(buf_reserve(out, 65536), 1, 65536, f)) > 0)
		out->len += n;
	fclose(f);
	return true;
}

static void engine_start(struct engine *e)
{
	struct buf tsv = { 0 };
	struct buf towns = { 0 };
	struct scan_set *set = scan_set_new();
	struct complaint why;
	const char *problem;
	double start = seconds();
	double tables;

	e->normalizer = normalizer_new();
	if (e->normalizer == NULL || !read_file(REGIONS, &tsv) ||
	    !read_file(TOWNS, &towns)) {
		fprintf(stderr, "run from the top of the repository, with OpenCC's dictionaries installed\n");
		exit(EXIT_FAILURE);
	}
	e->gazetteer = gazetteer_new(buf_span(&tsv), &why);
	if (e->gazetteer == NULL) {
		fprintf(stderr, "%s:%zu: %s\n", REGIONS, why.line, why.text);
		exit(EXIT_FAILURE);
	}
	e->towns = towns_new(buf_span(&towns), e->normalizer, &why);
	assert(e->towns != NULL);
	tables = seconds() - start;
	route_add_patterns(e->gazetteer, set);
	e->scanner = scanner_new(set, &problem);
	assert(e->scanner != NULL);
	e->scratch = scan_scratch_new(e->scanner);
	printf("start: %.0f ms (tables %.0f, patterns %.0f)\n", (seconds() - start) * 1e3, tables * 1e3,
	       (seconds() - start - tables) * 1e3);
	scan_set_free(set);
	printf("tables: towns %zu bytes, divisions and names %zu bytes\n", towns_bytes(e->towns),
	       gazetteer_bytes(e->gazetteer));
	buf_release(&tsv);
	buf_release(&towns);
}

static void engine_stop(struct engine *e)
{
	scan_scratch_free(e->scratch);
	scanner_free(e->scanner);
	towns_free(e->towns);
	gazetteer_free(e->gazetteer);
	normalizer_free(e->normalizer);
}

static void route_text(const struct engine *e, struct span text, struct arena *arena, struct route *out)
{
	struct folded folded;
	struct folded tight;
	struct scan_hits hits;

	normalize(e->normalizer, text, arena, &folded);
	tighten(&folded, arena, &tight);
	scan(e->scanner, e->scratch, tight.text, arena, &hits);
	route_tip(e->gazetteer,
		  &(struct route_input){ .text = &tight, .text_hits = &hits, .towns = e->towns }, arena, out);
}

/* --- judging ------------------------------------------------------------------------- */

static bool municipality(const char *code)
{
	return memcmp(code, "11", 2) == 0 || memcmp(code, "12", 2) == 0 || memcmp(code, "31", 2) == 0 ||
	       memcmp(code, "50", 2) == 0;
}

static bool ends(const char *code, const char *zeroes)
{
	return memcmp(code + 6 - strlen(zeroes), zeroes, strlen(zeroes)) == 0;
}

/* What a code says on a level, or an empty string. A municipality is its own prefecture; so is a county in
 * ..90... */
static void on_level(const char *code, int level, char out[7])
{
	size_t digits = level == 1 ? 2 : level == 2 ? 4 : 6;
	bool deep_enough =
		level == 1 || (level == 2 ? municipality(code) || !ends(code, "0000") : !ends(code, "00"));

	if (level == 2 && municipality(code))
		digits = 2;
	else if (level == 2 && memcmp(code + 2, "90", 2) == 0)
		digits = 6;
	memcpy(out, code, 6);
	out[deep_enough && memcmp(code, "000000", 6) != 0 ? digits : 0] = '\0';
}

static bool is_right(const char *answer, json_t *gold, int level)
{
	char said[7];
	char meant[7];

	on_level(answer, level, said);
	for (size_t i = 0; i < json_array_size(gold); i++) {
		on_level(json_string_value(json_array_get(gold, i)), level, meant);
		if (strcmp(said, meant) == 0)
			return true;
	}
	return false;
}

static struct tally *tally_of(struct tally *tallies, size_t *n, const char *name)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(tallies[i].name, name) == 0)
			return &tallies[i];
	assert(*n < CATEGORIES_MAX);
	snprintf(tallies[*n].name, sizeof(tallies[*n].name), "%s", name);
	return &tallies[(*n)++];
}

static bool count(struct tally *t, const char *answer, json_t *gold, int settled)
{
	bool all_right = true;
	char said[7];

	t->texts++;
	if (json_array_size(gold) == 0) {
		t->placeless++;
		t->silent += memcmp(answer, "000000", 6) == 0;
		return memcmp(answer, "000000", 6) == 0;
	}
	for (int level = 1; level <= settled; level++) {
		bool right = is_right(answer, gold, level);

		on_level(answer, level, said);
		t->asked[level]++;
		t->answered[level] += said[0] != '\0';
		t->right[level] += said[0] != '\0' && right;
		all_right = all_right && right;
	}
	if (settled < 3 && json_array_size(gold) > 1) {
		on_level(answer, settled + 1, said);
		t->open++;
		t->held += said[0] == '\0';
		all_right = all_right && said[0] == '\0';
	}
	return all_right;
}

static double share(unsigned part, unsigned whole)
{
	return whole > 0 ? (double)part / whole : 0;
}

static void print_tally(const struct tally *t)
{
	printf("%-12s %5u ", t->name, t->texts);
	for (int level = 1; level < LEVELS; level++)
		if (t->asked[level] > 0)
			printf("  %.3f %.3f", share(t->right[level], t->asked[level]),
			       share(t->right[level], t->answered[level]));
		else
			printf("      -     -");
	if (t->placeless > 0)
		printf("   silent %.3f", share(t->silent, t->placeless));
	if (t->open > 0)
		printf("   held back %.3f", share(t->held, t->open));
	putchar('\n');
}

/* --- the run ---------------------------------------------------------------------------- */

static struct span next_line(struct span *rest)
{
	struct span line = { 0 };

	while (line.len == 0 && span_cut(rest, '\n', &line))
		;
	return line;
}

struct score {
	struct tally tallies[CATEGORIES_MAX]; /* the first: all texts that name a place */
	size_t n;
	double spent;
	size_t routed;
};

/* What is settled, then what may be meant: see route.h. */
static void print_answer(FILE *f, const char *id, const struct route *route)
{
	const char *comma = "";

	fprintf(f, "{\"id\":\"%s\",\"codes\":[", id);
	if (route->level > REGION_NATION) {
		fprintf(f, "\"%s\"", route->code);
		comma = ",";
	}
	for (size_t i = 0; route->ncandidates > 1 && i < route->ncandidates; i++) {
		fprintf(f, "%s\"%s\"", comma, route->candidates[i]);
		comma = ",";
	}
	fprintf(f, "]}\n");
}

static void report(const struct options *o, json_t *row, const struct route *route, json_t *gold, bool right)
{
	const char *code = route->code;
	const char *id = json_string_value(json_object_get(row, "id"));
	const char *meant = json_array_size(gold) > 0 ? json_string_value(json_array_get(gold, 0)) : "none";

	if (!right && o->wrong != NULL &&
	    strcmp(o->wrong, json_string_value(json_object_get(row, "cat"))) == 0)
		printf("wrong: %s is %s, not %s: %s\n", id, code, meant,
		       json_string_value(json_object_get(row, "text")));
	if (o->answers != NULL)
		print_answer(o->answers, id, route);
}

static void judge_row(const struct engine *e, const struct options *o, json_t *row, json_t *key,
		      struct score *s)
{
	json_t *gold = json_object_get(key, "gold");
	int settled = (int)json_integer_value(json_object_get(key, "det"));
	const char *cat = json_string_value(json_object_get(row, "cat"));
	struct arena arena;
	struct route route;
	double start = seconds();
	bool right;

	arena_init(&arena);
	route_text(e, span_of(json_string_value(json_object_get(row, "text"))), &arena, &route);
	arena_release(&arena);
	s->spent += seconds() - start;
	s->routed++;
	right = count(tally_of(s->tallies, &s->n, cat), route.code, gold, settled);
	if (json_array_size(gold) > 0)
		count(&s->tallies[0], route.code, gold, settled);
	report(o, row, &route, gold, right);
}

static void print_score(const struct score *s)
{
	printf("%zu texts, %.2f us each\n", s->routed,
	       s->spent / (double)(s->routed > 0 ? s->routed : 1) * 1e6);
	printf("%-12s %5s   %-12s %-12s %-12s\n", "category", "texts", "province", "prefecture", "county");
	printf("%-12s %5s   %-12s %-12s %-12s\n", "", "", "acc   prec", "acc   prec", "acc   prec");
	for (size_t i = 0; i < s->n; i++)
		print_tally(&s->tallies[i]);
}

static void run(const struct engine *e, const struct options *o, struct span texts, struct span key)
{
	struct score s = { .n = 1 };
	struct span line;

	snprintf(s.tallies[0].name, sizeof(s.tallies[0].name), "with place");
	while ((line = next_line(&texts)).len > 0) {
		struct span key_line = key.at != NULL ? next_line(&key) : line;
		json_t *row = json_loadb(line.at, line.len, 0, NULL);
		json_t *answer = json_loadb(key_line.at, key_line.len, 0, NULL);

		assert(row != NULL && answer != NULL);
		judge_row(e, o, row, answer, &s);
		json_decref(row);
		json_decref(answer);
	}
	print_score(&s);
}

/* A text of about a hundred characters, the size that the budget is given for. */
static void bench(const struct engine *e)
{
	static const char text[] = "本人于上周三下午五点多在河南省商丘市睢阳区火车站附近见过照片上的小女孩，"
				   "大概六七岁，穿红色外套，跟着一个"
				   "四十多岁的男人，那人说话像外地口音，开一辆白色面包车往高速方向走了，车牌"
				   "没有看清，孩子一直在哭，请尽快核实。";
	struct arena arena;
	struct route route;
	double start;
	int rounds = 100000;

	arena_init(&arena);
	start = seconds();
	for (int i = 0; i < rounds; i++) {
		route_text(e, SPAN(text), &arena, &route);
		if (i % 16 == 0)
			arena_release(&arena);
	}
	printf("a tip of %zu characters: %.2f us (%s)\n", (sizeof(text) - 1) / 3,
	       (seconds() - start) / rounds * 1e6, route.code);
	arena_release(&arena);
}

static struct options read_arguments(int argc, char **argv)
{
	struct options o = { 0 };

	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--wrong") == 0 && i + 1 < argc)
			o.wrong = argv[++i];
		else if (strcmp(argv[i], "--answers") == 0 && i + 1 < argc)
			o.answers = fopen(argv[++i], "w");
		else if (o.texts == NULL)
			o.texts = argv[i];
		else
			o.key = argv[i];
	return o;
}

int main(int argc, char **argv)
{
	struct options o = read_arguments(argc, argv);
	struct buf texts = { 0 };
	struct buf key = { 0 };
	struct engine e;

	if (o.texts == NULL || !read_file(o.texts, &texts) || (o.key != NULL && !read_file(o.key, &key))) {
		printf("skipped: no such file: %s\n", o.texts != NULL ? o.texts : "(none given)");
		return EXIT_SUCCESS;
	}
	engine_start(&e);
	run(&e, &o, buf_span(&texts), buf_span(&key));
	bench(&e);
	engine_stop(&e);
	if (o.answers != NULL)
		fclose(o.answers);
	buf_release(&texts);
	buf_release(&key);
	return EXIT_SUCCESS;
}
