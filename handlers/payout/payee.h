/*
 * Where the money goes: account and name of a payee as they lie in the vault,
 * under the token that the journal knows.
 *
 * The identity key of tips is split between two approvers and opens nothing
 * here: whoever pays has to read the account by himself. So what a claimant
 * gives for the payment, and nothing else, is sealed under a key of its own,
 * made from courier.key, which every process that sends something out holds.
 * It is opened for one call, wiped after it, and never logged or journalled.
 */
#ifndef TIPLINE_HANDLERS_PAYOUT_PAYEE_H
#define TIPLINE_HANDLERS_PAYOUT_PAYEE_H

#include "daemon/core/tip/seal.h"

#define PAYEE_ACCOUNT_MAX 128   /* openid, "BANK/ACCOUNT" */
#define PAYEE_NAME_MAX 140      /* bytes, as ISO 20022 takes it */

struct payee {
	struct span account, name;   /* either may be empty */
};

/* The key of the vault, from keys_courier(). */
void payee_key(const struct seal_key *courier, struct seal_key *out);

/* Appends the sealed form; `token` is bound to it: moved under another one it does not open. */
void payee_seal(const struct seal_key *key, struct span token, const struct payee *payee, struct buf *out);

/* Spans lie in the arena. False: another key or token, or changed bytes. */
bool payee_open(const struct seal_key *key, struct span token, struct span sealed, struct arena *arena,
		struct payee *out);

#endif
