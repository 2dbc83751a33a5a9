/*
 * The score of a tip: the sum of named rules, each with points and reason.
 *
 * Rules are data (config/rules/, core/rules.c). A rule matches by terms that
 * the scan found, by a predicate over what is known of the tip, or by both;
 * base and points are added, clamped to 0..100, and the band is the priority.
 * Low is never dropped.
 */
#ifndef TIPLINE_CORE_SCORE_H
#define TIPLINE_CORE_SCORE_H

#include "daemon/core/entity.h"
#include "daemon/core/route.h"
#include "daemon/core/rules.h"

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
};

void score_tip(const struct rules *rules, const struct score_input *in, struct score *out);

/*
 * A predicate of the rules' `when:`. `read` takes the value as written in the
 * file; `holds` answers for a tip and may name the words that it goes by.
 */
struct predicate {
	const char *name;
	const char *expects;   /* for complaints: "a number of characters" */
	bool (*read)(struct span written, int64_t *value);
	bool (*holds)(const struct score_input *in, int64_t value, struct span *evidence);
};

/* NULL when there is none of this name. */
const struct predicate *predicate_find(struct span name);

#endif
