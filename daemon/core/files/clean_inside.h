/*
 * What the formats of clean copies share; see clean.h.
 */
#ifndef TIPLINE_CORE_CLEAN_INSIDE_H
#define TIPLINE_CORE_CLEAN_INSIDE_H

#include "daemon/base/buf.h"

#define GATHER_MAX 65536u

/* A part that is collected whole before it is judged. */
struct gather {
	size_t have, want;
	unsigned char at[GATHER_MAX];
};

/* Begins a part of `want` bytes, at most GATHER_MAX. */
void gather_begin(struct gather *part, size_t want);

/* Moves bytes off the piece; true when the part is whole. */
bool gather_take(struct gather *part, struct span *piece);

static inline struct span gather_span(const struct gather *part)
{
	return span_from(part->at, part->have);
}

/* Bytes cut off the front of a piece, at most `max`. */
struct span piece_cut(struct span *piece, uint64_t max);

static inline uint32_t bytes_be16(const unsigned char *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static inline uint32_t bytes_be32(const unsigned char *at)
{
	return bytes_be16(at) << 16 | bytes_be16(at + 2);
}

static inline uint32_t bytes_le32(const unsigned char *at)
{
	return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

/* One format: its state is zeroes at the beginning and has no memory of its own. */
struct clean_format {
	const char *type;
	size_t state_bytes;
	/* One step: takes bytes off the front of a piece that has some, or goes on with what it has. False: not a file of this format. */
	bool (*take)(void *state, struct span *piece, struct buf *out);
	bool (*finish)(void *state, struct buf *out, size_t *lead);
};

extern const struct clean_format clean_jpeg;
extern const struct clean_format clean_png;
extern const struct clean_format clean_webp;

#endif
