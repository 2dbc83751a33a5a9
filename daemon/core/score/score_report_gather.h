/*
 * From journals to tips with what became of them.
 *
 * In:  the events of all shards, each shard's in order.
 * Out: a row for each tip that was found true, unfounded or a prank: its
 * points, the rules that matched, how long it took.
 * A tip that moved to another shard is one tip. An outcome that was taken back
 * by reopening is none. `duplicate`, `insufficient` and `referred` say nothing
 * of the score and are left out. Points and rules are those of the tip's
 * acceptance and, where the linker told of other tips later, of the last time.
 * Pure; holds no text and no person.
 */
#ifndef TIPLINE_CORE_SCORE_REPORT_GATHER_H
#define TIPLINE_CORE_SCORE_REPORT_GATHER_H

#include "daemon/base/arena.h"
#include "daemon/base/complaint.h"

#define OUTCOME_RULES_MAX 512
#define OUTCOME_RULE_WORDS (OUTCOME_RULES_MAX / 64)

struct outcome {
	unsigned points;       /* 0..100 */
	bool good;             /* verified; else unfounded or a prank */
	int64_t delay_ms;      /* from acceptance to outcome; -1: not known */
	char region[7];        /* as it was accepted; empty: not known */
	uint64_t rules[OUTCOME_RULE_WORDS];  /* a bit for each name */
};

struct outcomes {
	struct arena arena;    /* owns the names */
	struct outcome *at;
	size_t n;
	struct span names[OUTCOME_RULES_MAX];
	size_t nnames;
	uint64_t tips;         /* all that were accepted in the period */
	uint64_t left_out;     /* of them: ended in another way */
	uint64_t lost;         /* ends without an acceptance, or by names beyond the table */
	size_t versions;       /* of the rules, that these tips were judged under */
};

void outcomes_release(struct outcomes *outcomes);

/* One more row from elsewhere; NULL when there are too many names. The pointer holds until the next call. */
struct outcome *outcomes_add(struct outcomes *outcomes);
bool outcomes_add_rule(struct outcomes *outcomes, uint64_t rules[OUTCOME_RULE_WORDS], struct span name);

/* What an outcome's word means for the score. */
enum outcome_kind {
	OUTCOME_NONE,     /* no such word */
	OUTCOME_GOOD,
	OUTCOME_BAD,
	OUTCOME_OTHER,    /* says nothing of the score */
};

enum outcome_kind outcome_kind_of(struct span word);

struct gather;

/* `seed` should be random: ids come from a store that may not be ours. */
struct gather *gather_new(uint64_t seed);
void gather_free(struct gather *gather);

/* False and a complaint for an event that cannot be read; it is passed over. */
bool gather_event(struct gather *gather, struct span json, struct complaint *why);

/* Rows of the tips accepted in [since, until), in the order of acceptance in the journals; 0: no bound. */
void gather_finish(struct gather *gather, int64_t since_ms, int64_t until_ms, struct outcomes *out);

#endif
