/*
 * Whether something waits for whoever holds a receipt, for the page that tells
 * how the tip fares.
 */
#ifndef TIPLINE_HANDLERS_REWARD_WAITING_H
#define TIPLINE_HANDLERS_REWARD_WAITING_H

#include "daemon/core/tip/receipt.h"
#include "handlers/app.h"

#include <stdint.h>

struct reward_waiting {
	const char *word;        /* "open": to be claimed; "returned": to be said where to anew; "voucher": to be fetched */
	int64_t until_ms;        /* 0: no day is told */
};

/* False: nothing waits, money is switched off, or the journal was not read yet. Out of the book alone, without waiting. */
bool reward_waits(const struct app *app, const unsigned char receipt_mark[RECEIPT_MARK_BYTES], struct reward_waiting *out);

#endif
