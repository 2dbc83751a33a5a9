/*
 * The walk over a log's files; see tipctl_log_walk.h.
 */
#include "daemon/cli/tipctl_log_walk.h"

#include "daemon/sys/files.h"
#include "daemon/tlog/bundle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FILE_MAX_BYTES (TILE_WIDTH * ((size_t)BUNDLE_ENTRY_MAX + 2))

struct walk {
	const struct log_walk_plan *plan;
	uint64_t size;               /* of the log now */
	struct edge *edge;
	struct frontier frontier;
	size_t next;                 /* head that is not reached yet */
	uint64_t agreed;             /* size of the newest head that fitted */
	struct buf bundle, tile;
	struct log_finding *finding;
};

/* Always false. The first leaf is what counts, in whatever order faults are met. */
static bool __attribute__((format(printf, 3, 4))) found(struct walk *w, uint64_t leaf, const char *format, ...)
{
	va_list args;

	if (!w->finding->whole && w->finding->leaf <= leaf)
		return false;
	w->finding->whole = false;
	w->finding->leaf = leaf;
	va_start(args, format);
	vsnprintf(w->finding->text, sizeof(w->finding->text), format, args);
	va_end(args);
	return false;
}

static bool missing(struct walk *w, const struct tile *tile, const char *what)
{
	char path[TILE_PATH_MAX];
	struct span name = tile_path(tile, path);

	return found(w, tile_first_leaf(tile), "%s are missing: %.*s", what, (int)name.len, name.at);
}

/* --- files ----------------------------------------------------------------------------------- */

/* What stands under just that name, whole or cut. */
static bool read_file(const struct walk *w, const struct tile *tile, struct buf *out)
{
	char path[TILE_PATH_MAX], whole[TILES_PATH_MAX];
	struct span name = tile_path(tile, path);
	struct complaint why;

	snprintf(whole, sizeof(whole), "%s/%.*s", w->plan->dir, (int)name.len, name.at);
	buf_clear(out);
	return files_read(whole, FILE_MAX_BYTES, out, &why);
}

/* A tile, or the start of a wider one; what is cut is read as far as it goes, to name the place. */
static bool read_tile(const struct walk *w, const struct tile *tile, struct buf *out)
{
	struct tile full = *tile;

	full.width = TILE_WIDTH;
	buf_clear(out);
	return tiles_read(w->plan->tiles, tile, out) || read_file(w, tile, out) || read_file(w, &full, out);
}

/* --- heads ------------------------------------------------------------------------------------ */

static bool same(const struct merkle_hash *a, const void *b)
{
	return memcmp(a->bytes, b, sizeof(a->bytes)) == 0;
}

static bool check_head(struct walk *w, const struct log_head *known, const struct merkle_hash *root)
{
	if (!same(root, known->head.root.bytes))
		return found(w, w->agreed, "not what was %s at %llu leaves", known->signed_here ? "signed" : "verified before",
			     (unsigned long long)known->head.size);
	w->agreed = known->head.size;
	return true;
}

/* The heads of just this size. */
static bool check_heads(struct walk *w)
{
	const struct log_head *known = &w->plan->heads[w->next];
	struct merkle_hash root;

	if (w->next == w->plan->n || known->head.size > w->frontier.size)
		return true;
	root = frontier_root(&w->frontier);
	for (; w->next < w->plan->n && known->head.size == w->frontier.size; w->next++, known++)
		if (!check_head(w, known, &root))
			return false;
	return true;
}

/* Those left of where the walk begins, from the tiles. */
static bool check_older(struct walk *w)
{
	struct tree_reader reader = tiles_reader(w->plan->tiles, w->size);
	struct arena arena = { 0 };
	bool well = true;

	for (; well && w->next < w->plan->n && w->plan->heads[w->next].head.size < w->frontier.size; w->next++) {
		const struct log_head *known = &w->plan->heads[w->next];
		struct merkle_hash root;

		well = (tree_root(&reader, known->head.size, &arena, &root) ||
			found(w, w->agreed, "hashes are missing below leaf %llu", (unsigned long long)known->head.size)) &&
		       check_head(w, known, &root);
		arena_clear(&arena);
	}
	arena_release(&arena);
	return well && check_heads(w);
}

/* --- tiles above level 0 ------------------------------------------------------------------------ */

/* The first n hashes of a tile, as the leaves give them, against its file. */
static bool check_tile(struct walk *w, unsigned level, uint64_t index, const struct merkle_hash *hashes, size_t n)
{
	struct tile tile = { .kind = TILE_HASHES, .level = level, .index = index, .width = tile_width(w->size, level, index) };
	char path[TILE_PATH_MAX];
	struct span name = tile_path(&tile, path);

	if (!read_tile(w, &tile, &w->tile))
		return missing(w, &tile, "hashes");
	for (size_t i = 0; i < n; i++) {
		uint64_t leaf = tile_first_leaf(&tile) + ((uint64_t)i << (TILE_HEIGHT * level));

		if (w->tile.len < (i + 1) * MERKLE_HASH_BYTES || !same(&hashes[i], w->tile.at + i * MERKLE_HASH_BYTES))
			return found(w, leaf, "%.*s differs from what the leaves give", (int)name.len, name.at);
	}
	return true;
}

static bool take_tile(void *ctx, const struct tile *tile, const struct merkle_hash *hashes)
{
	/* Those of level 0 were held against the entries one by one. */
	return tile->level == 0 || check_tile(ctx, tile->level, tile->index, hashes, tile->width);
}

/* What the leaves up to here give of the tiles that are not full yet. */
static void check_open_tiles(struct walk *w)
{
	for (unsigned level = 1; level < TILE_LEVELS; level++) {
		uint64_t hashes = tile_hashes_at(w->edge->size, level);

		if (hashes % TILE_WIDTH > 0)
			check_tile(w, level, hashes / TILE_WIDTH, w->edge->open[level], hashes % TILE_WIDTH);
	}
}

/* --- leaves --------------------------------------------------------------------------------------- */

static bool take_leaf(struct walk *w, const struct merkle_hash *leaf)
{
	struct edge_sink sink = { .put = take_tile, .ctx = w };

	frontier_append(&w->frontier, leaf);
	return edge_append(w->edge, leaf, &sink) && check_heads(w);
}

/* The entries of a tile against its hashes; those that the walk has behind it are not taken again. */
static bool walk_entries(struct walk *w, const struct tile *tile, const struct buf *hashes)
{
	struct span rest = buf_span(&w->bundle), entry;

	for (unsigned i = 0; i < tile->width; i++) {
		uint64_t at = tile_first_leaf(tile) + i;
		struct merkle_hash leaf;

		if (bundle_next(&rest, &entry) != BUNDLE_ENTRY)
			return found(w, at, "entries are cut");
		if (hashes->len < (i + 1) * MERKLE_HASH_BYTES)
			return found(w, at, "hashes are cut");
		leaf = merkle_leaf(entry);
		if (!same(&leaf, hashes->at + i * MERKLE_HASH_BYTES))
			return found(w, at, "entry and hash differ");
		if (at >= w->frontier.size && !take_leaf(w, &leaf))
			return false;
	}
	return true;
}

static bool walk_tile(struct walk *w, uint64_t index)
{
	struct tile tile = { .kind = TILE_HASHES, .index = index, .width = tile_width(w->size, 0, index) };
	struct tile entries = tile;
	struct buf hashes = { 0 };
	bool well;

	entries.kind = TILE_ENTRIES;
	well = (read_tile(w, &entries, &w->bundle) || missing(w, &entries, "entries")) &&
	       (read_tile(w, &tile, &hashes) || missing(w, &tile, "hashes")) && walk_entries(w, &tile, &hashes);
	buf_release(&hashes);
	if (well && w->plan->passed != NULL)
		w->plan->passed(w->plan->ctx, &w->frontier);
	return well;
}

void log_walk(const struct log_walk_plan *plan, struct edge *edge, struct log_finding *finding)
{
	struct walk w = { .plan = plan, .size = plan->heads[plan->n - 1].head.size, .edge = edge, .finding = finding };
	bool well;

	*finding = (struct log_finding){ .whole = true };
	edge_frontier(edge, &w.frontier);
	well = check_older(&w);
	while (well && w.frontier.size < w.size)
		well = walk_tile(&w, w.frontier.size / TILE_WIDTH);
	check_open_tiles(&w);
	buf_release(&w.bundle);
	buf_release(&w.tile);
}

bool log_walk_resume(const struct tiles *tiles, const struct frontier *frontier, struct edge *edge)
{
	struct frontier there;

	if (!tiles_edge(tiles, frontier->size, edge))
		return false;
	edge_frontier(edge, &there);
	return there.n == frontier->n && memcmp(there.hashes, frontier->hashes, there.n * sizeof(there.hashes[0])) == 0;
}
