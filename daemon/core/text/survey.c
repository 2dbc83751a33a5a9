/*
 * Surveying a field; see survey.h.
 *
 * Every mention may mean several regions; each meaning is a candidate. A
 * candidate has worth of its own (full names more than short ones, levels
 * that stand alone more than county names that are ordinary words) and gains
 * by every ancestor that the text names, most when it stands in the same
 * address. The best one wins; when the same words mean another region as
 * well as this one, what they have in common wins.
 */
#include "daemon/core/text/survey.h"

#include "daemon/base/table.h"
#include "daemon/core/text/misspelt.h"
#include "daemon/core/text/worth.h"

#define HAN 3 /* bytes of a common Han character */

/* Worth of evidence. Only the order and the distances matter. */
#define WORTH_ACCEPTED 5 /* below it a text names no place */
#define WORTH_RELATED 5
#define WORTH_SAME_RUN 8    /* an ancestor in the same address */
#define WORTH_NEARBY 4      /* an ancestor elsewhere in the text */
#define WORTH_WEAK_NEARBY 1 /* the same for a bare county name */
#define WORTH_MOVED 2       /* another prefecture of the same province in the same address */
#define WORTH_FOREIGN (-4)  /* no ancestor, but another province's place before it in the same address */
#define WORTH_EVENT 4
#define WORTH_ORIGIN (-9)
#define WORTH_CHOSEN 3
#define WORTH_START 2   /* the text begins with it */
#define WORTH_PART (-6) /* rather part of the name of something */
#define WORTH_FIRM 8    /* stands on its own */
#define MARGIN 2        /* closer than this is ambiguous */
#define RANK_EVENT 10
#define RANK_ASIDE (-8)
#define RANK_ORIGIN (-20)
#define RANK_FIRST 9 /* of two counties the first one named wins unless the other ranks so much higher */

/* --- candidates -------------------------------------------------------------------- */

static void add_candidate(struct survey *s, const struct mention *m, uint32_t meaning)
{
	const struct gazetteer_name name = gazetteer_name_at(s->gazetteer, meaning);
	const struct region *region = gazetteer_at(s->gazetteer, name.region);
	struct candidate *c = &s->at[s->n];

	if (s->n == SURVEY_CANDIDATES_MAX)
		return;
	*c = (struct candidate){
		.region = region,
		.mention = m,
		.index = name.region,
		.parent = region->parent,
		.grand = gazetteer_at(s->gazetteer, region->parent)->parent,
		.own = worth_of_name(&name, region, m->form,
				     span_from(s->text.at + m->from, m->to - m->from)),
	};
	if (c->own == WORTH_NONE)
		return;
	s->n++;
	if (region->level < REGION_COUNTY && s->nancestors < SURVEY_ANCESTORS_MAX)
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
	return c->own <= 3 && !c->region->ordinary ? WORTH_WEAK_NEARBY : WORTH_NEARBY;
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
	return a->region->level == REGION_PREFECTURE && c->own > 6 ? WORTH_MOVED : 0;
}

/* "宁安市寿宁县" for 宁德市: the name before a full county name is its city's but for one character. */
static bool parent_misspelt(const struct survey *s, const struct candidate *c)
{
	const struct mention *m = c->mention;
	const struct region *const of[] = { c->region };

	return m->nnames == 1 && c->own >= WORTH_FIRM && m > s->mentions.at && m[-1].from == m->run_from &&
	       misspelt_parent(s->gazetteer, s->text, m->from, of, 1) != NULL;
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
	else if (beside != 0 && parent_misspelt(s, c))
		beside = WORTH_SAME_RUN;
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
	case MENTION_ASIDE:
	case MENTION_NOT:
		break;
	}
	return 0;
}

/* "在" before a bare county name that others bear too, or that is a word (在和平), says little. */
static int rank_of_role(const struct candidate *c, int supported)
{
	bool weak = c->own <= 3 && supported <= 0 && c->mention->nnames > 1;

	switch (c->mention->role) {
	case MENTION_EVENT:
		return weak ? WORTH_EVENT : RANK_EVENT;
	case MENTION_ASIDE:
		return RANK_ASIDE;
	case MENTION_ORIGIN:
		return RANK_ORIGIN;
	case MENTION_PLAIN:
	case MENTION_NOT:
		break;
	}
	return 0;
}

static bool within_code(const struct region *region, struct span code)
{
	return region_within(span_from(region->code, 6), code);
}

static bool one_follows(struct span text, size_t at, const char *const *words, size_t n)
{
	struct span rest = span_from_offset(text, at);

	if (rest.len > 8 * HAN)
		rest.len = 8 * HAN;
	for (size_t i = 0; i < n; i++)
		if (memmem(rest.at, rest.len, words[i], strlen(words[i])) != NULL)
			return true;
	return false;
}

/* Words that an address goes on with, within a few characters. */
static bool address_follows(struct span text, size_t at)
{
	static const char *const words[] = { "路", "街", "号", "镇", "乡", "村", "巷", "小区" };

	return one_follows(text, at, words, COUNT_OF(words));
}

/* More of them, which say as well that a province or a city is meant and not a thing named after it. */
static bool locality_follows(struct span text, size_t at)
{
	static const char *const words[] = { "区",   "站",   "机场", "工地", "医院", "学校", "小学",
					     "中学", "市场", "商场", "园",   "店",   "厂",   "市",
					     "县",   "桥",   "窑",   "窝点", "传销", "海边", "江边",
					     "河边", "拐",   "孩",   "童" };

	return address_follows(text, at) || one_follows(text, at, words, COUNT_OF(words));
}

/*
 * "广州恒大", "武夷山大红袍": a bare name, with nothing said
 * about it and no other place beside it, that goes on in other words is rather
 * part of the name of something.
 */
static bool part_of_words(const struct survey *s, const struct candidate *c, int supported)
{
	const struct mention *m = c->mention;
	const struct mention *end = s->mentions.at + s->mentions.n;
	bool alone = (m == s->mentions.at || m[-1].run != m->run) && (m + 1 == end || m[1].run != m->run);

	if (!alone || supported > 0 || m->role != MENTION_PLAIN || m->form != FORM_BARE ||
	    mention_has(m, NAME_FULL) || mention_has(m, NAME_LATIN))
		return false;
	return m->to < s->text.len && (unsigned char)s->text.at[m->to] >= 0xE4 &&
	       mention_separator(s->text, m->to) == 0 && !locality_follows(s->text, m->to);
}

/* A bare name that no other county bears, at the start of an address. */
static bool stands_as_address(const struct survey *s, const struct candidate *c)
{
	const struct mention *m = c->mention;

	if (m->nnames > 1 || c->own <= WORTH_COMMON || m->form != FORM_BARE)
		return false;
	return (m->from == 0 || mention_separator(s->text, m->from - 1) > 0) &&
	       address_follows(s->text, m->to);
}

static bool lies_beneath(const struct region *region, const struct region *above)
{
	return region_lies_within(region, above);
}

static void weigh(struct survey *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct candidate *c = &s->at[i];

		int supported = supports(s, c);
		int base = c->own + supported;

		if (s->chosen.len > 0 && c->region->level > REGION_PROVINCE &&
		    within_code(c->region, s->chosen))
			base += WORTH_CHOSEN;
		c->worth = base + worth_of_role(c->mention->role);
		if (c->worth < WORTH_ACCEPTED && stands_as_address(s, c))
			c->worth += WORTH_START;
		if (part_of_words(s, c, supported))
			c->worth += WORTH_PART;
		c->rank = base + rank_of_role(c, supported);
	}
}

static bool firm_county(const struct candidate *c)
{
	return c->region->level == REGION_COUNTY && c->worth >= WORTH_FIRM;
}

/* `a` stands behind `b` in the text, or in the same words. */
static bool beats(const struct candidate *a, const struct candidate *b)
{
	bool apart = a->mention->run != b->mention->run;

	if (apart && firm_county(a) && firm_county(b) && a->mention->role == b->mention->role)
		return a->rank > b->rank + RANK_FIRST;
	if (a->rank != b->rank)
		return a->rank > b->rank;
	return a->parent == b->index || a->grand == b->index;
}

/* The one of highest rank that is accepted; of equals the one beneath the other, else the first of the text.
 */
static const struct candidate *best_of(const struct survey *s)
{
	const struct candidate *best = NULL;

	for (size_t i = 0; i < s->n; i++)
		if (s->at[i].worth >= WORTH_ACCEPTED && (best == NULL || beats(&s->at[i], best)))
			best = &s->at[i];
	return best;
}

/* "我在江苏…具体是南京鼓楼区": what is named beneath the best elsewhere in the text says more. */
static const struct candidate *deepest_beneath(const struct survey *s, const struct candidate *best)
{
	const struct candidate *deepest = best;

	for (size_t i = 0; i < s->n; i++) {
		const struct candidate *c = &s->at[i];

		if (c->mention != deepest->mention && c->region->level > deepest->region->level &&
		    c->worth >= WORTH_FIRM && c->mention->role <= MENTION_EVENT &&
		    region_lies_within(c->region, deepest->region))
			deepest = c;
	}
	return deepest;
}

/* --- settling -------------------------------------------------------------------------- */

static const struct region *common(const struct gazetteer *g, const struct region *a, const struct region *b)
{
	while (!region_lies_within(b, a))
		a = gazetteer_at(g, a->parent);
	return a;
}

/* Keeps what was added from `level` on in order of code. */
static void add_open(struct finding *out, size_t level, const struct region *region)
{
	size_t i;

	for (i = 0; i < out->nopen; i++)
		if (out->open[i] == region)
			return;
	if (out->nopen == FINDING_OPEN_MAX)
		return;
	for (i = out->nopen++; i > level && memcmp(out->open[i - 1]->code, region->code, 6) > 0; i--)
		out->open[i] = out->open[i - 1];
	out->open[i] = region;
}

/* The meanings of the best one's words that are almost as good, the best first, then in order of code. */
static void list_open(const struct survey *s, const struct candidate *best, struct finding *out)
{
	for (int worth = best->worth + MARGIN; worth >= best->worth - MARGIN; worth--) {
		size_t level = out->nopen;

		for (size_t i = 0; i < s->n; i++)
			if (s->at[i].mention == best->mention && s->at[i].worth == worth)
				add_open(out, level, s->at[i].region);
	}
}

/* The words of the best candidate may mean others almost as well: what they have in common. */
static void settle(const struct survey *s, const struct candidate *best, struct finding *out)
{
	const struct region *region = best->region;

	list_open(s, best, out);
	for (size_t i = 0; i < out->nopen; i++)
		region = common(s->gazetteer, region, out->open[i]);
	out->ambiguous = region != best->region;
	out->region = region;
	out->worth = best->worth;
	out->evidence =
		span_from(s->text.at + best->mention->run_from, best->mention->to - best->mention->run_from);
}

/* --- the second stage ---------------------------------------------------------------------- */

static void settle_on(struct finding *out, const struct region *region)
{
	out->region = region;
	out->ambiguous = false;
	out->nopen = 1;
	out->open[0] = region;
}

static void extend_evidence(const struct survey *s, size_t end, struct finding *out)
{
	if (s->text.at + end > out->evidence.at + out->evidence.len)
		out->evidence.len = (size_t)(s->text.at + end - out->evidence.at);
}

static bool related(const struct region *a, const struct region *b)
{
	return lies_beneath(a, b) || lies_beneath(b, a);
}

/* Where the chain of names that the mention is part of ends. */
static size_t chain_end(const struct survey *s, const struct candidate *best)
{
	size_t end = best->mention->to;

	for (size_t i = 0; i < s->n; i++) {
		const struct candidate *c = &s->at[i];

		if (c->mention->run == best->mention->run && c->mention->form != FORM_TOWN &&
		    c->mention->to > end && related(c->region, best->region))
			end = c->mention->to;
	}
	return end;
}

/* Where what was named before the mention ends. */
static size_t floor_of(const struct survey *s, const struct mention *m)
{
	return m > s->mentions.at ? m[-1].to : 0;
}

/* The one of several meanings that has a town the text names; NULL: none or several. */
static const struct region *with_town(const struct survey *s, const struct candidate *best,
				      const struct finding *f)
{
	const struct region *one = NULL;

	for (size_t i = 0; s->towns != NULL && i < f->nopen; i++) {
		struct town_match town =
			towns_find(s->towns, s->gazetteer, s->text, chain_end(s, best), f->open[i]);

		if (town.county == NULL)
			continue;
		if (one != NULL)
			return NULL;
		one = f->open[i];
	}
	return one;
}

/* Of several meanings the one whose parent stands misspelt in front, or that has a town the text names. */
static void narrow(const struct survey *s, const struct candidate *best, struct finding *out)
{
	const struct region *one =
		misspelt_parent(s->gazetteer, s->text, best->mention->run_from, out->open, out->nopen);

	if (one == NULL)
		one = with_town(s, best, out);
	if (one != NULL)
		settle_on(out, one);
}

/* A division above the counties is settled; a misspelt name or a town may say which county. */
static void deepen(const struct survey *s, const struct candidate *best, struct finding *out)
{
	struct misspelt_match misspelt =
		misspelt_child(s->gazetteer, s->text, best->mention->to, out->region);
	struct town_match town = { 0 };

	if (misspelt.region != NULL) {
		settle_on(out, misspelt.region);
		extend_evidence(s, misspelt.to, out);
	}
	if (out->region->level == REGION_COUNTY || s->towns == NULL)
		return;
	town = towns_find(s->towns, s->gazetteer, s->text, chain_end(s, best), out->region);
	if (town.county == NULL)
		return;
	settle_on(out, town.county);
	extend_evidence(s, town.to, out);
}

/*
 * A division is named only by a town that bears its name ("浙江省滨江街道"): the
 * table of towns knows better, beneath what else the text names.
 */
static void town_of_same_name(const struct survey *s, const struct candidate *best, struct finding *out)
{
	const struct region *above = gazetteer_at(s->gazetteer, 0);
	struct town_match town;

	for (size_t i = 0; i < s->nancestors; i++)
		if (s->ancestors[i]->region->level > above->level &&
		    lies_beneath(best->region, s->ancestors[i]->region))
			above = s->ancestors[i]->region;
	town = towns_find(s->towns, s->gazetteer, s->text, floor_of(s, best->mention), above);
	if (town.county == NULL)
		return;
	settle_on(out, town.county);
	extend_evidence(s, town.to, out);
}

#define WORTH_TOWN 6

/* Nothing is named but a town that no other county has. */
static void town_alone(const struct survey *s, struct finding *out)
{
	struct town_match town = { 0 };

	if (s->towns != NULL)
		town = towns_find(s->towns, s->gazetteer, s->text, 0, gazetteer_at(s->gazetteer, 0));
	if (town.county == NULL)
		return;
	settle_on(out, town.county);
	out->worth = WORTH_TOWN;
	out->evidence = span_from(s->text.at + town.from, town.to - town.from);
}

/* --- one field ------------------------------------------------------------------------------ */

void survey_field(struct survey *s, const struct gazetteer *gazetteer, const struct towns *towns,
		  const struct folded *text, const struct scan_hits *hits, struct span chosen,
		  struct finding *out)
{
	const struct candidate *best;

	*out = (struct finding){ 0 };
	s->gazetteer = gazetteer;
	s->towns = towns;
	s->text = text->text;
	s->chosen = chosen;
	mentions_find(gazetteer, text, hits, &s->mentions);
	collect(s);
	weigh(s);
	best = best_of(s);
	if (best == NULL) {
		town_alone(s, out);
		return;
	}
	best = deepest_beneath(s, best);
	settle(s, best, out);
	if (best->mention->form == FORM_TOWN && s->towns != NULL) {
		town_of_same_name(s, best, out);
		return;
	}
	if (out->ambiguous)
		narrow(s, best, out);
	else if (out->region->level < REGION_COUNTY)
		deepen(s, best, out);
}

bool survey_named(const struct survey *s, const struct candidate *c)
{
	if (c->worth - worth_of_role(c->mention->role) < WORTH_RELATED)
		return false;
	for (size_t k = 0; k < s->n; k++)
		if (s->at[k].mention == c->mention && s->at[k].worth > c->worth + MARGIN)
			return false;
	return true;
}
