/*
 * The archive, for subcommands that read journals: where it is, which files a
 * store names, entries out of them.
 */
#ifndef TIPLINE_CLI_TIPCTL_ARCHIVE_H
#define TIPLINE_CLI_TIPCTL_ARCHIVE_H

#include "daemon/cli/tipctl.h"
#include "daemon/store/store.h"
#include "daemon/sys/archive.h"

struct redisReply;

/*
 * Opens the archive: as told by --archive, or as configured. NULL: it is said
 * why. That a directory is missing is no mistake as long as nothing is read from it.
 */
struct archive *ctl_archive_open(const struct ctl_args *args, const char *told);

/* The rows of {15}:archive: which files there must be. Freed by ctl_segments_release(). */
struct ctl_segments {
	struct store_segment *at;     /* by number */
	size_t n;
};

/* From the answer to LRANGE; false: it is not a list of that kind. */
bool ctl_segments_read(const struct redisReply *reply, struct ctl_segments *out);
void ctl_segments_release(struct ctl_segments *segments);

/* Whether a file is the one that a row with its first number tells; true where no row does. */
bool ctl_segments_match(const struct ctl_segments *segments, const struct archive_head *head);

/*
 * Gives the entries `from` to `to` of a journal to `each`, which says false
 * when it has enough. False: a file is missing, changed, or another one than
 * the store names; the complaint has the file and the numbers that are lost with
 * it. `archive` may be NULL: then all are.
 */
bool ctl_archive_read(const struct archive *archive, const char *journal, const struct ctl_segments *segments,
		      struct archive_range range, bool (*each)(void *ctx, const struct archive_entry *entry), void *ctx,
		      struct complaint *why);

/*
 * The same for who comes back for the entries behind: a file is then opened
 * and its frames unpacked once. Set the first three and zero the rest.
 */
struct ctl_filed {
	const struct archive *archive;         /* NULL: nothing can be read */
	const char *journal;
	const struct ctl_segments *segments;
	struct archive_reader *reader;
	uint64_t file;                         /* first entry of the file that was found to be the one the store knows */
};

bool ctl_filed_read(struct ctl_filed *filed, struct archive_range range,
		    bool (*each)(void *ctx, const struct archive_entry *entry), void *ctx, struct complaint *why);
void ctl_filed_release(struct ctl_filed *filed);

#endif
