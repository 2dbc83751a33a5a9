/*
 * The near-duplicate index: which earlier texts a text may be a copy of.
 *
 * In memory and bounded: postings from the keys of a feature to texts, and of
 * each text its grams and marks. The oldest texts leave when there are too
 * many, when their bytes are used up or when they are too old. Whoever feeds
 * it (the linker, in journal order) gives the time; the index has no clock.
 * What the matches mean is for core/incident.h to judge.
 *
 * Texts are numbered from 1 in order of insertion. Each belongs to a group,
 * named by the number of its first text; groups can be joined.
 */
#ifndef TIPLINE_CORE_LINK_H
#define TIPLINE_CORE_LINK_H

#include "daemon/core/feature.h"

#define LINK_TEXTS_MAX 0xFFFFF0u
#define LINK_MATCHES_MAX 16

struct link;

struct link_limits {
	size_t max_texts;       /* 1 to LINK_TEXTS_MAX */
	size_t bytes_per_text;  /* on average, for grams and marks; 80 serves tips */
	int64_t max_age_ms;     /* older texts are forgotten; 0: none is too old */
};

struct link_match {
	uint32_t text;      /* number of the earlier text */
	uint32_t group;
	double wording;     /* feature_wording() */
	size_t nmarks;
	struct feature_mark marks[FEATURE_MARKS_MAX];
};

struct link *link_new(const struct link_limits *limits);
void link_free(struct link *link);

/*
 * The earlier texts that share keys with this one, best wording first, then
 * oldest first; at most LINK_MATCHES_MAX. Changes nothing.
 */
size_t link_find(const struct link *link, const struct feature *feature,
		 struct link_match out[LINK_MATCHES_MAX]);

/*
 * Adds a text and returns its number. `group` is the text or group it belongs
 * to, 0 for a group of its own. `at_ms` that goes backwards counts as the
 * latest time seen.
 */
uint32_t link_insert(struct link *link, const struct feature *feature, int64_t at_ms, uint32_t group);

/* The group of a text that is still held; else the number itself. */
uint32_t link_group(const struct link *link, uint32_t text);

/* Joins the groups of two texts under the older one's name and returns it. */
uint32_t link_join(struct link *link, uint32_t a, uint32_t b);

/* The marks of a text that is still held; 0 when it is not. */
size_t link_marks(const struct link *link, uint32_t text, struct feature_mark out[FEATURE_MARKS_MAX]);

size_t link_count(const struct link *link);

/* Memory that the index will never exceed. */
size_t link_bytes(const struct link *link);

#endif
