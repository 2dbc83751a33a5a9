/*
 * The members of a policy file that are lists: bands, factors, exclusions,
 * holidays, approval bands.
 */
#include "daemon/money/policy_loader.h"

#include "daemon/base/civil_time.h"
#include "daemon/base/table.h"

#define POINTS_MAX 1000
#define DAY_MS INT64_C(86400000)

/* --- bands, factors, exclusions ------------------------------------------------------------------ */

bool policy_take_bands(struct policy_loader *l, const struct json_member *member)
{
	struct policy *policy = l->policy;
	struct json_object object;

	if (!policy_inner(l, member, "bands", &object))
		return false;
	if (object.n == 0 || object.n > POLICY_BANDS_MAX)
		return policy_wrong(l, member->at, "bands", "1 to 32 bands");
	for (size_t i = 0; i < object.n; i++) {
		const struct json_member *at = &object.members[i];
		struct policy_band *band = &policy->bands[policy->nbands++];

		if (!policy_name_fits(at->name))
			return policy_wrong(l, at->at, "bands", POLICY_NAME_EXPECTED);
		policy_name_set(band->name, at->name);
		if (!policy_whole_number(at, &band->fen) || band->fen < 1)
			return policy_wrong(l, at->at, band->name, POLICY_FEN_EXPECTED);
	}
	return true;
}

/* [least, most] */
static bool take_range(struct policy_loader *l, const struct json_member *member, struct policy_range *range)
{
	struct json_member element;
	struct json_array array;
	int64_t ends[2] = { 0, 0 };
	size_t n = 0;
	bool fine = json_array_within(l->text, member, &array);

	for (; fine && json_array_next(&array, &l->arena, &element); n++)
		fine = n < 2 && policy_whole_number(&element, &ends[n]) && ends[n] >= -POINTS_MAX &&
		       ends[n] <= POINTS_MAX;
	if (!fine || n != 2 || ends[0] > 0 || ends[1] < 0)
		return policy_wrong(l, member->at, range->name,
				    "[least, most] points, -1000 to 0 and 0 to 1000 (a factor that is left "
				    "out counts 0)");
	range->least = ends[0];
	range->most = ends[1];
	return true;
}

bool policy_take_factors(struct policy_loader *l, const struct json_member *member)
{
	struct policy *policy = l->policy;
	struct json_object object;

	if (!policy_inner(l, member, "factors", &object))
		return false;
	if (object.n > POLICY_FACTORS_MAX)
		return policy_wrong(l, member->at, "factors", "at most 16 factors");
	for (size_t i = 0; i < object.n; i++) {
		const struct json_member *at = &object.members[i];
		struct policy_range *range = &policy->factors[policy->nfactors++];

		if (!policy_name_fits(at->name))
			return policy_wrong(l, at->at, "factors", POLICY_NAME_EXPECTED);
		policy_name_set(range->name, at->name);
		if (!take_range(l, at, range))
			return false;
	}
	return true;
}

bool policy_take_exclude(struct policy_loader *l, const struct json_member *member)
{
	static const char *const words[] = { "offender", "victim", "duty" };
	struct json_member element;
	struct json_array array;
	bool fine = json_array_within(l->text, member, &array);

	l->policy->excludes = 0;
	while (fine && json_array_next(&array, &l->arena, &element)) {
		size_t index = policy_word(&element, words, COUNT_OF(words));

		fine = index < COUNT_OF(words) && (l->policy->excludes & 1U << index) == 0;
		l->policy->excludes |= fine ? 1U << index : 0;
	}
	return fine || policy_wrong(l, member->at, "exclude",
				    "a list of \"offender\", \"victim\", \"duty\", each once");
}

/* --- holidays --------------------------------------------------------------------------------------- */

/* The weekday decides which of the two lists a day may stand in: in the other it would say nothing. */
static bool take_days(struct policy_loader *l, const struct json_member *member, const char *where, bool weekend,
		      struct policy_days *days)
{
	struct json_member element;
	struct json_array array;
	bool fine = json_array_within(l->text, member, &array);

	while (fine && json_array_next(&array, &l->arena, &element)) {
		int64_t ms = 0, day;

		fine = element.kind == JSON_TEXT && days->n < POLICY_DAYS_MAX &&
		       civil_read_date(element.text, 0, &ms);
		day = ms / DAY_MS;
		fine = fine && policy_is_weekend(day) == weekend &&
		       (days->n == 0 || day > days->at[days->n - 1]);
		if (fine)
			days->at[days->n++] = day;
	}
	return fine || policy_wrong(l, member->at, where,
				    weekend ? "dates like \"2026-10-10\" in order, Saturdays and Sundays, at most 256"
					    : "dates like \"2026-10-01\" in order, Mondays to Fridays, at most 256");
}

bool policy_take_holidays(struct policy_loader *l, const struct json_member *member)
{
	return take_days(l, member, "holidays", false, &l->policy->holidays);
}

bool policy_take_workdays(struct policy_loader *l, const struct json_member *member)
{
	return take_days(l, member, "workdays", true, &l->policy->workdays);
}

/* --- approval bands ------------------------------------------------------------------------------------ */

#define TITLE_EXPECTED "titles like \"chief\", or \"meeting:3\" for three persons, 11 persons at most"

/* "meeting:3" */
static bool add_title(struct policy_level *level, const struct json_member *member)
{
	size_t colon = span_find(member->text, SPAN(":"));
	struct span name = span_from(member->text.at, colon);
	uint64_t times = 1;

	if (member->kind != JSON_TEXT || !policy_name_fits(name))
		return false;
	if (colon < member->text.len &&
	    (!span_u64(span_from_offset(member->text, colon + 1), &times) || times < 2))
		return false;
	if (times >= POLICY_STEPS_MAX - level->n)
		return false;
	for (; times > 0; times--)
		policy_name_set(level->titles[level->n++], name);
	return true;
}

static bool take_titles(struct policy_loader *l, const struct json_member *member, struct policy_level *level)
{
	struct json_member element;
	struct json_array array;
	bool fine = json_array_within(l->text, member, &array);

	while (fine && json_array_next(&array, &l->arena, &element))
		fine = add_title(level, &element);
	return (fine && level->n > 0) || policy_wrong(l, member->at, "approval_bands", TITLE_EXPECTED);
}

static bool take_limit(struct policy_loader *l, const struct json_member *member, struct policy_level *level)
{
	level->limit = INT64_MAX;
	return member->kind == JSON_NULL ||
	       (policy_whole_number(member, &level->limit) && level->limit >= 1) ||
	       policy_wrong(l, member->at, "approval_bands",
			    "a limit in fen, above the limit before; null on the last band");
}

/* [limit, [titles]] */
static bool take_level(struct policy_loader *l, const struct json_member *member, struct policy_level *level)
{
	struct json_member limit, titles, more;
	struct json_array array;

	if (!json_array_within(l->text, member, &array) || !json_array_next(&array, &l->arena, &limit) ||
	    !json_array_next(&array, &l->arena, &titles) || json_array_next(&array, &l->arena, &more))
		return policy_wrong(l, member->at, "approval_bands", "[limit, [titles]]");
	return take_limit(l, &limit, level) && take_titles(l, &titles, level);
}

static bool level_follows(struct policy_loader *l, size_t at)
{
	const struct policy_level *level = &l->policy->levels[l->policy->nlevels - 1];

	if (l->policy->nlevels < 2)
		return true;
	if (level->limit <= level[-1].limit)
		return policy_wrong(l, at, "approval_bands",
				    "a limit above the one before; null only on the last band");
	return level->n >= level[-1].n ||
	       policy_wrong(l, at, "approval_bands", "at least as many persons as on the band before");
}

bool policy_take_levels(struct policy_loader *l, const struct json_member *member)
{
	struct policy *policy = l->policy;
	struct json_member element;
	struct json_array array;

	if (!json_array_within(l->text, member, &array))
		return policy_wrong(l, member->at, "approval_bands", "a list of [limit, [titles]]");
	while (json_array_next(&array, &l->arena, &element)) {
		if (policy->nlevels == POLICY_APPROVAL_BANDS_MAX)
			return policy_wrong(l, element.at, "approval_bands", "at most 16 bands");
		if (!take_level(l, &element, &policy->levels[policy->nlevels++]) ||
		    !level_follows(l, element.at))
			return false;
	}
	return (policy->nlevels > 0 && policy->levels[policy->nlevels - 1].limit == INT64_MAX) ||
	       policy_wrong(l, member->at, "approval_bands", "null as the limit of the last band");
}
