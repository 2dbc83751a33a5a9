/*
 * A pack of files: gathered in memory, written as a directory or as one tar
 * file, and read back. The same files give the same bytes.
 */
#ifndef TIPLINE_CLI_TIPCTL_PACK_H
#define TIPLINE_CLI_TIPCTL_PACK_H

#include "daemon/base/buf.h"
#include "daemon/base/complaint.h"

#define PACK_NAME_MAX 99          /* what a tar file takes without extensions */
#define PACK_BYTES_MAX ((size_t)1 << 30)

struct pack_file {
	char name[PACK_NAME_MAX + 1];   /* "log/15/key": [0-9A-Za-z._/-], no ".." */
	struct buf bytes;
};

/* Zeroes are an empty one. */
struct pack {
	struct pack_file *files;
	size_t n, room;
};

void pack_release(struct pack *pack);

/* The file of that name, made when it is missing; good until the next call. */
struct buf *pack_file(struct pack *pack, const char *name);
const struct pack_file *pack_find(const struct pack *pack, const char *name);

/* In order of name. */
void pack_sort(struct pack *pack);

/* `path` ends in ".tar", or is a directory that is made and must not be there. */
bool pack_write(const struct pack *pack, const char *path, struct complaint *why);
bool pack_read(struct pack *pack, const char *path, struct complaint *why);

/* The files of a tar file that was read whole into memory. */
bool pack_read_tar(struct pack *pack, struct span bytes, struct complaint *why);

#endif
