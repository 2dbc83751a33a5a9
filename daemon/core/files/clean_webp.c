/*
 * Clean copies of WebP; see clean.h. RFC 9649, section 2.
 *
 * A WebP is one RIFF of chunks: a picture alone, or VP8X, which says what
 * follows. Kept are pictures, their transparency and animation; colour profile,
 * Exif (but for the orientation), XMP and all unknown chunks go, and all behind
 * the RIFF. The length in front and the flags of VP8X follow from what was kept,
 * so these first bytes are written last (`lead`).
 */
#include "daemon/core/files/clean_inside.h"

#include "daemon/base/table.h"
#include "daemon/core/files/exif.h"

#define RIFF_HEAD 12u
#define FRAME_HEAD 16u   /* of ANMF, before its own chunks */
#define RIFF_MAX 0xFFFFFFF6u

enum flag {
	FLAG_ANIMATION = 0x02,
	FLAG_EXIF = 0x08,
	FLAG_ALPHA = 0x10,
};

enum webp_step {
	AT_START,
	AT_CHUNK,  /* fourcc and length */
	AT_PART,   /* a chunk, or the start of one, that is collected */
	AT_PASS,
	AT_DROP,
	AT_PAD,    /* the byte behind an odd length */
	AT_END,
};

struct webp;

struct chunk {
	char name[5];
	unsigned min, max;       /* bytes of it; max 0: any */
	unsigned collect;        /* so many of its first bytes are looked at; the rest follows as it is */
	bool (*take)(struct webp *webp, struct buf *out); /* when these are there */
	bool keep;               /* written as it was */
	bool inside;             /* may stand in a frame */
};

struct webp {
	enum webp_step step;
	uint32_t left;           /* bytes of the RIFF behind the chunk's head */
	uint32_t frame_left;     /* of the frame that is open */
	uint32_t chunk_left;
	bool odd;
	const struct chunk *chunk; /* NULL: one that goes */
	uint64_t kept;           /* bytes behind the lead */
	unsigned chunks;
	unsigned pictures;
	bool extended, in_frame, frame_picture, alpha, animation;
	unsigned char vp8x[10];
	unsigned orientation;
	struct gather part;
};

static void keep(struct webp *webp, struct span bytes, struct buf *out)
{
	webp->kept += bytes.len;
	buf_add_span(out, bytes);
}

static void keep_head(struct webp *webp, const char name[4], uint32_t length, struct buf *out)
{
	unsigned char head[8];

	memcpy(head, name, 4);
	for (unsigned i = 0; i < 4; i++)
		head[4 + i] = (unsigned char)(length >> 8 * i);
	keep(webp, span_from(head, sizeof(head)), out);
}

static bool animated(const struct webp *webp)
{
	return webp->extended && (webp->vp8x[0] & FLAG_ANIMATION) != 0;
}

/* --- chunks --------------------------------------------------------------------------------- */

/* One picture in a file, or in a frame. */
static bool picture_ok(struct webp *webp)
{
	if (webp->in_frame ? webp->frame_picture : animated(webp) || webp->pictures > 0)
		return false;
	webp->frame_picture = true;
	webp->pictures++;
	return true;
}

/* A key frame: RFC 6386, section 9.1. */
static bool take_vp8(struct webp *webp, struct buf *out)
{
	const unsigned char *at = webp->part.at;

	(void)out;
	return (at[0] & 1) == 0 && memcmp(at + 3, "\x9d\x01\x2a", 3) == 0 && picture_ok(webp);
}

static bool take_vp8l(struct webp *webp, struct buf *out)
{
	(void)out;
	return webp->part.at[0] == 0x2F && webp->part.at[4] >> 5 == 0 && picture_ok(webp);
}

static bool take_vp8x(struct webp *webp, struct buf *out)
{
	(void)out;
	if (webp->chunks != 1)
		return false;
	webp->extended = true;
	memcpy(webp->vp8x, webp->part.at, sizeof(webp->vp8x));
	return true;
}

static bool take_alpha(struct webp *webp, struct buf *out)
{
	bool twice = webp->alpha;

	(void)out;
	webp->alpha = true;
	return webp->extended && !twice && (webp->in_frame ? !webp->frame_picture : !animated(webp) && webp->pictures == 0);
}

static bool take_anim(struct webp *webp, struct buf *out)
{
	bool twice = webp->animation;

	(void)out;
	webp->animation = true;
	return animated(webp) && !twice;
}

/* Its own chunks come as if they stood in the row, as long as it is open. */
static bool take_frame(struct webp *webp, struct buf *out)
{
	(void)out;
	if (!webp->animation || webp->odd)
		return false;
	webp->in_frame = true;
	webp->frame_picture = webp->alpha = false;
	webp->frame_left = webp->chunk_left;
	webp->chunk_left = 0;
	return true;
}

static bool take_exif(struct webp *webp, struct buf *out)
{
	struct span block = gather_span(&webp->part);

	(void)out;
	/* Some writers put the name of JPEG's segment in front. */
	if (block.len > 6 && memcmp(block.at, "Exif\0", 6) == 0)
		block = span_from_offset(block, 6);
	if (webp->orientation == 0)
		webp->orientation = exif_orientation(block);
	return true;
}

static const struct chunk chunks[] = {
	{ .name = "VP8X", .min = 10, .max = 10, .collect = 10, .take = take_vp8x },
	{ .name = "VP8 ", .min = 10, .collect = 10, .take = take_vp8, .keep = true, .inside = true },
	{ .name = "VP8L", .min = 5, .collect = 5, .take = take_vp8l, .keep = true, .inside = true },
	{ .name = "ALPH", .min = 1, .collect = 1, .take = take_alpha, .keep = true, .inside = true },
	{ .name = "ANIM", .min = 6, .max = 6, .collect = 6, .take = take_anim, .keep = true },
	{ .name = "ANMF", .min = FRAME_HEAD, .collect = FRAME_HEAD, .take = take_frame, .keep = true },
	{ .name = "EXIF", .min = 0, .max = GATHER_MAX, .collect = GATHER_MAX, .take = take_exif },
};

static const struct chunk *chunk_find(const unsigned char *name)
{
	for (size_t i = 0; i < COUNT_OF(chunks); i++)
		if (memcmp(chunks[i].name, name, 4) == 0)
			return &chunks[i];
	return NULL;
}

/* --- the row of chunks ------------------------------------------------------------------------- */

static void begin_chunk_head(struct webp *webp)
{
	webp->step = AT_CHUNK;
	gather_begin(&webp->part, 8);
}

/* Room for the chunk where it stands, and taken off there. */
static bool room_ok(struct webp *webp, uint32_t padded)
{
	uint32_t *left = webp->in_frame ? &webp->frame_left : &webp->left;

	if (*left < 8 || padded > *left - 8 || padded < webp->chunk_left)
		return false;
	*left -= 8 + padded;
	return true;
}

static bool take_known(struct webp *webp, struct buf *out)
{
	const struct chunk *chunk = webp->chunk;

	if (webp->chunk_left < chunk->min || (chunk->max > 0 && webp->chunk_left > chunk->max) ||
	    (webp->in_frame && !chunk->inside))
		return false;
	if (chunk->keep)
		keep_head(webp, chunk->name, webp->chunk_left, out);
	gather_begin(&webp->part, webp->chunk_left < chunk->collect ? webp->chunk_left : chunk->collect);
	webp->step = AT_PART;
	return true;
}

static bool take_chunk(struct webp *webp, struct buf *out)
{
	const unsigned char *head = webp->part.at;

	webp->chunk_left = bytes_le32(head + 4);
	webp->odd = (webp->chunk_left & 1) != 0;
	webp->chunk = chunk_find(head);
	webp->chunks++;
	if (!room_ok(webp, webp->chunk_left + webp->odd))
		return false;
	if (webp->chunk != NULL)
		return take_known(webp, out);
	webp->step = AT_DROP;
	return !webp->in_frame && webp->chunks > 1;
}

/* Behind a chunk: in its frame, in the row, or at the end of the RIFF. */
static bool end_chunk(struct webp *webp)
{
	begin_chunk_head(webp);
	if (webp->in_frame && webp->frame_left == 0) {
		webp->in_frame = false;
		if (!webp->frame_picture)
			return false;
	}
	if (!webp->in_frame && webp->left == 0)
		webp->step = AT_END;
	return true;
}

static bool end_bytes(struct webp *webp)
{
	if (!webp->odd)
		return end_chunk(webp);
	webp->step = AT_PAD;
	return true;
}

static bool take_part(struct webp *webp, struct buf *out)
{
	const struct chunk *chunk = webp->chunk;

	webp->chunk_left -= (uint32_t)webp->part.have;
	if (!chunk->take(webp, out))
		return false;
	if (chunk->keep)
		keep(webp, gather_span(&webp->part), out);
	webp->step = AT_PASS;
	return webp->chunk_left > 0 || end_bytes(webp);
}

static bool take_rest(struct webp *webp, struct span *piece, struct buf *out)
{
	struct span cut = piece_cut(piece, webp->chunk_left);

	webp->chunk_left -= (uint32_t)cut.len;
	if (webp->step == AT_PASS)
		keep(webp, cut, out);
	return webp->chunk_left > 0 || end_bytes(webp);
}

static bool take_pad(struct webp *webp, struct span *piece, struct buf *out)
{
	piece_cut(piece, 1);
	if (webp->chunk != NULL && webp->chunk->keep)
		keep(webp, SPAN("\0"), out);
	return end_chunk(webp);
}

static bool take_start(struct webp *webp)
{
	const unsigned char *head = webp->part.at;
	uint32_t size = bytes_le32(head + 4);

	if (memcmp(head, "RIFF", 4) != 0 || memcmp(head + 8, "WEBP", 4) != 0 || size < 4 + 8 || size > RIFF_MAX || (size & 1) != 0)
		return false;
	webp->left = size - 4;
	begin_chunk_head(webp);
	return true;
}

static bool take_some(void *state, struct span *piece, struct buf *out)
{
	struct webp *webp = state;

	switch (webp->step) {
	case AT_START:
		webp->part.want = RIFF_HEAD;
		return !gather_take(&webp->part, piece) || take_start(webp);
	case AT_CHUNK:
		return !gather_take(&webp->part, piece) || take_chunk(webp, out);
	case AT_PART:
		return !gather_take(&webp->part, piece) || take_part(webp, out);
	case AT_PASS:
	case AT_DROP:
		return take_rest(webp, piece, out);
	case AT_PAD:
		return take_pad(webp, piece, out);
	case AT_END:
		break;
	}
	*piece = (struct span){ 0 };
	return true;
}

static void put_lead(const struct webp *webp, uint32_t size, struct buf *out)
{
	unsigned char head[RIFF_HEAD + 18] = "RIFF....WEBPVP8X\x0a";

	for (unsigned i = 0; i < 4; i++)
		head[4 + i] = (unsigned char)(size >> 8 * i);
	memcpy(head + 20, webp->vp8x, sizeof(webp->vp8x));
	head[20] = webp->vp8x[0] & (FLAG_ALPHA | FLAG_ANIMATION);
	head[20] |= exif_turned(webp->orientation) ? FLAG_EXIF : 0;
	head[21] = head[22] = head[23] = 0;
	buf_add(out, head, webp->extended ? sizeof(head) : RIFF_HEAD);
}

static bool finish(void *state, struct buf *out, size_t *lead)
{
	struct webp *webp = state;
	uint64_t size;
	size_t from;

	if (webp->step != AT_END || webp->pictures == 0)
		return false;
	if (webp->extended && exif_turned(webp->orientation)) {
		keep_head(webp, "EXIF", EXIF_ORIENTATION_BYTES, out);
		exif_orientation_write(webp->orientation, out);
		webp->kept += EXIF_ORIENTATION_BYTES;
	}
	size = 4 + (webp->extended ? 18u : 0u) + webp->kept;
	from = out->len;
	put_lead(webp, (uint32_t)size, out);
	*lead = out->len - from;
	return size <= RIFF_MAX;
}

const struct clean_format clean_webp = {
	.type = "image/webp",
	.state_bytes = sizeof(struct webp),
	.take = take_some,
	.finish = finish,
};
