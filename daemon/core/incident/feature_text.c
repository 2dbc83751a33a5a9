/*
 * Letters and tokens of a folded text; see feature_text.h.
 */
#include "daemon/core/incident/feature_text.h"

#include "daemon/base/utf8.h"
#include "daemon/core/text/han_numeral.h"

#define WHOLE_NUMBER 7   /* digits of the shortest telephone number */
#define EMOJI_NAME_MAX 4 /* characters between the brackets */

static bool digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static bool han(uint32_t c)
{
	return (c >= 0x2E80 && c < 0xFE00) || c >= 0x20000 || c == U'〇';
}

/* Symbols, punctuation, emoji: nothing that is pronounced. */
static bool mute(uint32_t c)
{
	if (c < 0x80)
		return !(digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
	return c < 0xC0 || (c >= 0x2000 && c < 0x2C00) || (c >= 0x3000 && c < 0x3040 && c != U'〇') ||
	       c == UTF8_BROKEN || (c >= 0xFE00 && c < 0xFE70) || (c >= 0xFF00 && c < 0xFF10) ||
	       (c >= 0x1F000 && c < 0x20000);
}

/* The end of "[蜡烛]" that starts at `at`, or 0. */
static size_t emoji_name(struct span text, size_t at)
{
	size_t n = 0, length;

	if (text.at[at] != '[')
		return 0;
	for (at++; at < text.len && n <= EMOJI_NAME_MAX; at += length) {
		uint32_t c = utf8_at(text, at, &length);

		if (c == ']')
			return n > 0 ? at + 1 : 0;
		if (c != ' ' && !han(c))
			return 0;
		n += c != ' ';
	}
	return 0;
}

static bool stops(uint32_t c)
{
	return c == '.' || c == U'。' || c == '!' || c == '?' || c == ';' || c == U'…';
}

/* --- the walk --------------------------------------------------------------------- */

struct reader {
	struct span text;
	struct arena *arena;
	struct feature_text *out;
	size_t len; /* of the letters */
};

static void add_letter(struct reader *r, const char *bytes, size_t len, bool is_han)
{
	struct feature_text *out = r->out;

	memcpy(out->letters + r->len, bytes, len);
	out->starts[out->nletters++] = (uint32_t)r->len;
	r->len += len;
	out->starts[out->nletters] = (uint32_t)r->len;
	out->nhan += is_han;
}

static struct token *add_token(struct reader *r, enum token_kind kind, size_t from, size_t letters_from)
{
	struct token *token = &r->out->tokens[r->out->ntokens++];

	token->kind = kind;
	token->from = (uint32_t)from;
	token->value = span_from(r->out->letters + letters_from, r->len - letters_from);
	return token;
}

static struct token *last_token(const struct reader *r)
{
	return r->out->ntokens > 0 ? &r->out->tokens[r->out->ntokens - 1] : NULL;
}

static bool blank_at(struct span text, size_t at)
{
	return at >= text.len || text.at[at] == ' ';
}

/*
 * Digits that stand behind digits, with only mute characters between, go on
 * with that number; but two that could each be a telephone number are two, and
 * in "press 9 2 copy" the second digit is a word.
 */
static bool goes_on(const struct reader *r, const struct token *last, size_t from, size_t to, size_t digits)
{
	if (last == NULL || last->kind != TOKEN_NUMBER || last->han)
		return false;
	if (last->value.len >= WHOLE_NUMBER && digits >= WHOLE_NUMBER)
		return false;
	return r->out->nhan > 0 || digits > 1 || (r->text.at[from] != '2' && r->text.at[from] != '4') ||
	       !blank_at(r->text, from - 1) || !blank_at(r->text, to);
}

static void close_number(struct reader *r, size_t from, size_t to, size_t letters_from)
{
	struct token *last = last_token(r);

	if (!goes_on(r, last, from, to, r->len - letters_from))
		last = add_token(r, TOKEN_NUMBER, from, letters_from);
	else
		last->value.len = (size_t)(r->out->letters + r->len - last->value.at);
	last->to = (uint32_t)to;
	last->stopped = false;
	last->cut = last->masked;
}

static size_t read_digits(struct reader *r, size_t at)
{
	size_t from = at, letters_from = r->len;

	for (; at < r->text.len && digit((unsigned char)r->text.at[at]); at++)
		add_letter(r, r->text.at + at, 1, false);
	close_number(r, from, at, letters_from);
	return at;
}

static bool inside_word(uint32_t c)
{
	return c == '\'' || c == U'’';
}

/* A word goes on across an apostrophe: "don't" is "dont". */
static size_t read_word(struct reader *r, size_t at)
{
	size_t from = at, letters_from = r->len, length;

	for (; at < r->text.len; at += length) {
		uint32_t c = utf8_at(r->text, at, &length);

		if (inside_word(c))
			continue;
		if (digit(c) || mute(c) || han(c))
			break;
		add_letter(r, r->text.at + at, length, false);
	}
	add_token(r, TOKEN_WORD, from, letters_from)->to = (uint32_t)at;
	return at;
}

/* 十二 is 12, 二十 is 20, 一百零五 is 105. */
static unsigned numeral_value(const int *numerals, size_t n)
{
	unsigned value = 0, last = 0;

	for (size_t i = 0; i < n; i++) {
		if (numerals[i] < 10) {
			last = (unsigned)numerals[i];
			continue;
		}
		value += (last == 0 ? 1 : last) * (unsigned)numerals[i];
		last = 0;
	}
	return value + last;
}

/* Three digits or more in Han: a number somebody spelt to hide it. */
static void spelt_number(struct reader *r, const int *numerals, size_t n, size_t from, size_t to)
{
	size_t letters_from = r->len;

	for (size_t i = 0; i < n; i++)
		add_letter(r, &"0123456789"[numerals[i]], 1, false);
	close_number(r, from, to, letters_from);
}

static void counted_number(struct reader *r, const int *numerals, size_t n, size_t from, size_t to)
{
	char *digits = arena_printf(r->arena, "%u", numeral_value(numerals, n));
	struct token *token;
	size_t length;

	for (size_t at = from; at < to; at += length) {
		utf8_at(r->text, at, &length);
		add_letter(r, r->text.at + at, length, true);
	}
	token = add_token(r, TOKEN_NUMBER, from, r->len);
	token->value = span_of(digits);
	token->to = (uint32_t)to;
	token->han = true;
}

#define NUMERALS_MAX 24

static size_t read_numeral(struct reader *r, size_t at)
{
	int numerals[NUMERALS_MAX];
	size_t from = at, n = 0, length;
	bool spelt = true;

	for (; at < r->text.len && n < NUMERALS_MAX; at += length) {
		int value = han_numeral(utf8_at(r->text, at, &length));

		if (value < 0)
			break;
		spelt = spelt && value < 10;
		numerals[n++] = value;
	}
	if (spelt && n >= 3)
		spelt_number(r, numerals, n, from, at);
	else
		counted_number(r, numerals, n, from, at);
	return at;
}

static size_t read_han(struct reader *r, size_t at, uint32_t c, size_t length)
{
	size_t letters_from = r->len;
	struct token *token;

	if (han_numeral(c) >= 0)
		return read_numeral(r, at);
	add_letter(r, r->text.at + at, length, true);
	token = add_token(r, TOKEN_HAN, at, letters_from);
	token->c = c;
	token->to = (uint32_t)(at + length);
	return at + length;
}

static size_t read_mute(struct reader *r, size_t at, uint32_t c, size_t length)
{
	size_t end = c == '[' ? emoji_name(r->text, at) : 0;
	struct token *last = last_token(r);

	if (last != NULL && stops(c))
		last->stopped = true;
	if (last != NULL && c == '*')
		last->masked = true;
	if (last != NULL && (c == '.' || c == '*'))
		last->cut = true;
	return end > 0 ? end : at + length;
}

/* The end of "(1/2)" with which gateways and people number the parts of a message, or 0. */
static size_t part_number(struct span text)
{
	const char *at = text.at;

	if (text.len < 5 || at[0] != '(' || !digit((unsigned char)at[1]) || at[2] != '/' ||
	    !digit((unsigned char)at[3]) || at[4] != ')')
		return 0;
	return 5;
}

void feature_text_read(struct span folded, struct arena *arena, struct feature_text *out)
{
	struct reader r = { .text = folded, .arena = arena, .out = out };
	size_t at = part_number(folded), length;

	*out = (struct feature_text){ .letters = arena_alloc(arena, folded.len + 1),
				      .starts = arena_array(arena, uint32_t, folded.len + 2),
				      .tokens = arena_array(arena, struct token, folded.len + 1) };
	while (at < folded.len) {
		uint32_t c = utf8_at(folded, at, &length);

		if (mute(c))
			at = read_mute(&r, at, c, length);
		else if (digit(c))
			at = read_digits(&r, at);
		else if (han(c))
			at = read_han(&r, at, c, length);
		else
			at = read_word(&r, at);
	}
}
