/*
 * What is said by SMS: one neutral message, one part.
 *
 * Somebody else may read it over the informant's shoulder or on the bill. It
 * therefore holds no word of the tip, none that tells what the number is for,
 * no name of an office and no link; and each advises once to delete it.
 */
#ifndef TIPLINE_HANDLERS_INTAKE_SMS_REPLY_H
#define TIPLINE_HANDLERS_INTAKE_SMS_REPLY_H

#include "daemon/core/tip/seal.h"
#include "handlers/intake/intake.h"
#include "handlers/intake/sms_talk.h"

/* What stands in a line. */
struct sms_blanks {
	struct span number;                  /* of the tip, ten characters */
	const struct receipt_code *code;     /* with SMS_LINE_CODE */
};

/* Appends the line; `lang` "zh..." or anything else, which is English. SMS_LINE_NONE is nothing. */
void sms_reply_line(struct span lang, enum sms_line line, const struct sms_blanks *blanks, struct buf *out);

/* SMS_LINE_TAKEN. `receipt` NULL: only the id's last ten characters, which open nothing; else the code in their place. */
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

/* The intent of a line that belongs to no tip, appended to `out`. */
void sms_reply_seal(const struct seal_key *courier_key, struct span gateway, struct span to, struct span text,
		    int64_t received_ms, int64_t from_ms, struct buf *out);

#endif
