/*
 * The amount of one tip by itself, steps 2 to 6: the highest band that
 * applies, points by factor, raw amount, rounding, clamp.
 */
#include "daemon/money/policy_parts.h"

/* --- 2: the highest band, never a sum ------------------------------------------------------- */

static const struct policy_band *band_find(const struct policy *policy, struct span name)
{
	for (size_t i = 0; i < policy->nbands; i++)
		if (span_is(name, policy->bands[i].name))
			return &policy->bands[i];
	return NULL;
}

/* What is wrong with a band of the tip, or NULL. */
static const char *band_fault(const struct policy *policy, const struct policy_tip *tip, size_t index)
{
	if (band_find(policy, tip->bands[index]) == NULL)
		return "BAND_UNKNOWN";
	for (size_t i = 0; i < index; i++)
		if (span_eq(tip->bands[i], tip->bands[index]))
			return "BAND_TWICE";
	return NULL;
}

static bool highest_band(struct policy_calculation *c, const struct policy_tip *tip, int64_t *fen)
{
	const char *fault = tip->nbands == 0 ? "BAND_NONE" : NULL;

	*fen = 0;
	policy_step(c, "band", tip);
	json_open_member(&c->trace, "bands", '{');
	for (size_t i = 0; i < tip->nbands && fault == NULL; i++) {
		const struct policy_band *band = band_find(c->policy, tip->bands[i]);

		fault = band_fault(c->policy, tip, i);
		if (fault != NULL)
			break;
		policy_step_number(c, band->name, band->fen);
		*fen = band->fen > *fen ? band->fen : *fen;
	}
	json_close(&c->trace, '}');
	return policy_step_end(c, fault, *fen);
}

/* --- 3: points ---------------------------------------------------------------------------------- */

static const struct policy_range *range_find(const struct policy *policy, struct span name)
{
	for (size_t i = 0; i < policy->nfactors; i++)
		if (span_is(name, policy->factors[i].name))
			return &policy->factors[i];
	return NULL;
}

static bool named_before(const struct policy_tip *tip, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (span_eq(tip->factors[i].name, tip->factors[index].name))
			return true;
	return false;
}

/* What is wrong with a factor of the tip, or NULL. */
static const char *factor_fault(const struct policy *policy, const struct policy_tip *tip, size_t index)
{
	const struct policy_factor *factor = &tip->factors[index];
	const struct policy_range *range = range_find(policy, factor->name);

	if (range == NULL)
		return "FACTOR_UNKNOWN";
	if (named_before(tip, index))
		return "FACTOR_TWICE";
	return factor->points < range->least || factor->points > range->most ? "FACTOR_RANGE" : NULL;
}

static bool sum_points(struct policy_calculation *c, const struct policy_tip *tip, int64_t *points)
{
	const char *fault = NULL;

	*points = 0;
	policy_step(c, "points", tip);
	json_open_member(&c->trace, "factors", '{');
	for (size_t i = 0; i < tip->nfactors && fault == NULL; i++) {
		fault = factor_fault(c->policy, tip, i);
		if (fault != NULL)
			break;
		policy_step_number(c, range_find(c->policy, tip->factors[i].name)->name,
				   tip->factors[i].points);
		*points += tip->factors[i].points;
	}
	json_close(&c->trace, '}');
	return policy_step_end(c, fault, *points);
}

/* --- 4 to 6: raw, round, clamp --------------------------------------------------------------------- */

static bool raw_amount(struct policy_calculation *c, const struct policy_tip *tip, int64_t band,
		       int64_t points, int64_t *raw)
{
	int64_t bonus;
	bool fits = money_multiply(c->policy->per_point, points, &bonus) && money_add(band, bonus, raw);

	policy_step(c, "raw", tip);
	policy_step_number(c, "band", band);
	policy_step_number(c, "per_point", c->policy->per_point);
	policy_step_number(c, "points", points);
	return policy_step_end(c, fits ? NULL : "OVERFLOW", fits ? *raw : 0);
}

static bool round_amount(struct policy_calculation *c, const struct policy_tip *tip, int64_t raw,
			 int64_t *rounded)
{
	int64_t steps;
	bool fits = money_scale(raw, 1, c->policy->round_to, &steps) &&
		    money_multiply(steps, c->policy->round_to, rounded);

	policy_step(c, "round", tip);
	policy_step_number(c, "raw", raw);
	policy_step_number(c, "round_to", c->policy->round_to);
	policy_step_text(c, "round", SPAN("half_up"));
	return policy_step_end(c, fits ? NULL : "OVERFLOW", fits ? *rounded : 0);
}

static int64_t clamp_amount(struct policy_calculation *c, const struct policy_tip *tip, int64_t rounded)
{
	const struct policy *policy = c->policy;
	int64_t fen = rounded < policy->min ? policy->min : rounded;

	fen = fen > policy->max ? policy->max : fen;
	policy_step(c, "clamp", tip);
	policy_step_number(c, "rounded", rounded);
	policy_step_number(c, "min", policy->min);
	policy_step_number(c, "max", policy->max);
	policy_step_text(c, "clamped", span_of(fen == rounded ? "no" : fen > rounded ? "min" : "max"));
	policy_step_out_number(c, fen);
	return fen;
}

bool policy_amount(struct policy_calculation *c, struct policy_candidate *candidate)
{
	int64_t band = 0, points = 0, raw = 0, rounded = 0;

	if (!highest_band(c, candidate->tip, &band) || !sum_points(c, candidate->tip, &points) ||
	    !raw_amount(c, candidate->tip, band, points, &raw) ||
	    !round_amount(c, candidate->tip, raw, &rounded))
		return false;
	candidate->amount = clamp_amount(c, candidate->tip, rounded);
	return true;
}
