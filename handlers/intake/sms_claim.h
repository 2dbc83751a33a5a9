/*
 * Is a text by SMS about a receipt code? Who sends a code with a word that asks
 * or wants is answered, and the code never becomes part of a tip: it is the
 * secret that money is paid for. Pure.
 *
 * A code is 24 digits whose check digits fit, as people write them: in groups,
 * with blanks or dashes, full-width. A number of 23 to 25 digits with such a
 * word and next to nothing else is a slip of the pen, and as secret. All other
 * texts are tips, with whatever numbers they have, but for codes: officers read
 * them. One that has a code, a word and more to tell is both: its words are a
 * tip, without the digits.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_CLAIM_H
#define TIPLINE_HANDLERS_INTAKE_SMS_CLAIM_H

#include "daemon/base/arena.h"
#include "daemon/core/tip/receipt.h"

enum sms_claim_kind {
	SMS_CLAIM_NOT,
	SMS_CLAIM_ASKS,      /* how it stands; a code alone asks too */
	SMS_CLAIM_WANTS,     /* to have it paid at a counter */
};

struct sms_claim {
	enum sms_claim_kind kind;
	bool readable;             /* else a slip: `code` is empty */
	struct receipt_code code;  /* to be wiped */
	struct span tip;           /* what there is beside it, with the code's digits as crosses; empty: nothing, or as sent */
};

/* Spans lie in the arena. */
void sms_claim_read(struct span text, struct arena *arena, struct sms_claim *out);

/* Wipes the code; what was sent stays with whoever holds the text. */
void sms_claim_wipe(struct sms_claim *claim);

#endif
