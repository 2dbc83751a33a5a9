/*
 * What the files of the fold share (fold.c is its door).
 */
#ifndef TIPLINE_CORE_FOLD_STATE_H
#define TIPLINE_CORE_FOLD_STATE_H

#include "daemon/base/mark_map.h"
#include "daemon/core/journal/fold.h"
#include "daemon/core/journal/fold_fact.h"

#define FOLD_SHARDS 100

struct fold_name {
	char text[FOLD_HOLDER_MAX];
	size_t len;
};

struct fold {
	struct mark_map by_id;
	struct fold_tip *tips;
	size_t n, size;
	struct fold_name *holders;
	unsigned nholders, holders_size;
	struct fold_incident *incidents;
	unsigned nincidents, incidents_size;
	uint64_t last[FOLD_SHARDS];
	struct tip_id about;    /* the tip of the last event; text empty: none */
	bool birth;             /* it began with it */
};

struct fold_tip *fold_tip_find(const struct fold *fold, const struct tip_id *id);

/* What is known of a tip's incident, for writing; of no use after the next call of this. */
struct fold_incident *fold_incident_of(struct fold *fold, struct fold_tip *tip);

/* A name, kept once; counted from 1. */
unsigned fold_person(struct fold *fold, struct span by, struct complaint *why);

/* Of fold_retention.c. Holds: 0 for what cannot follow. */
bool fold_hold(struct fold *fold, struct fold_tip *tip, const struct fold_fact *fact, const struct tip_move *move,
	       struct complaint *why);
/* How a move ends the tip, or that it goes on. */
void fold_end(struct fold_tip *tip, const struct fold_fact *fact, const struct tip_move *move);

/* Numbers and blanks, not too many. */
bool fold_is_context(struct span context);

/* What a fact does; false and a complaint when it cannot follow, and nothing was changed. */
typedef bool fold_apply(struct fold *fold, const struct fold_fact *fact, uint64_t number, struct complaint *why);

fold_apply fold_linked, fold_unlinked, fold_listed, fold_suggested, fold_declined, fold_rescored, fold_erased;

#endif
