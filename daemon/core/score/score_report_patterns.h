/*
 * Tips as the report counts them: those that look the same are one pattern.
 *
 * Between core/score/score_report.c and core/score/score_report_propose.c; nobody else
 * includes it. Patterns are sorted and their marks are places in the report,
 * so nothing that is made of them depends on who came first.
 */
#ifndef TIPLINE_CORE_SCORE_REPORT_PATTERNS_H
#define TIPLINE_CORE_SCORE_REPORT_PATTERNS_H

#include "daemon/core/score/score_report.h"

struct pattern {
	uint64_t rules[OUTCOME_RULE_WORDS];  /* a bit for each place in the report */
	unsigned points;
	uint64_t good;
	uint64_t bad;
	int text;     /* base and the points of the rules, as patterns_add_up() was told them */
	int context;  /* of those about other tips */
};

struct patterns {
	struct pattern *at;
	size_t n;
};

static inline bool pattern_has(const uint64_t rules[OUTCOME_RULE_WORDS], size_t i)
{
	return (rules[i / 64] >> (i % 64) & 1) != 0;
}

/* The place of a rule in the report; its number of rules when it is not there. */
size_t report_place(const struct score_report *report, struct span name);

/* In the arena; the report has its list of rules by then. */
struct patterns patterns_make(const struct outcomes *outcomes, const struct score_report *report,
			      struct arena *arena);

/* The sums of all patterns, when each rule of the report has these points. */
void patterns_add_up(const struct score_report *report, const int *points, struct patterns *patterns);

/* True for a rule about other tips, whose points come in after the others were kept within 0..100. */
bool report_about_others(const struct report_rule *rule);

/* The score as core/score/score.c adds it, but for what was learned, and less so many points of each kind. */
unsigned pattern_sum(const struct pattern *p, int text_less, int context_less);

/* Counts the pattern's tips at that value. */
void pattern_count(const struct pattern *p, unsigned value, struct curve *curve);

#endif
