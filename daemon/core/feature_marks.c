/*
 * What makes two cases out of one wording; see feature.h.
 *
 * Each mark is kept with a hash of the two tokens before it, in which marks
 * stand for themselves by kind: "6 号" behind 街 and "9 号" behind 街 then have
 * one context and two values. Of a long number two parts are hashed, so that
 * one of them survives a slip of the pen or a mask ("138****1234"). Few names
 * of people are seen: those behind words that announce one, and in other
 * scripts those with a capital.
 */
#include "daemon/core/feature_parts.h"

#include "daemon/base/table.h"
#include "daemon/base/utf8.h"

#include <uchar.h>

#define LONG_HEAD 5 /* digits of a number from which the first four are hashed, not two */
#define LONG_TAIL 8 /* ...and the last four */
#define SHOUTED_PERCENT 60
#define NAME_HEAD 3
#define NAME_LETTERS_MIN 4
#define NAME_HAN_MAX 2
#define PLACE_HEAD 6 /* bytes: two letters, by which a name that was torn is known */

struct marker {
	const struct fingerprinter *key;
	const struct feature_input *in;
	const struct feature_text *text;
	struct feature *out;
	size_t hit;         /* first place hit that may still matter */
	uint64_t before[2]; /* the tokens before, nearest first */
	bool shouted;       /* capitals say nothing in this text */
};

static uint8_t value_hash(const struct marker *m, struct span value)
{
	return (uint8_t)(feature_hash(m->key, USE_MARK, value) >> 56);
}

static uint8_t other_hash(const struct marker *m, struct span value)
{
	return (uint8_t)(feature_hash(m->key, USE_MARK, value) >> 48);
}

static uint16_t context_hash(const struct marker *m)
{
	struct span both = span_from(m->before, sizeof(m->before));

	if (m->before[0] == 0)
		return 0;
	return (uint16_t)(1 + feature_hash(m->key, USE_CONTEXT, both) % 0xFFF);
}

static void step(struct marker *m, uint64_t unit)
{
	m->before[1] = m->before[0];
	m->before[0] = unit;
}

/* A mark stands for itself by kind; 0 is the beginning of the text. */
static void step_kind(struct marker *m, enum feature_kind kind)
{
	step(m, 1 + (uint64_t)kind);
}

static struct feature_mark *add_mark(struct marker *m, enum feature_kind kind)
{
	struct feature_mark *mark;

	if (m->out->nmarks == FEATURE_MARKS_MAX)
		return NULL;
	mark = &m->out->marks[m->out->nmarks++];
	*mark = (struct feature_mark){ .kind = (uint8_t)kind, .context = context_hash(m) };
	return mark;
}

static void add_value(struct marker *m, enum feature_kind kind, struct span value)
{
	struct feature_mark *mark = add_mark(m, kind);

	if (mark != NULL)
		mark->head = value_hash(m, value);
}

static void add_halves(struct marker *m, struct feature_mark *mark, struct span head, struct span tail)
{
	mark->head = value_hash(m, head);
	mark->tail = other_hash(m, tail);
}

static uint8_t sum_of(struct span value)
{
	unsigned sum = 0;

	for (size_t i = 0; i < value.len; i++)
		sum += (unsigned char)value.at[i];
	return sum & 0xF;
}

/* --- numbers -------------------------------------------------------------------------- */

static void number_halves(struct marker *m, struct feature_mark *mark, struct span digits)
{
	size_t head = mark->digits >= LONG_HEAD && digits.len >= 4 ? 4 : 2;
	size_t tail = mark->digits >= LONG_TAIL && digits.len >= 4 ? 4 : 2;
	char twice[2] = { digits.at[0], digits.at[0] };

	mark->sum = sum_of(digits);
	if (digits.len == 1)
		digits = span_from(twice, 2);
	add_halves(m, mark, span_from(digits.at, head), span_from(digits.at + digits.len - tail, tail));
}

static bool unit(struct span word)
{
	static const struct span units[] = {
		SPAN_INIT("am"),      SPAN_INIT("pm"),    SPAN_INIT("min"),   SPAN_INIT("mins"),
		SPAN_INIT("minutes"), SPAN_INIT("hr"),    SPAN_INIT("hrs"),   SPAN_INIT("hour"),
		SPAN_INIT("hours"),   SPAN_INIT("days"),  SPAN_INIT("weeks"), SPAN_INIT("months"),
		SPAN_INIT("year"),    SPAN_INIT("years"), SPAN_INIT("kids"),  SPAN_INIT("men"),
		SPAN_INIT("women"),   SPAN_INIT("boys"),  SPAN_INIT("girls"), SPAN_INIT("people"),
	};

	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (span_eq(word, units[i]))
			return true;
	return false;
}

/* "2" and "4" between words are "to" and "for", unless a unit follows or a currency stands before. */
static bool stands_for_word(const struct marker *m, const struct token *token)
{
	const struct token *next = token + 1;
	bool apart = token->from == 0 || m->in->text->text.at[token->from - 1] == ' ';

	if (m->text->nhan > 0 || !apart || token->value.len != 1 ||
	    (token->value.at[0] != '2' && token->value.at[0] != '4'))
		return false;
	return next == m->text->tokens + m->text->ntokens || !unit(next->value);
}

static void mark_number(struct marker *m, const struct token *token, bool last)
{
	struct feature_mark *mark = stands_for_word(m, token) ? NULL : add_mark(m, FEATURE_NUMBER);

	if (mark == NULL)
		return;
	mark->digits =
		(uint8_t)(token->value.len < FEATURE_DIGITS_MAX && !token->masked ? token->value.len
										  : FEATURE_DIGITS_MAX);
	mark->open =
		mark->digits < FEATURE_DIGITS_MAX ? token->cut || (last && !token->stopped) : token->masked;
	number_halves(m, mark, token->value);
}

/* --- words ---------------------------------------------------------------------------- */

static const struct meaning {
	struct span word;
	enum feature_kind kind;
	struct span value;
} meanings[] = {
	{ SPAN_INIT("north"), FEATURE_DIRECTION, SPAN_INIT("n") },
	{ SPAN_INIT("south"), FEATURE_DIRECTION, SPAN_INIT("s") },
	{ SPAN_INIT("east"), FEATURE_DIRECTION, SPAN_INIT("e") },
	{ SPAN_INIT("west"), FEATURE_DIRECTION, SPAN_INIT("w") },
	{ SPAN_INIT("northern"), FEATURE_DIRECTION, SPAN_INIT("n") },
	{ SPAN_INIT("southern"), FEATURE_DIRECTION, SPAN_INIT("s") },
	{ SPAN_INIT("eastern"), FEATURE_DIRECTION, SPAN_INIT("e") },
	{ SPAN_INIT("western"), FEATURE_DIRECTION, SPAN_INIT("w") },
	{ SPAN_INIT("left"), FEATURE_DIRECTION, SPAN_INIT("l") },
	{ SPAN_INIT("right"), FEATURE_DIRECTION, SPAN_INIT("r") },
	{ SPAN_INIT("man"), FEATURE_GENDER, SPAN_INIT("man") },
	{ SPAN_INIT("men"), FEATURE_GENDER, SPAN_INIT("man") },
	{ SPAN_INIT("woman"), FEATURE_GENDER, SPAN_INIT("woman") },
	{ SPAN_INIT("women"), FEATURE_GENDER, SPAN_INIT("woman") },
	{ SPAN_INIT("boy"), FEATURE_GENDER, SPAN_INIT("boy") },
	{ SPAN_INIT("boys"), FEATURE_GENDER, SPAN_INIT("boy") },
	{ SPAN_INIT("girl"), FEATURE_GENDER, SPAN_INIT("girl") },
	{ SPAN_INIT("girls"), FEATURE_GENDER, SPAN_INIT("girl") },
	{ SPAN_INIT("male"), FEATURE_GENDER, SPAN_INIT("male") },
	{ SPAN_INIT("female"), FEATURE_GENDER, SPAN_INIT("female") },
	{ SPAN_INIT("son"), FEATURE_GENDER, SPAN_INIT("son") },
	{ SPAN_INIT("daughter"), FEATURE_GENDER, SPAN_INIT("daughter") },
	{ SPAN_INIT("brother"), FEATURE_GENDER, SPAN_INIT("brother") },
	{ SPAN_INIT("sister"), FEATURE_GENDER, SPAN_INIT("sister") },
	{ SPAN_INIT("husband"), FEATURE_GENDER, SPAN_INIT("husband") },
	{ SPAN_INIT("wife"), FEATURE_GENDER, SPAN_INIT("wife") },
	{ SPAN_INIT("father"), FEATURE_GENDER, SPAN_INIT("father") },
	{ SPAN_INIT("mother"), FEATURE_GENDER, SPAN_INIT("mother") },
	{ SPAN_INIT("monday"), FEATURE_DAY, SPAN_INIT("mo") },
	{ SPAN_INIT("tuesday"), FEATURE_DAY, SPAN_INIT("tu") },
	{ SPAN_INIT("wednesday"), FEATURE_DAY, SPAN_INIT("we") },
	{ SPAN_INIT("thursday"), FEATURE_DAY, SPAN_INIT("th") },
	{ SPAN_INIT("friday"), FEATURE_DAY, SPAN_INIT("fr") },
	{ SPAN_INIT("saturday"), FEATURE_DAY, SPAN_INIT("sa") },
	{ SPAN_INIT("sunday"), FEATURE_DAY, SPAN_INIT("su") },
	{ SPAN_INIT("january"), FEATURE_DAY, SPAN_INIT("1") },
	{ SPAN_INIT("february"), FEATURE_DAY, SPAN_INIT("2") },
	{ SPAN_INIT("march"), FEATURE_DAY, SPAN_INIT("3") },
	{ SPAN_INIT("april"), FEATURE_DAY, SPAN_INIT("4") },
	{ SPAN_INIT("june"), FEATURE_DAY, SPAN_INIT("6") },
	{ SPAN_INIT("july"), FEATURE_DAY, SPAN_INIT("7") },
	{ SPAN_INIT("august"), FEATURE_DAY, SPAN_INIT("8") },
	{ SPAN_INIT("september"), FEATURE_DAY, SPAN_INIT("9") },
	{ SPAN_INIT("october"), FEATURE_DAY, SPAN_INIT("10") },
	{ SPAN_INIT("november"), FEATURE_DAY, SPAN_INIT("11") },
	{ SPAN_INIT("december"), FEATURE_DAY, SPAN_INIT("12") },
	{ SPAN_INIT("morning"), FEATURE_DAY, SPAN_INIT("am") },
	{ SPAN_INIT("afternoon"), FEATURE_DAY, SPAN_INIT("pm") },
	{ SPAN_INIT("evening"), FEATURE_DAY, SPAN_INIT("ev") },
	{ SPAN_INIT("night"), FEATURE_DAY, SPAN_INIT("ni") },
	{ SPAN_INIT("white"), FEATURE_COLOUR, SPAN_INIT("white") },
	{ SPAN_INIT("black"), FEATURE_COLOUR, SPAN_INIT("black") },
	{ SPAN_INIT("red"), FEATURE_COLOUR, SPAN_INIT("red") },
	{ SPAN_INIT("blue"), FEATURE_COLOUR, SPAN_INIT("blue") },
	{ SPAN_INIT("green"), FEATURE_COLOUR, SPAN_INIT("green") },
	{ SPAN_INIT("yellow"), FEATURE_COLOUR, SPAN_INIT("yellow") },
	{ SPAN_INIT("silver"), FEATURE_COLOUR, SPAN_INIT("silver") },
	{ SPAN_INIT("grey"), FEATURE_COLOUR, SPAN_INIT("grey") },
	{ SPAN_INIT("gray"), FEATURE_COLOUR, SPAN_INIT("grey") },
	{ SPAN_INIT("brown"), FEATURE_COLOUR, SPAN_INIT("brown") },
};

static const struct meaning *meaning_of(struct span word)
{
	for (size_t i = 0; i < COUNT_OF(meanings); i++)
		if (word.at[0] == meanings[i].word.at[0] && span_eq(word, meanings[i].word))
			return &meanings[i];
	return NULL;
}

static bool starts_sentence(const struct feature_text *text, size_t i)
{
	return i == 0 || text->tokens[i - 1].stopped;
}

/* Long enough to tell Norwood from Oakwood, and Westfield from Greenfield. */
static size_t name_tail(size_t letters)
{
	return letters >= 8 ? 6 : letters >= 6 ? 4 : 3;
}

/* A capital inside a sentence; a slip of the pen leaves its beginning or its end whole. */
static void mark_name(struct marker *m, size_t i)
{
	struct span word = m->text->tokens[i].value;
	size_t tail = name_tail(word.len);
	struct feature_mark *mark;

	if (m->shouted || word.len < NAME_LETTERS_MIN || starts_sentence(m->text, i) ||
	    !feature_capital(m->in, &m->text->tokens[i]) || feature_common_word(word))
		return;
	mark = add_mark(m, FEATURE_NAME);
	if (mark == NULL)
		return;
	mark->digits = (uint8_t)(word.len < FEATURE_DIGITS_MAX ? word.len : FEATURE_DIGITS_MAX);
	mark->open = m->text->tokens[i].cut || i + 1 == m->text->ntokens;
	mark->sum = sum_of(word);
	add_halves(m, mark, span_from(word.at, NAME_HEAD), span_from(word.at + word.len - tail, tail));
}

static void mark_word(struct marker *m, size_t i)
{
	struct span word = m->text->tokens[i].value;
	const struct meaning *meaning = meaning_of(word);

	if (meaning == NULL) {
		mark_name(m, i);
		step(m, feature_hash(m->key, USE_CONTEXT, word));
		return;
	}
	add_value(m, meaning->kind, meaning->value);
	step_kind(m, meaning->kind);
}

/* --- Han ------------------------------------------------------------------------------- */

/* clang-format off */
static bool meaning_of_han(uint32_t c, enum feature_kind *kind)
{
	switch (c) {
	case U'东': case U'南': case U'西': case U'北': case U'左': case U'右':
		*kind = FEATURE_DIRECTION;
		return true;
	case U'男': case U'女':
		*kind = FEATURE_GENDER;
		return true;
	default:
		return false;
	}
}
/* clang-format on */

/* A colour, and 色 behind it. */
static bool coloured(const struct marker *m, size_t i)
{
	static const char32_t colours[] = U"白黑红蓝灰银绿黄紫粉棕橙青";
	const struct token *tokens = m->text->tokens;

	if (i + 1 >= m->text->ntokens || tokens[i + 1].c != U'色')
		return false;
	for (const char32_t *colour = colours; *colour != 0; colour++)
		if (*colour == tokens[i].c)
			return true;
	return false;
}

/* Two characters that say when. Words that people exchange for each other (夜里, 明儿) are left out. */
static bool day_at(const struct marker *m, size_t i)
{
	static const char32_t days[][3] = { U"今天", U"昨天", U"前天", U"明天", U"后天", U"上午",
					    U"下午", U"中午", U"凌晨", U"早上", U"晚上", U"半夜" };
	const struct token *tokens = m->text->tokens;

	if (i + 1 >= m->text->ntokens || tokens[i + 1].kind != TOKEN_HAN)
		return false;
	for (size_t k = 0; k < COUNT_OF(days); k++)
		if (tokens[i].c == days[k][0] && tokens[i + 1].c == days[k][1])
			return true;
	return false;
}

/* Bytes of a place's name without the word for its kind, when more than one character is left. */
static size_t stem(struct span name)
{
	static const struct span kinds[] = { SPAN_INIT("省"), SPAN_INIT("市"), SPAN_INIT("区"),
					     SPAN_INIT("县"), SPAN_INIT("旗") };

	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (name.len > 2 * kinds[i].len &&
		    memcmp(name.at + name.len - kinds[i].len, kinds[i].at, kinds[i].len) == 0)
			return name.len - kinds[i].len;
	return name.len;
}

static void add_place(struct marker *m, struct span name)
{
	struct feature_mark *mark = add_mark(m, FEATURE_PLACE);
	size_t letters = name.len / 3;

	if (mark == NULL)
		return;
	mark->digits = (uint8_t)(letters < FEATURE_DIGITS_MAX ? letters : FEATURE_DIGITS_MAX);
	mark->sum = value_hash(m, span_from(name.at, 3)) & 0xF;
	add_halves(m, mark, span_from(name.at, name.len < PLACE_HEAD ? name.len : PLACE_HEAD), name);
}

/* "路北" of "人民路北段": a side of the road, not the place of that name. */
static bool side_of_road(const struct marker *m, struct span name)
{
	static const char32_t ends[] = U"段侧边面方部口门头";
	struct span text = m->in->text->text;
	size_t behind = (size_t)(name.at + name.len - text.at), length;
	enum feature_kind kind;
	uint32_t c;

	if (!span_starts(name, SPAN("路")) || name.len != 6 || behind == text.len ||
	    !meaning_of_han(utf8_at(name, 3, &length), &kind))
		return false;
	c = utf8_at(text, behind, &length);
	for (const char32_t *end = ends; *end != 0; end++)
		if (*end == c)
			return true;
	return false;
}

/* The longest place name that starts at the token, or an empty span. */
static struct span place_at(struct marker *m, const struct token *token)
{
	const struct scan_hits *hits = m->in->hits;
	struct span name = { 0 };

	if (hits == NULL)
		return name;
	for (; m->hit < hits->n && hits->at[m->hit].from <= token->from; m->hit++) {
		const struct scan_hit *hit = &hits->at[m->hit];

		if (hit->family == SCAN_PLACE && hit->from == token->from && hit->to - hit->from > name.len)
			name = span_from(m->in->text->text.at + hit->from, hit->to - hit->from);
	}
	return span_empty(name) || side_of_road(m, name) ? (struct span){ 0 } : name;
}

/* At a place name: marks it and returns the token behind it; `i` when there is none. */
static size_t mark_place(struct marker *m, size_t i)
{
	const struct token *tokens = m->text->tokens;
	struct span name = place_at(m, &tokens[i]);
	size_t end = tokens[i].from + name.len;

	if (span_empty(name))
		return i;
	add_place(m, span_from(name.at, stem(name)));
	step_kind(m, FEATURE_PLACE);
	while (i < m->text->ntokens && tokens[i].from < end)
		i++;
	return i;
}

/* Of the commonest family names, those that are hardly anything else behind a word for a person. */
static bool family_name(uint32_t c)
{
	static const char32_t names[] = U"王李张刘陈杨高黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾萧"
					U"肖田董潘袁蔡蒋余于杜叶程魏"
					U"苏吕丁沈任姚卢傅钟姜崔谭廖范汪陆石戴贾韦夏邱侯邹熊孟秦白江阎薛尹段"
					U"雷龙史陶贺顾毛郝龚邵万钱严"
					U"武戚莫孔汤康施牛葛";

	for (const char32_t *name = names; *name != 0; name++)
		if (*name == c)
			return true;
	return false;
}

/* "寻人", "联系", "联系人", "老板", "女儿", "儿子", "名叫", ...: a name may follow. */
static bool announces(uint64_t last, uint64_t but_one)
{
	switch (last) {
	case U'人':
		return but_one == U'寻' || but_one == U'系';
	case U'系':
		return but_one == U'联';
	case U'板':
		return but_one == U'老';
	case U'儿':
		return but_one == 1 + FEATURE_GENDER;
	case U'子':
		return but_one == U'儿' || but_one == U'妻';
	case U'名':
		return but_one == U'姓';
	default:
		return false;
	}
}

static bool names_somebody(const struct marker *m, uint32_t c)
{
	return m->before[0] == U'叫' || m->before[0] == U'姓' ||
	       (announces(m->before[0], m->before[1]) && family_name(c));
}

/* The one or two characters of a name. */
static void mark_han_name(struct marker *m, size_t i)
{
	const struct token *tokens = m->text->tokens;
	struct feature_mark *mark;
	struct span name;
	size_t end = i;

	while (end < m->text->ntokens && end < i + NAME_HAN_MAX && tokens[end].kind == TOKEN_HAN &&
	       (end == i || !tokens[end - 1].stopped))
		end++;
	name = span_from(tokens[i].value.at,
			 (size_t)(tokens[end - 1].value.at - tokens[i].value.at) + tokens[end - 1].value.len);
	mark = add_mark(m, FEATURE_NAME);
	if (mark != NULL)
		add_halves(m, mark, name, name);
}

static size_t mark_han(struct marker *m, size_t i)
{
	const struct token *token = &m->text->tokens[i];
	enum feature_kind kind;

	if (day_at(m, i)) {
		add_value(m, FEATURE_DAY, span_from(token->value.at, 6));
		step_kind(m, FEATURE_DAY);
		return i + 2;
	}
	if (names_somebody(m, token->c))
		mark_han_name(m, i);
	if (coloured(m, i)) {
		add_value(m, FEATURE_COLOUR, token->value);
		step_kind(m, FEATURE_COLOUR);
	} else if (meaning_of_han(token->c, &kind)) {
		add_value(m, kind, token->value);
		step_kind(m, kind);
	} else {
		step(m, token->c);
	}
	return i + 1;
}

/* Most words have a capital: a headline, or somebody who shouts. */
static bool shouted(const struct feature_input *in, const struct feature_text *text)
{
	size_t words = 0, capitals = 0;

	for (size_t i = 0; i < text->ntokens; i++) {
		if (text->tokens[i].kind != TOKEN_WORD)
			continue;
		words++;
		capitals += feature_capital(in, &text->tokens[i]);
	}
	return capitals * 100 > words * SHOUTED_PERCENT;
}

/* Marks what the token is, and returns the one behind it. */
static size_t mark_token(struct marker *m, size_t i)
{
	const struct token *token = &m->text->tokens[i];
	size_t behind = token->kind == TOKEN_HAN || token->han ? mark_place(m, i) : i;

	if (behind > i)
		return behind;
	switch (token->kind) {
	case TOKEN_HAN:
		return mark_han(m, i);
	case TOKEN_NUMBER:
		mark_number(m, token, i + 1 == m->text->ntokens);
		step_kind(m, FEATURE_NUMBER);
		break;
	case TOKEN_WORD:
		mark_word(m, i);
		break;
	}
	return i + 1;
}

void feature_marks_find(const struct fingerprinter *key, const struct feature_input *in,
			const struct feature_text *text, struct feature *out)
{
	struct marker m = { .key = key, .in = in, .text = text, .out = out, .shouted = shouted(in, text) };

	for (size_t i = 0; i < text->ntokens;)
		i = mark_token(&m, i);
}
