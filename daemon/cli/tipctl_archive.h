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
 * the store names; the complaint has the file and the first number that is lost.
 */
bool ctl_archive_read(const struct archive *archive, const char *journal, const struct ctl_segments *segments,
		      struct archive_range range, bool (*each)(void *ctx, const struct archive_entry *entry), void *ctx,
		      struct complaint *why);

#endif
