/*
 * What is taken back, and the end: E23, E24, E27, recovery, write-off, and an
 * overpayment that is taken for what was owed.
 */
#include "daemon/money/book_state.h"

#define CLOSE_MS (30 * DAY_MS)

static int64_t balance(const struct plan *plan, enum ledger_code code)
{
	return ledger_balance(plan->book->ledger, plan->dossier->is.book, code, plan->dossier->is.id);
}

/* Tax of what is not paid; that of what was paid stays owed to the tax office. */
int64_t pay_tax_of(const struct plan *plan, int64_t fen)
{
	const struct book_reward *reward = &plan->dossier->is;
	int64_t withheld = balance(plan, LEDGER_TAX_WITHHELD), net = reward->fen - reward->tax_fen, tax = 0;

	if (net <= 0 || !money_scale(reward->tax_fen, fen, net, &tax))
		return withheld;
	return tax < withheld ? tax : withheld;
}

void pay_cancel_rest(struct plan *plan)
{
	struct posting_facts facts = { .net = balance(plan, LEDGER_PAYABLE), .rest = balance(plan, LEDGER_RETURNED) };

	facts.tax = pay_tax_of(plan, facts.net + facts.rest);
	facts.a = facts.net + facts.rest + facts.tax;
	plan_put_number(plan, "cancelled", facts.a);
	if (facts.a > 0)
		plan_post(plan, POSTING_CANCELLED, &facts);
}

bool guard_revoke(struct plan *plan)
{
	pay_cancel_rest(plan);
	plan_to(plan, REWARD_REVOKED);
	return true;
}

bool guard_void(struct plan *plan)
{
	struct posting_facts facts = { .x = plan->dossier->is.paid_fen };

	plan_put_number(plan, "fen", facts.x);
	plan_to(plan, REWARD_REVERSED);
	return plan_post(plan, POSTING_VOIDED, &facts);
}

/* --- receivables ------------------------------------------------------------------------------ */

static bool which(struct plan *plan, struct posting_facts *facts)
{
	enum ledger_code code;

	if (span_is(plan_field(plan, "of"), "overpaid")) {
		facts->when = POSTING_OF_OVERPAID;
		code = LEDGER_OVERPAID;
	} else if (span_is(plan_field(plan, "of"), "clawback")) {
		facts->when = POSTING_OF_CLAWBACK;
		code = LEDGER_CLAWBACK;
	} else {
		return plan_refuse(plan, 400, "WRONG_FIELD", "of: overpaid or clawback");
	}
	facts->x = plan_number(plan, "fen");
	if (facts->x > balance(plan, code))
		return plan_refuse(plan, 409, "TOO_MUCH", "more than is outstanding");
	return true;
}

unsigned pay_year_of(const struct plan *plan, const char *spent_in)
{
	const struct fiscal *spent = fiscal_find(plan->book, spent_in);

	return spent != NULL && !spent->closed ? POSTING_SAME_YEAR : POSTING_PRIOR_YEAR;
}

bool guard_recover(struct plan *plan)
{
	struct posting_facts facts = { .spent = plan->dossier->spent_in };

	if (!which(plan, &facts))
		return false;
	facts.when |= pay_year_of(plan, plan->dossier->spent_in);
	posting_account_parse(plan_field(plan, "account"), &facts.source);
	return plan_post(plan, POSTING_RECOVERED, &facts);
}

bool guard_write_off(struct plan *plan)
{
	struct posting_facts facts = { .x = 0 };

	return which(plan, &facts) && plan_post(plan, POSTING_WRITTEN_OFF, &facts);
}

int64_t offset_fen(const struct book *book, const struct dossier *dossier)
{
	const struct book_reward *reward = &dossier->is;
	int64_t owed = ledger_balance(book->ledger, reward->book, LEDGER_PAYABLE, reward->id);
	int64_t overpaid = ledger_balance(book->ledger, reward->book, LEDGER_OVERPAID, reward->id);

	if (reward->state != REWARD_CLAIMED && reward->state != REWARD_RELEASED)
		return 0;
	return owed < overpaid ? owed : overpaid;
}

/* What seemed one payment too many was the one, since the other failed. */
bool guard_offset(struct plan *plan)
{
	struct posting_facts facts = { .x = offset_fen(plan->book, plan->dossier) };
	enum reward_state state = plan->dossier->is.state;

	if (facts.x == 0)
		return plan_refuse(plan, 409, "NOTHING_OWED", "there is no overpayment, or nothing is owed");
	plan->after.is.paid_fen += facts.x;
	plan->after.paid_ms = plan->now_ms;
	NAME_PUT(plan->after.spent_in, span_of(fiscal_now(plan->book, plan->dossier->is.book)));
	plan_put_number(plan, "fen", facts.x);
	plan_to(plan, facts.x == balance(plan, LEDGER_PAYABLE) ? REWARD_PAID : state);
	return plan_post(plan, POSTING_OFFSET, &facts);
}

/* --- close --------------------------------------------------------------------------------------- */

int64_t close_at(const struct book *book, const struct dossier *dossier)
{
	for (size_t i = 0; i < dossier->is.nattempts; i++)
		if (dossier->attempts[i].state == ATTEMPT_SUCCEEDED && dossier->attempts[i].line[0] == '\0')
			return INT64_MAX;
	if (ledger_balance(book->ledger, dossier->is.book, LEDGER_OVERPAID, dossier->is.id) > 0)
		return INT64_MAX;
	return dossier->paid_ms + CLOSE_MS;
}

bool guard_close(struct plan *plan)
{
	int64_t at_ms = close_at(plan->book, plan->dossier);

	if (at_ms == INT64_MAX)
		return plan_refuse(plan, 409, "NOT_MATCHED", "a payment has no statement line, or one is too many");
	if (plan->now_ms < at_ms)
		return plan_refuse(plan, 409, "TOO_EARLY", "30 days after the payment");
	plan_to(plan, REWARD_CLOSED);
	return true;
}
