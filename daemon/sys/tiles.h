/*
 * The files of one sealed log (C2SP tlog-tiles), in a directory of its own:
 *
 *   checkpoint            the newest signed checkpoint, with the cosignatures there are
 *   key                   the key text of whoever signs it
 *   tile/...              tiles and entry bundles, named by tile_path()
 *   openings/YYYY-MM      what was opened of a month
 *   batches               one record per batch; not for the public
 *
 * A file is written beside its place, synced and renamed: it is there whole or
 * not at all, and what tiles_put() has said true to outlasts a power cut once
 * tiles_sync() has. One process writes, any number may read.
 */
#ifndef TIPLINE_SYS_TILES_H
#define TIPLINE_SYS_TILES_H

#include "daemon/base/complaint.h"
#include "daemon/tlog/edge.h"
#include "daemon/tlog/tree.h"

#define TILES_PATH_MAX 4096

/* What is kept of a batch of the log. */
struct tiles_batch {
	uint64_t number;              /* from 1 */
	uint64_t before, size;        /* leaves */
	uint64_t journal;             /* number of the last event it covers */
	int64_t at_ms;
	struct merkle_hash root;      /* of the tree with `size` leaves */
};

struct tiles;

/* NULL with a complaint. With `write` the directory is made when missing, and what a crash left half written goes. */
struct tiles *tiles_open(const char *dir, bool write, struct complaint *why);
void tiles_close(struct tiles *tiles);

/* --- reading -------------------------------------------------------------------------------------- */

/*
 * Appends the bytes of a tile or entry bundle to `out`. Where the partial one
 * is gone the start of a wider one is taken. False: none is there.
 */
bool tiles_read(const struct tiles *tiles, const struct tile *tile, struct buf *out);

/* The newest checkpoint as it is published; false: there is none yet. */
bool tiles_checkpoint(const struct tiles *tiles, struct buf *out);

/* For tree_inclusion() and its like; the log has `size` leaves now. Borrows the tiles. */
struct tree_reader tiles_reader(struct tiles *tiles, uint64_t size);

/* Calls `each` with every leaf from `from` to before `to`, until it says false. False: a bundle is missing or cut. */
bool tiles_leaves(const struct tiles *tiles, uint64_t from, uint64_t to,
		  bool (*each)(void *ctx, uint64_t index, struct span leaf), void *ctx);

/* Batches there are, oldest first; the n-th from 0. */
uint64_t tiles_batches(const struct tiles *tiles);
bool tiles_batch(const struct tiles *tiles, uint64_t n, struct tiles_batch *batch);

/* The first batch (from 0) that was made at that time or later; tiles_batches() when there is none. */
uint64_t tiles_batch_at(const struct tiles *tiles, int64_t at_ms);

/* --- writing ----------------------------------------------------------------------------------------- */

/*
 * Tiles and batches that were put are there for readers, in their places, from
 * tiles_sync() on; batches last, so that one on record has its tiles. Narrower
 * tiles go when a wider one is synced.
 */
bool tiles_put(struct tiles *tiles, const struct tile *tile, struct span bytes, struct complaint *why);
/* It follows the last one by number and leaves. */
bool tiles_put_batch(struct tiles *tiles, const struct tiles_batch *batch, struct complaint *why);
/* There for readers at once, whole; after a power cut perhaps the one before. */
bool tiles_put_checkpoint(struct tiles *tiles, struct span note, struct complaint *why);
/* A further file by name: "key", "openings/2026-11". */
bool tiles_put_file(struct tiles *tiles, const char *name, struct span bytes, struct complaint *why);

/* All that was put is on the disk. */
bool tiles_sync(struct tiles *tiles, struct complaint *why);

/* Gives up what was put and not synced, as after a false of the above: the next batch is the one behind the last on record. */
void tiles_drop(struct tiles *tiles);

/* The right edge of the log of `size` leaves, for going on; false: a tile is missing. */
bool tiles_edge(const struct tiles *tiles, uint64_t size, struct edge *edge);

#endif
