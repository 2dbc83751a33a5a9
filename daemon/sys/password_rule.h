/*
 * Which passwords are taken: long enough, and none that a machine tries first.
 *
 * No list of words and no demand for signs of this kind or that: length is what
 * counts (NIST SP 800-63B). Refused is what has no more in it than a rule of a
 * few letters: the account's own name with something around it, a short group
 * again and again, a row as on the keys or in the alphabet.
 */
#ifndef TIPLINE_SYS_PASSWORD_RULE_H
#define TIPLINE_SYS_PASSWORD_RULE_H

#include "daemon/base/complaint.h"
#include "daemon/base/span.h"

/* False: `why` says what is expected, and nothing of the password. */
bool password_rule(struct span person, struct span password, struct complaint *why);

#endif
