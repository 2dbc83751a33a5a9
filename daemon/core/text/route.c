/*
 * Settling the region; see route.h.
 *
 * The fields are surveyed by survey.c, each for itself. Here they are weighed
 * against each other: the place field, the text, the region that was chosen,
 * and last, when none of them says anything, the sender's number.
 */
#include "daemon/core/text/route.h"

#include "daemon/base/table.h"
#include "daemon/core/text/survey.h"

#include <assert.h>

#define CONFIDENCE_CHOSEN 75
#define CONFIDENCE_SENDER 30

const char *route_reason_name(enum route_reason reason)
{
	static const char *const names[] = {
		[ROUTE_BY_TEXT] = "text",     [ROUTE_BY_PLACE] = "place",   [ROUTE_BY_CHOICE] = "choice",
		[ROUTE_BY_PARENT] = "parent", [ROUTE_BY_SENDER] = "sender", [ROUTE_TO_NATION] = "nation",
	};

	return names[reason];
}

void route_add_patterns(const struct gazetteer *gazetteer, struct scan_set *set)
{
	mentions_add_patterns(gazetteer, set);
}

/* --- the answer ------------------------------------------------------------------------------ */

static enum region_level level_of(const char *code)
{
	if (memcmp(code + 2, "0000", 4) == 0)
		return memcmp(code, "00", 2) == 0 ? REGION_NATION : REGION_PROVINCE;
	return memcmp(code + 4, "00", 2) == 0 ? REGION_PREFECTURE : REGION_COUNTY;
}

/* For codes that are in force. */
static bool code_within(const char *inner, const char *outer)
{
	return memcmp(inner, outer, 2u * (unsigned)level_of(outer)) == 0;
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

static void relate(const struct survey *s, struct route *out)
{
	for (size_t i = 0; i < s->n; i++)
		if (survey_named(s, &s->at[i]))
			add_related(out, s->at[i].region->code);
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
	assert(region != NULL);
	memcpy(out->code, region->code, sizeof(out->code));
	out->level = region->level;
	out->reason = reason;
	out->confidence = confidence;
	out->evidence = evidence;
}

static bool lies_within(const struct region *inner, const struct region *outer)
{
	return region_lies_within(inner, outer);
}

/* The field that decides: the place when it says more than the text or contradicts it. */
static bool place_decides(const struct finding *text, const struct finding *place)
{
	if (!settled(place) || !settled(text))
		return settled(place);
	return !lies_within(text->region, place->region);
}

/* Nothing was said: the number's home, at most a prefecture, else the nation. */
static void answer_by_sender(const struct gazetteer *gazetteer, const struct route_input *in,
			     struct route *out)
{
	const struct region *region = gazetteer_at(gazetteer, 0);
	char code[7];

	if (in->segments != NULL && segments_find(in->segments, in->sender, code))
		region = gazetteer_resolve(gazetteer, span_from(code, 6));
	while (region->level > REGION_PREFECTURE)
		region = gazetteer_at(gazetteer, region->parent);
	if (region->level > REGION_NATION)
		answer(out, region, ROUTE_BY_SENDER, CONFIDENCE_SENDER, SPAN(""));
	else
		answer(out, region, ROUTE_TO_NATION, 0, SPAN(""));
}

static void list_candidates(const struct finding *f, struct route *out)
{
	for (size_t i = 0; i < f->nopen && i < ROUTE_CANDIDATES_MAX; i++)
		memcpy(out->candidates[out->ncandidates++], f->open[i]->code, sizeof(out->candidates[0]));
}

static void decide(const struct gazetteer *gazetteer, const struct route_input *in,
		   const struct finding *text, const struct finding *place, const struct region *chosen,
		   struct route *out)
{
	bool by_place = place_decides(text, place);
	const struct finding *f = by_place ? place : text;
	enum route_reason reason = by_place ? ROUTE_BY_PLACE : ROUTE_BY_TEXT;

	if (!by_place && place->ambiguous && !settled(text))
		f = place;
	if (settled(f) && !(chosen->level > f->region->level && lies_within(chosen, f->region))) {
		answer(out, f->region, f->ambiguous ? ROUTE_BY_PARENT : reason, confidence_of(f),
		       f->evidence);
		list_candidates(f, out);
	} else if (chosen->level > REGION_NATION) {
		answer(out, chosen, ROUTE_BY_CHOICE, CONFIDENCE_CHOSEN, f->evidence);
	} else if (f->ambiguous) {
		answer(out, f->region, ROUTE_TO_NATION, 0, f->evidence);
		list_candidates(f, out);
	} else {
		answer_by_sender(gazetteer, in, out);
	}
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
	out->nrelated = out->ncandidates = 0;
	survey_field(&in_text, gazetteer, in->towns, in->text, in->text_hits, within, &text);
	if (has_place)
		survey_field(&in_place, gazetteer, in->towns, in->place, in->place_hits, within, &place);
	decide(gazetteer, in, &text, &place, chosen, out);
	if (has_place)
		relate(&in_place, out);
	relate(&in_text, out);
}
