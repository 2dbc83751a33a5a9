/*
 * What people, gateways and copying do to a text, one thing at a time.
 *
 * Included by tests only; each disturbance writes the text anew. `turn` picks
 * a variant, so that the same turn gives the same bytes.
 */
#ifndef TIPLINE_TESTS_SUPPORT_DISTURB_H
#define TIPLINE_TESTS_SUPPORT_DISTURB_H

#include "daemon/base/buf.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"

#include <opencc/opencc.h>

/* The characters here have one byte, three or four. */
static void put_char(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_add_byte(out, (int)c);
		return;
	}
	if (c >= 0x10000) {
		buf_add_byte(out, (int)(0xF0 | c >> 18));
		buf_add_byte(out, (int)(0x80 | (c >> 12 & 0x3F)));
	} else {
		buf_add_byte(out, (int)(0xE0 | c >> 12));
	}
	buf_add_byte(out, (int)(0x80 | (c >> 6 & 0x3F)));
	buf_add_byte(out, (int)(0x80 | (c & 0x3F)));
}

static size_t letters(struct span text)
{
	size_t n = 0, length;

	for (size_t at = 0; at < text.len; at += length, n++)
		utf8_at(text, at, &length);
	return n;
}

/* Where letter number `n` begins. */
static size_t letter_at(struct span text, size_t n)
{
	size_t at = 0, length;

	for (; n > 0 && at < text.len; n--, at += length)
		utf8_at(text, at, &length);
	return at;
}

static void part_of(struct span text, size_t from, size_t to, struct buf *out)
{
	size_t start = letter_at(text, from);

	buf_add(out, text.at + start, letter_at(text, to) - start);
}

static void cut_short(struct span text, unsigned turn, struct buf *out)
{
	size_t n = letters(text);

	part_of(text, 0, n * (6 + turn % 4) / 10, out);
	buf_add_text(out, turn % 2 == 0 ? "..." : "…全文");
}

static void split_message(struct span text, unsigned turn, struct buf *out)
{
	size_t n = letters(text), half = n / 2;

	buf_add_text(out, turn % 2 == 0 ? "(1/2)" : "(2/2)");
	part_of(text, turn % 2 == 0 ? 0 : half, turn % 2 == 0 ? half : n, out);
}

static void greeted(struct span text, unsigned turn, struct buf *out)
{
	static const char *const greetings[] = { "你好，", "转发：", "【求助】", "FW: ", "警察同志您好，" };
	static const char *const ends[] = { "", " 求扩散", "，请核实，谢谢！", " pls share", " #求助#" };

	buf_add_text(out, greetings[turn % COUNT_OF(greetings)]);
	buf_add_span(out, text);
	buf_add_text(out, ends[turn % COUNT_OF(ends)]);
}

static bool punctuation(uint32_t c)
{
	return c == ',' || c == '.' || c == '!' || c == U'，' || c == U'。' || c == U'！' || c == U'、';
}

/* Every character, with what `change` makes of it. */
static void each(struct span text, unsigned turn, struct buf *out,
		 void (*change)(struct buf *, uint32_t, unsigned))
{
	size_t length;

	for (size_t at = 0; at < text.len; at += length)
		change(out, utf8_at(text, at, &length), turn++);
}

static void pause_char(struct buf *out, uint32_t c, unsigned turn)
{
	(void)turn;
	put_char(out, punctuation(c) ? ' ' : c);
}

static void unpunctuated(struct span text, unsigned turn, struct buf *out)
{
	each(text, turn, out, pause_char);
}

static void stress_char(struct buf *out, uint32_t c, unsigned turn)
{
	for (unsigned i = 0; i < (punctuation(c) && c != '.' ? 1 + turn % 4 : 1); i++)
		put_char(out, c);
}

static void stressed(struct span text, unsigned turn, struct buf *out)
{
	each(text, turn, out, stress_char);
}

static void wide_char(struct buf *out, uint32_t c, unsigned turn)
{
	(void)turn;
	put_char(out, c > ' ' && c < 0x7F ? c + 0xFEE0 : c);
}

static void full_width(struct span text, unsigned turn, struct buf *out)
{
	each(text, turn, out, wide_char);
}

static void decorated(struct span text, unsigned turn, struct buf *out)
{
	static const char *const signs[] = { "😭", "🙏🙏", "[泪]", "🆘", "[蜡烛]" };
	size_t n = letters(text);

	part_of(text, 0, n / 3 + turn % 5, out);
	buf_add_text(out, signs[turn % COUNT_OF(signs)]);
	part_of(text, n / 3 + turn % 5, n, out);
	buf_add_text(out, signs[(turn + 1) % COUNT_OF(signs)]);
}

static void broken_lines(struct span text, unsigned turn, struct buf *out)
{
	size_t n = letters(text), at = n / 4 + turn % 7;

	part_of(text, 0, at, out);
	buf_add_text(out, "\n");
	part_of(text, at, n, out);
	buf_add_text(out, "\n\n");
}

/* A letter of the first half that is no digit is left out, or written twice. */
static void mistyped(struct span text, unsigned turn, struct buf *out)
{
	size_t n = letters(text), at = 3 + turn % (n / 2), length;
	uint32_t c;

	while ((c = utf8_at(text, letter_at(text, at), &length)) < 0x80 || punctuation(c))
		if (++at == n - 1)
			break;
	part_of(text, 0, at + turn % 2, out);
	part_of(text, at + (turn % 2 == 0), n, out);
}

/* The middle of each long number is hidden. */
static void masked(struct span text, unsigned turn, struct buf *out)
{
	size_t run = 0;

	(void)turn;
	for (size_t at = 0; at < text.len; at++) {
		bool digit = text.at[at] >= '0' && text.at[at] <= '9';

		run = digit ? run + 1 : 0;
		buf_add(out, text.at + at, 1);
		if (run == 11)
			memcpy(out->at + out->len - 8, "****", 4);
	}
}

static void traditional(struct span text, unsigned turn, struct buf *out)
{
	opencc_t converter = opencc_open("s2t.json");
	char *converted = opencc_convert_utf8(converter, text.at, text.len);

	(void)turn;
	buf_add_text(out, converted);
	opencc_convert_utf8_free(converted);
	opencc_close(converter);
}

static const struct {
	const char *name;
	void (*run)(struct span text, unsigned turn, struct buf *out);
} disturbances[] = {
	{ "cut short", cut_short },     { "split", split_message },
	{ "greeted", greeted },         { "unpunctuated", unpunctuated },
	{ "stressed", stressed },       { "full width", full_width },
	{ "decorated", decorated },     { "broken lines", broken_lines },
	{ "mistyped", mistyped },       { "masked", masked },
	{ "traditional", traditional },
};

#endif
