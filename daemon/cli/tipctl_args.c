/*
 * Options that most subcommands of tipctl share.
 */
#include "daemon/cli/tipctl.h"

#include <stdio.h>

static void add_set(struct ctl_args *args, const char *text)
{
	if (args->source.nsets == CTL_SETS_MAX) {
		fprintf(stderr, "tipctl: more than %d times --set\n", CTL_SETS_MAX);
		args->wrong = true;
		return;
	}
	args->sets[args->source.nsets++] = text;
}

void ctl_option(struct ctl_args *args, int option)
{
	switch (option) {
	case 'c':
		args->source.file = optarg;
		return;
	case 's':
		add_set(args, optarg);
		return;
	case 'S':
		snprintf(args->state, sizeof(args->state), "state_dir=%s", optarg);
		add_set(args, args->state);
		return;
	case 'h':
		args->help = true;
		return;
	default:
		args->wrong = true;
	}
}

void ctl_parse(struct ctl_args *args, int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS, { 0 } };
	int option;

	*args = (struct ctl_args){ 0 };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		ctl_option(args, option);
}

int ctl_refused(const struct complaint *why)
{
	fprintf(stderr, "tipctl: %s\n", why->text);
	return CTL_WRONG;
}

bool ctl_usage(const struct ctl_args *args, const char *usage, int *status)
{
	if (args->help)
		fputs(usage, stdout);
	else if (args->wrong)
		fputs(usage, stderr);
	*status = args->help ? CTL_WELL : CTL_USAGE;
	return args->help || args->wrong;
}

bool ctl_load(const struct ctl_args *args, struct config *config)
{
	struct config_source source = args->source;
	struct config_problems problems = { .n = 0 };

	source.sets = args->sets;
	if (config_load(config, &source, &problems))
		return true;
	for (size_t i = 0; i < problems.n; i++)
		fprintf(stderr, "%s\n", problems.at[i].text);
	return false;
}
