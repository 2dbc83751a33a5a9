/*
 * tipctl analyze: judges texts as the daemon would and prints the results.
 *
 * The options and the table of tasks; tipctl_analyze_run.c does the work.
 */
#include "daemon/cli/tipctl_analyze.h"

#include "daemon/base/table.h"
#include "daemon/cli/tipctl.h"

#include <sodium.h>
#include <stdio.h>

static const char help[] =
	"usage: tipctl analyze [OPTIONS] [FILE...]\n"
	"Reads texts from FILEs or standard input, one JSON object a line, and prints for each,\n"
	"as one line of JSON, what the daemon would make of it: route, entities, score with its\n"
	"reasons, fingerprint. Nothing is stored. To try a rule, write it into a directory and\n"
	"name that with --rules.\n"
	"\n"
	"A line holds \"id\" (text or number) and \"text\"; as far as present, \"region\", \"place\",\n"
	"\"when\", \"category\", \"sender\" and \"lang\" count as with a tip. \"received\" is the time of\n"
	"arrival (Unix time in ms; now when it is absent), \"t\" the same in minutes. The words\n"
	"that decided are told by their place in the text as it came, in characters and bytes.\n"
	"\n"
	"  --task TASK      print the answers of one task alone, each before the next line is read:\n"
	"                     routing  {\"id\",\"code\"} or {\"id\",\"codes\"}, best first; null: no place\n"
	"                     neardup  {\"id\",\"dup_of\",\"score\"}: the best earlier text\n"
	"                     cluster  {\"id\",\"dup_of\",\"score\"[,\"links\"]}: an earlier text of its\n"
	"                              incident; links: it joins several incidents\n"
	"                     triage   {\"op\":\"score\",\"id\",\"text\"} gives {\"id\",\"score\"}:\n"
	"                              the chance that it is wanted;\n"
	"                              {\"op\":\"learn\",\"id\",\"label\"} tells how it\n"
	"                              ended (1: wanted) and prints nothing\n"
	"  --rules DIR      the rules (*.yaml) of a directory instead of those in the program\n"
	"  --campaigns DIR  the campaigns (*.yaml) of a directory\n"
	"  --keys DIR       fingerprints under that house's key; else under one of this run alone\n"
	"  --lang TAG       language of the reasons, zh-CN or en; default en\n"
	"  --pretty         over several lines, for people\n"
	"  --timing         \"us\": microseconds that the judgement took\n"
	"\n"
	"Empty lines are passed over. A line that cannot be understood, or is longer than 1 MiB,\n"
	"is told on standard error with file and number, and the run goes on.\n"
	"Ends with 0 when all was well, 1 when a line, a file or a rule was not, 2 for wrong use.\n";

static const struct analyze_task *const tasks[] = {
	&analyze_routing,
	&analyze_neardup,
	&analyze_cluster,
	&analyze_triage,
};

static bool set_task(struct analyze *a, const char *name)
{
	for (size_t i = 0; i < COUNT_OF(tasks); i++)
		if (strcmp(tasks[i]->name, name) == 0) {
			a->task = tasks[i];
			return true;
		}
	fprintf(stderr, "tipctl: there is no task %s\n", name);
	return false;
}

static bool set_language(struct analyze *a, const char *tag)
{
	a->english = strcmp(tag, "en") == 0;
	if (a->english || strcmp(tag, "zh-CN") == 0)
		return true;
	fprintf(stderr, "tipctl: --lang is zh-CN or en\n");
	return false;
}

static bool set_option(struct analyze *a, int option)
{
	switch (option) {
	case 't':
		return set_task(a, optarg);
	case 'r':
		a->rules_dir = optarg;
		return true;
	case 'C':
		a->campaigns_dir = optarg;
		return true;
	case 'k':
		a->keys_dir = optarg;
		return true;
	case 'l':
		return set_language(a, optarg);
	case 'p':
		a->pretty = true;
		return true;
	case 'T':
		a->timing = true;
		return true;
	default:
		return false;
	}
}

int tipctl_analyze(int argc, char **argv)
{
	static const struct option options[] = {
		{ .name = "task", .has_arg = required_argument, .val = 't' },
		{ .name = "rules", .has_arg = required_argument, .val = 'r' },
		{ .name = "campaigns", .has_arg = required_argument, .val = 'C' },
		{ .name = "keys", .has_arg = required_argument, .val = 'k' },
		{ .name = "lang", .has_arg = required_argument, .val = 'l' },
		{ .name = "pretty", .val = 'p' },
		{ .name = "timing", .val = 'T' },
		{ .name = "help", .val = 'h' },
		{ .name = NULL },
	};
	struct analyze a = { .task = &analyze_tip, .english = true };
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return CTL_WELL;
		}
		if (!set_option(&a, option)) {
			fputs(help, stderr);
			return CTL_USAGE;
		}
	}
	if (sodium_init() < 0)
		return CTL_WRONG;
	return analyze_run(&a, argv + optind);
}
