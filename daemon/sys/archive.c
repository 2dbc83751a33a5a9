/*
 * The archive's directory: names, and writing a file; see archive.h. Reading is
 * archive_reader.c.
 */
#include "daemon/sys/archive.h"

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
#include <time.h>
#include <unistd.h>

#define NAME_DIGITS 15
#define NAME_LENGTH (2 * NAME_DIGITS + 5)
#define BESIDE ".new-"
#define ORPHAN_AFTER_S 3600

struct archive {
	char dir[4000];
};

struct archive *archive_new(const char *dir)
{
	struct archive *archive = memory_zeroes(1, sizeof(*archive));

	assert(strlen(dir) > 0 && strlen(dir) < sizeof(archive->dir));
	snprintf(archive->dir, sizeof(archive->dir), "%s", dir);
	return archive;
}

void archive_free(struct archive *archive)
{
	free(archive);
}

const char *archive_dir(const struct archive *archive)
{
	return archive->dir;
}

/* --- names ------------------------------------------------------------------------------- */

static void folder_path(const struct archive *archive, const char *journal, char path[4096])
{
	snprintf(path, 4096, "%s/%s", archive->dir, journal);
}

void archive_path(const struct archive *archive, const char *journal, struct archive_range range, char path[4096])
{
	snprintf(path, 4096, "%s/%s/%0*llu-%0*llu.zst", archive->dir, journal, NAME_DIGITS,
		 (unsigned long long)range.first, NAME_DIGITS, (unsigned long long)range.last);
}

static bool range_of_name(const char *name, struct archive_range *range)
{
	struct span text = span_of(name);

	return text.len == NAME_LENGTH && name[NAME_DIGITS] == '-' &&
	       span_u64(span_from(name, NAME_DIGITS), &range->first) &&
	       span_u64(span_from(name + NAME_DIGITS + 1, NAME_DIGITS), &range->last) &&
	       strcmp(name + NAME_LENGTH - 4, ".zst") == 0 && range->first > 0 && range->first <= range->last;
}

static int by_first(const void *a, const void *b)
{
	const struct archive_range *one = a, *two = b;

	return (one->first > two->first) - (one->first < two->first);
}

struct archive_range *archive_ranges(const struct archive *archive, const char *journal, size_t *n)
{
	struct archive_range *ranges = NULL, range;
	const struct dirent *entry;
	char path[4096];
	DIR *folder;

	*n = 0;
	folder_path(archive, journal, path);
	folder = opendir(path);
	if (folder == NULL)
		return NULL;
	while ((entry = readdir(folder)) != NULL) {
		if (!range_of_name(entry->d_name, &range))
			continue;
		ranges = memory_grow(ranges, *n, sizeof(*ranges));
		ranges[(*n)++] = range;
	}
	closedir(folder);
	if (*n > 1)
		qsort(ranges, *n, sizeof(*ranges), by_first);
	return ranges;
}

/* --- writing ------------------------------------------------------------------------------- */

static bool failed(struct complaint *why, const char *what, const char *path)
{
	return complain(why, 0, "cannot %s %s: %s", what, path, strerror(errno));
}

static bool sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return false;
	rc = fsync(fd);
	close(fd);
	return rc == 0;
}

/* A folder's own name is on the disk when the directory above is. */
static bool make_folder(const struct archive *archive, const char *path, struct complaint *why)
{
	if (access(path, F_OK) == 0)
		return true;
	return files_make_dir_in(archive->dir, path, why) && (sync_folder(archive->dir) || failed(why, "sync", archive->dir));
}

static bool write_beside(const char *folder, const char *path, struct span bytes, struct complaint *why)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool well;

	if (fd < 0)
		return failed(why, "write", path);
	well = files_share(fd, folder) && files_write_all(fd, bytes) && fsync(fd) == 0;
	well = close(fd) == 0 && well;
	return well || failed(why, "write", path);
}

/* A name that is taken is not given again: link() and not rename(). */
static enum archive_put name_it(const char *beside, const char *path, const char *folder, struct complaint *why)
{
	if (link(beside, path) != 0) {
		if (errno == EEXIST)
			return sync_folder(folder) ? ARCHIVE_PUT_THERE : (failed(why, "sync", folder), ARCHIVE_PUT_FAILED);
		failed(why, "name", path);
		return ARCHIVE_PUT_FAILED;
	}
	if (!sync_folder(folder)) {
		failed(why, "sync", folder);
		return ARCHIVE_PUT_FAILED;
	}
	return ARCHIVE_PUT_DONE;
}

enum archive_put archive_put(const struct archive *archive, const char *journal, struct archive_range range,
			     struct span bytes, struct complaint *why)
{
	char folder[4096], path[4096], beside[PATH_MAX + 64];
	enum archive_put put;

	folder_path(archive, journal, folder);
	archive_path(archive, journal, range, path);
	snprintf(beside, sizeof(beside), "%s" BESIDE "%d-%lld", path, (int)getpid(), (long long)time(NULL));
	if (!make_folder(archive, folder, why))
		return ARCHIVE_PUT_FAILED;
	put = write_beside(folder, beside, bytes, why) ? name_it(beside, path, folder, why) : ARCHIVE_PUT_FAILED;
	unlink(beside);
	return put;
}

static bool is_orphan(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mtime + ORPHAN_AFTER_S < time(NULL);
}

void archive_sweep(const struct archive *archive, const char *journal)
{
	char folder[4096], path[PATH_MAX + 256];
	const struct dirent *entry;
	DIR *list;

	folder_path(archive, journal, folder);
	list = opendir(folder);
	while (list != NULL && (entry = readdir(list)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (strstr(entry->d_name, ".zst" BESIDE) != NULL && is_orphan(path))
			unlink(path);
	}
	if (list != NULL)
		closedir(list);
}
