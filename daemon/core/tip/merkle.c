/*
 * Merkle trees; see merkle.h.
 *
 * RFC 6962 splits n leaves at the largest power of two below n. Pairing each
 * row from the left and lifting an odd last node unchanged gives the same tree.
 */
#include "daemon/core/tip/merkle.h"

#include <assert.h>
#include <sodium.h>

static struct merkle_hash sha256(unsigned char prefix, struct span a, struct span b)
{
	crypto_hash_sha256_state state;
	struct merkle_hash out;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, &prefix, 1);
	crypto_hash_sha256_update(&state, (const unsigned char *)a.at, a.len);
	crypto_hash_sha256_update(&state, (const unsigned char *)b.at, b.len);
	crypto_hash_sha256_final(&state, out.bytes);
	return out;
}

struct merkle_hash merkle_leaf(struct span data)
{
	return sha256(0, data, (struct span){ 0 });
}

struct merkle_hash merkle_node(const struct merkle_hash *left, const struct merkle_hash *right)
{
	return sha256(1, span_from(left, sizeof(*left)), span_from(right, sizeof(*right)));
}

static void build_row(const struct merkle_hash *below, size_t n, struct merkle_hash *row)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		row[i / 2] = merkle_node(&below[i], &below[i + 1]);
	if (n % 2 == 1)
		row[n / 2] = below[n - 1];
}

void merkle_build(const struct merkle_hash *leaves, size_t n, struct arena *arena, struct merkle_tree *tree)
{
	*tree = (struct merkle_tree){ .leaves = n };
	if (n == 0)
		return;
	tree->row[0] = arena_array(arena, struct merkle_hash, n);
	memcpy(tree->row[0], leaves, n * sizeof(*leaves));
	tree->levels = 1;
	for (; n > 1; n = (n + 1) / 2) {
		struct merkle_hash *row = arena_array(arena, struct merkle_hash, (n + 1) / 2);

		build_row(tree->row[tree->levels - 1], n, row);
		tree->row[tree->levels++] = row;
	}
}

struct merkle_hash merkle_root(const struct merkle_tree *tree)
{
	struct merkle_hash empty;

	if (tree->levels > 0)
		return tree->row[tree->levels - 1][0];
	crypto_hash_sha256(empty.bytes, NULL, 0);
	return empty;
}

size_t merkle_path(const struct merkle_tree *tree, size_t index, struct merkle_hash path[MERKLE_PATH_MAX])
{
	size_t n = tree->leaves, len = 0;

	assert(index < n);
	for (size_t level = 0; n > 1; level++) {
		if ((index ^ 1) < n)
			path[len++] = tree->row[level][index ^ 1];
		index /= 2;
		n = (n + 1) / 2;
	}
	return len;
}

bool merkle_root_from_path(const struct merkle_hash *leaf, uint64_t index, uint64_t leaves,
			   const struct merkle_hash *path, size_t npath, struct merkle_hash *root)
{
	size_t used = 0;

	if (index >= leaves)
		return false;
	*root = *leaf;
	for (uint64_t last = leaves - 1; last > 0; last /= 2, index /= 2) {
		bool lifted = index == last && index % 2 == 0;

		if (lifted)
			continue;
		if (used == npath)
			return false;
		*root = index % 2 == 1 ? merkle_node(&path[used], root) : merkle_node(root, &path[used]);
		used++;
	}
	return used == npath;
}

bool merkle_verify(const struct merkle_hash *leaf, uint64_t index, uint64_t leaves,
		   const struct merkle_hash *path, size_t npath, const struct merkle_hash *root)
{
	struct merkle_hash reached;

	return merkle_root_from_path(leaf, index, leaves, path, npath, &reached) &&
	       memcmp(reached.bytes, root->bytes, MERKLE_HASH_BYTES) == 0;
}
