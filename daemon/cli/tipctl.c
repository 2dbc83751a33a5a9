/*
 * tipctl: finds the subcommand and calls it.
 */
#include "daemon/cli/tipctl.h"

#include "daemon/base/table.h"

#include <stdio.h>

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ .name = "check-config", .run = tipctl_check_config, .help = "check a configuration, show or document it" },
	{ .name = "doctor", .run = tipctl_doctor, .help = "look for what is wrong with this installation" },
	{ .name = "token", .run = tipctl_token, .help = "make, list and revoke staff tokens" },
	{ .name = "user", .run = tipctl_user, .help = "accounts of staff: add, grant, suspend, recover" },
	{ .name = "key", .run = tipctl_key, .help = "keys of the house, of persons and weeks: give, rotate, destroy" },
	{ .name = "replay", .run = tipctl_replay, .help = "replay the journal and compare it with the state" },
	{ .name = "archive", .run = tipctl_archive, .help = "list the files of the journals, check them" },
	{ .name = "score-report", .run = tipctl_score_report, .help = "hold scores against outcomes; propose points" },
	{ .name = "policy", .run = tipctl_policy, .help = "check a reward policy, try it on cases" },
	{ .name = "verify", .run = tipctl_verify, .help = "check a store or a money journal" },
	{ .name = "export", .run = tipctl_export, .help = "journals, packs of evidence, and checking them" },
	{ .name = "restore-mirror", .run = tipctl_restore_mirror, .help = "give a store back what its mirror kept" },
	{ .name = "reward", .run = tipctl_reward, .help = "list and show rewards, approve, release, hold ..." },
	{ .name = "statement", .run = tipctl_statement, .help = "take in a bank's statement, list and show them" },
	{ .name = "break", .run = tipctl_break, .help = "what bank and book do not say alike; resolve it" },
	{ .name = "suspense", .run = tipctl_suspense, .help = "money whose reason is not known; clear it" },
	{ .name = "rail", .run = tipctl_rail, .help = "rails on hold and why; hold one, lift it" },
	{ .name = "reconcile", .run = tipctl_reconcile_here, .help = "how far bank and book say the same" },
	{ .name = "outbox", .run = tipctl_outbox, .help = "messages that were given up; try again or drop them" },
	{ .name = "retention", .run = tipctl_retention, .help = "what is to be deleted, what was, and legal holds" },
	{ .name = "notice", .run = tipctl_notice, .help = "send a test to the webhooks and mail addresses of a region" },
	{ .name = "promise", .run = tipctl_promise, .help = "check a promise given with a receipt" },
	{ .name = "log", .run = tipctl_log, .help = "the sealed log: verify, mirror, prove" },
	{ .name = "analyze", .run = tipctl_analyze, .help = "show what would become of texts; try rules" },
};

static int usage(FILE *to)
{
	fputs("usage: tipctl COMMAND [ARGUMENTS]\n\n", to);
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		fprintf(to, "  %-14s %s\n", commands[i].name, commands[i].help);
	fputs("\n`tipctl COMMAND --help` tells more. `tipctl --version` prints the version.\n", to);
	return to == stdout ? CTL_WELL : CTL_USAGE;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return usage(stderr);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
		return usage(stdout);
	if (strcmp(argv[1], "--version") == 0) {
		printf("tipctl %s\n", TIPLINE_VERSION);
		return CTL_WELL;
	}
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "tipctl: unknown command %s\n", argv[1]);
	return usage(stderr);
}
