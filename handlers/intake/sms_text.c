/*
 * Characters and user data headers of SMS; see sms_text.h.
 */
#include "handlers/intake/sms_text.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"

#include <stdlib.h>

#define REPLACEMENT 0xFFFDu
#define SEPTETS_SINGLE 160
#define UNITS_SINGLE 70

/* --- UTF-8 out --------------------------------------------------------------- */

static void add_character(struct buf *out, uint32_t c)
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

/* --- UTF-8 in ---------------------------------------------------------------- */

/* Bytes of the character that starts here when it is well formed, else 0. */
static size_t utf8_character(struct span text)
{
	unsigned char first = (unsigned char)text.at[0];
	size_t n = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

	if (n > text.len || !utf8_valid(span_from(text.at, n)))
		return 0;
	return n;
}

static uint32_t utf8_value(struct span character)
{
	static const unsigned char first_mask[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	uint32_t c = (unsigned char)character.at[0] & first_mask[character.len];

	for (size_t i = 1; i < character.len; i++)
		c = c << 6 | ((unsigned char)character.at[i] & 0x3F);
	return c;
}

/* Cuts the next character off; bytes that make none are one U+FFFD each. */
static uint32_t utf8_next(struct span *text)
{
	size_t n = utf8_character(*text);
	uint32_t c = n == 0 ? REPLACEMENT : utf8_value(span_from(text->at, n));

	*text = span_from_offset(*text, n == 0 ? 1 : n);
	return c;
}

static void decode_utf8(struct span octets, struct buf *out)
{
	if (span_starts(octets, SPAN("\xEF\xBB\xBF")))
		octets = span_from_offset(octets, 3);
	while (octets.len > 0)
		add_character(out, utf8_next(&octets));
}

/* --- UTF-16 in --------------------------------------------------------------- */

struct utf16 {
	struct span rest;
	bool little;  /* by its mark; the standard knows big-endian alone */
};

static struct utf16 utf16_of(struct span octets)
{
	struct utf16 in = { .rest = octets };

	if (span_starts(octets, SPAN("\xFE\xFF")) || span_starts(octets, SPAN("\xFF\xFE"))) {
		in.little = octets.at[0] == '\xFF';
		in.rest = span_from_offset(octets, 2);
	}
	return in;
}

static uint32_t utf16_peek(const struct utf16 *in)
{
	unsigned char a = (unsigned char)in->rest.at[0], b = (unsigned char)in->rest.at[1];

	return in->little ? (uint32_t)b << 8 | a : (uint32_t)a << 8 | b;
}

static uint32_t utf16_unit(struct utf16 *in)
{
	uint32_t unit = utf16_peek(in);

	in->rest = span_from_offset(in->rest, 2);
	return unit;
}

static bool is_surrogate(uint32_t unit, uint32_t half)
{
	return (unit & 0xFC00) == half;
}

static uint32_t utf16_next(struct utf16 *in)
{
	uint32_t unit = utf16_unit(in);

	if (is_surrogate(unit, 0xDC00))
		return REPLACEMENT;
	if (!is_surrogate(unit, 0xD800))
		return unit;
	if (in->rest.len < 2 || !is_surrogate(utf16_peek(in), 0xDC00))
		return REPLACEMENT;
	return 0x10000 + ((unit & 0x3FF) << 10) + (utf16_unit(in) & 0x3FF);
}

static void decode_utf16(struct span octets, struct buf *out)
{
	for (struct utf16 in = utf16_of(octets); in.rest.len >= 2;)
		add_character(out, utf16_next(&in));
}

/* --- data that may be a text -------------------------------------------------- */

static bool is_control(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7F && c < 0xA0);
}

static bool reads_as_utf8(struct span octets)
{
	if (!utf8_valid(octets))
		return false;
	while (octets.len > 0)
		if (is_control(utf8_next(&octets)))
			return false;
	return true;
}

/* Where the words of people are: ASCII, Western letters, Han, their punctuation, pictures. */
static bool is_common(uint32_t c)
{
	return c < 0x100 || (c >= 0x2010 && c < 0x2800) || (c >= 0x3000 && c < 0x3040) ||
	       (c >= 0x3400 && c < 0xA000) || (c >= 0xFF00 && c < 0xFFF0) || (c >= 0x1F000 && c < 0x1FB00);
}

/*
 * Hardly a pair of octets is wrong in UTF-16, and two ASCII letters are a Han
 * character: so nine of ten characters must be common ones.
 */
static bool reads_as_utf16(struct span octets)
{
	size_t all = 0, common = 0;

	if (octets.len % 2 != 0)
		return false;
	for (struct utf16 in = utf16_of(octets); in.rest.len >= 2; all++) {
		uint32_t c = utf16_next(&in);

		if (is_control(c) || c == REPLACEMENT || (c >= 0xE000 && c < 0xF900) || (c & 0xFFFE) == 0xFFFE)
			return false;
		common += is_common(c);
	}
	return all > 0 && common * 10 >= all * 9;
}

bool sms_octets_decode(struct span octets, struct buf *out)
{
	if (octets.len == 0)
		return false;
	if (reads_as_utf8(octets))
		decode_utf8(octets, out);
	else if (reads_as_utf16(octets))
		decode_utf16(octets, out);
	else
		return false;
	return true;
}

void sms_text_decode(enum sms_coding coding, struct span octets, struct buf *out)
{
	switch (coding) {
	case SMS_UTF8:
		decode_utf8(octets, out);
		return;
	case SMS_UTF16:
		decode_utf16(octets, out);
		return;
	case SMS_LATIN1:
		for (size_t i = 0; i < octets.len; i++)
			add_character(out, (unsigned char)octets.at[i]);
		return;
	case SMS_OCTETS:
		sms_octets_decode(octets, out);
		return;
	case SMS_CODINGS:
		break;
	}
	abort();
}

/* --- questions about a text --------------------------------------------------- */

const char *sms_text_lang(struct span text)
{
	while (text.len > 0) {
		uint32_t c = utf8_next(&text);

		if ((c >= 0x3400 && c < 0xA000) || (c >= 0x20000 && c < 0x33480))
			return "zh-CN";
	}
	return "en";
}

/* The ASCII characters that GSM 03.38 has in its basic table; the others cost two septets or are missing. */
bool sms_text_is_gsm(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if ((c < ' ' && c != '\n' && c != '\r') || c == 0x7F || strchr("[]{}\\^|~`", c) != NULL)
			return false;
	}
	return true;
}

static size_t utf16_units(struct span text)
{
	size_t units = 0;

	while (text.len > 0)
		units += utf8_next(&text) >= 0x10000 ? 2 : 1;
	return units;
}

bool sms_text_is_single(struct span text)
{
	if (sms_text_is_gsm(text))
		return text.len <= SEPTETS_SINGLE;
	return utf16_units(text) <= UNITS_SINGLE;
}

uint32_t sms_text_plain(uint32_t c)
{
	if (c >= 0xFF01 && c <= 0xFF5E)
		c -= 0xFEE0;
	if (c == 0x3000 || c == 0xA0 || c == '\t' || c == '\n' || c == '\r')
		c = ' ';
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

bool sms_text_is_stop(struct span text)
{
	static const char *const words[] = { "stop",   "stopall", "unsubscribe", "cancel", "end", "quit", "revoke",
					     "optout", "remove",  "arret",       "td",     "t",   "r",    "退订" };
	struct buf word = { 0 };
	bool stop = false;

	while (text.len > 0 && word.len <= 64)
		add_character(&word, sms_text_plain(utf8_next(&text)));
	for (size_t i = 0; i < COUNT_OF(words) && !stop; i++)
		stop = text.len == 0 && span_is(span_trim(buf_span(&word)), words[i]);
	buf_release(&word);
	return stop;
}

/* --- user data header ---------------------------------------------------------- */

enum {
	IE_CONCAT_8 = 0x00,
	IE_PORT_8 = 0x04,
	IE_PORT_16 = 0x05,
	IE_CONCAT_16 = 0x08,
};

static unsigned octet(struct span s, size_t i)
{
	return (unsigned char)s.at[i];
}

static void set_part(struct sms_header *out, unsigned width, unsigned reference, struct span rest)
{
	unsigned total = octet(rest, 0), number = octet(rest, 1);

	if (total < 2 || number < 1 || number > total)
		return;
	*out = (struct sms_header){ .part = true, .width = width, .reference = reference,
				    .total = total, .number = number, .ports = out->ports };
}

static void read_element(unsigned id, struct span data, struct sms_header *out)
{
	if (id == IE_CONCAT_8 && data.len == 3)
		set_part(out, 8, octet(data, 0), span_from_offset(data, 1));
	else if (id == IE_CONCAT_16 && data.len == 4)
		set_part(out, 16, octet(data, 0) << 8 | octet(data, 1), span_from_offset(data, 2));
	else if ((id == IE_PORT_8 && data.len == 2) || (id == IE_PORT_16 && data.len == 4))
		out->ports = true;
}

void sms_header_read(struct span header, struct sms_header *out)
{
	*out = (struct sms_header){ 0 };
	if (header.len < 1)
		return;
	size_t end = octet(header, 0) + 1;

	if (end > header.len)
		end = header.len;
	for (size_t at = 1; at + 2 <= end;) {
		size_t len = octet(header, at + 1);

		if (at + 2 + len > end)
			return;
		read_element(octet(header, at), span_from(header.at + at + 2, len), out);
		at += 2 + len;
	}
}

/* --- percent-encoding ------------------------------------------------------------ */

static bool add_hex(const char *at, struct buf *out)
{
	int high = hex_digit(at[0]), low = hex_digit(at[1]);

	if (high < 0 || low < 0)
		return false;
	buf_add_byte(out, high << 4 | low);
	return true;
}

static bool parse_percent(struct span encoded, struct buf *out)
{
	for (size_t i = 0; i < encoded.len; i++) {
		if (encoded.at[i] != '%') {
			buf_add_byte(out, encoded.at[i] == '+' ? ' ' : encoded.at[i]);
			continue;
		}
		if (i + 2 >= encoded.len || !add_hex(encoded.at + i + 1, out))
			return false;
		i += 2;
	}
	return true;
}

static bool parse_hex(struct span encoded, struct buf *out)
{
	if (encoded.len % 2 != 0)
		return false;
	for (size_t i = 0; i < encoded.len; i += 2)
		if (!add_hex(encoded.at + i, out))
			return false;
	return true;
}

bool sms_octets_parse(struct span encoded, struct buf *out)
{
	size_t before = out->len;
	/* A percent-encoded header always has one: its length octet is no printable character. */
	bool percent = memchr(encoded.at != NULL ? encoded.at : "", '%', encoded.len) != NULL;

	if (percent ? parse_percent(encoded, out) : parse_hex(encoded, out))
		return true;
	out->len = before;
	return false;
}
