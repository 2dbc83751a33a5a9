/*
 * The calculation, written from its rules alone; see money_amount.h.
 *
 * All in 128 bits, so that no step can overflow; what leaves the range of
 * amounts is refused. Tips are ranked by time, then id; parts of a whole go by
 * largest remainder, ties to the lower rank.
 */
#include "daemon/cli/money_amount.h"

#include "daemon/base/money.h"

#include <string.h>

__extension__ typedef __int128 wide;

struct sum {
	const struct money_policy *policy;
	const struct money_facts *facts;
	size_t rank[MONEY_TIPS_MAX];       /* places in the facts, earliest first */
	bool eligible[MONEY_TIPS_MAX];     /* by rank, as all below */
	int64_t own[MONEY_TIPS_MAX];       /* by its own bands and points */
	int64_t gets[MONEY_TIPS_MAX];
	bool shares[MONEY_TIPS_MAX];       /* takes part in what is given */
	size_t n, first;
	int64_t left;                      /* of the case cap */
	const char *refused;
};

static bool refuse(struct sum *s, const char *code)
{
	s->refused = code;
	return false;
}

static const struct money_tip *tip_at(const struct sum *s, size_t rank)
{
	return &s->facts->tips[s->rank[rank]];
}

/* --- parts of a whole ---------------------------------------------------------------------- */

static void divide(int64_t whole, const int64_t *weights, size_t n, int64_t *parts)
{
	wide rest[MONEY_TIPS_MAX] = { 0 }, sum = 0;
	int64_t given = 0;

	for (size_t i = 0; i < n; i++)
		sum += weights[i];
	for (size_t i = 0; i < n; i++) {
		parts[i] = sum > 0 ? (int64_t)((wide)whole * weights[i] / sum) : 0;
		rest[i] = sum > 0 ? (wide)whole * weights[i] % sum : 0;
		given += parts[i];
	}
	while (sum > 0 && given < whole) {
		size_t most = 0;

		for (size_t i = 1; i < n; i++)
			most = rest[i] > rest[most] ? i : most;
		parts[most]++;
		rest[most] = -1;
		given++;
	}
}

/* --- 1: who is eligible -------------------------------------------------------------------- */

static bool earlier(const struct money_tip *a, const struct money_tip *b)
{
	size_t len = a->id.len < b->id.len ? a->id.len : b->id.len;
	int order = memcmp(a->id.at, b->id.at, len);

	if (a->decisive_ms != b->decisive_ms)
		return a->decisive_ms < b->decisive_ms;
	return order < 0 || (order == 0 && a->id.len < b->id.len);
}

static void rank(struct sum *s)
{
	for (size_t i = 0; i < s->n; i++) {
		size_t before = 0;

		for (size_t k = 0; k < s->n; k++)
			before += earlier(&s->facts->tips[k], &s->facts->tips[i]);
		s->rank[before] = i;
	}
}

static const char *exclusion(const struct sum *s, const struct money_tip *tip)
{
	if (tip->offender && s->policy->excludes_offender)
		return "NOT_ELIGIBLE_OFFENDER";
	if (tip->victim && s->policy->excludes_victim)
		return "NOT_ELIGIBLE_VICTIM";
	if (tip->duty && s->policy->excludes_duty)
		return "NOT_ELIGIBLE_DUTY";
	return money_tip_known_before(tip, s->facts->known_at_ms) ? "NOT_ELIGIBLE_KNOWN" : NULL;
}

static bool find_eligible(struct sum *s)
{
	s->first = s->n;
	for (size_t i = s->n; i > 0; i--) {
		s->eligible[i - 1] = exclusion(s, tip_at(s, i - 1)) == NULL;
		if (s->eligible[i - 1])
			s->first = i - 1;
	}
	if (s->first == s->n)
		return refuse(s, exclusion(s, tip_at(s, 0)));
	return s->facts->external_fen == 0 || s->policy->nets_external || refuse(s, "EXTERNAL_AWARD");
}

/* --- 2 to 6: what a tip is worth by itself ---------------------------------------------------- */

static const struct money_named *find(const struct money_named *named, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(named[i].name, name))
			return &named[i];
	return NULL;
}

static bool highest_band(struct sum *s, const struct money_tip *tip, int64_t *fen)
{
	*fen = 0;
	for (size_t i = 0; i < tip->nbands; i++) {
		const struct money_named *band = find(s->policy->bands, s->policy->nbands, tip->bands[i]);

		if (band == NULL)
			return refuse(s, "BAND_UNKNOWN");
		for (size_t k = 0; k < i; k++)
			if (span_eq(tip->bands[k], tip->bands[i]))
				return refuse(s, "BAND_TWICE");
		*fen = band->most > *fen ? band->most : *fen;
	}
	return tip->nbands > 0 || refuse(s, "BAND_NONE");
}

static bool sum_points(struct sum *s, const struct money_tip *tip, int64_t *points)
{
	*points = 0;
	for (size_t i = 0; i < tip->npoints; i++) {
		const struct money_named *range = find(s->policy->factors, s->policy->nfactors, tip->points[i].name);

		if (range == NULL)
			return refuse(s, "FACTOR_UNKNOWN");
		if (tip->points[i].most < range->least || tip->points[i].most > range->most)
			return refuse(s, "FACTOR_RANGE");
		*points += tip->points[i].most;
	}
	return true;
}

static bool own_amount(struct sum *s, size_t at)
{
	const struct money_policy *policy = s->policy;
	int64_t band, points;
	wide raw, steps;

	if (!highest_band(s, tip_at(s, at), &band) || !sum_points(s, tip_at(s, at), &points))
		return false;
	raw = (wide)band + (wide)policy->per_point * points;
	if (raw > MONEY_MAX || raw < -MONEY_MAX)
		return refuse(s, "OVERFLOW");
	steps = raw < 0 ? 0 : (2 * raw + policy->round_to) / (2 * (wide)policy->round_to);
	raw = steps * policy->round_to;
	if (raw > MONEY_MAX)
		return refuse(s, "OVERFLOW");
	raw = raw < policy->min ? policy->min : raw;
	s->own[at] = (int64_t)(raw > policy->max ? policy->max : raw);
	return true;
}

/* --- 7: who gets how much ------------------------------------------------------------------------ */

/* The least a recipient gets; what came from elsewhere counts towards it. */
static int64_t floor_of(const struct sum *s)
{
	return s->policy->min_per_recipient && s->facts->external_fen == 0 ? s->policy->min : 0;
}

/* Who takes part, whatever comes of it: an amount set by hand is for them. */
static bool takes_part(const struct sum *s, size_t at)
{
	if (!s->eligible[at])
		return false;
	if (s->policy->split == MONEY_WEIGHTED)
		return tip_at(s, at)->weight_bp > 0;
	return at == s->first || (s->policy->split == MONEY_FIRST_PLUS && tip_at(s, at)->new_facts);
}

static bool find_pool(struct sum *s, int64_t *pool)
{
	*pool = 0;
	for (size_t i = 0; i < s->n; i++) {
		s->shares[i] = takes_part(s, i);
		if (!s->shares[i] || (s->policy->split != MONEY_WEIGHTED && i != s->first))
			continue;
		if (!own_amount(s, i))
			return false;
		*pool = s->own[i] > *pool ? s->own[i] : *pool;
	}
	*pool -= s->facts->external_fen;
	if (*pool <= 0)
		return refuse(s, "EXTERNAL_AWARD");
	if (s->left <= 0)
		return refuse(s, "CASE_CAP");
	if (*pool > s->left && s->left < s->policy->min && s->facts->external_fen == 0)
		return refuse(s, "MANUAL");
	*pool = *pool > s->left ? s->left : *pool;
	return true;
}

static bool give_supplement(struct sum *s, int64_t pool)
{
	int64_t wants[MONEY_TIPS_MAX] = { 0 }, parts[MONEY_TIPS_MAX];
	wide wanted = 0, fen = (wide)pool * s->policy->supplement_bp / MONEY_WHOLE_BP;

	for (size_t i = 0; i < s->n; i++) {
		if (!s->shares[i] || i == s->first)
			continue;
		if (!own_amount(s, i))
			return false;
		wants[i] = s->own[i];
		wanted += wants[i];
	}
	fen = fen > s->left - pool ? s->left - pool : fen;
	fen = fen > wanted ? wanted : fen;
	divide((int64_t)fen, wants, s->n, parts);
	for (size_t i = 0; i < s->n; i++) {
		if (wants[i] == 0)
			continue;
		s->gets[i] = parts[i];
		if (fen > 0 && parts[i] < floor_of(s))
			return refuse(s, "MANUAL");
	}
	return true;
}

static bool split_weights(struct sum *s, int64_t pool)
{
	int64_t weights[MONEY_TIPS_MAX] = { 0 };
	wide total = 0;

	for (size_t i = 0; i < s->n; i++)
		weights[i] = s->shares[i] ? tip_at(s, i)->weight_bp : 0;
	divide(pool, weights, s->n, s->gets);
	for (size_t i = 0; i < s->n; i++) {
		if (s->shares[i] && s->gets[i] < floor_of(s))
			s->gets[i] = floor_of(s);
		total += s->gets[i];
	}
	return total <= s->left || refuse(s, "MANUAL");
}

static bool weights_whole(struct sum *s)
{
	int64_t sum = 0;

	for (size_t i = 0; i < s->n; i++)
		sum += s->eligible[i] ? tip_at(s, i)->weight_bp : 0;
	return s->policy->split != MONEY_WEIGHTED || sum == MONEY_WHOLE_BP || refuse(s, "WEIGHTS");
}

static bool split(struct sum *s)
{
	int64_t pool;

	if (!weights_whole(s) || !find_pool(s, &pool))
		return false;
	if (s->policy->split == MONEY_WEIGHTED)
		return split_weights(s, pool);
	s->gets[s->first] = pool;
	return s->policy->split == MONEY_FIRST_ONLY || give_supplement(s, pool);
}

/* --- 8: set by hand -------------------------------------------------------------------------------- */

/* Handed out as it was calculated; where nothing could be calculated, to the only one there is. */
static void override(struct sum *s)
{
	int64_t weights[MONEY_TIPS_MAX] = { 0 };
	bool manual = s->refused != NULL && strcmp(s->refused, "MANUAL") == 0;
	size_t takers = 0;

	if (s->facts->override_fen == 0 || (s->refused != NULL && !manual))
		return;
	if (s->facts->override_fen > s->left) {
		s->refused = "CASE_CAP";
		return;
	}
	for (size_t i = 0; i < s->n; i++) {
		takers += s->shares[i];
		weights[i] = manual ? s->shares[i] : s->gets[i];
	}
	if (manual && takers != 1)
		return;
	s->refused = NULL;
	divide(s->facts->override_fen, weights, s->n, s->gets);
}

/* --- members of a joint tip ------------------------------------------------------------------------ */

static bool members_whole(struct sum *s, const struct money_tip *tip)
{
	size_t n = tip->members > 1 ? (size_t)tip->members : 1;
	int64_t sum = 0;

	for (size_t i = 0; i < tip->nratio; i++)
		sum += tip->ratio[i];
	return (sum == 0 || (sum == MONEY_WHOLE_BP && tip->nratio <= n)) || refuse(s, "MEMBER_RATIO");
}

static void share_out(const struct sum *s, size_t at, struct money_amounts *out)
{
	const struct money_tip *tip = tip_at(s, at);
	int64_t weights[MONEY_MEMBERS_MAX] = { 0 }, sum = 0;
	size_t n = tip->members > 1 ? (size_t)tip->members : 1;

	for (size_t i = 0; i < tip->nratio; i++)
		sum += tip->ratio[i];
	for (size_t i = 0; i < n; i++)
		weights[i] = sum == 0 ? 1 : i < tip->nratio ? tip->ratio[i] : 0;
	divide(s->gets[at], weights, n, out->fen[s->rank[at]]);
	out->total += s->gets[at];
}

static bool facts_stand(struct sum *s)
{
	if (s->n == 0 || s->n > MONEY_TIPS_MAX)
		return refuse(s, s->n == 0 ? "TIPS_NONE" : "TIPS_TOO_MANY");
	for (size_t i = 0; i < s->n; i++) {
		for (size_t k = 0; k < i; k++)
			if (span_eq(s->facts->tips[i].id, s->facts->tips[k].id))
				return refuse(s, "TIP_TWICE");
		if (!members_whole(s, &s->facts->tips[i]))
			return false;
	}
	return true;
}

void money_amounts_of(const struct money_policy *policy, const struct money_facts *facts, struct money_amounts *out)
{
	struct sum s = { .policy = policy, .facts = facts, .n = facts->ntips,
			 .left = policy->case_cap - facts->decided_fen };

	*out = (struct money_amounts){ 0 };
	if (facts_stand(&s)) {
		rank(&s);
		if (find_eligible(&s))
			(void)split(&s);
		override(&s);
	}
	out->refused = s.refused;
	for (size_t i = 0; i < s.n && s.refused == NULL; i++)
		share_out(&s, i, out);
}
