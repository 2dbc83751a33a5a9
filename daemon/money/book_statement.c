/*
 * Statements in the book: a record holds the whole statement as the bank told
 * it and posts nothing. What each line means is judged afterwards, one record
 * a line (book_match.c, book_break.c); so an import is taken in whole or not
 * at all, and a crash in between loses nothing.
 */
#include "daemon/base/hex.h"
#include "daemon/base/memory.h"
#include "daemon/money/book_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* --- lines as text -------------------------------------------------------------------- */

/* Calls for each line in turn; false at the first that is none. `lines` may be NULL. */
static bool read_lines(struct span text, struct statement_line *lines, size_t *n)
{
	struct statement_line line;
	struct span row;

	*n = 0;
	while (!span_empty(text)) {
		bool more = span_cut(&text, '\n', &row) && *n < STATEMENT_LINES_MAX;

		if (!more || !statement_line_read(row, lines != NULL ? &lines[*n] : &line))
			return false;
		++*n;
	}
	return true;
}

bool statement_lines_fit(struct span text)
{
	size_t n;

	/* An end of line behind the last one would be a second way to say the same. */
	return text.len < RECORD_BYTES_MAX && text.at[text.len - 1] != '\n' && read_lines(text, NULL, &n);
}

/* --- finding ---------------------------------------------------------------------------- */

struct bank_statement *statement_at(const struct book *book, size_t index)
{
	return index < book->statements.n ? ((struct bank_statement **)book->statements.at)[index] : NULL;
}

static bool same_account(const struct book_statement *a, const struct posting_account *account)
{
	return a->account.code == account->code && strcmp(a->account.detail, account->detail) == 0;
}

static struct bank_statement *find_day(const struct book *book, const struct posting_account *account, int64_t day)
{
	for (size_t i = 0; i < book->statements.n; i++) {
		struct bank_statement *statement = statement_at(book, i);

		if (statement->is.ends.day == day && same_account(&statement->is, account))
			return statement;
	}
	return NULL;
}

struct bank_statement *statement_before(const struct book *book, const struct book_statement *statement)
{
	struct bank_statement *best = NULL;

	for (size_t i = 0; i < book->statements.n; i++) {
		struct bank_statement *other = statement_at(book, i);

		if (other->is.ends.day < statement->ends.day && same_account(&other->is, &statement->account) &&
		    (best == NULL || other->is.ends.day > best->is.ends.day))
			best = other;
	}
	return best;
}

struct bank_statement *statement_after(const struct book *book, const struct book_statement *statement)
{
	struct bank_statement *best = NULL;

	for (size_t i = 0; i < book->statements.n; i++) {
		struct bank_statement *other = statement_at(book, i);

		if (other->is.ends.day > statement->ends.day && same_account(&other->is, &statement->account) &&
		    (best == NULL || other->is.ends.day < best->is.ends.day))
			best = other;
	}
	return best;
}

/* Statements are in order of their record's number, which is their id. */
static struct bank_statement *find_seq(const struct book *book, uint64_t seq)
{
	size_t low = 0, high = book->statements.n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		struct bank_statement *statement = statement_at(book, middle);

		if (statement->seq == seq)
			return statement;
		if (statement->seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct book_line *line_find(const struct book *book, struct span id, struct bank_statement **statement)
{
	size_t colon = span_find(id, SPAN(":"));
	struct span of = span_from(id.at, colon), number = span_from_offset(id, colon + 1);
	uint64_t seq, index;

	if (of.len < 2 || of.at[0] != 'S' || of.at[1] == '0' || !span_u64(span_from_offset(of, 1), &seq) ||
	    !span_u64(number, &index) || number.at[0] == '0')
		return NULL;
	*statement = find_seq(book, seq);
	return *statement != NULL && index <= (*statement)->is.nlines ? &(*statement)->lines[index - 1] : NULL;
}

/* --- import -------------------------------------------------------------------------------- */

static bool is_new(struct plan *plan, const struct statement *statement, const struct posting_account *account)
{
	struct bank_statement *known = find_day(plan->book, account, statement_day(statement->date));

	if (known == NULL)
		return true;
	if (memcmp(known->is.file, statement->hash, sizeof(statement->hash)) == 0)
		return plan_refuse(plan, 409, "STATEMENT_KNOWN", "%s is this very file", known->is.id);
	return plan_refuse(plan, 409, "STATEMENT_CHANGED", "%s was imported from another file for this day", known->is.id);
}

/* The rules of every statement, asked of what the record will say. */
static bool read_statement(struct plan *plan, struct statement *statement)
{
	struct statement_line *lines = arena_array(plan->arena, struct statement_line, STATEMENT_LINES_MAX);
	struct complaint why;

	*statement = (struct statement){ .account = plan_field(plan, "account"), .currency = "CNY",
					 .sequence = plan_number(plan, "sequence"),
					 .opening = plan_number(plan, "opening"),
					 .closing = plan_number(plan, "closing"), .lines = lines };
	read_lines(plan_field(plan, "lines"), lines, &statement->n);
	hex_get(plan_field(plan, "file"), statement->hash, sizeof(statement->hash));
	if (!statement_date_read(plan_field(plan, "date"), statement->date))
		return plan_refuse(plan, 400, "WRONG_FIELD", "date: 2026-11-20 is expected");
	if (!statement_check(statement, &why))
		return plan_refuse(plan, 400, "WRONG_FIELD", "lines: %.140s", why.text);
	if (plan_number(plan, "count") != (int64_t)statement->n)
		return plan_refuse(plan, 400, "WRONG_FIELD", "count: of the lines");
	statement_sort(statement, plan->arena);
	for (size_t i = 0; i < statement->n; i++)
		if (!span_eq(statement->lines[i].id, lines[i].id))
			return plan_refuse(plan, 400, "WRONG_FIELD", "lines: not in the order of judging");
	return true;
}

/* A gap that was known is closed by the day that was missing. */
static void tell_gap(struct plan *plan, const struct book_statement *is)
{
	const struct bank_statement *after = statement_after(plan->book, is);
	const char *text;
	const struct book_break *gap;

	if (after == NULL || !reconcile_follows(&is->ends, &after->is.ends, &text))
		return;
	gap = break_about(plan->book, BREAK_BALANCE, after->is.id, true);
	if (gap != NULL)
		plan_put(plan, "resolves", span_of(gap->id));
}

static void fill(const struct plan *plan, const struct statement *statement, struct book_statement *is)
{
	snprintf(is->id, sizeof(is->id), "S%llu", (unsigned long long)plan->seq);
	NAME_PUT(is->account_name, plan_field(plan, "account"));
	posting_account_parse(plan_field(plan, "account"), &is->account);
	NAME_PUT(is->ledger, span_of(plan->subject));
	NAME_PUT(is->rail, plan_field(plan, "rail"));
	memcpy(is->date, statement->date, sizeof(is->date));
	is->ends = (struct statement_ends){ .day = statement_day(statement->date), .sequence = statement->sequence,
					    .opening = statement->opening, .closing = statement->closing };
	memcpy(is->file, statement->hash, sizeof(is->file));
	is->nlines = statement->n;
}

struct import {
	struct statement statement;
	struct book_statement is;
};

bool guard_import(struct plan *plan)
{
	struct import *import = arena_new(plan->arena, struct import);
	struct posting_account account;

	if (plan->fiscal == NULL)
		return plan_refuse(plan, 404, "NOT_FOUND", "nothing was appropriated to this ledger");
	if (!posting_account_parse(plan_field(plan, "account"), &account) || !read_statement(plan, &import->statement) ||
	    !is_new(plan, &import->statement, &account))
		return false;
	fill(plan, &import->statement, &import->is);
	plan_put(plan, "statement", span_of(import->is.id));
	tell_gap(plan, &import->is);
	plan->made = import;
	return true;
}

/* Names of a line live as long as the book. */
static void keep_line(struct book *book, struct book_line *line, const struct statement_line *from)
{
	line->is = *from;
	line->is.id = arena_dup(&book->store, from->id);
	line->is.instruction = arena_dup(&book->store, from->instruction);
	line->is.reference = arena_dup(&book->store, from->reference);
}

/* The later one may have missed this day, or misses it now. */
static void after_import(struct book *book, const struct book_statement *is, int64_t now_ms)
{
	struct bank_statement *after = statement_after(book, is);
	struct book_break *gap;
	const char *text;

	if (after == NULL)
		return;
	after->gap = !reconcile_follows(&is->ends, &after->is.ends, &text);
	gap = after->gap ? NULL : break_about(book, BREAK_BALANCE, after->is.id, true);
	if (gap != NULL) {
		gap->resolved = true;
		gap->resolved_ms = now_ms;
	}
}

void take_import(struct book *book, const struct plan *plan)
{
	const struct import *import = plan->made;
	struct bank_statement *statement = memory_zeroes(1, sizeof(*statement));
	const char *text;

	const struct bank_statement *before = statement_before(book, &import->is);
	struct staff_act by = plan_act(plan);

	statement->is = import->is;
	statement->seq = plan->seq;
	if (plan->role != MONEY_SYSTEM)
		statement->importer = part_new(&book->store, NULL, &by, PART_IMPORTER, 0);
	statement->gap = before != NULL && !reconcile_follows(&before->is.ends, &import->is.ends, &text);
	statement->lines = memory_zeroes(import->statement.n + 1, sizeof(*statement->lines));
	for (size_t i = 0; i < import->statement.n; i++)
		keep_line(book, &statement->lines[i], &import->statement.lines[i]);
	statement->is.lines = statement->lines;
	after_import(book, &statement->is, plan->now_ms);
	for (size_t i = 0; i < import->statement.n; i++)
		if (!statement->lines[i].is.credit)
			instruction_debit(book, statement->lines[i].is.instruction, book->statements.n, i);
	*(struct bank_statement **)list_add(&book->statements, sizeof(struct bank_statement *)) = statement;
}

void statements_free(struct book *book)
{
	for (size_t i = 0; i < book->statements.n; i++) {
		free(statement_at(book, i)->lines);
		free(statement_at(book, i));
	}
}

/* --- for others ------------------------------------------------------------------------------ */

const struct book_statement *book_statement_at(const struct book *book, size_t index)
{
	const struct bank_statement *statement = statement_at(book, index);

	return statement != NULL ? &statement->is : NULL;
}

const struct book_statement *book_statement_find(const struct book *book, struct span account, struct span date)
{
	char day[STATEMENT_DATE_LEN + 1];
	struct posting_account which;
	const struct bank_statement *found;

	if (!posting_account_parse(account, &which) || !statement_date_read(date, day))
		return NULL;
	found = find_day(book, &which, statement_day(day));
	return found != NULL ? &found->is : NULL;
}
