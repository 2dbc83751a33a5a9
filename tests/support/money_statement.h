/*
 * Statements of a bank for the test book: lines are put together, the balances
 * follow from them, and the day is imported by finance as tipctl does it.
 */
#ifndef TIPLINE_TESTS_MONEY_STATEMENT_H
#define TIPLINE_TESTS_MONEY_STATEMENT_H

#include "tests/support/money_book.h"

#define BANK_LINES_MAX 64

struct bank_day {
	struct statement_line lines[BANK_LINES_MAX];
	size_t n;
	const char *date;
	int64_t opening;
	int64_t sequence;
	unsigned char file;        /* first byte of the hash: another one is another file */
};

/* One more line; `instruction` and `reference` "" when the bank names none. Ids count up. */
void bank_line(struct money_book *m, struct bank_day *day, bool credit, int64_t fen, enum statement_kind kind,
	       const char *instruction, const char *reference);

/* The payment of an attempt, and that it came back. */
void bank_paid(struct money_book *m, struct bank_day *day, const char *reward, unsigned number);
void bank_returned(struct money_book *m, struct bank_day *day, const char *reward, unsigned number);

int64_t bank_closing(const struct bank_day *day);

/* Imports it for bank:main on the ledger of the test book. */
enum book_answer bank_import(struct money_book *m, const struct bank_day *day);

/* "S12", the statement that was imported last. */
const char *bank_last(struct money_book *m);

#endif
