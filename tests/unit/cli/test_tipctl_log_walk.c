/*
 * The walk over a log's files: what is wrong is named by its first leaf, for
 * logs of many sizes, from any start, against any row of heads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/cli/tipctl_log_walk.h"
#include "daemon/sys/files.h"
#include "daemon/tlog/bundle.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define SIZE_MAX_HERE 1500

static struct {
	char dir[64];
	struct tiles *tiles;
	struct edge *edge, *walked;
	struct frontier frontier;
	struct buf bundle;
	struct log_head heads[SIZE_MAX_HERE + 1];   /* of every size */
	struct log_finding finding;
	uint64_t passed;
} t;

static bool put_tile(void *ctx, const struct tile *tile, const struct merkle_hash *hashes)
{
	struct complaint why;

	(void)ctx;
	return tiles_put(t.tiles, tile, span_from(hashes, tile->width * sizeof(*hashes)), &why);
}

static void put_bundle(void)
{
	uint64_t last = t.frontier.size - 1;
	struct tile tile = { .kind = TILE_ENTRIES, .index = last / TILE_WIDTH, .width = (unsigned)(last % TILE_WIDTH) + 1 };
	struct complaint why;

	assert_true(tiles_put(t.tiles, &tile, buf_span(&t.bundle), &why));
	if (tile.width == TILE_WIDTH)
		buf_clear(&t.bundle);
}

static void grow(uint64_t size)
{
	struct edge_sink sink = { .put = put_tile };
	struct complaint why;

	while (t.frontier.size < size) {
		char entry[32];
		int len = snprintf(entry, sizeof(entry), "entry %llu", (unsigned long long)t.frontier.size);
		struct merkle_hash leaf = merkle_leaf(span_from(entry, (size_t)len));

		frontier_append(&t.frontier, &leaf);
		bundle_add(&t.bundle, span_from(entry, (size_t)len));
		assert_true(edge_append(t.edge, &leaf, &sink));
		t.heads[t.frontier.size] = (struct log_head){ { t.frontier.size, frontier_root(&t.frontier) }, true };
		if (t.frontier.size % TILE_WIDTH == 0)
			put_bundle();
	}
	if (size % TILE_WIDTH > 0)
		put_bundle();
	assert_true(edge_flush(t.edge, &sink) && tiles_sync(t.tiles, &why));
}

static void passed(void *ctx, const struct frontier *frontier)
{
	(void)ctx;
	assert_true(frontier->size > t.passed);
	t.passed = frontier->size;
}

static bool walk(const struct log_head *heads, size_t n)
{
	struct log_walk_plan plan = { .tiles = t.tiles, .dir = t.dir, .heads = heads, .n = n, .passed = passed };

	t.passed = 0;
	log_walk(&plan, t.walked, &t.finding);
	return t.finding.whole;
}

/* From the first leaf, against one head. */
static bool walk_to(uint64_t size)
{
	*t.walked = (struct edge){ .size = 0 };
	return walk(&t.heads[size], 1);
}

static void found(uint64_t leaf, const char *words)
{
	assert_false(t.finding.whole);
	if (t.finding.leaf != leaf || strstr(t.finding.text, words) == NULL)
		fail_msg("leaf %llu: %s", (unsigned long long)t.finding.leaf, t.finding.text);
}

/* One bit of a file. */
static void flip(const char *name, size_t at)
{
	char path[128];
	FILE *file;
	int byte;

	snprintf(path, sizeof(path), "%s/%s", t.dir, name);
	file = fopen(path, "r+b");
	assert_non_null(file);
	assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
	byte = fgetc(file);
	assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
	fputc(byte ^ 4, file);
	fclose(file);
}

/* --- tests ------------------------------------------------------------------------------------- */

static void every_size(void **state)
{
	static const uint64_t sizes[] = { 1, 2, 255, 256, 257, 511, 512, 513, 700, 1024, 1300 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct frontier end;

		grow(sizes[i]);
		assert_true(walk_to(sizes[i]));
		assert_int_equal(t.passed, sizes[i]);
		edge_frontier(t.walked, &end);
		assert_memory_equal(&end, &t.frontier, sizeof(end.size));
		/* All that is older, too: the partial tiles are gone, and the start of the wider ones will do. */
		for (uint64_t size = 1; size <= sizes[i]; size += 61)
			assert_true(walk_to(size));
		*t.walked = (struct edge){ .size = 0 };
		assert_true(walk(&t.heads[1], sizes[i]));
	}
}

static void the_empty_log(void **state)
{
	(void)state;
	t.heads[0] = (struct log_head){ { 0, frontier_root(&t.frontier) }, true };
	assert_true(walk_to(0));
	t.heads[0].head.root.bytes[0] ^= 1;
	assert_false(walk_to(0));
	found(0, "not what was signed at 0 leaves");
}

static void goes_on_from_any_size(void **state)
{
	(void)state;
	grow(300);
	for (uint64_t from = 0; from <= 300; from += 7) {
		struct frontier reached;

		assert_true(walk_to(from));
		edge_frontier(t.walked, &reached);
		*t.walked = (struct edge){ .size = 99 };
		assert_true(log_walk_resume(t.tiles, &reached, t.walked));
		assert_true(walk(&t.heads[from > 100 ? from - 100 : 0], from > 100 ? 400 - from + 1 : 301));
		assert_int_equal(t.walked->size, 300);
	}
}

static void another_log_is_not_gone_on_with(void **state)
{
	struct frontier reached;

	(void)state;
	grow(300);
	assert_true(walk_to(270));
	edge_frontier(t.walked, &reached);
	flip("tile/0/001.p/44", 32 * 3);
	assert_false(log_walk_resume(t.tiles, &reached, t.walked));
	flip("tile/0/001.p/44", 32 * 3);
	flip("tile/1/000.p/1", 5);
	assert_false(log_walk_resume(t.tiles, &reached, t.walked));
	flip("tile/1/000.p/1", 5);
	assert_true(log_walk_resume(t.tiles, &reached, t.walked));
}

static void heads_that_do_not_fit(void **state)
{
	(void)state;
	grow(600);
	for (uint64_t bad = 1; bad <= 600; bad += 37) {
		char words[64];

		t.heads[bad].head.root.bytes[9] ^= 1;
		*t.walked = (struct edge){ .size = 0 };
		assert_false(walk(&t.heads[1], 600));
		snprintf(words, sizeof(words), "not what was signed at %llu leaves", (unsigned long long)bad);
		found(bad - 1, words);
		/* A walk that begins behind it finds it from the tiles. */
		t.heads[bad].head.root.bytes[9] ^= 1;
		assert_true(walk_to(bad));
		t.heads[bad].head.root.bytes[9] ^= 1;
		t.heads[bad].signed_here = false;
		if (bad > 1) {
			assert_false(walk(&t.heads[bad - 1], 600 - bad + 2));
			snprintf(words, sizeof(words), "not what was verified before at %llu leaves", (unsigned long long)bad);
			found(bad - 1, words);
		}
		t.heads[bad].head.root.bytes[9] ^= 1;
		t.heads[bad].signed_here = true;
	}
}

static void every_hash_of_every_tile(void **state)
{
	(void)state;
	grow(700);
	for (size_t i = 0; i < 256; i += 5) {
		flip("tile/0/001", 32 * i + 7);
		assert_false(walk_to(700));
		found(256 + i, "entry and hash differ");
		flip("tile/0/001", 32 * i + 7);
	}
	for (size_t i = 0; i < 2; i++) {
		flip("tile/1/000.p/2", 32 * i + 31);
		assert_false(walk_to(700));
		found(256 * i, "tile/1/000.p/2 differs from what the leaves give");
		flip("tile/1/000.p/2", 32 * i + 31);
	}
	assert_true(walk_to(700));
}

static void the_first_of_several(void **state)
{
	(void)state;
	grow(700);
	flip("tile/0/002.p/188", 32 * 100);
	flip("tile/0/001", 32 * 8);
	assert_false(walk_to(700));
	found(264, "entry and hash differ");
	flip("tile/1/000.p/2", 3);
	assert_false(walk_to(700));
	found(0, "differs from what the leaves give");
}

static int begin(void **state)
{
	struct complaint why;

	(void)state;
	memset(&t, 0, sizeof(t));
	strcpy(t.dir, "/tmp/tipline-walk-XXXXXX");
	if (sodium_init() < 0 || mkdtemp(t.dir) == NULL)
		return -1;
	t.tiles = tiles_open(t.dir, true, &why);
	t.edge = calloc(1, sizeof(*t.edge));
	t.walked = calloc(1, sizeof(*t.walked));
	t.heads[0] = (struct log_head){ { 0, frontier_root(&t.frontier) }, true };
	return t.tiles == NULL;
}

static int end(void **state)
{
	char command[128];

	(void)state;
	tiles_close(t.tiles);
	buf_release(&t.bundle);
	free(t.edge);
	free(t.walked);
	snprintf(command, sizeof(command), "rm -rf %s", t.dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_size, begin, end),
		cmocka_unit_test_setup_teardown(the_empty_log, begin, end),
		cmocka_unit_test_setup_teardown(goes_on_from_any_size, begin, end),
		cmocka_unit_test_setup_teardown(another_log_is_not_gone_on_with, begin, end),
		cmocka_unit_test_setup_teardown(heads_that_do_not_fit, begin, end),
		cmocka_unit_test_setup_teardown(every_hash_of_every_tile, begin, end),
		cmocka_unit_test_setup_teardown(the_first_of_several, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
