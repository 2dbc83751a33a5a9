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
#include "daemon/core/incident/feature_parts.h"
#include "daemon/core/incident/feature_words.h"

#include "daemon/base/utf8.h"

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
	struct feature_spot spot; /* of the mark that is added next */
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
	if (m->in->spots != NULL)
		m->in->spots[m->out->nmarks] = m->spot;
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

/* "2" and "4" between words are "to" and "for", unless a unit follows or a currency stands before. */
static bool stands_for_word(const struct marker *m, const struct token *token)
{
	const struct token *next = token + 1;
	bool apart = token->from == 0 || m->in->text->text.at[token->from - 1] == ' ';

	if (m->text->nhan > 0 || !apart || token->value.len != 1 ||
	    (token->value.at[0] != '2' && token->value.at[0] != '4'))
		return false;
	return next == m->text->tokens + m->text->ntokens || !feature_word_counts(next->value);
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
	mark->sum = sum_of(word);
	add_halves(m, mark, span_from(word.at, NAME_HEAD), span_from(word.at + word.len - tail, tail));
}

static void mark_word(struct marker *m, size_t i)
{
	struct span word = m->text->tokens[i].value;
	enum feature_kind kind;
	struct span value;

	if (!feature_word_meaning(word, &kind, &value)) {
		mark_name(m, i);
		step(m, feature_hash(m->key, USE_CONTEXT, word));
		return;
	}
	add_value(m, kind, value);
	step_kind(m, kind);
}

/* --- Han ------------------------------------------------------------------------------- */

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

/* What stands behind a part of the text, 0 for its end. */
static uint32_t char_behind(const struct marker *m, struct span part)
{
	struct span text = m->in->text->text;
	size_t behind = span_empty(part) ? text.len : (size_t)(part.at + part.len - text.at), length;

	return behind < text.len ? utf8_at(text, behind, &length) : 0;
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
	if (feature_side_of_road(name, char_behind(m, name)))
		name.len = 0;
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
	m->spot.to = (uint32_t)end;
	add_place(m, span_from(name.at, feature_place_stem(name)));
	step_kind(m, FEATURE_PLACE);
	while (i < m->text->ntokens && tokens[i].from < end)
		i++;
	return i;
}

static bool names_somebody(const struct marker *m, uint32_t c)
{
	return m->before[0] == U'叫' || m->before[0] == U'姓' ||
	       (feature_announces_name(m->before[0], m->before[1]) && feature_family_name(c));
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
	m->spot.to = tokens[end - 1].to;
	mark = add_mark(m, FEATURE_NAME);
	m->spot.to = tokens[i].to;
	if (mark != NULL)
		add_halves(m, mark, name, name);
}

/* The character of a token, 0 for what is none. */
static uint32_t han_at(const struct marker *m, size_t i)
{
	return i < m->text->ntokens && m->text->tokens[i].kind == TOKEN_HAN ? m->text->tokens[i].c : 0;
}

static size_t mark_han(struct marker *m, size_t i)
{
	const struct token *token = &m->text->tokens[i];
	uint32_t next = han_at(m, i + 1);
	enum feature_kind kind;

	if (feature_han_day(token->c, next)) {
		m->spot.to = token[1].to;
		add_value(m, FEATURE_DAY, span_from(token->value.at, 6));
		step_kind(m, FEATURE_DAY);
		return i + 2;
	}
	if (names_somebody(m, token->c))
		mark_han_name(m, i);
	if (feature_han_colour(token->c, next)) {
		m->spot.to = token[1].to;
		add_value(m, FEATURE_COLOUR, token->value);
		step_kind(m, FEATURE_COLOUR);
	} else if (feature_han_meaning(token->c, &kind)) {
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
	size_t behind;

	m->spot = (struct feature_spot){ .from = token->from, .to = token->to };
	behind = token->kind == TOKEN_HAN || token->han ? mark_place(m, i) : i;

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
