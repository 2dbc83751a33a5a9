/*
 * Tightening; see tight.h.
 *
 * One walk over the characters. What may go is held back until the next
 * character that stays: only then is it known whether both neighbours are Han.
 */
#include "daemon/core/text/tight.h"

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"

enum kind {
	KIND_HAN,
	KIND_LATIN, /* letters of all other scripts, digits */
	KIND_STOP,  /* ends a thought; stays */
	KIND_LOOSE, /* blanks and strokes: go between Han characters */
	KIND_NOISE, /* symbols: go everywhere */
};

struct walk {
	struct span text;
	const uint32_t *origin;
	char *at; /* the tightened text, NULL as long as nothing was taken out */
	uint32_t *from;
	size_t len;
	struct arena *arena;
};

static bool is_symbol(uint32_t c)
{
	return (c >= 0x2190 && c <= 0x2BFF) || (c >= 0x1F000 && c <= 0x1FBFF) || c == 0x00A9 || c == 0x00AE ||
	       c == UTF8_BROKEN || c == 0x20E3;
}

static bool is_han(uint32_t c)
{
	return (c >= 0x3400 && c <= 0x9FFF) || (c >= 0x20000 && c <= 0x323AF) || c == 0x3007;
}

static enum kind kind_of_ascii(uint32_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return KIND_LATIN;
	return strchr(" -_|/\\*~^'`\"+=#&%$@<>{}", (int)c) != NULL ? KIND_LOOSE : KIND_STOP;
}

static enum kind kind_of(uint32_t c)
{
	if (c < 0x80)
		return c == 0 ? KIND_NOISE : kind_of_ascii(c);
	if (is_han(c))
		return KIND_HAN;
	if (is_symbol(c))
		return KIND_NOISE;
	if (c == 0xB7 || c == 0x2027 || c == 0x2022 || (c >= 0x2010 && c <= 0x2015))
		return KIND_LOOSE;
	return (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x303F) ? KIND_STOP : KIND_LATIN;
}

/* --- stickers ------------------------------------------------------------------- */

/* What chat programs write for a picture, without the brackets. */
static bool is_sticker(struct span word)
{
	static const char stickers[] =
		"|泪|流泪|大哭|快哭了|悲伤|伤心|难过|委屈|可怜|怒|发怒|怒骂|抓狂|咒骂|鄙视|惊恐|惊讶|吓|"
		"拜托|祈祷|合十|蜡烛|心|爱心|心碎|玫瑰|凋谢|拥抱|抱抱|握手|抱拳|鼓掌|胜利|强|弱|拳头|奋斗|"
		"加油|"
		"捂脸|微笑|笑哭|偷笑|坏笑|奸笑|憨笑|呲牙|可爱|愉快|害羞|亲亲|飞吻|爱你|色|酷|得意|调皮|白眼|"
		"翻白眼|傲慢|疑问|思考|嘘|闭嘴|晕|衰|汗|擦汗|流汗|冷汗|尴尬|撇嘴|发呆|困|睡|哈欠|再见|叹气|"
		"苦涩|裂开|皱眉|无语|允悲|悲催|话筒|喇叭|威武|围观|给力|赞|耶|好的|红包|炸弹|刀|菜刀|骷髅|"
		"猪头|"
		"月亮|太阳|礼物|蛋糕|西瓜|啤酒|咖啡|饭|闪电|转发|转|急|求助|打脸|让我看看|天啊|社会社会|旺柴|"
		"机智|嘿哈|跳跳|发抖|磕头|生病|吐|左哼哼|右哼哼|阴险|抠鼻|敲打|差劲|勾引|福|発|发|";
	struct span all = SPAN(stickers);
	char framed[32];

	if (word.len == 0 || word.len > 18)
		return false;
	framed[0] = '|';
	memcpy(framed + 1, word.at, word.len);
	framed[word.len + 1] = '|';
	return span_find(all, span_from(framed, word.len + 2)) < all.len;
}

/* Bytes of the sticker at `at`, which is an opening bracket; 0 when it is none. */
static size_t sticker_at(struct span text, size_t at)
{
	struct span rest = span_from_offset(text, at + 1);
	size_t end;

	if (rest.len > 20)
		rest.len = 20;
	end = span_find(rest, SPAN("]"));
	return end < rest.len && is_sticker(span_from(rest.at, end)) ? end + 2 : 0;
}

/* --- tone marks ----------------------------------------------------------------- */

/* The plain letter of a vowel with a tone mark, or 0. */
static char plain_vowel(uint32_t c)
{
	static const struct {
		uint16_t with;
		char plain;
	} vowels[] = {
		{ 0x101, 'a' }, { 0xE1, 'a' }, { 0x1CE, 'a' }, { 0xE0, 'a' },  { 0x113, 'e' }, { 0xE9, 'e' },
		{ 0x11B, 'e' }, { 0xE8, 'e' }, { 0x12B, 'i' }, { 0xED, 'i' },  { 0x1D0, 'i' }, { 0xEC, 'i' },
		{ 0x14D, 'o' }, { 0xF3, 'o' }, { 0x1D2, 'o' }, { 0xF2, 'o' },  { 0x16B, 'u' }, { 0xFA, 'u' },
		{ 0x1D4, 'u' }, { 0xF9, 'u' }, { 0x1D6, 'v' }, { 0x1D8, 'v' }, { 0x1DA, 'v' }, { 0x1DC, 'v' },
	};

	if (c < 0xE0 || c > 0x1DC)
		return 0;
	for (size_t i = 0; i < COUNT_OF(vowels); i++)
		if (vowels[i].with == c)
			return vowels[i].plain;
	return 0;
}

/* --- the walk ------------------------------------------------------------------- */

static void copy_from_here(struct walk *w, size_t done)
{
	if (w->at != NULL)
		return;
	w->at = arena_alloc(w->arena, w->text.len + 1);
	w->from = arena_array(w->arena, uint32_t, w->text.len + 1);
	memcpy(w->at, w->text.at, done);
	memcpy(w->from, w->origin, done * sizeof(*w->from));
	w->len = done;
}

static void keep(struct walk *w, size_t at, size_t len)
{
	if (w->at == NULL)
		return;
	memcpy(w->at + w->len, w->text.at + at, len);
	memcpy(w->from + w->len, w->origin + at, len * sizeof(*w->from));
	w->len += len;
}

static void keep_as(struct walk *w, size_t at, char c)
{
	copy_from_here(w, at);
	w->at[w->len] = c;
	w->from[w->len++] = w->origin[at];
}

/* What stands between two characters that stay. */
struct gap {
	size_t from;
	size_t to;
	bool noise;
};

static void keep_without_noise(struct walk *w, const struct gap *gap)
{
	bool blank = false;
	size_t length;

	copy_from_here(w, gap->from);
	for (size_t at = gap->from; at < gap->to; at += length) {
		size_t sticker = w->text.at[at] == '[' ? sticker_at(w->text, at) : 0;
		uint32_t c = utf8_at(w->text, at, &length);
		bool noise = sticker > 0 || kind_of(c) == KIND_NOISE || c == ' ';

		if (sticker > 0)
			length = sticker;
		if (!noise)
			keep(w, at, length);
		else if (!blank)
			keep_as(w, at, ' ');
		blank = noise;
	}
}

static void close_gap(struct walk *w, const struct gap *gap, enum kind before, enum kind after)
{
	if (gap->from == gap->to)
		return;
	if (before == KIND_HAN && after == KIND_HAN)
		copy_from_here(w, gap->from);
	else if (gap->noise)
		keep_without_noise(w, gap);
	else
		keep(w, gap->from, gap->to - gap->from);
}

/* Kind and bytes of what stands at `at`; stickers and doubled marks ("‼", "…") are noise. */
static enum kind next_kind(struct span text, size_t at, size_t *length, uint32_t *c)
{
	size_t sticker;

	*c = utf8_at(text, at, length);
	if (*c == '[' && (sticker = sticker_at(text, at)) > 0) {
		*length = sticker;
		return KIND_NOISE;
	}
	if ((*c == '!' || *c == '.') && at + 1 < text.len && text.at[at + 1] == text.at[at]) {
		while (at + *length < text.len && text.at[at + *length] == text.at[at])
			++*length;
		return KIND_NOISE;
	}
	return kind_of(*c);
}

static void walk(struct walk *w)
{
	enum kind before = KIND_STOP;
	struct gap gap = { 0 };
	size_t length;

	for (size_t at = 0; at < w->text.len; at += length) {
		uint32_t c;
		enum kind kind = next_kind(w->text, at, &length, &c);

		if (kind == KIND_LOOSE || kind == KIND_NOISE) {
			gap.noise = gap.noise || kind == KIND_NOISE;
			gap.to = at + length;
			continue;
		}
		close_gap(w, &gap, before, kind);
		if (kind == KIND_LATIN && c >= 0x80 && plain_vowel(c) != 0)
			keep_as(w, at, plain_vowel(c));
		else
			keep(w, at, length);
		before = kind;
		gap = (struct gap){ .from = at + length, .to = at + length };
	}
	close_gap(w, &gap, before, KIND_STOP);
}

/* What a byte may mean for a text that perhaps needs no tightening. */
enum first_look {
	LOOK_PASS,  /* part of what stays */
	LOOK_LOOSE, /* goes when what stands around it is not ASCII */
	LOOK_TWICE, /* goes when it stands twice */
	LOOK_CLOSE, /* may begin what goes */
};

static enum first_look look_at(unsigned char c)
{
	static const uint8_t looks[256] = {
		[' '] = LOOK_LOOSE,  ['-'] = LOOK_LOOSE,  ['_'] = LOOK_LOOSE,  ['|'] = LOOK_LOOSE,
		['/'] = LOOK_LOOSE,  ['\\'] = LOOK_LOOSE, ['*'] = LOOK_LOOSE,  ['~'] = LOOK_LOOSE,
		['^'] = LOOK_LOOSE,  ['\''] = LOOK_LOOSE, ['`'] = LOOK_LOOSE,  ['"'] = LOOK_LOOSE,
		['+'] = LOOK_LOOSE,  ['='] = LOOK_LOOSE,  ['#'] = LOOK_LOOSE,  ['&'] = LOOK_LOOSE,
		['%'] = LOOK_LOOSE,  ['$'] = LOOK_LOOSE,  ['@'] = LOOK_LOOSE,  ['<'] = LOOK_LOOSE,
		['>'] = LOOK_LOOSE,  ['{'] = LOOK_LOOSE,  ['}'] = LOOK_LOOSE,  ['!'] = LOOK_TWICE,
		['.'] = LOOK_TWICE,  ['['] = LOOK_CLOSE,  [0] = LOOK_CLOSE,    [0xC2] = LOOK_CLOSE,
		[0xC3] = LOOK_CLOSE, [0xC4] = LOOK_CLOSE, [0xC5] = LOOK_CLOSE, [0xC7] = LOOK_CLOSE,
		[0xE2] = LOOK_CLOSE, [0xEF] = LOOK_CLOSE, [0xF0] = LOOK_CLOSE,
	};

	return (enum first_look)looks[c];
}

/* False only when the walk would take nothing out; most texts are told so by one pass over their bytes. */
static bool may_change(struct span text)
{
	unsigned char before = 0; /* the last byte that stays */
	bool gap = false;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		enum first_look look = look_at(c);

		if (look == LOOK_CLOSE || (look == LOOK_TWICE && i > 0 && text.at[i - 1] == text.at[i]))
			return true;
		if (look == LOOK_LOOSE) {
			gap = true;
			continue;
		}
		if (gap && before >= 0x80 && c >= 0x80)
			return true;
		before = c;
		gap = false;
	}
	return false;
}

bool tighten(const struct folded *in, struct arena *arena, struct folded *out)
{
	struct walk w = { .text = in->text, .origin = in->origin, .arena = arena };

	*out = *in;
	if (!may_change(in->text))
		return false;
	walk(&w);
	if (w.at == NULL)
		return false;
	w.from[w.len] = in->origin[in->text.len];
	*out = (struct folded){ .text = span_from(w.at, w.len), .origin = w.from };
	return true;
}

bool tight_torn(const struct folded *text, uint32_t from, uint32_t to)
{
	return text->origin[to] - text->origin[from] > to - from;
}
