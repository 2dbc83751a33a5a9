/*
 * Two features against each other; see feature.h.
 */
#include "daemon/core/feature.h"

#define GRAM_BITS 12
#define FEW_GRAMS 2.0      /* as if so many grams of the shorter text had been missed */
#define HALVES_FROM 5      /* digits from which one half is enough */
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

static bool close_in_digits(unsigned a, unsigned b)
{
	return a + 1 == b || a == b + 1 || (a == b && a >= HALVES_FROM);
}

/* A slip of the pen spares one end of a name or number: it drops, doubles or swaps one character. */
static bool same_value(const struct feature_mark *a, const struct feature_mark *b)
{
	bool either = a->head == b->head || a->tail == b->tail;

	if (a->kind == FEATURE_NUMBER && (a->open || b->open) && a->digits >= HALVES_FROM &&
	    b->digits >= HALVES_FROM)
		return either;
	if (a->digits == b->digits && a->head == b->head && a->tail == b->tail)
		return true;
	if (a->kind == FEATURE_NAME)
		return either;
	return a->kind == FEATURE_NUMBER && either && close_in_digits(a->digits, b->digits);
}

/* A number that was cut need not agree, unless nothing is missing. */
static bool may_be_cut(const struct feature_mark *a, const struct feature_mark *b)
{
	return (a->open || b->open) && a->digits != b->digits;
}

/* A direction or a small number agrees by chance; it counts only in its own place. */
static bool tells(const struct feature_mark *mark)
{
	return mark->kind == FEATURE_PLACE || mark->kind == FEATURE_NAME || mark->digits >= 3;
}

static enum match match(const struct feature_mark *mark, const struct feature_mark *known, size_t n)
{
	enum match found = MATCH_UNKNOWN;

	for (size_t i = 0; i < n; i++) {
		if (known[i].kind != mark->kind)
			continue;
		if (same_value(mark, &known[i]) && (known[i].context == mark->context || tells(mark)))
			return MATCH_SAME;
		if (known[i].context == mark->context && !may_be_cut(mark, &known[i]))
			found = MATCH_OTHER;
	}
	return found;
}

struct feature_agreement feature_compare(const struct feature_mark *of, size_t n,
					 const struct feature_mark *known, size_t nknown)
{
	struct feature_agreement told = { 0 };

	for (size_t i = 0; i < n; i++) {
		switch (match(&of[i], known, nknown)) {
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

static unsigned places_alone(const struct feature_mark *of, size_t n, const struct feature_mark *known,
			     size_t nknown)
{
	unsigned alone = 0;

	for (size_t i = 0; i < n; i++)
		if (of[i].kind == FEATURE_PLACE && match(&of[i], known, nknown) != MATCH_SAME)
			alone++;
	return alone;
}

unsigned feature_places_exchanged(const struct feature_mark *of, size_t n, const struct feature_mark *known,
				  size_t nknown)
{
	unsigned here = places_alone(of, n, known, nknown);
	unsigned there = places_alone(known, nknown, of, n);

	return here < there ? here : there;
}
