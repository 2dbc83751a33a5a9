/*
 * Grams and keys of a text; see feature.h.
 *
 * A gram starts at each letter, three long at a Han letter and five at others.
 * The order of its hash decides whether it is kept, so that two texts keep the
 * same ones; a text with few grams keeps all of them. A text too short for one
 * gram is a gram as a whole.
 */
#include "daemon/core/incident/feature_parts.h"

#define HAN_GRAM 3
#define OTHER_GRAM 5
#define LEVEL_MAX 20
#define GRAM_BITS 12
#define KEY_MASK 0xFFFFFFu

/* Order and key of a gram in one number: the order sorts first. */
#define WHOLE_BITS 56
#define ORDER_SHIFT 24

static uint32_t order_of(uint64_t gram)
{
	return (uint32_t)(gram >> ORDER_SHIFT);
}

/*
 * Sorts hashes below 2^bits: since they are evenly spread, each has its place
 * but for a few neighbours. Text that repeats itself makes equal ones, which
 * are no work.
 */
void feature_sort(uint64_t *hashes, size_t n, unsigned bits, struct arena *arena)
{
	uint32_t *ends = arena_array(arena, uint32_t, n + 1);
	uint64_t *spread = arena_array(arena, uint64_t, n + 1);
	unsigned shift = bits > 32 ? bits - 32 : 0;
	unsigned left = bits - shift;

	memset(ends, 0, (n + 1) * sizeof(*ends));
	for (size_t i = 0; i < n; i++)
		ends[(hashes[i] >> shift) * n >> left]++;
	for (size_t i = 1; i < n; i++)
		ends[i] += ends[i - 1];
	for (size_t i = 0; i < n; i++)
		spread[--ends[(hashes[i] >> shift) * n >> left]] = hashes[i];
	for (size_t i = 0; i < n; i++) {
		size_t at = i;

		for (; at > 0 && hashes[at - 1] > spread[i]; at--)
			hashes[at] = hashes[at - 1];
		hashes[at] = spread[i];
	}
}

static bool han_letter(char first)
{
	return (unsigned char)first >= 0xE3;
}

/* The share of grams that is looked at: a few more than will be kept. */
static unsigned first_level(size_t nletters)
{
	unsigned level = 0;

	while (level < LEVEL_MAX && nletters >> level > 4 * FEATURE_GRAMS_MAX)
		level++;
	return level;
}

static bool dropped(uint32_t order, unsigned level)
{
	return level > 0 && order >> (32 - level) != 0;
}

static void add_gram(const struct fingerprinter *key, struct span bytes, unsigned level, uint64_t *grams,
		     size_t *n)
{
	uint64_t hash = XXH3_64bits_withSecret(bytes.at, bytes.len, key->secret, sizeof(key->secret));

	if (!dropped((uint32_t)hash, level))
		grams[(*n)++] = (hash & UINT32_MAX) << ORDER_SHIFT | (hash >> 32 & KEY_MASK);
}

static size_t collect(const struct fingerprinter *key, const struct feature_text *text, unsigned level,
		      struct arena *arena, uint64_t *grams)
{
	size_t n = 0;

	for (size_t i = 0; i < text->nletters; i++) {
		const char *at = text->letters + text->starts[i];
		size_t letters = han_letter(*at) ? HAN_GRAM : OTHER_GRAM;

		if (i + letters > text->nletters)
			continue;
		add_gram(key, span_from(at, text->starts[i + letters] - text->starts[i]), level, grams, &n);
	}
	if (n == 0 && text->nletters > 0 && level == 0)
		add_gram(key, span_from(text->letters, text->starts[text->nletters]), 0, grams, &n);
	feature_sort(grams, n, WHOLE_BITS - level, arena);
	return n;
}

/* How many of the sorted grams a level keeps. */
static size_t kept(const uint64_t *grams, size_t n, unsigned level)
{
	while (n > 0 && dropped(order_of(grams[n - 1]), level))
		n--;
	return n;
}

static void keep_grams(const uint64_t *grams, size_t n, struct feature *out)
{
	for (size_t i = 0; i < n; i++) {
		uint16_t gram = (uint16_t)(order_of(grams[i]) >> (32 - GRAM_BITS - out->level) &
					   ((1u << GRAM_BITS) - 1));

		if (out->ngrams > 0 && out->grams[out->ngrams - 1] == gram)
			continue;
		out->grams[out->ngrams++] = gram;
		if (out->nkeys < FEATURE_KEYS_MAX)
			out->keys[out->nkeys++] = grams[i] & KEY_MASK;
	}
}

static void find_grams(const struct fingerprinter *key, const struct feature_text *text, struct arena *arena,
		       struct feature *out)
{
	unsigned level = first_level(text->nletters);
	uint64_t *grams = arena_array(arena, uint64_t, text->nletters + 1);
	size_t n = collect(key, text, level, arena, grams);

	for (; (n = kept(grams, n, level)) > FEATURE_GRAMS_MAX && level < LEVEL_MAX; level++)
		;
	out->level = (uint8_t)level;
	keep_grams(grams, n < FEATURE_GRAMS_MAX ? n : FEATURE_GRAMS_MAX, out);
}

void feature_extract(const struct fingerprinter *key, const struct feature_input *in, struct arena *arena,
		     struct feature *out)
{
	struct feature_text text;

	*out = (struct feature){ 0 };
	feature_text_read(in->text->text, arena, &text);
	out->han = text.nhan * 2 > text.nletters;
	find_grams(key, &text, arena, out);
	feature_marks_find(key, in, &text, out);
	feature_terms_find(key, in, &text, arena, out);
}
