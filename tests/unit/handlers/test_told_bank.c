/*
 * Statements, lines and breaks as JSON: what is told of a payment that no line
 * was found for, and of a line that waits to be judged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/reward/told_bank.h"
#include "tests/support/money_statement.h"

static struct money_book m;

static const char *told(const struct book_break *broken, int64_t now_ms)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	const char *copy;

	json_open(&json, '{');
	told_break(m.book, broken, now_ms, &m.arena, &json);
	json_close(&json, '}');
	copy = arena_dup(&m.arena, buf_span(&text)).at;
	buf_release(&text);
	return copy;
}

static void assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("%s\nwithout %s", text, part);
}

/* R1: three days after the success; its age counts from there. */
static void a_payment_without_a_line(void **state)
{
	const struct book_break *broken;
	const char *id;
	size_t line;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	m.now_ms += 4 * MONEY_DAY_MS;
	money_run(&m);
	broken = book_break_at(m.book, 0);
	assert_non_null(broken);
	assert_has(told(broken, m.now_ms), "\"class\":\"R1\",");
	assert_has(told(broken, m.now_ms), money_text(&m, "\"about\":\"%s-1\",\"account\":\"bank:main\"", id));
	assert_has(told(broken, m.now_ms), "\"state\":\"open\"");
	assert_has(told(broken, m.now_ms + 9 * MONEY_DAY_MS), "\"age\":\"8-30\"");
	assert_null(strstr(told(broken, 0), "\"age\""));
	assert_null(told_break_line(m.book, broken, &line));
	money_book_release(&m);
}

static void a_line_waits_until_it_is_judged(void **state)
{
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 };
	const struct book_statement *statement;
	const struct book_break *broken;
	size_t line;

	(void)state;
	money_book_begin(&m, 2000000);
	bank_line(&m, &day, false, 1200, STATEMENT_FEE, "", "");
	assert_int_equal(bank_import(&m, &day), BOOK_RECORD);
	statement = book_statement_at(m.book, 0);
	assert_int_equal(told_counts(statement).waiting, 1);
	money_run(&m);
	assert_int_equal(told_counts(statement).breaks, 1);
	assert_int_equal(told_counts(statement).waiting + told_counts(statement).matched, 0);
	broken = book_break_at(m.book, 0);
	assert_ptr_equal(told_break_line(m.book, broken, &line), statement);
	assert_int_equal(line, 0);
	assert_true(span_is(told_break_account(m.book, broken, &m.arena), "bank:main"));
	assert_string_equal(told_break_state(broken), "suspense");
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_payment_without_a_line),
		cmocka_unit_test(a_line_waits_until_it_is_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
