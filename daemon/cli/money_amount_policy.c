/*
 * Reading a policy out of the journal; see money_amount.h. What a policy has
 * to look like is not judged here but for what the calculation stands on.
 */
#include "daemon/cli/money_amount.h"

#include "daemon/base/json_in.h"
#include "daemon/base/money.h"
#include "daemon/base/table.h"

#include <sodium.h>
#include <stdlib.h>

#define CLAIM_DAYS_MAX 3660
#define COOLING_HOURS 24
#define COOLING_HOURS_MAX 720
#define PANEL_DAYS 7
#define PANEL_DAYS_MAX 90
#define ALONE_FEN 500000

struct reading {
	struct span text;
	struct arena *arena;
	struct money_policy *policy;
};

static bool number_of(const struct json_member *member, int64_t *out)
{
	return member != NULL && member->kind == JSON_NUMBER && money_read(member->text, true, out);
}

static bool text_is(const struct json_object *object, const char *name, const char *text)
{
	const struct json_member *member = json_member_find(object, name);

	return member != NULL && member->kind == JSON_TEXT && span_is(member->text, text);
}

/* --- lists of names ------------------------------------------------------------------------ */

static bool read_range(struct reading *r, const struct json_member *member, struct money_named *named)
{
	struct json_member least, most, none;
	struct json_array array;

	return json_array_within(r->text, member, &array) && json_array_next(&array, r->arena, &least) &&
	       json_array_next(&array, r->arena, &most) && !json_array_next(&array, r->arena, &none) &&
	       number_of(&least, &named->least) && number_of(&most, &named->most);
}

/* {"name": 1, ...} or {"name": [0, 3], ...} */
static bool read_named(struct reading *r, const struct json_member *member, bool ranges, struct money_named *out,
		       size_t max, size_t *n)
{
	struct json_object *object = arena_new(r->arena, struct json_object);
	struct complaint ignored;

	if (member == NULL || member->kind != JSON_TREE ||
	    !json_object_within(r->text, member, r->arena, object, &ignored) || object->n > max)
		return false;
	for (*n = 0; *n < object->n; ++*n) {
		const struct json_member *at = &object->members[*n];

		out[*n].name = at->name;
		if (ranges ? !read_range(r, at, &out[*n]) : !number_of(at, &out[*n].most))
			return false;
	}
	return true;
}

static bool read_excludes(struct reading *r, const struct json_member *member)
{
	struct json_member element;
	struct json_array array;

	if (member == NULL)
		return true;
	if (!json_array_within(r->text, member, &array))
		return false;
	while (json_array_next(&array, r->arena, &element)) {
		if (span_is(element.text, "offender"))
			r->policy->excludes_offender = true;
		else if (span_is(element.text, "victim"))
			r->policy->excludes_victim = true;
		else if (span_is(element.text, "duty"))
			r->policy->excludes_duty = true;
		else
			return false;
	}
	return true;
}

/* --- who approves ---------------------------------------------------------------------------- */

/* "meeting:3" stands for three persons. */
static bool add_titles(struct money_level *level, struct span text)
{
	size_t colon = span_find(text, SPAN(":"));
	struct span title = span_from(text.at, colon);
	uint64_t persons = 1;

	if (span_empty(title) || (colon < text.len && !span_u64(span_from_offset(text, colon + 1), &persons)))
		return false;
	for (; persons > 0; persons--) {
		if (level->n == MONEY_STEPS_MAX)
			return false;
		level->titles[level->n++] = title;
	}
	return true;
}

static bool read_level(struct reading *r, const struct json_member *member, struct money_level *level)
{
	struct json_member limit, titles, title;
	struct json_array pair, list;

	if (!json_array_within(r->text, member, &pair) || !json_array_next(&pair, r->arena, &limit) ||
	    !json_array_next(&pair, r->arena, &titles) || !json_array_within(r->text, &titles, &list))
		return false;
	level->limit = INT64_MAX;
	if (limit.kind != JSON_NULL && !number_of(&limit, &level->limit))
		return false;
	while (json_array_next(&list, r->arena, &title))
		if (title.kind != JSON_TEXT || !add_titles(level, title.text))
			return false;
	return level->n > 0;
}

static bool read_levels(struct reading *r, const struct json_member *member)
{
	struct money_policy *policy = r->policy;
	struct json_member element;
	struct json_array array;

	if (member == NULL || !json_array_within(r->text, member, &array))
		return false;
	while (json_array_next(&array, r->arena, &element))
		if (policy->nlevels == MONEY_LEVELS_MAX || !read_level(r, &element, &policy->levels[policy->nlevels++]))
			return false;
	return policy->nlevels > 0 && policy->levels[policy->nlevels - 1].limit == INT64_MAX;
}

/* --- the split --------------------------------------------------------------------------------- */

static bool read_split(struct reading *r, const struct json_member *member)
{
	static const char *const rules[] = { [MONEY_FIRST_ONLY] = "first_only",
					     [MONEY_FIRST_PLUS] = "first_plus_new_facts",
					     [MONEY_WEIGHTED] = "weighted" };
	struct json_object *object = arena_new(r->arena, struct json_object);
	const struct json_member *supplement;
	struct complaint ignored;

	if (member == NULL || member->kind != JSON_TREE ||
	    !json_object_within(r->text, member, r->arena, object, &ignored))
		return false;
	supplement = json_member_find(object, "supplement_pool_bp");
	r->policy->min_per_recipient = text_is(object, "min_applies_to", "recipient");
	if (supplement != NULL && (!number_of(supplement, &r->policy->supplement_bp) || r->policy->supplement_bp < 0))
		return false;
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		if (!text_is(object, "rule", rules[i]))
			continue;
		r->policy->split = (enum money_split)i;
		return true;
	}
	return false;
}

/* --- the whole ---------------------------------------------------------------------------------- */

static bool read_numbers(const struct json_object *object, struct money_policy *policy)
{
	const struct {
		const char *name;
		int64_t *to;
	} numbers[] = {
		{ .name = "version", .to = &policy->version },	   { .name = "min", .to = &policy->min },
		{ .name = "max", .to = &policy->max },		   { .name = "case_cap", .to = &policy->case_cap },
		{ .name = "round_to", .to = &policy->round_to },   { .name = "per_point", .to = &policy->per_point },
		{ .name = "claim_days", .to = &policy->claim_days }, { .name = "tax_bp", .to = &policy->tax_bp },
		{ .name = "instalments_max", .to = &policy->instalments_max },
	};

	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		if (!number_of(json_member_find(object, numbers[i].name), numbers[i].to) || *numbers[i].to < 0)
			return false;
	return policy->round_to > 0 && policy->min > 0 && policy->min <= policy->max &&
	       policy->tax_bp < MONEY_WHOLE_BP && policy->claim_days <= CLAIM_DAYS_MAX;
}

/* Left out by policies that are content with what has always held. */
static bool read_if_there(const struct json_object *object, const char *name, int64_t least, int64_t most,
			  int64_t otherwise, int64_t *to)
{
	const struct json_member *member = json_member_find(object, name);

	*to = otherwise;
	return member == NULL || (number_of(member, to) && *to >= least && *to <= most);
}

static bool read_waits(const struct json_object *object, struct money_policy *policy)
{
	return read_if_there(object, "payee_cooling_hours", 0, COOLING_HOURS_MAX, COOLING_HOURS, &policy->cooling_hours) &&
	       read_if_there(object, "panel_wait_days", 1, PANEL_DAYS_MAX, PANEL_DAYS, &policy->panel_days) &&
	       read_if_there(object, "release_two_persons_above", 0, INT64_MAX, ALONE_FEN, &policy->alone_fen);
}

static bool read_texts(const struct json_object *object, struct money_policy *policy)
{
	const struct json_member *name = json_member_find(object, "policy");

	if (name == NULL || name->kind != JSON_TEXT || !text_is(object, "round", "half_up") ||
	    !text_is(object, "band_rule", "highest_only") || !text_is(object, "currency", "CNY"))
		return false;
	policy->name = name->text;
	policy->nets_external = text_is(object, "external_award", "net");
	return policy->nets_external || text_is(object, "external_award", "block");
}

bool money_policy_read(struct span text, struct arena *arena, struct money_policy *policy, struct complaint *why)
{
	struct reading r = { .text = text, .arena = arena, .policy = policy };
	struct json_object *object = arena_new(arena, struct json_object);

	*policy = (struct money_policy){ 0 };
	crypto_hash_sha256(policy->hash, (const unsigned char *)text.at, text.len);
	if (!json_object_read(text, arena, object, why))
		return false;
	if (!read_texts(object, policy) || !read_numbers(object, policy) ||
	    !read_named(&r, json_member_find(object, "bands"), false, policy->bands, MONEY_BANDS_MAX, &policy->nbands) ||
	    !read_named(&r, json_member_find(object, "factors"), true, policy->factors, MONEY_FACTORS_MAX,
			&policy->nfactors))
		return complain(why, 0, "its amounts cannot be read");
	if (!read_waits(object, policy))
		return complain(why, 0, "its waits, or its limit of a release, cannot be read");
	if (!read_split(&r, json_member_find(object, "split")) ||
	    !read_excludes(&r, json_member_find(object, "exclude")))
		return complain(why, 0, "its split cannot be read");
	return read_levels(&r, json_member_find(object, "approval_bands")) ||
	       complain(why, 0, "its approval bands cannot be read");
}

size_t money_approvals(const struct money_policy *policy, int64_t total, bool overridden,
		       struct span titles[MONEY_STEPS_MAX])
{
	size_t at = 0, n;

	while (at + 1 < policy->nlevels && total > policy->levels[at].limit)
		at++;
	/* An override goes one level up; above the highest there is one person more. */
	if (overridden && at + 1 < policy->nlevels) {
		at++;
		overridden = false;
	}
	for (n = 0; n < policy->levels[at].n; n++)
		titles[n] = policy->levels[at].titles[n];
	if (overridden && n < MONEY_STEPS_MAX) {
		titles[n] = titles[n - 1];
		n++;
	}
	return n;
}
