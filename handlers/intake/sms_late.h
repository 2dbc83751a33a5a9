/*
 * Adds a part of a long message that came late to the tip that was made
 * without it.
 *
 * The same event as on the receipt page. Words that are there already, from
 * the same moment, are not added again, so a repetition does no harm.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_LATE_H
#define TIPLINE_HANDLERS_INTAKE_SMS_LATE_H

#include "daemon/core/tip/receipt.h"

struct loop;
struct store;
struct week_keys;

enum sms_late_end {
	SMS_LATE_ADDED,     /* durable; or it was there */
	SMS_LATE_REFUSED,   /* no such tip, not its code, or nothing can be added to it: the words must go elsewhere */
	SMS_LATE_AGAIN,     /* the store is away, or it may have been added: ask again with the same words and time */
};

struct sms_late {
	struct loop *loop;
	struct store *store;
	struct week_keys *weeks;
	struct tip_id id;            /* where the tip was made; transfers are followed */
	struct receipt_code code;    /* opens it */
	struct span text;
	int64_t at_ms;               /* when the words came: with the text, what makes them the same */
};

/* All is copied. `done` is called once, from the loop, never from within this call. */
void sms_late_add(const struct sms_late *late, void (*done)(void *ctx, enum sms_late_end end), void *ctx);

#endif
