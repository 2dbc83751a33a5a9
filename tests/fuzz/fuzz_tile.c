/*
 * Paths of tiles, entry bundles and frontiers, of any bytes.
 */
#include "daemon/tlog/bundle.h"
#include "daemon/tlog/frontier.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_bundle(struct span bytes)
{
	struct span rest = bytes, entry;
	struct buf again = { 0 };
	enum bundle_next next;

	while ((next = bundle_next(&rest, &entry)) == BUNDLE_ENTRY)
		bundle_add(&again, entry);
	if (next == BUNDLE_END)
		assert(span_eq(buf_span(&again), bytes));
	buf_release(&again);
}

static void try_frontier(struct span bytes)
{
	struct frontier frontier;
	struct buf again = { 0 };

	if (frontier_read(bytes, &frontier)) {
		frontier_write(&frontier, &again);
		assert(span_eq(buf_span(&again), bytes));
		frontier_root(&frontier);
	}
	buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = span_from(data, size);
	char path[TILE_PATH_MAX];
	struct tile tile;

	if (tile_parse(bytes, &tile)) {
		assert(span_eq(tile_path(&tile, path), bytes));
		assert(tile_end_leaf(&tile) <= LOG_SIZE_MAX);
	}
	try_bundle(bytes);
	try_frontier(bytes);
	return 0;
}
