/*
 * Files of the state directory: read whole, replaced whole, kept private.
 *
 * A replaced file is either the old one or the new one after a power cut,
 * never a mixture, and the new one once the call has returned. A file that
 * root makes is given to the owner of its directory.
 */
#ifndef TIPLINE_SYS_FILES_H
#define TIPLINE_SYS_FILES_H

#include "daemon/base/buf.h"
#include "daemon/base/complaint.h"

#include <sys/types.h>

/* Reads a whole regular file of at most max_bytes behind what the buffer holds. */
bool files_read(const char *path, size_t max_bytes, struct buf *into, struct complaint *why);

/* Writes a file beside `path`, syncs it, renames it over `path`, syncs the directory. */
bool files_replace(const char *path, struct span bytes, mode_t mode, struct complaint *why);

/* Appends and syncs; a new file gets `mode` and its directory is synced too. */
bool files_append(const char *path, struct span bytes, mode_t mode, struct complaint *why);

/* All the bytes to an open file, however often it takes; false with errno. What was written before a failure stays. */
bool files_write_all(int fd, struct span bytes);

/* Makes a directory and its missing parents (0700). One that is there is left as it is. */
bool files_make_dir(const char *path, struct complaint *why);

/*
 * A directory with the setgid bit belongs to a group as well: what is put into
 * it is for the group to read. In any other these do nothing.
 */
bool files_shared(const char *dir);
/* Makes a directory whose parent is shared readable for the group: 2750. */
bool files_make_dir_in(const char *parent, const char *path, struct complaint *why);
/* A new file of the shared directory: 0640. */
bool files_share(int fd, const char *dir);

/* What was made, renamed or removed in a directory is on the disk. */
bool files_sync_dir(const char *path, struct complaint *why);

/*
 * True when nobody but its owner can read or change it, and the owner is this
 * user or root. A symbolic link at the end of the path is refused.
 */
bool files_private(const char *path, struct complaint *why);

/*
 * Opens (and makes) a lock file and takes its lock, waiting a tenth of a second at most. Returns
 * the descriptor, which holds the lock until it and all its copies are closed;
 * or -1: `why` names the process that wrote its number into the file.
 */
int files_lock(const char *path, struct complaint *why);

/*
 * The state directory of a daemon: makes it when missing, checks that it is
 * private, and locks DIR/lock, so that one daemon alone works on it. Returns
 * the descriptor of the lock, kept until the process ends; or -1.
 */
int files_open_state(const char *dir, struct complaint *why);

/* Free bytes for this user on the file system of a path; false when unknown. */
bool files_free_bytes(const char *path, uint64_t *bytes);

/*
 * A secret: `name` with a slash is a path; without one it is a credential that
 * the service manager passed ($CREDENTIALS_DIRECTORY), or else a file in
 * `dir`. One newline at the end is dropped. At most 4096 bytes.
 */
bool files_secret(const char *name, const char *dir, struct buf *into, struct complaint *why);

/* A file that is named in the same way and is longer: read as it stands. */
bool files_named(const char *name, const char *dir, size_t max_bytes, struct buf *into, struct complaint *why);

/*
 * Whether the file of such a secret has modes that are safe: nobody but the
 * owner may change it, and nobody outside its group may read it. `open`: it
 * is no secret, and others may read it. What the service manager passes is safe.
 */
bool files_secret_safe(const char *name, const char *dir, bool open, struct complaint *why);

#endif
