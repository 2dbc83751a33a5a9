/*
 * From places to the bureau's region, with the reasons.
 *
 * Pure: a function of the folded text, its scan hits and the chosen region.
 * The answer is never "nowhere": what names no place goes to the chosen
 * region, else to the national queue (REGION_NATIONAL).
 */
#ifndef TIPLINE_CORE_ROUTE_H
#define TIPLINE_CORE_ROUTE_H

#include "daemon/core/gazetteer.h"
#include "daemon/core/normalize.h"
#include "daemon/core/scan.h"
#include "daemon/core/tip.h"

enum route_reason {
	ROUTE_BY_TEXT,       /* the text names the place */
	ROUTE_BY_PLACE,      /* the form's place field names it */
	ROUTE_BY_CHOICE,     /* the region chosen on the form */
	ROUTE_BY_PARENT,     /* only an ancestor could be settled: ambiguous below */
	ROUTE_TO_NATION,     /* nothing to go by */
};

#define ROUTE_RELATED_MAX 8

struct route {
	char code[7];                   /* six digits; REGION_NATIONAL when nothing fits */
	enum region_level level;        /* deepest level that is settled */
	unsigned confidence;            /* percent */
	enum route_reason reason;
	struct span evidence;           /* the words of the folded text that decided; may be empty */
	char related[ROUTE_RELATED_MAX][7];  /* other regions named, most specific first */
	size_t nrelated;
};

/* Stable word of the API and the journal: "text", "place", "choice", "parent", "nation". */
const char *route_reason_name(enum route_reason reason);

/* Adds the gazetteer's names and the cue words to the set. */
void route_add_patterns(const struct gazetteer *gazetteer, struct scan_set *set);

/*
 * Routes a tip. `text` and `place` are the folded fields with their hits
 * (place may be empty); `chosen` is the form's region code or empty. A code
 * that is not in force counts by its longest ancestor that is.
 */
struct route_input {
	const struct folded *text;
	const struct scan_hits *text_hits;
	const struct folded *place;
	const struct scan_hits *place_hits;
	struct span chosen;
};

void route_tip(const struct gazetteer *gazetteer, const struct route_input *in, struct arena *arena,
	       struct route *out);

#endif
