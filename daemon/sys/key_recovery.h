/*
 * The recovery key: opens every bureau's box when nobody else can.
 *
 * Its private half is the XOR of two shares, which two custodians keep on paper;
 * one alone tells nothing. Here stays only recovery.pub. From then on every box
 * that changes gets a row for it (key_grants.h).
 *
 * A share as text is its number, 16 groups of four hex digits, and a group that
 * checks them: "1-0123-4567-...-89ab". A mistake of typing is found, and two
 * first shares are too.
 */
#ifndef TIPLINE_SYS_KEY_RECOVERY_H
#define TIPLINE_SYS_KEY_RECOVERY_H

#include "daemon/sys/key_grants.h"

#define KEY_SHARE_BYTES 32
#define KEY_SHARE_TEXT (1 + 17 * 5)   /* without the terminator */

struct key_shares {
	unsigned char at[2][KEY_SHARE_BYTES];   /* wiped by the caller */
};

/*
 * Makes the recovery pair, once, and seals to it what `with` opens. False: there
 * is one already, or a file cannot be written. Boxes that `with` does not open
 * are `closed` and get their row when somebody who does changes them.
 */
bool key_recovery_make(const char *dir, const struct keyring *with, struct key_shares *shares, struct key_tally *tally,
		       struct complaint *why);

/* What both shares open; the caller frees it. NULL: they are not those of recovery.pub, or a file cannot be read. */
struct keyring *key_recovery_open(const char *dir, const struct key_shares *shares, struct complaint *why);

/* `number` is 1 or 2. */
void key_share_print(unsigned number, const unsigned char share[KEY_SHARE_BYTES], char text[KEY_SHARE_TEXT + 1]);
bool key_share_parse(struct span text, unsigned number, unsigned char share[KEY_SHARE_BYTES]);

#endif
