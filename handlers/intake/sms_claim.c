/*
 * Claims among texts; see sms_claim.h.
 */
#include "handlers/intake/sms_claim.h"

#include "daemon/base/buf.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"
#include "daemon/base/wipe.h"
#include "daemon/core/sms/text.h"

#define GAPS_MAX 3         /* blanks and dashes between two digits of one number */
#define SLIP_MIN (RECEIPT_DIGITS - 1)
#define SLIP_MAX (RECEIPT_DIGITS + 1)
#define COURTESY_MAX 6     /* letters beside the words that are not worth a tip */
#define CROSS "×"

enum glyph_kind { GLYPH_OTHER, GLYPH_DIGIT, GLYPH_GAP };

struct glyph {
	enum glyph_kind kind;
	uint32_t plain;
	size_t at, len;        /* in the text */
	bool first;            /* digit: behind a gap or something else */
};

struct reading {
	struct span text;
	struct glyph *at;
	size_t n;
	size_t from, to;       /* glyphs of the number that is the code; to 0: none */
	struct arena *arena;
};

/* --- numbers -------------------------------------------------------------------------- */

static bool is_gap(uint32_t c)
{
	return c == ' ' || c == '-' || (c >= 0x2000 && c <= 0x2015) || c == 0x202F || c == 0x2212 || c == 0xFE63;
}

static enum glyph_kind kind_of(uint32_t plain)
{
	if (plain >= '0' && plain <= '9')
		return GLYPH_DIGIT;
	return is_gap(plain) ? GLYPH_GAP : GLYPH_OTHER;
}

static void read_glyphs(struct reading *r)
{
	r->at = arena_array(r->arena, struct glyph, r->text.len + 1);
	for (size_t at = 0, len; at < r->text.len; at += len) {
		struct glyph *glyph = &r->at[r->n++];
		uint32_t plain = sms_text_plain(utf8_at(r->text, at, &len));

		*glyph = (struct glyph){ .kind = kind_of(plain), .plain = plain, .at = at, .len = len };
		glyph->first = r->n == 1 || glyph[-1].kind != GLYPH_DIGIT;
	}
}

/* The end of the number that begins at this digit: behind its last digit. */
static size_t number_end(const struct reading *r, size_t from)
{
	size_t end = from + 1, gaps = 0;

	for (size_t i = end; i < r->n && r->at[i].kind != GLYPH_OTHER && gaps <= GAPS_MAX; i++) {
		gaps = r->at[i].kind == GLYPH_GAP ? gaps + 1 : 0;
		if (gaps == 0)
			end = i + 1;
	}
	return end;
}

/* Whole groups from here that make a code; false: none do. */
static bool code_from(const struct reading *r, size_t from, size_t to, struct receipt_code *code)
{
	struct buf digits = { 0 };
	bool found;
	size_t i = from;

	for (; i < to && digits.len < RECEIPT_DIGITS; i++)
		if (r->at[i].kind == GLYPH_DIGIT)
			buf_add_byte(&digits, (int)r->at[i].plain);
	found = (i == to || r->at[i].kind != GLYPH_DIGIT) && receipt_parse(buf_span(&digits), code) == RECEIPT_FINE;
	wipe(digits.at, digits.len);
	buf_release(&digits);
	return found;
}

/* An id may stand in front of it: a code begins at any group. */
static bool code_in(struct reading *r, size_t from, size_t to, struct receipt_code *code)
{
	for (size_t i = from; i < to; i++)
		if (r->at[i].kind == GLYPH_DIGIT && r->at[i].first && code_from(r, i, to, code)) {
			r->from = from;
			r->to = to;
			return true;
		}
	return false;
}

static size_t count_digits(const struct reading *r, size_t from, size_t to)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		n += r->at[i].kind == GLYPH_DIGIT;
	return n;
}

static void slip_in(struct reading *r, size_t from, size_t to)
{
	size_t n = count_digits(r, from, to);

	if (n < SLIP_MIN || n > SLIP_MAX || r->to > 0)
		return;
	r->from = from;
	r->to = to;
}

/* The first number that is a code, else the first that was meant to be one. */
static bool find_code(struct reading *r, struct sms_claim *out)
{
	for (size_t i = 0, end; i < r->n; i = end) {
		end = i + 1;
		if (r->at[i].kind != GLYPH_DIGIT)
			continue;
		end = number_end(r, i);
		if (code_in(r, i, end, &out->code)) {
			out->readable = true;
			return true;
		}
		slip_in(r, i, end);
	}
	return r->to > 0;
}

/* --- words ---------------------------------------------------------------------------- */

enum word_means { MEANS_NOTHING, MEANS_ASKS, MEANS_WANTS };

/* Longer ones first where one begins another. */
static const struct {
	const char *word;
	enum word_means means;
} words[] = {
	{ "领取", MEANS_WANTS },    { "領取", MEANS_WANTS },	{ "领奖", MEANS_WANTS },    { "領獎", MEANS_WANTS },
	{ "领款", MEANS_WANTS },    { "領款", MEANS_WANTS },	{ "claim", MEANS_WANTS },   { "查询", MEANS_ASKS },
	{ "查詢", MEANS_ASKS },	    { "状态", MEANS_ASKS },	{ "狀態", MEANS_ASKS },	    { "进度", MEANS_ASKS },
	{ "進度", MEANS_ASKS },	    { "status", MEANS_ASKS },	{ "我要", MEANS_NOTHING },  { "我想", MEANS_NOTHING },
	{ "请问", MEANS_NOTHING },  { "请", MEANS_NOTHING },	{ "奖金", MEANS_NOTHING },  { "奖励", MEANS_NOTHING },
	{ "编号", MEANS_NOTHING },  { "号码", MEANS_NOTHING },	{ "密码", MEANS_NOTHING },  { "单号", MEANS_NOTHING },
	{ "谢谢", MEANS_NOTHING },  { "你好", MEANS_NOTHING },	{ "您好", MEANS_NOTHING },  { "柜台", MEANS_NOTHING },
	{ "櫃檯", MEANS_NOTHING },  { "现金", MEANS_NOTHING },	{ "現金", MEANS_NOTHING },  { "please", MEANS_NOTHING },
	{ "counter", MEANS_NOTHING }, { "cash", MEANS_NOTHING }, { "code", MEANS_NOTHING },  { "number", MEANS_NOTHING },
	{ "reward", MEANS_NOTHING }, { "thanks", MEANS_NOTHING }, { "my", MEANS_NOTHING },
};

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Latin words are whole words; Han ones stand anywhere. */
static bool stands_at(struct span rest, size_t at, struct span word)
{
	size_t end = at + word.len;

	if (!span_starts(span_from_offset(rest, at), word))
		return false;
	return !is_letter(word.at[0]) ||
	       ((at == 0 || !is_letter(rest.at[at - 1])) && (end == rest.len || !is_letter(rest.at[end])));
}

/* Takes the known words out; the strongest that was among them. */
static enum word_means take_words(struct buf *rest)
{
	enum word_means means = MEANS_NOTHING;

	if (rest->at == NULL)
		return means;
	for (size_t w = 0; w < COUNT_OF(words); w++) {
		struct span word = span_of(words[w].word);

		for (size_t at = 0; at + word.len <= rest->len; at++) {
			if (!stands_at(buf_span(rest), at, word))
				continue;
			memset(rest->at + at, ' ', word.len);
			if (words[w].means > means)
				means = words[w].means;
		}
	}
	return means;
}

/* Letters of any script and digits; no blanks, no punctuation, no pictures of hands. */
static bool tells(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
	return c >= 0xC0 && !(c >= 0x2000 && c <= 0x2BFF) && !(c >= 0x3000 && c <= 0x303F) &&
	       !(c >= 0xFE00 && c <= 0xFFFF) && c < 0x1F000;
}

static size_t count_letters(struct span rest)
{
	size_t n = 0;

	for (size_t at = 0, len; at < rest.len; at += len)
		n += tells(utf8_at(rest, at, &len));
	return n;
}

/* Everything but the code, in plain letters. */
static void put_rest(const struct reading *r, struct buf *out)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct glyph *glyph = &r->at[i];

		if (i >= r->from && i < r->to)
			continue;
		if (glyph->plain < 0x80)
			buf_add_byte(out, (int)glyph->plain);
		else
			buf_add(out, r->text.at + glyph->at, glyph->len);
	}
}

static bool holds_code(const struct reading *r, size_t from, size_t to)
{
	struct receipt_code code = { "" };
	bool found = false;

	for (size_t i = from; i < to && !found; i++)
		found = r->at[i].first && code_from(r, i, to, &code);
	wipe(&code, sizeof(code));
	return found;
}

static void put_number(const struct reading *r, size_t from, size_t to, bool slips, struct buf *out)
{
	bool secret = slips ? count_digits(r, from, to) >= SLIP_MIN : holds_code(r, from, to);

	for (size_t i = from; i < to; i++) {
		if (secret && r->at[i].kind == GLYPH_DIGIT)
			buf_add_text(out, CROSS);
		else
			buf_add(out, r->text.at + r->at[i].at, r->at[i].len);
	}
}

/*
 * Whoever wrote it once may have written it twice: every number that holds a
 * code is crossed out, or that is as long as one, where a slip is thinkable.
 */
static struct span without_code(const struct reading *r, bool slips)
{
	struct buf text = { 0 };
	struct span out;

	for (size_t i = 0, end; i < r->n; i = end) {
		end = r->at[i].kind == GLYPH_DIGIT ? number_end(r, i) : i + 1;
		put_number(r, i, end, slips, &text);
	}
	out = arena_dup(r->arena, buf_span(&text));
	buf_release(&text);
	return out;
}

/* --- all of it --------------------------------------------------------------------------- */

static void judge(const struct reading *r, struct sms_claim *out)
{
	struct buf rest = { 0 };
	enum word_means means;
	size_t letters;

	put_rest(r, &rest);
	means = take_words(&rest);
	letters = count_letters(buf_span(&rest));
	buf_release(&rest);
	if (!out->readable && letters > COURTESY_MAX)
		return;
	if (means == MEANS_NOTHING && (!out->readable || letters > 0))
		return;
	out->kind = means == MEANS_WANTS ? SMS_CLAIM_WANTS : SMS_CLAIM_ASKS;
	if (letters > COURTESY_MAX)
		out->tip = without_code(r, true);
}

void sms_claim_read(struct span text, struct arena *arena, struct sms_claim *out)
{
	struct reading r = { .text = text, .arena = arena };

	*out = (struct sms_claim){ 0 };
	read_glyphs(&r);
	if (!find_code(&r, out))
		return;
	judge(&r, out);
	if (out->kind != SMS_CLAIM_NOT)
		return;
	if (out->readable)
		out->tip = without_code(&r, false);
	sms_claim_wipe(out);
}

void sms_claim_wipe(struct sms_claim *claim)
{
	wipe(&claim->code, sizeof(claim->code));
	claim->readable = false;
}
