/*
 * Sums: every entry balances, no account below its limit, each reward's and
 * each year's equation (I01 to I04, I07, I08).
 */
#include "tests/sim/invariants_state.h"

#include <stdio.h>

/* The chart of accounts once more. */
static const struct chart {
	unsigned code;
	bool budget, debit, limited;
} chart[] = {
	{ 1010, false, true, true },   { 1020, false, true, true },   { 1030, false, true, true },
	{ 1210, false, true, true },   { 1220, false, true, true },   { 1310, false, true, false },
	{ 2010, false, false, true },  { 2020, false, false, true },  { 2030, false, false, true },
	{ 2040, false, false, true },  { 2050, false, false, false }, { 3010, false, false, false },
	{ 3020, false, false, false }, { 5010, false, true, false },  { 5020, false, true, false },
	{ 5030, false, true, false },  { 8010, true, true, true },    { 8020, true, false, true },
	{ 8030, true, false, true },   { 8040, true, false, true },   { 8050, true, false, true },
};

static const struct chart *of_chart(unsigned code)
{
	for (size_t i = 0; i < sizeof(chart) / sizeof(chart[0]); i++)
		if (chart[i].code == code)
			return &chart[i];
	return NULL;
}

/* --- accounts ------------------------------------------------------------------------------ */

static struct account *account_of(struct invariants *inv, const struct ledger_leg *leg)
{
	size_t n = inv->accounts.n;
	size_t index = names_add(&inv->accounts, span_of(arena_printf(&inv->arena, "%s|%d|%s", leg->book, (int)leg->code,
								      leg->detail)));

	inv->account = inv_room(inv->account, &inv->account_size, index, sizeof(*inv->account));
	if (index == n) {
		inv->account[index].code = leg->code;
		INV_PUT(inv->account[index].book, span_of(leg->book));
		INV_PUT(inv->account[index].detail, span_of(leg->detail));
	}
	inv->touched[inv->ntouched++] = index;
	return &inv->account[index];
}

static struct year *year_of(struct invariants *inv, const char *name)
{
	size_t n = inv->years.n, index = names_add(&inv->years, span_of(name));

	inv->year = inv_room(inv->year, &inv->year_size, index, sizeof(*inv->year));
	if (index == n)
		INV_PUT(inv->year[index].name, span_of(name));
	return &inv->year[index];
}

const char *inv_year_now(const struct invariants *inv, const char *name)
{
	size_t index = names_find(&inv->years, span_of(name));

	while (index != NAMES_NONE && inv->year[index].closed) {
		name = inv->year[index].next;
		index = names_find(&inv->years, span_of(name));
	}
	return name;
}

static void post_budget(struct invariants *inv, const struct ledger_leg *leg)
{
	struct year *year = year_of(inv, leg->book);
	int64_t credit = leg->debit ? -leg->fen : leg->fen;

	switch (leg->code) {
	case 8010:
		year->authorised -= credit;
		break;
	case 8020:
		year->available += credit;
		break;
	case 8030:
		year->encumbered += credit;
		break;
	case 8040:
		year->expended += credit;
		break;
	case 8050:
		year->lapsed += credit;
		break;
	default:
		break;
	}
}

/* --- rewards ------------------------------------------------------------------------------------ */

/* "R7" of "R7" and of "voucher:R7-1" */
static struct owed *owed_of(const struct invariants *inv, const struct ledger_leg *leg)
{
	struct span detail = span_of(leg->detail);
	size_t colon = span_find(detail, SPAN(":"));

	if (leg->code == 2020)
		detail = span_from_offset(detail, colon + 1);
	return inv_owed(inv, span_from(detail.at, span_find(detail, SPAN("-"))));
}

static bool row(const struct invariants *inv, const char *name)
{
	return span_starts(span_of(inv->record.entry.id), span_of(name));
}

static void post_reward(const struct invariants *inv, const struct ledger_leg *leg)
{
	struct owed *owed = owed_of(inv, leg);
	int64_t credit = leg->debit ? -leg->fen : leg->fen;

	if (owed == NULL)
		return;
	switch (leg->code) {
	case 2010:
		owed->payable += credit;
		owed->offset -= row(inv, "L21:") ? credit : 0;
		break;
	case 2020:
		owed->inflight += credit;
		return;
	case 2030:
		owed->tax += credit;
		owed->remitted -= row(inv, "L16:") ? credit : 0;
		break;
	case 2040:
		owed->returned += credit;
		break;
	case 1210:
		owed->overpaid -= credit;
		return;
	case 1220:
		owed->clawback -= credit;
		return;
	default:
		return;
	}
	owed->accrued += row(inv, "L03:") ? credit : 0;
	owed->cancelled -= row(inv, "L07:") ? credit : 0;
}

static int64_t paid(const struct owed *owed)
{
	int64_t fen = owed->offset;

	for (size_t i = 0; i < owed->ntried; i++)
		if (owed->tried[i].state == ATTEMPT_SUCCEEDED && !owed->tried[i].overpaid)
			fen += owed->tried[i].fen;
	return fen;
}

bool inv_sums(struct invariants *inv, const struct owed *owed)
{
	int64_t live = 0;

	if (owed->accrued - owed->cancelled != owed->payable + owed->inflight + owed->returned + owed->tax + owed->remitted + paid(owed))
		return inv_fail(inv, "I04", "%s: accrued %lld - cancelled %lld is not payable %lld + in flight %lld + returned %lld + tax "
				"%lld + remitted %lld + paid %lld", owed->id, (long long)owed->accrued,
				(long long)owed->cancelled, (long long)owed->payable, (long long)owed->inflight,
				(long long)owed->returned, (long long)owed->tax, (long long)owed->remitted,
				(long long)paid(owed));
	for (size_t i = 0; i < owed->ntried; i++)
		live += attempt_live(owed->tried[i].state) ? owed->tried[i].fen : 0;
	if (owed->inflight != live)
		return inv_fail(inv, "I07", "%s: %lld fen are in flight, live attempts are of %lld", owed->id,
				(long long)owed->inflight, (long long)live);
	if (paid(owed) > owed->fen - owed->tax_fen)
		return inv_fail(inv, "I05", "%s: paid %lld of %lld", owed->id, (long long)paid(owed),
				(long long)(owed->fen - owed->tax_fen));
	/* Nothing stays owed by what is over. */
	if (reward_terminal(owed->state) || owed->state == REWARD_EXPIRED)
		if (owed->payable + owed->inflight + owed->returned != 0)
			return inv_fail(inv, "I04", "%s is %s, and %lld fen are still owed", owed->id, reward_state_name(owed->state),
					(long long)(owed->payable + owed->inflight + owed->returned));
	return true;
}

/* --- years ----------------------------------------------------------------------------------------- */

static bool year_holds(struct invariants *inv, const struct year *year)
{
	int64_t open = 0;

	if (year->authorised != year->available + year->encumbered + year->expended + year->lapsed)
		return inv_fail(inv, "I03", "%s: %lld authorised", year->name, (long long)year->authorised);
	if (year->available < 0)
		return inv_fail(inv, "I02", "%s: the budget is overdrawn", year->name);
	for (size_t i = 0; i < inv->rewards.n; i++) {
		const struct owed *owed = &inv->owed[i];

		if (owed->accrued > 0 && strcmp(inv_year_now(inv, owed->book), year->name) == 0)
			open += owed->payable + owed->inflight + owed->returned + owed->tax;
	}
	if (open != year->encumbered)
		return inv_fail(inv, "I08", "%s: %lld encumbered, %lld are open", year->name, (long long)year->encumbered,
				(long long)open);
	return true;
}

static bool years_hold(struct invariants *inv)
{
	for (size_t i = 0; i < inv->record.entry.nlegs; i++) {
		const struct ledger_leg *leg = &inv->record.entry.legs[i];

		if (leg->code >= 8000 && !year_holds(inv, year_of(inv, leg->book)))
			return false;
	}
	return true;
}

/* --- entries ------------------------------------------------------------------------------------------ */

static bool balances(struct invariants *inv)
{
	const struct ledger_entry *entry = &inv->record.entry;
	int64_t sums[2] = { 0, 0 };

	if (entry->nlegs == 1)
		return inv_fail(inv, "I01", "one leg alone");
	for (size_t i = 0; i < entry->nlegs; i++) {
		const struct chart *kind = of_chart(entry->legs[i].code);

		if (kind == NULL || entry->legs[i].fen <= 0)
			return inv_fail(inv, "I01", "leg %zu is none", i + 1);
		sums[kind->budget] += entry->legs[i].debit ? entry->legs[i].fen : -entry->legs[i].fen;
	}
	return (sums[0] == 0 && sums[1] == 0) || inv_fail(inv, "I01", "debits are not credits");
}

static bool keeps_limits(struct invariants *inv)
{
	for (size_t i = 0; i < inv->ntouched; i++) {
		const struct account *account = &inv->account[inv->touched[i]];
		const struct chart *kind = of_chart(account->code);
		int64_t balance = account->debits - account->credits;

		if (kind->limited && (kind->debit ? balance : -balance) < 0)
			return inv_fail(inv, "I02", "%s %u %s falls below zero", account->book, account->code, account->detail);
	}
	return true;
}

/* What was claimed back came by itself. */
static bool reversed_back(const struct invariants *inv)
{
	const struct ledger_entry *entry = &inv->record.entry;

	for (size_t i = 0; i < entry->nlegs; i++)
		if (entry->legs[i].code == 1220 && !entry->legs[i].debit)
			return true;
	return false;
}

/* The tax that goes with what came back. */
static int64_t taxed(const struct invariants *inv)
{
	const struct ledger_entry *entry = &inv->record.entry;
	int64_t fen = 0;

	for (size_t i = 0; i < entry->nlegs; i++)
		fen += entry->legs[i].code == 2030 && entry->legs[i].debit ? entry->legs[i].fen : 0;
	return fen;
}

bool inv_money(struct invariants *inv)
{
	const struct ledger_entry *entry = &inv->record.entry;

	if (!balances(inv))
		return false;
	if (inv_is(inv, "budget.open_year"))
		year_of(inv, arena_dup(&inv->arena, inv->record.subject).at);
	for (size_t i = 0; i < entry->nlegs; i++) {
		struct account *account = account_of(inv, &entry->legs[i]);

		*(entry->legs[i].debit ? &account->debits : &account->credits) += entry->legs[i].fen;
		post_reward(inv, &entry->legs[i]);
		post_budget(inv, &entry->legs[i]);
	}
	/* Came back when nothing was owed: as if it had been cancelled, or recovered. */
	if (inv_is(inv, "attempt.observe") && inv->of != NULL && (row(inv, "L22:") || reversed_back(inv)))
		inv->of->cancelled += inv_number(inv, "fen") + taxed(inv);
	if (inv_is(inv, "budget.close_year")) {
		struct year *year = year_of(inv, arena_dup(&inv->arena, inv->record.subject).at);

		year->closed = true;
		INV_PUT(year->next, inv_text(inv, "next"));
		if (year->available != 0 || year->encumbered != 0)
			return inv_fail(inv, "I03", "%s is closed with something left", year->name);
	}
	return keeps_limits(inv) && years_hold(inv);
}
