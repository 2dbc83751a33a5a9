/*
 * The right edge: over many ways to cut a growing log into flushes, the tiles
 * that came out are those that tile_walk_next() names, with the hashes of the
 * definition, and a resumed edge goes on as if it had never stopped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/tlog/naive.h"

#include "daemon/tlog/edge.h"

#define OUT_MAX 64

struct out {
	struct naive *naive;
	struct tile tiles[OUT_MAX];
	size_t n;
	size_t refuse_after;
};

static bool put(void *ctx, const struct tile *tile, const struct merkle_hash *hashes)
{
	struct out *out = ctx;

	if (out->refuse_after > 0 && --out->refuse_after == 0)
		return false;
	assert_true(out->n < OUT_MAX);
	for (size_t i = 0; i < tile->width; i++) {
		struct merkle_hash wanted = naive_at(out->naive, tile->level, tile->index * TILE_WIDTH + i);

		assert_memory_equal(&hashes[i], &wanted, sizeof(wanted));
	}
	out->tiles[out->n++] = *tile;
	return true;
}

/* Each tile of the walk came out once, and no other. */
static void check_out(const struct out *out, uint64_t from, uint64_t to)
{
	struct tile_walk walk = { .from = from, .to = to };
	struct tile tile;
	size_t wanted = 0;

	while (tile_walk_next(&walk, &tile)) {
		size_t times = 0;

		if (tile.kind == TILE_ENTRIES)
			continue;
		for (size_t i = 0; i < out->n; i++)
			times += tile_equal(&out->tiles[i], &tile);
		assert_int_equal(times, 1);
		wanted++;
	}
	assert_int_equal(out->n, wanted);
}

static void grow(struct edge *edge, struct out *out, uint64_t to)
{
	struct edge_sink sink = { .put = put, .ctx = out };
	uint64_t from = edge->size;

	out->n = 0;
	while (edge->size < to)
		assert_true(edge_append(edge, &out->naive->hash[edge->size][edge->size + 1], &sink));
	assert_true(edge_flush(edge, &sink));
	check_out(out, from, to);
	out->n = 0;
	assert_true(edge_flush(edge, &sink));
	assert_int_equal(out->n, 0);
}

static void check_root(const struct edge *edge, struct naive *naive)
{
	struct frontier frontier;
	struct merkle_hash root, wanted = naive_hash(naive, 0, edge->size);

	edge_frontier(edge, &frontier);
	root = frontier_root(&frontier);
	assert_int_equal(frontier.size, edge->size);
	assert_memory_equal(&root, &wanted, sizeof(root));
}

static void tiles_come_out_once(void **state)
{
	struct out out = { .naive = naive_new() };
	struct edge *edge = calloc(1, sizeof(*edge));

	(void)state;
	for (uint64_t step = 1; step <= 301; step += 15) {
		*edge = (struct edge){ .size = 0 };
		for (uint64_t to = step; to <= NAIVE_MAX - 1; to += step) {
			grow(edge, &out, to);
			check_root(edge, out.naive);
		}
	}
	free(edge);
	free(out.naive);
}

static void a_resumed_edge_goes_on(void **state)
{
	struct out out = { .naive = naive_new() };
	struct edge *edge = calloc(1, sizeof(*edge)), *again = calloc(1, sizeof(*again));

	(void)state;
	for (uint64_t size = 0; size <= 600; size += 31) {
		const struct merkle_hash *open[TILE_LEVELS] = { NULL };

		*edge = (struct edge){ .size = 0 };
		grow(edge, &out, size);
		for (unsigned level = 0; level < TILE_LEVELS; level++)
			if (tile_hashes_at(size, level) % TILE_WIDTH > 0)
				open[level] = edge->open[level];
		edge_resume(again, size, open);
		check_root(again, out.naive);
		grow(again, &out, size + 90);
		check_root(again, out.naive);
	}
	free(again);
	free(edge);
	free(out.naive);
}

static void a_refusing_sink_is_told(void **state)
{
	struct out out = { .naive = naive_new(), .refuse_after = 1 };
	struct edge_sink sink = { .put = put, .ctx = &out };
	struct edge *edge = calloc(1, sizeof(*edge));

	(void)state;
	for (size_t i = 0; i < 255; i++)
		assert_true(edge_append(edge, &out.naive->hash[i][i + 1], &sink));
	assert_false(edge_flush(edge, &sink));
	out.refuse_after = 1;
	assert_false(edge_append(edge, &out.naive->hash[255][256], &sink));
	free(edge);
	free(out.naive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tiles_come_out_once),
		cmocka_unit_test(a_resumed_edge_goes_on),
		cmocka_unit_test(a_refusing_sink_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
