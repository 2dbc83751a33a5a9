/*
 * What two texts have in common, and where it stands in each: the evidence for a
 * link, for a person who may read both.
 *
 * The linker knows of a text its fingerprint alone, in which no place of the text
 * is left. Here the same marks are found again in the two texts: what names a
 * person, a car or an account exactly (core/text/entity.h), the names, places,
 * numbers, days and colours that agree (feature_agreeing()), and the words that
 * both have in the same order. Nothing here decides; a link stands whatever is found.
 */
#ifndef TIPLINE_CORE_COMMON_H
#define TIPLINE_CORE_COMMON_H

#include "daemon/core/incident/feature.h"

enum common_kind {
	COMMON_PLATE,
	COMMON_TELEPHONE,
	COMMON_ID_NUMBER,
	COMMON_BANK_CARD,
	COMMON_ACCOUNT,
	COMMON_NAME,
	COMMON_PLACE,
	COMMON_TIME,
	COMMON_AGE,
	COMMON_NUMBER,
	COMMON_COLOUR,
	COMMON_WORDS,
	COMMON_KINDS,
};

/* "plate", "telephone", ... */
const char *common_kind_name(enum common_kind kind);

#define COMMON_RANGES_MAX 32   /* of a kind in a text; later ones are left out */

/* Code points of the original: [from, to). In order of the text; they do not touch. */
struct common_range {
	uint32_t from;
	uint32_t to;
};

struct common_side {
	struct common_range at[COMMON_RANGES_MAX];
	size_t n;
};

/* By kind: both sides have ranges, or none has. */
struct common {
	struct common_side here[COMMON_KINDS];
	struct common_side there[COMMON_KINDS];
};

struct common_text {
	struct span original;           /* valid UTF-8 */
	const struct folded *text;      /* of it */
	const struct scan_hits *hits;   /* found in `text` */
};

/* The arena holds working memory only. */
void common_find(const struct fingerprinter *key, const struct common_text *here, const struct common_text *there,
		   struct arena *arena, struct common *out);

#endif
