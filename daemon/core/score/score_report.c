/*
 * The report; see score_report.h.
 *
 * Names of the journal become numbers of the report's own order, tips with the
 * same rules and points become one pattern with two counts, and all figures
 * are made from the sorted patterns: nothing depends on who came first.
 */
#include "daemon/core/score/score_report.h"

#include "daemon/core/score/score.h"
#include "daemon/core/score/score_report_patterns.h"
#include "daemon/core/score/score_report_propose.h"

#include <stdlib.h>

/* --- rules in their order ---------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct report_rule *x = a, *y = b;
	size_t common = x->name.len < y->name.len ? x->name.len : y->name.len;
	int order = common > 0 ? memcmp(x->name.at, y->name.at, common) : 0;

	return order != 0 ? order : (x->name.len > y->name.len) - (x->name.len < y->name.len);
}

/* Rules of the files first; of the journal's names those that are nowhere else. */
static void list_rules(const struct outcomes *outcomes, const struct rules *rules, struct arena *arena,
		       struct score_report *out)
{
	size_t n = rules_count(rules), files;

	out->rules = arena_array(arena, struct report_rule, n + outcomes->nnames);
	for (size_t i = 0; i < n; i++) {
		const struct rule *rule = rules_at(rules, i);

		out->rules[out->nrules++] = (struct report_rule){ .name = rule->name, .rule = rule };
	}
	files = out->nrules;
	for (size_t i = 0; i < outcomes->nnames; i++)
		if (report_place(out, outcomes->names[i]) == out->nrules)
			out->rules[out->nrules++] =
				(struct report_rule){ .name = arena_dup(arena, outcomes->names[i]) };
	qsort(out->rules + files, out->nrules - files, sizeof(*out->rules), by_name);
	/* More than the table of marks holds is more than anybody reads. */
	if (out->nrules > OUTCOME_RULES_MAX)
		out->nrules = OUTCOME_RULES_MAX;
}

/* --- the score as it is ------------------------------------------------------------------- */

static void add_range(const struct patterns *patterns, struct report_range *range)
{
	uint64_t good = 0, bad = 0;

	for (size_t i = 0; i < patterns->n; i++) {
		const struct pattern *p = &patterns->at[i];

		if (p->points < range->from || p->points > range->to)
			continue;
		good += p->good;
		bad += p->bad;
	}
	range->share = share_of(good, good + bad);
}

static void add_ranges(const struct patterns *patterns, struct score_report *out)
{
	for (unsigned points = 0; points <= SCORE_MAX; points++) {
		struct report_range *band = &out->bands[priority_of(points)];

		band->from =
			points == 0 || priority_of(points - 1) != priority_of(points) ? points : band->from;
		band->to = points;
	}
	for (size_t i = 0; i < REPORT_BANDS; i++)
		add_range(patterns, &out->bands[i]);
	for (unsigned i = 0; i < REPORT_TENS; i++) {
		unsigned from = 10 * (REPORT_TENS - 1 - i);

		out->tens[i] = (struct report_range){ .from = from, .to = i == 0 ? SCORE_MAX : from + 9 };
		add_range(patterns, &out->tens[i]);
	}
}

static struct area area_of_points(const struct patterns *patterns)
{
	struct curve curve = { 0 };

	for (size_t i = 0; i < patterns->n; i++) {
		curve.good[patterns->at[i].points] += patterns->at[i].good;
		curve.bad[patterns->at[i].points] += patterns->at[i].bad;
	}
	return area_under(&curve);
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t median_delay(const struct outcomes *outcomes, struct arena *arena)
{
	int64_t *delays = arena_array(arena, int64_t, outcomes->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < outcomes->n; i++)
		if (outcomes->at[i].delay_ms >= 0)
			delays[n++] = outcomes->at[i].delay_ms;
	if (n == 0)
		return -1;
	qsort(delays, n, sizeof(*delays), by_number);
	return n % 2 == 1 ? delays[n / 2] : delays[n / 2 - 1] + (delays[n / 2] - delays[n / 2 - 1]) / 2;
}

/* --- the score as the rules make it ---------------------------------------------------------- */

/* Points of each rule of the report; what is not in the files has none. */
static int *present_points(const struct score_report *report, struct arena *arena)
{
	int *points = arena_array(arena, int, report->nrules + 1);

	for (size_t i = 0; i < report->nrules; i++)
		points[i] = report->rules[i].rule != NULL ? report->rules[i].rule->points : 0;
	return points;
}

static struct area area_of_rules(const struct patterns *patterns)
{
	struct curve curve = { 0 };

	for (size_t k = 0; k < patterns->n; k++)
		pattern_count(&patterns->at[k], pattern_sum(&patterns->at[k], 0, 0), &curve);
	return area_under(&curve);
}

static struct area area_without(const struct score_report *report, const struct patterns *patterns, size_t i,
				int points)
{
	bool context = report_about_others(&report->rules[i]);
	struct curve curve = { 0 };

	for (size_t k = 0; k < patterns->n; k++) {
		const struct pattern *p = &patterns->at[k];
		int less = pattern_has(p->rules, i) ? points : 0;

		pattern_count(p, pattern_sum(p, context ? 0 : less, context ? less : 0), &curve);
	}
	return area_under(&curve);
}

static void count_rule(const struct patterns *patterns, size_t i, struct report_rule *rule, struct share all)
{
	uint64_t good = 0, n = 0;

	for (size_t k = 0; k < patterns->n; k++) {
		if (!pattern_has(patterns->at[k].rules, i))
			continue;
		good += patterns->at[k].good;
		n += patterns->at[k].good + patterns->at[k].bad;
	}
	rule->with = share_of(good, n);
	rule->without = share_of(all.good - good, all.n - n);
	rule->lift = n > 0 && all.good > 0 ? rule->with.value / all.value : 0;
}

static enum report_advice advice_on(const struct report_rule *rule, struct share all)
{
	if (span_is(rule->name, SCORE_LEARNED))
		return REPORT_NOT_FIXED;
	if (rule->rule == NULL)
		return REPORT_NO_RULE;
	if (rule->with.n < REPORT_FEW || rule->without.n < REPORT_FEW || all.good < REPORT_FEW ||
	    all.n - all.good < REPORT_FEW)
		return REPORT_TOO_FEW;
	return REPORT_ADVICE;
}

static void count_rules(struct patterns *patterns, const int *points, struct score_report *out)
{
	patterns_add_up(out, points, patterns);
	out->by_rules = area_of_rules(patterns);
	for (size_t i = 0; i < out->nrules; i++) {
		struct report_rule *rule = &out->rules[i];

		count_rule(patterns, i, rule, out->all);
		rule->advice = advice_on(rule, out->all);
		if (points[i] != 0 && rule->with.n > 0)
			rule->adds = out->by_rules.value - area_without(out, patterns, i, points[i]).value;
	}
}

/* --- by region ------------------------------------------------------------------------------------ */

struct placed {
	char region[7];
	unsigned points;
	bool good;
};

static int by_region(const void *a, const void *b)
{
	return strcmp(((const struct placed *)a)->region, ((const struct placed *)b)->region);
}

static struct report_group group_of(const struct placed *rows, size_t n)
{
	struct report_group group = { 0 };
	struct curve curve = { 0 };
	uint64_t good = 0;

	memcpy(group.region, rows->region, sizeof(group.region));
	for (size_t i = 0; i < n; i++) {
		good += rows[i].good;
		(rows[i].good ? curve.good : curve.bad)[rows[i].points]++;
	}
	group.share = share_of(good, n);
	group.area = area_under(&curve);
	return group;
}

static void add_groups(const struct outcomes *outcomes, size_t digits, struct arena *arena,
		       struct score_report *out)
{
	struct placed *rows = arena_array(arena, struct placed, outcomes->n + 1);
	size_t from = 0;

	out->groups = arena_array(arena, struct report_group, outcomes->n + 1);
	for (size_t i = 0; i < outcomes->n; i++) {
		rows[i] = (struct placed){ .points = outcomes->at[i].points, .good = outcomes->at[i].good };
		memcpy(rows[i].region, outcomes->at[i].region, digits < 6 ? digits : 6);
	}
	qsort(rows, outcomes->n, sizeof(*rows), by_region);
	for (size_t i = 1; i <= outcomes->n; i++) {
		if (i < outcomes->n && by_region(&rows[from], &rows[i]) == 0)
			continue;
		out->groups[out->ngroups++] = group_of(&rows[from], i - from);
		from = i;
	}
}

void score_report(const struct outcomes *outcomes, const struct rules *rules, size_t digits,
		  struct arena *arena, struct score_report *out)
{
	struct patterns patterns;
	uint64_t good = 0;

	*out = (struct score_report){ .tips = outcomes->tips,
				      .left_out = outcomes->left_out,
				      .lost = outcomes->lost,
				      .versions = outcomes->versions };
	for (size_t i = 0; i < outcomes->n; i++)
		good += outcomes->at[i].good;
	out->all = share_of(good, outcomes->n);
	out->median_delay_ms = median_delay(outcomes, arena);
	list_rules(outcomes, rules, arena, out);
	patterns = patterns_make(outcomes, out, arena);
	out->area = area_of_points(&patterns);
	add_ranges(&patterns, out);
	count_rules(&patterns, present_points(out, arena), out);
	score_report_propose(&patterns, arena, out);
	if (digits > 0)
		add_groups(outcomes, digits, arena, out);
}
