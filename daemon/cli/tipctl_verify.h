/*
 * The parts of `tipctl verify` as a subcommand: its arguments, and the checker
 * of money behind them. What is checked of a store is daemon/cli/verify.h.
 */
#ifndef TIPLINE_CLI_TIPCTL_VERIFY_H
#define TIPLINE_CLI_TIPCTL_VERIFY_H

#include "daemon/base/json_out.h"
#include "daemon/cli/money_check.h"
#include "daemon/cli/tipctl.h"

struct verify_args {
	const char *journal, *store, *state;   /* one of them */
	const char *only, *log, *keys, *archive;
	const char *policy, *statements, *heads, *instruction_key, *signer;
	bool json, quiet, help, wrong;
};

/* Gives the checker what the auditor has; false: told on standard error. */
bool verify_take_all(struct money_check *check, const struct verify_args *args);

/* Checks a journal in a file and tells; the exit status. */
int verify_money_file(const struct verify_args *args);

/* Feeds the journal of a store; false: it is not a whole one, `why` tells. */
bool verify_money_store(struct money_check *check, const char *address, bool quiet, struct complaint *why);

/* What the checker found, as members of the open object. */
void verify_money_json(const struct money_check *check, struct json_out *json);

#endif
