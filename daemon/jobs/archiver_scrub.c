/*
 * The archiver reads its files whole, one a round, so that a changed one is
 * found before somebody needs it; see archiver_inside.h. A file of 4,096
 * events takes a few milliseconds.
 */
#include "daemon/jobs/archiver_inside.h"

#include "daemon/store/archived.h"

#include <stdlib.h>

/* The file that has event `from`, or the first one behind it; last 0: there is none. */
static struct archive_range file_at(const struct archiver *archiver, const char *journal, uint64_t from)
{
	struct archive_range found = { 0, 0 }, *ranges;
	size_t n;

	ranges = archive_ranges(archiver->env.archive, journal, &n);
	for (size_t i = 0; i < n && found.last == 0; i++)
		if (ranges[i].last >= from)
			found = ranges[i];
	free(ranges);
	return found;
}

static bool read_whole(const struct archiver *archiver, const char *journal, struct archive_range range, struct complaint *why)
{
	struct archive_reader *reader = archive_reader_new(archiver->env.archive, journal, range.first);
	struct archive_entry entry;
	enum archive_next next = ARCHIVE_ENTRY;

	while (next == ARCHIVE_ENTRY && archive_reader_at(reader) <= range.last)
		next = archive_reader_next(reader, &entry, why);
	archive_reader_free(reader);
	return next != ARCHIVE_BROKEN;
}

static void scrub_file(struct archiver *archiver, size_t at, struct archive_range range)
{
	struct archiver_shard *shard = &archiver->shards[at];
	struct complaint why;

	if (!read_whole(archiver, archived_journal(archiver->env.shards[at]), range, &why)) {
		shard->changed = range.first;
		archiver_fault_begins(archiver, at, why.text);
	} else if (shard->changed == range.first) {
		shard->changed = 0;
		archiver_fault_ends(archiver, at);
	}
}

/* One that is gone altogether is found by its row. */
static void scrub_again(struct archiver *archiver, size_t at)
{
	struct archive_range range = file_at(archiver, archived_journal(archiver->env.shards[at]), archiver->shards[at].changed);

	if (range.first == archiver->shards[at].changed)
		scrub_file(archiver, at, range);
	else
		archiver->shards[at].changed = 0;
}

void archiver_scrub(struct archiver *archiver)
{
	size_t at = archiver->scrub.shard;
	struct archive_range range = file_at(archiver, archived_journal(archiver->env.shards[at]), archiver->scrub.next);

	for (size_t i = 0; i < archiver->env.nshards; i++)
		if (archiver->shards[i].changed > 0)
			scrub_again(archiver, i);
	archiver->scrub.next = range.last + 1;
	/* What no row names yet is compared with the store before it counts. */
	if (range.last > 0 && range.last <= archiver->shards[at].last && archiver->shards[at].changed == 0)
		scrub_file(archiver, at, range);
	if (range.last > 0)
		return;
	archiver->scrub.shard = at + 1 < archiver->env.nshards ? at + 1 : 0;
	archiver->scrub.next = 1;
}
