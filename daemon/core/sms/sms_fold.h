/*
 * A message in the one form in which its words are compared.
 */
#ifndef TIPLINE_CORE_SMS_FOLD_H
#define TIPLINE_CORE_SMS_FOLD_H

#include "daemon/base/arena.h"

#define SMS_FOLD_MAX 256   /* bytes; what is longer is no word */

/*
 * NFKC with case folded, what cannot be seen left out, every run of blanks one,
 * none at the ends; in the arena. Empty: too long, no UTF-8, or nothing in it.
 */
struct span sms_fold(struct span text, struct arena *arena);

#endif
