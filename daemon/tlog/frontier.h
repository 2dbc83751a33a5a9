/*
 * The frontier of a log: what is needed to append to it and to know its root.
 *
 * A tree of n leaves is a row of whole subtrees, one for each bit of n, the
 * largest first. Their hashes and n are all that appending takes, so a sealer
 * keeps under two kilobytes and reads no tile.
 *
 *   bytes = size (8, big-endian) hash... (32 each, one per bit of the size, largest subtree first)
 */
#ifndef TIPLINE_TLOG_FRONTIER_H
#define TIPLINE_TLOG_FRONTIER_H

#include "daemon/base/buf.h"
#include "daemon/tlog/tile.h"

#define FRONTIER_MAX 40                                            /* hashes, up to LOG_SIZE_MAX leaves */
#define FRONTIER_BYTES_MAX (8 + FRONTIER_MAX * MERKLE_HASH_BYTES)

/* Zeroes are the empty log. */
struct frontier {
	uint64_t size;                          /* leaves */
	size_t n;                               /* hashes: bits set in size */
	struct merkle_hash hashes[FRONTIER_MAX];
};

/* The log has fewer than LOG_SIZE_MAX leaves. */
void frontier_append(struct frontier *frontier, const struct merkle_hash *leaf);

struct merkle_hash frontier_root(const struct frontier *frontier);

/* Appends the bytes to `out`. */
void frontier_write(const struct frontier *frontier, struct buf *out);

/* False when these are not the bytes of a frontier. They are not proven: hold the root against a signed one. */
bool frontier_read(struct span bytes, struct frontier *frontier);

/* Folds a row of subtrees, the largest first, to one hash; n is above zero. */
struct merkle_hash frontier_fold(const struct merkle_hash *hashes, size_t n);

#endif
