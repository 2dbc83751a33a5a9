/*
 * What is taken back, claimed back, written off, offset, closed; tax.
 */
#include "daemon/cli/money_check_parts.h"

#define CLOSE_MS (30 * MONEY_DAY_MS)

__extension__ typedef __int128 wide;

/* Takes `rest` back, and with it its part of the tax that was not remitted. */
static void cancel(struct money_check *check, struct money_reward *reward, int64_t rest)
{
	int64_t net = reward->fen - reward->tax_fen, tax = reward->tax_left;
	wide part = net > 0 ? ((wide)2 * reward->tax_fen * rest + net) / (2 * (wide)net) : 0;
	int64_t told = 0, left;

	tax = part < tax ? (int64_t)part : tax;
	left = rest + tax;
	if (!money_fen(check, "cancelled", &told) || told != left)
		money_broken(check, MONEY_I04_REWARD, "%lld fen are cancelled, %lld were left", (long long)told,
			     (long long)left);
	reward->cancelled += left;
	reward->tax_left -= tax;
}

void money_cancel_rest(struct money_check *check, struct money_reward *reward)
{
	cancel(check, reward, reward->payable + reward->returned);
	reward->payable = 0;
	reward->returned = 0;
}

void money_cancel_paid(struct money_check *check, struct money_reward *reward, int64_t fen)
{
	reward->paid -= fen;
	cancel(check, reward, fen);
}

void money_take_void(struct money_check *check, struct money_act *act)
{
	if (span_empty(money_line_text(check->line, "document")))
		money_broken(check, MONEY_I10_SEPARATION, "voided without a document");
	act->reward->clawback += act->reward->paid;
}

static int64_t *receivable(struct money_check *check, struct money_act *act)
{
	if (span_is(money_line_text(check->line, "of"), "overpaid"))
		return &act->reward->overpaid;
	if (span_is(money_line_text(check->line, "of"), "clawback"))
		return &act->reward->clawback;
	money_broken(check, MONEY_I12_TRANSITIONS, "neither of what was overpaid nor of what was voided");
	return NULL;
}

static void settle(struct money_check *check, struct money_act *act)
{
	int64_t *left = receivable(check, act), fen = 0;

	if (left == NULL)
		return;
	if (!money_fen(check, "fen", &fen) || fen > *left)
		money_broken(check, MONEY_I05_PAID_ONCE, "%lld fen are settled, %lld were outstanding", (long long)fen,
			     (long long)*left);
	*left -= fen;
	if (left == &act->reward->overpaid)
		act->reward->succeeded -= fen;
}

void money_take_recover(struct money_check *check, struct money_act *act)
{
	settle(check, act);
}

/* Written off it stays paid, but is no longer outstanding. */
void money_take_write_off(struct money_check *check, struct money_act *act)
{
	settle(check, act);
}

/* An overpayment is taken for what was owed. */
void money_take_offset(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = act->reward;
	int64_t fen = 0;

	if (!money_fen(check, "fen", &fen) || fen > reward->payable || fen > reward->overpaid)
		money_broken(check, MONEY_I05_PAID_ONCE, "more is offset than was overpaid or is owed");
	reward->payable -= fen;
	reward->overpaid -= fen;
	reward->paid += fen;
	reward->paid_ms = check->line->at_ms;
	if (act->to != (reward->payable == 0 ? MONEY_PAID : act->from))
		money_broken(check, MONEY_I12_TRANSITIONS, "an offset leads to %s", money_state_name(act->to));
}

void money_take_close(struct money_check *check, struct money_act *act)
{
	if (check->line->at_ms < act->reward->paid_ms + CLOSE_MS)
		money_broken(check, MONEY_I12_TRANSITIONS, "closed earlier than 30 days after the payment");
	if (act->reward->overpaid > 0)
		money_broken(check, MONEY_I12_TRANSITIONS, "closed while an overpayment is outstanding");
}

void money_take_tax(struct money_check *check, struct money_act *act)
{
	struct money_reward *reward = act->reward;
	int64_t fen = 0;

	if (!money_fen(check, "fen", &fen) || fen != reward->tax_left)
		money_broken(check, MONEY_I04_REWARD, "%lld fen of tax are remitted, %lld were withheld", (long long)fen,
			     (long long)reward->tax_left);
	reward->tax_left -= fen;
	reward->tax_paid += fen;
}
