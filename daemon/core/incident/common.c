/*
 * What two texts have in common; see common.h.
 *
 * Ranges are gathered in bytes of the folded texts, and at the end told in code
 * points of the originals: folding changes lengths.
 */
#include "daemon/core/incident/common.h"

#include "daemon/base/table.h"
#include "daemon/core/incident/feature_parts.h"
#include "daemon/core/text/entity.h"

#include <stdlib.h>

#define GRAM 3               /* tokens that stand in both texts, one behind the other */
#define WORDS_MIN 4          /* letters of Han, or words counted twice, of a stretch that is told */
#define TOKENS_MAX 4000u     /* of a text that are compared */
#define PAIRS_MAX 256
#define NUMBER_DIGITS_MIN 3  /* smaller ones agree by chance */

const char *common_kind_name(enum common_kind kind)
{
	static const char *const names[COMMON_KINDS] = {
		[COMMON_PLATE] = "plate",   [COMMON_TELEPHONE] = "telephone", [COMMON_ID_NUMBER] = "id_number",
		[COMMON_BANK_CARD] = "bank_card", [COMMON_ACCOUNT] = "account", [COMMON_NAME] = "name",
		[COMMON_PLACE] = "place",   [COMMON_TIME] = "time",           [COMMON_AGE] = "age",
		[COMMON_NUMBER] = "number", [COMMON_COLOUR] = "colour",       [COMMON_WORDS] = "words",
	};

	return names[kind];
}

/* --- ranges, in bytes of a folded text ---------------------------------------------------- */

static void add(struct common_side *side, uint32_t from, uint32_t to)
{
	for (size_t i = 0; i < side->n; i++)
		if (side->at[i].from == from && side->at[i].to == to)
			return;
	if (side->n < COMMON_RANGES_MAX && from < to)
		side->at[side->n++] = (struct common_range){ .from = from, .to = to };
}

static void add_both(struct common *out, enum common_kind kind, struct feature_spot here, struct feature_spot there)
{
	add(&out->here[kind], here.from, here.to);
	add(&out->there[kind], there.from, there.to);
}

static int by_from(const void *a, const void *b)
{
	const struct common_range *one = a, *other = b;

	return one->from != other->from ? (one->from > other->from) - (one->from < other->from)
					: (one->to > other->to) - (one->to < other->to);
}

/* In order, and what touches is one. */
static void join(struct common_side *side)
{
	size_t n = 0;

	qsort(side->at, side->n, sizeof(side->at[0]), by_from);
	for (size_t i = 0; i < side->n; i++) {
		struct common_range *last = n > 0 ? &side->at[n - 1] : NULL;

		if (last == NULL || side->at[i].from > last->to)
			side->at[n++] = side->at[i];
		else if (side->at[i].to > last->to)
			last->to = side->at[i].to;
	}
	side->n = n;
}

/* --- what names something exactly ------------------------------------------------------------ */

static enum common_kind kind_of_entity(enum entity_kind kind)
{
	static const enum common_kind kinds[ENTITY_KINDS] = {
		[ENTITY_PLATE] = COMMON_PLATE,	 [ENTITY_PHONE] = COMMON_TELEPHONE, [ENTITY_ID_NUMBER] = COMMON_ID_NUMBER,
		[ENTITY_BANK_CARD] = COMMON_BANK_CARD, [ENTITY_ACCOUNT] = COMMON_ACCOUNT, [ENTITY_AGE] = COMMON_AGE,
		[ENTITY_TIME] = COMMON_TIME,
	};

	return kinds[kind];
}

static void find_entities(const struct entities *here, const struct entities *there, struct common *out)
{
	for (size_t i = 0; i < here->n; i++)
		for (size_t k = 0; k < there->n; k++) {
			const struct entity *a = &here->at[i], *b = &there->at[k];

			if (a->kind == b->kind && strcmp(a->value, b->value) == 0)
				add_both(out, kind_of_entity(a->kind), (struct feature_spot){ a->from, a->to },
					 (struct feature_spot){ b->from, b->to });
		}
}

/* --- marks that agree ---------------------------------------------------------------------------- */

/* COMMON_KINDS for what says nothing by itself. */
static enum common_kind kind_of_mark(const struct feature_mark *mark)
{
	switch ((enum feature_kind)mark->kind) {
	case FEATURE_NUMBER:
		return mark->digits >= NUMBER_DIGITS_MIN ? COMMON_NUMBER : COMMON_KINDS;
	case FEATURE_DAY:
		return COMMON_TIME;
	case FEATURE_COLOUR:
		return COMMON_COLOUR;
	case FEATURE_PLACE:
		return COMMON_PLACE;
	case FEATURE_NAME:
		return COMMON_NAME;
	case FEATURE_DIRECTION:
	case FEATURE_GENDER:
	case FEATURE_KINDS:
		break;
	}
	return COMMON_KINDS;
}

struct marked {
	struct feature feature;
	struct feature_spot spots[FEATURE_MARKS_MAX];
	struct entities entities;
	struct feature_text text;
};

static struct marked *marks_of(const struct fingerprinter *key, const struct common_text *text, struct arena *arena)
{
	struct marked *marked = arena_new(arena, struct marked);
	struct feature_input in = { .original = text->original, .text = text->text, .hits = text->hits, .spots = marked->spots };

	feature_text_read(text->text->text, arena, &marked->text);
	feature_marks_find(key, &in, &marked->text, &marked->feature);
	entities_find(text->text->text, &marked->entities);
	return marked;
}

/* A number that is a telephone, a card, a time is told as that alone. */
static bool is_entity(const struct entities *entities, struct feature_spot spot)
{
	for (size_t i = 0; i < entities->n; i++)
		if (entities->at[i].from < spot.to && spot.from < entities->at[i].to)
			return true;
	return false;
}

static void find_marks(const struct marked *here, const struct marked *there, struct common *out)
{
	struct feature_pair pairs[PAIRS_MAX];
	size_t n = feature_agreeing(here->feature.marks, here->feature.nmarks, there->feature.marks, there->feature.nmarks, pairs, PAIRS_MAX);

	for (size_t i = 0; i < n; i++) {
		enum common_kind kind = kind_of_mark(&here->feature.marks[pairs[i].of]);
		struct feature_spot a = here->spots[pairs[i].of], b = there->spots[pairs[i].known];

		if (kind == COMMON_KINDS ||
		    (kind == COMMON_NUMBER && (is_entity(&here->entities, a) || is_entity(&there->entities, b))))
			continue;
		add_both(out, kind, a, b);
	}
}

/* --- words in the same order ------------------------------------------------------------------------- */

struct grams {
	uint64_t *at;                   /* sorted */
	size_t n;
	size_t ntokens;                 /* of the text that count */
};

static uint64_t gram_at(const struct feature_text *text, size_t i)
{
	uint64_t hash = 0;

	for (size_t k = 0; k < GRAM; k++) {
		struct span value = text->tokens[i + k].value;

		hash = XXH3_64bits_withSeed(value.at, value.len, hash);
	}
	return hash;
}

static int by_hash(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return (one > other) - (one < other);
}

static struct grams grams_of(const struct feature_text *text, struct arena *arena)
{
	struct grams grams = { .ntokens = text->ntokens < TOKENS_MAX ? text->ntokens : TOKENS_MAX };

	grams.n = grams.ntokens >= GRAM ? grams.ntokens - GRAM + 1 : 0;
	grams.at = arena_array(arena, uint64_t, grams.n + 1);
	for (size_t i = 0; i < grams.n; i++)
		grams.at[i] = gram_at(text, i);
	qsort(grams.at, grams.n, sizeof(*grams.at), by_hash);
	return grams;
}

static unsigned weight(const struct token *token)
{
	if (token->kind == TOKEN_WORD)
		return feature_common_word(token->value) ? 0 : 2;
	return 1;
}

/* The stretch of tokens, if it is long enough to say something. */
static void add_stretch(const struct feature_text *text, size_t from, size_t to, struct common_side *side)
{
	unsigned sum = 0;

	for (size_t i = from; i < to; i++)
		sum += weight(&text->tokens[i]);
	if (sum >= WORDS_MIN)
		add(side, text->tokens[from].from, text->tokens[to - 1].to);
}

static void cover(const struct feature_text *text, const struct grams *own, const struct grams *other, struct common_side *side)
{
	size_t from = 0, to = 0;

	for (size_t i = 0; i < own->n; i++) {
		uint64_t gram = gram_at(text, i);

		if (bsearch(&gram, other->at, other->n, sizeof(gram), by_hash) == NULL)
			continue;
		if (i > to) {
			add_stretch(text, from, to, side);
			from = i;
		}
		to = i + GRAM;
	}
	add_stretch(text, from, to, side);
}

static void find_words(const struct marked *here, const struct marked *there, struct arena *arena, struct common *out)
{
	struct grams a = grams_of(&here->text, arena), b = grams_of(&there->text, arena);

	cover(&here->text, &a, &b, &out->here[COMMON_WORDS]);
	cover(&there->text, &b, &a, &out->there[COMMON_WORDS]);
}

/* --- code points of the original ------------------------------------------------------------------------ */

static bool starts_char(char byte)
{
	return ((unsigned char)byte & 0xC0) != 0x80;
}

/* Behind the character of the original that the folded byte came from. */
static size_t original_end(const struct common_text *text, uint32_t folded_to)
{
	size_t at = text->text->origin[folded_to - 1];

	if (at < text->original.len)
		at++;
	while (at < text->original.len && !starts_char(text->original.at[at]))
		at++;
	return at;
}

static uint32_t points_before(struct span original, size_t end)
{
	uint32_t n = 0;

	for (size_t i = 0; i < end && i < original.len; i++)
		n += starts_char(original.at[i]);
	return n;
}

static void tell(const struct common_text *text, struct common_side *side)
{
	for (size_t i = 0; i < side->n; i++) {
		struct common_range *range = &side->at[i];
		size_t from = text->text->origin[range->from], to = original_end(text, range->to);

		*range = (struct common_range){ .from = points_before(text->original, from), .to = points_before(text->original, to) };
	}
	join(side);
}

void common_find(const struct fingerprinter *key, const struct common_text *here, const struct common_text *there,
		   struct arena *arena, struct common *out)
{
	const struct marked *a = marks_of(key, here, arena), *b = marks_of(key, there, arena);

	*out = (struct common){ .here = { { .n = 0 } } };
	find_entities(&a->entities, &b->entities, out);
	find_marks(a, b, out);
	find_words(a, b, arena, out);
	for (size_t kind = 0; kind < COMMON_KINDS; kind++) {
		tell(here, &out->here[kind]);
		tell(there, &out->there[kind]);
		if (out->here[kind].n == 0 || out->there[kind].n == 0)
			out->here[kind].n = out->there[kind].n = 0;
	}
}
