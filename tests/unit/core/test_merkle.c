/*
 * Merkle trees against RFC 6962. The roots are those of the eight leaves that
 * certificate transparency implementations test with, computed anew with the
 * recursive definition of the RFC, which this module does not use:
 *
 *   def root(d):
 *       if not d: return sha256(b"")
 *       if len(d) == 1: return sha256(b"\0" + d[0])
 *       k = 1
 *       while k * 2 < len(d): k *= 2
 *       return sha256(b"\1" + root(d[:k]) + root(d[k:]))
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/tip/merkle.h"

#include <sodium.h>

#define LEAVES_MAX 70

static const struct span leaf_data[8] = {
	{ "", 0 },
	{ "\0", 1 },
	{ "\x10", 1 },
	{ "\x20\x21", 2 },
	{ "\x30\x31", 2 },
	{ "\x40\x41\x42\x43", 4 },
	{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
	{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16 },
};

static const char *const roots[9] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void roots_are_those_of_the_rfc(void **state)
{
	struct merkle_hash leaves[8];

	(void)state;
	for (size_t i = 0; i < 8; i++)
		leaves[i] = merkle_leaf(leaf_data[i]);
	for (size_t n = 0; n <= 8; n++) {
		struct arena arena = { 0 };
		struct merkle_tree tree;
		struct merkle_hash root;
		char hex[2 * MERKLE_HASH_BYTES + 1];

		merkle_build(leaves, n, &arena, &tree);
		root = merkle_root(&tree);
		sodium_bin2hex(hex, sizeof(hex), root.bytes, sizeof(root.bytes));
		assert_string_equal(hex, roots[n]);
		arena_release(&arena);
	}
}

static void some_leaves(struct merkle_hash *leaves)
{
	for (size_t i = 0; i < LEAVES_MAX; i++)
		leaves[i] = merkle_leaf(span_from(&i, sizeof(i)));
}

/* A path proves its own leaf at its own place, and no other at any place. */
static void check_path(const struct merkle_hash *leaves, const struct merkle_tree *tree, size_t index)
{
	struct merkle_hash path[MERKLE_PATH_MAX];
	struct merkle_hash root = merkle_root(tree);
	size_t len = merkle_path(tree, index, path);

	assert_true(merkle_verify(&leaves[index], index, tree->leaves, path, len, &root));
	for (size_t other = 0; other < tree->leaves; other++) {
		if (other == index)
			continue;
		assert_false(merkle_verify(&leaves[other], index, tree->leaves, path, len, &root));
		assert_false(merkle_verify(&leaves[index], other, tree->leaves, path, len, &root));
	}
	assert_false(merkle_verify(&leaves[index], tree->leaves, tree->leaves, path, len, &root));
	path[len] = root;
	assert_false(merkle_verify(&leaves[index], index, tree->leaves, path, len + 1, &root));
	if (len == 0)
		return;
	assert_false(merkle_verify(&leaves[index], index, tree->leaves, path, len - 1, &root));
	for (size_t i = 0; i < len; i++) {
		path[i].bytes[i % MERKLE_HASH_BYTES] ^= 1;
		assert_false(merkle_verify(&leaves[index], index, tree->leaves, path, len, &root));
		path[i].bytes[i % MERKLE_HASH_BYTES] ^= 1;
	}
}

static void paths_prove_their_leaf_alone(void **state)
{
	struct merkle_hash leaves[LEAVES_MAX];

	(void)state;
	some_leaves(leaves);
	for (size_t n = 1; n <= LEAVES_MAX; n++) {
		struct arena arena = { 0 };
		struct merkle_tree tree;

		merkle_build(leaves, n, &arena, &tree);
		for (size_t i = 0; i < n; i++)
			check_path(leaves, &tree, i);
		arena_release(&arena);
	}
}

/* Prefixes keep an inner node from being passed off as a leaf. */
static void a_node_is_no_leaf(void **state)
{
	struct merkle_hash pair[2] = { merkle_leaf(SPAN("a")), merkle_leaf(SPAN("b")) };
	struct merkle_hash node = merkle_node(&pair[0], &pair[1]);
	struct merkle_hash leaf = merkle_leaf(span_from(pair, sizeof(pair)));

	(void)state;
	assert_memory_not_equal(node.bytes, leaf.bytes, sizeof(node.bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_those_of_the_rfc),
		cmocka_unit_test(paths_prove_their_leaf_alone),
		cmocka_unit_test(a_node_is_no_leaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
