/*
 * What one field of a tip says about the place: the middle of routing.
 *
 * Takes the mentions of places (core/text/mention.h), weighs what each may mean,
 * and settles on one division, or on what the meanings that are left have in
 * common. Between mention.c and route.c; decides nothing about other fields.
 */
#ifndef TIPLINE_CORE_SURVEY_H
#define TIPLINE_CORE_SURVEY_H

#include "daemon/core/text/mention.h"
#include "daemon/core/text/town.h"

#define SURVEY_CANDIDATES_MAX 160
#define SURVEY_ANCESTORS_MAX 32
#define FINDING_OPEN_MAX 16

/* One meaning of a mention. */
struct candidate {
	const struct region *region;
	const struct mention *mention;
	uint32_t index; /* of the region */
	uint32_t parent;
	uint32_t grand; /* parent of the parent */
	int own;
	int worth; /* with what supports it: enough to be accepted? */
	int rank;  /* with what is said about it: which of several? */
};

struct survey {
	const struct gazetteer *gazetteer;
	const struct towns *towns; /* NULL: no second stage */
	struct span text;
	struct span chosen;
	struct mentions mentions;
	struct candidate at[SURVEY_CANDIDATES_MAX];
	size_t n;
	const struct candidate *ancestors[SURVEY_ANCESTORS_MAX]; /* candidates that may support others */
	size_t nancestors;
};

/* What one field says. */
struct finding {
	const struct region *region; /* NULL: nothing */
	int worth;
	bool ambiguous; /* the words mean several regions beneath it: `open` */
	const struct region *open[FINDING_OPEN_MAX]; /* best first */
	size_t nopen;
	struct span evidence;
};

/*
 * Surveys a tightened field. `chosen`: code of a region that its meanings are
 * preferred within, or empty. `s` may be asked with survey_named afterwards.
 */
void survey_field(struct survey *s, const struct gazetteer *gazetteer, const struct towns *towns,
		  const struct folded *text, const struct scan_hits *hits, struct span chosen,
		  struct finding *out);

/* True when the candidate is a best meaning of its mention and worth naming beside the answer. */
bool survey_named(const struct survey *s, const struct candidate *c);

#endif
