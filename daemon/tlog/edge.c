/*
 * The right edge of a log; see edge.h.
 */
#include "daemon/tlog/edge.h"

#include <assert.h>

/* Hashes in the open tile of a level: less than 256. */
static unsigned open_width(uint64_t size, unsigned level)
{
	return (unsigned)(tile_hashes_at(size, level) % TILE_WIDTH);
}

static bool put(const struct edge *edge, unsigned level, uint64_t index, unsigned width, const struct edge_sink *sink)
{
	struct tile tile = { .kind = TILE_HASHES, .level = level, .index = index, .width = width };

	return sink->put(sink->ctx, &tile, edge->open[level]);
}

bool edge_append(struct edge *edge, const struct merkle_hash *leaf, const struct edge_sink *sink)
{
	struct merkle_hash hash = *leaf;

	assert(edge->size < LOG_SIZE_MAX);
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		unsigned width = open_width(edge->size, level);

		edge->open[level][width] = hash;
		if (width + 1 < TILE_WIDTH)
			break;
		if (!put(edge, level, tile_hashes_at(edge->size, level) / TILE_WIDTH, TILE_WIDTH, sink))
			return false;
		hash = tile_fold(edge->open[level], TILE_HEIGHT);
	}
	edge->size++;
	return true;
}

bool edge_flush(struct edge *edge, const struct edge_sink *sink)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		uint64_t hashes = tile_hashes_at(edge->size, level);

		if (hashes == tile_hashes_at(edge->flushed, level) || hashes % TILE_WIDTH == 0)
			continue;
		if (!put(edge, level, hashes / TILE_WIDTH, (unsigned)(hashes % TILE_WIDTH), sink))
			return false;
	}
	edge->flushed = edge->size;
	return true;
}

/* The hashes of one open tile are, bit by bit of their number, whole subtrees of the frontier. */
static void add_level(struct frontier *frontier, const struct merkle_hash *open, unsigned width)
{
	for (unsigned height = TILE_HEIGHT; height-- > 0;) {
		if ((width >> height & 1) == 0)
			continue;
		frontier->hashes[frontier->n++] = tile_fold(open, height);
		open += (size_t)1 << height;
	}
}

void edge_frontier(const struct edge *edge, struct frontier *frontier)
{
	*frontier = (struct frontier){ .size = edge->size };
	for (unsigned level = TILE_LEVELS; level-- > 0;)
		add_level(frontier, edge->open[level], open_width(edge->size, level));
}

void edge_resume(struct edge *edge, uint64_t size, const struct merkle_hash *const open[TILE_LEVELS])
{
	assert(size <= LOG_SIZE_MAX);
	*edge = (struct edge){ .size = size, .flushed = size };
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		unsigned width = open_width(size, level);

		assert((open[level] != NULL) == (width > 0));
		if (width > 0)
			memcpy(edge->open[level], open[level], width * sizeof(*open[level]));
	}
}
