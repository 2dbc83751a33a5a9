/*
 * Roots and proofs from tiles against the tree by definition: all sizes up to
 * 300 with every leaf and every older size, larger ones by sample; each proof
 * proves what it is for and nothing beside it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tlog/naive.h"

#define SIZES 300

struct world {
	struct naive *naive;
	struct naive_reader counted;
	struct tree_reader reader;
	struct arena arena;
};

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	world->naive = naive_new();
	world->counted.naive = world->naive;
	world->reader = (struct tree_reader){ .read = naive_read, .ctx = &world->counted };
	*state = world;
	return 0;
}

static int take_down(void **state)
{
	struct world *world = *state;

	arena_release(&world->arena);
	free(world->naive);
	free(world);
	return 0;
}

static void roots_are_those_of_all_sizes(void **state)
{
	struct world *world = *state;
	static const uint64_t now[] = { 300, 511, 512, 513, 700 };

	for (size_t i = 0; i < sizeof(now) / sizeof(now[0]); i++) {
		world->reader.size = now[i];
		for (size_t n = 0; n <= now[i]; n++) {
			struct merkle_hash root, wanted = naive_hash(world->naive, 0, n);

			assert_true(tree_root(&world->reader, n, &world->arena, &root));
			assert_memory_equal(&root, &wanted, sizeof(root));
			arena_clear(&world->arena);
		}
	}
}

static void check_inclusion(struct world *world, size_t index, size_t size)
{
	struct tree_proof proof, wanted = { .n = 0 };
	struct merkle_hash root = naive_hash(world->naive, 0, size);

	assert_true(tree_inclusion(&world->reader, index, size, &world->arena, &proof));
	naive_path(world->naive, index, 0, size, &wanted);
	assert_true(naive_same(&proof, &wanted));
	assert_true(merkle_verify(&world->naive->hash[index][index + 1], index, size, proof.hashes, proof.n, &root));
	arena_clear(&world->arena);
}

static void every_leaf_of_every_size_is_proven(void **state)
{
	struct world *world = *state;

	world->reader.size = SIZES;
	for (size_t size = 1; size <= SIZES; size++)
		for (size_t index = 0; index < size; index++)
			check_inclusion(world, index, size);
	world->reader.size = NAIVE_MAX;
	for (size_t size = 250; size <= NAIVE_MAX; size += 9)
		for (size_t index = 0; index < size; index += 13)
			check_inclusion(world, index, size);
}

/* Neither another size, nor a shorter, longer or changed proof, nor another root. */
static void check_false_ones(const struct tree_head *old, const struct tree_head *now, struct tree_proof *proof)
{
	struct tree_head other = *old;

	other.root.bytes[0] ^= 1;
	assert_false(tree_consistent(&other, now, proof->hashes, proof->n));
	other = *now;
	other.root.bytes[31] ^= 0x80;
	assert_false(tree_consistent(old, &other, proof->hashes, proof->n));
	assert_false(tree_consistent(now, old, proof->hashes, proof->n));
	assert_false(tree_consistent(old, now, proof->hashes, proof->n - 1));
	proof->hashes[proof->n] = now->root;
	assert_false(tree_consistent(old, now, proof->hashes, proof->n + 1));
	for (size_t i = 0; i < proof->n; i++) {
		proof->hashes[i].bytes[i] ^= 4;
		assert_false(tree_consistent(old, now, proof->hashes, proof->n));
		proof->hashes[i].bytes[i] ^= 4;
	}
}

static void check_consistency(struct world *world, size_t from, size_t to)
{
	struct tree_proof proof, wanted = { .n = 0 };
	struct tree_head old = { .size = from, .root = naive_hash(world->naive, 0, from) };
	struct tree_head now = { .size = to, .root = naive_hash(world->naive, 0, to) };

	assert_true(tree_consistency(&world->reader, from, to, &world->arena, &proof));
	if (from > 0)
		naive_subproof(world->naive, from, 0, to, true, &wanted);
	assert_true(naive_same(&proof, &wanted));
	assert_true(tree_consistent(&old, &now, proof.hashes, proof.n));
	if (from > 0 && from < to && (from + to) % 7 == 0)
		check_false_ones(&old, &now, &proof);
	arena_clear(&world->arena);
}

static void every_size_continues_every_older_one(void **state)
{
	struct world *world = *state;

	world->reader.size = SIZES;
	for (size_t to = 0; to <= SIZES; to++)
		for (size_t from = 0; from <= to; from++)
			check_consistency(world, from, to);
	world->reader.size = NAIVE_MAX;
	for (size_t to = 250; to <= NAIVE_MAX; to += 9)
		for (size_t from = 0; from <= to; from += 13)
			check_consistency(world, from, to);
}

/* The proof of two sizes shows nothing of any two others. */
static void other_sizes_do_not_fit(void **state)
{
	struct world *world = *state;
	struct tree_proof proof;

	world->reader.size = 21;
	assert_true(tree_consistency(&world->reader, 6, 21, &world->arena, &proof));
	for (size_t a = 1; a < 40; a++) {
		for (size_t b = a; b < 40; b++) {
			struct tree_head old = { .size = a, .root = naive_hash(world->naive, 0, a) };
			struct tree_head now = { .size = b, .root = naive_hash(world->naive, 0, b) };

			assert_int_equal(tree_consistent(&old, &now, proof.hashes, proof.n), a == 6 && b == 21);
		}
	}
}

static void the_empty_log(void **state)
{
	struct world *world = *state;
	struct tree_head none = { .root = naive_hash(world->naive, 0, 0) }, wrong = { .size = 0 };
	struct tree_head one = { .size = 1, .root = naive_hash(world->naive, 0, 1) };

	assert_true(tree_consistent(&none, &none, NULL, 0));
	assert_true(tree_consistent(&none, &one, NULL, 0));
	assert_false(tree_consistent(&none, &one, &one.root, 1));
	assert_false(tree_consistent(&wrong, &one, NULL, 0));
	assert_false(tree_consistent(&none, &wrong, NULL, 0));
	assert_false(tree_consistent(&one, &none, NULL, 0));
}

/* Sizes near 2^63 end, too. */
static void large_sizes_end(void **state)
{
	struct merkle_hash hashes[MERKLE_PATH_MAX] = { { .bytes = { 0 } } };
	struct tree_head old = { .size = INT64_MAX - 5 }, now = { .size = INT64_MAX };

	(void)state;
	for (size_t n = 0; n <= MERKLE_PATH_MAX; n++)
		assert_false(tree_consistent(&old, &now, hashes, n));
}

static void one_read_each_and_few_tiles(void **state)
{
	struct world *world = *state;
	struct tree_proof proof;

	world->reader.size = NAIVE_MAX;
	world->counted.calls = world->counted.tiles = 0;
	assert_true(tree_inclusion(&world->reader, 300, 700, &world->arena, &proof));
	assert_int_equal(world->counted.calls, 1);
	assert_int_equal(world->counted.tiles, 3);
	assert_true(tree_consistency(&world->reader, 300, 700, &world->arena, &proof));
	assert_int_equal(world->counted.calls, 2);
	assert_true(world->counted.tiles <= 3 + 4);
	world->counted.refuse = true;
	assert_false(tree_inclusion(&world->reader, 300, 700, &world->arena, &proof));
	assert_false(tree_consistency(&world->reader, 300, 700, &world->arena, &proof));
	assert_false(tree_root(&world->reader, 700, &world->arena, &(struct merkle_hash){ .bytes = { 0 } }));
	world->counted.refuse = false;
}

/* Every tile as if all of its hashes were one and the same: sizes no test could build. */
static bool read_alike(void *ctx, const struct tile *tiles, size_t n, struct merkle_hash *const *hashes)
{
	const struct merkle_hash *levels = ctx;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < tiles[i].width; k++)
			hashes[i][k] = levels[tiles[i].level];
	return true;
}

/* A log of equal leaves has one hash for each height. */
static void the_largest_logs_are_proven(void **state)
{
	struct world *world = *state;
	struct merkle_hash levels[TILE_LEVELS] = { merkle_leaf(SPAN("same")) }, root;
	static const uint64_t sizes[] = { LOG_SIZE_MAX, LOG_SIZE_MAX - 1, LOG_SIZE_MAX / 2 + 1, 0xAAAAAAAAAA, 16777216 + 255 };
	struct tree_reader reader = { .read = read_alike, .ctx = levels };

	for (unsigned level = 1; level < TILE_LEVELS; level++) {
		struct merkle_hash hash = levels[level - 1];

		for (int i = 0; i < TILE_HEIGHT; i++)
			hash = merkle_node(&hash, &hash);
		levels[level] = hash;
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct tree_head now = { .size = sizes[i] }, old = { .size = sizes[i] / 3 };
		struct tree_proof proof;

		reader.size = sizes[i];
		assert_true(tree_root(&reader, sizes[i], &world->arena, &root));
		now.root = root;
		assert_true(tree_inclusion(&reader, sizes[i] / 3, sizes[i], &world->arena, &proof));
		assert_true(merkle_verify(&levels[0], sizes[i] / 3, sizes[i], proof.hashes, proof.n, &root));
		assert_true(tree_inclusion(&reader, sizes[i] - 1, sizes[i], &world->arena, &proof));
		assert_true(merkle_verify(&levels[0], sizes[i] - 1, sizes[i], proof.hashes, proof.n, &root));
		assert_true(tree_root(&reader, old.size, &world->arena, &old.root));
		assert_true(tree_consistency(&reader, old.size, now.size, &world->arena, &proof));
		assert_true(tree_consistent(&old, &now, proof.hashes, proof.n));
		arena_clear(&world->arena);
	}
}

static void frontiers_go_on(void **state)
{
	struct world *world = *state;

	world->reader.size = NAIVE_MAX - 1;
	for (size_t size = 0; size < NAIVE_MAX - 1; size += 17) {
		struct frontier frontier;
		struct merkle_hash root, wanted = naive_hash(world->naive, 0, size + 1);

		assert_true(tree_frontier(&world->reader, size, &world->arena, &frontier));
		frontier_append(&frontier, &world->naive->hash[size][size + 1]);
		root = frontier_root(&frontier);
		assert_memory_equal(&root, &wanted, sizeof(root));
		arena_clear(&world->arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_those_of_all_sizes),
		cmocka_unit_test(every_leaf_of_every_size_is_proven),
		cmocka_unit_test(every_size_continues_every_older_one),
		cmocka_unit_test(other_sizes_do_not_fit),
		cmocka_unit_test(the_empty_log),
		cmocka_unit_test(large_sizes_end),
		cmocka_unit_test(one_read_each_and_few_tiles),
		cmocka_unit_test(the_largest_logs_are_proven),
		cmocka_unit_test(frontiers_go_on),
	};

	return cmocka_run_group_tests(tests, set_up, take_down);
}
