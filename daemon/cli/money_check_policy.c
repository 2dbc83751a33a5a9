/*
 * Policies of the journal: drafted by one person, adopted by another. The text
 * stands in the draft, so the journal alone tells every amount.
 */
#include "daemon/cli/money_check_parts.h"

#include "daemon/base/memory.h"

static struct money_draft *draft_of(struct money_check *check, struct span hash)
{
	unsigned char bytes[MONEY_HASH_BYTES];
	size_t len = 0;

	if (sodium_hex2bin(bytes, sizeof(bytes), hash.at, hash.len, NULL, &len, NULL) != 0 || len != sizeof(bytes))
		return NULL;
	for (size_t i = 0; i < check->drafts.n; i++) {
		struct money_draft *draft = ((struct money_draft **)check->drafts.at)[i];

		if (memcmp(draft->policy.hash, bytes, sizeof(bytes)) == 0)
			return draft;
	}
	return NULL;
}

void money_take_draft(struct money_check *check, struct money_act *act)
{
	struct money_draft *draft = arena_new(&check->store, struct money_draft);
	struct span text = money_keep(check, money_line_text(check->line, "text"));
	struct complaint why = { .text = "" };

	if (!money_policy_read(text, &check->store, &draft->policy, &why)) {
		money_broken(check, MONEY_I11_AMOUNT, "the policy: %.200s", why.text);
		return;
	}
	if (check->has_policies && money_map_get(&check->known_policies, span_from(draft->policy.hash, MONEY_HASH_BYTES),
						 NO_SPAN) == MONEY_MAP_NONE)
		money_broken(check, MONEY_I11_AMOUNT, "the policy is none of those in --policy");
	draft->by.person = money_keep(check, act->actor.person);
	draft->by.deputy_of = money_keep(check, act->actor.deputy_of);
	draft->by.at_ms = check->line->at_ms;
	if (draft_of(check, money_line_text(check->line, "hash")) != NULL)
		money_broken(check, MONEY_I11_AMOUNT, "the policy was drafted before");
	money_list_push(&check->drafts, draft);
	if (draft_of(check, money_line_text(check->line, "hash")) != draft)
		money_broken(check, MONEY_I11_AMOUNT, "the hash is not that of the policy");
}

void money_take_adopt(struct money_check *check, struct money_act *act)
{
	struct money_draft *draft = draft_of(check, check->line->subject);

	if (draft == NULL) {
		money_broken(check, MONEY_I11_AMOUNT, "a policy is adopted that was not drafted");
		return;
	}
	if (money_same_person(check, &act->actor, &draft->by))
		money_broken(check, MONEY_I10_SEPARATION, "a policy is adopted by the one who drafted it");
	if (draft->adopted)
		money_broken(check, MONEY_I12_TRANSITIONS, "the policy was adopted before");
	if (!money_line_number(check->line, "since", &draft->from_ms) || draft->from_ms < check->line->at_ms)
		money_broken(check, MONEY_I11_AMOUNT, "a policy for the past");
	draft->adopted = true;
}

const struct money_policy *money_policy_in_force(struct money_check *check, struct span hash)
{
	struct money_draft *named = draft_of(check, hash);

	if (named == NULL || !named->adopted || named->from_ms > check->line->at_ms) {
		money_broken(check, MONEY_I11_AMOUNT, "the policy it names is not in force");
		return named != NULL ? &named->policy : NULL;
	}
	for (size_t i = 0; i < check->drafts.n; i++) {
		const struct money_draft *other = ((struct money_draft **)check->drafts.at)[i];

		if (other->adopted && other->from_ms <= check->line->at_ms &&
		    span_eq(other->policy.name, named->policy.name) && other->policy.version > named->policy.version)
			money_broken(check, MONEY_I11_AMOUNT, "the policy it names was replaced by version %lld",
				     (long long)other->policy.version);
	}
	return &named->policy;
}
