/*
 * Compact records; see tlv.h.
 */
#include "daemon/core/tip/tlv.h"

#include <assert.h>

#define UTF16_BIT 0x80u
#define STEP_MAX 16384u
#define HEAD_MAX 11

/* --- UTF-8 and UTF-16 -------------------------------------------------------- */

static size_t utf8_write(uint32_t point, char *out)
{
	size_t bytes = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = bytes - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (point & 0x3f));
		point >>= 6;
	}
	out[0] = (char)(lead[bytes] | point);
	return bytes;
}

static bool follows(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

static size_t sequence_bytes(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xe0)
		return lead >= 0xc2 ? 2 : 0;
	return lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
}

/* The least character that takes so many bytes, and the one it must stay below. */
static bool in_order(uint32_t point, size_t bytes)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000, 0x110000 };

	return point >= least[bytes] && point < least[bytes + 1] && (point < 0xd800 || point > 0xdfff);
}

/* One character; the bytes it took, or 0 when they are no strict UTF-8 (RFC 3629). */
static size_t utf8_read(const unsigned char *at, size_t len, uint32_t *point)
{
	size_t bytes = sequence_bytes(at[0]);

	if (bytes == 1) {
		*point = at[0];
		return 1;
	}
	if (bytes == 0 || bytes > len)
		return 0;
	*point = at[0] & (0x7fu >> bytes);
	for (size_t i = 1; i < bytes; i++) {
		if (!follows(at[i]))
			return 0;
		*point = *point << 6 | (at[i] & 0x3fu);
	}
	return in_order(*point, bytes) ? bytes : 0;
}

static unsigned char *put16(unsigned char *out, uint32_t unit)
{
	out[0] = (unsigned char)(unit >> 8);
	out[1] = (unsigned char)unit;
	return out + 2;
}

static unsigned char *utf16_put(unsigned char *out, uint32_t point)
{
	if (point < 0x10000)
		return put16(out, point);
	out = put16(out, 0xd800 + ((point - 0x10000) >> 10));
	return put16(out, 0xdc00 + ((point - 0x10000) & 0x3ff));
}

/*
 * The text as UTF-16, where that is shorter; `out` has room for text.len and 4.
 * Returns its length, or 0: keep the text as it is. One pass, because this is
 * the dearest part of a record.
 */
static size_t utf16_shorter(struct span text, unsigned char *out)
{
	const unsigned char *at = (const unsigned char *)text.at;
	const unsigned char *end = text.len > 0 ? at + text.len : at;
	unsigned char *to = out;
	uint32_t point;

	while (at < end && (size_t)(to - out) < text.len) {
		size_t n = utf8_read(at, (size_t)(end - at), &point);

		if (n == 0)
			return 0;
		to = utf16_put(to, point);
		at += n;
	}
	return at == end && (size_t)(to - out) < text.len ? (size_t)(to - out) : 0;
}

static uint32_t get16(const unsigned char *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

/* One character; the bytes it took, or 0 for half a pair. */
static size_t utf16_read(const unsigned char *at, size_t len, uint32_t *point)
{
	uint32_t low;

	if (len < 2)
		return 0;
	*point = get16(at);
	if (*point < 0xd800 || *point > 0xdfff)
		return 2;
	if (*point > 0xdbff || len < 4)
		return 0;
	low = get16(at + 2);
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	*point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
	return 4;
}

/* --- writing ------------------------------------------------------------------ */

static void put_head(struct buf *out, unsigned tag, size_t len)
{
	unsigned char head[HEAD_MAX];
	size_t n = 0;

	head[n++] = (unsigned char)tag;
	while (len >= 0x80) {
		head[n++] = (unsigned char)(0x80 | (len & 0x7f));
		len >>= 7;
	}
	head[n++] = (unsigned char)len;
	buf_add(out, head, n);
}

void tlv_text(struct buf *out, unsigned tag, struct span text)
{
	/* Converted behind the longest head, then moved up to the head it got. */
	unsigned char *room = (unsigned char *)buf_reserve(out, HEAD_MAX + text.len + 4);
	size_t wide = utf16_shorter(text, room + HEAD_MAX);
	size_t from = out->len;

	assert(tag > 0 && tag <= TLV_TAG_MAX);
	if (wide == 0) {
		put_head(out, tag, text.len);
		buf_add_span(out, text);
		return;
	}
	put_head(out, tag | UTF16_BIT, wide);
	memmove(room + (out->len - from), room + HEAD_MAX, wide);
	out->len += wide;
}

void tlv_text_if(struct buf *out, unsigned tag, struct span text)
{
	if (!span_empty(text))
		tlv_text(out, tag, text);
}

void tlv_number(struct buf *out, unsigned tag, uint64_t number)
{
	unsigned char bytes[8];
	size_t first = sizeof(bytes);

	assert(tag > 0 && tag <= TLV_TAG_MAX);
	while (number > 0) {
		bytes[--first] = (unsigned char)number;
		number >>= 8;
	}
	put_head(out, tag, sizeof(bytes) - first);
	buf_add(out, bytes + first, sizeof(bytes) - first);
}

size_t tlv_padded(size_t len, size_t first)
{
	size_t step = first;

	while (step < len && step < STEP_MAX)
		step *= 2;
	return len <= step ? step : (len + STEP_MAX - 1) / STEP_MAX * STEP_MAX;
}

void tlv_pad(struct buf *out, size_t from, size_t first)
{
	size_t len = out->len - from;
	size_t more = tlv_padded(len, first) - len;

	if (more > 0)
		memset(buf_reserve(out, more), 0, more);
	out->len += more;
}

/* --- reading ------------------------------------------------------------------ */

static struct span skip(struct span s, size_t n)
{
	return span_from(s.at + n, s.len - n);
}

static bool take_length(struct span *rest, size_t *len)
{
	*len = 0;
	for (unsigned shift = 0; shift < 35 && rest->len > 0; shift += 7) {
		unsigned char c = (unsigned char)rest->at[0];

		*rest = skip(*rest, 1);
		*len |= (size_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return true;
	}
	return false;
}

static bool all_zero(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] != 0)
			return false;
	return true;
}

enum tlv_next tlv_next(struct span *rest, struct tlv_field *field)
{
	unsigned char head;
	size_t len;

	if (rest->len == 0 || rest->at[0] == 0)
		return all_zero(*rest) ? TLV_END : TLV_BROKEN;
	head = (unsigned char)rest->at[0];
	*rest = skip(*rest, 1);
	if (!take_length(rest, &len) || len > rest->len || head == UTF16_BIT)
		return TLV_BROKEN;
	*field = (struct tlv_field){
		.tag = head & TLV_TAG_MAX,
		.utf16 = (head & UTF16_BIT) != 0,
		.value = span_from(rest->at, len),
	};
	*rest = skip(*rest, len);
	return TLV_FIELD;
}

bool tlv_text_of(const struct tlv_field *field, struct arena *arena, struct span *text)
{
	const unsigned char *at = (const unsigned char *)field->value.at;
	size_t len = field->value.len, used = 0;
	uint32_t point;
	char *out;

	if (!field->utf16) {
		*text = arena_dup(arena, field->value);
		return true;
	}
	out = arena_alloc(arena, len / 2 * 3 + 1);
	for (size_t i = 0, n; i < len; i += n) {
		n = utf16_read(at + i, len - i, &point);
		if (n == 0)
			return false;
		used += utf8_write(point, out + used);
	}
	*text = span_from(out, used);
	return true;
}

bool tlv_number_of(const struct tlv_field *field, uint64_t *number)
{
	if (field->utf16 || field->value.len > sizeof(*number))
		return false;
	*number = 0;
	for (size_t i = 0; i < field->value.len; i++)
		*number = *number << 8 | (unsigned char)field->value.at[i];
	return true;
}
