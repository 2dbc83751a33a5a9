/*
 * Clean copies of JPEG; see clean.h.
 *
 * A JPEG is a row of marked segments, and behind each start of a scan coded
 * bytes up to the next marker. Segments of tables, frame and scan are held
 * against their lengths and kept; JFIF and Adobe, which decide how colours are
 * read, are written anew; Exif becomes its orientation; all others go, and all
 * behind the end of the image (previews, films, second pictures).
 */
#include "daemon/core/files/clean_inside.h"

#include "daemon/core/files/exif.h"

#define SCANS_MAX 500u   /* more make decoders work for minutes */
#define JFIF_BYTES 14u
#define ADOBE_BYTES 12u
#define EXIF_NAME "Exif\0"
#define EXIF_NAME_BYTES 6u

enum code {
	SOF0 = 0xC0,
	SOF2 = 0xC2,
	DHT = 0xC4,
	RST0 = 0xD0,
	RST7 = 0xD7,
	SOI = 0xD8,
	EOI = 0xD9,
	SOS = 0xDA,
	DQT = 0xDB,
	DRI = 0xDD,
	APP0 = 0xE0,
	APP1 = 0xE1,
	APP14 = 0xEE,
	APP15 = 0xEF,
	COM = 0xFE,
};

enum jpeg_step {
	AT_START,     /* SOI */
	AT_MARKER,    /* the 0xFF of a marker */
	AT_CODE,      /* what follows it */
	AT_LENGTH,
	AT_SEGMENT,
	AT_SCAN,      /* coded bytes */
	AT_SCAN_MARK, /* a 0xFF among them */
	AT_END,
};

struct jpeg {
	enum jpeg_step step;
	unsigned code;            /* of the segment */
	bool jfif, exif, adobe;   /* was there */
	bool restarts;
	unsigned components;      /* of the frame; 0: none yet */
	unsigned char names[4];
	unsigned scans;
	struct gather part;
};

static void emit(struct buf *out, unsigned code, struct span segment)
{
	buf_add_byte(out, 0xFF);
	buf_add_byte(out, (int)code);
	buf_add_byte(out, (int)((segment.len + 2) >> 8));
	buf_add_byte(out, (int)((segment.len + 2) & 0xFF));
	buf_add_span(out, segment);
}

/* --- segments that are kept ------------------------------------------------------------- */

/* Tables of 64 numbers of one or two bytes, each behind a byte of precision and place. */
static bool dqt_ok(const unsigned char *at, size_t len)
{
	while (len > 0) {
		size_t table = 1 + (at[0] >> 4 == 0 ? 64u : 128u);

		if (at[0] >> 4 > 1 || (at[0] & 15) > 3 || len < table)
			return false;
		at += table;
		len -= table;
	}
	return true;
}

/* Tables of sixteen counts and as many values as these say. */
static bool dht_ok(const unsigned char *at, size_t len)
{
	while (len > 0) {
		size_t table = 17;

		if (at[0] >> 4 > 1 || (at[0] & 15) > 3 || len < table)
			return false;
		for (unsigned i = 1; i <= 16; i++)
			table += at[i];
		if (table > 17 + 256 || len < table)
			return false;
		at += table;
		len -= table;
	}
	return true;
}

static bool take_frame(struct jpeg *jpeg)
{
	const unsigned char *at = jpeg->part.at;
	unsigned n = jpeg->part.have >= 6 ? at[5] : 0;

	if (jpeg->components > 0 || n < 1 || n > 4 || jpeg->part.have != 6 + 3 * n || bytes_be16(at + 1) == 0 ||
	    bytes_be16(at + 3) == 0)
		return false;
	for (unsigned i = 0; i < n; i++) {
		const unsigned char *component = at + 6 + 3 * i;
		unsigned across = component[1] >> 4, down = component[1] & 15;

		if (across < 1 || across > 4 || down < 1 || down > 4 || component[2] > 3)
			return false;
		jpeg->names[i] = component[0];
	}
	jpeg->components = n;
	return true;
}

static bool take_scan(struct jpeg *jpeg)
{
	const unsigned char *at = jpeg->part.at;
	unsigned n = jpeg->part.have >= 1 ? at[0] : 0;

	if (jpeg->components == 0 || n < 1 || n > jpeg->components || jpeg->part.have != 4 + 2 * n ||
	    jpeg->scans++ == SCANS_MAX)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (memchr(jpeg->names, at[1 + 2 * i], jpeg->components) == NULL)
			return false;
	return true;
}

static bool take_restart(struct jpeg *jpeg)
{
	if (jpeg->part.have != 2)
		return false;
	jpeg->restarts = bytes_be16(jpeg->part.at) > 0;
	return true;
}

/* --- segments that are written anew -------------------------------------------------------- */

/* Version, unit and density stay; the thumbnail goes. A second one says nothing more. */
static void put_jfif(struct jpeg *jpeg, struct buf *out)
{
	unsigned char *at = jpeg->part.at;

	if (jpeg->jfif || jpeg->part.have < JFIF_BYTES || memcmp(at, "JFIF", 5) != 0)
		return;
	jpeg->jfif = true;
	at[12] = at[13] = 0;
	emit(out, APP0, span_from(at, JFIF_BYTES));
}

static void put_exif(struct jpeg *jpeg, struct buf *out)
{
	struct span segment = gather_span(&jpeg->part);
	struct buf block = { 0 };
	unsigned orientation;

	if (jpeg->exif || segment.len < EXIF_NAME_BYTES || memcmp(segment.at, EXIF_NAME, EXIF_NAME_BYTES) != 0)
		return;
	jpeg->exif = true;
	orientation = exif_orientation(span_from_offset(segment, EXIF_NAME_BYTES));
	if (!exif_turned(orientation))
		return;
	buf_add(&block, EXIF_NAME, EXIF_NAME_BYTES);
	exif_orientation_write(orientation, &block);
	emit(out, APP1, buf_span(&block));
	buf_release(&block);
}

/* Of Adobe's the last byte alone is looked at by decoders. Two of them could be read in two ways. */
static bool put_adobe(struct jpeg *jpeg, struct buf *out)
{
	unsigned char segment[ADOBE_BYTES] = { 'A', 'd', 'o', 'b', 'e', 0, 100 };

	if (jpeg->part.have < ADOBE_BYTES || memcmp(jpeg->part.at, "Adobe", 5) != 0)
		return true;
	segment[11] = jpeg->part.at[11];
	if (jpeg->adobe || segment[11] > 2)
		return false;
	jpeg->adobe = true;
	emit(out, APP14, span_from(segment, sizeof(segment)));
	return true;
}

/* --- the row of segments ---------------------------------------------------------------------- */

static bool kept_ok(struct jpeg *jpeg)
{
	switch (jpeg->code) {
	case DQT:
		return dqt_ok(jpeg->part.at, jpeg->part.have);
	case DHT:
		return dht_ok(jpeg->part.at, jpeg->part.have);
	case DRI:
		return take_restart(jpeg);
	case SOS:
		return take_scan(jpeg);
	}
	return take_frame(jpeg);
}

static bool is_dropped(unsigned code)
{
	return code == COM || (code >= APP0 && code <= APP15);
}

static bool is_kept(unsigned code)
{
	return (code >= SOF0 && code <= SOF2) || code == DHT || code == SOS || code == DQT || code == DRI;
}

static bool take_segment(struct jpeg *jpeg, struct buf *out)
{
	jpeg->step = jpeg->code == SOS ? AT_SCAN : AT_MARKER;
	if (is_kept(jpeg->code)) {
		if (!kept_ok(jpeg))
			return false;
		emit(out, jpeg->code, gather_span(&jpeg->part));
	} else if (jpeg->code == APP0) {
		put_jfif(jpeg, out);
	} else if (jpeg->code == APP1) {
		put_exif(jpeg, out);
	} else if (jpeg->code == APP14) {
		return put_adobe(jpeg, out);
	}
	return true;
}

static bool take_code(struct jpeg *jpeg, unsigned code, struct buf *out)
{
	jpeg->code = code;
	jpeg->step = AT_LENGTH;
	gather_begin(&jpeg->part, 2);
	if (code != EOI)
		return is_kept(code) || is_dropped(code);
	jpeg->step = AT_END;
	buf_add(out, "\xff\xd9", 2);
	return jpeg->scans > 0;
}

static bool take_length(struct jpeg *jpeg, struct buf *out)
{
	size_t length = bytes_be16(jpeg->part.at);

	if (length < 2)
		return false;
	jpeg->step = AT_SEGMENT;
	gather_begin(&jpeg->part, length - 2);
	return length > 2 || take_segment(jpeg, out);
}

static void take_coded(struct jpeg *jpeg, struct span *piece, struct buf *out)
{
	const char *mark = memchr(piece->at, 0xFF, piece->len);
	struct span run = piece_cut(piece, mark != NULL ? (uint64_t)(mark - piece->at) : piece->len);

	buf_add_span(out, run);
	if (mark == NULL)
		return;
	piece_cut(piece, 1);
	jpeg->step = AT_SCAN_MARK;
}

/* A stuffed 0xFF, a restart, or the next marker. More than one 0xFF in a row is filling. */
static bool take_mark(struct jpeg *jpeg, unsigned byte, struct buf *out)
{
	if (byte == 0xFF)
		return true;
	if (byte != 0 && (byte < RST0 || byte > RST7))
		return take_code(jpeg, byte, out);
	if (byte != 0 && !jpeg->restarts)
		return false;
	buf_add_byte(out, 0xFF);
	buf_add_byte(out, (int)byte);
	jpeg->step = AT_SCAN;
	return true;
}

static unsigned next_byte(struct span *piece)
{
	return (unsigned char)piece_cut(piece, 1).at[0];
}

static bool take_start(struct jpeg *jpeg, struct span *piece, struct buf *out)
{
	jpeg->part.want = 2;
	if (!gather_take(&jpeg->part, piece))
		return true;
	jpeg->step = AT_MARKER;
	buf_add_span(out, gather_span(&jpeg->part));
	return jpeg->part.at[0] == 0xFF && jpeg->part.at[1] == SOI;
}

static bool take_some(void *state, struct span *piece, struct buf *out)
{
	struct jpeg *jpeg = state;
	unsigned byte;

	switch (jpeg->step) {
	case AT_START:
		return take_start(jpeg, piece, out);
	case AT_MARKER:
		jpeg->step = AT_CODE;
		return next_byte(piece) == 0xFF;
	case AT_CODE:
		byte = next_byte(piece);
		return byte == 0xFF || take_code(jpeg, byte, out);
	case AT_LENGTH:
		return !gather_take(&jpeg->part, piece) || take_length(jpeg, out);
	case AT_SEGMENT:
		return !gather_take(&jpeg->part, piece) || take_segment(jpeg, out);
	case AT_SCAN:
		take_coded(jpeg, piece, out);
		return true;
	case AT_SCAN_MARK:
		return take_mark(jpeg, next_byte(piece), out);
	case AT_END:
		break;
	}
	*piece = (struct span){ 0 };
	return true;
}

static bool finish(void *state, struct buf *out, size_t *lead)
{
	const struct jpeg *jpeg = state;

	(void)out;
	(void)lead;
	return jpeg->step == AT_END;
}

const struct clean_format clean_jpeg = {
	.type = "image/jpeg",
	.state_bytes = sizeof(struct jpeg),
	.take = take_some,
	.finish = finish,
};
