/*
 * Roots and proofs from tiles; see tree.h.
 *
 * RFC 6962 defines a proof as hashes over ranges of leaves. A range is a row of
 * whole subtrees ("nodes"), and a node is made of hashes that stand side by side
 * in one tile. So: ranges, then nodes, then tiles, one read, and back.
 */
#include "daemon/tlog/tree.h"

#include <assert.h>

#define RANGES_MAX MERKLE_PATH_MAX

/* Leaves [from, to); `from` is a multiple of the power of two that is not below to - from. */
struct range {
	uint64_t from, to;
};

/* A whole subtree of 2^height leaves. */
struct node {
	unsigned height;
	uint64_t index;      /* among those of its height */
};

struct plan {
	const struct tree_reader *reader;
	struct range ranges[RANGES_MAX];
	size_t nranges;
	struct tile tiles[TREE_TILES_MAX];
	struct merkle_hash *hashes[TREE_TILES_MAX];
	size_t ntiles;
};

static void add_range(struct plan *plan, uint64_t from, uint64_t to)
{
	assert(plan->nranges < RANGES_MAX);
	plan->ranges[plan->nranges++] = (struct range){ .from = from, .to = to };
}

/* Takes the largest subtree off the left of the range. */
static struct node cut_node(struct range *range)
{
	struct node node = { .height = 0 };

	while ((range->to - range->from) >> node.height > 1)
		node.height++;
	node.index = range->from >> node.height;
	range->from += UINT64_C(1) << node.height;
	return node;
}

static struct tile tile_of(const struct plan *plan, const struct node *node)
{
	unsigned level = node->height / TILE_HEIGHT, above = node->height % TILE_HEIGHT;
	uint64_t index = (node->index << above) / TILE_WIDTH;

	return (struct tile){ .kind = TILE_HASHES, .level = level, .index = index,
			      .width = tile_width(plan->reader->size, level, index) };
}

/* Where the tile stands in the plan, or ntiles. */
static size_t find_tile(const struct plan *plan, const struct tile *tile)
{
	size_t i = 0;

	while (i < plan->ntiles && !tile_equal(&plan->tiles[i], tile))
		i++;
	return i;
}

static void want_tiles(struct plan *plan, struct range range)
{
	while (range.from < range.to) {
		struct node node = cut_node(&range);
		struct tile tile = tile_of(plan, &node);

		if (find_tile(plan, &tile) < plan->ntiles)
			continue;
		assert(plan->ntiles < TREE_TILES_MAX);
		plan->tiles[plan->ntiles++] = tile;
	}
}

static bool fetch(struct plan *plan, struct arena *arena)
{
	for (size_t i = 0; i < plan->nranges; i++)
		want_tiles(plan, plan->ranges[i]);
	for (size_t i = 0; i < plan->ntiles; i++)
		plan->hashes[i] = arena_array(arena, struct merkle_hash, plan->tiles[i].width);
	return plan->ntiles == 0 || plan->reader->read(plan->reader->ctx, plan->tiles, plan->ntiles, plan->hashes);
}

static struct merkle_hash node_hash(const struct plan *plan, const struct node *node)
{
	struct tile tile = tile_of(plan, node);
	unsigned above = node->height % TILE_HEIGHT;
	size_t at = find_tile(plan, &tile), first = (size_t)((node->index << above) % TILE_WIDTH);

	assert(at < plan->ntiles && first + ((size_t)1 << above) <= tile.width);
	return tile_fold(plan->hashes[at] + first, above);
}

/* The hashes of the subtrees of a range, largest first. */
static size_t range_row(const struct plan *plan, struct range range, struct merkle_hash row[FRONTIER_MAX])
{
	size_t n = 0;

	while (range.from < range.to) {
		struct node node = cut_node(&range);

		assert(n < FRONTIER_MAX);
		row[n++] = node_hash(plan, &node);
	}
	return n;
}

/* The hashes of all ranges, in the other order: they were planned from the root down. */
static void take_proof(const struct plan *plan, struct tree_proof *proof)
{
	struct merkle_hash row[FRONTIER_MAX];

	for (size_t i = plan->nranges; i-- > 0;) {
		size_t n = range_row(plan, plan->ranges[i], row);

		proof->hashes[proof->n++] = frontier_fold(row, n);
	}
}

/* The largest power of two below n, which is above one. */
static uint64_t split(uint64_t n)
{
	uint64_t half = 1;

	while (half * 2 < n)
		half *= 2;
	return half;
}

/* --- what is asked ---------------------------------------------------------------------------- */

bool tree_frontier(const struct tree_reader *reader, uint64_t size, struct arena *arena, struct frontier *frontier)
{
	struct plan plan = { .reader = reader };

	assert(size <= reader->size);
	*frontier = (struct frontier){ .size = size };
	if (size == 0)
		return true;
	add_range(&plan, 0, size);
	if (!fetch(&plan, arena))
		return false;
	frontier->n = range_row(&plan, plan.ranges[0], frontier->hashes);
	return true;
}

bool tree_root(const struct tree_reader *reader, uint64_t size, struct arena *arena, struct merkle_hash *root)
{
	struct frontier frontier;

	if (!tree_frontier(reader, size, arena, &frontier))
		return false;
	*root = frontier_root(&frontier);
	return true;
}

/* PATH(m, D[n]) of RFC 6962, from the root down. */
bool tree_inclusion(const struct tree_reader *reader, uint64_t index, uint64_t size, struct arena *arena,
		    struct tree_proof *proof)
{
	struct plan plan = { .reader = reader };
	uint64_t from = 0, to = size;

	assert(index < size && size <= reader->size);
	proof->n = 0;
	while (to - from > 1) {
		uint64_t middle = from + split(to - from);

		if (index < middle) {
			add_range(&plan, middle, to);
			to = middle;
		} else {
			add_range(&plan, from, middle);
			from = middle;
		}
	}
	if (!fetch(&plan, arena))
		return false;
	take_proof(&plan, proof);
	return true;
}

/* SUBPROOF(m, D[n], b) of RFC 6962, from the root down; the last range is the old tree's own part, unless that is all of it. */
bool tree_consistency(const struct tree_reader *reader, uint64_t old, uint64_t size, struct arena *arena,
		      struct tree_proof *proof)
{
	struct plan plan = { .reader = reader };
	uint64_t from = 0, to = size;

	assert(old <= size && size <= reader->size);
	proof->n = 0;
	if (old == 0 || old == size)
		return true;
	while (old < to) {
		uint64_t middle = from + split(to - from);

		if (old <= middle) {
			add_range(&plan, middle, to);
			to = middle;
		} else {
			add_range(&plan, from, middle);
			from = middle;
		}
	}
	if (from > 0)
		add_range(&plan, from, to);
	if (!fetch(&plan, arena))
		return false;
	take_proof(&plan, proof);
	return true;
}

/* --- the check ----------------------------------------------------------------------------------- */

/* The two roots that a proof leads to. */
struct climb {
	struct merkle_hash old, now;
	const struct merkle_hash *proof;
	size_t left;      /* hashes not used yet */
};

/*
 * RFC 9162 section 2.1.4.2: `node` is the last node of the old tree and `last`
 * that of the new one, row by row towards the root.
 */
static bool climb_up(struct climb *climb, uint64_t node, uint64_t last)
{
	for (; last > 0; node /= 2, last /= 2) {
		bool sibling_left = node % 2 == 1 || node == last;

		if (sibling_left && node % 2 == 0)
			continue;                       /* lifted unchanged: it has no sibling in this row */
		if (climb->left == 0)
			return false;
		if (sibling_left) {
			climb->old = merkle_node(climb->proof, &climb->old);
			climb->now = merkle_node(climb->proof, &climb->now);
		} else {
			climb->now = merkle_node(&climb->now, climb->proof);
		}
		climb->proof++;
		climb->left--;
	}
	return climb->left == 0;
}

static bool hash_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool tree_consistent(const struct tree_head *old, const struct tree_head *now, const struct merkle_hash *proof, size_t n)
{
	struct merkle_tree empty = { .leaves = 0 };
	struct merkle_hash nothing = merkle_root(&empty);
	uint64_t node = old->size - 1, last = now->size - 1;
	struct climb climb = { .old = old->root, .now = old->root, .proof = proof, .left = n };

	if (old->size > now->size)
		return false;
	if (old->size == 0)
		return n == 0 && hash_equal(&old->root, &nothing) && (now->size > 0 || hash_equal(&now->root, &nothing));
	if (old->size == now->size)
		return n == 0 && hash_equal(&old->root, &now->root);
	for (; node % 2 == 1; node /= 2)
		last /= 2;
	if (node > 0) {
		if (n == 0)
			return false;
		climb = (struct climb){ .old = proof[0], .now = proof[0], .proof = proof + 1, .left = n - 1 };
	}
	return climb_up(&climb, node, last) && hash_equal(&climb.old, &old->root) && hash_equal(&climb.now, &now->root);
}
