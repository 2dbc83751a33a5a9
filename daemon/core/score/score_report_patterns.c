/*
 * Patterns of tips; see score_report_patterns.h.
 */
#include "daemon/core/score/score_report_patterns.h"

#include "daemon/core/score/score.h"

#include <stdlib.h>

size_t report_place(const struct score_report *report, struct span name)
{
	size_t i = 0;

	while (i < report->nrules && !span_eq(report->rules[i].name, name))
		i++;
	return i;
}

/* --- patterns ---------------------------------------------------------------------------- */

static int by_pattern(const void *a, const void *b)
{
	const struct pattern *x = a, *y = b;

	for (size_t i = 0; i < OUTCOME_RULE_WORDS; i++)
		if (x->rules[i] != y->rules[i])
			return x->rules[i] < y->rules[i] ? -1 : 1;
	return (x->points > y->points) - (x->points < y->points);
}

static void translate(const struct outcomes *outcomes, const struct outcome *row, const size_t *places,
		      struct pattern *out)
{
	*out = (struct pattern){ .points = row->points, .good = row->good, .bad = !row->good };
	for (size_t i = 0; i < outcomes->nnames; i++)
		if (pattern_has(row->rules, i) && places[i] < OUTCOME_RULES_MAX)
			out->rules[places[i] / 64] |= UINT64_C(1) << (places[i] % 64);
}

/* Equal ones become one. */
static void merge(struct patterns *patterns)
{
	size_t kept = 0;

	qsort(patterns->at, patterns->n, sizeof(*patterns->at), by_pattern);
	for (size_t i = 0; i < patterns->n; i++) {
		struct pattern *last = &patterns->at[kept > 0 ? kept - 1 : 0];

		if (kept > 0 && by_pattern(last, &patterns->at[i]) == 0) {
			last->good += patterns->at[i].good;
			last->bad += patterns->at[i].bad;
		} else {
			patterns->at[kept++] = patterns->at[i];
		}
	}
	patterns->n = kept;
}

struct patterns patterns_make(const struct outcomes *outcomes, const struct score_report *report,
			      struct arena *arena)
{
	struct patterns patterns = { .at = arena_array(arena, struct pattern, outcomes->n),
				     .n = outcomes->n };
	size_t places[OUTCOME_RULES_MAX];

	for (size_t i = 0; i < outcomes->nnames; i++)
		places[i] = report_place(report, outcomes->names[i]);
	for (size_t i = 0; i < outcomes->n; i++)
		translate(outcomes, &outcomes->at[i], places, &patterns.at[i]);
	merge(&patterns);
	return patterns;
}

/* --- sums ---------------------------------------------------------------------------------------- */

static unsigned clamp(int sum)
{
	if (sum < 0)
		return 0;
	return sum > SCORE_MAX ? SCORE_MAX : (unsigned)sum;
}

bool report_about_others(const struct report_rule *rule)
{
	return rule->rule != NULL && rule->rule->when != NULL && rule->rule->when->context;
}

void patterns_add_up(const struct score_report *report, const int *points, struct patterns *patterns)
{
	for (size_t k = 0; k < patterns->n; k++) {
		struct pattern *p = &patterns->at[k];

		p->text = SCORE_BASE;
		p->context = 0;
		for (size_t i = 0; i < report->nrules; i++)
			if (pattern_has(p->rules, i))
				*(report_about_others(&report->rules[i]) ? &p->context : &p->text) +=
					points[i];
	}
}

unsigned pattern_sum(const struct pattern *p, int text_less, int context_less)
{
	return clamp((int)clamp(p->text - text_less) + p->context - context_less);
}

void pattern_count(const struct pattern *p, unsigned sum, struct curve *curve)
{
	curve->good[sum] += p->good;
	curve->bad[sum] += p->bad;
}
