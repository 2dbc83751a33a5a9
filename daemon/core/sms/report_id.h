/*
 * The id under which a carrier knows what we sent, however it is spelled.
 *
 * The answer to a message and the delivery report about it seldom spell the id
 * alike: hexadecimal in one and decimal in the other, with leading zeros, in
 * the other case, a UUID with and without its dashes. One normal form is kept
 * of the answer; of a report come all forms that the answer may have had, the
 * likeliest first. Pure.
 */
#ifndef TIPLINE_CORE_SMS_REPORT_ID_H
#define TIPLINE_CORE_SMS_REPORT_ID_H

#include "daemon/base/arena.h"

#define REPORT_ID_FORMS 3
#define REPORT_ID_MAX 128   /* characters; longer ones are none */

struct report_id {
	struct span form[REPORT_ID_FORMS];   /* in the arena */
	size_t n;
};

/* The normal form of the id in an answer; empty: there is none. */
struct span report_id_normal(struct span id, struct arena *arena);

/*
 * The forms that the id of a report may have had in the answer: as it stands,
 * then its decimal digits as a hexadecimal number, then its hexadecimal digits
 * as a decimal one. n is 0 when there is no id.
 */
void report_id_read(struct span id, struct arena *arena, struct report_id *out);

#endif
