/*
 * Small made texts of two kinds, for tests of learning: the same number gives
 * the same text. Some words belong to a kind, most to both; one text in
 * twenty has the other kind's words.
 */
#ifndef TIPLINE_TESTS_LEARN_TEXTS_H
#define TIPLINE_TESTS_LEARN_TEXTS_H

#include "daemon/core/score/learn.h"

#include <stdio.h>

static inline uint64_t learn_text_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	return *seed ^= *seed << 17;
}

/* Which kind text `number` is of. */
static inline bool learn_text_wanted(unsigned number)
{
	uint64_t seed = number * UINT64_C(0x9E3779B97F4A7C15) + 1;

	learn_text_random(&seed);
	return learn_text_random(&seed) % 4 != 0;
}

static inline void learn_text(unsigned number, char out[256])
{
	static const char *const both[] = { "the", "and", "at", "today", "of", "one", "a", "in", "with", "some" };
	static const char *const wanted[] = { "man", "child", "station", "crying", "van", "followed", "village" };
	static const char *const junk[] = { "win", "prize", "claim", "cash", "offer", "ringtone", "text 86688" };
	uint64_t seed = number * UINT64_C(0x2545F4914F6CDD1D) + 7;
	bool kind;
	size_t len = 0;

	for (int i = 0; i < 4; i++)
		learn_text_random(&seed);
	kind = learn_text_wanted(number) != (learn_text_random(&seed) % 20 == 0);
	for (int i = 0; i < 12; i++) {
		uint64_t draw = learn_text_random(&seed) >> 8;
		const char *word = draw % 3 != 0 ? both[draw / 3 % 10] : kind ? wanted[draw / 3 % 7] : junk[draw / 3 % 7];

		len += (size_t)snprintf(out + len, 256 - len, "%s ", word);
	}
	out[len - 1] = '\0';
}

static const struct fingerprinter learn_test_key = { .secret = "a hundred and ninety-two bytes, for tests alone" };

static inline void learn_example_of(const char *folded, unsigned points, struct learn_example *out)
{
	static const struct entities none;
	struct folded text = { .text = span_of(folded) };

	learn_features(&learn_test_key,
		       &(struct learn_input){ .original = text.text, .text = &text, .entities = &none, .points = points },
		       out);
}

static inline void learn_example_numbered(unsigned number, struct learn_example *out)
{
	char text[256];

	learn_text(number, text);
	learn_example_of(text, 30, out);
}

/* Teaches the texts from..to-1. */
static inline void learn_texts(struct learner *learner, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		struct learn_example example;

		learn_example_numbered(i, &example);
		learner_learn(learner, &example, learn_text_wanted(i));
	}
}

#endif
