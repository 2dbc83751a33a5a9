/*
 * One change of a file of the state directory that several processes change:
 * locked, read by the caller, replaced as a whole. Two at once lose nothing, and
 * who reads without the lock sees the file of before or of after.
 *
 * The lock is a file of its own, because the changed one is another after each
 * change.
 */
#ifndef TIPLINE_SYS_FILE_CHANGE_H
#define TIPLINE_SYS_FILE_CHANGE_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

#include <limits.h>

#define FILE_CHANGE_WAIT_MS 2000   /* for those behind whom a loop stands: a change takes milliseconds */

struct file_change {
	char path[PATH_MAX];
	int lock;                  /* -1: not held */
};

/*
 * Takes the lock DIR/`lock_name` of DIR/`name`, waiting `wait_ms` at most, or
 * for as long as it takes (-1). file_change_end() must follow, whatever the
 * result.
 */
bool file_change_begin(struct file_change *change, const char *dir, const char *name, const char *lock_name, int wait_ms,
		       struct complaint *why);

/* Whether there is a file yet; also true where that cannot be known, so that reading it says why. */
bool file_change_there(const struct file_change *change);

/* It is this from now on (0600), and on the disk. */
bool file_change_write(const struct file_change *change, struct span bytes, struct complaint *why);

void file_change_end(struct file_change *change);

#endif
