/*
 * The voucher of an attempt on the rail "voucher".
 *
 * Number and word follow from the instruction id and a key kept off the store,
 * state and time from the attempt in the book: nothing else is kept, so a
 * state directory or journal restored from yesterday makes the same voucher and
 * not a second one. Whoever proves the receipt code is shown number and word
 * again; nobody else is.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_ATTEMPT_VOUCHER_H
#define TIPLINE_HANDLERS_PAYOUT_ATTEMPT_VOUCHER_H

#include "daemon/core/tip/seal.h"
#include "daemon/money/book.h"
#include "handlers/payout/voucher.h"

#define VOUCHER_RAIL "voucher"   /* driver and name of the rail of counters */

/* The key of vouchers, from keys_requests(). */
void attempt_voucher_key(const struct seal_key *requests, struct seal_key *out);

/*
 * Of an attempt; `word` (to be wiped) may be NULL. `failures` is 0: whoever
 * takes words from outside counts them.
 */
void attempt_voucher(const struct seal_key *key, const struct book_attempt *attempt, struct voucher *voucher,
		     struct voucher_word *word);

#endif
