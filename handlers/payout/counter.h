/*
 * The counter: tellers pay out vouchers (the rail "voucher").
 *
 *   POST /api/v1/counter/vouchers/lookup   {"number":"0123 4567 8901","word":"K7QF-2M9D"}
 *   POST /api/v1/counter/vouchers/redeem   the same and "amount_fen", with an Idempotency-Key
 *
 * A teller is an account of staff with the role cashier and one title
 * "branch-NAME", which names where the cash comes from: cash:NAME. Both stand
 * in the record. Number and word are judged together; who does not bring the
 * word learns nothing, not even whether there is such a number. Redeeming is
 * one record of the journal: the first one that posts is the payment, every
 * other teller is told that it is spent. Whole or not at all, and only while
 * the journal can be written. Ten wrong words make the voucher void; they are
 * counted here at once, and in the store for all processes and restarts. How
 * many are left is told to whoever brings the word; of those that another
 * process counted, this one knows since its own last wrong word.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_COUNTER_H
#define TIPLINE_HANDLERS_PAYOUT_COUNTER_H

#include "daemon/core/tip/seal.h"
#include "daemon/jobs/treasury.h"
#include "handlers/endpoint.h"
#include "handlers/payout/rail.h"
#include "handlers/payout/voucher.h"

struct counter;

/* All pointers outlive the counter. */
struct counter_env {
	struct loop *loop;
	struct treasury *treasury;
	struct store *store;                  /* where wrong words are counted */
	const struct seal_key *key;           /* attempt_voucher_key() */
	const struct rail_profile *profile;   /* of the rail "voucher" */
};

struct counter *counter_new(const struct counter_env *env);
void counter_free(struct counter *counter);

/* For treasury_env: every record, in order. */
void counter_applied(struct counter *counter, const struct record *record);

/*
 * What the claimant of a reward may see of its voucher: number and word while
 * it can be redeemed. False: there is none now. Wipe the word.
 */
bool counter_voucher(const struct counter *counter, const struct book_reward *reward, int64_t now_ms,
		     struct voucher *voucher, struct voucher_word *word);

/* Staff calls, for the role cashier. */
void counter_lookup(const struct call *args, struct http_exchange *exchange);
void counter_redeem(const struct call *args, struct http_exchange *exchange);

#endif
