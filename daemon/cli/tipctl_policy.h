/*
 * tipctl policy, the parts its two actions share.
 */
#ifndef TIPLINE_CLI_TIPCTL_POLICY_H
#define TIPLINE_CLI_TIPCTL_POLICY_H

#include "daemon/money/policy.h"

struct policy_args {
	const char *against;   /* an older policy, or NULL */
	const char *cases;
	bool trace;
	bool json;
	bool help;
	bool wrong;
};

/* The policy of a file, owned by the caller; NULL and a complaint. */
struct policy *policy_open(const char *path, struct complaint *why);

/* "8500.00" */
#define YUAN(fen) money_write_yuan((fen), (char[MONEY_TEXT_MAX]){ 0 }).at

/* Both return the exit status. */
int policy_check_files(const struct policy_args *args, char **paths, int n);
int policy_dry_run(const struct policy_args *args, const char *path);

#endif
