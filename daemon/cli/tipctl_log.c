/*
 * tipctl log: finds the subcommand; see tipctl_log.h.
 */
#include "daemon/cli/tipctl_log.h"

#include "daemon/base/table.h"

#include <sodium.h>
#include <stdio.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ .name = "verify", .run = tipctl_log_verify, .help = "check a log's files against what was signed" },
	{ .name = "fetch", .run = tipctl_log_fetch, .help = "mirror a log: what is missing of its files" },
	{ .name = "key", .run = tipctl_log_key, .help = "show a key of a log or a witness" },
	{ .name = "prove", .run = tipctl_log_prove, .help = "make the proof of one leaf" },
	{ .name = "find", .run = tipctl_log_find, .help = "find the leaves of a tip by its receipt code" },
	{ .name = "check", .run = tipctl_log_check, .help = "check such a proof" },
	{ .name = "recount", .run = tipctl_log_recount, .help = "count the published figures again" },
};

static int usage(FILE *to)
{
	fputs("usage: tipctl log COMMAND [ARGUMENTS]\n\n", to);
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].help);
	fputs("\nFor whoever checks the sealed log from outside; no daemon and no store are needed.\n"
	      "`tipctl log COMMAND --help` tells more.\n",
	      to);
	return to == stdout ? CTL_WELL : CTL_USAGE;
}

int tipctl_log(int argc, char **argv)
{
	if (argc < 2)
		return usage(stderr);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return usage(stdout);
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return sodium_init() < 0 ? CTL_WRONG : commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "tipctl: unknown command log %s\n", argv[1]);
	return usage(stderr);
}
