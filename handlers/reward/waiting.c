/*
 * Whether something waits; see waiting.h.
 */
#include "handlers/reward/waiting.h"

#include "handlers/reward/claim_act.h"

static bool voucher_waits(const struct app *app, const struct claim_status *status, struct reward_waiting *out)
{
	struct voucher voucher;

	if (!claim_voucher(app, status, &voucher, NULL))
		return false;
	*out = (struct reward_waiting){ .word = "voucher", .until_ms = voucher.expires_ms };
	return true;
}

bool reward_waits(const struct app *app, const unsigned char receipt_mark[RECEIPT_MARK_BYTES], struct reward_waiting *out)
{
	char claimant[OFFICE_TOKEN_MAX];
	struct claim_status status;

	if (app->office == NULL || app->treasury == NULL)
		return false;
	office_claimant(app->office, receipt_mark, 0, claimant);
	status = claim_status_now(app, claimant);
	if (status.word != CLAIM_OPEN && status.word != CLAIM_RETURNED)
		return voucher_waits(app, &status, out);
	*out = (struct reward_waiting){ .word = claim_word_name(status.word),
					.until_ms = status.word == CLAIM_OPEN ? status.reward->deadline_ms : 0 };
	return true;
}
