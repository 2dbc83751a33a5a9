/*
 * Who stands at the command line, as far as keys go: a person whose token opens
 * a key pair, and with it what is sealed to that person.
 */
#ifndef TIPLINE_CLI_KEY_OPENER_H
#define TIPLINE_CLI_KEY_OPENER_H

#include "daemon/sys/keyring.h"
#include "daemon/sys/tokens.h"

struct key_opener {
	struct token token;
	char text[TOKEN_TEXT_BYTES + 1];
	struct person_pair pair;
	struct keyring *ring;
};

/*
 * Opens the person of a token: that in `file`, or when that is NULL the demo
 * officer's of an installation that has demo accounts. Makes a pair for a person
 * who has none with `make`. False: `why`; nothing to release.
 */
bool key_opener_open(struct key_opener *opener, const char *state_dir, const char *keys_dir, const char *file, bool make,
		     struct complaint *why);
void key_opener_release(struct key_opener *opener);

/* The text of the token in `file`, or of the demo officer's; the caller wipes it. */
bool ctl_token_read(const char *state_dir, const char *file, char text[TOKEN_TEXT_BYTES + 1], struct complaint *why);

/* The row of a token that is valid now. */
bool ctl_token_find(const char *state_dir, struct span text, struct token *row, struct complaint *why);

#endif
