/*
 * Who gets how much of a case: the pool, what an award from outside and the
 * case cap leave of it, and the rule that splits it.
 *
 * A minimum and a cap that contradict each other are not weighed here: MANUAL.
 */
#include "daemon/money/policy_parts.h"

#include <assert.h>

/* --- largest remainder ----------------------------------------------------------------------- */

#define AMOUNT_BITS 53

/*
 * total * weight / sum and its rest, bit by bit from the top, because the
 * product needs 106 bits. The rest stays below the sum, which is below 2^58.
 */
static int64_t part_of(int64_t total, int64_t weight, int64_t sum, int64_t *rest)
{
	int64_t part = 0;

	*rest = 0;
	for (int bit = AMOUNT_BITS - 1; bit >= 0; bit--) {
		part *= 2;
		*rest = *rest * 2 + ((total >> bit & 1) != 0 ? weight : 0);
		for (; *rest >= sum; *rest -= sum)
			part++;
	}
	return part;
}

static size_t largest(const int64_t *rests, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		if (rests[i] > rests[best])
			best = i;
	return best;
}

static int64_t sum_of(const int64_t *weights, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		assert(weights[i] >= 0 && weights[i] <= MONEY_MAX);
		sum += weights[i];
	}
	return sum;
}

void policy_divide(int64_t total, const int64_t *weights, size_t n, int64_t *parts)
{
	int64_t rests[POLICY_SHARES_MAX], sum, left = total;

	assert(n > 0 && n <= POLICY_SHARES_MAX && total >= 0 && total <= MONEY_MAX);
	sum = sum_of(weights, n);
	assert(sum > 0);
	for (size_t i = 0; i < n; i++) {
		parts[i] = part_of(total, weights[i], sum, &rests[i]);
		left -= parts[i];
	}
	for (; left > 0; left--) {
		size_t best = largest(rests, n);

		parts[best]++;
		rests[best] = 0;
	}
}

/* --- who takes part ---------------------------------------------------------------------------- */

static bool takes_part(const struct policy_calculation *c, const struct policy_candidate *at)
{
	if (!at->eligible)
		return false;
	if (c->policy->split == POLICY_WEIGHTED)
		return at->tip->weight_bp > 0;
	return at == c->first || (c->policy->split == POLICY_FIRST_PLUS_NEW_FACTS && at->tip->new_facts);
}

/* Before anything can be refused, so that an override finds who it is for. */
static void name_parts(struct policy_calculation *c)
{
	static const struct {
		const char *first, *takes, *none;
	} reasons[POLICY_SPLITS] = {
		[POLICY_FIRST_ONLY] = { .first = "first", .none = "not_first" },
		[POLICY_FIRST_PLUS_NEW_FACTS] = { .first = "first",
						  .takes = "new_facts",
						  .none = "known_already" },
		[POLICY_WEIGHTED] = { .first = "weight", .takes = "weight", .none = "no_weight" },
	};

	for (size_t i = 0; i < c->n; i++) {
		struct policy_candidate *at = &c->at[i];

		at->takes = takes_part(c, at);
		if (at->takes)
			at->reason = at == c->first ? reasons[c->policy->split].first
						    : reasons[c->policy->split].takes;
		else if (at->eligible)
			at->reason = reasons[c->policy->split].none;
	}
}

/* --- the pool --------------------------------------------------------------------------------- */

/* What the rule starts from: the first tip's amount; of weighted tips, which all contributed, the highest. */
static bool pool_amount(struct policy_calculation *c, int64_t *pool)
{
	*pool = 0;
	if (c->policy->split != POLICY_WEIGHTED) {
		if (!policy_amount(c, c->first))
			return false;
		*pool = c->first->amount;
		return true;
	}
	for (size_t i = 0; i < c->n; i++) {
		struct policy_candidate *at = &c->at[i];

		if (!at->takes)
			continue;
		if (!policy_amount(c, at))
			return false;
		*pool = at->amount > *pool ? at->amount : *pool;
	}
	return true;
}

/* An award from outside comes off, and then there is no minimum any more: together it was reached. */
static bool net_external(struct policy_calculation *c, int64_t *pool)
{
	int64_t award = c->facts->external_award;
	int64_t rest = *pool - award;

	policy_step(c, "external_award", NULL);
	policy_step_number(c, "pool", *pool);
	policy_step_number(c, "award", award);
	c->floor = award == 0 && c->policy->min_per_recipient ? c->policy->min : 0;
	*pool = rest;
	return policy_step_end(c, rest > 0 ? NULL : "EXTERNAL_AWARD", rest);
}

/* Only what is left of the case cap can be given; a pool cut below the minimum is for a person to decide. */
static bool cap_pool(struct policy_calculation *c, int64_t *pool)
{
	const char *fault = NULL;
	int64_t capped = *pool > c->left ? c->left : *pool;

	policy_step(c, "case_cap", NULL);
	policy_step_number(c, "pool", *pool);
	policy_step_number(c, "case_cap", c->policy->case_cap);
	policy_step_number(c, "decided_before", c->facts->paid_in_case);
	if (c->left <= 0)
		fault = "CASE_CAP";
	else if (capped < *pool && capped < c->policy->min && c->facts->external_award == 0)
		fault = "MANUAL";
	*pool = capped;
	return policy_step_end(c, fault, capped);
}

/* --- the rules ---------------------------------------------------------------------------------- */

static void give_first(struct policy_calculation *c, int64_t pool)
{
	c->first->fen = pool;
	policy_step(c, "first", c->first->tip);
	policy_step_number(c, "pool", pool);
	policy_step_out_number(c, pool);
}

static bool split_first_only(struct policy_calculation *c, int64_t pool)
{
	give_first(c, pool);
	return true;
}

/* The later tips with new facts, each with its own amount in `wants`; *sum of them. */
static bool later_amounts(struct policy_calculation *c, int64_t wants[POLICY_SHARES_MAX], int64_t *sum)
{
	*sum = 0;
	for (size_t i = 0; i < c->n; i++) {
		struct policy_candidate *at = &c->at[i];

		wants[i] = 0;
		if (!at->takes || at == c->first)
			continue;
		if (!policy_amount(c, at))
			return false;
		wants[i] = at->amount;
		*sum += at->amount;
	}
	return true;
}

/* What there is for all later tips together: a part of the pool, within the case cap. Rounded down. */
static int64_t supplement_pool(struct policy_calculation *c, int64_t pool, int64_t wanted, const char **empty)
{
	int64_t bp = c->policy->supplement_bp;
	int64_t fen = pool / POLICY_BP * bp + pool % POLICY_BP * bp / POLICY_BP;
	int64_t left = c->left - pool;

	*empty = fen == 0 ? "supplement_pool" : "case_cap";
	fen = fen > left ? left : fen;
	fen = fen > wanted ? wanted : fen;
	policy_step(c, "supplement_pool", NULL);
	policy_step_number(c, "pool", pool);
	policy_step_number(c, "supplement_pool_bp", bp);
	policy_step_number(c, "left_of_case_cap", left);
	policy_step_number(c, "wanted", wanted);
	policy_step_out_number(c, fen);
	return fen;
}

/* Hands the supplement out by the tips' own amounts; nobody gets more than that. */
static bool give_supplement(struct policy_calculation *c, const int64_t wants[POLICY_SHARES_MAX], int64_t fen,
			    const char *empty)
{
	int64_t parts[POLICY_SHARES_MAX];
	bool fine = true;

	policy_divide(fen, wants, c->n, parts);
	for (size_t i = 0; i < c->n; i++) {
		struct policy_candidate *at = &c->at[i];

		if (wants[i] == 0)
			continue;
		at->fen = parts[i];
		at->reason = fen == 0 ? empty : at->reason;
		fine = fine && (fen == 0 || parts[i] >= c->floor);
		policy_step(c, "supplement", at->tip);
		policy_step_number(c, "amount", at->amount);
		policy_step_number(c, "minimum", c->floor);
		policy_step_out_number(c, parts[i]);
	}
	return fine || policy_refuse(c, "MANUAL");
}

static bool split_first_plus(struct policy_calculation *c, int64_t pool)
{
	int64_t wants[POLICY_SHARES_MAX] = { 0 }, wanted, fen;
	const char *empty;

	give_first(c, pool);
	if (!later_amounts(c, wants, &wanted))
		return false;
	if (wanted == 0)
		return true;
	fen = supplement_pool(c, pool, wanted, &empty);
	return give_supplement(c, wants, fen, empty);
}

/* A share below the minimum of a recipient is raised to it, as long as all fit into the case cap. */
static bool split_weighted(struct policy_calculation *c, int64_t pool)
{
	int64_t weights[POLICY_SHARES_MAX], parts[POLICY_SHARES_MAX] = { 0 }, total = 0;

	for (size_t i = 0; i < c->n; i++)
		weights[i] = c->at[i].takes ? (int64_t)c->at[i].tip->weight_bp : 0;
	policy_divide(pool, weights, c->n, parts);
	for (size_t i = 0; i < c->n; i++) {
		struct policy_candidate *at = &c->at[i];

		if (!at->takes)
			continue;
		at->fen = parts[i] < c->floor ? c->floor : parts[i];
		total += at->fen;
		policy_step(c, "weight", at->tip);
		policy_step_number(c, "pool", pool);
		policy_step_number(c, "weight_bp", (int64_t)at->tip->weight_bp);
		policy_step_number(c, "part", parts[i]);
		policy_step_number(c, "minimum", c->floor);
		policy_step_out_number(c, at->fen);
	}
	return total <= c->left || policy_refuse(c, "MANUAL");
}

static bool weights_whole(struct policy_calculation *c)
{
	int64_t sum = 0;

	if (c->policy->split != POLICY_WEIGHTED)
		return true;
	for (size_t i = 0; i < c->n; i++)
		sum += c->at[i].eligible ? (int64_t)c->at[i].tip->weight_bp : 0;
	policy_step(c, "weights", NULL);
	policy_step_number(c, "whole", POLICY_BP);
	return policy_step_end(c, sum == POLICY_BP ? NULL : "WEIGHTS", sum);
}

bool policy_split(struct policy_calculation *c)
{
	static bool (*const rules[POLICY_SPLITS])(struct policy_calculation *, int64_t) = {
		[POLICY_FIRST_ONLY] = split_first_only,
		[POLICY_FIRST_PLUS_NEW_FACTS] = split_first_plus,
		[POLICY_WEIGHTED] = split_weighted,
	};
	int64_t pool;

	name_parts(c);
	return weights_whole(c) && pool_amount(c, &pool) && net_external(c, &pool) && cap_pool(c, &pool) &&
	       rules[c->policy->split](c, pool);
}
