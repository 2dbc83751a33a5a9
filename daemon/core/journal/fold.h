/*
 * The fold: journal events, in order, to what the store must hold.
 *
 * The journal is the truth; states, queues, leases and counts in Redis are
 * projections of it. This folds the journal a second time, in C and without
 * Redis, so that `tipctl replay` and the tests can compare.
 * An event the lifecycle does not allow is a complaint, not a crash.
 */
#ifndef TIPLINE_CORE_FOLD_H
#define TIPLINE_CORE_FOLD_H

#include "daemon/base/complaint.h"
#include "daemon/core/journal/clock.h"
#include "daemon/core/journal/fold_incident.h"
#include "daemon/core/journal/lifecycle.h"
#include "daemon/core/tip/tip.h"

#define FOLD_MARK_BYTES 16
#define FOLD_HOLDER_MAX 64
#define FOLD_SEED_BYTES 16
#define FOLD_OUTCOME_MAX 15

/* What was deleted of a tip: bits, as core/retention.h has them. */
#define FOLD_ERASED_IDENTITY 1u
#define FOLD_ERASED_FILES 2u
#define FOLD_ERASED_TEXT 4u
#define FOLD_ERASED_ROW 8u    /* the store knows nothing of it any more */

/* How and when a tip ended; told by events since there is retention. */
struct fold_end {
	char outcome[FOLD_OUTCOME_MAX + 1];   /* empty: it has not ended, or that was not told */
	int64_t at_ms;
	unsigned erased;
};

/* How often a tip passed to the level above since its bureau got it, and the last time of it. */
struct fold_raise {
	unsigned times;      /* 0: never, and the rest says nothing */
	int64_t at_ms;
	int64_t waited_ms;   /* how long the clock had run */
	enum clock_wait why;
	char home[7];        /* the region it was in before the first time */
};

struct fold_tip {
	struct tip_id id;
	char region[7];
	enum tip_state state;
	unsigned points;
	unsigned nmessages;
	unsigned hops;   /* transfers between shards that brought it here */
	unsigned holder; /* fold_holder(); 0: nobody */
	unsigned closer;  /* who closed it last, as `holder`; 0: nobody */
	unsigned reopens; /* how often it came back because of what the informant wrote */
	struct clock_face clock;
	struct fold_raise raise;
	struct fold_end end;
	unsigned hold;    /* who holds it, as `holder`; 0: nobody */
	unsigned lifter;  /* who asked to lift that */
	unsigned incident; /* fold_incident(); 0: nothing is known */
	uint64_t rev;    /* number of the last event that changed the tip */
	int64_t received_ms;
	int64_t until_ms; /* end of the lease; 0: none */
	unsigned char mark[FOLD_MARK_BYTES];
	bool gone;       /* deleted whole: the store knows nothing of it, and fold_find() does not find it */
	bool seeded;     /* `seed` says something */
	unsigned char seed[FOLD_SEED_BYTES];
};

struct fold;

/* `seed` should be random: the keys of its table come from a store that may not be ours. */
struct fold *fold_new(uint64_t seed);
void fold_free(struct fold *fold);

/*
 * The next event of a shard; numbers start at 1 and have no gap. False and a
 * complaint when the event cannot follow what came before; the fold then is as
 * it was, but for the number, so that the rest can still be looked at.
 */
bool fold_event(struct fold *fold, struct span shard, uint64_t number, struct span json,
		struct complaint *why);

/*
 * What stood as seed beside the event that fold_event() has just taken, or
 * empty. A tip gets its seed when it begins, and each later event of it has to
 * have that very one; false and a complaint otherwise. An event about no tip
 * has none. Who does not care does not ask.
 */
bool fold_seed(struct fold *fold, struct span seed, struct complaint *why);

/* All tips, in order of their acceptance, with those that are gone. */
const struct fold_tip *fold_tips(const struct fold *fold, size_t *n);
const struct fold_tip *fold_find(const struct fold *fold, const struct tip_id *id);
struct span fold_holder(const struct fold *fold, unsigned holder);

/* Of no use after the next event; never NULL: a tip of which nothing is known has an empty one. */
const struct fold_incident *fold_incident(const struct fold *fold, const struct fold_tip *tip);

/* Number of the last event of a shard; 0: none yet. */
uint64_t fold_last(const struct fold *fold, struct span shard);

#endif
