/*
 * What outcomes say of the score: is it right, and which rule makes it so?
 *
 * In:  tips with points, rules and outcome (core/score/score_report_gather.h), and
 * the rules in force. Out: shares, areas, and points for each rule as the
 * outcomes would have them. Advice for a person; nothing is changed.
 * Pure: the same tips in any order give the same report.
 */
#ifndef TIPLINE_CORE_SCORE_REPORT_H
#define TIPLINE_CORE_SCORE_REPORT_H

#include "daemon/core/score/rules.h"
#include "daemon/core/score/score_report_figures.h"
#include "daemon/core/score/score_report_gather.h"

/* Fewer tips than that with a rule, or without it, and no points are proposed. */
#define REPORT_FEW 20
#define REPORT_BANDS 4
#define REPORT_TENS 10

/* Tips whose points lie in from..to. */
struct report_range {
	unsigned from;
	unsigned to;
	struct share share;      /* proved true */
};

enum report_advice {
	REPORT_ADVICE,           /* `proposed` is one */
	REPORT_TOO_FEW,          /* tips with the rule, or without it, or outcomes of one kind */
	REPORT_NO_RULE,          /* stands in the journal, but no longer in the files */
	REPORT_NOT_FIXED,        /* what is learned: its points differ from tip to tip */
};

struct report_rule {
	struct span name;
	const struct rule *rule; /* NULL: not in the files */
	struct share with;       /* proved true, of the tips with the rule */
	struct share without;
	double lift;             /* share with it / share of all; 0 when no tip has it, or none proved true */
	double adds;             /* area by the rules less the area without this one */
	enum report_advice advice;
	int proposed;            /* points */
	double exact;            /* before rounding */
	double error;            /* standard error, in points */
};

/* Outcomes of a region: 6 digits, or the first 2. */
struct report_group {
	char region[7];
	struct share share;
	struct area area;
};

struct score_report {
	uint64_t tips;           /* accepted in the period */
	uint64_t left_out;       /* of them: duplicate, insufficient, referred */
	uint64_t lost;
	size_t versions;
	struct share all;
	int64_t median_delay_ms; /* -1: unknown */
	struct area area;        /* by the points as they were */
	struct area by_rules;    /* by base and present points of the rules that matched */
	struct area by_proposed; /* by the proposed points, on the half of the tips they were not made from */
	struct report_range bands[REPORT_BANDS];   /* best first */
	struct report_range tens[REPORT_TENS];     /* 90..100 first */
	struct report_rule *rules;                 /* in the order of the files, then the others by name */
	size_t nrules;
	struct report_group *groups;               /* by region */
	size_t ngroups;
};

/* `digits` of the region make a group: 2, 6, or 0 for no groups. All lies in the arena but the rules. */
void score_report(const struct outcomes *outcomes, const struct rules *rules, size_t digits,
		  struct arena *arena, struct score_report *out);

#endif
