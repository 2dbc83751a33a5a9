/*
 * Merkle trees with the hashing of RFC 6962, section 2.1 (SHA-256).
 *
 *   leaf = SHA-256(0x00 data)    node = SHA-256(0x01 left right)
 *   the empty tree = SHA-256()
 *
 * Whoever verifies needs nothing of ours: certificate transparency and C2SP
 * tools compute the same hashes.
 */
#ifndef TIPLINE_CORE_MERKLE_H
#define TIPLINE_CORE_MERKLE_H

#include "daemon/base/arena.h"

#define MERKLE_HASH_BYTES 32
#define MERKLE_PATH_MAX 64     /* no tree is higher */

struct merkle_hash {
	unsigned char bytes[MERKLE_HASH_BYTES];
};

struct merkle_hash merkle_leaf(struct span data);
struct merkle_hash merkle_node(const struct merkle_hash *left, const struct merkle_hash *right);

/* A whole small tree, with all its nodes, in an arena. */
struct merkle_tree {
	size_t leaves;
	size_t levels;                        /* rows of nodes; 0 for the empty tree */
	struct merkle_hash *row[MERKLE_PATH_MAX + 1];   /* row[0] are the leaves */
};

/* Copies the leaf hashes. */
void merkle_build(const struct merkle_hash *leaves, size_t n, struct arena *arena, struct merkle_tree *tree);

struct merkle_hash merkle_root(const struct merkle_tree *tree);

/* Audit path of a leaf, lowest sibling first; returns its length. */
size_t merkle_path(const struct merkle_tree *tree, size_t index, struct merkle_hash path[MERKLE_PATH_MAX]);

/* Is this the leaf number `index` of a tree of `leaves` leaves with that root? */
bool merkle_verify(const struct merkle_hash *leaf, uint64_t index, uint64_t leaves, const struct merkle_hash *path,
		   size_t npath, const struct merkle_hash *root);

/* The root that leaf and path lead to; false when the path has not the length it must have. */
bool merkle_root_from_path(const struct merkle_hash *leaf, uint64_t index, uint64_t leaves,
			   const struct merkle_hash *path, size_t npath, struct merkle_hash *root);

#endif
