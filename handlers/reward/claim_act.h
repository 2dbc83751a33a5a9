/*
 * What a claimant does with a reward, as a command of the book: the same
 * whether it came from a page, as JSON or by SMS; and its payee on the way into the vault.
 */
#ifndef TIPLINE_HANDLERS_REWARD_CLAIM_ACT_H
#define TIPLINE_HANDLERS_REWARD_CLAIM_ACT_H

#include "daemon/store/wait.h"
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

/* Waits: puts the payee, sealed, into the vault under act->payee. `reply` lives in the flow. */
enum flow_next claim_act_put(struct flow *flow, const struct app *app, const struct claim_act *act,
			     const struct claim_input *input, struct store_reply *reply);

/* Its spans point into the act. */
void claim_act_command(const struct claim_act *act, struct book_command *out);

#endif
