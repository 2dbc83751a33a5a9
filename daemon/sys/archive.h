/*
 * The archive: a folder per journal ("15", "audit") with files
 * <first>-<last>.zst of entries that are sealed and closed (archive_file.h).
 *
 * A file is written beside its place, synced, given its name and its directory
 * synced; it is never written again, and never replaces another one. Names are
 * the index: which file has a number is known without opening any. Many
 * processes may read and write one directory.
 */
#ifndef TIPLINE_SYS_ARCHIVE_H
#define TIPLINE_SYS_ARCHIVE_H

#include "daemon/sys/archive_file.h"

struct archive;

/* The directory may be missing as long as nothing is written. */
struct archive *archive_new(const char *dir);
void archive_free(struct archive *archive);
const char *archive_dir(const struct archive *archive);

struct archive_range {
	uint64_t first, last;
};

/*
 * The ranges that file names of a journal tell, by `first`; freed by the
 * caller. NULL with *n 0 where there are none. Reads the directory each time.
 */
struct archive_range *archive_ranges(const struct archive *archive, const char *journal, size_t *n);

/* Path of a file: "DIR/15/000000000000001-000000000004096.zst". */
void archive_path(const struct archive *archive, const char *journal, struct archive_range range, char path[4096]);

/* The head of one file; complaints name it. Released by the caller whatever it says. */
bool archive_head_of(const struct archive *archive, const char *journal, struct archive_range range,
		     struct archive_head *head, struct complaint *why);

/* --- writing -------------------------------------------------------------------------- */

enum archive_put {
	ARCHIVE_PUT_DONE,    /* it is there, and on the disk */
	ARCHIVE_PUT_THERE,   /* a file of this name was there before: it is as it was */
	ARCHIVE_PUT_FAILED,
};

enum archive_put archive_put(const struct archive *archive, const char *journal, struct archive_range range,
			     struct span bytes, struct complaint *why);

/* Removes what a crash left half written beside files of a journal, if it is older than an hour. */
void archive_sweep(const struct archive *archive, const char *journal);

/* --- reading -------------------------------------------------------------------------- */

enum archive_next {
	ARCHIVE_ENTRY,
	ARCHIVE_END,         /* no file has the next number */
	ARCHIVE_BROKEN,      /* a file is not as it was written; the complaint names it and the offset */
};

/* A place in a journal; one frame of it is in memory. */
struct archive_reader;

/* From `number` on. What is read is checked against the digests of its file's head. */
struct archive_reader *archive_reader_new(const struct archive *archive, const char *journal, uint64_t number);
void archive_reader_free(struct archive_reader *reader);

/* Spans of the entry are good until the next call. After ARCHIVE_BROKEN it stays so. */
enum archive_next archive_reader_next(struct archive_reader *reader, struct archive_entry *entry, struct complaint *why);

/* Number of the entry that comes next. */
uint64_t archive_reader_at(const struct archive_reader *reader);

/* Range and digest of the file that the last entry came from. */
const struct archive_head *archive_reader_head(const struct archive_reader *reader);

#endif
