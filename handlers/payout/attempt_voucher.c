/*
 * Vouchers of attempts; see attempt_voucher.h.
 */
#include "handlers/payout/attempt_voucher.h"

#include "daemon/base/wipe.h"

void attempt_voucher_key(const struct seal_key *requests, struct seal_key *out)
{
	seal_derive(requests, "vouchers", (struct span){ 0 }, out);
}

static enum voucher_state state_of(enum attempt_state state)
{
	switch (state) {
	case ATTEMPT_SUCCEEDED:
	case ATTEMPT_RETURNED:
		return VOUCHER_REDEEMED;
	case ATTEMPT_CANCELLING:
	case ATTEMPT_CANCELLED:
		return VOUCHER_VOID;
	case ATTEMPT_FAILED:
		return VOUCHER_EXPIRED;
	case ATTEMPT_CREATED:
	case ATTEMPT_SENDING:
	case ATTEMPT_ACCEPTED:
	case ATTEMPT_NEEDS_PAYEE:
	case ATTEMPT_PROCESSING:
	case ATTEMPT_UNKNOWN:
	case ATTEMPT_STATES:
		break;
	}
	return VOUCHER_OPEN;
}

void attempt_voucher(const struct seal_key *key, const struct book_attempt *attempt, struct voucher *voucher,
		     struct voucher_word *word)
{
	unsigned char random[VOUCHER_RANDOM_BYTES];
	struct voucher_word own;

	seal_mark(key, "voucher", span_of(attempt->instruction), random);
	voucher_make(random, key->bytes, attempt->fen, attempt->started_ms, voucher, word != NULL ? word : &own);
	voucher->state = state_of(attempt->state);
	wipe(random, sizeof(random));
	wipe(&own, sizeof(own));
}
