/*
 * The ledger once more: chart of accounts, balance of each entry, limits and
 * budget after each record.
 */
#include "daemon/cli/money_check_parts.h"

#include "daemon/base/table.h"

/* Code, side, and whether the balance may never be on the other side. */
static const struct chart_row {
	unsigned code;
	bool debit;
	bool limited;
} chart[] = {
	{ .code = 1010, .debit = true, .limited = true },  { .code = 1020, .debit = true, .limited = true },
	{ .code = 1030, .debit = true, .limited = true },  { .code = 1210, .debit = true, .limited = true },
	{ .code = 1220, .debit = true, .limited = true },  { .code = 1310, .debit = true, .limited = true },
	{ .code = 2010, .limited = true },		   { .code = 2020, .limited = true },
	{ .code = 2030, .limited = true },		   { .code = 2040, .limited = true },
	{ .code = 2050, .limited = true },		   { .code = 3010 },
	{ .code = 3020 },				   { .code = 5010, .debit = true },
	{ .code = 5020, .debit = true },		   { .code = 5030, .debit = true },
	{ .code = 8010, .debit = true, .limited = true },  { .code = 8020, .limited = true },
	{ .code = 8030, .limited = true },		   { .code = 8040, .limited = true },
	{ .code = 8050, .limited = true },
};

static const struct chart_row *row_of(unsigned code)
{
	for (size_t i = 0; i < COUNT_OF(chart); i++)
		if (chart[i].code == code)
			return &chart[i];
	return NULL;
}

static bool same_part(const struct money_leg *a, const struct money_leg *b)
{
	return span_eq(a->book, b->book) && (a->code < MONEY_BUDGET) == (b->code < MONEY_BUDGET);
}

/* --- I01 ------------------------------------------------------------------------------------ */

static bool legs_fit(struct money_check *check)
{
	const struct money_line *line = check->line;

	for (size_t i = 0; i < line->nlegs; i++) {
		if (row_of(line->legs[i].code) == NULL) {
			money_broken(check, MONEY_I01_BALANCE, "there is no account %u", line->legs[i].code);
			return false;
		}
		if (line->legs[i].fen == 0)
			money_broken(check, MONEY_I01_BALANCE, "a posting to %u of zero fen", line->legs[i].code);
	}
	if (line->nlegs < 2)
		money_broken(check, MONEY_I01_BALANCE, "an entry of one posting");
	return true;
}

/* In each book and sub-ledger. Up to 32 legs below 2^53 stay below 2^63. */
static void check_balance(struct money_check *check)
{
	const struct money_line *line = check->line;

	for (size_t i = 0; i < line->nlegs; i++) {
		int64_t sum = 0;

		for (size_t k = 0; k < line->nlegs; k++)
			if (same_part(&line->legs[i], &line->legs[k]))
				sum += line->legs[k].debit ? line->legs[k].fen : -line->legs[k].fen;
		if (sum != 0)
			money_broken(check, MONEY_I01_BALANCE, "%.*s: debits exceed credits by %lld fen in %s of %.*s",
				     (int)line->entry.len, line->entry.at, (long long)sum,
				     line->legs[i].code < MONEY_BUDGET ? "FIN" : "BGT", (int)line->legs[i].book.len,
				     line->legs[i].book.at);
	}
}

/* --- accounts -------------------------------------------------------------------------------- */

static struct span account_name(struct money_check *check, const struct money_leg *leg)
{
	return span_of(arena_printf(&check->arena, "%u %.*s", leg->code, (int)leg->book.len, leg->book.at));
}

static struct money_account *account_of(struct money_check *check, const struct money_leg *leg)
{
	struct money_ledger *ledger = &check->ledger;
	struct span name = account_name(check, leg);
	size_t index = money_map_get(&ledger->by_account, name, leg->detail);
	struct money_account *account;

	if (index != MONEY_MAP_NONE)
		return &((struct money_account *)ledger->accounts.at)[index];
	account = money_list_add(&ledger->accounts, sizeof(*account));
	account->code = leg->code;
	account->detail = money_keep(check, leg->detail);
	money_map_add(&ledger->by_account, name, leg->detail, ledger->accounts.n - 1);
	return account;
}

static struct money_book *book_at(struct money_check *check, size_t index)
{
	return &((struct money_book *)check->ledger.books.at)[index];
}

static size_t book_of(struct money_check *check, struct span name)
{
	struct money_ledger *ledger = &check->ledger;
	size_t index = money_map_get(&ledger->by_book, name, NO_SPAN);
	struct money_book *book;

	if (index != MONEY_MAP_NONE)
		return index;
	book = money_list_add(&ledger->books, sizeof(*book));
	book->name = money_keep(check, name);
	book->answers = ledger->books.n - 1;
	money_map_add(&ledger->by_book, name, NO_SPAN, book->answers);
	return book->answers;
}

/* The year that answers for the open items of a book. */
static struct money_book *answering(struct money_check *check, size_t index)
{
	while (book_at(check, index)->answers != index)
		index = book_at(check, index)->answers;
	return book_at(check, index);
}

static bool is_owed(unsigned code)
{
	return code == MONEY_PAYABLE || code == MONEY_INFLIGHT || code == MONEY_TAX || code == MONEY_RETURNED;
}

static bool post_budget(struct money_check *check, const struct money_leg *leg, int64_t change)
{
	struct money_book *book = book_at(check, book_of(check, leg->book));
	int64_t *row = &book->budget[(leg->code - MONEY_AUTHORISED) / 10];

	return money_add(*row, leg->code == MONEY_AUTHORISED ? change : -change, row);
}

/* All balances, of whatever sum, stay within the range of amounts, or nothing can be said any more. */
static bool post(struct money_check *check, const struct money_leg *leg)
{
	struct money_account *account = account_of(check, leg);
	int64_t change = leg->debit ? leg->fen : -leg->fen;
	int64_t *turnover = leg->code < MONEY_BUDGET ? &check->ledger.fin : &check->ledger.bgt;
	struct money_book *book = answering(check, book_of(check, leg->book));

	account->seq = check->seq;
	if (leg->debit && !money_add(*turnover, leg->fen, turnover))
		return false;
	if (is_owed(leg->code) && !money_subtract(book->owed, change, &book->owed))
		return false;
	return money_add(account->balance, change, &account->balance) &&
	       (leg->code < MONEY_BUDGET || post_budget(check, leg, change));
}

/* --- I02, I03 ----------------------------------------------------------------------------------- */

static void check_limits(struct money_check *check)
{
	const struct money_line *line = check->line;

	for (size_t i = 0; i < line->nlegs; i++) {
		const struct money_leg *leg = &line->legs[i];
		const struct chart_row *row = row_of(leg->code);
		struct money_account *account = account_of(check, leg);
		int64_t balance = row->debit ? account->balance : -account->balance;

		if (row->limited && balance < 0)
			money_broken(check, MONEY_I02_LIMITS, "account %u %.*s of %.*s falls to %lld fen", leg->code,
				     (int)leg->detail.len, leg->detail.at, (int)leg->book.len, leg->book.at,
				     (long long)balance);
	}
}

static void check_budget(struct money_check *check, const struct money_book *book)
{
	const int64_t *b = book->budget;

	if (b[0] != b[1] + b[2] + b[3] + b[4])
		money_broken(check, MONEY_I03_BUDGET,
			     "%.*s: authorised %lld is not available %lld + encumbered %lld + expended %lld + lapsed %lld",
			     (int)book->name.len, book->name.at, (long long)b[0], (long long)b[1], (long long)b[2],
			     (long long)b[3], (long long)b[4]);
}

/* --- I08 ------------------------------------------------------------------------------------------ */

/* At year end the new year takes over what is encumbered, and with it answers for what is owed. */
static void hand_over(struct money_check *check, struct span from, struct span to)
{
	size_t old = book_of(check, from), new = book_of(check, to);

	if (old == new || answering(check, new) == book_at(check, old))
		return;
	book_at(check, old)->answers = new;
	(void)money_add(answering(check, new)->owed, book_at(check, old)->owed, &answering(check, new)->owed);
	book_at(check, old)->owed = 0;
}

static void look_for_year_end(struct money_check *check)
{
	if (span_is(check->line->kind, "budget.close_year"))
		hand_over(check, check->line->subject, money_line_text(check->line, "next"));
}

static void check_encumbered(struct money_check *check, size_t index)
{
	const struct money_book *book = answering(check, index);

	if (book->budget[2] != book->owed)
		money_broken(check, MONEY_I08_ENCUMBERED,
			     "%.*s: encumbered %lld, but %lld is owed, under way, returned or tax",
			     (int)book->name.len, book->name.at, (long long)book->budget[2], (long long)book->owed);
}

static void check_books(struct money_check *check)
{
	const struct money_line *line = check->line;

	for (size_t i = 0; i < line->nlegs; i++) {
		bool before = false;

		for (size_t k = 0; k < i; k++)
			before = before || span_eq(line->legs[k].book, line->legs[i].book);
		if (before)
			continue;
		check_budget(check, book_at(check, book_of(check, line->legs[i].book)));
		check_encumbered(check, book_of(check, line->legs[i].book));
	}
}

/* --- the record -------------------------------------------------------------------------------------- */

static void take_entry(struct money_check *check)
{
	struct money_ledger *ledger = &check->ledger;

	check_balance(check);
	for (size_t i = 0; i < check->line->nlegs && !ledger->lost; i++)
		ledger->lost = !post(check, &check->line->legs[i]);
	if (ledger->lost) {
		money_broken(check, MONEY_I02_LIMITS, "a balance leaves the range of amounts");
		return;
	}
	check_limits(check);
	check_books(check);
}

void money_ledger_take(struct money_check *check)
{
	const struct money_line *line = check->line;
	struct money_map *entries = &check->ledger.entries;

	look_for_year_end(check);
	if (line->nlegs == 0)
		return;
	if (!money_map_add(entries, line->entry, NO_SPAN, (size_t)check->seq))
		money_broken(check, MONEY_I14_IDEMPOTENCY, "entry %.*s was posted by record %zu", (int)line->entry.len,
			     line->entry.at, money_map_get(entries, line->entry, NO_SPAN));
	if (legs_fit(check) && !check->ledger.lost)
		take_entry(check);
}

int64_t money_legs_sum(const struct money_line *line, unsigned code, const struct span *detail)
{
	int64_t sum = 0;

	for (size_t i = 0; i < line->nlegs; i++)
		if (line->legs[i].code == code && (detail == NULL || span_eq(line->legs[i].detail, *detail)))
			sum += line->legs[i].debit ? line->legs[i].fen : -line->legs[i].fen;
	return sum;
}
