/*
 * Reading tiles; see tiles.h. The writer may replace a partial tile by a wider
 * one at any moment: what is not found is looked for again, wider.
 */
#include "daemon/sys/tiles_inside.h"

#include "daemon/base/memory.h"
#include "daemon/sys/files.h"
#include "daemon/tlog/bundle.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LOOKS 4     /* at a directory that changes meanwhile */

/* --- one tile ------------------------------------------------------------------------------------- */

/* Cuts `out` behind the tile's entries or hashes, which begin at `start`; false: there are fewer. */
static bool cut_hashes(const struct tile *tile, size_t start, struct buf *out)
{
	size_t want = tile->width * sizeof(struct merkle_hash);

	if (out->len - start < want)
		return false;
	out->len = start + want;
	return true;
}

static bool cut_entries(const struct tile *tile, size_t start, struct buf *out)
{
	struct span rest = span_from(out->at + start, out->len - start), entry;

	for (unsigned i = 0; i < tile->width; i++)
		if (bundle_next(&rest, &entry) != BUNDLE_ENTRY)
			return false;
	out->len -= rest.len;
	return true;
}

/* The start of the tile from the file of one that is as wide or wider. */
static bool read_start(const struct tiles *tiles, const struct tile *tile, unsigned width, struct buf *out)
{
	char path[TILES_PATH_MAX], name[TILE_PATH_MAX];
	struct tile wide = *tile;
	struct complaint why;
	size_t start = out->len;

	wide.width = width;
	tile_path(&wide, name);
	if (files_read(tiles_path(tiles, name, path), TILES_FILE_MAX, out, &why) &&
	    (tile->kind == TILE_ENTRIES ? cut_entries(tile, start, out) : cut_hashes(tile, start, out)))
		return true;
	out->len = start;
	return false;
}

/* Width of the narrowest partial tile there is that is wider than this one; TILE_WIDTH: none. */
static unsigned wider(const struct tiles *tiles, const struct tile *tile)
{
	char path[TILES_PATH_MAX], name[TILE_PATH_MAX];
	unsigned best = TILE_WIDTH;
	struct dirent *entry;
	DIR *all;

	tile_path(tile, name);
	*strrchr(name, '/') = '\0';
	all = opendir(tiles_path(tiles, name, path));
	while (all != NULL && (entry = readdir(all)) != NULL) {
		uint64_t width;

		if (span_u64(span_of(entry->d_name), &width) && width > tile->width && width < best)
			best = (unsigned)width;
	}
	if (all != NULL)
		closedir(all);
	return best;
}

bool tiles_read(const struct tiles *tiles, const struct tile *tile, struct buf *out)
{
	if (read_start(tiles, tile, tile->width, out))
		return true;
	for (int looks = 0; tile->width < TILE_WIDTH && looks < LOOKS; looks++)
		if (read_start(tiles, tile, wider(tiles, tile), out) || read_start(tiles, tile, TILE_WIDTH, out))
			return true;
	return false;
}

bool tiles_checkpoint(const struct tiles *tiles, struct buf *out)
{
	char path[TILES_PATH_MAX];
	struct complaint why;

	return files_read(tiles_path(tiles, "checkpoint", path), NOTE_BYTES_MAX, out, &why);
}

/* --- the tree ---------------------------------------------------------------------------------------- */

static bool read_hashes(const struct tiles *tiles, const struct tile *tile, struct merkle_hash *hashes)
{
	struct buf bytes = { 0 };
	bool well = tiles_read(tiles, tile, &bytes);

	if (well)
		memcpy(hashes, bytes.at, tile->width * sizeof(*hashes));
	buf_release(&bytes);
	return well;
}

static bool read_for_tree(void *ctx, const struct tile *wanted, size_t n, struct merkle_hash *const *hashes)
{
	for (size_t i = 0; i < n; i++)
		if (!read_hashes(ctx, &wanted[i], hashes[i]))
			return false;
	return true;
}

struct tree_reader tiles_reader(struct tiles *tiles, uint64_t size)
{
	return (struct tree_reader){ .size = size, .read = read_for_tree, .ctx = tiles };
}

bool tiles_edge(const struct tiles *tiles, uint64_t size, struct edge *edge)
{
	struct merkle_hash (*open)[TILE_WIDTH] = memory_zeroes(TILE_LEVELS, sizeof(*open));
	const struct merkle_hash *rows[TILE_LEVELS] = { NULL };
	bool well = true;

	for (unsigned level = 0; well && level < TILE_LEVELS; level++) {
		struct tile tile = { .kind = TILE_HASHES, .level = level };
		uint64_t hashes = tile_hashes_at(size, level);

		tile.index = hashes / TILE_WIDTH;
		tile.width = (unsigned)(hashes % TILE_WIDTH);
		if (tile.width == 0)
			continue;
		rows[level] = open[level];
		well = read_hashes(tiles, &tile, open[level]);
	}
	if (well)
		edge_resume(edge, size, rows);
	free(open);
	return well;
}

/* --- leaves --------------------------------------------------------------------------------------------- */

struct leaves_wanted {
	uint64_t from;
	bool (*each)(void *ctx, uint64_t index, struct span leaf);
	void *ctx;
};

/* Hands on the wanted leaves of one bundle, which begins with leaf number `at`. False in *more: `each` had enough. */
static bool each_of_bundle(struct span rest, uint64_t at, const struct leaves_wanted *wanted, bool *more)
{
	struct span leaf;

	for (; *more && rest.len > 0; at++) {
		if (bundle_next(&rest, &leaf) != BUNDLE_ENTRY)
			return false;
		if (at >= wanted->from)
			*more = wanted->each(wanted->ctx, at, leaf);
	}
	return true;
}

bool tiles_leaves(const struct tiles *tiles, uint64_t from, uint64_t to,
		  bool (*each)(void *ctx, uint64_t index, struct span leaf), void *ctx)
{
	struct leaves_wanted wanted = { .from = from, .each = each, .ctx = ctx };
	struct buf bytes = { 0 };
	bool well = true, more = true;

	for (uint64_t index = from / TILE_WIDTH; well && more && index * TILE_WIDTH < to; index++) {
		uint64_t left = to - index * TILE_WIDTH;
		struct tile tile = { .kind = TILE_ENTRIES, .index = index,
				     .width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH };

		buf_clear(&bytes);
		well = tiles_read(tiles, &tile, &bytes) &&
		       each_of_bundle(buf_span(&bytes), index * TILE_WIDTH, &wanted, &more);
	}
	buf_release(&bytes);
	return well;
}
