/*
 * The files of a sealed log; see tiles.h. Here they are written, tiles_read.c
 * reads them, tiles_batches.c has the record of batches.
 *
 * What is put lies in DIR/new until tiles_sync(): there all of it is sent to the
 * disk at once and then waited for, so that one commit of the file system does
 * for all; then each file is renamed to its place, then the directories are
 * synced, each once. Batches come last: a batch on record has its tiles.
 */
#include "daemon/sys/tiles_inside.h"

#include "daemon/base/memory.h"
#include "daemon/sys/files.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BESIDE "new"

static bool failed(struct complaint *why, const char *what, const char *path)
{
	return complain(why, 0, "cannot %s %.180s: %s", what, path, strerror(errno));
}

char *tiles_path(const struct tiles *tiles, const char *name, char path[TILES_PATH_MAX])
{
	snprintf(path, TILES_PATH_MAX, "%s/%s", tiles->dir, name);
	return path;
}

static char *beside_path(const struct tiles *tiles, unsigned number, char path[TILES_PATH_MAX])
{
	snprintf(path, TILES_PATH_MAX, "%s/" BESIDE "/%u", tiles->dir, number);
	return path;
}

/* --- directories ------------------------------------------------------------------------------- */

static bool sync_dirs(struct tiles *tiles, struct complaint *why)
{
	char path[TILES_PATH_MAX];

	for (; tiles->ndirs > 0; tiles->ndirs--)
		if (!files_sync_dir(tiles_path(tiles, tiles->dirs[tiles->ndirs - 1], path), why))
			return false;
	return true;
}

/* The directory `name` has changed. */
static void touch_dir(struct tiles *tiles, const char *name)
{
	for (size_t i = 0; i < tiles->ndirs; i++)
		if (strcmp(tiles->dirs[i], name) == 0)
			return;
	assert(tiles->ndirs < TILES_DIRS_MAX);
	snprintf(tiles->dirs[tiles->ndirs++], TILES_NAME_MAX, "%s", name);
}

/* The directory that holds `name`: "" for the log's own. */
static void dir_of(const char *name, char dir[TILES_NAME_MAX])
{
	const char *slash = strrchr(name, '/');

	snprintf(dir, TILES_NAME_MAX, "%.*s", slash != NULL ? (int)(slash - name) : 0, name);
}

/* Makes the directories above `name`; those that got a new entry are to be synced. */
static bool make_dirs(struct tiles *tiles, const char *name, struct complaint *why)
{
	char path[TILES_PATH_MAX], part[TILES_NAME_MAX], above[TILES_NAME_MAX];

	for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - name), name);
		if (mkdir(tiles_path(tiles, part, path), 0700) != 0) {
			if (errno == EEXIST)
				continue;
			return failed(why, "make directory", path);
		}
		dir_of(part, above);
		touch_dir(tiles, above);
	}
	dir_of(name, above);
	touch_dir(tiles, above);
	return true;
}

/* --- putting ---------------------------------------------------------------------------------------- */

static int write_beside(struct tiles *tiles, struct span bytes, unsigned *number, struct complaint *why)
{
	char path[TILES_PATH_MAX];
	int fd;

	*number = tiles->next++;
	fd = open(beside_path(tiles, *number, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		failed(why, "write", path);
		return -1;
	}
	if (files_write_all(fd, bytes))
		return fd;
	failed(why, "write", path);
	close(fd);
	unlink(path);
	return -1;
}

static bool into_place(struct tiles *tiles, unsigned number, const char *name, struct complaint *why)
{
	char from[TILES_PATH_MAX], to[TILES_PATH_MAX];

	beside_path(tiles, number, from);
	if (!make_dirs(tiles, name, why))
		return false;
	return rename(from, tiles_path(tiles, name, to)) == 0 || failed(why, "write", to);
}

bool tiles_put(struct tiles *tiles, const struct tile *tile, struct span bytes, struct complaint *why)
{
	struct tiles_pending *file = &tiles->files[tiles->nfiles];

	assert(tiles->write && tile->width > 0);
	if (tiles->nfiles == TILES_PENDING_MAX) {
		if (!tiles_sync(tiles, why))
			return false;
		file = &tiles->files[0];
	}
	file->tile = *tile;
	file->fd = write_beside(tiles, bytes, &file->beside, why);
	if (file->fd < 0)
		return false;
	tiles->nfiles++;
	/* The disk begins while the next ones are made; whether it succeeds fdatasync() will tell. */
	sync_file_range(file->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	return true;
}

bool tiles_put_file(struct tiles *tiles, const char *name, struct span bytes, struct complaint *why)
{
	unsigned number;
	int fd = write_beside(tiles, bytes, &number, why);
	bool well = fd >= 0 && fdatasync(fd) == 0;

	assert(strlen(name) < TILES_NAME_MAX);
	if (fd < 0)
		return false;
	if (!well)
		failed(why, "sync", name);
	close(fd);
	return well && into_place(tiles, number, name, why) && sync_dirs(tiles, why);
}

/* Its name need not be on the disk at once: an older checkpoint of the log is a true one too. */
bool tiles_put_checkpoint(struct tiles *tiles, struct span note, struct complaint *why)
{
	unsigned number;
	int fd = write_beside(tiles, note, &number, why);
	bool well = fd >= 0 && fdatasync(fd) == 0;

	if (fd < 0)
		return false;
	if (!well)
		failed(why, "sync", "checkpoint");
	close(fd);
	return well && into_place(tiles, number, "checkpoint", why);
}

/* --- syncing ------------------------------------------------------------------------------------------ */

/*
 * Narrower tiles of the same place serve nobody any more: a reader takes the start of
 * a wider one. Best effort; what stays does no harm.
 */
static void drop_narrower(const struct tiles *tiles, const struct tile *tile)
{
	char path[TILES_PATH_MAX], text[TILE_PATH_MAX], name[TILES_NAME_MAX], entry_path[TILES_PATH_MAX + NAME_MAX + 2];
	struct tile narrow = *tile;
	struct dirent *entry;
	DIR *all;

	narrow.width = 1;
	dir_of(tile_path(&narrow, text).at, name);
	all = opendir(tiles_path(tiles, name, path));
	if (all == NULL)
		return;
	while ((entry = readdir(all)) != NULL) {
		uint64_t width;

		if (!span_u64(span_of(entry->d_name), &width) || width >= tile->width)
			continue;
		snprintf(entry_path, sizeof(entry_path), "%s/%s", path, entry->d_name);
		unlink(entry_path);
	}
	closedir(all);
	if (tile->width == TILE_WIDTH)
		rmdir(path);
}

static bool to_disk(struct tiles *tiles, struct complaint *why)
{
	for (size_t i = 0; i < tiles->nfiles; i++)
		if (fdatasync(tiles->files[i].fd) != 0)
			return failed(why, "sync a tile in", tiles->dir);
	return true;
}

static bool all_into_place(struct tiles *tiles, struct complaint *why)
{
	for (size_t i = 0; i < tiles->nfiles; i++) {
		char name[TILE_PATH_MAX];

		tile_path(&tiles->files[i].tile, name);
		if (!into_place(tiles, tiles->files[i].beside, name, why))
			return false;
	}
	return true;
}

static void forget_files(struct tiles *tiles)
{
	for (size_t i = 0; i < tiles->nfiles; i++)
		close(tiles->files[i].fd);
	tiles->nfiles = 0;
}

bool tiles_sync(struct tiles *tiles, struct complaint *why)
{
	if (!to_disk(tiles, why) || !all_into_place(tiles, why) || !sync_dirs(tiles, why))
		return false;
	for (size_t i = 0; i < tiles->nfiles; i++)
		drop_narrower(tiles, &tiles->files[i].tile);
	forget_files(tiles);
	return tiles_batches_sync(tiles, why);
}

void tiles_drop(struct tiles *tiles)
{
	for (size_t i = 0; i < tiles->nfiles; i++) {
		char path[TILES_PATH_MAX];

		unlink(beside_path(tiles, tiles->files[i].beside, path));
	}
	forget_files(tiles);
	tiles->ndirs = 0;
	tiles_batches_drop(tiles);
}

/* --- opening -------------------------------------------------------------------------------------------- */

/* What was written beside its place and never got there. */
static void clean(const struct tiles *tiles)
{
	char path[TILES_PATH_MAX];
	struct dirent *entry;
	DIR *all = opendir(tiles_path(tiles, BESIDE, path));

	if (all == NULL)
		return;
	while ((entry = readdir(all)) != NULL)
		if (span_digits(span_of(entry->d_name)))
			unlinkat(dirfd(all), entry->d_name, 0);
	closedir(all);
}

static bool prepare(struct tiles *tiles, struct complaint *why)
{
	char path[TILES_PATH_MAX];

	if (!files_make_dir(tiles_path(tiles, BESIDE, path), why))
		return false;
	clean(tiles);
	return tiles_batches_mend(tiles, why);
}

static bool is_there(const struct tiles *tiles, struct complaint *why)
{
	struct stat st;

	return (stat(tiles->dir, &st) == 0 && S_ISDIR(st.st_mode)) ||
	       complain(why, 0, "there is no log in %.200s", tiles->dir);
}

struct tiles *tiles_open(const char *dir, bool write, struct complaint *why)
{
	struct tiles *tiles = memory_zeroes(1, sizeof(*tiles));

	tiles->dirs = memory_zeroes(TILES_DIRS_MAX, sizeof(*tiles->dirs));
	tiles->write = write;
	if (snprintf(tiles->dir, sizeof(tiles->dir), "%s", dir) < (int)sizeof(tiles->dir) &&
	    (write ? prepare(tiles, why) : is_there(tiles, why)))
		return tiles;
	if (strlen(dir) >= sizeof(tiles->dir))
		complain(why, 0, "path too long: %.180s", dir);
	tiles_close(tiles);
	return NULL;
}

void tiles_close(struct tiles *tiles)
{
	if (tiles == NULL)
		return;
	forget_files(tiles);
	free(tiles->dirs);
	free(tiles);
}
