/*
 * What the calls about money share beside the treasury: tokens that say
 * nothing about a person, what was recorded about what, first answers, and the
 * failures of claims. Made once; app->office, NULL where money is switched off.
 *
 * Tokens are keyed marks. Whoever holds a receipt code can make the claimant's
 * token with our key; nothing leads from the token to the code.
 */
#ifndef TIPLINE_HANDLERS_REWARD_OFFICE_H
#define TIPLINE_HANDLERS_REWARD_OFFICE_H

#include "daemon/core/tip/seal.h"
#include "daemon/money/audit_log.h"
#include "daemon/money/book.h"
#include "handlers/reward/money_index.h"
#include "handlers/reward/tries.h"

#define OFFICE_TOKEN_MAX 36          /* with NUL; as STAFF_NAME_MAX */
#define OFFICE_ANSWERS 512           /* first answers that are kept in memory; older ones are folded anew */
#define OFFICE_FOLDS_MAX 2           /* at a time */

struct office;

struct office_env {
	const struct seal_key *key;      /* keys_requests(): the office's own are made from it */
	const char *engagement;          /* of the audit; pseudonyms of another one are others */
	uint64_t seed;                   /* random */
};

struct office *office_new(const struct office_env *env);
void office_free(struct office *office);

/* 32 bytes from which instruction ids are derived. */
const unsigned char *office_instruction_key(const struct office *office);

/* Of whoever has the receipt with this mark; `member` of a joint tip, from 0. */
void office_claimant(const struct office *office, const unsigned char receipt_mark[RECEIPT_MARK_BYTES], unsigned member,
		     char out[OFFICE_TOKEN_MAX]);

/*
 * Of a payee in the vault: its first half is the same for the same account,
 * its second half names this claim (or its repetition).
 */
void office_payee(const struct office *office, struct span payee, struct span claimant, struct span nonce,
		  char out[OFFICE_TOKEN_MAX]);

/* Key and nonce of what a claimant does, from the nonce of the page. */
void office_claim_key(const struct office *office, const char *action, struct span claimant, struct span nonce,
		      char out[OFFICE_TOKEN_MAX]);

/* How an auditor sees a token of this kind ("claimant", "payee"). */
void office_pseudonym(const struct office *office, const char *kind, struct span token, char out[OFFICE_TOKEN_MAX]);

/*
 * A record was applied, and `book` is as it was left (NULL: not told). Keeps
 * the answer to the member of staff who caused it.
 */
void office_applied(struct office *office, const struct book *book, const struct record *record);

struct money_index *office_index(struct office *office);
/* The journal as auditors look at it; rows of all that was applied. */
const struct audit_log *office_audit_log(const struct office *office);
struct tries *office_tries(struct office *office);

/* The first answer to the command of record `seq`, or empty when it is not in memory any more. */
struct span office_answer(const struct office *office, uint64_t seq);

/* Room for another fold of the journal; false: too many are under way. */
bool office_fold_begin(struct office *office);
void office_fold_end(struct office *office);

#endif
