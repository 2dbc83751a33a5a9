/*
 * The report for programs: one object on one line.
 *
 * Shares, areas and points as decimal numbers; what is not known is null.
 */
#include "daemon/base/json_out.h"
#include "daemon/cli/tipctl_score_report.h"
#include "daemon/core/score/score.h"

#include <stdio.h>

static void put_number(struct json_out *json, const char *name, double number)
{
	char text[40];
	int len = snprintf(text, sizeof(text), "%.6f", number);

	json_raw(json, name, span_from(text, (size_t)len));
}

static void put_share(struct json_out *json, const struct share *share)
{
	json_u64(json, "tips", share->n);
	json_u64(json, "true", share->good);
	if (share->n == 0) {
		json_none(json, "share");
		return;
	}
	put_number(json, "share", share->value);
	put_number(json, "low", share->low);
	put_number(json, "high", share->high);
}

static void put_area(struct json_out *json, const char *name, const struct area *area)
{
	if (!area->known) {
		json_none(json, name);
		return;
	}
	json_open_member(json, name, '{');
	put_number(json, "value", area->value);
	put_number(json, "low", area->low);
	put_number(json, "high", area->high);
	json_close(json, '}');
}

static void put_range(struct json_out *json, const struct report_range *range, const char *band)
{
	json_open(json, '{');
	if (band != NULL)
		json_text(json, "band", span_of(band));
	json_u64(json, "from", range->from);
	json_u64(json, "to", range->to);
	put_share(json, &range->share);
	json_close(json, '}');
}

static void put_ranges(struct json_out *json, const struct score_report *report)
{
	json_open_member(json, "bands", '[');
	for (size_t i = 0; i < REPORT_BANDS; i++)
		put_range(json, &report->bands[i], priority_name((enum priority)i));
	json_close(json, ']');
	json_open_member(json, "tens", '[');
	for (size_t i = 0; i < REPORT_TENS; i++)
		put_range(json, &report->tens[i], NULL);
	json_close(json, ']');
}

static const char *advice_name(enum report_advice advice)
{
	switch (advice) {
	case REPORT_ADVICE:
		return "proposed";
	case REPORT_TOO_FEW:
		return "too_few";
	case REPORT_NO_RULE:
		return "no_rule";
	case REPORT_NOT_FIXED:
		return "not_fixed";
	}
	return "";
}

static void put_advice(struct json_out *json, const struct report_rule *rule)
{
	json_text(json, "advice", span_of(advice_name(rule->advice)));
	if (rule->advice != REPORT_ADVICE)
		return;
	json_i64(json, "proposed", rule->proposed);
	put_number(json, "exact", rule->exact);
	put_number(json, "error", rule->error);
}

static void put_side(struct json_out *json, const char *name, const struct share *share)
{
	json_open_member(json, name, '{');
	put_share(json, share);
	json_close(json, '}');
}

static void put_rule(struct json_out *json, const struct report_rule *rule)
{
	json_open(json, '{');
	json_text(json, "name", rule->name);
	if (rule->rule != NULL)
		json_i64(json, "points", rule->rule->points);
	else
		json_none(json, "points");
	put_side(json, "with", &rule->with);
	put_side(json, "without", &rule->without);
	put_number(json, "lift", rule->lift);
	put_number(json, "adds", rule->adds);
	put_advice(json, rule);
	json_close(json, '}');
}

static void put_groups(struct json_out *json, const struct score_report *report)
{
	json_open_member(json, "groups", '[');
	for (size_t i = 0; i < report->ngroups; i++) {
		json_open(json, '{');
		json_text(json, "region", span_of(report->groups[i].region));
		put_share(json, &report->groups[i].share);
		put_area(json, "area", &report->groups[i].area);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void put_head(struct json_out *json, const struct score_report *report,
		     const struct score_report_asked *asked)
{
	if (asked->since != NULL)
		json_text(json, "since", span_of(asked->since));
	if (asked->until != NULL)
		json_text(json, "until", span_of(asked->until));
	json_u64(json, "accepted", report->tips);
	json_u64(json, "left_out", report->left_out);
	json_u64(json, "lost", report->lost);
	json_u64(json, "rules_versions", report->versions);
	if (report->median_delay_ms >= 0)
		json_i64(json, "median_delay_ms", report->median_delay_ms);
	else
		json_none(json, "median_delay_ms");
	put_side(json, "outcomes", &report->all);
	put_area(json, "area", &report->area);
	put_area(json, "area_by_rules", &report->by_rules);
	put_area(json, "area_by_proposed", &report->by_proposed);
}

void score_report_print_json(const struct score_report *report, const struct score_report_asked *asked)
{
	struct buf out = { 0 };
	struct json_out json = json_out_to(&out);

	json_open(&json, '{');
	put_head(&json, report, asked);
	put_ranges(&json, report);
	json_open_member(&json, "rules", '[');
	for (size_t i = 0; i < report->nrules; i++)
		put_rule(&json, &report->rules[i]);
	json_close(&json, ']');
	if (asked->by != NULL)
		put_groups(&json, report);
	json_close(&json, '}');
	printf("%.*s\n", (int)out.len, out.at);
	buf_release(&out);
}
