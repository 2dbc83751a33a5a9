/*
 * After a restore: records that were acknowledged may be missing, and payments
 * with them.
 *
 * From book.restored on every open attempt may have gone out, whatever the book
 * says of it, so all of them are unknown and are asked about; and nothing is
 * started, sent, or paid out at a counter, for it may have been before. Two of
 * finance end it, when the statements of all accounts are there up to a day
 * that is not before the restore.
 */
#include "daemon/money/book_state.h"

#include <stdio.h>

#define CHINA_MS (8 * HOUR_MS)
#define RETENTION_MS (30 * DAY_MS)
#define IN_USE_DAYS 31             /* an account without statements for so long before is not in use any more */

/* --- restored ----------------------------------------------------------------------------- */

static bool is_live(const struct dossier *dossier)
{
	return dossier->is.nattempts > 0 && attempt_live(dossier->attempts[dossier->is.nattempts - 1].state);
}

bool guard_restored(struct plan *plan)
{
	int64_t open = 0;

	if (plan->subject[0] != '\0')
		return plan_refuse(plan, 400, "WRONG_SUBJECT", "the record's own number names it");
	for (size_t i = 0; i < plan->book->dossiers.n; i++)
		open += is_live(dossier_at(plan->book, i));
	plan_put(plan, "quarantine", span_of(arena_printf(plan->arena, "Q%llu", (unsigned long long)plan->seq)));
	plan_put_number(plan, "attempts", open);
	return true;
}

/* It may have been sent, from when it was started on, and what was known of it is not sure any more. */
static void forget(struct book_attempt *attempt, int64_t now_ms)
{
	if (attempt->sent_ms == 0) {
		attempt->sent_ms = attempt->started_ms;
		attempt->retention_ms = attempt->started_ms + RETENTION_MS;
	}
	attempt->state = ATTEMPT_UNKNOWN;
	attempt->by = EVIDENCE_ANSWER;
	attempt->changed_ms = now_ms;
	attempt->queries = 0;
	attempt->not_found = 0;
	attempt->next_query_ms = attempt_query_at(attempt, now_ms);
	NAME_PUT(attempt->code, SPAN("RESTORED"));
}

void take_restored(struct book *book, const struct plan *plan)
{
	struct book_quarantine *quarantine = &book->quarantine;

	*quarantine = (struct book_quarantine){ .on = true, .since_ms = plan->now_ms,
						.known = (uint64_t)plan_number(plan, "known") };
	snprintf(quarantine->id, sizeof(quarantine->id), "Q%llu", (unsigned long long)plan->seq);
	for (size_t i = 0; i < book->dossiers.n; i++) {
		struct dossier *dossier = dossier_at(book, i);

		if (!is_live(dossier))
			continue;
		forget(&dossier->attempts[dossier->is.nattempts - 1], plan->now_ms);
		dossier->is.last_seq = plan->seq;
		dossier_wake(book, dossier);
	}
}

/* --- what has to wait ------------------------------------------------------------------------- */

bool quarantine_allows(struct plan *plan)
{
	const char *kind = plan->kind->kind;
	bool starts = strcmp(kind, "attempt.start") == 0 && !plan_given(plan, "line");
	bool sends = strcmp(kind, "attempt.send") == 0;
	bool pays = strcmp(kind, "attempt.observe") == 0 && plan->role == MONEY_CASHIER;
	bool stops = strcmp(kind, "attempt.cancel") == 0 && plan->attempt->state == ATTEMPT_CREATED;

	if (!plan->book->quarantine.on || !(starts || sends || pays || stops))
		return true;
	return plan_refuse(plan, 409, "QUARANTINE", "the journal was restored from a copy; payments that it lost come first");
}

/* --- reconciled --------------------------------------------------------------------------------- */

static int64_t china_day(int64_t at_ms)
{
	return (at_ms + CHINA_MS) / DAY_MS;
}

/* The last statement of the same account as this one is. */
static const struct book_statement *newest(const struct book *book, const struct book_statement *of)
{
	const struct book_statement *newest = of, *other;

	for (size_t i = 0; (other = book_statement_at(book, i)) != NULL; i++)
		if (same_place(&other->account, &of->account) && other->ends.day > newest->ends.day)
			newest = other;
	return newest;
}

/* Every account in use has its statements up to that day, and every line of them was judged. */
static bool statements_are_there(struct plan *plan, int64_t day)
{
	const struct bank_statement *statement;

	for (size_t i = 0; (statement = statement_at(plan->book, i)) != NULL; i++) {
		const struct book_statement *last = newest(plan->book, &statement->is);

		if (last->ends.day < day && last->ends.day >= china_day(plan->book->quarantine.since_ms) - IN_USE_DAYS)
			return plan_refuse(plan, 409, "STATEMENT_MISSING", "of %s nothing is there behind %s",
					   last->account_name, last->date);
		if (statement->judged < statement->is.nlines)
			return plan_refuse(plan, 409, "LINES_OPEN", "lines of %s are not judged yet", statement->is.id);
	}
	return true;
}

static bool is_told_until(const struct book *book, const struct posting_account *account, int64_t day)
{
	const struct book_statement *statement;

	for (size_t i = 0; (statement = book_statement_at(book, i)) != NULL; i++)
		if (same_place(&statement->account, account) && statement->ends.day >= day)
			return true;
	return false;
}

/*
 * Nobody can be asked what a counter has paid, and its vouchers follow from the
 * journal: so every branch with money in it says it, in a statement of its own.
 */
static bool cash_is_told(struct plan *plan, int64_t day)
{
	const struct ledger *ledger = book_ledger(plan->book);
	size_t n = ledger_rows(ledger, NULL, 0);
	struct ledger_row *rows = arena_array(plan->arena, struct ledger_row, n);

	ledger_rows(ledger, rows, n);
	for (size_t i = 0; i < n; i++) {
		struct posting_account account = { .code = rows[i].code };

		if (rows[i].code != LEDGER_CASH_AT_BRANCH || rows[i].debits == rows[i].credits)
			continue;
		NAME_PUT(account.detail, span_of(rows[i].detail));
		if (!is_told_until(plan->book, &account, day))
			return plan_refuse(plan, 409, "STATEMENT_MISSING", "cash:%s has money, and no statement of that day or later",
					   rows[i].detail);
	}
	return true;
}

bool guard_reconciled(struct plan *plan)
{
	const struct book_quarantine *quarantine = &plan->book->quarantine;
	char until[STATEMENT_DATE_LEN + 1];
	int64_t day;

	if (!quarantine->on)
		return plan_refuse(plan, 409, "NOT_RESTORED", "there is no quarantine");
	if (strcmp(plan->subject, quarantine->id) != 0)
		return plan_refuse(plan, 404, "NOT_FOUND", "the quarantine is %s", quarantine->id);
	if (!statement_date_read(plan_field(plan, "until"), until))
		return plan_refuse(plan, 400, "WRONG_FIELD", "until: 2026-11-20 is expected");
	day = statement_day(until);
	if (day < china_day(quarantine->since_ms) || day > china_day(plan->now_ms))
		return plan_refuse(plan, 409, "WRONG_DAY", "not before the day of the restore, and not in the future");
	return statements_are_there(plan, day) && cash_is_told(plan, day);
}

void take_reconciled(struct book *book, const struct plan *plan)
{
	book->quarantine.on = false;
	statement_date_read(plan_field(plan, "until"), book->quarantine.until);
}

const struct book_quarantine *book_quarantine(const struct book *book)
{
	return &book->quarantine;
}
