/*
 * What the linker's memory costs.
 *
 *   casebook_bench [TIPS]        default 1000000
 *
 * Takes in that many accepted tips of three shards as after a restart, then
 * judges further ones while all of them are held. Features are made up: as
 * many grams, keys, marks and terms as a text of 100 characters has, one in ten
 * a copy. Prints events a second, bytes a tip, and the time of one judgement
 * with insertion. Times are wall time of casebook_event() alone.
 */
#include "daemon/core/incident/casebook.h"

#include "daemon/base/arena.h"
#include "daemon/core/incident/fingerprint.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define JUDGED 100000
#define BATCH 1000
#define TICKS_MAX 500000 /* of 10 ns */
#define COPIES_IN 10
#define KEYED_IN 20     /* one in so many names a plate that others name too */
#define GRAMS 44
#define TERMS 14
#define MARKS 4
#define VOCABULARY 30000

static const char shards[][3] = { "11", "15", "44" };

struct event {
	char json[320];
	struct span fingerprint;
	struct span shard;
};

struct bench {
	struct casebook *book;
	struct rules *rules;
	struct arena arena;
	struct event events[BATCH];
	struct fingerprint last; /* of which copies are made */
	uint64_t random;
	uint64_t tips;
	uint64_t decisions;
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

/* Few words are in most texts, most words in few. */
static uint16_t some_term(struct bench *b)
{
	uint64_t wide = next_random(b) % VOCABULARY + 1;

	return (uint16_t)((next_random(b) % wide) << 1);
}

static void some_feature(struct bench *b, struct feature *f)
{
	uint16_t step = 4096 / GRAMS;

	*f = (struct feature){ .ngrams = GRAMS, .nkeys = FEATURE_KEYS_MAX, .nterms = TERMS, .nmarks = MARKS };
	for (size_t i = 0; i < GRAMS; i++)
		f->grams[i] = (uint16_t)(i * step + next_random(b) % step);
	for (size_t i = 0; i < FEATURE_KEYS_MAX; i++)
		f->keys[i] = next_random(b) & 0xFFFFFF;
	for (size_t i = 0; i < TERMS; i++)
		f->terms[i] = some_term(b);
	for (size_t i = 1; i < TERMS; i++)
		for (size_t j = i; j > 0 && f->terms[j] < f->terms[j - 1]; j--) {
			uint16_t t = f->terms[j];

			f->terms[j] = f->terms[j - 1];
			f->terms[j - 1] = t;
		}
	for (size_t i = 0; i < MARKS; i++)
		f->marks[i] = (struct feature_mark){ .kind = FEATURE_PLACE, .context = (uint16_t)(next_random(b) & 0xFFF),
						     .head = (uint8_t)next_random(b) };
}

static void some_event(struct bench *b, struct event *event)
{
	size_t shard = next_random(b) % 3;

	event->shard = span_of(shards[shard]);
	if (b->tips % COPIES_IN != 0)
		some_feature(b, &b->last.feature);
	b->last.nmarks = b->tips % KEYED_IN == 1;
	b->last.marks[0] = (struct fingerprint_mark){ .kind = ENTITY_PLATE, .mark = next_random(b) % 200000 };
	event->fingerprint = fingerprint_pack(&b->last, &b->arena);
	snprintf(event->json, sizeof(event->json),
		 "{\"e\":\"accepted\",\"id\":\"%s-%010llu\",\"at\":%llu,\"region\":\"%s0102\",\"points\":45,"
		 "\"via\":\"web\",\"why\":\"place\",\"confidence\":95,\"rules\":[\"child\",\"force\"],"
		 "\"rules_version\":\"0a1b2c3d\",\"mark\":\"00112233445566778899aabbccddeeff\","
		 "\"sender\":\"%016llx\"}",
		 shards[shard], (unsigned long long)b->tips, (unsigned long long)(1700000000000 + b->tips * 1000),
		 shards[shard], (unsigned long long)(next_random(b) % 500000));
	b->tips++;
}

static void make_batch(struct bench *b)
{
	arena_clear(&b->arena);
	for (size_t i = 0; i < BATCH; i++)
		some_event(b, &b->events[i]);
}

static uint64_t take(struct bench *b, const struct event *event, bool judge)
{
	struct casebook_decisions out;
	struct complaint why;
	uint64_t start = nanoseconds();

	if (!casebook_event(b->book, event->shard, span_of(event->json), event->fingerprint, judge, &out, &why)) {
		fprintf(stderr, "%s\n", why.text);
		exit(EXIT_FAILURE);
	}
	b->decisions += out.n;
	return nanoseconds() - start;
}

static double percentile(const unsigned *ticks, size_t n, double share)
{
	unsigned long left = (unsigned long)((double)n * share);
	size_t i = 0;

	for (; i < TICKS_MAX - 1 && ticks[i] <= left; i++)
		left -= ticks[i];
	return (double)i / 100;
}

static void warm_up(struct bench *b, size_t tips)
{
	uint64_t total = 0;

	for (size_t n = 0; n < tips; n += BATCH) {
		make_batch(b);
		for (size_t i = 0; i < BATCH; i++)
			total += take(b, &b->events[i], false);
	}
	printf("warm-up: %.2f s for %llu tips, %.0f events/s\n", (double)total * 1e-9, (unsigned long long)b->tips,
	       (double)b->tips * 1e9 / (double)total);
}

static void judge(struct bench *b)
{
	static unsigned ticks[TICKS_MAX];
	uint64_t total = 0;

	for (size_t n = 0; n < JUDGED; n += BATCH) {
		make_batch(b);
		for (size_t i = 0; i < BATCH; i++) {
			uint64_t took = take(b, &b->events[i], true);

			total += took;
			ticks[took / 10 < TICKS_MAX ? took / 10 : TICKS_MAX - 1]++;
		}
	}
	printf("judge and insert: %.0f tips/s, p50 %.1f us, p99 %.1f us, p99.9 %.1f us; %.2f decisions a tip\n",
	       JUDGED * 1e9 / (double)total, percentile(ticks, JUDGED, .5), percentile(ticks, JUDGED, .99),
	       percentile(ticks, JUDGED, .999), (double)b->decisions / JUDGED);
}

/* What one tip more makes of it. */
static double bytes_a_tip(const struct bench *b, struct casebook_limits limits)
{
	struct casebook_figures figures, twice;
	struct casebook *other;

	casebook_figures(b->book, &figures);
	limits.max_tips *= 2;
	other = casebook_new(&limits, b->rules, 1);
	casebook_figures(other, &twice);
	casebook_free(other);
	return (double)(twice.bytes - figures.bytes) / (double)(limits.max_tips / 2);
}

int main(int argc, char **argv)
{
	size_t tips = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	struct casebook_limits limits = {
		.max_tips = tips, .max_age_ms = 0, .max_incidents = 16384, .max_senders = 65536
	};
	struct casebook_figures figures;
	struct complaint why;
	static struct bench b;

	b = (struct bench){ .random = 1, .rules = rules_new(NULL, 0, &why) };
	assert(tips >= BATCH && b.rules != NULL);
	b.book = casebook_new(&limits, b.rules, 1);
	warm_up(&b, tips / BATCH * BATCH);
	judge(&b);
	casebook_figures(b.book, &figures);
	printf("%llu tips held, %llu incidents; at most %.1f bytes a tip and %.1f MB for incidents and senders\n",
	       (unsigned long long)figures.tips, (unsigned long long)figures.incidents, bytes_a_tip(&b, limits),
	       ((double)figures.bytes - bytes_a_tip(&b, limits) * (double)tips) / 1e6);
	casebook_free(b.book);
	rules_free(b.rules);
	arena_release(&b.arena);
	return EXIT_SUCCESS;
}
