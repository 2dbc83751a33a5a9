/*
 * The files of one log: opened where the last batch on record ends, and what a
 * batch adds to them.
 */
#include "daemon/jobs/sealer_inside.h"

#include "daemon/sys/files.h"
#include "daemon/tlog/bundle.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* --- opening --------------------------------------------------------------------------------------- */

static bool read_open_bundle(struct sealer_tree *tree)
{
	struct tile tile = { .kind = TILE_ENTRIES, .index = tree->last.size / TILE_WIDTH,
			     .width = (unsigned)(tree->last.size % TILE_WIDTH) };

	buf_clear(&tree->bundle);
	return tile.width == 0 || tiles_read(tree->tiles, &tile, &tree->bundle);
}

static bool has_root(const struct sealer_tree *tree)
{
	struct frontier frontier;
	struct merkle_hash root;

	edge_frontier(&tree->edge, &frontier);
	root = frontier_root(&frontier);
	return memcmp(root.bytes, tree->last.root.bytes, sizeof(root.bytes)) == 0;
}

bool sealer_tree_resume(struct sealer_tree *tree, struct complaint *why)
{
	uint64_t n;

	tiles_drop(tree->tiles);
	n = tiles_batches(tree->tiles);
	tree->last = (struct tiles_batch){ .number = 0 };
	if (n > 0 && !tiles_batch(tree->tiles, n - 1, &tree->last))
		return complain(why, 0, "%.180s: the last batch cannot be read", tree->dir);
	if (tiles_edge(tree->tiles, tree->last.size, &tree->edge) && read_open_bundle(tree) && (n == 0 || has_root(tree)))
		return true;
	return complain(why, 0, "%.150s: tiles of the last batch are missing or changed; move the directory aside, "
				"it is made again from the journal", tree->dir);
}

/* The key text, for whoever takes the directory as it is. */
static bool put_key(struct sealer_tree *tree, struct complaint *why)
{
	char text[NOTE_KEY_TEXT_MAX], path[SEALER_PATH_MAX + 16];
	struct complaint missing;
	struct buf now = { 0 }, before = { 0 };
	bool well;

	snprintf(path, sizeof(path), "%s/key", tree->dir);
	buf_add_span(&now, note_key_write(&tree->key, text));
	buf_add_byte(&now, '\n');
	well = (files_read(path, NOTE_KEY_TEXT_MAX, &before, &missing) && span_eq(buf_span(&before), buf_span(&now))) ||
	       tiles_put_file(tree->tiles, "key", buf_span(&now), why);
	buf_release(&now);
	buf_release(&before);
	return well;
}

bool sealer_tree_open(struct sealer_tree *tree, struct complaint *why)
{
	tree->tiles = tiles_open(tree->dir, true, why);
	return tree->tiles != NULL && put_key(tree, why) && sealer_tree_resume(tree, why) &&
	       sealer_signed_read(tree->dir, &tree->attempt, why);
}

void sealer_tree_close(struct sealer_tree *tree)
{
	tiles_close(tree->tiles);
	buf_release(&tree->bundle);
}

/* --- a batch ------------------------------------------------------------------------------------------ */

static struct span leaf_at(const struct sealer_work *work, size_t i)
{
	return span_from(work->leaves.at[i].bytes, LEAF_BYTES);
}

struct merkle_hash sealer_tree_root(const struct sealer_tree *tree, const struct sealer_work *work)
{
	struct frontier frontier;

	edge_frontier(&tree->edge, &frontier);
	for (size_t i = 0; i < work->leaves.n; i++) {
		struct merkle_hash hash = merkle_leaf(leaf_at(work, i));

		frontier_append(&frontier, &hash);
	}
	return frontier_root(&frontier);
}

/* Each bundle that gets entries comes once: whole, or as far as the batch goes. */
static bool put_bundles(struct sealer_tree *tree, const struct sealer_work *work, struct complaint *why)
{
	struct tile_walk walk = { .from = tree->edge.size, .to = tree->edge.size + work->leaves.n };
	struct tile tile;
	size_t next = 0;

	while (tile_walk_next(&walk, &tile) && tile.kind == TILE_ENTRIES) {
		uint64_t end = tile_end_leaf(&tile);

		while (tree->edge.size + next < end)
			bundle_add(&tree->bundle, leaf_at(work, next++));
		if (!tiles_put(tree->tiles, &tile, buf_span(&tree->bundle), why))
			return false;
		if (tile.width == TILE_WIDTH)
			buf_clear(&tree->bundle);
	}
	return true;
}

struct sink {
	struct tiles *tiles;
	struct complaint *why;
};

static bool put_hashes(void *ctx, const struct tile *tile, const struct merkle_hash *hashes)
{
	const struct sink *sink = ctx;

	return tiles_put(sink->tiles, tile, span_from(hashes, tile->width * sizeof(*hashes)), sink->why);
}

bool sealer_tree_put(struct sealer_tree *tree, const struct sealer_work *work, struct merkle_hash *root,
		     struct complaint *why)
{
	struct sink to = { .tiles = tree->tiles, .why = why };
	struct edge_sink sink = { .put = put_hashes, .ctx = &to };
	struct frontier frontier;

	if (!put_bundles(tree, work, why))
		return false;
	for (size_t i = 0; i < work->leaves.n; i++) {
		struct merkle_hash hash = merkle_leaf(leaf_at(work, i));

		if (!edge_append(&tree->edge, &hash, &sink))
			return false;
	}
	edge_frontier(&tree->edge, &frontier);
	*root = frontier_root(&frontier);
	return edge_flush(&tree->edge, &sink);
}

bool sealer_tree_commit(struct sealer_tree *tree, const struct tiles_batch *batch, struct complaint *why)
{
	assert(tree->edge.size == batch->size);
	if (!tiles_put_batch(tree->tiles, batch, why) || !tiles_sync(tree->tiles, why))
		return false;
	tree->last = *batch;
	tree->shown = false;
	return true;
}
