/*
 * tipctl score-report: what became of tips, held against their scores.
 *
 * Reads only. The points that it proposes are for a person to judge and to
 * write into the rule files.
 */
#include "daemon/cli/tipctl_score_report.h"
#include "daemon/cli/tipctl.h"
#include "daemon/cli/tipctl_archive.h"
#include "daemon/cli/tipctl_trail.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/rule_files.h"

#include <stdio.h>

#define DAY_MS INT64_C(86400000)
#define CHINA_AHEAD_MS INT64_C(28800000)

static const char usage[] =
	"usage: tipctl score-report [--store ADDRESS | --outcomes FILE] [--archive DIR] [--since DATE]\n"
	"                           [--until DATE] [--by region|bureau] [--json] [--quiet] [--state DIR] [--config FILE]\n"
	"\n"
	"Holds the scores of tips against what became of them: how often the tips of each band proved\n"
	"true, how well the points sort, what each rule adds to that, and which points the outcomes\n"
	"would give it. Verified counts as true, unfounded and prank as not; duplicate, insufficient\n"
	"and referred are left out. Nothing is changed: points are set in the rule files, by a person.\n"
	"\n"
	"  --store ADDRESS  unix:/path or host:port; else as configured\n"
	"  --archive DIR    files of the journals; else as configured\n"
	"  --outcomes FILE  lines {\"points\":62,\"rules\":[\"minor\"],\"outcome\":\"verified\"} in place of "
	"a\n"
	"                   store; - is standard input\n"
	"  --since DATE     tips accepted on this day or later, as 2026-11-21 (days of China, UTC+8)\n"
	"  --until DATE     tips accepted on this day or before\n"
	"  --by region      one line a province, too; --by bureau: one line a bureau\n"
	"  --json           print one JSON object\n"
	"  --quiet          no progress on standard error\n"
	"\n"
	"The rules are those in force: rules.dir and campaigns.dir of the configuration.\n"
	"Exit status: 0 well, 1 no outcome to report on, 2 wrong use or no connection.\n";

struct report_args {
	struct ctl_args common;
	const char *store;
	const char *archive;
	const char *outcomes;
	struct score_report_asked asked;
	int64_t since_ms, until_ms;
	bool json, quiet;
};

static bool take_day(const char *text, int64_t *start_ms)
{
	char whole[32];
	int n = snprintf(whole, sizeof(whole), "%sT00:00:00Z", text);

	if (n != 20 || !clock_parse(span_of(whole), start_ms)) {
		fprintf(stderr, "tipctl: \"%s\": expected a day, as 2026-11-21\n", text);
		return false;
	}
	*start_ms -= CHINA_AHEAD_MS;
	return true;
}

static bool take_by(const char *by)
{
	if (strcmp(by, "region") == 0 || strcmp(by, "bureau") == 0)
		return true;
	fprintf(stderr, "tipctl: --by %s: expected region or bureau\n", by);
	return false;
}

static void take(struct report_args *args, int option)
{
	bool well = true;

	switch (option) {
	case 'r':
		args->store = optarg;
		break;
	case 'a':
		args->archive = optarg;
		break;
	case 'o':
		args->outcomes = optarg;
		break;
	case 'f':
		args->asked.since = optarg;
		well = take_day(optarg, &args->since_ms);
		break;
	case 'u':
		args->asked.until = optarg;
		well = take_day(optarg, &args->until_ms);
		args->until_ms += DAY_MS;
		break;
	case 'b':
		args->asked.by = optarg;
		well = take_by(optarg);
		break;
	case 'j':
		args->json = true;
		break;
	case 'q':
		args->quiet = true;
		break;
	default:
		ctl_option(&args->common, option);
	}
	args->common.wrong = args->common.wrong || !well;
}

static void parse(struct report_args *args, int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS,
						 { "store", required_argument, NULL, 'r' },
						 { "archive", required_argument, NULL, 'a' },
						 { "outcomes", required_argument, NULL, 'o' },
						 { "since", required_argument, NULL, 'f' },
						 { "until", required_argument, NULL, 'u' },
						 { "by", required_argument, NULL, 'b' },
						 { "json", no_argument, NULL, 'j' },
						 { "quiet", no_argument, NULL, 'q' },
						 { 0 } };
	int option;

	*args = (struct report_args){ 0 };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(args, option);
	if (optind < argc || (args->store != NULL && args->outcomes != NULL) ||
	    (args->outcomes != NULL && (args->since_ms != 0 || args->until_ms != 0)))
		args->common.wrong = true;
}

static bool read_outcomes(const struct report_args *args, struct outcomes *outcomes)
{
	char address[PATH_MAX];
	struct complaint why = { .text = "" };
	struct archive *archive;
	bool well;

	if (args->outcomes != NULL)
		return score_report_from_file(args->outcomes, outcomes);
	if (!ctl_store_address(&args->common, args->store, address))
		return false;
	if (!ctl_trail(address, "score-report", SPAN(""), &why)) {
		fprintf(stderr, "tipctl: %s\n", why.text);
		return false;
	}
	archive = ctl_archive_open(&args->common, args->archive);
	well = archive != NULL &&
	       score_report_from_store(address, archive, args->since_ms, args->until_ms, args->quiet, outcomes);
	archive_free(archive);
	return well;
}

static struct rules *read_rules(const struct ctl_args *args)
{
	struct rule_files files = { 0 };
	struct complaint why = { .text = "" };
	struct rules *rules = NULL;
	struct config config;

	if (ctl_load(args, &config)) {
		if (rule_files_read(&files, &config, &why))
			rules = rules_new(files.at, files.n, &why);
		if (rules == NULL)
			fprintf(stderr, "tipctl: %s\n", why.text);
	}
	rule_files_release(&files);
	config_release(&config);
	return rules;
}

static size_t digits_of(const char *by)
{
	if (by == NULL)
		return 0;
	return strcmp(by, "region") == 0 ? 2 : 6;
}

static int report_on(const struct report_args *args, const struct outcomes *outcomes,
		     const struct rules *rules)
{
	struct score_report report;
	struct arena arena = { 0 };

	score_report(outcomes, rules, digits_of(args->asked.by), &arena, &report);
	if (args->json)
		score_report_print_json(&report, &args->asked);
	else
		score_report_print(&report, &args->asked);
	arena_release(&arena);
	return outcomes->n > 0 ? CTL_WELL : CTL_WRONG;
}

int tipctl_score_report(int argc, char **argv)
{
	struct report_args args;
	struct outcomes outcomes = { 0 };
	struct rules *rules;
	int status;

	parse(&args, argc, argv);
	if (ctl_usage(&args.common, usage, &status))
		return status;
	rules = read_rules(&args.common);
	status = CTL_USAGE;
	if (rules != NULL && read_outcomes(&args, &outcomes))
		status = report_on(&args, &outcomes, rules);
	outcomes_release(&outcomes);
	rules_free(rules);
	return status;
}
