/*
 * The newest head that a witness has cosigned of each log, on disk.
 *
 * One file per log in the state directory, named by a hash of its origin, with
 * the text of the checkpoint (daemon/tlog/checkpoint.h). A file that cannot be
 * read is never taken for "nothing cosigned yet": the witness does not start.
 */
#ifndef TIPLINE_WITNESS_HEADS_H
#define TIPLINE_WITNESS_HEADS_H

#include "daemon/base/complaint.h"
#include "daemon/tlog/quorum.h"

struct heads;

/* Makes the directory when missing, locks it and reads the head of every log. NULL: `why` tells. `known` is borrowed. */
struct heads *heads_open(const char *dir, const struct quorum *known, struct complaint *why);
void heads_close(struct heads *heads);

/* The head of a known log; size 0 when nothing was cosigned. Valid until heads_save() for the same origin. */
const struct tree_head *heads_find(const struct heads *heads, struct span origin);

/*
 * True when the head is on disk, synced. False: it is not to be relied on, `why`
 * tells, and the one before is still the newest here.
 */
bool heads_save(struct heads *heads, struct span origin, const struct tree_head *head, struct complaint *why)
	__attribute__((warn_unused_result));

#endif
