/*
 * From the facts of a case to shares: eligibility (step 1), amount and split
 * (policy_amount.c, policy_split.c), override (step 8), members of joint tips.
 * The tips are put in order of time first; nothing after depends on the order
 * in which they were named.
 */
#include "daemon/money/policy_parts.h"

#include "daemon/base/hex.h"

#include <assert.h>

#define TIP_ID_MAX 64

/* --- are these facts at all? ------------------------------------------------------------------- */

static bool id_fits(struct span id)
{
	for (size_t i = 0; i < id.len; i++) {
		char ch = id.at[i];

		if (!((ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') ||
		      ch == '-' || ch == '_'))
			return false;
	}
	return id.len > 0 && id.len <= TIP_ID_MAX;
}

static size_t members_of(const struct policy_tip *tip)
{
	return tip->members > 1 ? tip->members : 1;
}

/* Equal shares are all zeroes; else a whole, and nothing for members who are not. */
static bool ratio_fits(const struct policy_tip *tip)
{
	uint64_t sum = 0, beyond = 0;

	for (size_t i = 0; i < POLICY_MEMBERS_MAX; i++)
		*(i < members_of(tip) ? &sum : &beyond) += tip->member_bp[i];
	return beyond == 0 && (sum == 0 || sum == POLICY_BP);
}

static bool amount_fits(int64_t fen)
{
	return fen >= 0 && fen <= MONEY_MAX;
}

static const char *tip_fault(const struct policy_case *facts, size_t index)
{
	const struct policy_tip *tip = &facts->tips[index];

	if (!id_fits(tip->tip) || !amount_fits(tip->decisive_ms) || tip->nbands > POLICY_BANDS_MAX ||
	    tip->nfactors > POLICY_FACTORS_MAX || tip->weight_bp > POLICY_BP ||
	    tip->members > POLICY_MEMBERS_MAX)
		return "BAD_FACTS";
	for (size_t i = 0; i < index; i++)
		if (span_eq(facts->tips[i].tip, tip->tip))
			return "TIP_TWICE";
	return ratio_fits(tip) ? NULL : "MEMBER_RATIO";
}

static const char *facts_fault(const struct policy_case *facts)
{
	size_t shares = 0;
	const char *fault = NULL;

	if (!amount_fits(facts->known_at_ms) || !amount_fits(facts->external_award) ||
	    !amount_fits(facts->paid_in_case) || !amount_fits(facts->override_fen))
		return "BAD_FACTS";
	if (facts->ntips == 0)
		return "TIPS_NONE";
	if (facts->ntips > POLICY_SHARES_MAX)
		return "TIPS_TOO_MANY";
	for (size_t i = 0; i < facts->ntips && fault == NULL; i++) {
		fault = tip_fault(facts, i);
		shares += members_of(&facts->tips[i]);
	}
	return fault == NULL && shares > POLICY_SHARES_MAX ? "TIPS_TOO_MANY" : fault;
}

static bool facts_stand(struct policy_calculation *c)
{
	const char *fault = facts_fault(c->facts);

	policy_step(c, "facts", NULL);
	policy_step_number(c, "tips", (int64_t)c->facts->ntips);
	return policy_step_end(c, fault, (int64_t)c->facts->ntips);
}

/* --- order of time ------------------------------------------------------------------------------ */

static bool before(const struct policy_tip *a, const struct policy_tip *b)
{
	size_t len = a->tip.len < b->tip.len ? a->tip.len : b->tip.len;
	int order;

	if (a->decisive_ms != b->decisive_ms)
		return a->decisive_ms < b->decisive_ms;
	order = memcmp(a->tip.at, b->tip.at, len);
	return order != 0 ? order < 0 : a->tip.len < b->tip.len;
}

static void line_up(struct policy_calculation *c)
{
	for (c->n = 0; c->n < c->facts->ntips; c->n++) {
		const struct policy_tip *tip = &c->facts->tips[c->n];
		size_t to = c->n;

		for (; to > 0 && before(tip, c->at[to - 1].tip); to--)
			c->at[to] = c->at[to - 1];
		c->at[to] = (struct policy_candidate){ .tip = tip };
	}
}

/* --- 1: eligibility ------------------------------------------------------------------------------- */

static const char *exclusion(const struct policy_calculation *c, const struct policy_tip *tip)
{
	int64_t known_at = c->facts->known_at_ms;
	unsigned excludes = c->policy->excludes;

	if (tip->offender && (excludes & POLICY_NO_OFFENDER) != 0)
		return "NOT_ELIGIBLE_OFFENDER";
	if (tip->victim && (excludes & POLICY_NO_VICTIM) != 0)
		return "NOT_ELIGIBLE_VICTIM";
	if (tip->duty && (excludes & POLICY_NO_DUTY) != 0)
		return "NOT_ELIGIBLE_DUTY";
	if (known_at > 0 && tip->decisive_ms >= known_at && !tip->more_detailed)
		return "NOT_ELIGIBLE_KNOWN";
	return NULL;
}

static void judge(struct policy_calculation *c, struct policy_candidate *candidate)
{
	const struct policy_tip *tip = candidate->tip;

	candidate->reason = exclusion(c, tip);
	candidate->eligible = candidate->reason == NULL;
	policy_step(c, "eligibility", tip);
	policy_step_number(c, "decisive_ms", tip->decisive_ms);
	policy_step_number(c, "known_at_ms", c->facts->known_at_ms);
	policy_step_yes(c, "more_detailed", tip->more_detailed);
	policy_step_yes(c, "offender", tip->offender);
	policy_step_yes(c, "victim", tip->victim);
	policy_step_yes(c, "duty", tip->duty);
	policy_step_out(c, candidate->eligible ? "eligible" : candidate->reason);
}

static bool somebody_eligible(struct policy_calculation *c)
{
	for (size_t i = 0; i < c->n; i++) {
		judge(c, &c->at[i]);
		if (c->at[i].eligible && c->first == NULL)
			c->first = &c->at[i];
	}
	return c->first != NULL || policy_refuse(c, c->at[0].reason);
}

static bool outside_allows(struct policy_calculation *c)
{
	if (c->policy->net_external || c->facts->external_award == 0)
		return true;
	policy_step(c, "external_award", NULL);
	policy_step_number(c, "award", c->facts->external_award);
	policy_step_text(c, "rule", SPAN("block"));
	return policy_step_end(c, "EXTERNAL_AWARD", 0);
}

/* --- 8: override ---------------------------------------------------------------------------------- */

/* The weights by which an amount set by hand is handed out: as calculated; of a conflict, all to the one who
 * takes. */
static bool override_weights(const struct policy_calculation *c, int64_t weights[POLICY_SHARES_MAX])
{
	size_t takers = 0;

	for (size_t i = 0; i < c->n; i++) {
		takers += c->at[i].takes;
		weights[i] = c->refused == NULL ? c->at[i].fen : c->at[i].takes;
	}
	return c->refused == NULL || takers == 1;
}

static void set_by_hand(struct policy_calculation *c, const int64_t weights[POLICY_SHARES_MAX])
{
	int64_t parts[POLICY_SHARES_MAX];

	policy_divide(c->facts->override_fen, weights, c->n, parts);
	for (size_t i = 0; i < c->n; i++)
		c->at[i].fen = parts[i];
	c->refused = NULL;
}

/* A refusal stands, but for MANUAL: that one asks for an override. */
static void override(struct policy_calculation *c)
{
	int64_t weights[POLICY_SHARES_MAX];
	const char *fault = NULL;

	if (c->facts->override_fen == 0 || (c->refused != NULL && strcmp(c->refused, "MANUAL") != 0))
		return;
	policy_step(c, "override", NULL);
	policy_step_number(c, "left_of_case_cap", c->left);
	if (c->facts->override_fen > c->left)
		fault = "CASE_CAP";
	else if (!override_weights(c, weights))
		fault = "MANUAL";
	else
		set_by_hand(c, weights);
	if (fault != NULL)
		c->refused = fault;
	(void)policy_step_end(c, fault, c->facts->override_fen);
}

/* --- shares ---------------------------------------------------------------------------------------- */

static void share_out(struct policy_calculation *c, const struct policy_candidate *at,
		      struct policy_result *out)
{
	int64_t weights[POLICY_MEMBERS_MAX], parts[POLICY_MEMBERS_MAX];
	size_t n = members_of(at->tip);
	bool equal = at->tip->member_bp[0] == 0;

	for (size_t i = 1; i < n; i++)
		equal = equal && at->tip->member_bp[i] == 0;
	for (size_t i = 0; i < n; i++)
		weights[i] = equal ? 1 : (int64_t)at->tip->member_bp[i];
	policy_divide(at->fen, weights, n, parts);
	for (size_t i = 0; i < n; i++) {
		out->shares[out->nshares++] = (struct policy_share){
			.tip = at->tip->tip,
			.member = (unsigned)i,
			.fen = parts[i],
			.reason = at->reason,
		};
		policy_step(c, "share", at->tip);
		policy_step_number(c, "member", (int64_t)i);
		policy_step_number(c, "weight", weights[i]);
		policy_step_text(c, "reason", span_of(at->reason));
		policy_step_out_number(c, parts[i]);
	}
	out->total += at->fen;
}

static void finish(struct policy_calculation *c, struct policy_result *out)
{
	out->refused = c->refused;
	for (size_t i = 0; i < c->n && c->refused == NULL; i++)
		share_out(c, &c->at[i], out);
	policy_step(c, "total", NULL);
	policy_step_number(c, "shares", (int64_t)out->nshares);
	if (c->refused == NULL)
		policy_step_out_number(c, out->total);
	else
		policy_step_out(c, c->refused);
}

static void name_policy(struct policy_calculation *c)
{
	char hash[2 * POLICY_HASH_BYTES + 1] = "";

	hex_put(c->policy->hash, POLICY_HASH_BYTES, hash);
	policy_step(c, "policy", NULL);
	policy_step_text(c, "name", span_of(c->policy->name));
	policy_step_number(c, "version", c->policy->version);
	policy_step_out(c, hash);
}

void policy_calculate(const struct policy *policy, const struct policy_case *facts, struct arena *arena,
		      struct policy_result *out)
{
	struct policy_calculation c = { .policy = policy, .facts = facts };

	*out = (struct policy_result){ .refused = NULL };
	c.trace = json_out_to(&c.text);
	json_open(&c.trace, '[');
	name_policy(&c);
	if (facts_stand(&c)) {
		line_up(&c);
		c.left = policy->case_cap - facts->paid_in_case;
		if (somebody_eligible(&c) && outside_allows(&c))
			(void)policy_split(&c);
		override(&c);
	}
	finish(&c, out);
	json_close(&c.trace, ']');
	out->trace = arena_dup(arena, buf_span(&c.text));
	buf_release(&c.text);
}
