/*
 * What a claimant does with a reward, as a command of the book: the same
 * whether it came from a page, as JSON or by SMS. Pure, but for the keys.
 */
#ifndef TIPLINE_HANDLERS_REWARD_CLAIM_ACT_H
#define TIPLINE_HANDLERS_REWARD_CLAIM_ACT_H

#include "handlers/app.h"
#include "handlers/payout/attempt_voucher.h"
#include "handlers/reward/claim_input.h"
#include "handlers/reward/office.h"

struct claim_act {
	const char *kind;                /* "reward.claim", ... */
	const char *proof;               /* how the secret was proved: "receipt", "sms" */
	char reward[BOOK_ID_MAX];
	char claimant[OFFICE_TOKEN_MAX];
	char payee[OFFICE_TOKEN_MAX];    /* token of the vault; where binds_payee */
	char key[OFFICE_TOKEN_MAX], nonce[OFFICE_TOKEN_MAX];
	struct span rail;                /* of the input */
	bool binds_payee;
};

/* How the reward of this claimant stands now; CLAIM_NONE too while the journal was not read yet. */
struct claim_status claim_status_now(const struct app *app, const char *claimant);

/* The voucher that can be redeemed now, with its word (to be wiped; may be NULL); false: there is none. */
bool claim_voucher(const struct app *app, const struct claim_status *status, struct voucher *voucher,
		   struct voucher_word *word);

/* The same input gives the same tokens and the same key, so once more is the same command. */
void claim_act_make(const struct office *office, const struct claim_input *input, const char *claimant,
		    const struct claim_status *status, const char *proof, struct claim_act *out);

/* Appends the payee, sealed for the vault under act->payee. `courier`: keys_courier(). */
void claim_act_seal(const struct seal_key *courier, const struct claim_act *act, const struct claim_input *input,
		    struct buf *out);

/* Its spans point into the act. */
void claim_act_command(const struct claim_act *act, struct book_command *out);

#endif
