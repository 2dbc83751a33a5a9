/*
 * The pure middle of the way of a tip: normalize, scan, route, score, fingerprint.
 *
 * A judge holds the loaded tables; judging is a function of the tip and those
 * tables and touches nothing else.
 */
#ifndef TIPLINE_CORE_JUDGE_H
#define TIPLINE_CORE_JUDGE_H

#include "daemon/core/fingerprint.h"
#include "daemon/core/score.h"

struct judge;

struct judge_sources {
	struct span regions_tsv;
	const struct rule_file *rule_files;
	size_t nrule_files;
	struct fingerprint_key key;
};

struct judgement {
	struct folded text;
	struct entities entities;
	struct route route;
	struct score score;
	struct fingerprint fingerprint;
};

/*
 * NULL and a complaint when a source is wrong; a rule that fails one of its
 * own test texts makes its file wrong. Copies what it keeps.
 */
struct judge *judge_new(const struct judge_sources *sources, struct complaint *why);
void judge_free(struct judge *judge);

const struct gazetteer *judge_gazetteer(const struct judge *judge);
const struct rules *judge_rules(const struct judge *judge);

/* One thread at a time: the judge owns one scratch space. *out points into arena and judge. */
void judge_tip(struct judge *judge, const struct tip *tip, struct arena *arena, struct judgement *out);

#endif
