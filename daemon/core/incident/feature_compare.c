/*
 * Two features against each other; see feature.h.
 */
#include "daemon/core/incident/feature.h"

#define GRAM_BITS 12
#define FEW_GRAMS 2.0      /* as if so many grams of the shorter text had been missed */
#define SWAPPED_FROM 5     /* digits of a number in which two may have been swapped */
#define WHOLE_NUMBER 7     /* digits of a telephone number; twice as many may be two that ran together */
#define CUT_FROM 5         /* digits left of a cut number that can be compared */
#define UNMATCHED_COST 0.3 /* for a longer text of which nothing is matched */

/* --- wording ---------------------------------------------------------------------------- */

struct overlap {
	size_t common;
	size_t a;
	size_t b;
};

/* `fine` was sampled at a lower level: its grams are thinned out to those the coarse one would have kept. */
static struct overlap thinned(const struct feature *fine, const struct feature *coarse)
{
	unsigned shift = (unsigned)(coarse->level - fine->level);
	struct overlap o = { .b = coarse->ngrams };
	size_t j = 0;

	for (size_t i = 0; i < fine->ngrams && fine->grams[i] >> (GRAM_BITS - shift) == 0; i++) {
		o.a++;
		while (j < coarse->ngrams && coarse->grams[j] >> shift < fine->grams[i])
			j++;
		o.common += j < coarse->ngrams && coarse->grams[j] >> shift == fine->grams[i];
	}
	return o;
}

double feature_wording(const struct feature *a, const struct feature *b)
{
	bool a_finer = a->level <= b->level;
	const struct feature *fine = a_finer ? a : b, *coarse = a_finer ? b : a;
	struct overlap o = { 0 };
	double shorter, longer;

	if (coarse->level - fine->level >= GRAM_BITS)
		return 0;
	o = thinned(fine, coarse);
	shorter = (double)(o.a < o.b ? o.a : o.b);
	longer = (double)(o.a < o.b ? o.b : o.a);
	if (o.common == 0)
		return 0;
	if (o.common == o.a && o.common == o.b && a->level == b->level)
		return 1;
	shorter = (double)o.common / (shorter + FEW_GRAMS) - UNMATCHED_COST * (1 - (double)o.common / longer);
	return shorter > 0 ? shorter : 0;
}

/* --- marks ------------------------------------------------------------------------------- */

enum match {
	MATCH_SAME,
	MATCH_OTHER,
	MATCH_UNKNOWN,
};

static bool either_end(const struct feature_mark *a, const struct feature_mark *b)
{
	return a->head == b->head || a->tail == b->tail;
}

static bool close_in_length(const struct feature_mark *a, const struct feature_mark *b)
{
	return a->digits <= b->digits + 1 && b->digits <= a->digits + 1;
}

static bool masked(const struct feature_mark *mark)
{
	return mark->digits == FEATURE_DIGITS_MAX && mark->open;
}

/* A number that was cut: what is left of it, when that is enough to compare. */
static enum match match_cut(const struct feature_mark *cut, const struct feature_mark *whole)
{
	if (cut->digits < CUT_FROM)
		return MATCH_UNKNOWN;
	return cut->head == whole->head ? MATCH_SAME : MATCH_OTHER;
}

/* A slip of the pen drops or doubles a digit, or swaps two: an end stays, or the sum. */
static enum match match_numbers(const struct feature_mark *a, const struct feature_mark *b)
{
	const struct feature_mark *shorter = a->digits < b->digits ? a : b;
	const struct feature_mark *longer = a->digits < b->digits ? b : a;

	if (masked(longer))
		return either_end(a, b) ? MATCH_SAME : masked(shorter) ? MATCH_OTHER : MATCH_UNKNOWN;
	if (longer->digits == shorter->digits) {
		if (a->sum != b->sum)
			return MATCH_OTHER;
		return (a->head == b->head && a->tail == b->tail) ||
				       (a->digits >= SWAPPED_FROM && either_end(a, b))
			       ? MATCH_SAME
			       : MATCH_OTHER;
	}
	if (shorter->open)
		return match_cut(shorter, longer);
	if (shorter->digits >= WHOLE_NUMBER && longer->digits >= 2 * WHOLE_NUMBER)
		return shorter->head == longer->head ? MATCH_SAME : MATCH_OTHER;
	if (longer->digits == shorter->digits + 1 && either_end(a, b))
		return MATCH_SAME;
	return longer->open ? MATCH_UNKNOWN : MATCH_OTHER;
}

/* A name that was torn in two keeps its first two letters. */
static bool same_place(const struct feature_mark *a, const struct feature_mark *b)
{
	return a->head == b->head && (a->tail == b->tail || a->digits == 2 || b->digits == 2);
}

/* A slip spares the beginning; or it drops, doubles or swaps letters there. */
static enum match match_names(const struct feature_mark *a, const struct feature_mark *b)
{
	bool slip = a->digits == b->digits ? a->sum == b->sum : close_in_length(a, b);

	return a->head == b->head || (a->tail == b->tail && slip) ? MATCH_SAME : MATCH_OTHER;
}

/* What two marks say about each other when they stand in the same place. */
static enum match match_values(const struct feature_mark *a, const struct feature_mark *b)
{
	switch ((enum feature_kind)a->kind) {
	case FEATURE_NUMBER:
		return match_numbers(a, b);
	case FEATURE_PLACE:
		return same_place(a, b) ? MATCH_SAME : MATCH_OTHER;
	case FEATURE_NAME:
		return match_names(a, b);
	case FEATURE_DIRECTION:
	case FEATURE_GENDER:
	case FEATURE_DAY:
	case FEATURE_COLOUR:
	case FEATURE_KINDS:
		break;
	}
	return a->head == b->head ? MATCH_SAME : MATCH_OTHER;
}

/* A direction or a small number agrees by chance; it counts only in its own place. */
static bool tells(const struct feature_mark *mark)
{
	return mark->kind == FEATURE_PLACE || mark->kind == FEATURE_NAME ||
	       (mark->kind == FEATURE_NUMBER && mark->digits >= 3);
}

/*
 * Names of places begin with directions and numerals (东方, 二道), so one may
 * stand where the other stood; unless it is the beginning of that very name,
 * which something tore.
 */
static bool rivals(const struct feature_mark *a, const struct feature_mark *b)
{
	const struct feature_mark *place = a->kind == FEATURE_PLACE ? a : b;
	const struct feature_mark *other = a->kind == FEATURE_PLACE ? b : a;

	if (place->kind != FEATURE_PLACE || other->kind == FEATURE_PLACE)
		return false;
	return (other->kind == FEATURE_DIRECTION && (other->head & 0xF) != place->sum) ||
	       other->kind == FEATURE_NUMBER;
}

static bool holds(const struct feature_mark *marks, size_t n, const struct feature_mark *value)
{
	for (size_t i = 0; i < n; i++)
		if (marks[i].kind == value->kind && match_values(&marks[i], value) == MATCH_SAME)
			return true;
	return false;
}

struct sides {
	const struct feature_mark *of;
	size_t n;
	const struct feature_mark *known;
	size_t nknown;
};

/* A neighbour of marks[at] has the value. */
static bool beside(const struct feature_mark *marks, size_t n, size_t at, const struct feature_mark *value)
{
	return (at > 0 && holds(&marks[at - 1], 1, value)) || (at + 1 < n && holds(&marks[at + 1], 1, value));
}

/*
 * Of two values where one stands on each side: they changed places, which
 * another case does not do to them. What is said by chance must have changed
 * places with its neighbour, or have been at the beginning, where something
 * else begins now.
 */
static bool moved(const struct sides *sides, size_t of, size_t known)
{
	const struct feature_mark *mark = &sides->of[of], *other = &sides->known[known];

	if (tells(mark) || mark->context == 0)
		return holds(sides->known, sides->nknown, mark) && holds(sides->of, sides->n, other);
	return beside(sides->known, sides->nknown, known, mark) && beside(sides->of, sides->n, of, other);
}

/* Against what stands in the same place. */
static enum match match_here(const struct sides *sides, size_t of)
{
	const struct feature_mark *mark = &sides->of[of];
	enum match found = MATCH_UNKNOWN;

	for (size_t i = 0; i < sides->nknown; i++) {
		const struct feature_mark *known = &sides->known[i];
		enum match values = MATCH_UNKNOWN;

		if (known->context != mark->context)
			continue;
		if (known->kind == mark->kind)
			values = match_values(mark, known);
		else if (rivals(mark, known))
			values = MATCH_OTHER;
		if (values == MATCH_SAME)
			return MATCH_SAME;
		if (values == MATCH_OTHER && found != MATCH_OTHER && !moved(sides, of, i))
			found = MATCH_OTHER;
	}
	return found;
}

static enum match match(const struct sides *sides, size_t of)
{
	enum match here = match_here(sides, of);

	if (here == MATCH_UNKNOWN && tells(&sides->of[of]) &&
	    holds(sides->known, sides->nknown, &sides->of[of]))
		return MATCH_SAME;
	return here;
}

struct feature_agreement feature_compare(const struct feature_mark *of, size_t n,
					 const struct feature_mark *known, size_t nknown)
{
	const struct sides sides = { .of = of, .n = n, .known = known, .nknown = nknown };
	struct feature_agreement told = { 0 };

	for (size_t i = 0; i < n; i++) {
		switch (match(&sides, i)) {
		case MATCH_SAME:
			told.agree++;
			break;
		case MATCH_OTHER:
			told.conflict++;
			break;
		case MATCH_UNKNOWN:
			told.missing++;
			break;
		}
	}
	return told;
}

static bool agree(const struct feature_mark *a, const struct feature_mark *b)
{
	return a->kind == b->kind && (tells(a) || a->context == b->context) && match_values(a, b) == MATCH_SAME;
}

size_t feature_agreeing(const struct feature_mark *of, size_t n, const struct feature_mark *known, size_t nknown,
			struct feature_pair *pairs, size_t max)
{
	const struct sides sides = { .of = of, .n = n, .known = known, .nknown = nknown };
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < nknown && match(&sides, i) == MATCH_SAME; k++)
			if (found < max && agree(&of[i], &known[k]))
				pairs[found++] = (struct feature_pair){ .of = (uint8_t)i, .known = (uint8_t)k };
	return found;
}

static unsigned places_alone(const struct sides *sides)
{
	unsigned alone = 0;

	for (size_t i = 0; i < sides->n; i++)
		if (sides->of[i].kind == FEATURE_PLACE && match(sides, i) != MATCH_SAME)
			alone++;
	return alone;
}

unsigned feature_places_exchanged(const struct feature_mark *of, size_t n, const struct feature_mark *known,
				  size_t nknown)
{
	unsigned here = places_alone(&(struct sides){ .of = of, .n = n, .known = known, .nknown = nknown });
	unsigned there = places_alone(&(struct sides){ .of = known, .n = nknown, .known = of, .nknown = n });

	return here < there ? here : there;
}
