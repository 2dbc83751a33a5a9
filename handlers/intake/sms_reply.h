/*
 * The answer to a tip by SMS: one neutral message, one part.
 *
 * Somebody else may read it over the informant's shoulder or on the bill. It
 * therefore holds no word of the tip, none that tells what the number is for,
 * no name of an office and no link; a number, and the advice to delete it.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_REPLY_H
#define TIPLINE_HANDLERS_INTAKE_SMS_REPLY_H

#include "daemon/core/tip/seal.h"
#include "handlers/intake/intake.h"

/* Appends the text. `receipt` NULL: only the id's last ten characters, which open nothing. */
void sms_reply_write(struct span lang, const struct tip_id *id, const struct receipt_code *receipt,
		     struct buf *out);

struct sms_reply_policy {
	const struct seal_key *courier_key;
	bool with_code;          /* sms.reply = receipt */
	unsigned expires_s;      /* an answer that is older is not sent any more; 0: one hour */
};

/*
 * The sealed intent to send it to request->reply_to, in the arena: what
 * intake_env.reply_intent wants, with a struct sms_reply_policy as `policy`.
 */
struct span sms_reply_intent(void *policy, const struct intake_request *request, const struct tip_id *id,
			     const struct receipt_code *receipt, struct arena *arena);

#endif
