/*
 * tipctl key weeks, rewrap weeks, destroy-week: the weekly keys, and the tips that lie under them.
 */
#ifndef TIPLINE_CLI_TIPCTL_WEEKS_H
#define TIPLINE_CLI_TIPCTL_WEEKS_H

#include "daemon/cli/tipctl_replay.h"
#include "daemon/sys/week_keys.h"

/* Whether a command line of `tipctl key` is one of these. */
bool key_weeks_wanted(int argc, char **argv);
int key_weeks(int argc, char **argv);

/* --- walking the tips of a store ------------------------------------------------------------ */

/* What the walk sees of a tip; spans are good until the visit is over. */
struct week_tip {
	struct tip_id id;
	struct span content;         /* COVER_FRONT_BYTES of what is stored, or fewer; empty: it was deleted, and the identity was not */
	struct span identity;        /* likewise; empty: it has none */
	unsigned week;               /* of the content; 0: none */
	unsigned identity_week;      /* 0 also without an identity */
	bool leaving;                /* on its way to another shard, and not there yet */
};

struct week_walk {
	struct pipe *store;
	/* May send commands; their answers come before the next page. */
	void (*visit)(void *ctx, const struct week_tip *tip);
	void *ctx;
	void (*page)(void *ctx);     /* behind each page of some hundred tips; or NULL */
	uint64_t broken;             /* contents that are neither sealed nor covered */
};

/* Sees every tip that is there from begin to end, one perhaps twice. False: the connection broke. */
bool week_walk(struct week_walk *walk);

/* --- rewrap ---------------------------------------------------------------------------------- */

struct week_rewrap {
	struct pipe *store;
	struct week_keys *weeks;
	unsigned from;               /* weeks from this one on; 0: also what was never covered */
	int64_t now_ms;              /* its week is the present one */
	bool quiet;
	/* What was done: */
	uint64_t seen, moved, changed, leaving, gone, missing, ms;
};

/*
 * Puts tips of earlier weeks under the present week's key, while the daemons
 * go on. Cut short, it is begun again: what was moved stays so. `changed` ones
 * were changed by others meanwhile and are tried again, twice; `leaving` ones
 * are between two shards and stay. False: `why`.
 */
bool week_rewrap(struct week_rewrap *rewrap, struct complaint *why);

#endif
