/*
 * The near-duplicate index: which earlier texts a text may be a copy of.
 *
 * In memory and bounded: postings from the keys of a feature to texts, and of
 * each text its grams and marks. The oldest texts leave when there are too
 * many, when their bytes are used up or when they are too old. Whoever feeds
 * it (the linker, in journal order) gives the time; the index has no clock.
 * What the matches mean is for core/incident/incident.h to judge.
 *
 * Texts are numbered from 1 in order of insertion. Each belongs to a group:
 * texts of one incident. A group is named by the number of its first text, or
 * by a number that no text has when it was split off; it keeps its name
 * whoever leaves. Groups can be joined, texts moved between them.
 */
#ifndef TIPLINE_CORE_LINK_H
#define TIPLINE_CORE_LINK_H

#include "daemon/core/incident/feature.h"

#define LINK_TEXTS_MAX 0xFFFFF0u
#define LINK_MATCHES_MAX 16

struct link;

struct link_limits {
	size_t max_texts;       /* 1 to LINK_TEXTS_MAX */
	size_t bytes_per_text;  /* on average, for grams and marks; 72 serves tips */
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
 * Adds a text and returns its number. `beside` is a text whose group it joins,
 * 0 or a text that has left for a group of its own. `at_ms` that goes backwards
 * counts as the latest time seen.
 */
uint32_t link_insert(struct link *link, const struct feature *feature, int64_t at_ms, uint32_t beside);

/* The group of a text that is still held; else the number itself. */
uint32_t link_group(const struct link *link, uint32_t text);

/* The texts of one group form a ring: the next one, or the text itself when it is alone or not held. */
uint32_t link_next(const struct link *link, uint32_t text);

/*
 * Joins the groups of two texts under the smaller name and returns it; costs a
 * step for each text of the other. When one text is not held, nothing happens
 * and the group of the one that is comes back.
 */
uint32_t link_join(struct link *link, uint32_t a, uint32_t b);

/*
 * One text leaves its group for the group of `to`, a text that is held, or for
 * one of its own when `to` is 0, the text itself or not held. Returns its
 * group then. The others stay together. A text that is alone keeps its name.
 */
uint32_t link_move(struct link *link, uint32_t text, uint32_t to);

/* The marks of a text that is still held; 0 when it is not. */
size_t link_marks(const struct link *link, uint32_t text, struct feature_mark out[FEATURE_MARKS_MAX]);

/* Texts that are held: the numbers from link_oldest() on. */
size_t link_count(const struct link *link);
uint32_t link_oldest(const struct link *link);

/* Memory that the index will never exceed. */
size_t link_bytes(const struct link *link);

/* Memory that the texts held now have touched: all postings, and their own records and bodies. */
size_t link_used(const struct link *link);

#endif
