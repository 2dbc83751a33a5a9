/*
 * tipctl key vault init, grant, revoke, list: who has which half of the key that opens identities.
 */
#ifndef TIPLINE_CLI_KEY_VAULT_H
#define TIPLINE_CLI_KEY_VAULT_H

#include "daemon/cli/tipctl_key_giving.h"

struct key_vault_wish {
	const char *first, *second;   /* of init: names of persons with commas between them; NULL: not given */
};

/* `words` behind "vault". The exit status; CTL_USAGE: no such subcommand, nothing was printed. */
int key_vault_command(const struct key_giving *giving, const struct key_vault_wish *wish, char **words, int n);

#endif
