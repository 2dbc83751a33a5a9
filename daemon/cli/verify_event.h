/*
 * V5, events: a journal's entry has members of known names alone, and each
 * value is of a kind that has no room for somebody's words: ids, numbers,
 * regions, marks, words of a list, names of people of the house.
 */
#ifndef TIPLINE_CLI_VERIFY_EVENT_H
#define TIPLINE_CLI_VERIFY_EVENT_H

#include "daemon/base/span.h"

/* NULL, or what is wrong with it; the member's name goes to `member` when it is one that is known. */
const char *verify_event_judge(struct span json, const char **member);

/* The same of an event of the audit trail. */
const char *verify_trail_judge(struct span json, const char **member);

/* True for what looks like a telephone or identity number, an account, a receipt code. */
bool verify_betrays(struct span text);

#endif
