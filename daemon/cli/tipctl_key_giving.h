/*
 * tipctl key lock, grant, revoke, recovery init, recover: for whom the bureaus' keys open; and what a
 * new token is given of it.
 */
#ifndef TIPLINE_CLI_KEY_GIVING_H
#define TIPLINE_CLI_KEY_GIVING_H

#include "daemon/sys/tokens.h"

struct key_giving {
	const char *state_dir, *keys_dir;
	const char *with;   /* file with the token of who gives; NULL: the demo officer's */
	const char *store;  /* address, of the audit trail; NULL: that of the state directory */
};

/* Each returns the exit status of the command and says what it did, or why not. */
int key_giving_lock(const struct key_giving *giving);
int key_giving_grant(const struct key_giving *giving, const char *person, const char *region);
int key_giving_revoke(const struct key_giving *giving, const char *person, const char *region);

/* Makes the recovery key and prints its two shares; gives keys anew by two shares from standard input, a line each. */
int key_giving_recovery_init(const struct key_giving *giving);
int key_giving_recover(const struct key_giving *giving, const char *person, const char *region);

/*
 * The key pair of a new token's person: made with it, or wrapped for it when
 * who gives is that person; and of a person who reads tips, the keys of the
 * token's region. Tells on standard error what is left to do.
 */
void key_giving_new_token(const struct key_giving *giving, const struct token *token, struct span text);

/* A token that went opens its person's pair no longer. */
void key_giving_lost_token(const struct key_giving *giving, const struct token *token);

#endif
