/*
 * A loaded policy: what it says of itself, and who has to approve an amount.
 * Loading is policy_load.c, calculating policy_calculate.c.
 */
#include "daemon/money/policy_parts.h"

#include <assert.h>
#include <stdlib.h>

#define THURSDAY 4   /* 1970-01-01; Sunday is 0 */

const char *const policy_split_names[POLICY_SPLITS] = {
	[POLICY_FIRST_ONLY] = "first_only",
	[POLICY_FIRST_PLUS_NEW_FACTS] = "first_plus_new_facts",
	[POLICY_WEIGHTED] = "weighted",
};

void policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	policy_public_release(&policy->public_title);
	policy_public_release(&policy->public_text);
	free((char *)(uintptr_t)policy->bytes.at);
	free(policy);
}

const char *policy_name(const struct policy *policy)
{
	return policy->name;
}

unsigned policy_version(const struct policy *policy)
{
	return (unsigned)policy->version;
}

const char *policy_effective_from(const struct policy *policy)
{
	return policy->effective_from;
}

const unsigned char *policy_hash(const struct policy *policy)
{
	return policy->hash;
}

struct span policy_bytes(const struct policy *policy)
{
	return policy->bytes;
}

unsigned policy_claim_days(const struct policy *policy)
{
	return (unsigned)policy->claim_days;
}

unsigned policy_tax_bp(const struct policy *policy)
{
	return (unsigned)policy->tax_bp;
}

unsigned policy_instalments_max(const struct policy *policy)
{
	return (unsigned)policy->instalments_max;
}

unsigned policy_payee_cooling_hours(const struct policy *policy)
{
	return (unsigned)policy->payee_cooling_hours;
}

unsigned policy_panel_wait_days(const struct policy *policy)
{
	return (unsigned)policy->panel_wait_days;
}

int64_t policy_release_two_persons_above(const struct policy *policy)
{
	return policy->release_two_persons_above;
}

bool policy_is_weekend(int64_t day)
{
	int64_t weekday = (day + THURSDAY) % 7;

	return weekday == 0 || weekday == 6;
}

static unsigned listed(const struct policy_days *days, int64_t after, int64_t to)
{
	unsigned n = 0;

	for (size_t i = 0; i < days->n; i++)
		n += days->at[i] > after && days->at[i] <= to;
	return n;
}

unsigned policy_working_days(const struct policy *policy, int64_t after, int64_t to)
{
	int64_t weeks = to > after ? (to - after) / 7 : 0;
	unsigned days = (unsigned)(5 * weeks);

	for (int64_t day = after + 7 * weeks + 1; day <= to; day++)
		days += !policy_is_weekend(day);
	return days + listed(&policy->workdays, after, to) - listed(&policy->holidays, after, to);
}

int64_t policy_min(const struct policy *policy)
{
	return policy->min;
}

int64_t policy_max(const struct policy *policy)
{
	return policy->max;
}

int64_t policy_case_cap(const struct policy *policy)
{
	return policy->case_cap;
}

const char *policy_split_rule(const struct policy *policy)
{
	return policy_split_names[policy->split];
}

/* The last level has no limit, so one fits. */
static const struct policy_level *level_of(const struct policy *policy, int64_t case_total)
{
	const struct policy_level *level = policy->levels;

	while (case_total > level->limit)
		level++;
	return level;
}

int64_t policy_approval_limit(const struct policy *policy, int64_t case_total)
{
	return level_of(policy, case_total)->limit;
}

/* That each level has room for one more is seen when it is loaded. */
size_t policy_approvals(const struct policy *policy, int64_t case_total, bool overridden,
			const char *titles[POLICY_STEPS_MAX])
{
	const struct policy_level *level = level_of(policy, case_total);
	const struct policy_level *last = &policy->levels[policy->nlevels - 1];
	bool one_more;
	size_t n;

	one_more = overridden && level == last;
	if (overridden && level != last)
		level++;
	for (n = 0; n < level->n; n++)
		titles[n] = level->titles[n];
	if (one_more) {
		assert(n > 0 && n < POLICY_STEPS_MAX);
		titles[n] = level->titles[n - 1];
		n++;
	}
	return n;
}
