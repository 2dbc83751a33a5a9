/*
 * Roots and proofs of a log of any size up to now, made from its tiles (RFC
 * 6962 section 2.1, RFC 9162 section 2.1), and the check of a consistency proof.
 *
 * Whatever is asked is first turned into the list of tiles it takes (at most a
 * dozen or so), and the reader gets the list in one call. Tiles are those of the
 * log as it is now; older sizes are made from the same ones, so older partial
 * tiles need not be kept.
 *
 * Hashes from the reader are not proven: whoever does not trust it makes the
 * root of a signed size and compares. A proof from false tiles does not verify.
 *
 * The check of an inclusion proof is merkle_verify() (core/tip/merkle.h).
 */
#ifndef TIPLINE_TLOG_TREE_H
#define TIPLINE_TLOG_TREE_H

#include "daemon/tlog/frontier.h"

#define TREE_TILES_MAX 48     /* in one call of the reader */

struct tree_reader {
	uint64_t size;        /* leaves the log has now; at most LOG_SIZE_MAX */
	/*
	 * Fills hashes[i], which has room for tiles[i].width, for each of the n
	 * different tiles of kind TILE_HASHES. False when one is not to be had.
	 */
	bool (*read)(void *ctx, const struct tile *tiles, size_t n, struct merkle_hash *const *hashes);
	void *ctx;
};

struct tree_proof {
	size_t n;
	struct merkle_hash hashes[MERKLE_PATH_MAX];
};

/*
 * All return false only when the reader did. Sizes are at most reader->size,
 * the index is below the size, and `old` is at most `size`. The arena takes
 * the tiles, some 100 KB at most.
 */
bool tree_root(const struct tree_reader *reader, uint64_t size, struct arena *arena, struct merkle_hash *root)
	__attribute__((warn_unused_result));
bool tree_frontier(const struct tree_reader *reader, uint64_t size, struct arena *arena, struct frontier *frontier)
	__attribute__((warn_unused_result));

/* Lowest sibling first: what merkle_verify() takes. */
bool tree_inclusion(const struct tree_reader *reader, uint64_t index, uint64_t size, struct arena *arena,
		    struct tree_proof *proof) __attribute__((warn_unused_result));

/* Empty when `old` is 0 or `size`. */
bool tree_consistency(const struct tree_reader *reader, uint64_t old, uint64_t size, struct arena *arena,
		      struct tree_proof *proof) __attribute__((warn_unused_result));

/* A tree at some time. */
struct tree_head {
	uint64_t size;
	struct merkle_hash root;
};

/* Is `now` a continuation of `old`? Any sizes, also of logs that are not ours. */
bool tree_consistent(const struct tree_head *old, const struct tree_head *now, const struct merkle_hash *proof,
		     size_t n) __attribute__((warn_unused_result));

#endif
