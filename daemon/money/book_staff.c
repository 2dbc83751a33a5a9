/*
 * Commands on staff and policies: who is who from when on, and which rules
 * hold. A policy takes two persons: one drafts it, another adopts it.
 */
#include "daemon/money/book_state.h"

/* --- staff ------------------------------------------------------------------------------ */

static bool read_roles(struct plan *plan, struct staff_entry *entry)
{
	size_t n;
	struct span *roles = plan_list(plan, "roles", &n);

	for (size_t i = 0; i < n; i++) {
		unsigned role = staff_role(roles[i]);

		if (role == 0 || role == MONEY_SYSTEM || role == MONEY_CLAIMANT)
			return plan_refuse(plan, 400, "WRONG_FIELD", "roles: not a role of staff");
		entry->roles |= role;
	}
	return true;
}

static bool read_titles(struct plan *plan, struct staff_entry *entry)
{
	size_t n;
	struct span *titles = plan_list(plan, "titles", &n);

	if (n > STAFF_TITLES_MAX)
		return plan_refuse(plan, 400, "WRONG_FIELD", "titles: at most %d", STAFF_TITLES_MAX);
	for (size_t i = 0; i < n; i++) {
		if (titles[i].len >= STAFF_TITLE_MAX)
			return plan_refuse(plan, 400, "WRONG_FIELD", "titles: too long");
		NAME_PUT(entry->titles[i], titles[i]);
	}
	entry->ntitles = n;
	return true;
}

static bool read_names(struct plan *plan, struct staff_entry *entry)
{
	struct span account = plan->command->subject, person = plan_field(plan, "person");

	if (span_empty(account) || account.len >= STAFF_NAME_MAX)
		return plan_refuse(plan, 400, "WRONG_SUBJECT", "which account?");
	if (span_is(account, "system") || span_is(account, "claimant") || span_is(person, "system") ||
	    span_is(person, "claimant"))
		return plan_refuse(plan, 400, "WRONG_FIELD", "this name is taken");
	if (plan_field(plan, "region").len >= STAFF_REGION_MAX)
		return plan_refuse(plan, 400, "WRONG_FIELD", "region: too long");
	NAME_PUT(entry->account, account);
	NAME_PUT(entry->person, person);
	NAME_PUT(entry->deputy_of, plan_field(plan, "deputy_of"));
	NAME_PUT(entry->region, plan_field(plan, "region"));
	return true;
}

bool guard_staff_set(struct plan *plan)
{
	struct staff_entry *entry = arena_new(plan->arena, struct staff_entry);

	entry->from_ms = plan_number(plan, "from");
	entry->until_ms = plan_number(plan, "until");
	entry->seq = plan->seq;
	if (!read_names(plan, entry) || !read_roles(plan, entry) || !read_titles(plan, entry))
		return false;
	/* What was done under a registration was done under it: nothing is set for the past. */
	if (entry->from_ms < plan->now_ms)
		entry->from_ms = plan->now_ms;
	plan_put_number(plan, "since", entry->from_ms);
	if (plan->role == MONEY_ADMIN && same_person(plan, entry->person, entry->deputy_of, plan->now_ms))
		return plan_refuse(plan, 403, "SEPARATION", "nobody registers themselves");
	if (staff_conflict(&plan->book->staff, entry) != 0)
		return plan_refuse(plan, 409, "ROLES_CONFLICT",
				   "auditor, admin and cashier have no other part in money, by any account");
	plan->made = entry;
	return true;
}

void take_staff_set(struct book *book, const struct plan *plan)
{
	staff_add(&book->staff, plan->made);
}

/* --- policies ------------------------------------------------------------------------------ */

bool guard_policy_draft(struct plan *plan)
{
	struct complaint why;
	struct policy *policy = policy_load("policy", plan_field(plan, "text"), &why);
	const struct draft *drafts = plan->book->drafts.at;
	bool fits = true;

	if (policy == NULL)
		return plan_refuse(plan, 400, "WRONG_POLICY", "%.150s", why.text);
	if (strlen(policy_name(policy)) >= PROGRAMME_MAX || strchr(policy_name(policy), '/') != NULL)
		fits = plan_refuse(plan, 400, "WRONG_POLICY", "the name is part of the ledger's: short and without /");
	for (size_t i = 0; fits && i < plan->book->drafts.n; i++)
		if (memcmp(policy_hash(drafts[i].policy), policy_hash(policy), POLICY_HASH_BYTES) == 0)
			fits = plan_refuse(plan, 409, "DRAFTED", "this very text was drafted before");
	if (fits) {
		plan_put_hash(plan, "hash", policy_hash(policy));
		plan_put(plan, "policy", span_of(policy_name(policy)));
		plan_put_number(plan, "version", policy_version(policy));
	}
	policy_free(policy);
	return fits;
}

void take_policy_draft(struct book *book, const struct plan *plan)
{
	struct draft *draft = list_add(&book->drafts, sizeof(*draft));
	struct complaint why;

	/* It was read once already, so it is read again. */
	draft->policy = policy_load("policy", plan_field(plan, "text"), &why);
	memcpy(draft->person, plan->actor.person, sizeof(draft->person));
	memcpy(draft->deputy_of, plan->actor.deputy_of, sizeof(draft->deputy_of));
	draft->at_ms = plan->now_ms;
}

bool guard_policy_adopt(struct plan *plan)
{
	const struct draft *drafts = plan->book->drafts.at;
	const struct policy *policy = plan->draft->policy;
	int64_t from_ms = plan_number(plan, "from");

	if (plan->draft->adopted)
		return plan_refuse(plan, 409, "ADOPTED", "this policy was adopted before");
	for (size_t i = 0; i < plan->book->drafts.n; i++)
		if (drafts[i].adopted && strcmp(policy_name(drafts[i].policy), policy_name(policy)) == 0 &&
		    policy_version(drafts[i].policy) >= policy_version(policy))
			return plan_refuse(plan, 409, "VERSION", "version %u was adopted",
					   policy_version(drafts[i].policy));
	plan_put_number(plan, "since", from_ms > plan->now_ms ? from_ms : plan->now_ms);
	return true;
}

void take_policy_adopt(struct book *book, const struct plan *plan)
{
	int64_t from_ms = plan_number(plan, "from");

	(void)book;
	plan->draft->adopted = true;
	plan->draft->from_ms = from_ms > plan->now_ms ? from_ms : plan->now_ms;
}
