/*
 * Tiles; see tile.h.
 */
#include "daemon/tlog/tile.h"

#include "daemon/tlog/line.h"

#include <assert.h>
#include <stdio.h>

/* --- the path ------------------------------------------------------------------------------ */

static size_t put_index(char *out, size_t size, uint64_t index)
{
	char groups[8][5];
	size_t n = 0, len = 0;

	do {
		snprintf(groups[n], sizeof(groups[n]), "%s%03u", n > 0 ? "x" : "", (unsigned)(index % 1000));
		n++;
		index /= 1000;
	} while (index > 0);
	while (n-- > 0)
		len += (size_t)snprintf(out + len, size - len, "/%s", groups[n]);
	return len;
}

struct span tile_path(const struct tile *tile, char out[TILE_PATH_MAX])
{
	size_t len;

	assert(tile->width >= 1 && tile->width <= TILE_WIDTH);
	if (tile->kind == TILE_ENTRIES)
		len = (size_t)snprintf(out, TILE_PATH_MAX, "tile/entries");
	else
		len = (size_t)snprintf(out, TILE_PATH_MAX, "tile/%u", tile->level);
	len += put_index(out + len, TILE_PATH_MAX - len, tile->index);
	if (tile->width < TILE_WIDTH)
		len += (size_t)snprintf(out + len, TILE_PATH_MAX - len, ".p/%u", tile->width);
	assert(len < TILE_PATH_MAX);
	return span_from(out, len);
}

static bool read_level(struct span part, struct tile *tile)
{
	uint64_t level;

	tile->kind = span_is(part, "entries") ? TILE_ENTRIES : TILE_HASHES;
	if (tile->kind == TILE_ENTRIES)
		return true;
	if (!line_number(part, &level) || level >= TILE_LEVELS)
		return false;
	tile->level = (unsigned)level;
	return true;
}

static bool read_group(struct span part, struct tile *tile)
{
	uint64_t number;

	if (part.len != 3 || !span_u64(part, &number) || tile->index > LOG_SIZE_MAX)
		return false;
	tile->index = tile->index * 1000 + number;
	return true;
}

/* The last group, perhaps with ".p", and then the width. */
static bool read_end(struct span part, struct span rest, struct tile *tile)
{
	static const struct span partial = SPAN_INIT(".p");
	uint64_t width;

	tile->width = TILE_WIDTH;
	if (part.len != 3 + partial.len)
		return read_group(part, tile);
	if (!span_eq(span_from_offset(part, 3), partial) || !line_number(rest, &width) || width >= TILE_WIDTH)
		return false;
	tile->width = (unsigned)width;
	return read_group(span_from(part.at, 3), tile);
}

/* What was read is written again and compared, so that one tile has one path. */
static bool is_canonical(struct span path, const struct tile *tile)
{
	char again[TILE_PATH_MAX];

	return tile->width > 0 && tile->index * TILE_WIDTH + tile->width <= tile_hashes_at(LOG_SIZE_MAX, tile->level) &&
	       span_eq(tile_path(tile, again), path);
}

bool tile_parse(struct span path, struct tile *tile)
{
	struct span rest = path, part;

	*tile = (struct tile){ .width = 0 };
	if (path.len >= TILE_PATH_MAX || !span_cut(&rest, '/', &part) || !span_is(part, "tile") ||
	    !span_cut(&rest, '/', &part) || !read_level(part, tile))
		return false;
	while (span_cut(&rest, '/', &part)) {
		if (part.len == 4 && part.at[0] == 'x') {
			if (!read_group(span_from_offset(part, 1), tile))
				return false;
			continue;
		}
		return read_end(part, rest, tile) && is_canonical(path, tile);
	}
	return false;
}

bool tile_equal(const struct tile *a, const struct tile *b)
{
	return a->kind == b->kind && a->level == b->level && a->index == b->index && a->width == b->width;
}

/* --- what belongs to a size ------------------------------------------------------------------ */

uint64_t tile_hashes_at(uint64_t size, unsigned level)
{
	return size >> (TILE_HEIGHT * level);
}

unsigned tile_width(uint64_t size, unsigned level, uint64_t index)
{
	uint64_t hashes = tile_hashes_at(size, level);

	if (index >= hashes / TILE_WIDTH + (hashes % TILE_WIDTH > 0))
		return 0;
	return index == hashes / TILE_WIDTH ? (unsigned)(hashes % TILE_WIDTH) : TILE_WIDTH;
}

uint64_t tile_first_leaf(const struct tile *tile)
{
	return tile->index * TILE_WIDTH << (TILE_HEIGHT * tile->level);
}

uint64_t tile_end_leaf(const struct tile *tile)
{
	return (tile->index * TILE_WIDTH + tile->width) << (TILE_HEIGHT * tile->level);
}

struct merkle_hash tile_fold(const struct merkle_hash *hashes, unsigned height)
{
	struct merkle_hash row[TILE_WIDTH / 2];
	size_t n = (size_t)1 << height;

	assert(height <= TILE_HEIGHT);
	if (height == 0)
		return hashes[0];
	for (const struct merkle_hash *below = hashes; n > 1; below = row, n /= 2)
		for (size_t i = 0; i < n / 2; i++)
			row[i] = merkle_node(&below[2 * i], &below[2 * i + 1]);
	return row[0];
}

/* --- growing ----------------------------------------------------------------------------------- */

bool tile_walk_next(struct tile_walk *walk, struct tile *tile)
{
	assert(walk->from <= walk->to && walk->to <= LOG_SIZE_MAX);
	for (; walk->stage <= TILE_LEVELS; walk->stage++, walk->done = 0) {
		unsigned level = walk->stage > 0 ? walk->stage - 1 : 0;
		uint64_t before = tile_hashes_at(walk->from, level), now = tile_hashes_at(walk->to, level);
		uint64_t index = before / TILE_WIDTH + walk->done;

		if (before == now || index * TILE_WIDTH >= now)
			continue;
		*tile = (struct tile){ .kind = walk->stage == 0 ? TILE_ENTRIES : TILE_HASHES, .level = level,
				       .index = index, .width = tile_width(walk->to, level, index) };
		walk->done++;
		return true;
	}
	return false;
}
