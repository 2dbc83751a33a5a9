/*
 * Features of a text; see learn.h.
 *
 * A bit per place gathers them, which also puts them in order and takes doubles
 * out. What is said first counts when there are too many: shape, then tokens and
 * their neighbours, then letters.
 */
#include "daemon/core/score/learn.h"

#include "daemon/base/utf8.h"
#include "daemon/core/score/learn_shape.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define WORD_BITS 64
#define GRAM_LETTERS 4       /* that fit into 32 bits */
#define FIRST_TOKENS 3       /* how a text begins: a greeting, a signature, a place */
#define COUNT_STEPS(steps) (sizeof(steps) / sizeof((steps)[0]))

_Static_assert(LEARN_PLACES % WORD_BITS == 0 && LEARN_PLACES <= UINT16_MAX + 1, "places fill their words");

struct gathered {
	uint64_t places[LEARN_PLACES / WORD_BITS];
	size_t n;
	const unsigned char *secret;
};

static void gather(struct gathered *all, uint32_t place)
{
	uint64_t bit = UINT64_C(1) << place % WORD_BITS;
	uint64_t *word = &all->places[place / WORD_BITS];

	if ((*word & bit) != 0 || all->n == LEARN_FEATURES_MAX)
		return;
	*word |= bit;
	all->n++;
}

static void gather_hash(struct gathered *all, uint64_t hash)
{
	gather(all, SHAPES + (uint32_t)((hash >> 32) * (LEARN_PLACES - SHAPES) >> 32));
}

static void gather_shape(struct gathered *all, enum learn_shape shape, unsigned step)
{
	gather(all, (uint32_t)shape + step);
}

/* --- hashing -------------------------------------------------------------------------- */

/* What a hash stands for: the same letters as a word and as a gram are two features. */
enum salt {
	SALT_TOKEN = 1,
	SALT_PAIR,
	SALT_TRIPLE,
	SALT_EXACT,
	SALT_PATTERN,
	SALT_GRAM,
	SALT_FIRST,
};

static uint64_t hash_of(const struct gathered *all, const char *at, size_t len)
{
	return XXH3_64bits_withSecret(at, len, all->secret, FINGERPRINT_SECRET_BYTES);
}

/* Both in this order; a different one gives another hash. The parts are keyed already. */
static uint64_t join(uint64_t a, uint64_t b)
{
	return XXH3_avalanche(a * UINT64_C(0x9E3779B97F4A7C15) + (b ^ b >> 29));
}

/* --- the shape ------------------------------------------------------------------------- */

/* How many of the ascending limits `count` has reached. */
static unsigned step_of(size_t count, const size_t *limits, size_t n)
{
	unsigned step = 0;

	while (step < n && count >= limits[step])
		step++;
	return step;
}

/* Two steps for each doubling, up to 39. */
static unsigned length_step(size_t len)
{
	unsigned log = 0;

	while (len >> (log + 1) != 0 && log < 19)
		log++;
	return 2 * log + (log > 0 && (len >> (log - 1) & 1) != 0);
}

struct letters {
	size_t upper, lower, digits, marks, shouted, han, money;
};

#define SHOUTED_LETTERS 3

static void count_letters(struct span text, struct letters *out)
{
	size_t run = 0;

	*out = (struct letters){ 0 };
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		bool upper = c >= 'A' && c <= 'Z';

		out->upper += upper;
		out->lower += c >= 'a' && c <= 'z';
		out->digits += c >= '0' && c <= '9';
		out->marks += c == '!' || c == '*';
		out->han += c >= 0xE4 && c <= 0xE9;
		out->money += c == '$' || (c == 0xC2 && i + 1 < text.len &&
					   ((unsigned char)text.at[i + 1] == 0xA3 ||
					    (unsigned char)text.at[i + 1] == 0xA5));
		run = upper ? run + 1 : 0;
		out->shouted += run == SHOUTED_LETTERS;
	}
}

static void shape_of_letters(struct gathered *all, const struct letters *l)
{
	static const size_t digits[] = { 1, 3, 6, 10, 15 };
	static const size_t few[] = { 1, 2, 3, 4 };
	size_t letters = l->upper + l->lower;

	if (letters > SHOUTED_LETTERS)
		gather_shape(all, SHAPE_CAPITALS, (unsigned)(l->upper * 8 / letters));
	gather_shape(all, SHAPE_DIGITS, step_of(l->digits, digits, COUNT_STEPS(digits)));
	gather_shape(all, SHAPE_MARKS, step_of(l->marks, few, COUNT_STEPS(few)));
	gather_shape(all, SHAPE_SCRIPT, (l->han > 0 ? 2u : 0) + (letters > 0));
	gather_shape(all, SHAPE_SHOUTED, step_of(l->shouted, few, COUNT_STEPS(few)));
	if (l->money > 0)
		gather_shape(all, SHAPE_MONEY, 0);
}

/* "www." or ".com" around a full stop, "://" at a colon. */
static bool link_at(struct span text, size_t at)
{
	struct span behind = span_from_offset(text, at + 1);

	if (text.at[at] == ':')
		return span_starts(behind, SPAN("//"));
	return span_starts(behind, SPAN("com")) || (at >= 3 && memcmp(text.at + at - 3, "www", 3) == 0);
}

static bool has_link(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((text.at[i] == '.' || text.at[i] == ':') && link_at(text, i))
			return true;
	return false;
}

static void shape_of(struct gathered *all, const struct learn_input *in)
{
	struct span folded = in->text->text;
	struct letters letters;

	gather_shape(all, SHAPE_ALWAYS, 0);
	gather_shape(all, SHAPE_POINTS, in->points / 10 < 10 ? in->points / 10 : 10);
	gather_shape(all, SHAPE_LENGTH, length_step(folded.len));
	count_letters(span_empty(in->original) ? folded : in->original, &letters);
	shape_of_letters(all, &letters);
	if (has_link(folded))
		gather_shape(all, SHAPE_LINK, 0);
	if (span_starts(folded, SPAN("【")) || span_starts(folded, SPAN("[")))
		gather_shape(all, SHAPE_BRACKET, 0);
	for (size_t i = 0; i < in->entities->n; i++)
		gather_shape(all, SHAPE_ENTITY, (unsigned)in->entities->at[i].kind);
}

/* --- tokens ------------------------------------------------------------------------------ */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Letters of the alphabets that are written in words: ASCII, and two-byte ones from U+00C0 on. */
static bool wordly(char c)
{
	unsigned char byte = (unsigned char)c;

	return (c >= 'a' && c <= 'z') || digit(c) || c == '\'' || (byte >= 0xC3 && byte < 0xE0);
}

/* Scripts that are written without blanks, and all of the upper planes. */
static bool han(char c)
{
	return (unsigned char)c >= 0xE3;
}

static size_t word_end(struct span text, size_t at)
{
	while (at < text.len && (wordly(text.at[at]) || (utf8_continues(text.at[at]))))
		at++;
	return at;
}

/* "0871-65253310" and "0871-65253311" are alike: a number is a token by its length. */
static uint64_t number(struct gathered *all, struct span digits)
{
	unsigned length = digits.len < 12 ? (unsigned)digits.len : 12;

	gather_shape(all, SHAPE_NUMBER, length);
	gather_hash(all, join(hash_of(all, digits.at, digits.len), SALT_EXACT));
	return join(length, SALT_PATTERN);
}

#define PATTERN_MAX 24

/* "150p" is "0a", "cm2" is "a0": a word with digits by what changes in it. */
static void pattern(struct gathered *all, struct span word)
{
	char kinds[PATTERN_MAX];
	size_t n = 0;

	for (size_t i = 0; i < word.len && n < PATTERN_MAX; i++) {
		char kind = digit(word.at[i]) ? '0' : 'a';

		if (n == 0 || kinds[n - 1] != kind)
			kinds[n++] = kind;
	}
	gather_shape(all, SHAPE_MIXED, 0);
	gather_hash(all, join(hash_of(all, kinds, n), SALT_PATTERN));
}

static uint64_t word(struct gathered *all, struct span word)
{
	size_t digits = 0;

	for (size_t i = 0; i < word.len; i++)
		digits += digit(word.at[i]);
	if (digits == word.len)
		return number(all, word);
	if (digits > 0)
		pattern(all, word);
	return hash_of(all, word.at, word.len);
}

/* The last two tokens, for neighbours. */
struct before {
	uint64_t token[2];
	size_t n;
};

static void gather_token(struct gathered *all, struct before *before, uint64_t token, bool triple)
{
	gather_hash(all, join(token, SALT_TOKEN));
	if (before->n < FIRST_TOKENS)
		gather_hash(all, join(token, SALT_FIRST));
	if (before->n > 0)
		gather_hash(all, join(join(before->token[0], token), SALT_PAIR));
	if (before->n > 1 && triple)
		gather_hash(all, join(join(join(before->token[1], before->token[0]), token), SALT_TRIPLE));
	before->token[1] = before->token[0];
	before->token[0] = token;
	before->n++;
}

static void tokens(struct gathered *all, struct span text)
{
	struct before before = { .n = 0 };
	size_t len;

	for (size_t at = 0; at < text.len && all->n < LEARN_FEATURES_MAX; at += len) {
		struct span here = span_from_offset(text, at);

		len = 1;
		if (wordly(text.at[at])) {
			len = word_end(text, at) - at;
			gather_token(all, &before, word(all, span_from(here.at, len)), false);
		} else if (text.at[at] != ' ') {
			utf8_at(text, at, &len);
			gather_token(all, &before, hash_of(all, here.at, len), han(text.at[at]));
		}
	}
}

/* --- letters -------------------------------------------------------------------------------- */

/* Four ASCII characters in a row, blanks too, each digit as 0: holds through slips and tricks of spelling. */
static void grams(struct gathered *all, struct span text)
{
	uint32_t gram = 0;
	size_t n = 0;

	for (size_t i = 0; i < text.len && all->n < LEARN_FEATURES_MAX; i++) {
		if ((unsigned char)text.at[i] >= 0x80) {
			n = 0;
			continue;
		}
		gram = gram << 8 | (unsigned char)(digit(text.at[i]) ? '0' : text.at[i]);
		if (++n >= GRAM_LETTERS)
			gather_hash(all, join(hash_of(all, (const char *)&gram, sizeof(gram)), SALT_GRAM));
	}
}

static void put_in_order(const struct gathered *all, struct learn_example *out)
{
	out->n = 0;
	for (size_t i = 0; i < LEARN_PLACES / WORD_BITS; i++)
		for (uint64_t left = all->places[i]; left != 0; left &= left - 1)
			out->features[out->n++] = (uint16_t)(i * WORD_BITS + (size_t)__builtin_ctzll(left));
}

void learn_features(const struct fingerprinter *key, const struct learn_input *in, struct learn_example *out)
{
	struct gathered all;

	memset(&all, 0, sizeof(all));
	all.secret = key->secret;
	shape_of(&all, in);
	tokens(&all, in->text->text);
	grams(&all, in->text->text);
	put_in_order(&all, out);
}
