/*
 * Checkpoints (C2SP tlog-checkpoint): the text in which a log says how many
 * leaves it has and what their root is. It stands in a signed note.
 *
 *   ORIGIN                      who: the log's name, also that of its key
 *   SIZE
 *   base64(ROOT)
 *   further lines, none of them empty; ours have none
 */
#ifndef TIPLINE_TLOG_CHECKPOINT_H
#define TIPLINE_TLOG_CHECKPOINT_H

#include "daemon/tlog/tree.h"

struct checkpoint {
	struct span origin;         /* not empty, one line */
	struct tree_head head;
	struct span extension;      /* whole lines with their newlines, or empty */
};

/* The text without signatures; what is parsed is borrowed. */
bool checkpoint_parse(struct span text, struct checkpoint *checkpoint);

/* Appends the text; checkpoint_parse() gives the same back. */
void checkpoint_write(const struct checkpoint *checkpoint, struct buf *out);

#endif
