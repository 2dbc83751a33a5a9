/*
 * The score of a tip: the sum of named rules, each with points and reason.
 *
 * Rules are data (config/rules/, core/score/rules.c). A rule matches by terms that
 * the scan found, by a predicate over what is known of the tip (core/score/predicate.h),
 * or by both; base and points are added, clamped to 0..100, and the band is the
 * priority. Low is never dropped.
 */
#ifndef TIPLINE_CORE_SCORE_H
#define TIPLINE_CORE_SCORE_H

#include "daemon/core/text/entity.h"
#include "daemon/core/score/predicate.h"
#include "daemon/core/text/route.h"
#include "daemon/core/score/rules.h"
#include "daemon/core/score/score_context.h"

/* What a tip has before any rule: nobody writes to the line for nothing. */
#define SCORE_BASE 30
#define SCORE_MAX 100

enum priority {
	PRIORITY_IMMEDIATE,  /* 75 and above */
	PRIORITY_URGENT,     /* 55 */
	PRIORITY_STANDARD,   /* 25 */
	PRIORITY_LOW,
};

/* "immediate", "urgent", "standard", "low" */
const char *priority_name(enum priority priority);

/* The band that holds these points. */
enum priority priority_of(unsigned points);

#define SCORE_REASONS_MAX 16

struct score_reason {
	const struct rule *rule;
	int points;
	struct span evidence;  /* words of the folded text, or empty */
};

struct score {
	unsigned points;       /* 0..100; every rule that matched counts, told or not */
	enum priority priority;
	struct score_reason reasons[SCORE_REASONS_MAX];  /* largest effect first, then the order of the files */
	size_t nreasons;
};

struct score_input {
	const struct tip *tip;
	const struct folded *text;
	const struct scan_hits *hits;
	const struct entities *entities;
	const struct route *route;
	const struct score_context *context;  /* NULL: nothing is known */
	int learned;          /* points of core/score/learn.h; 0: none. See score_tip() */
};

/* The name of the reason for `learned`; no rule file may use it. */
#define SCORE_LEARNED "learned"

/*
 * Base and rules, then `learned`, then the rules about the context; each of
 * the three is kept within 0..100, so score_with_context() on the score
 * without a context gives the score with it.
 *
 * `learned` enters as a reason of its own. A negative one never takes a tip
 * below the band standard that says something exact: a rule with `keep`
 * matched (a child, a call for help), or it has an age below 18, a plate, a
 * telephone number, an ID, an account or a card, or names a place that is
 * settled down to the county. One that the rules themselves put below stays there.
 */
void score_tip(const struct rules *rules, const struct score_input *in, struct score *out);

/*
 * What a context changes on a tip that has `points` without one (as it was
 * accepted): the rules whose predicate is about the context, and only those,
 * in `matched` as far as there is room. Returns the new points.
 */
unsigned score_with_context(const struct rules *rules, const struct score_context *context, unsigned points,
			    const struct rule *matched[], size_t max, size_t *nmatched);

#endif
