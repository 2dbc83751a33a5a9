/*
 * Reading the archive; see archive.h. One file is open at a time and one of its
 * frames unpacked. A file is found by its name, and its head has to say the same.
 */
#include "daemon/sys/archive.h"

#include "daemon/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct archive_reader {
	const struct archive *archive;
	char journal[ARCHIVE_JOURNAL_MAX + 1];
	uint64_t next;
	struct archive_range *ranges;   /* as the directory was when it was last read */
	size_t nranges;
	int fd;                         /* of the open file, or -1 */
	char path[4096];
	struct archive_head head;
	size_t frame;                   /* the next one of it */
	struct buf packed, plain;
	struct span rest;               /* of the unpacked frame */
	uint64_t at;                    /* number of the entry that `rest` begins with */
	bool broken;
};

/* A complaint about an offset becomes one about a file. */
static bool of_file(struct complaint *why, const char *path)
{
	struct complaint inner = *why;

	return complain(why, 0, "%s: %.120s", path, inner.text);
}

static bool read_at(int fd, uint64_t at, size_t n, struct buf *into)
{
	char *to;
	size_t got = 0;

	buf_clear(into);
	to = buf_reserve(into, n);
	while (got < n) {
		ssize_t step = pread(fd, to + got, n - got, (off_t)(at + got));

		if (step < 0 && errno == EINTR)
			continue;
		if (step <= 0)
			return false;
		got += (size_t)step;
	}
	into->len = n;
	return true;
}

static bool read_head(int fd, struct archive_head *head, struct buf *bytes, struct complaint *why)
{
	struct stat st;
	size_t length;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return complain(why, 0, "it is not a regular file");
	if (!read_at(fd, 0, ARCHIVE_HEAD_START, bytes) || (length = archive_head_length(buf_span(bytes))) == 0)
		return complain(why, 0, "offset 0: this is no file of the archive");
	if (!read_at(fd, 0, length, bytes))
		return complain(why, 0, "offset %lld: it ends within its head", (long long)st.st_size);
	return archive_head_read(buf_span(bytes), (uint64_t)st.st_size, head, why);
}

/* Opens a file and reads its head, which has to be what its name says. -1: it is said why. */
static int open_file(const struct archive *archive, const char *journal, struct archive_range range, char path[4096],
		     struct archive_head *head, struct complaint *why)
{
	struct buf bytes = { 0 };
	bool well;
	int fd;

	archive_path(archive, journal, range, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		complain(why, 0, "cannot open %s: %s", path, strerror(errno));
		return -1;
	}
	well = read_head(fd, head, &bytes, why) ||
	       of_file(why, path);
	if (well && (strcmp(head->journal, journal) != 0 || head->first != range.first || head->last != range.last))
		well = complain(why, 0, "%s: it has entries %llu to %llu of %s", path, (unsigned long long)head->first,
				(unsigned long long)head->last, head->journal);
	buf_release(&bytes);
	if (well)
		return fd;
	close(fd);
	return -1;
}

bool archive_head_of(const struct archive *archive, const char *journal, struct archive_range range,
		     struct archive_head *head, struct complaint *why)
{
	char path[4096];
	int fd;

	*head = (struct archive_head){ .nframes = 0 };
	fd = open_file(archive, journal, range, path, head, why);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* --- a place in a journal ---------------------------------------------------------------------- */

struct archive_reader *archive_reader_new(const struct archive *archive, const char *journal, uint64_t number)
{
	struct archive_reader *reader = memory_zeroes(1, sizeof(*reader));

	reader->archive = archive;
	snprintf(reader->journal, sizeof(reader->journal), "%s", journal);
	reader->next = number;
	reader->fd = -1;
	return reader;
}

static void close_file(struct archive_reader *reader)
{
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
	archive_head_release(&reader->head);
	reader->rest = (struct span){ .len = 0 };
}

void archive_reader_free(struct archive_reader *reader)
{
	if (reader == NULL)
		return;
	close_file(reader);
	free(reader->ranges);
	buf_release(&reader->packed);
	buf_release(&reader->plain);
	free(reader);
}

uint64_t archive_reader_at(const struct archive_reader *reader)
{
	return reader->next;
}

const struct archive_head *archive_reader_head(const struct archive_reader *reader)
{
	return &reader->head;
}

static const struct archive_range *range_with(const struct archive_reader *reader, uint64_t number)
{
	size_t low = 0, high = reader->nranges;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (reader->ranges[middle].last < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < reader->nranges && reader->ranges[low].first <= number ? &reader->ranges[low] : NULL;
}

/* The directory is read again when no name has the number: a file may have come. */
static enum archive_next open_next(struct archive_reader *reader, struct complaint *why)
{
	const struct archive_range *range = range_with(reader, reader->next);

	close_file(reader);
	if (range == NULL) {
		free(reader->ranges);
		reader->ranges = archive_ranges(reader->archive, reader->journal, &reader->nranges);
		range = range_with(reader, reader->next);
	}
	if (range == NULL)
		return ARCHIVE_END;
	reader->fd = open_file(reader->archive, reader->journal, *range, reader->path, &reader->head, why);
	reader->frame = 0;
	return reader->fd >= 0 ? ARCHIVE_ENTRY : ARCHIVE_BROKEN;
}

static bool open_frame(struct archive_reader *reader, struct complaint *why)
{
	const struct archive_frame *frame = &reader->head.frames[reader->frame++];

	if (!read_at(reader->fd, frame->at, frame->packed, &reader->packed))
		return complain(why, 0, "%s: offset %llu: it cannot be read", reader->path, (unsigned long long)frame->at);
	if (!archive_frame_open(frame, buf_span(&reader->packed), &reader->plain, why))
		return of_file(why, reader->path);
	reader->rest = buf_span(&reader->plain);
	reader->at = frame->first;
	return true;
}

/* To the frame that has the next number. */
static enum archive_next find_frame(struct archive_reader *reader, struct complaint *why)
{
	enum archive_next next;

	if (reader->fd < 0 || reader->next > reader->head.last) {
		next = open_next(reader, why);
		if (next != ARCHIVE_ENTRY)
			return next;
	}
	while (reader->frame + 1 < reader->head.nframes && reader->head.frames[reader->frame + 1].first <= reader->next)
		reader->frame++;
	return open_frame(reader, why) ? ARCHIVE_ENTRY : ARCHIVE_BROKEN;
}

static bool cut_entry(struct archive_reader *reader, struct archive_entry *entry, struct complaint *why)
{
	if (!archive_entry_cut(&reader->rest, entry))
		return complain(why, 0, "%s: entry %llu cannot be read", reader->path, (unsigned long long)reader->at);
	entry->number = reader->at++;
	/* Its frame says how many there are, and all of its bytes belong to them. */
	if (reader->at == reader->head.frames[reader->frame - 1].first + reader->head.frames[reader->frame - 1].entries &&
	    reader->rest.len > 0)
		return complain(why, 0, "%s: there is more behind entry %llu", reader->path, (unsigned long long)entry->number);
	return true;
}

enum archive_next archive_reader_next(struct archive_reader *reader, struct archive_entry *entry, struct complaint *why)
{
	enum archive_next next = reader->broken ? ARCHIVE_BROKEN : ARCHIVE_ENTRY;

	if (next == ARCHIVE_ENTRY && reader->rest.len == 0)
		next = find_frame(reader, why);
	while (next == ARCHIVE_ENTRY) {
		if (!cut_entry(reader, entry, why)) {
			next = ARCHIVE_BROKEN;
			break;
		}
		if (entry->number == reader->next) {
			reader->next++;
			return ARCHIVE_ENTRY;
		}
	}
	reader->broken = next == ARCHIVE_BROKEN;
	return next;
}
