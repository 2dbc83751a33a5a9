/*
 * Clean copies of PNG; see clean.h.
 *
 * A PNG is a signature and a row of chunks, each with its length, type and a
 * checksum. Those of the table are kept and held against its rules; all others
 * go, and all behind the last one. A chunk that decoders must understand and
 * that is not in the table means that there is no copy, and so does animation.
 * Colours keep gAMA and sRGB, which are a number; profiles go.
 */
#include "daemon/core/files/clean_inside.h"

#include "daemon/base/table.h"
#include "daemon/core/files/exif.h"

#define CHUNK_MAX 0x7FFFFFFFu
#define ANCILLARY 0x20   /* a small first letter: decoders may pass over it */

enum png_step {
	AT_START,  /* the signature */
	AT_HEAD,   /* length and type */
	AT_PART,   /* a chunk that is collected */
	AT_PASS,   /* bytes of pixels */
	AT_DROP,
	AT_SUM,    /* the checksum */
	AT_END,
};

struct png;

struct chunk {
	char type[5];
	unsigned min, max;                /* bytes of it */
	enum png_step how;
	bool (*ok)(struct png *png);      /* NULL: needs no look */
	bool once;
	bool before_pixels;
};

struct png {
	enum png_step step;
	unsigned char head[8];
	uint32_t left;            /* bytes of the chunk that are to come */
	uint32_t sum;
	const struct chunk *chunk; /* NULL: one that goes */
	unsigned seen;            /* bit by row of the table */
	unsigned colour;          /* IHDR: 0, 2, 3, 4, 6 */
	unsigned depth;
	unsigned entries;         /* of the palette */
	bool pixels, pixels_over; /* IDAT came; something else came behind it */
	uint32_t table[256];      /* of the checksum; built at the signature */
	struct gather part;
};

/* --- checksum: CRC-32 of ISO 3309, annex D of the standard -------------------------------- */

static void sum_table(uint32_t table[256])
{
	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xEDB88320u : 0);
	}
}

static uint32_t sum_on(const struct png *png, uint32_t sum, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		sum = png->table[(sum ^ (unsigned char)bytes.at[i]) & 0xFF] ^ sum >> 8;
	return sum;
}

/* --- the chunks ------------------------------------------------------------------------------ */

static bool header_ok(struct png *png)
{
	static const struct {
		unsigned char colour, depths; /* bits: 1, 2, 4, 8, 16 */
	} kinds[] = { { 0, 1 | 2 | 4 | 8 | 16 }, { 2, 8 | 16 }, { 3, 1 | 2 | 4 | 8 }, { 4, 8 | 16 }, { 6, 8 | 16 } };
	const unsigned char *at = png->part.at;
	uint32_t width = bytes_be32(at), height = bytes_be32(at + 4);

	png->depth = at[8];
	png->colour = at[9];
	if (width < 1 || width > CHUNK_MAX || height < 1 || height > CHUNK_MAX || at[10] != 0 || at[11] != 0 || at[12] > 1 ||
	    png->depth == 0 || (png->depth & (png->depth - 1)) != 0)
		return false;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (kinds[i].colour == png->colour)
			return (kinds[i].depths & png->depth) != 0;
	return false;
}

static bool palette_ok(struct png *png)
{
	png->entries = (unsigned)(png->part.have / 3);
	return png->part.have % 3 == 0 && (png->colour & 2) != 0 && (png->colour != 3 || png->entries <= 1u << png->depth);
}

static bool clear_ok(struct png *png)
{
	switch (png->colour) {
	case 0:
		return png->part.have == 2;
	case 2:
		return png->part.have == 6;
	case 3:
		return png->part.have <= png->entries;
	}
	return false;
}

static bool intent_ok(struct png *png)
{
	return png->part.at[0] <= 3;
}

static const struct chunk chunks[] = {
	{ .type = "IHDR", .min = 13, .max = 13, .how = AT_PART, .ok = header_ok, .once = true, .before_pixels = true },
	{ .type = "gAMA", .min = 4, .max = 4, .how = AT_PART, .once = true, .before_pixels = true },
	{ .type = "sRGB", .min = 1, .max = 1, .how = AT_PART, .ok = intent_ok, .once = true, .before_pixels = true },
	{ .type = "PLTE", .min = 3, .max = 768, .how = AT_PART, .ok = palette_ok, .once = true, .before_pixels = true },
	{ .type = "tRNS", .min = 1, .max = 256, .how = AT_PART, .ok = clear_ok, .once = true, .before_pixels = true },
	{ .type = "IDAT", .min = 0, .max = CHUNK_MAX, .how = AT_PASS },
	{ .type = "eXIf", .min = 0, .max = GATHER_MAX, .how = AT_PART, .once = true },
	{ .type = "IEND", .min = 0, .max = 0, .how = AT_PART, .once = true },
};

enum {
	ROW_IHDR = 0,
	ROW_IDAT = 5,
	ROW_EXIF = 6,
	ROW_IEND = 7,
};

static const struct chunk *chunk_find(const unsigned char *type)
{
	for (size_t i = 0; i < COUNT_OF(chunks); i++)
		if (memcmp(chunks[i].type, type, 4) == 0)
			return &chunks[i];
	return NULL;
}

/* The first is IHDR, pixels stand together, and what tells how to read them stands before. */
static bool place_ok(struct png *png, const struct chunk *chunk)
{
	unsigned row = (unsigned)(chunk - chunks), bit = 1u << row;

	if ((chunk->once && (png->seen & bit) != 0) || (png->seen == 0) != (row == ROW_IHDR) ||
	    (chunk->before_pixels && png->pixels) || (row == ROW_IDAT && png->pixels_over))
		return false;
	if (row == ROW_IEND && !png->pixels)
		return false;
	if (row == ROW_IDAT && png->colour == 3 && png->entries == 0)
		return false;
	png->seen |= bit;
	png->pixels_over = png->pixels && row != ROW_IDAT;
	png->pixels |= row == ROW_IDAT;
	return true;
}

static bool letters(const unsigned char *type)
{
	for (int i = 0; i < 4; i++)
		if ((type[i] | 0x20) < 'a' || (type[i] | 0x20) > 'z')
			return false;
	return true;
}

/* Others than those of the table. Animation is known by its first chunk, which would change what is seen. */
static bool may_drop(struct png *png)
{
	const unsigned char *type = png->head + 4;

	png->pixels_over = png->pixels;
	return png->seen != 0 && letters(type) && (type[0] & ANCILLARY) != 0 && memcmp(type, "acTL", 4) != 0;
}

static bool take_head(struct png *png, struct buf *out)
{
	const unsigned char *head = png->part.at;

	memcpy(png->head, head, sizeof(png->head));
	png->left = bytes_be32(head);
	png->sum = sum_on(png, 0xFFFFFFFFu, span_from(head + 4, 4));
	png->chunk = chunk_find(head + 4);
	png->step = AT_DROP;
	if (png->left > CHUNK_MAX)
		return false;
	if (png->chunk == NULL)
		return may_drop(png);
	png->step = png->chunk->how;
	if (png->left < png->chunk->min || png->left > png->chunk->max || !place_ok(png, png->chunk))
		return false;
	if (png->step == AT_PASS)
		buf_add(out, head, sizeof(png->head));
	else
		gather_begin(&png->part, png->left);
	return true;
}

static void put_number(struct buf *out, uint32_t number)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_add_byte(out, (int)(number >> shift & 0xFF));
}

static void put_orientation(const struct png *png, struct buf *out)
{
	unsigned orientation = exif_orientation(gather_span(&png->part));
	size_t from;

	if (!exif_turned(orientation))
		return;
	put_number(out, EXIF_ORIENTATION_BYTES);
	from = out->len;
	buf_add_text(out, "eXIf");
	exif_orientation_write(orientation, out);
	put_number(out, ~sum_on(png, 0xFFFFFFFFu, span_from(out->at + from, out->len - from)));
}

static bool take_part(struct png *png, struct buf *out)
{
	png->sum = sum_on(png, png->sum, gather_span(&png->part));
	if (png->chunk->ok != NULL && !png->chunk->ok(png))
		return false;
	if (png->chunk == &chunks[ROW_EXIF]) {
		put_orientation(png, out);
	} else {
		buf_add(out, png->head, sizeof(png->head));
		buf_add_span(out, gather_span(&png->part));
	}
	gather_begin(&png->part, 4);
	png->step = AT_SUM;
	return true;
}

static void take_rest(struct png *png, struct span *piece, struct buf *out)
{
	struct span cut = piece_cut(piece, png->left);

	png->sum = sum_on(png, png->sum, cut);
	png->left -= (uint32_t)cut.len;
	if (png->step == AT_PASS)
		buf_add_span(out, cut);
	if (png->left > 0)
		return;
	gather_begin(&png->part, 4);
	png->step = AT_SUM;
}

static bool take_sum(struct png *png, struct buf *out)
{
	if (bytes_be32(png->part.at) != ~png->sum)
		return false;
	if (png->chunk != NULL && png->chunk != &chunks[ROW_EXIF])
		put_number(out, ~png->sum);
	png->step = png->chunk == &chunks[ROW_IEND] ? AT_END : AT_HEAD;
	gather_begin(&png->part, sizeof(png->head));
	return true;
}

static bool take_start(struct png *png, struct buf *out)
{
	static const char signature[] = "\x89PNG\r\n\x1a\n";

	sum_table(png->table);
	buf_add_text(out, signature);
	png->step = AT_HEAD;
	if (memcmp(png->part.at, signature, 8) != 0)
		return false;
	gather_begin(&png->part, sizeof(png->head));
	return true;
}

/* False where the file is wrong; pieces of no byte are fine, so that an empty chunk ends at once. */
static bool take_some(void *state, struct span *piece, struct buf *out)
{
	struct png *png = state;

	switch (png->step) {
	case AT_START:
		png->part.want = 8;
		return !gather_take(&png->part, piece) || take_start(png, out);
	case AT_HEAD:
		return !gather_take(&png->part, piece) || take_head(png, out);
	case AT_PART:
		return !gather_take(&png->part, piece) || take_part(png, out);
	case AT_PASS:
	case AT_DROP:
		take_rest(png, piece, out);
		return true;
	case AT_SUM:
		return !gather_take(&png->part, piece) || take_sum(png, out);
	case AT_END:
		break;
	}
	*piece = (struct span){ 0 };
	return true;
}

static bool finish(void *state, struct buf *out, size_t *lead)
{
	const struct png *png = state;

	(void)out;
	(void)lead;
	return png->step == AT_END;
}

const struct clean_format clean_png = {
	.type = "image/png",
	.state_bytes = sizeof(struct png),
	.take = take_some,
	.finish = finish,
};
