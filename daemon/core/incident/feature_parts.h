/*
 * What the files of core/incident/feature.c share; nobody else includes it.
 */
#ifndef TIPLINE_CORE_FEATURE_PARTS_H
#define TIPLINE_CORE_FEATURE_PARTS_H

#include "daemon/core/incident/feature.h"
#include "daemon/core/incident/feature_text.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Keeps the hashes of one use apart from those of another. */
enum feature_use {
	USE_MARK = 1,
	USE_CONTEXT,
	USE_TERM,
};

static inline uint64_t feature_hash(const struct fingerprinter *key, enum feature_use use, struct span bytes)
{
	return XXH3_64bits_withSecret(bytes.at, bytes.len, key->secret, sizeof(key->secret)) *
	       (0x9E3779B97F4A7C15u + 2 * (uint64_t)use);
}

/* Sorts evenly spread hashes below 2^bits, bits at most 64, in linear time. */
void feature_sort(uint64_t *hashes, size_t n, unsigned bits, struct arena *arena);

/* Fills out->marks. */
void feature_marks_find(const struct fingerprinter *key, const struct feature_input *in,
			const struct feature_text *text, struct feature *out);

/* Fills out->terms. */
void feature_terms_find(const struct fingerprinter *key, const struct feature_input *in,
			const struct feature_text *text, struct arena *arena, struct feature *out);

/* The token was written with a capital letter. */
bool feature_capital(const struct feature_input *in, const struct token *token);

/* A word that every text may hold: "the", "with". */
bool feature_common_word(struct span word);

#endif
