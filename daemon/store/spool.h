/*
 * The spool: where accepted tips wait on disk while the store is away.
 *
 * Append-only segment files in one directory. A tip is acknowledged from here
 * only after fdatasync. Draining reads in order and removes a segment when all
 * of it is in the store; after a crash it is read again from its start, which
 * is harmless because accepting is idempotent by id.
 *
 * A torn record at the end of the last segment was never acknowledged and is
 * cut off. All else that cannot be read is skipped up to the next whole record,
 * and the segment as it was is kept beside as "<name>.damaged" and reported.
 */
#ifndef TIPLINE_STORE_SPOOL_H
#define TIPLINE_STORE_SPOOL_H

#include "daemon/base/complaint.h"
#include "daemon/store/store.h"

struct spool;

struct spool_limits {
	uint64_t max_bytes;       /* all segments together */
	uint64_t segment_bytes;   /* a new segment is begun past this */
};

struct spool_figures {
	uint64_t depth;           /* tips waiting */
	uint64_t bytes;
	uint64_t appended;        /* since start */
	uint64_t drained;
	uint64_t damaged;         /* records that could not be read */
	bool failing;             /* the last append did not reach the disk; until the spool is empty again */
};

/* Opens (and makes) the directory and reads what waits there. NULL and a complaint on failure. */
struct spool *spool_open(const char *dir, const struct spool_limits *limits, struct complaint *why);
void spool_close(struct spool *spool);

/*
 * All of them on disk, or none: true after fdatasync. False: no room left, or
 * the disk fails; nothing may be acknowledged.
 */
bool spool_append(struct spool *spool, const struct store_tip *tips, size_t n);

/* The waiting tip with this request mark: its answer and digest. Spans live until the next call. */
bool spool_find_request(const struct spool *spool, const unsigned char mark[STORE_MARK_BYTES],
			struct store_tip *tip);

/* True while the tip waits here. */
bool spool_holds(const struct spool *spool, const struct tip_id *id);

/* The oldest waiting tips, at most max; spans live until spool_drop(). */
size_t spool_peek(struct spool *spool, struct store_tip *tips, size_t max);

/* The oldest n are in the store now. */
void spool_drop(struct spool *spool, size_t n);

/*
 * Keeps a tip's record in the file "set-aside.records" of the directory, for a
 * person to look at. False when the disk refuses: it must not be dropped then.
 */
bool spool_set_aside(struct spool *spool, const struct store_tip *tip);

/*
 * `waits(ctx, true)` is called before the first tip is written, `waits(ctx,
 * false)` after the last one was dropped; once right now for what is there.
 * True may come again and again: with each tip.
 */
void spool_watch(struct spool *spool, void (*waits)(void *ctx, bool waits), void *ctx);

/* After a failed write: tries now and then whether the disk takes a byte again. Cheap otherwise. */
void spool_check(struct spool *spool);

const struct spool_figures *spool_figures(const struct spool *spool);

#endif
