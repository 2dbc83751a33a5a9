/*
 * Texts of short messages; see text.h.
 */
#include "daemon/core/sms/text.h"

#include "daemon/base/hex.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/core/sms/character.h"
#include "daemon/core/sms/gbk.h"
#include "daemon/core/sms/gsm7.h"

#include <stdlib.h>

/* --- codings --------------------------------------------------------------------- */

static void decode_utf8(struct span octets, struct buf *out)
{
	if (span_starts(octets, SPAN("\xEF\xBB\xBF")))
		octets = span_from_offset(octets, 3);
	while (octets.len > 0)
		sms_character_add(out, sms_character_next(&octets));
}

static void decode_utf16(struct span octets, struct buf *out)
{
	for (struct sms_utf16 in = sms_utf16_of(octets); in.rest.len >= 2;)
		sms_character_add(out, sms_utf16_next(&in));
}

static void decode_latin1(struct span octets, struct buf *out)
{
	for (size_t i = 0; i < octets.len; i++)
		sms_character_add(out, (unsigned char)octets.at[i]);
}

void sms_text_decode_with(enum sms_coding coding, struct sms_tables tables, struct span octets, struct buf *out)
{
	switch (coding) {
	case SMS_UTF8:
		decode_utf8(octets, out);
		return;
	case SMS_UTF16:
		decode_utf16(octets, out);
		return;
	case SMS_LATIN1:
		decode_latin1(octets, out);
		return;
	case SMS_OCTETS:
		sms_octets_decode(octets, out);
		return;
	case SMS_GSM7:
		gsm7_decode(octets, tables, out);
		return;
	case SMS_GBK:
		gbk_decode(octets, out);
		return;
	case SMS_CODINGS:
		break;
	}
	abort();
}

void sms_text_decode(enum sms_coding coding, struct span octets, struct buf *out)
{
	sms_text_decode_with(coding, (struct sms_tables){ 0 }, octets, out);
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
		if (is_control(sms_character_next(&octets)))
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
	for (struct sms_utf16 in = sms_utf16_of(octets); in.rest.len >= 2; all++) {
		uint32_t c = sms_utf16_next(&in);

		if (is_control(c) || c == SMS_REPLACEMENT || (c >= 0xE000 && c < 0xF900) || (c & 0xFFFE) == 0xFFFE)
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

/* --- questions about a text --------------------------------------------------- */

const char *sms_text_lang(struct span text)
{
	while (text.len > 0) {
		uint32_t c = sms_character_next(&text);

		if ((c >= 0x3400 && c < 0xA000) || (c >= 0x20000 && c < 0x33480))
			return "zh-CN";
	}
	return "en";
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
		sms_character_add(&word, sms_text_plain(sms_character_next(&text)));
	for (size_t i = 0; i < COUNT_OF(words) && !stop; i++)
		stop = text.len == 0 && span_is(span_trim(buf_span(&word)), words[i]);
	buf_release(&word);
	return stop;
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
