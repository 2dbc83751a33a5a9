/*
 * Folding: the one form of a text that scan, route, score and fingerprint see.
 *
 * NFKC and case folding (utf8proc), full width to half width, traditional to
 * simplified Han character by character (a table that OpenCC's dictionary is
 * asked for once at start), zero-width and control characters out, every run
 * of white space one blank, none at the ends. Folding a folded text changes
 * nothing. Each folded byte knows the byte of the original it came from, so
 * that evidence can be shown in the informant's own words.
 */
#ifndef TIPLINE_CORE_NORMALIZE_H
#define TIPLINE_CORE_NORMALIZE_H

#include "daemon/base/arena.h"

struct normalizer;

struct folded {
	struct span text;        /* UTF-8 */
	const uint32_t *origin;  /* text.len + 1 entries: offset in the original; the last is its length */
};

/* The tables, built once; NULL when OpenCC's dictionary is not installed. Shared by all threads. */
struct normalizer *normalizer_new(void);
void normalizer_free(struct normalizer *normalizer);

/* Folds `text`; invalid UTF-8 becomes U+FFFD. `out` lives in the arena. */
void normalize(const struct normalizer *normalizer, struct span text, struct arena *arena,
	       struct folded *out);

#endif
