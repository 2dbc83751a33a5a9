/*
 * Coordinates of tiles: examples of the C2SP text, and over all sizes up to
 * 1,400 that the walk of a growing log names exactly what changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/tile.h"

#include "daemon/base/table.h"

#include <stdlib.h>

static const struct {
	const char *path;
	struct tile tile;
} examples[] = {
	{ .path = "tile/0/000", .tile = { .width = 256 } },
	{ .path = "tile/0/000.p/1", .tile = { .width = 1 } },
	{ .path = "tile/0/x001/x234/067", .tile = { .index = 1234067, .width = 256 } },
	{ .path = "tile/0/x001/x234/067.p/8", .tile = { .index = 1234067, .width = 8 } },
	{ .path = "tile/1/x001/000.p/255", .tile = { .level = 1, .index = 1000, .width = 255 } },
	{ .path = "tile/5/000.p/1", .tile = { .level = 5, .width = 1 } },
	{ .path = "tile/entries/999", .tile = { .kind = TILE_ENTRIES, .index = 999, .width = 256 } },
	{ .path = "tile/entries/x001/000.p/17", .tile = { .kind = TILE_ENTRIES, .index = 1000, .width = 17 } },
	{ .path = "tile/0/x004/x294/x967/295", .tile = { .index = 4294967295, .width = 256 } },
};

static void paths_go_both_ways(void **state)
{
	char path[TILE_PATH_MAX];
	struct tile tile;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(examples); i++) {
		assert_true(span_is(tile_path(&examples[i].tile, path), examples[i].path));
		assert_true(tile_parse(span_of(examples[i].path), &tile));
		assert_true(tile_equal(&tile, &examples[i].tile));
	}
}

static void other_paths_are_refused(void **state)
{
	static const char *const wrong[] = {
		"", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/6/000",
		"tile/64/000", "tile/-1/000", "tile/0/x000/067", "tile/0/x001", "tile/0/001/067", "tile/0/067/", "tile/0/067.p",
		"tile/0/067.p/", "tile/0/067.p/0", "tile/0/067.p/256", "tile/0/067.p/08", "tile/0/067.p/8/", "tile/0/067.q/8",
		"/tile/0/067", "tile/0/x001.p/8", "tile/8/0/067", "tile/entries/x1/067", "tile/0/x004/x294/x967/296",
		"tile/5/000", "tile/5/000.p/2", "tile/4/001.p/1", "tile/0/a67", "tile/0/../000", "tile/0/067.p/8.p/8",
		"tile/0/x999/x999/x999/x999/x999/x999/x999/999", "tiles/0/000", "tile/entries/", "tile/entries"
	};
	struct tile tile;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (tile_parse(span_of(wrong[i]), &tile))
			fail_msg("%s was taken", wrong[i]);
}

static void random_tiles_come_back(void **state)
{
	char path[TILE_PATH_MAX];
	struct tile again;

	(void)state;
	srand(7);
	for (int i = 0; i < 20000; i++) {
		struct tile tile = { .kind = rand() % 3 == 0 ? TILE_ENTRIES : TILE_HASHES };
		uint64_t tiles;

		tile.level = tile.kind == TILE_ENTRIES ? 0 : (unsigned)rand() % 5;
		tiles = tile_hashes_at(LOG_SIZE_MAX, tile.level) / TILE_WIDTH;
		tile.index = (((uint64_t)rand() << 31) ^ (uint64_t)rand()) % tiles;
		tile.width = 1 + (unsigned)rand() % TILE_WIDTH;
		assert_true(tile_parse(tile_path(&tile, path), &again));
		assert_true(tile_equal(&tile, &again));
	}
}

/* The example of the C2SP text: a log of 70,000 leaves. */
static void a_log_of_70000(void **state)
{
	struct tile_walk walk = { .from = 0, .to = 70000 };
	struct tile tile;
	size_t full[3] = { 0 }, partial[3] = { 0 }, entries = 0;

	(void)state;
	while (tile_walk_next(&walk, &tile)) {
		entries += tile.kind == TILE_ENTRIES;
		if (tile.kind == TILE_ENTRIES)
			continue;
		assert_true(tile.level < 3);
		full[tile.level] += tile.width == TILE_WIDTH;
		if (tile.width < TILE_WIDTH)
			partial[tile.level] += tile.width;
	}
	assert_int_equal(entries, 274);
	assert_int_equal(full[0], 273);
	assert_int_equal(partial[0], 112);
	assert_int_equal(full[1], 1);
	assert_int_equal(partial[1], 17);
	assert_int_equal(full[2], 0);
	assert_int_equal(partial[2], 1);
	assert_int_equal(tile_width(256, 0, 0), 256);
	assert_int_equal(tile_width(256, 1, 0), 1);
	assert_int_equal(tile_width(256, 0, 1), 0);
	assert_int_equal(tile_width(0, 0, 0), 0);
}

/* A tile is walked exactly when its width differs between the two sizes. */
static void check_walk(uint64_t from, uint64_t to)
{
	struct tile_walk walk = { .from = from, .to = to };
	struct tile tile;
	size_t walked = 0, changed = 0;

	while (tile_walk_next(&walk, &tile)) {
		assert_int_equal(tile.width, tile_width(to, tile.level, tile.index));
		assert_true(tile_width(from, tile.level, tile.index) < tile.width);
		assert_true(tile_first_leaf(&tile) < tile_end_leaf(&tile) && tile_end_leaf(&tile) <= to);
		walked++;
	}
	for (unsigned level = 0; level < 3; level++)
		for (uint64_t index = 0; tile_width(to, level, index) > 0; index++)
			if (tile_width(from, level, index) != tile_width(to, level, index))
				changed += level == 0 ? 2 : 1;
	assert_int_equal(walked, changed);
}

static void growing_names_what_changes(void **state)
{
	(void)state;
	for (uint64_t to = 0; to <= 1400; to += 7)
		for (uint64_t from = 0; from <= to; from += 5)
			check_walk(from, to);
	check_walk(65535, 65536);
	check_walk(65535, 65537);
	check_walk(0, 66000);
	check_walk(LOG_SIZE_MAX, LOG_SIZE_MAX);
}

static void folds_are_trees(void **state)
{
	struct merkle_hash leaves[TILE_WIDTH];

	(void)state;
	for (size_t i = 0; i < TILE_WIDTH; i++)
		leaves[i] = merkle_leaf(span_from(&i, sizeof(i)));
	for (unsigned height = 0; height <= TILE_HEIGHT; height++) {
		struct arena arena = { 0 };
		struct merkle_tree tree;
		struct merkle_hash root, fold = tile_fold(leaves, height);

		merkle_build(leaves, (size_t)1 << height, &arena, &tree);
		root = merkle_root(&tree);
		assert_memory_equal(&root, &fold, sizeof(root));
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_go_both_ways),
		cmocka_unit_test(other_paths_are_refused),
		cmocka_unit_test(random_tiles_come_back),
		cmocka_unit_test(a_log_of_70000),
		cmocka_unit_test(growing_names_what_changes),
		cmocka_unit_test(folds_are_trees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
