/*
 * One journal event as the fold needs it: which word it is, and the members
 * that change a tip. Spans are borrowed from the event.
 */
#ifndef TIPLINE_CORE_FOLD_FACT_H
#define TIPLINE_CORE_FOLD_FACT_H

#include "daemon/base/complaint.h"
#include "daemon/core/journal/lifecycle.h"
#include "daemon/core/tip/tip.h"

enum fold_kind {
	FOLD_BIRTH, /* accepted, received */
	FOLD_MOVE,  /* a row of the lifecycle */
	FOLD_APART, /* leaves the tip as it is */
	FOLD_LINKED,
	FOLD_UNLINKED,
	FOLD_JOINED,
	FOLD_PARTED,
	FOLD_SUGGESTED,
	FOLD_DECLINED,
	FOLD_RESCORED,
	FOLD_ERASED,
};

struct fold_word {
	struct span word;
	enum fold_kind kind;
	enum tip_event event; /* with FOLD_MOVE */
};

struct fold_number {
	uint64_t value;
	bool has;
};

struct fold_id {
	struct tip_id id;
	bool has;
};

struct fold_fact {
	const struct fold_word *word;
	struct fold_id id, incident, tip;
	struct fold_number at, received, points, until, messages, hops, score, since, waited, ended;
	struct span region, by, mark, why, context, outcome, parts;
	struct span to;        /* region or id, as the event has it */
};

/* False and a complaint for what is no event, lacks what every event has, or has a member out of range. */
bool fold_fact_read(struct span json, struct fold_fact *out, struct complaint *why);

#endif
