/*
 * The answer by SMS to whoever sent a receipt code: one neutral message, one
 * part. Pure.
 *
 * A telephone keeps everything, the carrier and the gateway too, and the answer
 * comes when it comes, perhaps into somebody else's hands. So it holds no
 * amount, no word that tells what it is about, no link, and of a voucher the
 * number alone: the word is shown on the page, to whoever enters the code.
 */
#ifndef TIPLINE_HANDLERS_REWARD_CLAIM_REPLY_H
#define TIPLINE_HANDLERS_REWARD_CLAIM_REPLY_H

#include "daemon/base/buf.h"
#include "handlers/reward/claim_status.h"

struct claim_reply {
	enum claim_word word;
	bool by_page;             /* to be claimed, and not by SMS */
	bool panel;               /* somebody asked for it with papers */
	struct span voucher;      /* number of an open one; else empty */
	int64_t deadline_ms;      /* CLAIM_OPEN */
};

/* Appends the text in Chinese, or in English. */
void claim_reply_write(bool chinese, const struct claim_reply *reply, struct buf *out);

#endif
