/*
 * The predicates of the rules' `when:`, one row each (core/score/predicate.c).
 *
 * In:  what the judge knows of a tip, or what is known of it from other tips.
 * Out: whether the predicate holds, and the words it goes by.
 */
#ifndef TIPLINE_CORE_PREDICATE_H
#define TIPLINE_CORE_PREDICATE_H

#include "daemon/core/text/entity.h"
#include "daemon/core/text/gazetteer.h"

struct score_input;

/*
 * `read` takes the value as written in the file; `holds` answers for a tip and
 * may name the words that it goes by.
 */
struct predicate {
	const char *name;
	const char *expects;   /* for complaints: "a number of characters" */
	bool (*read)(struct span written, int64_t *value);
	bool (*holds)(const struct score_input *in, int64_t value, struct span *evidence);
	bool context;          /* it looks at in->context alone */
};

/* NULL when there is none of this name. */
const struct predicate *predicate_find(struct span name);

/* --- the same questions for core/score/score.c ------------------------------------------- */

/* A plate, a telephone number, an ID, an account or a card: what one can look up. */
bool predicate_exact_entity(const struct score_input *in);

/* Somebody younger than that is told of, by age. */
bool predicate_age_below(const struct score_input *in, int64_t years);

/*
 * The informant named a place that is settled down to this level. A region
 * chosen from the list says less and does not count.
 */
bool predicate_place_named(const struct score_input *in, enum region_level level);

#endif
