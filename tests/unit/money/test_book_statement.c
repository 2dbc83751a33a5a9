/*
 * Statements in the book: taken in whole or not at all, once; the chain of days.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_statement.h"

#include <stdio.h>
#include <stdlib.h>

static struct bank_day day_of(const char *date, int64_t opening)
{
	return (struct bank_day){ .date = date, .opening = opening, .file = (unsigned char)date[9] };
}

static void import(struct money_book *m, const struct bank_day *day)
{
	if (bank_import(m, day) != BOOK_RECORD)
		money_fail(m, __FILE__, __LINE__, day->date);
}

static void refused(struct money_book *m, const struct bank_day *day, const char *code)
{
	uint64_t seq = book_seq(m->book);

	assert_int_equal(bank_import(m, day), BOOK_REFUSED);
	assert_string_equal(m->refusal.code, code);
	assert_int_equal(book_seq(m->book), seq);
}

static void is_taken_in_once(void **state)
{
	struct money_book m;
	struct bank_day day = day_of("2026-03-01", 0);
	const char *before;

	(void)state;
	money_book_begin(&m, 2000000);
	bank_line(&m, &day, true, 2000000, STATEMENT_OTHER, "", "T-1");
	import(&m, &day);
	money_run(&m);
	before = money_balances(&m, m.book);
	refused(&m, &day, "STATEMENT_KNOWN");
	day.file++;
	refused(&m, &day, "STATEMENT_CHANGED");
	assert_string_equal(money_balances(&m, m.book), before);
	assert_non_null(book_statement_find(m.book, SPAN("bank:main"), SPAN("2026-03-01")));
	assert_null(book_statement_find(m.book, SPAN("bank:main"), SPAN("2026-03-02")));
	assert_null(book_statement_find(m.book, SPAN("bank:other"), SPAN("2026-03-01")));
	money_book_release(&m);
}

/* Whatever is wrong with it, nothing of it is taken. */
static void is_refused_whole(void **state)
{
	static const struct {
		const char *name, *value, *code;
	} bad[] = {
		{ .name = "closing", .value = "1", .code = "WRONG_FIELD" },
		{ .name = "count", .value = "3", .code = "WRONG_FIELD" },
		{ .name = "date", .value = "2026-02-30", .code = "WRONG_FIELD" },
		{ .name = "opening", .value = "-5", .code = "WRONG_FIELD" },
		{ .name = "account", .value = "main", .code = "WRONG_FIELD" },
		{ .name = "lines", .value = "L2 Cr 5 2026-03-01 other - -\nL1 Dr 5 2026-03-01 payment A -", .code = "WRONG_FIELD" },
		{ .name = "lines", .value = "L1 Dr 5 2026-03-01 payment A -\nL1 Cr 5 2026-03-01 other - -", .code = "WRONG_FIELD" },
		{ .name = "lines", .value = "L1 Dr 5 2026-03-01 payment A -\nL2 Cr 5 2026-03-01 other - -\n", .code = "WRONG_FIELD" },
		{ .name = "lines", .value = "L1 Dr 5 2026-03-01 payment A -", .code = "WRONG_FIELD" },
	};
	const char *names[] = { "account", "rail", "date", "opening", "closing", "count", "file", "lines" };
	struct money_book m;

	(void)state;
	money_book_begin(&m, 2000000);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *values[] = { "bank:main", "voucher", "2026-03-01", "100", "100", "2",
					 "00000000000000000000000000000000000000000000000000000000000000aa",
					 "L1 Dr 5 2026-03-01 payment A -\nL2 Cr 5 2026-03-01 other - -" };

		for (size_t k = 0; k < 8; k++)
			if (strcmp(names[k], bad[i].name) == 0)
				values[k] = bad[i].value;
		assert_int_equal(money_do(&m, "cai", "statement.import", MONEY_LEDGER, names[0], values[0], names[1], values[1],
					  names[2], values[2], names[3], values[3], names[4], values[4], names[5],
					  values[5], names[6], values[6], names[7], values[7], NULL),
				 BOOK_REFUSED);
		assert_string_equal(m.refusal.code, bad[i].code);
	}
	money_refused(&m, "ROLE", "lin", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "voucher",
		      "date", "2026-03-01", "opening", "0", "closing", "0", "count", "0", "file",
		      "00000000000000000000000000000000000000000000000000000000000000aa");
	assert_null(book_statement_at(m.book, 0));
	money_book_release(&m);
}

static const struct book_break *gap_of(const struct money_book *m)
{
	for (size_t i = 0; book_break_at(m->book, i) != NULL; i++)
		if (book_break_at(m->book, i)->class == BREAK_BALANCE)
			return book_break_at(m->book, i);
	return NULL;
}

/* A day that is missing is a break; it is none any more when the day comes. */
static void days_follow(void **state)
{
	struct money_book m;
	struct bank_day one = day_of("2026-03-01", 500), two = day_of("2026-03-02", 500), three = day_of("2026-03-03", 500);

	(void)state;
	money_book_begin(&m, 2000000);
	import(&m, &one);
	assert_int_equal(money_run(&m), 0);
	import(&m, &three);
	assert_int_equal(money_run(&m), 1);
	assert_int_equal(money_run(&m), 0);
	assert_non_null(gap_of(&m));
	assert_false(gap_of(&m)->resolved);
	import(&m, &two);
	assert_int_equal(money_run(&m), 0);
	assert_true(gap_of(&m)->resolved);
	money_book_release(&m);
}

static void balances_follow(void **state)
{
	struct money_book m;
	struct bank_day one = day_of("2026-03-01", 500), two = day_of("2026-03-02", 499);
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	import(&m, &one);
	import(&m, &two);
	assert_int_equal(money_run(&m), 1);
	assert_false(gap_of(&m)->resolved);
	id = money_text(&m, "%s", gap_of(&m)->id);
	money_must(&m, "cai", "break.resolve", id, "reason", "the bank's error, letter of 3 March");
	assert_false(gap_of(&m)->resolved);
	money_refused(&m, "SECOND_PERSON", "cai", "break.resolve", id, "reason", "the bank's error, letter of 3 March");
	money_must(&m, "qian", "break.resolve", id, "reason", "the bank's error, letter of 3 March");
	assert_true(gap_of(&m)->resolved);
	assert_int_equal(money_run(&m), 0);
	money_book_release(&m);
}

/* Numbers of lines, small and large, survive the journal. */
static void a_long_statement(void **state)
{
	struct money_book m;
	struct bank_day day = day_of("2026-03-01", 1000);
	struct complaint why = { .text = "" };
	struct book *again;

	(void)state;
	money_book_begin(&m, 2000000);
	for (unsigned i = 0; i < BANK_LINES_MAX; i++)
		bank_line(&m, &day, i % 2 == 0, 1 + i / 2, STATEMENT_OTHER, "", money_text(&m, "ref-%u", i));
	import(&m, &day);
	assert_int_equal(money_run(&m), BANK_LINES_MAX);
	assert_int_equal(money_run(&m), 0);
	again = money_replay(&m, &why);
	assert_non_null(again);
	assert_string_equal(money_balances(&m, again), money_balances(&m, m.book));
	book_free(again);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_taken_in_once), cmocka_unit_test(is_refused_whole), cmocka_unit_test(days_follow),
		cmocka_unit_test(balances_follow),  cmocka_unit_test(a_long_statement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
