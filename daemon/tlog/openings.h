/*
 * What is opened of a month of a log: a text that anybody can hold against the
 * leaves, and count the figures from (figures.h).
 *
 *   tipline-openings/v1
 *   ORIGIN
 *   MONTH
 *   leaves FIRST END            those sealed in this month, END is behind the last
 *   root HASH                   of the tree with END leaves, in base 64
 *   small N                     no row of the figures has fewer leaves
 *   (empty line)
 *   INDEX OPENING               one line per leaf of which something is open, indexes ascend; leaf.h
 *
 * Months of a log follow each other without a gap: FIRST of one is END of the
 * one before. Beside the file stand the figures as text, and a signed note
 * (note.h) of the log's key over both:
 *
 *   tipline-openings/v1
 *   ORIGIN
 *   MONTH
 *   openings SHA-256            of the file, lower-case hexadecimal
 *   figures SHA-256
 *
 * No checkpoint begins like that, so the one cannot be taken for the other.
 */
#ifndef TIPLINE_TLOG_OPENINGS_H
#define TIPLINE_TLOG_OPENINGS_H

#include "daemon/base/complaint.h"
#include "daemon/core/tip/merkle.h"
#include "daemon/tlog/figures.h"

struct openings_head {
	struct span origin, month;
	uint64_t first, end;
	struct merkle_hash root;
	uint64_t small;
};

/* --- writing -------------------------------------------------------------------------------------- */

void openings_write_head(const struct openings_head *head, struct buf *out);
/* One leaf's line; indexes ascend. */
void openings_write_leaf(uint64_t index, struct span opening, struct buf *out);

/* The text of the note over both files; borrowed from nothing. */
void openings_write_note(struct span origin, struct span month, struct span openings, struct span figures, struct buf *out);

/* --- reading and counting again ------------------------------------------------------------------------ */

/* A walk through the file along the leaves. Borrows its text. */
struct openings {
	struct openings_head head;
	struct span rest;                 /* from the next line on */
	size_t line;                      /* its number */
	bool more;                        /* the next line is read: */
	uint64_t index;
	struct leaf_opening opening;
	uint64_t at;                      /* the leaf that is expected next */
	struct figures_leaf *leaves;      /* of which something is open, in the arena */
	size_t n;
	uint64_t closed[LEAF_CLASSES_END];
};

/* Reads the head and begins. False with a complaint that names the line. */
bool openings_begin(struct span text, struct arena *arena, struct openings *openings, struct complaint *why);

/*
 * The next leaf of the log, from head.first on, each once. False when the file
 * does not fit to it; the complaint names line and leaf.
 */
bool openings_leaf(struct openings *openings, struct span leaf, struct complaint *why);

/* After all of them: the table. False: lines are left over, leaves were not told, or a row is too small. */
bool openings_count(struct openings *openings, struct arena *arena, struct figures *figures, struct complaint *why);

#endif
