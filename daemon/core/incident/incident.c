/*
 * Near-duplicate judgement; see incident.h.
 */
#include "daemon/core/incident/incident.h"

#include <assert.h>

/* The marks of all matches of one group, and of its first text. */
#define KNOWN_MAX ((LINK_MATCHES_MAX + 1) * FEATURE_MARKS_MAX)

#define CONFLICT_COST 0.25 /* what is left of the wording for each mark that is told otherwise */
#define AS_GOOD 0.95       /* of the best score: another incident may be meant just as well... */
#define AMBIGUOUS_COST 0.5 /* ...and that is what is left then */

const struct incident_policy incident_policy_default = { .copy_from = 0.4, .twin_from = 0.5 };

const char *incident_kind_name(enum incident_kind kind)
{
	static const char *const names[] = {
		[INCIDENT_NEW] = "new",
		[INCIDENT_COPY] = "copy",
		[INCIDENT_TWIN] = "twin",
	};

	assert(kind <= INCIDENT_TWIN);
	return names[kind];
}

static size_t known_marks(const struct link *link, const struct link_match *matches, size_t n, uint32_t group,
			  struct feature_mark known[KNOWN_MAX])
{
	size_t nknown = link_group(link, group) == group ? link_marks(link, group, known) : 0;

	for (size_t i = 0; i < n; i++) {
		if (matches[i].group != group)
			continue;
		memcpy(known + nknown, matches[i].marks, matches[i].nmarks * sizeof(*known));
		nknown += matches[i].nmarks;
	}
	return nknown;
}

static void judge_group(const struct link *link, const struct feature *feature,
			const struct link_match *matches, size_t n, size_t nearest,
			struct incident_judgement *out)
{
	struct feature_mark known[KNOWN_MAX];
	size_t nknown = known_marks(link, matches, n, matches[nearest].group, known);
	struct feature_agreement told = feature_compare(feature->marks, feature->nmarks, known, nknown);

	if (told.conflict == 0)
		told.conflict += feature_places_exchanged(feature->marks, feature->nmarks, known, nknown);

	*out = (struct incident_judgement){
		.text = matches[nearest].text,
		.group = matches[nearest].group,
		.wording = matches[nearest].wording,
		.score = matches[nearest].wording,
		.agree = told.agree,
		.conflict = told.conflict,
	};
	for (unsigned i = told.conflict; i > 0; i--)
		out->score *= CONFLICT_COST;
}

static bool nearest_of_group(const struct link_match *matches, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (matches[i].group == matches[at].group)
			return false;
	return true;
}

static bool better(const struct incident_judgement *a, const struct incident_judgement *b)
{
	return a->score > b->score || (a->score == b->score && a->agree > b->agree);
}

static enum incident_kind kind_of(const struct incident_judgement *j, const struct incident_policy *policy)
{
	if (j->score >= policy->copy_from)
		return INCIDENT_COPY;
	return j->wording >= policy->twin_from && j->conflict > 0 ? INCIDENT_TWIN : INCIDENT_NEW;
}

void incident_judge(const struct link *link, const struct feature *feature,
		    const struct incident_policy *policy, struct incident_judgement *out)
{
	struct link_match matches[LINK_MATCHES_MAX];
	size_t n = link_find(link, feature, matches);
	struct incident_judgement judged;
	double second = 0;

	*out = (struct incident_judgement){ .kind = INCIDENT_NEW };
	for (size_t i = 0; i < n; i++) {
		if (!nearest_of_group(matches, i))
			continue;
		judge_group(link, feature, matches, n, i, &judged);
		if (better(&judged, out)) {
			second = out->score;
			*out = judged;
		} else if (judged.score > second) {
			second = judged.score;
		}
	}
	if (second > out->score * AS_GOOD)
		out->score *= AMBIGUOUS_COST;
	out->kind = kind_of(out, policy);
}
