/*
 * What the near-duplicate index costs at each size.
 *
 *   link_bench [--long]          10 k, 100 k and a million texts; with --long ten million too
 *
 * Fills an index to the size, then checks and inserts further texts, so that
 * the oldest leave; one in ten is a copy of the text before. The texts are made
 * from the features of a few tips: as many grams, keys and marks, other values,
 * and two keys that many others have. Prints one line a size: wall time of a
 * check with insertion (median, 99th percentile), of a check alone, and bytes a
 * text. Needs 1.6 GB for ten million.
 */
#include "daemon/base/table.h"
#include "daemon/core/incident/incident.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MEASURED 100000
#define TICKS_MAX 500000 /* of 10 ns, for the percentiles */
#define COPIES_IN 10
#define COMMON_KEYS 2
#define GRAM_VALUES 4096
#define KEY_MASK 0xFFFFFF
#define BYTES_PER_TEXT 80

static const char *const texts[] = {
	"昨天傍晚六点多，我在火车站东广场看到一个四十来岁的男人拉着一个十二岁左右的小女孩，女孩一直哭，说不认"
	"识他。",
	"车牌蒙K12345的白色面包车停在人民路，里面有两个男孩，司机戴口罩，请马上派人，电话13800138000。",
	"您好，我要反映建设路与和平路交叉口的路灯坏了，已经12天了，老人摔倒过，请尽快处理。",
	"楼下小饭馆的老板娘说她是被骗来的，想回老家，可是身份证被扣下了。",
	"I saw a girl of about 12 being pushed into a white van near Harbour Station on Monday evening.",
	"There are 14 workers locked in the factory at 381 Kingsway Road, they work 16 hours a day.",
};

struct bench {
	struct feature features[COUNT_OF(texts)];
	struct link *link;
	uint64_t random;
	uint64_t inserted;
	unsigned ticks[TICKS_MAX];
};

static uint64_t next_random(struct bench *b)
{
	b->random += 0x9E3779B97F4A7C15u;
	return (b->random ^ b->random >> 31) * 0xBF58476D1CE4E5B9u >> 16;
}

static uint64_t nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void read_texts(struct bench *b)
{
	const struct fingerprint_key key = { .bytes = { 1 } };
	struct normalizer *normalizer = normalizer_new();
	struct fingerprinter fingerprinter;
	struct arena arena = { 0 };

	assert(normalizer != NULL);
	fingerprinter_init(&fingerprinter, &key);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct feature_input in = { .original = span_of(texts[i]) };
		struct folded folded;

		normalize(normalizer, in.original, &arena, &folded);
		in.text = &folded;
		feature_extract(&fingerprinter, &in, &arena, &b->features[i]);
	}
	arena_release(&arena);
	normalizer_free(normalizer);
}

/* The next text: mostly another one of the same shape, sometimes the one before. */
static const struct feature *next_text(struct bench *b)
{
	struct feature *f = &b->features[b->inserted / COPIES_IN % COUNT_OF(texts)];
	uint64_t step = f->ngrams > 0 ? GRAM_VALUES / f->ngrams : 0;

	if (b->inserted++ % COPIES_IN == 1)
		return f;
	for (size_t i = 0; i < f->ngrams; i++)
		f->grams[i] = (uint16_t)(i * step + (i < COMMON_KEYS ? 0 : next_random(b) % step));
	for (size_t i = COMMON_KEYS; i < f->nkeys; i++)
		f->keys[i] = next_random(b) & KEY_MASK;
	for (size_t i = 0; i < f->nmarks; i++)
		f->marks[i].head = (uint8_t)next_random(b);
	return f;
}

static void check_and_insert(struct bench *b, const struct feature *feature)
{
	struct incident_judgement j;

	incident_judge(b->link, feature, &incident_policy_default, &j);
	link_insert(b->link, feature, 0, j.kind == INCIDENT_COPY ? j.text : 0);
}

static double percentile(const struct bench *b, double share)
{
	unsigned long left = (unsigned long)(MEASURED * share);
	size_t i = 0;

	for (; i < TICKS_MAX - 1 && b->ticks[i] <= left; i++)
		left -= b->ticks[i];
	return (double)i / 100;
}

static void count_time(struct bench *b, uint64_t ns)
{
	uint64_t ticks = ns / 10;

	b->ticks[ticks < TICKS_MAX ? ticks : TICKS_MAX - 1]++;
}

/* Microseconds of a check alone. */
static double checks(struct bench *b)
{
	uint64_t spent = 0;

	for (size_t i = 0; i < MEASURED; i++) {
		const struct feature *feature = next_text(b);
		uint64_t start = nanoseconds();
		struct incident_judgement j;

		incident_judge(b->link, feature, &incident_policy_default, &j);
		spent += nanoseconds() - start;
	}
	return (double)spent / MEASURED / 1e3;
}

static void run(struct bench *b, size_t count)
{
	const struct link_limits limits = { .max_texts = count, .bytes_per_text = BYTES_PER_TEXT };
	uint64_t spent = 0;

	memset(b->ticks, 0, sizeof(b->ticks));
	b->link = link_new(&limits);
	for (size_t i = 0; i < count; i++)
		check_and_insert(b, next_text(b));
	for (size_t i = 0; i < MEASURED; i++) {
		const struct feature *feature = next_text(b);
		uint64_t start = nanoseconds(), took;

		check_and_insert(b, feature);
		took = nanoseconds() - start;
		spent += took;
		count_time(b, took);
	}
	printf("check and insert, %zu texts %.2f us, median %.2f us, p99 %.2f us, check alone %.2f us, "
	       "%.0f texts/s, %.0f bytes a text\n",
	       link_count(b->link), (double)spent / MEASURED / 1e3, percentile(b, .5), percentile(b, .99),
	       checks(b), MEASURED * 1e9 / (double)spent, (double)link_bytes(b->link) / (double)count);
	fflush(stdout);
	link_free(b->link);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 10000, 100000, 1000000, 10000000 };
	static struct bench bench;
	size_t n = argc > 1 && strcmp(argv[1], "--long") == 0 ? COUNT_OF(sizes) : COUNT_OF(sizes) - 1;

	read_texts(&bench);
	for (size_t i = 0; i < n; i++)
		run(&bench, sizes[i]);
	return EXIT_SUCCESS;
}
