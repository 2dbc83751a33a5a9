/*
 * The score as the outcomes would have it; see score_report_propose.h.
 */
#include "daemon/core/score/score_report_propose.h"

#include "daemon/core/score/score_report_fit.h"

#include <math.h>

/* The rules that are fitted, by their place in the report. */
struct fitted {
	uint16_t *places;
	size_t n;
};

static struct fitted choose(const struct score_report *report, struct arena *arena)
{
	struct fitted fitted = { .places = arena_array(arena, uint16_t, report->nrules + 1) };

	for (size_t i = 0; i < report->nrules; i++)
		if (report->rules[i].advice == REPORT_ADVICE)
			fitted.places[fitted.n++] = (uint16_t)i;
	return fitted;
}

static struct fit_case *make_cases(const struct patterns *patterns, const struct fitted *fitted,
				   struct arena *arena)
{
	struct fit_case *cases = arena_array(arena, struct fit_case, patterns->n + 1);
	uint16_t *marks = arena_array(arena, uint16_t, fitted->n + 1);

	for (size_t i = 0; i < patterns->n; i++) {
		const struct pattern *p = &patterns->at[i];
		size_t n = 0;
		uint16_t *own;

		for (size_t k = 0; k < fitted->n; k++)
			if (pattern_has(p->rules, fitted->places[k]))
				marks[n++] = (uint16_t)k;
		own = arena_array(arena, uint16_t, n + 1);
		memcpy(own, marks, n * sizeof(*own));
		cases[i] = (struct fit_case){
			.marks = own, .nmarks = n, .good = (double)p->good, .bad = (double)p->bad
		};
	}
	return cases;
}

/* How far the sums of these weights lie apart over the tips: their standard deviation. */
static double spread(const struct fit_case *cases, size_t n, const double *weights)
{
	double all = 0, sum = 0, squares = 0, mean;

	for (size_t i = 0; i < n; i++) {
		double count = cases[i].good + cases[i].bad, total = 0;

		for (size_t k = 0; k < cases[i].nmarks; k++)
			total += weights[cases[i].marks[k]];
		all += count;
		sum += count * total;
		squares += count * total * total;
	}
	mean = all > 0 ? sum / all : 0;
	return all > 0 && squares / all > mean * mean ? sqrt(squares / all - mean * mean) : 0;
}

static int rounded(double points)
{
	double whole = floor(points + 0.5);

	if (whole > RULE_POINTS_MAX)
		return RULE_POINTS_MAX;
	return whole < -RULE_POINTS_MAX ? -RULE_POINTS_MAX : (int)whole;
}

/*
 * Fits the cases and gives each fitted rule's points. A unit of log-odds is so
 * many points that the sums lie as far apart as with the present points: the
 * bands keep their meaning.
 */
static double fit_points(const struct score_report *report, const struct fitted *fitted,
			 const struct fit_case *cases, size_t n, struct arena *arena, struct fit *fit)
{
	double *present = arena_array(arena, double, fitted->n + 1);
	double spread_fit, spread_present;

	for (size_t k = 0; k < fitted->n; k++)
		present[k] = report->rules[fitted->places[k]].rule->points;
	fit_logistic(cases, n, fitted->n, arena, fit);
	spread_fit = spread(cases, n, fit->weights);
	spread_present = spread(cases, n, present);
	return spread_fit > 1e-9 ? spread_present / spread_fit : 0;
}

/* Every second tip of a pattern, so that both halves are alike. */
static struct patterns half_of(const struct patterns *patterns, bool second, struct arena *arena)
{
	struct patterns half = { .at = arena_array(arena, struct pattern, patterns->n + 1),
				 .n = patterns->n };
	bool odd_good = second, odd_bad = !second;

	for (size_t i = 0; i < patterns->n; i++) {
		const struct pattern *p = &patterns->at[i];

		half.at[i] = *p;
		half.at[i].good = (p->good + odd_good) / 2;
		half.at[i].bad = (p->bad + odd_bad) / 2;
		odd_good ^= p->good % 2 == 1;
		odd_bad ^= p->bad % 2 == 1;
	}
	return half;
}

static void points_of(const struct score_report *report, const struct fitted *fitted, const struct fit *fit,
		      double scale, int *points)
{
	for (size_t i = 0; i < report->nrules; i++)
		points[i] = report->rules[i].rule != NULL ? report->rules[i].rule->points : 0;
	for (size_t k = 0; k < fitted->n; k++)
		points[fitted->places[k]] = rounded(scale * fit->weights[k]);
}

/* Each half is sorted by the points made from the other; the counts of both add up. */
static struct area area_of_proposed(const struct score_report *report, const struct patterns *patterns,
				    const struct fitted *fitted, struct arena *arena)
{
	int *points = arena_array(arena, int, report->nrules + 1);
	struct curve curve = { 0 };

	for (int second = 0; second < 2; second++) {
		struct patterns made_from = half_of(patterns, second == 0, arena);
		struct patterns tried_on = half_of(patterns, second == 1, arena);
		struct fit fit;
		double scale = fit_points(report, fitted, make_cases(&made_from, fitted, arena), made_from.n,
					  arena, &fit);

		points_of(report, fitted, &fit, scale, points);
		patterns_add_up(report, points, &tried_on);
		for (size_t i = 0; i < tried_on.n; i++)
			pattern_count(&tried_on.at[i], pattern_sum(&tried_on.at[i], 0, 0), &curve);
	}
	return area_under(&curve);
}

void score_report_propose(const struct patterns *patterns, struct arena *arena, struct score_report *out)
{
	struct fitted fitted = choose(out, arena);
	struct fit fit;
	double scale;

	if (fitted.n == 0)
		return;
	scale = fit_points(out, &fitted, make_cases(patterns, &fitted, arena), patterns->n, arena, &fit);
	for (size_t k = 0; k < fitted.n; k++) {
		struct report_rule *rule = &out->rules[fitted.places[k]];

		rule->exact = scale * fit.weights[k];
		rule->error = scale * fit.errors[k];
		rule->proposed = rounded(rule->exact);
	}
	out->by_proposed = area_of_proposed(out, patterns, &fitted, arena);
}
