/*
 * Cases as the verifiers recorded them, and proposals: the amount calculated
 * a second time (I11), caps (I15), who knew first (I19).
 */
#include "daemon/cli/money_check_parts.h"

#include "daemon/base/memory.h"

__extension__ typedef __int128 wide;

/* --- tips ------------------------------------------------------------------------------------ */

/* The tips of a list of lines, in the store; NULL when one cannot be read. */
static struct money_tip *read_tips(struct money_check *check, const char *name, size_t *n)
{
	struct span lines[MONEY_TIPS_MAX];
	int count = money_line_list(check->line, name, &check->arena, lines, MONEY_TIPS_MAX);
	struct money_tip *tips = arena_array(&check->store, struct money_tip, count > 0 ? (size_t)count : 1);

	*n = 0;
	for (int i = 0; i < count; i++)
		if (!money_tip_read(money_keep(check, lines[i]), &tips[i]))
			return NULL;
	*n = count > 0 ? (size_t)count : 0;
	return count > 0 ? tips : NULL;
}

static const struct money_tip *tip_of(const struct money_tip *tips, size_t n, struct span id)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(tips[i].id, id))
			return &tips[i];
	return NULL;
}

/* --- case.verified ----------------------------------------------------------------------------- */

static struct money_case *case_of(struct money_check *check, struct span id)
{
	size_t index = money_map_get(&check->by_case, id, NO_SPAN);
	struct money_case *kase;

	if (index != MONEY_MAP_NONE)
		return money_case_at(check, index);
	kase = memory_zeroes(1, sizeof(*kase));
	kase->id = money_keep(check, id);
	kase->bureau = money_keep(check, money_line_text(check->line, "bureau"));
	money_map_add(&check->by_case, id, NO_SPAN, check->cases.n);
	money_list_push(&check->cases, kase);
	return kase;
}

/* Nobody who proposed a reward of it verifies it anew, nor who took one of its tips in. */
static void check_verifier(struct money_check *check, const struct money_act *act, const struct money_case *kase)
{
	money_staff_region(check, act->staff, kase->bureau);
	money_staff_apart(check, &act->actor, &kase->did, MONEY_PART_INTAKE, 0);
	for (size_t i = 0; i < kase->ntips; i++) {
		struct money_actor intake = { .person = kase->tips[i].intake, .deputy_of = NO_SPAN };

		if (money_same_person(check, &act->actor, &intake))
			money_broken(check, MONEY_I10_SEPARATION, "a case verified by the one who took a tip of it in");
	}
}

static void note_verifier(struct money_check *check, struct money_act *act, struct money_case *kase)
{
	bool detailed = false;

	for (size_t i = 0; i < kase->ntips; i++) {
		struct money_actor intake = { .person = kase->tips[i].intake, .deputy_of = NO_SPAN };

		detailed = detailed || kase->tips[i].more_detailed;
		if (!span_empty(intake.person))
			money_staff_did(&kase->did, &intake, MONEY_PART_INTAKE, 0);
	}
	if (act->staff != NULL)
		money_staff_did(&kase->did, &act->actor, MONEY_PART_VERIFIER, 0);
	if (!detailed)
		return;
	money_vote_needed(check, act);
	if (act->vote == NULL)
		money_broken(check, MONEY_I19_KNOWN, "told in more detail, but one person alone says so");
	else
		money_staff_did(&kase->did, &act->vote->who, MONEY_PART_VERIFIER, 0);
}

void money_take_case(struct money_check *check, struct money_act *act)
{
	struct money_case *kase = case_of(check, check->line->subject);
	size_t n;
	struct money_tip *tips = read_tips(check, "tips", &n);

	if (tips == NULL) {
		money_broken(check, MONEY_I11_AMOUNT, "its tips cannot be read");
		return;
	}
	if (!span_eq(kase->bureau, money_line_text(check->line, "bureau")))
		money_broken(check, MONEY_I15_CAPS, "the case is with another bureau");
	kase->tips = tips;
	kase->ntips = n;
	kase->known_at_ms = 0;
	(void)money_line_number(check->line, "known_at", &kase->known_at_ms);
	check_verifier(check, act, kase);
	note_verifier(check, act, kase);
}

/* --- a proposal ---------------------------------------------------------------------------------- */

static bool same_bands(const struct money_tip *a, const struct money_tip *b)
{
	for (size_t i = 0; i < a->nbands && a->nbands == b->nbands; i++)
		if (!span_eq(a->bands[i], b->bands[i]))
			return false;
	return a->nbands == b->nbands;
}

static bool same_members(const struct money_tip *a, const struct money_tip *b)
{
	for (size_t i = 0; i < MONEY_MEMBERS_MAX; i++)
		if (a->ratio[i] != b->ratio[i])
			return false;
	return a->members == b->members;
}

/* What the verifier recorded, and nothing else but points and weights. */
static bool same_facts(const struct money_tip *a, const struct money_tip *b)
{
	return a->decisive_ms == b->decisive_ms && same_bands(a, b) && same_members(a, b) &&
	       a->new_facts == b->new_facts && a->more_detailed == b->more_detailed && a->offender == b->offender &&
	       a->victim == b->victim && a->duty == b->duty;
}

static void check_facts(struct money_check *check, const struct money_reward *reward, int64_t known_at)
{
	const struct money_case *kase = money_case_at(check, reward->kase);

	if (kase->ntips != reward->ntips || kase->known_at_ms != known_at)
		money_broken(check, MONEY_I11_AMOUNT, "the facts are not those of the verified case");
	for (size_t i = 0; i < reward->ntips; i++) {
		const struct money_tip *tip = tip_of(kase->tips, kase->ntips, reward->tips[i].id);

		if (tip == NULL || !same_facts(tip, &reward->tips[i]))
			money_broken(check, MONEY_I11_AMOUNT, "what it says of tip %.*s was not verified so",
				     (int)reward->tips[i].id.len, reward->tips[i].id.at);
	}
}

/* What the case has given, or may still give, to others than `except`: of what was taken back, what was paid. */
static int64_t decided(struct money_check *check, const struct money_case *kase, const struct money_reward *except,
		       bool other_tips_alone)
{
	int64_t sum = 0;

	for (size_t i = 0; i < kase->rewards.n; i++) {
		const struct money_reward *other = money_reward_at(check, ((size_t *)kase->rewards.at)[i]);
		int64_t fen = money_reward_counts(other) ? other->fen : other->state == MONEY_REVERSED ? 0 : other->paid;

		if (other != except && !(other_tips_alone && tip_of(except->tips, except->ntips, other->tip) != NULL))
			(void)money_add(sum, fen, &sum);
	}
	return sum;
}

static void check_caps(struct money_check *check, const struct money_reward *reward)
{
	const struct money_case *kase = money_case_at(check, reward->kase);
	int64_t sum = decided(check, kase, reward, false);

	for (size_t i = 0; i < kase->rewards.n; i++) {
		const struct money_reward *other = money_reward_at(check, ((size_t *)kase->rewards.at)[i]);

		if (other != reward && money_reward_counts(other) && span_eq(other->claimant, reward->claimant))
			money_broken(check, MONEY_I15_CAPS, "%.*s is for the same case and claimant", (int)other->id.len,
				     other->id.at);
		if (other != reward && money_reward_counts(other) && span_eq(other->tip, reward->tip) &&
		    other->member == reward->member)
			money_broken(check, MONEY_I15_CAPS, "%.*s is for the same share of the tip", (int)other->id.len,
				     other->id.at);
	}
	if (reward->policy == NULL)
		return;
	if (reward->fen > reward->policy->max && !reward->overridden)
		money_broken(check, MONEY_I15_CAPS, "%lld fen are above the maximum of a recipient", (long long)reward->fen);
	if (!money_add(sum, reward->fen, &sum) || sum > reward->policy->case_cap)
		money_broken(check, MONEY_I15_CAPS, "with it %lld fen are given in the case, above its cap", (long long)sum);
}

static int64_t share_of(const struct money_reward *reward, const struct money_amounts *amounts)
{
	for (size_t i = 0; i < reward->ntips; i++)
		if (span_eq(reward->tips[i].id, reward->tip))
			return reward->member < MONEY_MEMBERS_MAX ? amounts->fen[i][reward->member] : 0;
	return 0;
}

static void check_amount(struct money_check *check, const struct money_reward *reward, const struct money_facts *facts)
{
	struct money_amounts *amounts = arena_new(&check->arena, struct money_amounts);
	int64_t tax;

	money_amounts_of(reward->policy, facts, amounts);
	if (amounts->refused != NULL) {
		money_broken(check, MONEY_I11_AMOUNT, "the policy gives no amount: %s", amounts->refused);
		return;
	}
	if (share_of(reward, amounts) != reward->fen || reward->fen == 0)
		money_broken(check, MONEY_I11_AMOUNT, "%lld fen, the policy gives %lld", (long long)reward->fen,
			     (long long)share_of(reward, amounts));
	tax = (int64_t)(((wide)2 * reward->fen * reward->policy->tax_bp + MONEY_WHOLE_BP) / (2 * MONEY_WHOLE_BP));
	if (tax != reward->tax_fen)
		money_broken(check, MONEY_I11_AMOUNT, "%lld fen of tax, the policy takes %lld", (long long)reward->tax_fen,
			     (long long)tax);
}

void money_proposal_look(struct money_check *check, struct money_reward *reward)
{
	const struct money_line *line = check->line;
	const struct money_tip *tip = tip_of(reward->tips, reward->ntips, reward->tip);
	struct money_facts facts = { .tips = reward->tips, .ntips = reward->ntips };

	(void)money_line_number(line, "known_at", &facts.known_at_ms);
	(void)money_fen(check, "external_award", &facts.external_fen);
	(void)money_fen(check, "paid_in_case", &facts.decided_fen);
	(void)money_fen(check, "override_fen", &facts.override_fen);
	check_facts(check, reward, facts.known_at_ms);
	if (facts.decided_fen != decided(check, money_case_at(check, reward->kase), reward, true))
		money_broken(check, MONEY_I11_AMOUNT, "in the case %lld fen were decided for others, not %lld",
			     (long long)decided(check, money_case_at(check, reward->kase), reward, true),
			     (long long)facts.decided_fen);
	if (facts.override_fen > 0 && span_empty(money_line_text(line, "override_reason")))
		money_broken(check, MONEY_I11_AMOUNT, "an override without a reason");
	if (tip == NULL || money_tip_known_before(tip, facts.known_at_ms))
		money_broken(check, MONEY_I19_KNOWN, "the police knew before the tip came");
	if (reward->policy != NULL)
		check_amount(check, reward, &facts);
	check_caps(check, reward);
}

void money_still_eligible(struct money_check *check, const struct money_reward *reward)
{
	const struct money_case *kase = reward->kase != MONEY_MAP_NONE ? money_case_at(check, reward->kase) : NULL;
	const struct money_tip *tip = kase != NULL ? tip_of(kase->tips, kase->ntips, reward->tip) : NULL;

	if (tip == NULL || reward->policy == NULL)
		return;
	if ((tip->offender && reward->policy->excludes_offender) || (tip->victim && reward->policy->excludes_victim) ||
	    (tip->duty && reward->policy->excludes_duty))
		money_broken(check, MONEY_I11_AMOUNT, "the informant is excluded by now");
	if (money_tip_known_before(tip, kase->known_at_ms))
		money_broken(check, MONEY_I19_KNOWN, "the police knew before the tip came, as recorded since");
}

/* --- reward.propose ---------------------------------------------------------------------------------- */

static void read_proposal(struct money_check *check, struct money_reward *reward)
{
	const struct money_line *line = check->line;

	reward->id = money_keep(check, line->subject);
	reward->case_id = money_keep(check, money_line_text(line, "case"));
	reward->claimant = money_keep(check, money_line_text(line, "claimant"));
	reward->tip = money_keep(check, money_line_text(line, "tip"));
	reward->bureau = money_keep(check, money_line_text(line, "bureau"));
	reward->programme = money_keep(check, money_line_text(line, "programme"));
	reward->kase = money_map_get(&check->by_case, reward->case_id, NO_SPAN);
	reward->overridden = money_line_has(line, "override_fen");
	(void)money_line_number(line, "member", &reward->member);
	if (!money_fen(check, "fen", &reward->fen) || !money_fen(check, "tax", &reward->tax_fen) ||
	    reward->tax_fen >= reward->fen)
		money_broken(check, MONEY_I11_AMOUNT, "there is no amount");
	reward->policy = money_policy_in_force(check, money_line_text(line, "policy"));
	if (reward->policy != NULL && !span_eq(reward->policy->name, reward->programme))
		money_broken(check, MONEY_I11_AMOUNT, "the policy it names is of another programme");
	reward->tips = read_tips(check, "facts", &reward->ntips);
}

/* What is approved later is this very text. */
static void set_substance(struct money_check *check, struct money_reward *reward)
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)reward->id.at, reward->id.len);
	crypto_hash_sha256_update(&state, (const unsigned char *)check->line->data_text.at, check->line->data_text.len);
	crypto_hash_sha256_final(&state, reward->substance);
}

static void check_proposer(struct money_check *check, struct money_act *act, struct money_reward *reward)
{
	if (act->staff != NULL) {
		money_staff_region(check, act->staff, reward->bureau);
		money_staff_did(&reward->did, &act->actor, MONEY_PART_PROPOSER, 0);
	}
	if (!span_is(reward->id, arena_printf(&check->arena, "R%llu", (unsigned long long)check->seq)))
		money_broken(check, MONEY_I12_TRANSITIONS, "a reward is named by the number of its proposal");
	if (!span_is(money_line_text(check->line, "to"), "DRAFT"))
		money_broken(check, MONEY_I12_TRANSITIONS, "a proposal is a draft");
}

void money_take_propose(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = memory_zeroes(1, sizeof(*reward));

	read_proposal(check, reward);
	set_substance(check, reward);
	check_proposer(check, act, reward);
	reward->last_seq = check->seq;
	reward->next_of_claimant = money_map_get(&check->by_claimant, reward->claimant, NO_SPAN);
	money_map_set(&check->by_claimant, reward->claimant, NO_SPAN, check->rewards.n);
	if (!money_map_add(&check->by_reward, reward->id, NO_SPAN, check->rewards.n))
		money_broken(check, MONEY_I12_TRANSITIONS, "the reward is there already");
	money_list_push(&check->rewards, reward);
	if (reward->kase == MONEY_MAP_NONE) {
		money_broken(check, MONEY_I12_TRANSITIONS, "its case was not verified");
		return;
	}
	*(size_t *)money_list_add(&money_case_at(check, reward->kase)->rewards, sizeof(size_t)) = check->rewards.n - 1;
	if (reward->tips == NULL)
		money_broken(check, MONEY_I11_AMOUNT, "its facts cannot be read");
	else
		money_proposal_look(check, reward);
}
