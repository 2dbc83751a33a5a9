/*
 * The mirror's file; see mirror.h.
 */
#include "daemon/jobs/mirror.h"

#include "daemon/base/buf.h"
#include "daemon/base/memory.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES 65536
#define ASIDE_MAX 1000

struct mirror {
	char path[PATH_MAX];
	int fd;
	off_t size;          /* whole file, as far as it was written */
	off_t at;            /* where the walk is */
	uint64_t records;    /* passed by the walk */
	struct buf fresh;    /* added, not written */
	struct buf line;     /* of the comparison */
};

static bool failed(const struct mirror *mirror, const char *what, struct complaint *why)
{
	return complain(why, 0, "cannot %s %.150s: %s", what, mirror->path, strerror(errno));
}

/* --- open, close ---------------------------------------------------------------------- */

static bool make_dir_of(const char *path, struct complaint *why)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	return files_make_dir(dirname(copy), why);
}

static bool sync_dir_of(const char *path)
{
	char copy[PATH_MAX];
	bool well;
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	well = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return well;
}

static bool open_file(struct mirror *mirror, struct complaint *why)
{
	struct stat st;

	mirror->fd = open(mirror->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (mirror->fd < 0 || fstat(mirror->fd, &st) != 0 || !sync_dir_of(mirror->path))
		return failed(mirror, "open", why);
	if (!S_ISREG(st.st_mode))
		return complain(why, 0, "%.150s is not a regular file", mirror->path);
	mirror->size = st.st_size;
	return true;
}

struct mirror *mirror_open(const char *path, struct complaint *why)
{
	struct mirror *mirror = memory_zeroes(1, sizeof(*mirror));

	mirror->fd = -1;
	if (strlen(path) >= sizeof(mirror->path)) {
		complain(why, 0, "path too long: %.150s", path);
	} else {
		snprintf(mirror->path, sizeof(mirror->path), "%s", path);
		if (make_dir_of(path, why) && open_file(mirror, why))
			return mirror;
	}
	mirror_close(mirror);
	return NULL;
}

void mirror_close(struct mirror *mirror)
{
	if (mirror == NULL)
		return;
	if (mirror->fd >= 0)
		close(mirror->fd);
	buf_release(&mirror->fresh);
	buf_release(&mirror->line);
	free(mirror);
}

/* --- walking -------------------------------------------------------------------------- */

/* So many bytes from where the walk is. */
static bool read_line(struct mirror *mirror, size_t len)
{
	char *to;
	size_t got = 0;

	buf_clear(&mirror->line);
	to = buf_reserve(&mirror->line, len);
	while (got < len) {
		ssize_t n = pread(mirror->fd, to + got, len - got, mirror->at + (off_t)got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

/* The begun line is cut off, to be written whole. */
static enum mirror_answer cut_torn(struct mirror *mirror, struct complaint *why)
{
	log_event(LOG_LEVEL_WARNING, "mirror.torn_end", "file", mirror->path, "bytes",
		  log_u64((uint64_t)(mirror->size - mirror->at)), NULL);
	if (ftruncate(mirror->fd, mirror->at) != 0) {
		failed(mirror, "cut the torn end of", why);
		return MIRROR_OTHER;
	}
	mirror->size = mirror->at;
	return MIRROR_END;
}

enum mirror_answer mirror_next(struct mirror *mirror, struct span record, struct complaint *why)
{
	size_t left = (size_t)(mirror->size - mirror->at);
	size_t same = left < record.len ? left : record.len;

	if (left == 0)
		return MIRROR_END;
	if (!read_line(mirror, left > record.len ? record.len + 1 : left)) {
		failed(mirror, "read", why);
		return MIRROR_OTHER;
	}
	if (memcmp(mirror->line.at, record.at, same) != 0 || (left > record.len && mirror->line.at[record.len] != '\n')) {
		complain(why, 0, "record %llu is another one in %.150s", (unsigned long long)mirror->records + 1,
			 mirror->path);
		return MIRROR_OTHER;
	}
	if (left <= record.len)
		return cut_torn(mirror, why);
	mirror->at += (off_t)record.len + 1;
	mirror->records++;
	return MIRROR_SAME;
}

bool mirror_at_end(const struct mirror *mirror, struct complaint *why)
{
	return mirror->at == mirror->size ||
	       complain(why, 0, "the journal ends with record %llu, and %.150s has more",
			(unsigned long long)mirror->records, mirror->path);
}

uint64_t mirror_known(const struct mirror *mirror)
{
	uint64_t known = mirror->records;
	char chunk[CHUNK_BYTES], last = '\n';
	off_t at = mirror->at;
	ssize_t n;

	while (at < mirror->size && (n = pread(mirror->fd, chunk, sizeof(chunk), at)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			known += chunk[i] == '\n';
		last = chunk[n - 1];
		at += n;
	}
	return known + (last != '\n');
}

void mirror_rewind(struct mirror *mirror)
{
	assert(mirror->fresh.len == 0);
	mirror->at = 0;
	mirror->records = 0;
}

uint64_t mirror_records(const struct mirror *mirror)
{
	return mirror->records;
}

/* --- another journal ------------------------------------------------------------------- */

static bool copy_passed(const struct mirror *mirror, int to)
{
	char chunk[CHUNK_BYTES];

	for (off_t at = 0; at < mirror->at;) {
		size_t left = (size_t)(mirror->at - at);
		ssize_t n = pread(mirror->fd, chunk, left < sizeof(chunk) ? left : sizeof(chunk), at);

		if (n <= 0 || !files_write_all(to, span_from(chunk, (size_t)n)))
			return false;
		at += n;
	}
	return fdatasync(to) == 0;
}

/* A name that is there already is this very file, of a try that was cut short, or it is somebody's. */
static bool keep_aside(const struct mirror *mirror)
{
	char aside[PATH_MAX + 32];
	struct stat kept, own;

	snprintf(aside, sizeof(aside), "%s.before-%llu", mirror->path, (unsigned long long)mirror->records + 1);
	for (unsigned n = 2; link(mirror->path, aside) != 0; n++) {
		if (errno != EEXIST || n > ASIDE_MAX)
			return false;
		if (stat(aside, &kept) == 0 && fstat(mirror->fd, &own) == 0 && kept.st_dev == own.st_dev &&
		    kept.st_ino == own.st_ino)
			return true;
		snprintf(aside, sizeof(aside), "%s.before-%llu.%u", mirror->path, (unsigned long long)mirror->records + 1, n);
	}
	return true;
}

bool mirror_put_aside(struct mirror *mirror, struct complaint *why)
{
	char fresh[PATH_MAX + 8];
	int fd;

	assert(mirror->fresh.len == 0);
	snprintf(fresh, sizeof(fresh), "%s.new", mirror->path);
	unlink(fresh);
	fd = open(fresh, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || !copy_passed(mirror, fd) || !keep_aside(mirror) || rename(fresh, mirror->path) != 0 ||
	    !sync_dir_of(mirror->path)) {
		failed(mirror, "put aside", why);
		if (fd >= 0)
			close(fd);
		return false;
	}
	close(mirror->fd);
	mirror->fd = fd;
	mirror->size = mirror->at;
	return true;
}

/* --- writing -------------------------------------------------------------------------- */

void mirror_add(struct mirror *mirror, struct span record)
{
	assert(mirror->at == mirror->size && memchr(record.at, '\n', record.len) == NULL);
	buf_add_span(&mirror->fresh, record);
	buf_add_byte(&mirror->fresh, '\n');
	mirror->records++;
}

size_t mirror_waiting(const struct mirror *mirror)
{
	return mirror->fresh.len;
}

bool mirror_sync(struct mirror *mirror, struct complaint *why)
{
	if (mirror->fresh.len == 0)
		return true;
	if (!files_write_all(mirror->fd, buf_span(&mirror->fresh)) || fdatasync(mirror->fd) != 0) {
		failed(mirror, "write", why);
		/* Half a line would be in the way of the next try. */
		if (ftruncate(mirror->fd, mirror->size) != 0)
			log_rarely(LOG_LEVEL_ERROR, "mirror.cannot_cut", strerror(errno));
		return false;
	}
	mirror->size += (off_t)mirror->fresh.len;
	mirror->at = mirror->size;
	buf_clear(&mirror->fresh);
	return true;
}

bool mirror_untouched(const struct mirror *mirror, struct complaint *why)
{
	struct stat by_name, opened;

	if (stat(mirror->path, &by_name) != 0 || fstat(mirror->fd, &opened) != 0)
		return failed(mirror, "look at", why);
	if (by_name.st_dev != opened.st_dev || by_name.st_ino != opened.st_ino || opened.st_size != mirror->size)
		return complain(why, 0, "somebody changed %.150s", mirror->path);
	return true;
}
