/*
 * The files of the weekly keys; see week_keys.h, whose part it is. Nobody else includes it.
 */
#ifndef TIPLINE_SYS_WEEK_FILES_H
#define TIPLINE_SYS_WEEK_FILES_H

#include "daemon/base/complaint.h"
#include "daemon/core/tip/seal.h"

#include <sys/stat.h>

#define WEEK_NUMBER_MAX 9999 /* four digits in a file name: until the year 2161 */

struct week_dir {
	char *path;                   /* owned */
	bool shared;                  /* with a group */
	unsigned *destroyed;          /* ascending; owned */
	size_t ndestroyed;
	struct timespec changed;      /* of the list, when it was read */
	off_t size;
	ino_t inode;
};

/* Checks directory and list. False: `why` names the file and the mend. */
bool week_dir_open(struct week_dir *dir, const char *path, bool create, struct complaint *why);
void week_dir_release(struct week_dir *dir);

/* Reads the list again when it is another one; *changed then. */
bool week_dir_look(struct week_dir *dir, bool *changed, struct complaint *why);
bool week_dir_destroyed(const struct week_dir *dir, unsigned week);

enum week_read {
	WEEK_READ,
	WEEK_ABSENT,
	WEEK_REFUSED,   /* no key, or open to others */
};

enum week_read week_dir_read(const struct week_dir *dir, unsigned week, struct seal_key *key, struct complaint *why)
	__attribute__((warn_unused_result));

/* Makes the file whole and synced, unless it is there; *key is what stands in it then. */
bool week_dir_make(const struct week_dir *dir, unsigned week, struct seal_key *key, struct complaint *why);

/* Writes it into the list, synced. */
bool week_dir_write_down(struct week_dir *dir, unsigned week, int64_t now_ms, struct complaint *why);

/* Overwrites and removes; true when there is no such file. */
bool week_dir_shred(const struct week_dir *dir, unsigned week, struct complaint *why);

/* The weeks whose files are here, ascending; the caller frees. */
size_t week_dir_list(const struct week_dir *dir, unsigned **out);

#endif
