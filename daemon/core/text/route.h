/*
 * From places to the bureau's region, with the reasons.
 *
 * Pure: a function of the tightened text, its scan hits, the chosen region and
 * the sender's number. The answer is never "nowhere": what names no place goes
 * to the chosen region, else where the number was sold, else to the national
 * queue (REGION_NATIONAL).
 *
 * Who lists codes for somebody else, best first, gives `code` unless it is the
 * nation, and behind it the candidates when the answer is ambiguous: it then
 * says what is settled before it says what may be meant.
 */
#ifndef TIPLINE_CORE_ROUTE_H
#define TIPLINE_CORE_ROUTE_H

#include "daemon/core/text/gazetteer.h"
#include "daemon/core/text/normalize.h"
#include "daemon/core/text/scan.h"
#include "daemon/core/text/segment.h"
#include "daemon/core/tip/tip.h"
#include "daemon/core/text/town.h"

enum route_reason {
	ROUTE_BY_TEXT,       /* the text names the place */
	ROUTE_BY_PLACE,      /* the form's place field names it */
	ROUTE_BY_CHOICE,     /* the region chosen on the form */
	ROUTE_BY_PARENT,     /* only an ancestor could be settled: ambiguous below */
	ROUTE_BY_SENDER,     /* where the sender's number was sold, at most a prefecture */
	ROUTE_TO_NATION,     /* nothing to go by */
};

#define ROUTE_RELATED_MAX 8
#define ROUTE_CANDIDATES_MAX 16

struct route {
	char code[7];                   /* six digits; REGION_NATIONAL when nothing fits */
	enum region_level level;        /* deepest level that is settled */
	unsigned confidence;            /* percent */
	enum route_reason reason;
	struct span evidence;           /* the words of the tightened text that decided; may be empty */
	/*
	 * The divisions that the deciding words may mean, best first. One when
	 * they are settled; several when they are not: all lie within `code`, and
	 * `code` may then be the nation (reason ROUTE_TO_NATION). None when no
	 * words decided.
	 */
	char candidates[ROUTE_CANDIDATES_MAX][7];
	size_t ncandidates;
	char related[ROUTE_RELATED_MAX][7];  /* other regions named, most specific first */
	size_t nrelated;
};

/* Stable word of the API and the journal: "text", "place", "choice", "parent", "sender", "nation". */
const char *route_reason_name(enum route_reason reason);

/* Adds the gazetteer's names and the cue words to the set. */
void route_add_patterns(const struct gazetteer *gazetteer, struct scan_set *set);

/*
 * Routes a tip. `text` and `place` are the folded and tightened fields
 * (core/text/tight.h) with their hits (place may be empty); `chosen` is the form's
 * region code or empty. A code that is not in force counts by its longest
 * ancestor that is. Without `towns` and `segments` (NULL) those stages are
 * left out; `sender` is a telephone number or empty.
 */
struct route_input {
	const struct folded *text;
	const struct scan_hits *text_hits;
	const struct folded *place;
	const struct scan_hits *place_hits;
	struct span chosen;
	struct span sender;
	const struct towns *towns;
	const struct segments *segments;
};

void route_tip(const struct gazetteer *gazetteer, const struct route_input *in, struct arena *arena,
	       struct route *out);

#endif
