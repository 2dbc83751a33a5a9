/*
 * The report for people.
 */
#include "daemon/cli/tipctl_score_report.h"
#include "daemon/core/score/score.h"

#include <stdio.h>

static void print_share(const struct share *share)
{
	if (share->n == 0)
		printf("%8s %8s %7s %16s", "0", "", "", "");
	else
		printf("%8llu %8llu %6.1f%%   %5.1f to %5.1f%%", (unsigned long long)share->n,
		       (unsigned long long)share->good, 100 * share->value, 100 * share->low,
		       100 * share->high);
}

static void print_head(const struct score_report *report, const struct score_report_asked *asked)
{
	if (asked->since != NULL || asked->until != NULL)
		printf("Tips accepted%s%s%s%s\n", asked->since != NULL ? " from " : "",
		       asked->since != NULL ? asked->since : "", asked->until != NULL ? " until " : "",
		       asked->until != NULL ? asked->until : "");
	printf("%llu tips, %llu of them proved true or not; %llu ended as duplicate, insufficient or "
	       "referred\n",
	       (unsigned long long)report->tips, (unsigned long long)report->all.n,
	       (unsigned long long)report->left_out);
	if (report->all.n > 0)
		printf("%llu proved true: %.1f%% (95%%: %.1f to %.1f%%)\n",
		       (unsigned long long)report->all.good, 100 * report->all.value, 100 * report->all.low,
		       100 * report->all.high);
	if (report->median_delay_ms >= 0)
		printf("half of the outcomes came within %.1f hours of acceptance\n",
		       (double)report->median_delay_ms / 3600000);
	if (report->lost > 0)
		printf("%llu ends or rule names could not be counted\n", (unsigned long long)report->lost);
	if (report->versions > 1)
		printf("judged under %zu versions of the rules: a rule that is newer than a tip counts as "
		       "absent "
		       "there\n",
		       report->versions);
}

static void print_ranges(const struct score_report *report)
{
	puts("\nHow often tips with these points proved true. A score that is right falls from row to "
	     "row.\n");
	printf("%-10s %-11s %8s %8s %7s %18s\n", "points", "band", "tips", "true", "share", "95%");
	for (size_t i = 0; i < REPORT_BANDS; i++) {
		printf("%3u to %-3u %-11s ", report->bands[i].from, report->bands[i].to,
		       priority_name((enum priority)i));
		print_share(&report->bands[i].share);
		putchar('\n');
	}
	putchar('\n');
	for (size_t i = 0; i < REPORT_TENS; i++) {
		printf("%3u to %-3u %-11s ", report->tens[i].from, report->tens[i].to, "");
		print_share(&report->tens[i].share);
		putchar('\n');
	}
}

static void print_area(const char *what, const struct area *area)
{
	if (area->known)
		printf("  %-52s %.3f   (95%%: %.3f to %.3f)\n", what, area->value, area->low, area->high);
	else
		printf("  %-52s unknown\n", what);
}

static void print_areas(const struct score_report *report)
{
	puts("\nHow well they sort: the chance that a tip that proved true has more points than one that did "
	     "not;\n"
	     "0.5 is a guess, 1 would be perfect.\n");
	print_area("the points as they were", &report->area);
	print_area("the rules as they are now, nothing learned", &report->by_rules);
	print_area("the proposed points, on tips they were not made from", &report->by_proposed);
}

static void print_proposed(const struct report_rule *rule)
{
	switch (rule->advice) {
	case REPORT_ADVICE:
		printf(" %8d  +-%-4.1f", rule->proposed, rule->error);
		return;
	case REPORT_TOO_FEW:
		fputs("  too few", stdout);
		return;
	case REPORT_NO_RULE:
		fputs("  no such rule any more", stdout);
		return;
	case REPORT_NOT_FIXED:
		fputs("  differs from tip to tip", stdout);
		return;
	}
}

static void print_shares(const struct report_rule *rule)
{
	if (rule->with.n > 0)
		printf(" %7.1f%%", 100 * rule->with.value);
	else
		printf(" %8s", "");
	if (rule->without.n > 0)
		printf(" %7.1f%%", 100 * rule->without.value);
	else
		printf(" %8s", "");
	if (rule->with.n > 0)
		printf(" %6.2f", rule->lift);
	else
		printf(" %6s", "");
}

static void print_rule(const struct report_rule *rule)
{
	printf("%-24.*s %8llu", (int)rule->name.len, rule->name.at, (unsigned long long)rule->with.n);
	print_shares(rule);
	printf(" %+8.4f", rule->adds);
	if (rule->rule != NULL)
		printf(" %7d", rule->rule->points);
	else
		printf(" %7s", "");
	print_proposed(rule);
	putchar('\n');
}

/* Rules that none of the tips met, on lines of their own. */
static void print_unmet(const struct score_report *report)
{
	size_t column = 0;

	for (size_t i = 0; i < report->nrules; i++) {
		const struct report_rule *rule = &report->rules[i];

		if (rule->with.n > 0)
			continue;
		if (column == 0)
			column = (size_t)printf("\nMet by none of these tips:");
		if (column + rule->name.len > 100)
			column = (size_t)printf("\n ");
		column += (size_t)printf(" %.*s", (int)rule->name.len, rule->name.at);
	}
	if (column > 0)
		putchar('\n');
}

static void print_rules(const struct score_report *report)
{
	printf("\nRules. with, without: share of the tips with and without it that proved true; lift: with / "
	       "all;\n"
	       "adds: what the sorting would lose without it (below 0: it does harm); proposed: points by a\n"
	       "regression on all rules at once, with the standard error. Fewer than %d tips with it, or "
	       "without\n"
	       "it, or of one outcome are too few.\n\n",
	       REPORT_FEW);
	printf("%-24s %8s %8s %8s %6s %8s %7s %8s\n", "rule", "tips", "with", "without", "lift", "adds",
	       "points", "proposed");
	for (size_t i = 0; i < report->nrules; i++)
		if (report->rules[i].with.n > 0)
			print_rule(&report->rules[i]);
	print_unmet(report);
	puts("\nProposals hold while tips stay as they are; outcomes come first for tips that were read "
	     "first, so the\n"
	     "low band is known least. Change few points at a time, in the rule files; nothing was changed "
	     "here.");
}

static void print_groups(const struct score_report *report, const char *by)
{
	if (report->ngroups == 0)
		return;
	printf("\nBy %s.\n\n%-10s %8s %8s %7s %18s   sorting\n", by, "code", "tips", "true", "share", "95%");
	for (size_t i = 0; i < report->ngroups; i++) {
		const struct report_group *group = &report->groups[i];

		printf("%-10s ", group->region[0] != '\0' ? group->region : "unknown");
		print_share(&group->share);
		if (group->area.known)
			printf("   %.3f", group->area.value);
		putchar('\n');
	}
}

void score_report_print(const struct score_report *report, const struct score_report_asked *asked)
{
	print_head(report, asked);
	if (report->all.n == 0)
		return;
	print_ranges(report);
	print_areas(report);
	print_groups(report, asked->by);
	print_rules(report);
}
