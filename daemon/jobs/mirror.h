/*
 * The mirror of the money journal: one file with every record, a line each, on
 * a disk of its own choice. The journal in the store is the truth; the mirror
 * tells when the store has lost or changed a part of it.
 *
 * Walked from the first record on: each record of the journal is held against
 * the mirror's, byte for byte, and added behind its end. The file only grows;
 * a line that was being written when the power went is finished. Where the
 * store was restored from an older copy and goes on another way, the file is put
 * aside whole, and another one begins with what both have.
 */
#ifndef TIPLINE_JOBS_MIRROR_H
#define TIPLINE_JOBS_MIRROR_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

struct mirror;

/* Opens or makes the file (0600), and its directory (0700). NULL: `why` tells. */
struct mirror *mirror_open(const char *path, struct complaint *why);
void mirror_close(struct mirror *mirror);

enum mirror_answer {
	MIRROR_SAME,    /* it has this record next */
	MIRROR_END,     /* it has no more: mirror_add() */
	MIRROR_OTHER,   /* it has another one there, or cannot be read: `why` */
};

/* Holds the next record of the journal against the mirror and goes on behind it. A torn line at the end is MIRROR_END. */
enum mirror_answer mirror_next(struct mirror *mirror, struct span record, struct complaint *why);

/* At the end alone. Is on disk after mirror_sync(). */
void mirror_add(struct mirror *mirror, struct span record);

/* Writes and syncs what was added. False: it stays added, and the next call tries again. */
bool mirror_sync(struct mirror *mirror, struct complaint *why);

/* Bytes that were added and are not written yet. */
size_t mirror_waiting(const struct mirror *mirror);

/* True when it has nothing behind the record where the walk is; else `why` says that the journal ends too early. */
bool mirror_at_end(const struct mirror *mirror, struct complaint *why);

/* Records that there had been: those passed and the lines behind them, a torn one too. */
uint64_t mirror_known(const struct mirror *mirror);

/*
 * From where the walk is the journal is another one. The file as it is gets the
 * name PATH.before-N, N the number of the next record, and what was passed
 * becomes the mirror, on disk. Complete or not done; false: `why` tells.
 */
bool mirror_put_aside(struct mirror *mirror, struct complaint *why);

/* True while the file is as long as what was written: nobody cut it or wrote to it. */
bool mirror_untouched(const struct mirror *mirror, struct complaint *why);

/* The walk begins again at the first record. */
void mirror_rewind(struct mirror *mirror);

/* Records passed by the walk. */
uint64_t mirror_records(const struct mirror *mirror);

#endif
