/*
 * A text into parts; see split.h.
 */
#include "daemon/core/sms/split.h"

#include "daemon/core/sms/character.h"
#include "daemon/core/sms/gsm7.h"
#include "daemon/core/sms/udh.h"

#include <assert.h>

/* The whole text in its coding, before it is cut. */
struct coded {
	enum sms_coding coding;
	struct sms_tables tables;
	struct buf octets;
};

/* --- the coding ---------------------------------------------------------------- */

static void add_unit(struct buf *out, uint32_t unit)
{
	buf_add_byte(out, (int)(unit >> 8));
	buf_add_byte(out, (int)(unit & 0xFF));
}

static void encode_utf16(struct span text, struct buf *out)
{
	while (text.len > 0) {
		uint32_t c = sms_character_next(&text);

		if (c >= 0x10000) {
			add_unit(out, 0xD800 | (c - 0x10000) >> 10);
			c = 0xDC00 | (c & 0x3FF);
		}
		add_unit(out, c);
	}
}

static void encode(struct span text, struct sms_tables tables, bool utf16, struct coded *out)
{
	*out = (struct coded){ .coding = SMS_GSM7 };
	if (!utf16 && gsm7_encode(text, out->tables, &out->octets))
		return;
	out->tables = tables;
	if (!utf16 && (tables.locking != 0 || tables.single != 0) && gsm7_encode(text, tables, &out->octets))
		return;
	out->tables = (struct sms_tables){ 0 };
	out->coding = SMS_UTF16;
	encode_utf16(text, &out->octets);
}

/* --- cutting ------------------------------------------------------------------- */

/* Octets of struct coded that fit beside a header. */
static size_t room_beside(const struct coded *coded, size_t header)
{
	size_t octets = SMS_OCTETS_MAX - header;

	return coded->coding == SMS_GSM7 ? octets * 8 / 7 : octets / 2 * 2;
}

static bool parts_a_pair(const struct coded *coded, size_t at)
{
	if (coded->coding == SMS_GSM7)
		return coded->octets.at[at - 1] == GSM7_ESCAPE;
	return ((unsigned char)coded->octets.at[at] & 0xFC) == 0xDC;
}

/* Where the part that starts at `from` ends. */
static size_t part_end(const struct coded *coded, size_t from, size_t room)
{
	size_t end = from + room;

	if (end >= coded->octets.len)
		return coded->octets.len;
	if (parts_a_pair(coded, end))
		end -= coded->coding == SMS_GSM7 ? 1 : 2;
	return end;
}

/* Ends of the parts; 0 when there are too many. */
static size_t cut(const struct coded *coded, size_t room, size_t ends[SMS_PARTS_MAX])
{
	size_t n = 0;

	for (size_t at = 0; at < coded->octets.len; at = ends[n++]) {
		if (n == SMS_PARTS_MAX)
			return 0;
		ends[n] = part_end(coded, at, room);
	}
	return n;
}

static size_t header_length(const struct sms_header *header)
{
	struct buf octets = { 0 };

	sms_header_write(header, &octets);
	size_t n = octets.len;

	buf_release(&octets);
	return n;
}

/* Fills `header` for the first of the parts; 0: too many. */
static size_t plan(const struct coded *coded, const struct sms_split_how *how, struct sms_header *header,
		   size_t ends[SMS_PARTS_MAX])
{
	unsigned width = how->width == 0 ? 8 : how->width;

	assert(width == 8 || width == 16);
	*header = (struct sms_header){ .tables = coded->tables };
	ends[0] = coded->octets.len;
	if (coded->octets.len <= room_beside(coded, header_length(header)))
		return 1;
	header->part = true;
	header->width = width;
	header->reference = how->reference & ((1u << width) - 1);
	header->number = header->total = 1;
	return cut(coded, room_beside(coded, header_length(header)), ends);
}

/* --- the pieces ------------------------------------------------------------------- */

static struct span header_octets(const struct sms_header *header, struct arena *arena)
{
	struct buf octets = { 0 };

	sms_header_write(header, &octets);
	struct span out = arena_dup(arena, buf_span(&octets));

	buf_release(&octets);
	return out;
}

static void make_pieces(const struct coded *coded, struct sms_header header, const size_t *ends, size_t n,
			struct arena *arena, struct sms_split *out)
{
	struct sms_piece *pieces = arena_array(arena, struct sms_piece, n);
	size_t from = 0;

	header.total = (unsigned)n;
	for (size_t i = 0; i < n; i++) {
		header.number = (unsigned)i + 1;
		pieces[i].header = header_octets(&header, arena);
		pieces[i].octets = arena_dup(arena, span_from_offset(span_from(coded->octets.at, ends[i]), from));
		from = ends[i];
	}
	*out = (struct sms_split){ .coding = coded->coding, .tables = coded->tables, .n = n, .at = pieces };
	out->units = coded->octets.len / (coded->coding == SMS_GSM7 ? 1 : 2);
}

bool sms_split(struct span text, const struct sms_split_how *how, struct arena *arena, struct sms_split *out)
{
	struct coded coded;
	struct sms_header header;
	size_t ends[SMS_PARTS_MAX];

	encode(text, how->tables, how->utf16, &coded);
	size_t n = plan(&coded, how, &header, ends);

	if (n > 0)
		make_pieces(&coded, header, ends, n, arena, out);
	buf_release(&coded.octets);
	return n > 0;
}

/* --- questions about a text --------------------------------------------------------- */

size_t sms_split_count(struct span text)
{
	struct coded coded;
	struct sms_header header;
	size_t ends[SMS_PARTS_MAX];

	encode(text, (struct sms_tables){ 0 }, false, &coded);
	size_t n = plan(&coded, &(struct sms_split_how){ 0 }, &header, ends);

	buf_release(&coded.octets);
	return n;
}

bool sms_text_is_gsm(struct span text)
{
	struct buf septets = { 0 };
	bool has_all = gsm7_encode(text, (struct sms_tables){ 0 }, &septets);

	buf_release(&septets);
	return has_all;
}

bool sms_text_is_single(struct span text)
{
	return sms_split_count(text) == 1;
}
