/*
 * Finding towns; see town.h.
 *
 * A group is what shares the first four digits of a code; its towns stand
 * together in order of hash. Looking starts at a kind word (镇, 乡, 街道) and
 * goes back, the longest stem first.
 */
#include "daemon/core/text/town.h"

#include "daemon/base/memory.h"
#include "daemon/base/table.h"
#include "daemon/base/utf8.h"

#include <stdlib.h>
#include <xxhash.h>

#define HAN 3
#define STEM_MIN 2
#define STEM_MAX 12
#define STEM_LOOSE 3  /* a stem as long as this may stand in the middle of words */
#define COUNTY_BITS 7 /* 0 to 99 */
#define KIND_BITS 2
#define LOW_BITS (COUNTY_BITS + KIND_BITS)

enum kind {
	KIND_TOWN,
	KIND_TOWNSHIP,
	KIND_STREET,
	KIND_FARM,
};

struct group {
	uint16_t digits; /* first four of the code */
	uint32_t first;
};

struct towns {
	uint32_t *keys; /* 23 bits of the stem's hash, the kind, the last two digits of the county's code */
	size_t n;
	struct group *groups; /* one more at the end */
	size_t ngroups;
};

static const struct {
	const char *word;
	enum kind kind;
} kinds[] = {
	{ "街道", KIND_STREET },   { "办事处", KIND_STREET }, { "镇", KIND_TOWN },   { "乡", KIND_TOWNSHIP },
	{ "苏木", KIND_TOWNSHIP }, { "农场", KIND_FARM },     { "林场", KIND_FARM }, { "牧场", KIND_FARM },
	{ "渔场", KIND_FARM },     { "茶场", KIND_FARM },     { "盐场", KIND_FARM },
};

static uint32_t stem_hash(struct span stem)
{
	return (uint32_t)XXH3_64bits(stem.at, stem.len) >> LOW_BITS << LOW_BITS;
}

/* --- reading ---------------------------------------------------------------------- */

struct entry {
	uint16_t digits;
	uint32_t key;
};

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;

	if (x->digits != y->digits)
		return x->digits < y->digits ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

static unsigned number(const char *digits, size_t n)
{
	unsigned value = 0;

	for (size_t i = 0; i < n; i++)
		value = value * 10 + (unsigned)(digits[i] - '0');
	return value;
}

/* Splits a name into stem and kind; false for a name that ends in no kind word. */
static bool entry_of(struct span name, struct entry *out)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		size_t len = strlen(kinds[i].word);

		if (name.len <= len || !span_is(span_from_offset(name, name.len - len), kinds[i].word))
			continue;
		out->key = stem_hash(span_from(name.at, name.len - len)) | (uint32_t)kinds[i].kind
										   << COUNTY_BITS;
		return true;
	}
	return false;
}

struct reading {
	const struct normalizer *normalizer;
	struct arena arena;
	struct entry *at;
	size_t n;
};

static bool read_row(struct reading *r, struct span line, size_t number_of_line, struct complaint *why)
{
	struct span code;
	struct span name;

	if (line.len == 0 || line.at[0] == '#')
		return true;
	if (!span_cut(&line, '\t', &code) || code.len != 6 || !span_digits(code))
		return complain(why, number_of_line, "a row begins with a code of six digits and a tab");
	while (span_cut(&line, ' ', &name)) {
		struct entry *e = &r->at[r->n];
		struct folded folded;

		normalize(r->normalizer, name, &r->arena, &folded);

		e->digits = (uint16_t)number(code.at, 4);
		if (!entry_of(folded.text, e))
			return complain(why, number_of_line, "\"%.*s\" ends in no kind of town",
					(int)name.len, name.at);
		e->key |= number(code.at + 4, 2);
		r->n++;
	}
	return true;
}

static size_t count_names(struct span tsv)
{
	size_t n = 1;

	for (size_t i = 0; i < tsv.len; i++)
		n += tsv.at[i] == ' ' || tsv.at[i] == '\t' || tsv.at[i] == '\n';
	return n;
}

static void lay_out(struct towns *towns, const struct entry *at, size_t n)
{
	towns->n = n;
	towns->keys = memory_zeroes(n + 1, sizeof(*towns->keys));
	for (size_t i = 0; i < n; i++) {
		towns->keys[i] = at[i].key;
		towns->ngroups += i == 0 || at[i].digits != at[i - 1].digits;
	}
	towns->groups = memory_zeroes(towns->ngroups + 1, sizeof(*towns->groups));
	towns->ngroups = 0;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || at[i].digits != at[i - 1].digits)
			towns->groups[towns->ngroups++] = (struct group){ at[i].digits, (uint32_t)i };
	towns->groups[towns->ngroups] = (struct group){ .first = (uint32_t)n };
}

struct towns *towns_new(struct span tsv, const struct normalizer *normalizer, struct complaint *why)
{
	struct reading r = { .normalizer = normalizer, .at = memory_zeroes(count_names(tsv), sizeof(*r.at)) };
	struct towns *towns = NULL;
	struct span line;
	bool ok = true;

	for (size_t i = 1; ok && span_cut(&tsv, '\n', &line); i++)
		ok = read_row(&r, line, i, why);
	if (ok) {
		qsort(r.at, r.n, sizeof(*r.at), compare_entries);
		towns = memory_zeroes(1, sizeof(*towns));
		lay_out(towns, r.at, r.n);
	}
	arena_release(&r.arena);
	free(r.at);
	return towns;
}

void towns_free(struct towns *towns)
{
	if (towns == NULL)
		return;
	free(towns->keys);
	free(towns->groups);
	free(towns);
}

size_t towns_bytes(const struct towns *towns)
{
	return sizeof(*towns) + towns->n * sizeof(*towns->keys) +
	       (towns->ngroups + 1) * sizeof(*towns->groups);
}

/* --- looking up ------------------------------------------------------------------------ */

/* A stem that was read in the text, and the counties that have a town of it. */
struct lookup {
	const struct towns *towns;
	const struct gazetteer *gazetteer;
	const struct region *within;
	enum kind kind;
	const struct region *exact; /* the same kind */
	const struct region *other; /* another kind of town */
	bool several_exact;
	bool several_other;
};

static void add_county(struct lookup *l, uint16_t digits, size_t at)
{
	char code[8];
	const struct region *county;
	uint32_t key = l->towns->keys[at];
	bool exact = (key >> COUNTY_BITS & ((1u << KIND_BITS) - 1)) == l->kind;
	const struct region **known = exact ? &l->exact : &l->other;
	bool *several = exact ? &l->several_exact : &l->several_other;
	unsigned value = digits * 100u + (key & ((1u << COUNTY_BITS) - 1));

	for (size_t i = 6; i > 0; i--, value /= 10)
		code[i - 1] = (char)('0' + value % 10);
	county = gazetteer_resolve(l->gazetteer, span_from(code, 6));
	if (county->level != REGION_COUNTY || !region_lies_within(county, l->within))
		return;
	*several = *several || (*known != NULL && *known != county);
	*known = county;
}

static void look_in_group(struct lookup *l, const struct group *group, uint32_t hash)
{
	const uint32_t *keys = l->towns->keys;
	size_t low = group->first;
	size_t end = group[1].first;

	for (size_t high = end; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (keys[middle] < hash)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < end && keys[low] >> LOW_BITS == hash >> LOW_BITS; low++)
		add_county(l, group->digits, low);
}

/* True when the group holds something of the division. */
static bool in_scope(const struct region *within, uint16_t digits)
{
	switch (within->level) {
	case REGION_NATION:
		return true;
	case REGION_PROVINCE:
		return digits / 100 == number(within->code, 2);
	case REGION_PREFECTURE:
	case REGION_COUNTY:
		break;
	}
	return digits == number(within->code, 4);
}

/* The one county of that stem; *known tells whether there is any. */
static const struct region *county_of(struct lookup *l, struct span stem, bool *known)
{
	uint32_t hash = stem_hash(stem);

	l->exact = l->other = NULL;
	l->several_exact = l->several_other = false;
	for (size_t i = 0; i < l->towns->ngroups; i++)
		if (in_scope(l->within, l->towns->groups[i].digits))
			look_in_group(l, &l->towns->groups[i], hash);
	*known = l->exact != NULL || (l->other != NULL && l->kind != KIND_FARM);
	if (!*known || l->several_exact)
		return NULL;
	if (l->within->level == REGION_NATION)
		return l->other == NULL || l->other == l->exact ? l->exact : NULL;
	if (l->exact != NULL)
		return l->exact;
	return l->several_other ? NULL : l->other;
}

/* --- reading the text ---------------------------------------------------------------------- */

/* What the third byte of a kind word's first character may be: most characters need no closer look. */
static bool may_be_kind(unsigned char third)
{
	return strchr("\x97\x9e\x87\xa1\x8f\x9c\xa7\x94\xb6\x90", third) != NULL;
}

static size_t kind_at(struct span text, size_t at, enum kind *kind)
{
	struct span rest = span_from_offset(text, at);

	if (rest.len < HAN || !may_be_kind((unsigned char)rest.at[2]))
		return 0;
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (span_starts(rest, span_of(kinds[i].word))) {
			*kind = kinds[i].kind;
			return strlen(kinds[i].word);
		}
	return 0;
}

static bool han_before(struct span text, size_t at, size_t from)
{
	unsigned char c;

	if (at < from + HAN)
		return false;
	c = (unsigned char)text.at[at - HAN];
	return c >= 0xE3 && c <= 0xE9 && !span_starts(span_from_offset(text, at - HAN), SPAN("。")) &&
	       !span_starts(span_from_offset(text, at - HAN), SPAN("、"));
}

/* True when what stands before a name ends something: nothing Han, or a word that a name follows. */
static bool name_may_begin(struct span text, size_t at, size_t from)
{
	static const char *const enders[] = { "市", "县", "区", "州", "盟", "旗", "省", "在",
					      "到", "住", "于", "是", "去", "从", "的", "至" };

	if (!han_before(text, at, from))
		return true;
	for (size_t i = 0; i < COUNT_OF(enders); i++)
		if (span_starts(span_from_offset(text, at - HAN), span_of(enders[i])))
			return true;
	return false;
}

/* The town whose kind word stands at `at`, its name not before `from`. */
static struct town_match town_before(struct lookup *l, struct span text, size_t from, size_t at,
				     size_t kind_len)
{
	size_t start[STEM_MAX + 1] = { at };
	size_t n = 0;

	while (n < STEM_MAX && han_before(text, start[n], from)) {
		start[n + 1] = start[n] - HAN;
		n++;
	}
	for (; n >= STEM_MIN; n--) {
		bool known;
		const struct region *county;

		if ((n < STEM_LOOSE || l->within->level == REGION_NATION) &&
		    !name_may_begin(text, start[n], from))
			continue;
		county = county_of(l, span_from(text.at + start[n], at - start[n]), &known);
		if (known)
			return (struct town_match){ county, start[n], at + kind_len };
	}
	return (struct town_match){ 0 };
}

struct town_match towns_find(const struct towns *towns, const struct gazetteer *gazetteer, struct span text,
			     size_t from, const struct region *within)
{
	struct lookup l = { .towns = towns, .gazetteer = gazetteer, .within = within };
	struct town_match found = { 0 };

	for (size_t at = from; at < text.len && found.county == NULL;
	     at += utf8_length((unsigned char)text.at[at])) {
		size_t len = kind_at(text, at, &l.kind);

		if (len > 0)
			found = town_before(&l, text, from, at, len);
	}
	return found;
}
