/*
 * Statements for tests; see money_statement.h.
 */
#include "tests/support/money_statement.h"

#include "daemon/base/hex.h"

#include <assert.h>

void bank_line(struct money_book *m, struct bank_day *day, bool credit, int64_t fen, enum statement_kind kind,
	       const char *instruction, const char *reference)
{
	struct statement_line *line = &day->lines[day->n++];

	assert(day->n <= BANK_LINES_MAX);
	*line = (struct statement_line){ .id = span_of(money_text(m, "L%zu", day->n)), .credit = credit, .fen = fen,
					 .kind = kind, .instruction = span_of(instruction),
					 .reference = span_of(reference) };
	memcpy(line->booked, day->date, STATEMENT_DATE_LEN);
}

static const struct book_attempt *attempt_of(const struct money_book *m, const char *reward, unsigned number)
{
	return &money_reward(m, reward)->attempts[number - 1];
}

void bank_paid(struct money_book *m, struct bank_day *day, const char *reward, unsigned number)
{
	const struct book_attempt *attempt = attempt_of(m, reward, number);

	bank_line(m, day, false, attempt->fen, STATEMENT_PAYMENT, money_text(m, "%s", attempt->instruction), "");
}

void bank_returned(struct money_book *m, struct bank_day *day, const char *reward, unsigned number)
{
	const struct book_attempt *attempt = attempt_of(m, reward, number);

	bank_line(m, day, true, attempt->fen, STATEMENT_RETURN, money_text(m, "%s", attempt->instruction), "");
}

int64_t bank_closing(const struct bank_day *day)
{
	int64_t balance = day->opening;

	for (size_t i = 0; i < day->n; i++)
		balance += day->lines[i].credit ? day->lines[i].fen : -day->lines[i].fen;
	return balance;
}

static const char *lines_of(struct money_book *m, const struct bank_day *day)
{
	struct statement sorted = { .lines = day->lines, .n = day->n };
	struct buf text = { 0 };
	const char *copy;

	statement_sort(&sorted, &m->arena);
	for (size_t i = 0; i < sorted.n; i++) {
		if (i > 0)
			buf_add_byte(&text, '\n');
		buf_add_span(&text, statement_line_write(&sorted.lines[i], &m->arena));
	}
	copy = arena_dup(&m->arena, buf_span(&text)).at;
	buf_release(&text);
	return copy;
}

enum book_answer bank_import(struct money_book *m, const struct bank_day *day)
{
	unsigned char hash[STATEMENT_HASH_BYTES] = { day->file };

	return money_do(m, "cai", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "voucher", "date",
			day->date, "sequence", money_text(m, "%lld", (long long)day->sequence), "opening",
			money_text(m, "%lld", (long long)day->opening), "closing",
			money_text(m, "%lld", (long long)bank_closing(day)), "count", money_text(m, "%zu", day->n),
			"file", hex_text(&m->arena, hash, sizeof(hash)), "lines", lines_of(m, day), NULL);
}

const char *bank_last(struct money_book *m)
{
	size_t n = 0;

	while (book_statement_at(m->book, n) != NULL)
		n++;
	return n > 0 ? book_statement_at(m->book, n - 1)->id : "";
}
