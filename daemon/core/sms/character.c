/*
 * Characters in and out; see character.h.
 */
#include "daemon/core/sms/character.h"

#include "daemon/base/utf8.h"

/* --- UTF-8 ------------------------------------------------------------------- */

void sms_character_add(struct buf *out, uint32_t c)
{
	char bytes[4];
	size_t n = 0;

	if (c == 0)
		return;
	if (c < 0x80) {
		bytes[n++] = (char)c;
	} else if (c < 0x800) {
		bytes[n++] = (char)(0xC0 | c >> 6);
	} else if (c < 0x10000) {
		bytes[n++] = (char)(0xE0 | c >> 12);
		bytes[n++] = (char)(0x80 | (c >> 6 & 0x3F));
	} else {
		bytes[n++] = (char)(0xF0 | c >> 18);
		bytes[n++] = (char)(0x80 | (c >> 12 & 0x3F));
		bytes[n++] = (char)(0x80 | (c >> 6 & 0x3F));
	}
	if (c >= 0x80)
		bytes[n++] = (char)(0x80 | (c & 0x3F));
	buf_add(out, bytes, n);
}

/* Bytes of the character that starts here when it is well formed, else 0. */
static size_t well_formed(struct span text)
{
	unsigned char first = (unsigned char)text.at[0];
	size_t n = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

	if (n > text.len || !utf8_valid(span_from(text.at, n)))
		return 0;
	return n;
}

uint32_t sms_character_next(struct span *text)
{
	size_t n = well_formed(*text), length;
	uint32_t c = n == 0 ? SMS_REPLACEMENT : utf8_at(*text, 0, &length);

	*text = span_from_offset(*text, n == 0 ? 1 : n);
	return c;
}

/* --- UTF-16 ------------------------------------------------------------------ */

struct sms_utf16 sms_utf16_of(struct span octets)
{
	struct sms_utf16 in = { .rest = octets };

	if (span_starts(octets, SPAN("\xFE\xFF")) || span_starts(octets, SPAN("\xFF\xFE"))) {
		in.little = octets.at[0] == '\xFF';
		in.rest = span_from_offset(octets, 2);
	}
	return in;
}

static uint32_t peek(const struct sms_utf16 *in)
{
	unsigned char a = (unsigned char)in->rest.at[0], b = (unsigned char)in->rest.at[1];

	return in->little ? (uint32_t)b << 8 | a : (uint32_t)a << 8 | b;
}

static uint32_t take_unit(struct sms_utf16 *in)
{
	uint32_t unit = peek(in);

	in->rest = span_from_offset(in->rest, 2);
	return unit;
}

static bool is_surrogate(uint32_t unit, uint32_t half)
{
	return (unit & 0xFC00) == half;
}

uint32_t sms_utf16_next(struct sms_utf16 *in)
{
	uint32_t unit = take_unit(in);

	if (is_surrogate(unit, 0xDC00))
		return SMS_REPLACEMENT;
	if (!is_surrogate(unit, 0xD800))
		return unit;
	if (in->rest.len < 2 || !is_surrogate(peek(in), 0xDC00))
		return SMS_REPLACEMENT;
	return 0x10000 + ((unit & 0x3FF) << 10) + (take_unit(in) & 0x3FF);
}
