/*
 * Statements: what every one has to fulfil, their order, their lines in the journal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/statement.h"

#include <stdlib.h>

static struct statement_line line(const char *id, bool credit, int64_t fen)
{
	return (struct statement_line){ .id = span_of(id), .credit = credit, .fen = fen, .booked = "2026-11-20",
					.kind = credit ? STATEMENT_OTHER : STATEMENT_PAYMENT };
}

static void checks(void **state)
{
	struct statement_line lines[] = { line("1", false, 850000), line("2", true, 50000), line("3", false, 1) };
	struct statement good = { .account = SPAN("main"), .date = "2026-11-20", .opening = 1000000, .closing = 199999,
				  .lines = lines, .n = 3 };
	struct statement bad;
	struct complaint why;

	(void)state;
	assert_true(statement_check(&good, &why));
	bad = good;
	bad.closing++;
	assert_false(statement_check(&bad, &why));
	bad.foreign = true;
	assert_true(statement_check(&bad, &why));
	bad = good;
	bad.account = SPAN("two words");
	assert_false(statement_check(&bad, &why));
	bad = good;
	bad.date[9] = '9';
	bad.date[6] = '2';
	bad.date[5] = '0';
	bad.date[8] = '2';
	assert_false(statement_check(&bad, &why));   /* 2026-02-29 */
	lines[1].id = lines[0].id;
	assert_false(statement_check(&good, &why));
	lines[1].id = SPAN("2");
	lines[2].fen = 0;
	assert_false(statement_check(&good, &why));
	assert_int_equal(why.line, 3);
	lines[2].fen = -1;
	assert_false(statement_check(&good, &why));
	lines[2].fen = 1;
	lines[2].instruction = SPAN("-");
	assert_false(statement_check(&good, &why));
}

static void sums_do_not_overflow(void **state)
{
	struct statement_line lines[3] = { line("1", true, MONEY_MAX), line("2", true, MONEY_MAX), line("3", true, MONEY_MAX) };
	struct statement statement = { .account = SPAN("main"), .date = "2026-11-20", .lines = lines, .n = 3 };
	struct complaint why;

	(void)state;
	assert_false(statement_check(&statement, &why));
}

/* However the lines lie in the file, they are judged in the same order. */
static void order_of_lines_says_nothing(void **state)
{
	struct arena arena = { 0 };
	struct statement_line lines[20], first[20];
	struct statement statement = { .lines = lines, .n = 20 };

	(void)state;
	srand(1);
	for (size_t i = 0; i < 20; i++) {
		lines[i] = line(arena_printf(&arena, "id%zu", i), rand() % 2 == 0, 1 + rand() % 3);
		lines[i].instruction = rand() % 2 == 0 ? SPAN("A") : SPAN("B");
	}
	statement_sort(&statement, &arena);
	memcpy(first, statement.lines, sizeof(first));
	for (unsigned round = 0; round < 50; round++) {
		for (size_t i = 19; i > 0; i--) {
			size_t j = (size_t)rand() % (i + 1);
			struct statement_line swap = lines[i];

			lines[i] = lines[j];
			lines[j] = swap;
		}
		statement.lines = lines;
		statement_sort(&statement, &arena);
		assert_memory_equal(statement.lines, first, sizeof(first));
	}
	arena_release(&arena);
}

static void lines_come_back(void **state)
{
	struct arena arena = { 0 };
	struct statement_line one = line("BK-1.2", true, 850000), back;
	struct span text;

	(void)state;
	one.kind = STATEMENT_RETURN;
	one.reference = SPAN("ref/7");
	text = statement_line_write(&one, &arena);
	assert_true(span_is(text, "BK-1.2 Cr 850000 2026-11-20 return - ref/7"));
	assert_true(statement_line_read(text, &back));
	assert_true(span_eq(statement_line_write(&back, &arena), text));
	assert_true(span_empty(back.instruction) && back.credit && back.fen == 850000);
	arena_release(&arena);
}

static void other_lines_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"1 Dr 1 2026-11-20 payment -",
		"1 Dr 1 2026-11-20 payment - - ",
		"1 Dr 1 2026-11-20 payment - - x",
		"1 Xr 1 2026-11-20 payment - -",
		"1 Dr 0 2026-11-20 payment - -",
		"1 Dr 01 2026-11-20 payment - -",
		"1 Dr -1 2026-11-20 payment - -",
		"1 Dr 1 2026-11-31 payment - -",
		"1 Dr 1 2026-11-20 gift - -",
		"1 Dr 1 2026-11-20 payment  -",
		"1\tDr 1 2026-11-20 payment - -",
		" Dr 1 2026-11-20 payment - -",
	};
	struct statement_line back;

	(void)state;
	assert_true(statement_line_read(SPAN("1 Dr 1 2026-11-20 payment - -"), &back));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (statement_line_read(span_of(bad[i]), &back))
			fail_msg("taken: %s", bad[i]);
}

static void formats(void **state)
{
	(void)state;
	assert_int_equal(statement_format_of(SPAN("\xEF\xBB\xBF<?xml")), STATEMENT_CAMT053);
	assert_int_equal(statement_format_of(SPAN(" {\"a\"")), STATEMENT_JSON);
	assert_int_equal(statement_format_of(SPAN("statement,account")), STATEMENT_CSV);
	assert_int_equal(statement_format_of(SPAN("")), STATEMENT_CSV);
	assert_int_equal(statement_day("1970-01-02"), 1);
	assert_int_equal(statement_day("2026-03-01") - statement_day("2026-02-28"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks),
		cmocka_unit_test(sums_do_not_overflow),
		cmocka_unit_test(order_of_lines_says_nothing),
		cmocka_unit_test(lines_come_back),
		cmocka_unit_test(other_lines_are_refused),
		cmocka_unit_test(formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
