/*
 * A journal of the audit trail, its log and an archive, for tests of those who
 * move events from one to the other.
 */
#ifndef TIPLINE_TESTS_ARCHIVE_RIG_H
#define TIPLINE_TESTS_ARCHIVE_RIG_H

#include "daemon/sys/archive.h"
#include "tests/support/store_rig.h"

struct archive_rig {
	struct store_rig store;
	struct archive *archive;
	char dir[64];
	uint64_t events;       /* written by archive_rig_write() */
	uint64_t leaves, batches;
};

/* An empty store of that kind and an empty directory; not attached to each other. */
void archive_rig_open(struct archive_rig *rig, bool memory);
void archive_rig_close(struct archive_rig *rig);

/* Writes so many more events to the audit trail, as if at that time. */
void archive_rig_write(struct archive_rig *rig, unsigned n, int64_t at_ms);

/* Whether an event is the one that was written under its number. */
bool archive_rig_is(const struct store_event *event);

/* Seals up to that event. */
void archive_rig_seal(struct archive_rig *rig, uint64_t number);

/* Number of a lease of the job in the audit trail's shard. */
uint64_t archive_rig_lease(struct archive_rig *rig, const char *job, const char *holder);

/* Writes a file with events of the store, behind the file with that digest. */
struct archive_digest archive_rig_file(struct archive_rig *rig, struct archive_range range,
				       const struct archive_digest *before);

/* Asks the store to let go of them. */
enum store_verdict archive_rig_trim(struct archive_rig *rig, struct archive_range range,
				    const struct archive_digest *digest, uint64_t fence, unsigned keep);

/* Events of the trail from a number on. */
const struct store_reply *archive_rig_read(struct archive_rig *rig, uint64_t from, unsigned max);

#endif
