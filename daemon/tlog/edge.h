/*
 * The right edge of a log: the open tile of each level, for whoever writes tiles.
 *
 * Leaves are appended; full tiles come out at once and partial ones when the
 * edge is flushed, that is when a checkpoint is about to be signed. Each tile
 * comes out once with each width that a checkpoint needs, level by level
 * from below. Entry bundles are the caller's.
 */
#ifndef TIPLINE_TLOG_EDGE_H
#define TIPLINE_TLOG_EDGE_H

#include "daemon/tlog/frontier.h"

/* Zeroes are the empty log. About 50 KB: not for the stack. */
struct edge {
	uint64_t size;                                            /* leaves */
	uint64_t flushed;                                         /* leaves whose tiles are out */
	struct merkle_hash open[TILE_LEVELS][TILE_WIDTH];         /* the hashes of the open tile of each level */
};

/* Takes a tile with its `tile->width` hashes, which are borrowed; false ends the work and is handed up. */
struct edge_sink {
	bool (*put)(void *ctx, const struct tile *tile, const struct merkle_hash *hashes);
	void *ctx;
};

/*
 * One more leaf; the log has fewer than LOG_SIZE_MAX. False when the sink
 * refused: the edge is then not to be used any more.
 */
bool edge_append(struct edge *edge, const struct merkle_hash *leaf, const struct edge_sink *sink)
	__attribute__((warn_unused_result));

/* Puts out the partial tiles that changed since the last flush. */
bool edge_flush(struct edge *edge, const struct edge_sink *sink) __attribute__((warn_unused_result));

/* The frontier of the same log, and with it the root. */
void edge_frontier(const struct edge *edge, struct frontier *frontier);

/*
 * The edge of a log of `size` leaves for going on with it. `open` gives the
 * open tile of each level (tile_width() tells how many hashes), NULL where it
 * has none. The hashes are taken as they are: hold the root against the
 * signed one.
 */
void edge_resume(struct edge *edge, uint64_t size, const struct merkle_hash *const open[TILE_LEVELS]);

#endif
