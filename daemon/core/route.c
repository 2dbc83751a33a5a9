/*
 * Settling the region; see route.h.
 *
 * Every mention may mean several regions; each meaning is a candidate. A
 * candidate has worth of its own (full names more than short ones, levels
 * that stand alone more than county names that are ordinary words) and gains
 * by every ancestor that the text names, most when it stands in the same
 * address. The best one wins; when the same words mean another region as
 * well as this one, what they have in common wins.
 */
#include "daemon/core/route.h"

#include "daemon/base/table.h"
#include "daemon/core/mention.h"
#include "daemon/base/utf8.h"

#define CANDIDATES_MAX 160
#define ANCESTORS_MAX 32

/* Worth of evidence. Only the order and the distances matter. */
#define WORTH_ACCEPTED 5 /* below it a text names no place */
#define WORTH_RELATED 5
#define WORTH_SAME_RUN 8    /* an ancestor in the same address */
#define WORTH_NEARBY 4      /* an ancestor elsewhere in the text */
#define WORTH_WEAK_NEARBY 1 /* the same for a bare county name */
#define WORTH_MOVED 2       /* another prefecture of the same province in the same address */
#define WORTH_FOREIGN (-4)  /* no ancestor, but another province's place in front of it in the same address  \
			     */
#define WORTH_EVENT 4
#define WORTH_ORIGIN (-9)
#define WORTH_CHOSEN 3
#define WORTH_START 2 /* the text begins with it */
#define MARGIN 2      /* closer than this is ambiguous */

const char *route_reason_name(enum route_reason reason)
{
	static const char *const names[] = {
		[ROUTE_BY_TEXT] = "text",     [ROUTE_BY_PLACE] = "place",   [ROUTE_BY_CHOICE] = "choice",
		[ROUTE_BY_PARENT] = "parent", [ROUTE_TO_NATION] = "nation",
	};

	return names[reason];
}

void route_add_patterns(const struct gazetteer *gazetteer, struct scan_set *set)
{
	mentions_add_patterns(gazetteer, set);
}

/* --- candidates -------------------------------------------------------------------- */

struct candidate {
	const struct region *region;
	const struct mention *mention;
	uint32_t index; /* of the region */
	uint32_t parent;
	uint32_t grand; /* parent of the parent */
	int own;
	int worth;
};

struct survey {
	const struct gazetteer *gazetteer;
	struct span text;
	struct span chosen;
	struct mentions mentions;
	struct candidate at[CANDIDATES_MAX];
	size_t n;
	const struct candidate *ancestors[ANCESTORS_MAX]; /* candidates that may support others */
	size_t nancestors;
};

/* What one field says. */
struct finding {
	const struct region *region; /* NULL: nothing */
	int worth;
	bool ambiguous; /* the words mean several regions beneath it */
	struct span evidence;
};

/* Names of counties that are ordinary words in other towns. */
static bool ordinary_word(struct span name)
{
	static const char *const words[] = { "城区",   "郊区",   "矿区",   "东区",  "西区",
					     "老城区", "新城区", "新市区", "港口区" };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (span_is(name, words[i]))
			return true;
	return false;
}

static int worth_of_full(const struct region *region)
{
	static const int by_level[] = {
		[REGION_NATION] = 0,
		[REGION_PROVINCE] = 8,
		[REGION_PREFECTURE] = 9,
		[REGION_COUNTY] = 10,
	};

	return ordinary_word(region->name) ? 3 : by_level[region->level];
}

static int worth_of_short(const struct region *region, enum mention_form form)
{
	static const int bare[] = {
		[REGION_NATION] = 0,
		[REGION_PROVINCE] = 9,
		[REGION_PREFECTURE] = 6,
		[REGION_COUNTY] = 3,
	};
	bool distinct = region->level == REGION_COUNTY && region->short_name.len > 6;

	switch (form) {
	case FORM_KIND:
		return 8;
	case FORM_TOWN:
		return region->level == REGION_COUNTY ? 1 : 2;
	case FORM_BARE:
		break;
	}
	return distinct ? 5 : bare[region->level];
}

/* True when the English kind word at the end is the one for the last character of the region's name. */
static bool kind_fits(const struct region *region, struct span words)
{
	static const struct {
		const char *english;
		const char *han;
	} kinds[] = { { "district", "区" }, { "county", "县" }, { "city", "市" }, { "banner", "旗" } };
	struct span last = span_from_offset(region->name, region->name.len - 3);

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		size_t len = strlen(kinds[i].english);

		if (words.len > len && span_is(span_from_offset(words, words.len - len), kinds[i].english))
			return span_is(last, kinds[i].han);
	}
	return true;
}

static int worth_of_latin(const struct region *region, struct span name, enum mention_form form,
			  struct span words)
{
	if (form == FORM_KIND && region->level == REGION_COUNTY)
		return kind_fits(region, words) ? 10 : 7;
	if (form == FORM_KIND)
		return 7;
	if (region->level == REGION_COUNTY)
		return name.len < 4 ? 0 : 2;
	return name.len < 4 ? 3 : 7;
}

static int worth_of_name(const struct gazetteer_name *name, const struct region *region,
			 enum mention_form form, struct span words)
{
	switch (name->kind) {
	case NAME_FULL:
		return worth_of_full(region);
	case NAME_SHORT:
		return worth_of_short(region, form);
	case NAME_LATIN:
		return worth_of_latin(region, name->text, form, words);
	case NAME_ALIAS:
	case NAME_OLD:
		return 7;
	case NAME_ZONE:
		return 5;
	}
	return 0;
}

static void add_candidate(struct survey *s, const struct mention *m, uint32_t meaning)
{
	const struct gazetteer_name *name = gazetteer_name_at(s->gazetteer, meaning);
	const struct region *region = gazetteer_at(s->gazetteer, name->region);
	struct candidate *c = &s->at[s->n];

	if (s->n == CANDIDATES_MAX)
		return;
	*c = (struct candidate){
		.region = region,
		.mention = m,
		.index = name->region,
		.parent = region->parent,
		.grand = gazetteer_at(s->gazetteer, region->parent)->parent,
		.own = worth_of_name(name, region, m->form, span_from(s->text.at + m->from, m->to - m->from)),
	};
	if (c->own == 0)
		return;
	s->n++;
	if (region->level < REGION_COUNTY && s->nancestors < ANCESTORS_MAX)
		s->ancestors[s->nancestors++] = c;
}

static void collect(struct survey *s)
{
	s->n = s->nancestors = 0;
	for (size_t i = 0; i < s->mentions.n; i++) {
		const struct mention *m = &s->mentions.at[i];

		if (m->role != MENTION_NOT)
			for (size_t k = 0; k < m->nnames; k++)
				add_candidate(s, m, m->names[k].meaning);
	}
}

/* --- weighing ------------------------------------------------------------------------ */

/* What an ancestor that stands there is worth to the candidate. */
static int support(const struct candidate *c, const struct candidate *ancestor)
{
	if (ancestor->mention->run == c->mention->run)
		return WORTH_SAME_RUN;
	if (ancestor->mention->role == MENTION_ORIGIN || ancestor->own < WORTH_ACCEPTED)
		return 0;
	return c->own <= 3 && !ordinary_word(c->region->name) ? WORTH_WEAK_NEARBY : WORTH_NEARBY;
}

static bool same_province(const struct candidate *a, const struct candidate *b)
{
	return memcmp(a->region->code, b->region->code, 2) == 0;
}

/* What a place of the same address that is no ancestor of the candidate says about it. */
static int company(const struct candidate *c, const struct candidate *a)
{
	if (c->region->level != REGION_COUNTY || a->mention->run != c->mention->run ||
	    a->mention > c->mention)
		return 0;
	if (!same_province(a, c))
		return WORTH_FOREIGN;
	return a->region->level == REGION_PREFECTURE ? WORTH_MOVED : 0;
}

/* The best support for each level above the candidate, added up; without any, what its company says. */
static int supports(const struct survey *s, const struct candidate *c)
{
	int from_parent = 0;
	int from_grand = 0;
	int beside = 0;

	for (size_t i = 0; i < s->nancestors; i++) {
		const struct candidate *a = s->ancestors[i];
		int worth;

		if (a->mention == c->mention)
			continue;
		worth = support(c, a);
		if (a->index == c->parent && worth > from_parent)
			from_parent = worth;
		else if (a->index == c->grand && worth > from_grand)
			from_grand = worth;
		else if (company(c, a) != 0)
			beside = company(c, a);
	}
	if (from_parent > 0 || (from_grand > 0 && beside < 0))
		beside = 0;
	return from_parent + from_grand + beside;
}

static int worth_of_role(enum mention_role role)
{
	switch (role) {
	case MENTION_EVENT:
		return WORTH_EVENT;
	case MENTION_ORIGIN:
		return WORTH_ORIGIN;
	case MENTION_PLAIN:
	case MENTION_NOT:
		break;
	}
	return 0;
}

static void weigh(struct survey *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct candidate *c = &s->at[i];

		c->worth = c->own + supports(s, c) + worth_of_role(c->mention->role);
		if (c->region->level > REGION_PROVINCE &&
		    region_within(span_from(c->region->code, 6), s->chosen))
			c->worth += WORTH_CHOSEN;
		if (c->mention->from == 0 && c->mention->nnames == 1 && c->worth < WORTH_ACCEPTED)
			c->worth += WORTH_START;
	}
}

static bool beats(const struct candidate *a, const struct candidate *b)
{
	if (a->worth != b->worth)
		return a->worth > b->worth;
	return a->parent == b->index || a->grand == b->index;
}

/* The worthiest; of equals the one beneath the other, else the first of the text. */
static const struct candidate *best_of(const struct survey *s)
{
	const struct candidate *best = NULL;

	for (size_t i = 0; i < s->n; i++)
		if (best == NULL || beats(&s->at[i], best))
			best = &s->at[i];
	return best;
}

/* --- settling -------------------------------------------------------------------------- */

static const struct region *common(const struct gazetteer *g, const struct region *a, const struct region *b)
{
	while (!region_within(span_from(b->code, 6), span_from(a->code, 6)))
		a = gazetteer_at(g, a->parent);
	return a;
}

/* The words of the best candidate may mean others almost as well: what they have in common. */
static void settle(const struct survey *s, const struct candidate *best, struct finding *out)
{
	const struct region *region = best->region;

	for (size_t i = 0; i < s->n; i++) {
		const struct candidate *c = &s->at[i];

		if (c->mention == best->mention && c->worth >= best->worth - MARGIN)
			region = common(s->gazetteer, region, c->region);
	}
	out->ambiguous = region != best->region;
	out->region = region;
	out->worth = best->worth;
	out->evidence =
		span_from(s->text.at + best->mention->run_from, best->mention->to - best->mention->run_from);
}

/* --- one wrong character ------------------------------------------------------------------ */

/* True when the text at `at` is the name but for one character that is not its last. */
static bool almost(struct span text, size_t at, struct span name, size_t *end)
{
	int wrong = 0;
	size_t i = 0;

	while (i < name.len) {
		size_t in_name;
		size_t in_text;
		uint32_t expected = utf8_at(name, i, &in_name);
		uint32_t found = at < text.len ? utf8_at(text, at, &in_text) : 0;

		if (found < 0x80 || (found != expected && (wrong++ > 0 || i + in_name == name.len)))
			return false;
		i += in_name;
		at += in_text;
	}
	*end = at;
	return wrong == 1;
}

/* A settled region that is followed by a misspelt name of one of its counties. */
static void look_for_misspelt(const struct survey *s, const struct candidate *best, struct finding *out)
{
	const struct region *found = NULL;
	size_t from = best->mention->to;
	size_t end = from;
	size_t len;

	while ((len = mention_separator(s->text, from)) > 0)
		from += len;
	for (uint32_t i = best->index + 1; i < gazetteer_count(s->gazetteer); i++) {
		const struct region *r = gazetteer_at(s->gazetteer, i);

		if (!region_within(span_from(r->code, 6), span_from(best->region->code, 6)))
			break;
		if (r->level != REGION_COUNTY || r->name.len < 9 || !almost(s->text, from, r->name, &end))
			continue;
		if (found != NULL)
			return;
		found = r;
	}
	if (found == NULL)
		return;
	out->region = found;
	out->evidence.len = (size_t)(s->text.at + end - out->evidence.at);
}

/* --- one field ------------------------------------------------------------------------------ */

static void survey(struct survey *s, const struct gazetteer *g, const struct folded *text,
		   const struct scan_hits *hits, struct span chosen, struct finding *out)
{
	const struct candidate *best;

	*out = (struct finding){ 0 };
	s->gazetteer = g;
	s->text = text->text;
	s->chosen = chosen;
	mentions_find(g, text->text, hits, &s->mentions);
	collect(s);
	weigh(s);
	best = best_of(s);
	if (best == NULL || best->worth < WORTH_ACCEPTED)
		return;
	settle(s, best, out);
	if (!out->ambiguous && out->region->level < REGION_COUNTY)
		look_for_misspelt(s, best, out);
}

/* --- the answer ------------------------------------------------------------------------------ */

static bool code_within(const char *inner, const char *outer)
{
	return region_within(span_from(inner, 6), span_from(outer, 6));
}

/* The answer, one listed, or an ancestor of either says nothing new. */
static bool says_nothing(const struct route *out, const char *code)
{
	if (code_within(out->code, code))
		return true;
	for (size_t i = 0; i < out->nrelated; i++)
		if (code_within(out->related[i], code))
			return true;
	return false;
}

static void drop_ancestors(struct route *out, const char *code)
{
	size_t kept = 0;

	for (size_t i = 0; i < out->nrelated; i++)
		if (!code_within(code, out->related[i]))
			memmove(out->related[kept++], out->related[i], sizeof(out->related[i]));
	out->nrelated = kept;
}

static enum region_level level_of(const char *code)
{
	if (memcmp(code + 2, "0000", 4) == 0)
		return memcmp(code, "00", 2) == 0 ? REGION_NATION : REGION_PROVINCE;
	return memcmp(code + 4, "00", 2) == 0 ? REGION_PREFECTURE : REGION_COUNTY;
}

/* Keeps the list in order of level, the deepest first. */
static void add_related(struct route *out, const char *code)
{
	size_t i;

	if (says_nothing(out, code))
		return;
	drop_ancestors(out, code);
	if (out->nrelated == ROUTE_RELATED_MAX)
		return;
	for (i = out->nrelated++; i > 0 && level_of(out->related[i - 1]) < level_of(code); i--)
		memcpy(out->related[i], out->related[i - 1], sizeof(out->related[i]));
	memcpy(out->related[i], code, sizeof(out->related[i]));
}

/* The best meanings of each mention that is worth naming. */
static void relate(const struct survey *s, struct route *out)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct candidate *c = &s->at[i];
		bool best = c->worth - worth_of_role(c->mention->role) >= WORTH_RELATED;

		for (size_t k = 0; k < s->n && best; k++)
			best = s->at[k].mention != c->mention || s->at[k].worth <= c->worth + MARGIN;
		if (best)
			add_related(out, c->region->code);
	}
}

static unsigned confidence_of(const struct finding *f)
{
	static const struct {
		int worth;
		unsigned percent;
	} steps[] = { { 26, 98 }, { 18, 96 }, { 14, 93 }, { 10, 90 }, { 8, 80 }, { 6, 70 } };

	if (f->ambiguous)
		return 55;
	for (size_t i = 0; i < COUNT_OF(steps); i++)
		if (f->worth >= steps[i].worth)
			return steps[i].percent;
	return 60;
}

static bool settled(const struct finding *f)
{
	return f->region != NULL && f->region->level > REGION_NATION;
}

static void answer(struct route *out, const struct region *region, enum route_reason reason,
		   unsigned confidence, struct span evidence)
{
	memcpy(out->code, region->code, sizeof(out->code));
	out->level = region->level;
	out->reason = reason;
	out->confidence = confidence;
	out->evidence = evidence;
}

static bool lies_within(const struct region *inner, const struct region *outer)
{
	return code_within(inner->code, outer->code);
}

/* The field that decides: the place when it says more than the text or contradicts it. */
static bool place_decides(const struct finding *text, const struct finding *place)
{
	if (!settled(place) || !settled(text))
		return settled(place);
	return !lies_within(text->region, place->region);
}

static void decide(const struct finding *text, const struct finding *place, const struct region *chosen,
		   struct route *out)
{
	bool by_place = place_decides(text, place);
	const struct finding *f = by_place ? place : text;
	enum route_reason reason = by_place ? ROUTE_BY_PLACE : ROUTE_BY_TEXT;

	if (!settled(f) || (chosen->level > f->region->level && lies_within(chosen, f->region))) {
		bool any = chosen->level > REGION_NATION;

		answer(out, chosen, any ? ROUTE_BY_CHOICE : ROUTE_TO_NATION, any ? 75 : 0, f->evidence);
		return;
	}
	answer(out, f->region, f->ambiguous ? ROUTE_BY_PARENT : reason, confidence_of(f), f->evidence);
}

void route_tip(const struct gazetteer *gazetteer, const struct route_input *in, struct arena *arena,
	       struct route *out)
{
	const struct region *chosen = gazetteer_resolve(gazetteer, in->chosen);
	struct span within = chosen->level > REGION_NATION ? span_from(chosen->code, 6) : SPAN("");
	struct survey in_text;
	struct survey in_place;
	struct finding text;
	struct finding place = { 0 };
	bool has_place = in->place != NULL && in->place->text.len > 0;

	(void)arena;
	out->nrelated = 0;
	survey(&in_text, gazetteer, in->text, in->text_hits, within, &text);
	if (has_place)
		survey(&in_place, gazetteer, in->place, in->place_hits, within, &place);
	decide(&text, &place, chosen, out);
	if (has_place)
		relate(&in_place, out);
	relate(&in_text, out);
}
