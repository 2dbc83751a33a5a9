/*
 * The pure middle of the way of a tip: normalize, scan, route, score, fingerprint.
 *
 * A judge holds the loaded tables; judging is a function of the tip and those
 * tables and touches nothing else.
 */
#ifndef TIPLINE_CORE_JUDGE_H
#define TIPLINE_CORE_JUDGE_H

#include "daemon/core/incident/common.h"
#include "daemon/core/incident/fingerprint.h"
#include "daemon/core/score/learn.h"
#include "daemon/core/score/score.h"

struct judge;

struct judge_sources {
	struct span regions_tsv;
	struct span towns_tsv; /* empty: no second stage of routing */
	struct span segments;  /* empty: numbers say nothing; borrowed as long as the judge lives */
	const struct rule_file *rule_files;
	size_t nrule_files;
	struct fingerprint_key key;
	const struct scan_keep *keep; /* NULL: the words are compiled each time */
};

struct judgement {
	struct folded text;
	struct folded place;        /* of the form's field */
	struct folded tight;        /* text and place tightened (core/text/tight.h): the evidence of the route, */
	struct folded tight_place;  /* and of a rule about the route, lies in one of them */
	struct entities entities;
	struct route route;
	struct score score;
	struct fingerprint fingerprint;
	const struct learn_example *example;  /* NULL without a learner */
};

/*
 * NULL and a complaint when a source is wrong; a rule that fails one of its
 * own test texts makes its file wrong. Copies what it keeps.
 */
struct judge *judge_new(const struct judge_sources *sources, struct complaint *why);
void judge_free(struct judge *judge);

const struct gazetteer *judge_gazetteer(const struct judge *judge);
const struct rules *judge_rules(const struct judge *judge);

/*
 * From now on the score has what was learned, too, and each judgement an
 * example to learn from. The learner outlives the judge or is taken away before,
 * by NULL. A new judge has none, so the rules' own tests know the rules alone.
 */
void judge_set_learner(struct judge *judge, const struct learner *learner);

/* One thread at a time: the judge owns one scratch space. *out points into arena and judge. */
void judge_tip(struct judge *judge, const struct tip *tip, struct arena *arena, struct judgement *out);

/* The same as far as text, place and route: nothing else of *out is set. */
void judge_place(struct judge *judge, const struct tip *tip, struct arena *arena, struct judgement *out);

/* What two texts have in common, as the linker holds them against each other. One thread at a time, too. */
void judge_common(struct judge *judge, struct span here, struct span there, struct arena *arena, struct common *out);

#endif
