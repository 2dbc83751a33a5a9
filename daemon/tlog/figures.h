/*
 * Figures of a month of a log, and how far its leaves are opened for them.
 *
 * figures_plan() decides which fields of which leaf are opened; figures_count()
 * makes the table of what is open, so that whoever has the openings counts the
 * same. There are no totals beside it: what is in no row cannot be found by
 * subtracting rows.
 *
 * A cell is the leaves of one event, outcome and region. None has fewer than
 * `small` leaves:
 *   - a region with fewer is told as the one above (county, prefecture, province,
 *     none); where too few are left at the top, the smallest cell joins them;
 *   - outcomes with fewer are told without the outcome, together; where these
 *     are too few, the smallest outcome joins them;
 *   - events with fewer, and those that informants cause by themselves (what they
 *     add, claim, decline; how their tips hang together), stay closed. The closed
 *     leaves of a class are none, or at least `small`: else dummies stay closed
 *     among them, drawn in secret; where there are not enough, the class stays closed.
 * A row for "150600" so means: in this prefecture, and in none of its counties
 * that have a row of their own.
 *
 * Rewards are told down to the prefecture, as each has its amount; all else that
 * is told by region, down to the county. What a bureau does beside is told without
 * region.
 *
 * Pure: values in, values out.
 */
#ifndef TIPLINE_TLOG_FIGURES_H
#define TIPLINE_TLOG_FIGURES_H

#include "daemon/tlog/leaf.h"

#define FIGURES_SMALL 5
#define FIGURES_MONTH_LEN 7      /* "2026-11" */
#define FIGURES_ROW_MAX 256      /* bytes of a row as text */

struct figures_leaf {
	uint64_t index;
	enum leaf_class class;
	struct leaf_values values;   /* for the plan all of them, for counting those that are open */
	uint64_t draw;               /* for the plan: secret, of the leaf's seed */
	unsigned open;               /* of LEAF_OPEN(field); set by the plan */
};

/* Sets `open` of each leaf; values outlive the call. The arena is scratch. */
void figures_plan(struct figures_leaf *leaves, size_t n, size_t small, struct arena *arena);

struct figures_row {
	struct span event, outcome;  /* outcome empty: none, or not told */
	struct span region;          /* six digits; empty: not told */
	uint64_t count;
	bool amounts, waits;         /* the next are of this row */
	int64_t amount;              /* minor units, all together */
	uint64_t median, p90;        /* whole hours: so long waited half, nine tenths of them at the most */
};

struct figures {
	struct span origin, month;
	uint64_t closed[LEAF_CLASSES_END], dummies[LEAF_CLASSES_END];   /* leaves by class */
	struct figures_row *rows;    /* by event, outcome, region */
	size_t n;
};

/* The table of what is open. Reorders the leaves; rows lie in the arena, their texts are the leaves'. False: a number is none. */
bool figures_count(struct figures_leaf *leaves, size_t n, struct arena *arena, struct figures *figures);

/*
 * As text, one way to write it:
 *
 *   tipline-figures/v1
 *   ORIGIN
 *   MONTH
 *   closed RECEIVED WORK OFFICE
 *   dummies RECEIVED WORK OFFICE
 *   EVENT OUTCOME REGION COUNT AMOUNT MEDIAN P90       per row; - for what it has not
 */
void figures_write(const struct figures *figures, struct buf *out);
bool figures_read(struct span text, struct arena *arena, struct figures *figures);

/* "2026-11" */
bool figures_month_valid(struct span month);

#endif
