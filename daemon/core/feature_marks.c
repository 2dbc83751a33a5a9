/*
 * What makes two cases out of one wording; see feature.h.
 *
 * Each mark is kept with a hash of the two tokens before it, in which marks
 * stand for themselves by kind: "6 号" behind 街 and "9 号" behind 街 then have
 * one context and two values. Of a long number two parts are hashed, so that
 * one of them survives a slip of the pen or a mask ("138****1234").
 */
#include "daemon/core/feature_parts.h"

#include "daemon/base/table.h"

#define LONG_NUMBER 8 /* digits from which four at each end are hashed, not two */
#define SHOUTED_PERCENT 60
#define AREA_DIGITS 3 /* of a telephone number: twins share the area code */
#define NAME_HALF 3
#define NAME_HAN_MAX 2

struct marker {
	const struct fingerprinter *key;
	const struct feature_input *in;
	const struct feature_text *text;
	struct feature *out;
	size_t hit;         /* first place hit that may still matter */
	uint64_t before[2]; /* the tokens before, nearest first */
	bool latin;         /* most letters are of another script than Han */
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

	return (uint16_t)(feature_hash(m->key, USE_CONTEXT, both) >> 48);
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

	if (mark == NULL)
		return;
	mark->head = value_hash(m, value);
	mark->tail = other_hash(m, value);
}

static void add_halves(struct marker *m, struct feature_mark *mark, struct span head, struct span tail)
{
	mark->head = value_hash(m, head);
	mark->tail = other_hash(m, tail);
}

/* --- numbers -------------------------------------------------------------------------- */

static void number_halves(struct marker *m, struct feature_mark *mark, struct span digits)
{
	size_t part = mark->digits >= LONG_NUMBER && digits.len >= 4 ? 4 : 2;
	size_t skip = digits.len >= LONG_NUMBER + 2 ? AREA_DIGITS : 0;
	char twice[2] = { digits.at[0], digits.at[0] };

	if (digits.len == 1)
		digits = span_from(twice, 2);
	add_halves(m, mark, span_from(digits.at + skip, part),
		   span_from(digits.at + digits.len - part, part));
}

/* "2" and "4" between words are "to" and "for". */
static bool stands_for_word(const struct marker *m, const struct token *token)
{
	return m->latin && token->value.len == 1 && (token->value.at[0] == '2' || token->value.at[0] == '4');
}

static void mark_number(struct marker *m, const struct token *token, bool last)
{
	struct feature_mark *mark = stands_for_word(m, token) ? NULL : add_mark(m, FEATURE_NUMBER);

	if (mark == NULL)
		return;
	mark->digits =
		(uint8_t)(token->value.len < FEATURE_DIGITS_MAX && !token->masked ? token->value.len
										  : FEATURE_DIGITS_MAX);
	mark->open = token->cut || (last && !token->stopped);
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

/* A capital inside a sentence; a slip of the pen leaves its beginning or its end whole. */
static void mark_name(struct marker *m, size_t i)
{
	struct span word = m->text->tokens[i].value;
	struct feature_mark *mark;

	if (m->shouted || word.len < 2 * NAME_HALF - 1 || starts_sentence(m->text, i) ||
	    !feature_capital(m->in, &m->text->tokens[i]) || feature_common_word(word))
		return;
	mark = add_mark(m, FEATURE_NAME);
	if (mark != NULL)
		add_halves(m, mark, span_from(word.at, NAME_HALF),
			   span_from(word.at + word.len - NAME_HALF, NAME_HALF));
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

/* Two characters that say when. Words that people exchange for each other (夜里, 明儿) are left out. */
static bool day_at(const struct marker *m, size_t i)
{
	static const struct span days[] = {
		SPAN_INIT("今天"), SPAN_INIT("昨天"), SPAN_INIT("前天"), SPAN_INIT("明天"),
		SPAN_INIT("后天"), SPAN_INIT("上午"), SPAN_INIT("下午"), SPAN_INIT("中午"),
		SPAN_INIT("凌晨"), SPAN_INIT("早上"), SPAN_INIT("晚上"), SPAN_INIT("半夜"),
	};
	const struct token *tokens = m->text->tokens;

	if (i + 1 >= m->text->ntokens || tokens[i + 1].kind != TOKEN_HAN)
		return false;
	for (size_t k = 0; k < COUNT_OF(days); k++)
		if (memcmp(tokens[i].value.at, days[k].at, 3) == 0 &&
		    memcmp(tokens[i + 1].value.at, days[k].at + 3, 3) == 0)
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
	return name;
}

/* At a place name: marks it and returns the token behind it; `i` when there is none. */
static size_t mark_place(struct marker *m, size_t i)
{
	const struct token *tokens = m->text->tokens;
	struct span name = place_at(m, &tokens[i]);
	size_t end = tokens[i].from + name.len;

	if (span_empty(name))
		return i;
	add_value(m, FEATURE_PLACE, span_from(name.at, stem(name)));
	step_kind(m, FEATURE_PLACE);
	while (i < m->text->ntokens && tokens[i].from < end)
		i++;
	return i;
}

static bool names_somebody(const struct marker *m)
{
	return m->before[0] == U'叫' || m->before[0] == U'姓';
}

/* Behind 叫 and 姓: the one or two characters of a name. */
static void mark_han_name(struct marker *m, size_t i)
{
	const struct token *tokens = m->text->tokens;
	size_t end = i;

	while (end < m->text->ntokens && end < i + NAME_HAN_MAX && tokens[end].kind == TOKEN_HAN &&
	       (end == i || !tokens[end - 1].stopped))
		end++;
	add_value(m, FEATURE_NAME,
		  span_from(tokens[i].value.at, (size_t)(tokens[end - 1].value.at - tokens[i].value.at) +
							tokens[end - 1].value.len));
}

static size_t mark_han(struct marker *m, size_t i)
{
	const struct token *token = &m->text->tokens[i];
	enum feature_kind kind;
	size_t behind = mark_place(m, i);

	if (behind > i)
		return behind;
	if (day_at(m, i)) {
		add_value(m, FEATURE_DAY, span_from(token->value.at, 6));
		step_kind(m, FEATURE_DAY);
		return i + 2;
	}
	if (names_somebody(m))
		mark_han_name(m, i);
	if (meaning_of_han(token->c, &kind)) {
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

void feature_marks_find(const struct fingerprinter *key, const struct feature_input *in,
			const struct feature_text *text, struct feature *out)
{
	struct marker m = { .key = key,
			    .in = in,
			    .text = text,
			    .out = out,
			    .latin = text->nhan * 2 <= text->nletters,
			    .shouted = shouted(in, text) };
	size_t i = 0;

	while (i < text->ntokens) {
		const struct token *token = &text->tokens[i];

		if (token->kind == TOKEN_HAN) {
			i = mark_han(&m, i);
			continue;
		}
		if (token->kind == TOKEN_NUMBER) {
			mark_number(&m, token, i + 1 == text->ntokens);
			step_kind(&m, FEATURE_NUMBER);
		} else {
			mark_word(&m, i);
		}
		i++;
	}
}
