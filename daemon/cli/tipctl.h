/*
 * The operator's and auditor's command line: one file a subcommand.
 *
 * A subcommand gets argv with its own name first, prints results on standard
 * output and complaints on standard error, and returns the exit status:
 * 0 well, 1 something is wrong, 2 wrong use.
 */
#ifndef TIPLINE_CLI_TIPCTL_H
#define TIPLINE_CLI_TIPCTL_H

#include "daemon/sys/config.h"

#include <getopt.h>
#include <limits.h>

#define CTL_WELL 0
#define CTL_WRONG 1
#define CTL_USAGE 2
#define CTL_SETS_MAX 64

int tipctl_check_config(int argc, char **argv);
int tipctl_doctor(int argc, char **argv);
int tipctl_token(int argc, char **argv);
int tipctl_user(int argc, char **argv);
int tipctl_key(int argc, char **argv);
int tipctl_promise(int argc, char **argv);
int tipctl_policy(int argc, char **argv);
int tipctl_replay(int argc, char **argv);
int tipctl_archive(int argc, char **argv);
int tipctl_score_report(int argc, char **argv);
int tipctl_analyze(int argc, char **argv);
int tipctl_restore_mirror(int argc, char **argv);
int tipctl_reconcile(int argc, char **argv);        /* on a journal in a file */
int tipctl_reconcile_here(int argc, char **argv);   /* through the daemon, where no journal is named */
int tipctl_reward(int argc, char **argv);
int tipctl_statement(int argc, char **argv);
int tipctl_break(int argc, char **argv);
int tipctl_suspense(int argc, char **argv);
int tipctl_rail(int argc, char **argv);
int tipctl_outbox(int argc, char **argv);
int tipctl_notice(int argc, char **argv);
int tipctl_retention(int argc, char **argv);
int tipctl_verify(int argc, char **argv);
int tipctl_export(int argc, char **argv);
int tipctl_log(int argc, char **argv);

/* --- options that most subcommands share ------------------------------------ */

struct ctl_args {
	struct config_source source;
	const char *sets[CTL_SETS_MAX];
	char state[4096];      /* "state_dir=..." from --state */
	bool help;
	bool wrong;            /* complained about already */
};

/* For the table of getopt_long(): --config FILE, --set KEY=VALUE, --state DIR, --help. */
#define CTL_OPTIONS                                                                                                  \
	{ "config", required_argument, NULL, 'c' }, { "set", required_argument, NULL, 's' },                         \
		{ "state", required_argument, NULL, 'S' }, { "help", no_argument, NULL, 'h' }

/* Takes one of these options as getopt_long() returned it; anything else sets `wrong`. */
void ctl_option(struct ctl_args *args, int option);

/* Parses argv when there are no other options; optind is left at the first other argument. */
void ctl_parse(struct ctl_args *args, int argc, char **argv);

/* Tells why on standard error; CTL_WRONG, to be returned. */
int ctl_refused(const struct complaint *why);

/* The usual end of parsing: prints usage for --help or a mistake. True: return *status now. */
bool ctl_usage(const struct ctl_args *args, const char *usage, int *status);

/* Loads the configuration; tells all problems. The caller releases it whatever the result. */
bool ctl_load(const struct ctl_args *args, struct config *config);

/* The store: as told, as configured, or the private one of the state directory. False: it is said why. */
bool ctl_store_address(const struct ctl_args *args, const char *told, char address[PATH_MAX]);

/* Whether each configured rail could be started: reads its keys. Tells every rail's first mistake. */
bool ctl_check_rails(const struct config *config);

/* Whether each configured gateway fits its driver; `secrets`: they were read. Tells every gateway's first mistake. */
bool ctl_check_gateways(const struct config *config, bool secrets);

/* Prints the option table as a sample file, as a page, as a manual page. */
void ctl_print_sample(void);
void ctl_print_markdown(void);
void ctl_print_man(void);

#endif
