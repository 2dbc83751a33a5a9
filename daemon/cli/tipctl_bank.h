/*
 * tipctl statement, break, suspense, rail, and reconcile on the running daemon,
 * inside: one set of options, one way to ask and to act.
 */
#ifndef TIPLINE_CLI_TIPCTL_BANK_H
#define TIPLINE_CLI_TIPCTL_BANK_H

#include "daemon/cli/tipctl_api.h"

struct bank_args {
	struct ctl_api api;
	const char *account, *rail, *ledger, *date, *number, *form, *from, *until, *class, *age, *state;
	int nwords;
	char **words;
};

void bank_parse(struct bank_args *args, int argc, char **argv);

/* Whether the words are this many, and the first one is that. */
bool bank_is(const struct bank_args *args, const char *what, int words);

/* Tells an answer to a person; the exit status. */
typedef int bank_teller(const json_t *root);

/* Asks, and tells the answer or prints it as it came (--json). _get() releases `path`; _one() asks for words[1] beneath `what`. */
int bank_ask(struct bank_args *args, const struct ctl_request *request, bank_teller *tell);
int bank_get(struct bank_args *args, struct buf *path, bank_teller *tell);
int bank_one(struct bank_args *args, const char *what, bank_teller *tell);

/* POST /api/v1/<kind>/<words[1]>/<action> with the NAME=VALUE words behind it. */
int bank_act(struct bank_args *args, const char *kind, const char *action);

/* Prints the usage; CTL_USAGE. */
int bank_wrong(const char *usage);

void bank_print_break(const json_t *broken);

/* The table of open breaks by class and age. */
void bank_print_ages(json_t *ages);

#endif
