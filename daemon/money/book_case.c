/*
 * A verified case, and the proposal of a reward for one of its tips. The
 * amount is always the calculator's, on what the verifier recorded and the
 * points the proposer gave; what a person sets by hand is an override, told as
 * such.
 */
#include "daemon/base/memory.h"
#include "daemon/money/book_state.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

/* --- case.verified ------------------------------------------------------------------------ */

struct verified {
	struct policy_tip tips[POLICY_SHARES_MAX];
	struct span intake[POLICY_SHARES_MAX];
	size_t ntips;
};

static bool same_bureau(struct plan *plan)
{
	struct span bureau = plan_field(plan, "bureau");

	if (bureau.len >= BUREAU_MAX || !span_digits(bureau))
		return plan_refuse(plan, 400, "WRONG_FIELD", "bureau: a division code");
	if (plan->command->subject.len >= CASE_ID_MAX)
		return plan_refuse(plan, 400, "WRONG_SUBJECT", "the case id is too long");
	if (!staff_covers(&plan->actor, bureau))
		return plan_refuse(plan, 403, "REGION", "this bureau is outside of the person's region");
	if (plan->kase != NULL && !span_is(bureau, plan->kase->bureau))
		return plan_refuse(plan, 409, "CASE_ELSEWHERE", "this case is with bureau %s", plan->kase->bureau);
	return true;
}

/* What was paid for or is being decided stays among the facts. */
static bool keeps_tips(struct plan *plan, const struct verified *verified)
{
	size_t index = plan->kase != NULL ? plan->kase->first_reward : NO_INDEX;

	for (; index != NO_INDEX; index = dossier_at(plan->book, index)->next_in_case) {
		const struct dossier *dossier = dossier_at(plan->book, index);
		bool there = !dossier_counts(dossier);

		for (size_t i = 0; i < verified->ntips && !there; i++)
			there = span_is(verified->tips[i].tip, dossier->is.tip);
		if (!there)
			return plan_refuse(plan, 409, "TIP_NEEDED", "%s is about tip %s", dossier->is.id,
					   dossier->is.tip);
	}
	return true;
}

static bool self_taken(const struct plan *plan, const struct verified *verified)
{
	char person[STAFF_NAME_MAX];

	for (size_t i = 0; i < verified->ntips; i++) {
		NAME_PUT(person, verified->intake[i]);
		if (person[0] != '\0' && same_person(plan, person, "", 0))
			return true;
	}
	return false;
}

bool guard_case_verified(struct plan *plan)
{
	struct verified *verified = arena_new(plan->arena, struct verified);

	plan->made = verified;
	if (!same_bureau(plan) || !facts_tips(plan, "tips", verified->tips, verified->intake, &verified->ntips) ||
	    !keeps_tips(plan, verified))
		return false;
	if (self_taken(plan, verified))
		return plan_refuse(plan, 403, "SEPARATION", "this person took the tip in");
	/* Known already, but told in more detail: a second verifier signs. */
	for (size_t i = 0; i < verified->ntips; i++)
		if (verified->tips[i].more_detailed)
			plan->persons = 2;
	if (plan->persons == 2 && !plan_given(plan, "reason"))
		return plan_refuse(plan, 400, "MISSING_FIELD", "reason: why it was more detailed");
	return true;
}

static struct book_case *case_open(struct book *book, const struct plan *plan)
{
	struct book_case *kase;
	unsigned char mark[MARK_BYTES];

	if (plan->kase != NULL)
		return plan->kase;
	kase = memory_zeroes(1, sizeof(*kase));
	kase->first_reward = NO_INDEX;
	NAME_PUT(kase->id, plan->command->subject);
	NAME_PUT(kase->bureau, plan_field(plan, "bureau"));
	*(struct book_case **)list_add(&book->cases, sizeof(struct book_case *)) = kase;
	name_mark("case", plan->command->subject, mark);
	mark_map_set(&book->by_case, mark, book->cases.n - 1);
	return kase;
}

static void add_part(struct book *book, struct book_case *kase, const struct staff_act *by, unsigned did)
{
	for (const struct part *part = kase->parts; part != NULL; part = part->next)
		if (part->did == did && part->at_ms == by->at_ms && strcmp(part->person, by->person) == 0 &&
		    strcmp(part->deputy_of, by->deputy_of) == 0)
			return;
	kase->parts = part_new(&book->store, kase->parts, by, did, 0);
}

static void add_intake(struct book *book, struct book_case *kase, struct span intake)
{
	char person[STAFF_NAME_MAX];
	const struct staff_act by = { .person = person, .deputy_of = "" };

	NAME_PUT(person, intake);
	if (person[0] != '\0')
		add_part(book, kase, &by, PART_INTAKE);
}

void take_case_verified(struct book *book, const struct plan *plan)
{
	const struct verified *verified = plan->made;
	struct book_case *kase = case_open(book, plan);
	const struct staff_act by = plan_act(plan);

	kase->tips = facts_keep(&book->store, verified->tips, verified->ntips);
	kase->ntips = verified->ntips;
	kase->known_at_ms = plan_number(plan, "known_at");
	add_part(book, kase, &by, PART_VERIFIER);
	if (plan->vote != NULL)
		add_part(book, kase, &(struct staff_act){ .person = plan->vote->person, .deputy_of = plan->vote->deputy_of,
					      .at_ms = plan->vote->at_ms }, PART_VERIFIER);
	for (size_t i = 0; i < verified->ntips; i++)
		add_intake(book, kase, verified->intake[i]);
}

/* --- what a tip of a case comes to ---------------------------------------------------------- */

/* What a reward gives or may still give; of one that was taken back, what had been paid of it. */
static int64_t given_by(const struct dossier *dossier)
{
	if (dossier_counts(dossier))
		return dossier->is.fen;
	return dossier->is.state == REWARD_REVERSED ? 0 : dossier->is.paid_fen;
}

/* Decided for other tips of the case: what this calculation does not share out itself. */
static int64_t decided_for_others(const struct plan *plan, const struct policy_tip *tips, size_t n)
{
	int64_t sum = 0;

	for (size_t at = plan->kase->first_reward; at != NO_INDEX; at = dossier_at(plan->book, at)->next_in_case) {
		const struct dossier *dossier = dossier_at(plan->book, at);
		bool shared = false;

		for (size_t i = 0; i < n; i++)
			shared = shared || span_is(tips[i].tip, dossier->is.tip);
		if (!shared)
			sum += given_by(dossier);
	}
	return sum;
}

static int64_t decided_in_case(const struct plan *plan)
{
	int64_t sum = 0;

	for (size_t at = plan->kase->first_reward; at != NO_INDEX; at = dossier_at(plan->book, at)->next_in_case)
		if (dossier_at(plan->book, at) != plan->dossier)
			sum += given_by(dossier_at(plan->book, at));
	return sum;
}

static const struct policy_share *share_of(const struct policy_result *result, struct span tip, unsigned member)
{
	for (size_t i = 0; i < result->nshares; i++)
		if (span_eq(result->shares[i].tip, tip) && result->shares[i].member == member)
			return &result->shares[i];
	return NULL;
}

/* What was recorded since of who the informant is, and of when the police knew, holds for the tips of the proposal too. */
static void bring_up_to_date(struct policy_tip *tips, size_t n, const struct book_case *kase)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < kase->ntips; j++) {
			if (!span_eq(tips[i].tip, kase->tips[j].tip))
				continue;
			tips[i].offender = kase->tips[j].offender;
			tips[i].victim = kase->tips[j].victim;
			tips[i].duty = kase->tips[j].duty;
			tips[i].more_detailed = kase->tips[j].more_detailed;
			tips[i].decisive_ms = kase->tips[j].decisive_ms;
		}
}

bool case_still_eligible(struct plan *plan)
{
	const struct dossier *dossier = plan->dossier;
	struct policy_tip *tips = facts_keep(plan->arena, dossier->tips, dossier->ntips);
	struct policy_case facts = { .tips = tips, .ntips = dossier->ntips,
				     .known_at_ms = plan->kase->known_at_ms,
				     .external_award = dossier->external_fen };
	struct policy_result *result = arena_new(plan->arena, struct policy_result);
	const struct policy_share *share;

	bring_up_to_date(tips, dossier->ntips, plan->kase);
	policy_calculate(dossier->policy, &facts, plan->arena, result);
	if (result->refused != NULL && strncmp(result->refused, "NOT_ELIGIBLE", 12) == 0)
		return plan_refuse(plan, 409, result->refused, "the case was recorded anew since");
	share = result->refused == NULL ? share_of(result, span_of(dossier->is.tip), 0) : NULL;
	if (share != NULL && strncmp(share->reason, "NOT_ELIGIBLE", 12) == 0)
		return plan_refuse(plan, 409, share->reason, "the case was recorded anew since");
	return true;
}

/* --- reward.propose --------------------------------------------------------------------------- */

struct proposal {
	struct policy_tip *tips;
	size_t ntips;
	const struct policy *policy;
	struct policy_result result;
	unsigned member;
	int64_t fen, tax_fen;
};

static bool find_case(struct plan *plan)
{
	plan->kase = case_find(plan->book, plan_field(plan, "case"));
	if (plan->kase == NULL)
		return plan_refuse(plan, 409, "NOT_VERIFIED", "no case of that id was recorded as verified");
	/* Only now it is known whose bureau it is and who had a part in it. */
	return plan_apart(plan);
}

static bool find_policy(struct plan *plan, struct proposal *proposal)
{
	const struct draft *draft = draft_in_force(plan->book, plan_field(plan, "programme"), plan->now_ms);

	if (draft == NULL)
		return plan_refuse(plan, 409, "NO_POLICY", "no policy of that name is in force");
	proposal->policy = draft->policy;
	return true;
}

/* One reward per case and claimant, and per share of a tip. */
static bool is_alone(struct plan *plan, const struct proposal *proposal)
{
	struct span claimant = plan_field(plan, "claimant"), tip = plan_field(plan, "tip");

	for (size_t at = plan->kase->first_reward; at != NO_INDEX; at = dossier_at(plan->book, at)->next_in_case) {
		const struct dossier *dossier = dossier_at(plan->book, at);
		bool same_share = span_is(tip, dossier->is.tip) && dossier->member == proposal->member;

		if (dossier_counts(dossier) && (span_is(claimant, dossier->is.claimant) || same_share))
			return plan_refuse(plan, 409, "REWARD_EXISTS", "%s is for the same case and claimant",
					   dossier->is.id);
	}
	return true;
}

static bool calculate(struct plan *plan, struct proposal *proposal)
{
	struct policy_case facts = { .known_at_ms = plan->kase->known_at_ms,
				     .external_award = plan_number(plan, "external_award"),
				     .override_fen = plan_number(plan, "override_fen") };

	proposal->tips = facts_keep(plan->arena, plan->kase->tips, plan->kase->ntips);
	proposal->ntips = plan->kase->ntips;
	if (!facts_factors(plan, "factors", proposal->tips, proposal->ntips))
		return false;
	facts.tips = proposal->tips;
	facts.ntips = proposal->ntips;
	facts.paid_in_case = decided_for_others(plan, proposal->tips, proposal->ntips);
	policy_calculate(proposal->policy, &facts, plan->arena, &proposal->result);
	if (proposal->result.refused != NULL)
		return plan_refuse(plan, 409, proposal->result.refused, "the policy gives no amount for this case");
	plan_put_number(plan, "paid_in_case", facts.paid_in_case);
	return true;
}

static bool take_share(struct plan *plan, struct proposal *proposal)
{
	const struct policy_share *share =
		share_of(&proposal->result, plan_field(plan, "tip"), proposal->member);
	int64_t sum;

	if (share == NULL)
		return plan_refuse(plan, 400, "WRONG_FIELD", "tip: not a tip, or not a member, of this case");
	if (share->fen == 0)
		return plan_refuse(plan, 409, "NO_SHARE", "nothing for this tip: %s", share->reason);
	proposal->fen = share->fen;
	if (!money_add(decided_in_case(plan), share->fen, &sum) || sum > policy_case_cap(proposal->policy))
		return plan_refuse(plan, 409, "CASE_CAP", "more than the cap of the case together with others");
	return money_scale(share->fen, policy_tax_bp(proposal->policy), POLICY_BP, &proposal->tax_fen);
}

static void put_proposal(struct plan *plan, const struct proposal *proposal)
{
	plan_put_hash(plan, "policy", policy_hash(proposal->policy));
	plan_put(plan, "bureau", span_of(plan->kase->bureau));
	facts_put(plan, "facts", proposal->tips, proposal->ntips);
	plan_put_number(plan, "known_at", plan->kase->known_at_ms);
	plan_put(plan, "trace", proposal->result.trace);
	plan_put_number(plan, "fen", proposal->fen);
	plan_put_number(plan, "tax", proposal->tax_fen);
	plan_put(plan, "to", span_of(reward_state_name(REWARD_DRAFT)));
}

static bool is_overridden_whole(struct plan *plan)
{
	return plan_given(plan, "override_fen") == plan_given(plan, "override_reason") ||
	       plan_refuse(plan, 400, "MISSING_FIELD", "an override has an amount and a reason");
}

bool guard_propose(struct plan *plan)
{
	struct proposal *proposal = arena_new(plan->arena, struct proposal);

	plan->made = proposal;
	proposal->member = (unsigned)plan_number(plan, "member");
	if (plan_number(plan, "member") >= POLICY_MEMBERS_MAX || plan_field(plan, "tip").len >= 16)
		return plan_refuse(plan, 400, "WRONG_FIELD", "tip or member: there is no such one");
	if (!find_case(plan) || !find_policy(plan, proposal) || !is_overridden_whole(plan) ||
	    !is_alone(plan, proposal) || !calculate(plan, proposal) || !take_share(plan, proposal))
		return false;
	put_proposal(plan, proposal);
	return true;
}

/* What is approved: everything the proposal says. */
static void set_substance(const struct plan *plan, struct dossier *dossier)
{
	struct span data = plan_data(plan);
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)dossier->is.id, strlen(dossier->is.id));
	crypto_hash_sha256_update(&state, (const unsigned char *)data.at, data.len);
	crypto_hash_sha256_final(&state, dossier->substance);
}

static void set_reward(const struct plan *plan, const struct proposal *proposal, struct book_reward *reward)
{
	*reward = (struct book_reward){ .state = REWARD_DRAFT, .fen = proposal->fen, .tax_fen = proposal->tax_fen,
					.first_seq = plan->seq, .last_seq = plan->seq };
	NAME_PUT(reward->id, span_of(plan->subject));
	NAME_PUT(reward->case_id, span_of(plan->kase->id));
	NAME_PUT(reward->tip, plan_field(plan, "tip"));
	NAME_PUT(reward->claimant, plan_field(plan, "claimant"));
	fiscal_name(reward->book, plan->kase->bureau, policy_name(proposal->policy), plan->now_ms);
	memcpy(reward->policy, policy_hash(proposal->policy), sizeof(reward->policy));
}

static void link_dossier(struct book *book, struct dossier *dossier, struct book_case *kase)
{
	unsigned char mark[MARK_BYTES];

	dossier->index = book->dossiers.n;
	dossier->next_in_case = kase->first_reward;
	kase->first_reward = dossier->index;
	dossier->next_of_claimant = claimant_first(book, dossier->is.claimant);
	name_mark("claimant", span_of(dossier->is.claimant), mark);
	mark_map_set(&book->by_claimant, mark, dossier->index);
	*(struct dossier **)list_add(&book->dossiers, sizeof(struct dossier *)) = dossier;
	*(int64_t *)list_add(&book->due, sizeof(int64_t)) = INT64_MAX;
}

void take_propose(struct book *book, const struct plan *plan)
{
	const struct proposal *proposal = plan->made;
	const struct staff_act by = plan_act(plan);
	struct dossier *dossier = memory_zeroes(1, sizeof(*dossier));

	set_reward(plan, proposal, &dossier->is);
	dossier->policy = proposal->policy;
	dossier->tips = facts_keep(&book->store, proposal->tips, proposal->ntips);
	dossier->ntips = proposal->ntips;
	dossier->member = proposal->member;
	dossier->external_fen = plan_number(plan, "external_award");
	dossier->override_fen = plan_number(plan, "override_fen");
	NAME_PUT(dossier->bureau, span_of(plan->kase->bureau));
	NAME_PUT(dossier->programme, span_of(policy_name(proposal->policy)));
	set_substance(plan, dossier);
	dossier->parts = part_new(&book->store, NULL, &by, PART_PROPOSER, 0);
	link_dossier(book, dossier, plan->kase);
}
