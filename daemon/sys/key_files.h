/*
 * A directory of key files: 32 bytes each, in hex, private to one user.
 */
#ifndef TIPLINE_SYS_KEY_FILES_H
#define TIPLINE_SYS_KEY_FILES_H

#include "daemon/base/buf.h"
#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

#define KEY_FILE_BYTES ((size_t)32)
#define KEY_NAME_MAX 64

struct key_dir {
	const char *path;    /* borrowed */
	bool credentials;    /* below $CREDENTIALS_DIRECTORY: the service manager set owner and mode */
	int lock;            /* descriptor that holds the lock of a writer, or -1 */
};

/*
 * Checks that the directory is private (files.h). With `write` it is made when
 * missing and locked against other writers, for which this waits. Credentials
 * are taken as the service manager passed them and are never written.
 */
bool key_dir_open(struct key_dir *dir, const char *path, bool write, struct complaint *why);
void key_dir_close(struct key_dir *dir);

enum key_read {
	KEY_READ,
	KEY_ABSENT,
	KEY_REFUSED,   /* open to others, or no key: `why` names the file and the mend */
};

enum key_read key_file_read(const struct key_dir *dir, const char *name, unsigned char key[KEY_FILE_BYTES],
			    struct complaint *why) __attribute__((warn_unused_result));

/* Writes a key file whole (beside, fsync, rename, fsync of the directory). */
bool key_file_write(const struct key_dir *dir, const char *name, const unsigned char key[KEY_FILE_BYTES],
		    struct complaint *why);

/* A file of the directory that is no key but text of its own: appended to `into`. As private as a key file. */
enum key_read key_file_text(const struct key_dir *dir, const char *name, size_t max_bytes, struct buf *into, struct complaint *why)
	__attribute__((warn_unused_result));
bool key_file_text_write(const struct key_dir *dir, const char *name, struct span text, struct complaint *why);

/* Gives a key file another name, whose file it replaces; on disk when it returns true. */
bool key_file_rename(const struct key_dir *dir, const char *from, const char *to, struct complaint *why);

bool key_file_destroy(const struct key_dir *dir, const char *name, struct complaint *why);

/* Calls `visit` for each name that ends in ".key", ".pub" or ".box", in order; false stops and is returned. */
bool key_dir_each(const struct key_dir *dir, bool (*visit)(void *ctx, const char *name), void *ctx,
		  struct complaint *why);

/* What a name stands for, in words for a list; NULL when it is no name of ours. */
const char *key_file_kind(const char *name);

#endif
