/*
 * Telephone numbers as SMS gateways give them.
 *
 * Only what is sure is changed: a wrong guess would send an answer to a
 * stranger or make two people one.
 */
#ifndef TIPLINE_CORE_SMS_NUMBER_H
#define TIPLINE_CORE_SMS_NUMBER_H

#include "daemon/base/arena.h"

/*
 * A sender in its one form, in the arena: "+" and digits where that is sure
 * ("+86...", "0086...", "86" with 11 digits, and under home "86" 11 digits
 * that start with 1); else as it came. `home` may be NULL or "".
 */
struct span sms_number_normalize(struct span sender, const char *home, struct arena *arena);

/*
 * True for a sender, as normalized, that is a person's telephone under one of
 * the prefixes (comma list; NULL or "": the home country; no home: any). In +86 that
 * means a mobile number. Never true for names, short codes, service numbers.
 */
bool sms_number_may_answer(struct span sender, const char *home, const char *prefixes);

#endif
