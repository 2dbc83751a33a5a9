/*
 * What the files of the tiles share (tiles.h is their door).
 */
#ifndef TIPLINE_SYS_TILES_INSIDE_H
#define TIPLINE_SYS_TILES_INSIDE_H

#include "daemon/base/buf.h"
#include "daemon/sys/tiles.h"
#include "daemon/tlog/bundle.h"
#include "daemon/tlog/note.h"

#define TILES_PENDING_MAX 64      /* files and batches that wait to be synced; beyond, tiles_put() syncs itself */
#define TILES_DIRS_MAX 512        /* directories of theirs, with those above them that are new */
#define TILES_NAME_MAX 64         /* of a file within the log's directory, with NUL */
#define TILES_FILE_MAX ((size_t)TILE_WIDTH * (2 + BUNDLE_ENTRY_MAX))

/* A file that is written beside its place. */
struct tiles_pending {
	int fd;
	unsigned beside;              /* its number in new/ */
	struct tile tile;
};

struct tiles {
	char dir[TILES_PATH_MAX - TILES_NAME_MAX];
	bool write;
	unsigned next;                /* number of the next file in new/ */
	struct tiles_pending files[TILES_PENDING_MAX];
	size_t nfiles;
	char (*dirs)[TILES_NAME_MAX]; /* to be synced; "" is the log's own */
	size_t ndirs;
	struct tiles_batch batches[TILES_PENDING_MAX];
	size_t nbatches;
	uint64_t recorded;            /* batches in the file */
	uint64_t last_size;           /* leaves with the last batch, also with one that waits */
};

/* "DIR/NAME"; the same buffer comes back. */
char *tiles_path(const struct tiles *tiles, const char *name, char path[TILES_PATH_MAX]);

/* Cuts what a crash left of the last record, and learns where the file ends. */
bool tiles_batches_mend(struct tiles *tiles, struct complaint *why);

/* The batches that wait go into the file, and that to the disk. */
bool tiles_batches_sync(struct tiles *tiles, struct complaint *why);

/* Forgets those that wait. */
void tiles_batches_drop(struct tiles *tiles);

#endif
