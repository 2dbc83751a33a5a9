/*
 * Tiles: the static files in which a log gives out its tree (C2SP tlog-tiles).
 *
 * A tile is a row of up to 256 hashes of one level: those of leaves at level 0,
 * those of whole tiles of the level below above that. A tile that has its 256
 * hashes is full and never changes; one at the right edge is partial and
 * named with its width, so that a file of one name has one content for ever.
 *
 *   tile/0/x001/x234/067        tile/1/000.p/8        tile/entries/x001/x234/067
 *
 * An entry bundle holds the entries of one tile of level 0.
 */
#ifndef TIPLINE_TLOG_TILE_H
#define TIPLINE_TLOG_TILE_H

#include "daemon/core/tip/merkle.h"

#define TILE_WIDTH 256
#define TILE_HEIGHT 8                           /* levels of the tree that one tile covers */
#define TILE_LEVELS 6                           /* of tiles, for LOG_SIZE_MAX leaves */
#define LOG_SIZE_MAX (UINT64_C(1) << 40)        /* leaves */
#define TILE_PATH_MAX 64                        /* with NUL */

enum tile_kind {
	TILE_HASHES,
	TILE_ENTRIES,      /* level is 0 */
};

struct tile {
	enum tile_kind kind;
	unsigned level;    /* 0 to TILE_LEVELS - 1 */
	uint64_t index;    /* within its level */
	unsigned width;    /* hashes or entries in it: 1 to 256 */
};

/* The path under the log's prefix; the result lies in `out`. */
struct span tile_path(const struct tile *tile, char out[TILE_PATH_MAX]);

/* The reverse; true for exactly the texts that tile_path() makes of tiles within LOG_SIZE_MAX. */
bool tile_parse(struct span path, struct tile *tile);

bool tile_equal(const struct tile *a, const struct tile *b);

/* Hashes on a level of a tree of that many leaves. */
uint64_t tile_hashes_at(uint64_t size, unsigned level);

/* Width that the tile has in a tree of `size` leaves; 0: it is not there. */
unsigned tile_width(uint64_t size, unsigned level, uint64_t index);

/* The first leaf below a tile, and the first behind it. */
uint64_t tile_first_leaf(const struct tile *tile);
uint64_t tile_end_leaf(const struct tile *tile);

/* Hash over 2^height hashes in a row; height is 0 to TILE_HEIGHT. */
struct merkle_hash tile_fold(const struct merkle_hash *hashes, unsigned height);

/*
 * Which tiles a log writes when it grows from `from` to `to` leaves: from the
 * leaves up, each level from the left; those of entries stand before those of
 * level 0. The last one of a level may be partial.
 *
 *   struct tile_walk walk = { .from = m, .to = n };
 *   while (tile_walk_next(&walk, &tile)) ...
 */
struct tile_walk {
	uint64_t from, to;       /* leaves */
	unsigned stage;          /* 0: entries, then 1 + level */
	uint64_t done;           /* tiles of this stage */
};

bool tile_walk_next(struct tile_walk *walk, struct tile *tile);

#endif
