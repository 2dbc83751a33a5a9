/*
 * The files of a log: whole or not there, in their order on the disk, readable while they grow, and what kills and torn files leave.
 */
#include "daemon/base/table.h"
#include "daemon/sys/files.h"
#include "daemon/sys/tiles.h"
#include "daemon/tlog/bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];
static struct complaint why;

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/tipline-tiles-XXXXXX");
	return mkdtemp(dir) == NULL;
}

static int remove_dir(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static const char *in_dir(const char *name)
{
	static char path[4][200];
	static unsigned next;
	char *at = path[next++ % 4];

	snprintf(at, 200, "%s/%s", dir, name);
	return at;
}

static bool is_there(const char *name)
{
	return access(in_dir(name), F_OK) == 0;
}

/* --- a small log ------------------------------------------------------------------------------------ */

static struct span leaf_at(uint64_t index, char text[32])
{
	return span_from(text, (size_t)snprintf(text, 32, "leaf number %llu", (unsigned long long)index));
}

static bool put_hashes(void *ctx, const struct tile *tile, const struct merkle_hash *hashes)
{
	return tiles_put(ctx, tile, span_from(hashes, tile->width * sizeof(*hashes)), &why);
}

/* As whoever follows a log does it: bundles, tiles, the batch, all synced. False: the disk said no. */
static bool grow(struct tiles *tiles, struct edge *edge, uint64_t to, bool sync)
{
	struct edge_sink sink = { .put = put_hashes, .ctx = tiles };
	struct tiles_batch batch = { .number = tiles_batches(tiles) + 1, .before = edge->size, .size = to, .journal = to,
				     .at_ms = (int64_t)to * 10 };
	struct tile_walk walk = { .from = edge->size, .to = to };
	struct frontier frontier;
	struct tile tile;
	char text[32];
	bool well;

	while (tile_walk_next(&walk, &tile) && tile.kind == TILE_ENTRIES) {
		struct buf bundle = { 0 };

		for (uint64_t i = 0; i < tile.width; i++)
			bundle_add(&bundle, leaf_at(tile.index * TILE_WIDTH + i, text));
		well = tiles_put(tiles, &tile, buf_span(&bundle), &why);
		buf_release(&bundle);
		if (!well)
			return false;
	}
	while (edge->size < to) {
		struct merkle_hash hash = merkle_leaf(leaf_at(edge->size, text));

		if (!edge_append(edge, &hash, &sink))
			return false;
	}
	if (!edge_flush(edge, &sink))
		return false;
	edge_frontier(edge, &frontier);
	batch.root = frontier_root(&frontier);
	return tiles_put_batch(tiles, &batch, &why) && (!sync || tiles_sync(tiles, &why));
}

static struct tiles *open_to_write(struct edge *edge)
{
	struct tiles *tiles = tiles_open(dir, true, &why);
	struct tiles_batch last = { .size = 0 };

	assert_non_null(tiles);
	if (tiles_batches(tiles) > 0)
		assert_true(tiles_batch(tiles, tiles_batches(tiles) - 1, &last));
	assert_true(tiles_edge(tiles, last.size, edge));
	assert_int_equal(edge->size, last.size);
	return tiles;
}

struct run {
	uint64_t next;
	uint64_t stop;      /* before this one */
};

static bool expect(void *ctx, uint64_t index, struct span leaf)
{
	struct run *run = ctx;
	char text[32];

	assert_int_equal(index, run->next);
	assert_true(span_eq(leaf, leaf_at(index, text)));
	run->next++;
	return run->next != run->stop;
}

/* Everything that the record of batches promises is readable and has its roots. */
static uint64_t assert_whole(void)
{
	struct tiles *tiles = tiles_open(dir, false, &why);
	uint64_t n, size = 0;

	assert_non_null(tiles);
	n = tiles_batches(tiles);
	for (uint64_t i = 0; i < n; i++) {
		struct tiles_batch batch;
		struct merkle_hash root;
		struct arena arena = { 0 };
		struct tree_reader reader;

		assert_true(tiles_batch(tiles, i, &batch));
		assert_int_equal(batch.number, i + 1);
		assert_int_equal(batch.before, size);
		size = batch.size;
		reader = tiles_reader(tiles, size);
		assert_true(tree_root(&reader, size, &arena, &root));
		assert_memory_equal(root.bytes, batch.root.bytes, sizeof(root.bytes));
		arena_release(&arena);
	}
	assert_true(tiles_leaves(tiles, 0, size, expect, &(struct run){ .next = 0 }));
	tiles_close(tiles);
	return size;
}

/* --- tests ---------------------------------------------------------------------------------------------- */

static void a_log_grows_is_closed_and_goes_on(void **state)
{
	static struct edge edge;
	static const uint64_t sizes[] = { 8, 16, 248, 256, 264, 1024, 5000, 66000 };
	struct tiles *tiles;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		tiles = open_to_write(&edge);
		assert_true(grow(tiles, &edge, sizes[i], true));
		tiles_close(tiles);
		assert_int_equal(assert_whole(), sizes[i]);
	}
	/* One bundle and one tile of each level stand in the end; the narrower ones are gone. */
	assert_true(is_there("tile/entries/257.p/208"));
	assert_true(is_there("tile/1/001.p/1"));
	assert_false(is_there("tile/entries/000.p"));
	assert_false(is_there("tile/0/019.p"));
	assert_false(is_there("tile/1/000.p"));
}

static void nothing_is_there_before_it_was_synced(void **state)
{
	static struct edge edge;
	struct tiles *tiles = open_to_write(&edge);

	(void)state;
	assert_true(grow(tiles, &edge, 300, false));
	assert_false(is_there("tile"));
	assert_int_equal(tiles_batches(tiles), 0);
	tiles_close(tiles);
	assert_true(is_there("new/0"));
	tiles = open_to_write(&edge);
	assert_false(is_there("new/0"));
	assert_true(grow(tiles, &edge, 300, true));
	tiles_close(tiles);
	assert_int_equal(assert_whole(), 300);
}

static void what_was_given_up_can_be_put_again(void **state)
{
	static struct edge edge;
	struct tiles *tiles = open_to_write(&edge);

	(void)state;
	assert_true(grow(tiles, &edge, 40, true));
	assert_true(grow(tiles, &edge, 400, false));
	tiles_drop(tiles);
	assert_true(tiles_sync(tiles, &why));
	assert_int_equal(tiles_batches(tiles), 1);
	assert_true(tiles_edge(tiles, 40, &edge));
	assert_true(grow(tiles, &edge, 48, true));
	tiles_close(tiles);
	assert_int_equal(assert_whole(), 48);
}

static void a_partial_tile_that_is_gone_is_the_start_of_a_wider_one(void **state)
{
	static struct edge edge;
	struct tiles *tiles = open_to_write(&edge);
	struct buf narrow = { 0 }, again = { 0 };
	struct tile tile = { .kind = TILE_ENTRIES, .width = 8 };

	(void)state;
	assert_true(grow(tiles, &edge, 8, true));
	assert_true(tiles_read(tiles, &tile, &narrow));
	for (uint64_t size = 16; size <= 256; size += 120) {
		assert_true(grow(tiles, &edge, size, true));
		assert_false(is_there("tile/entries/000.p/8"));
		buf_clear(&again);
		buf_add_text(&again, "before");
		assert_true(tiles_read(tiles, &tile, &again));
		buf_drop(&again, 6);
		assert_true(span_eq(buf_span(&again), buf_span(&narrow)));
	}
	tile = (struct tile){ .kind = TILE_HASHES, .width = 8 };
	buf_clear(&again);
	assert_true(tiles_read(tiles, &tile, &again));
	assert_int_equal(again.len, 8 * sizeof(struct merkle_hash));
	/* Wider than there are leaves. */
	tile = (struct tile){ .kind = TILE_HASHES, .index = 1, .width = 8 };
	assert_false(tiles_read(tiles, &tile, &again));
	assert_int_equal(again.len, 8 * sizeof(struct merkle_hash));
	buf_release(&narrow);
	buf_release(&again);
	tiles_close(tiles);
}

static void leaves_are_read_over_the_edges_of_bundles(void **state)
{
	static struct edge edge;
	struct tiles *tiles = open_to_write(&edge);
	struct run run;

	(void)state;
	assert_true(grow(tiles, &edge, 1000, true));
	run = (struct run){ .next = 255 };
	assert_true(tiles_leaves(tiles, 255, 514, expect, &run));
	assert_int_equal(run.next, 514);
	run = (struct run){ .next = 100, .stop = 300 };
	assert_true(tiles_leaves(tiles, 100, 1000, expect, &run));
	assert_int_equal(run.next, 300);
	assert_true(tiles_leaves(tiles, 7, 7, expect, &run));
	assert_int_equal(run.next, 300);
	run = (struct run){ .next = 990 };
	assert_false(tiles_leaves(tiles, 990, 1001, expect, &run));
	assert_int_equal(unlink(in_dir("tile/entries/002")), 0);
	run = (struct run){ .next = 500 };
	assert_false(tiles_leaves(tiles, 500, 520, expect, &run));
	assert_int_equal(run.next, 512);
	tiles_close(tiles);
}

static void a_bundle_that_was_cut_is_no_bundle(void **state)
{
	static struct edge edge;
	struct tiles *tiles = open_to_write(&edge);
	struct buf bytes = { 0 };
	struct tile tile = { .kind = TILE_ENTRIES, .width = 16 };

	(void)state;
	assert_true(grow(tiles, &edge, 16, true));
	assert_int_equal(truncate(in_dir("tile/entries/000.p/16"), 200), 0);
	assert_false(tiles_read(tiles, &tile, &bytes));
	tile.width = 8;
	assert_true(tiles_read(tiles, &tile, &bytes));
	buf_release(&bytes);
	tiles_close(tiles);
}

static void a_torn_record_of_a_batch_is_cut(void **state)
{
	static struct edge edge;
	struct tiles *tiles = open_to_write(&edge);
	static const char zeroes[200];

	(void)state;
	assert_true(grow(tiles, &edge, 8, true));
	assert_true(grow(tiles, &edge, 24, true));
	tiles_close(tiles);
	for (size_t torn = 1; torn < sizeof(zeroes); torn += 33) {
		struct stat st;

		assert_true(files_append(in_dir("batches"), span_from(zeroes, torn), 0600, &why));
		assert_int_equal(assert_whole(), 24);
		tiles_close(open_to_write(&edge));
		assert_int_equal(stat(in_dir("batches"), &st), 0);
		assert_int_equal(st.st_size, 160);
	}
	/* The last one lost its end: it is written again. */
	assert_int_equal(truncate(in_dir("batches"), 159), 0);
	tiles = open_to_write(&edge);
	assert_int_equal(edge.size, 8);
	assert_true(grow(tiles, &edge, 24, true));
	tiles_close(tiles);
	assert_int_equal(assert_whole(), 24);
}

static void a_changed_record_is_not_believed(void **state)
{
	static struct edge edge;
	struct tiles *tiles = open_to_write(&edge);
	struct tiles_batch batch;
	int fd;

	(void)state;
	for (uint64_t size = 8; size <= 24; size += 8)
		assert_true(grow(tiles, &edge, size, true));
	fd = open(in_dir("batches"), O_WRONLY);
	assert_int_equal(pwrite(fd, "x", 1, 80 + 20), 1);
	close(fd);
	assert_true(tiles_batch(tiles, 0, &batch));
	assert_false(tiles_batch(tiles, 1, &batch));
	assert_true(tiles_batch(tiles, 2, &batch));
	assert_false(tiles_batch(tiles, 3, &batch));
	tiles_close(tiles);
}

static void batches_follow_each_other(void **state)
{
	static struct edge edge;
	struct tiles *tiles = open_to_write(&edge);
	struct tiles_batch batch = { .number = 2, .before = 8, .size = 16 };

	(void)state;
	assert_false(tiles_put_batch(tiles, &batch, &why));
	assert_true(grow(tiles, &edge, 8, true));
	batch.before = 0;
	assert_false(tiles_put_batch(tiles, &batch, &why));
	batch.before = 8;
	batch.number = 3;
	assert_false(tiles_put_batch(tiles, &batch, &why));
	batch.number = 2;
	assert_true(tiles_put_batch(tiles, &batch, &why));
	tiles_close(tiles);
}

static void batches_are_found_by_their_time(void **state)
{
	static struct edge edge;
	struct tiles *tiles = open_to_write(&edge);

	(void)state;
	assert_int_equal(tiles_batch_at(tiles, 5), 0);
	for (uint64_t size = 8; size <= 80; size += 8)
		assert_true(grow(tiles, &edge, size, true));
	assert_int_equal(tiles_batch_at(tiles, INT64_MIN), 0);
	assert_int_equal(tiles_batch_at(tiles, 80), 0);
	assert_int_equal(tiles_batch_at(tiles, 81), 1);
	assert_int_equal(tiles_batch_at(tiles, 800), 9);
	assert_int_equal(tiles_batch_at(tiles, 801), 10);
	tiles_close(tiles);
}

static void checkpoint_and_other_files_are_replaced(void **state)
{
	static struct edge edge;
	struct tiles *tiles = open_to_write(&edge);
	struct buf note = { 0 };
	struct stat st;

	(void)state;
	assert_false(tiles_checkpoint(tiles, &note));
	assert_true(tiles_put_checkpoint(tiles, SPAN("first, and long\n"), &why));
	assert_true(tiles_put_checkpoint(tiles, SPAN("second\n"), &why));
	assert_true(tiles_checkpoint(tiles, &note));
	assert_true(span_is(buf_span(&note), "second\n"));
	assert_true(tiles_put_file(tiles, "key", SPAN("key text\n"), &why));
	assert_true(tiles_put_file(tiles, "openings/2026-11", SPAN("opened\n"), &why));
	assert_int_equal(stat(in_dir("openings/2026-11"), &st), 0);
	assert_int_equal(st.st_size, 7);
	buf_release(&note);
	tiles_close(tiles);
}

static void a_directory_that_cannot_be_written_is_a_complaint(void **state)
{
	static struct edge edge;
	struct tiles *tiles = open_to_write(&edge);

	(void)state;
	assert_int_equal(rmdir(in_dir("new")), 0);
	assert_false(tiles_put_checkpoint(tiles, SPAN("x\n"), &why));
	assert_false(grow(tiles, &edge, 8, true));
	tiles_close(tiles);
	assert_true(files_append(in_dir("new"), SPAN("x"), 0600, &why));
	assert_null(tiles_open(dir, true, &why));
	assert_null(tiles_open(in_dir("missing"), false, &why));
}

/* A process that does nothing but grow the log, killed wherever it is. */
static void whatever_is_killed_leaves_a_whole_log(void **state)
{
	static struct edge edge;
	uint64_t size = 0;

	(void)state;
	for (unsigned round = 0; round < 12; round++) {
		int ready[2];
		char byte;
		pid_t child;

		assert_int_equal(pipe(ready), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct tiles *tiles = open_to_write(&edge);

			while (grow(tiles, &edge, edge.size + 8 * (1 + edge.size / 8 % 60), true))
				if (write(ready[1], "x", 1) != 1)
					break;
			_exit(1);
		}
		close(ready[1]);
		/* Some batches, and then so far into the next one. */
		for (unsigned n = 0; n < 1 + round % 4; n++)
			assert_int_equal(read(ready[0], &byte, 1), 1);
		usleep(137 * round);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, NULL, 0), child);
		close(ready[0]);
		tiles_close(open_to_write(&edge));
		assert_true(edge.size > size);
		size = edge.size;
		assert_int_equal(assert_whole(), size);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_dir, remove_dir)
	const struct CMUnitTest tests[] = {
		TEST(a_log_grows_is_closed_and_goes_on),
		TEST(nothing_is_there_before_it_was_synced),
		TEST(what_was_given_up_can_be_put_again),
		TEST(a_partial_tile_that_is_gone_is_the_start_of_a_wider_one),
		TEST(leaves_are_read_over_the_edges_of_bundles),
		TEST(a_bundle_that_was_cut_is_no_bundle),
		TEST(a_torn_record_of_a_batch_is_cut),
		TEST(a_changed_record_is_not_believed),
		TEST(batches_follow_each_other),
		TEST(batches_are_found_by_their_time),
		TEST(checkpoint_and_other_files_are_replaced),
		TEST(a_directory_that_cannot_be_written_is_a_complaint),
		TEST(whatever_is_killed_leaves_a_whole_log),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
