/*
 * Months of leaves for tests: events that are added one by one, dummies between,
 * each leaf with a seed of its own.
 */
#ifndef TIPLINE_TEST_FIGURES_SAMPLE_H
#define TIPLINE_TEST_FIGURES_SAMPLE_H

#include "daemon/tlog/openings.h"

#include <stdlib.h>

#define SAMPLE_MAX 4096

struct sample {
	struct figures_leaf leaves[SAMPLE_MAX];
	unsigned char bytes[SAMPLE_MAX][LEAF_BYTES], seeds[SAMPLE_MAX][LEAF_SEED_BYTES];
	size_t n;
	uint32_t random;
};

static inline uint32_t sample_random(struct sample *sample, uint32_t below)
{
	sample->random = sample->random * 1664525u + 1013904223u;
	return (sample->random >> 8) % below;
}

/* The code of a region and those above it; "" for none. */
static inline void sample_region(struct figures_leaf *leaf, const char *code, const char *province, const char *prefecture)
{
	if (code[0] != '\0')
		leaf->values.at[LEAF_PROVINCE] = span_of(province);
	if (code[0] != '\0' && strcmp(code + 2, "0000") != 0)
		leaf->values.at[LEAF_PREFECTURE] = span_of(prefecture);
	if (code[0] != '\0' && strcmp(code + 4, "00") != 0)
		leaf->values.at[LEAF_COUNTY] = span_of(code);
}

static inline struct figures_leaf *sample_add(struct sample *sample, enum leaf_class class, const char *event, const char *outcome)
{
	struct figures_leaf *leaf = &sample->leaves[sample->n];
	unsigned char *seed = sample->seeds[sample->n];

	for (size_t i = 0; i < LEAF_SEED_BYTES; i++)
		seed[i] = (unsigned char)sample_random(sample, 256);
	*leaf = (struct figures_leaf){ .index = sample->n, .class = class };
	leaf->values.at[LEAF_EVENT] = span_of(event);
	leaf->values.at[LEAF_OUTCOME] = span_of(outcome);
	memcpy(&leaf->draw, seed, sizeof(leaf->draw));
	sample->n++;
	return leaf;
}

static inline void sample_dummies(struct sample *sample, enum leaf_class class, size_t n)
{
	while (n-- > 0)
		sample_add(sample, class, "dummy", "");
}

/* The bytes of all leaves, when their values stand. */
static inline void sample_make(struct sample *sample)
{
	for (size_t i = 0; i < sample->n; i++) {
		unsigned char salt[LEAF_SALT_BYTES] = { (unsigned char)i, (unsigned char)(i >> 8) };

		leaf_make(&(struct leaf_input){ .class = sample->leaves[i].class, .day = 20778, .salt = salt, .seed = sample->seeds[i],
						.values = &sample->leaves[i].values }, sample->bytes[i]);
	}
}

/* The file of what is open. */
static inline void sample_openings(const struct sample *sample, uint64_t first, struct buf *file)
{
	struct openings_head head = { .origin = SPAN("tips.example/15"), .month = SPAN("2026-11"), .first = first,
				      .end = first + sample->n, .small = FIGURES_SMALL };
	struct buf text = { 0 };

	openings_write_head(&head, file);
	for (size_t i = 0; i < sample->n; i++) {
		if (sample->leaves[i].open == 0)
			continue;
		buf_clear(&text);
		leaf_opening_write(sample->seeds[i], sample->bytes[i] + 4, &sample->leaves[i].values, sample->leaves[i].open, &text);
		openings_write_leaf(first + i, buf_span(&text), file);
	}
	buf_release(&text);
}

#endif
