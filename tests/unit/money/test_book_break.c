/*
 * Breaks and suspense: what goes in comes out, by two persons, for one reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_statement.h"

static int64_t balance(const struct money_book *m, enum ledger_code code)
{
	return ledger_total(book_ledger(m->book), MONEY_LEDGER, code);
}

static void import(struct money_book *m, const struct bank_day *day)
{
	if (bank_import(m, day) != BOOK_RECORD)
		money_fail(m, __FILE__, __LINE__, day->date);
	money_run(m);
}

static const struct book_break *only(const struct money_book *m, enum break_class class)
{
	assert_non_null(book_break_at(m->book, 0));
	assert_null(book_break_at(m->book, 1));
	assert_int_equal(book_break_at(m->book, 0)->class, class);
	return book_break_at(m->book, 0);
}

/* Both persons have to say the same. */
static void clear(struct money_book *m, const char *id, const char *name, const char *value)
{
	money_must(m, "cai", "suspense.clear", id, name, value, "reason", "seen");
	money_must(m, "qian", "suspense.clear", id, name, value, "reason", "seen");
	assert_true(book_break_find(m->book, span_of(id))->cleared);
}

/* What the first of them wants stands until the second one agrees, or thirty days. */
static void assert_vote(const struct money_book *m, const char *id)
{
	struct book_vote vote;

	assert_true(book_vote_at(m->book, 0, m->now_ms, &vote));
	assert_true(vote.stands && vote.seq == book_seq(m->book));
	assert_string_equal(vote.act, "break.resolve");
	assert_string_equal(vote.subject, id);
	assert_string_equal(vote.person, "p-cai");
	assert_true(book_vote_at(m->book, 0, m->now_ms + 31 * MONEY_DAY_MS, &vote) && !vote.stands);
	assert_false(book_vote_at(m->book, 1, m->now_ms, &vote));
}

static void resolve(struct money_book *m, const char *id)
{
	money_must(m, "cai", "break.resolve", id, "reason", "seen");
	assert_vote(m, id);
	money_must(m, "qian", "break.resolve", id, "reason", "seen");
	assert_true(book_break_find(m->book, span_of(id))->resolved);
}

/* A fee: into suspense, posted by finance, out of suspense. */
static void a_fee(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 };
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	bank_line(&m, &day, false, 1200, STATEMENT_FEE, "", "");
	import(&m, &day);
	id = only(&m, BREAK_FEE)->id;
	assert_int_equal(balance(&m, LEDGER_BANK), 1998800);
	assert_int_equal(balance(&m, LEDGER_SUSPENSE_DEBIT), 1200);
	money_refused(&m, "IN_SUSPENSE", "cai", "break.resolve", id, "reason", "x");
	money_refused(&m, "NOT_THAT", "cai", "suspense.clear", id, "entry", "L15:" MONEY_LEDGER ":1", "reason", "x");
	money_must(&m, "cai", "budget.fee", MONEY_LEDGER, "fen", "1200", "account", "bank:main");
	money_refused(&m, "NOT_THAT", "cai", "suspense.clear", id, "entry", "L02:" MONEY_LEDGER ":1", "reason", "x");
	clear(&m, id, "entry", "L15:" MONEY_LEDGER ":1");
	assert_int_equal(balance(&m, LEDGER_SUSPENSE_DEBIT), 0);
	assert_int_equal(balance(&m, LEDGER_BANK), 1998800);
	assert_int_equal(balance(&m, LEDGER_FEES), 1200);
	money_refused(&m, "NOT_SUSPENDED", "cai", "suspense.clear", id, "entry", "L15:" MONEY_LEDGER ":1", "reason", "x");
	resolve(&m, id);
	money_refused(&m, "RESOLVED", "cai", "break.resolve", id, "reason", "again");
	money_book_release(&m);
}

/* One entry explains one line. */
static void an_entry_is_used_once(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 0 };

	(void)state;
	money_book_begin(&m, 2000000);
	bank_line(&m, &day, true, 2000000, STATEMENT_OTHER, "", "");
	bank_line(&m, &day, true, 2000000, STATEMENT_OTHER, "", "");
	import(&m, &day);
	clear(&m, book_break_at(m.book, 0)->id, "entry", "L02:" MONEY_LEDGER ":1");
	money_refused(&m, "NOT_THAT", "cai", "suspense.clear", book_break_at(m.book, 1)->id, "entry",
		      "L02:" MONEY_LEDGER ":1", "reason", "x");
	assert_int_equal(balance(&m, LEDGER_BANK), 4000000);
	assert_int_equal(balance(&m, LEDGER_SUSPENSE_CREDIT), 2000000);
	money_book_release(&m);
}

/* Paid twice: the rail stops, the money waits; the bank takes it back. */
static void two_debits(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 3000000 },
			next = { .date = "2026-03-04", .opening = 1300000, .file = 1 };
	struct book_hold hold;
	const char *id;

	(void)state;
	money_book_begin(&m, 3000000);
	id = money_paid(&m, "A");
	bank_paid(&m, &day, id, 1);
	bank_paid(&m, &day, id, 1);
	import(&m, &day);
	only(&m, BREAK_TWICE);
	money_refused(&m, "HELD", "shen", "rail.hold", "voucher", "reason", "x");
	assert_true(book_hold_at(m.book, 0, &hold) && hold.held && hold.since_ms == m.now_ms);
	assert_string_equal(hold.person, "system");
	assert_true(span_starts(hold.why, SPAN("R4 of ")));
	money_must(&m, "cai", "rail.lift", "voucher", "reason", "the bank has taken it back");
	assert_true(book_hold_at(m.book, 0, &hold) && !hold.held && hold.seq == book_seq(m.book));
	assert_true(span_is(hold.why, "the bank has taken it back"));
	assert_false(book_hold_at(m.book, 1, &hold));
	bank_line(&m, &next, true, 850000, STATEMENT_OTHER, "", "");
	import(&m, &next);
	assert_int_equal(book_break_at(m.book, 1)->class, BREAK_STRANGER);
	clear(&m, book_break_at(m.book, 0)->id, "against", book_break_at(m.book, 1)->id);
	clear(&m, book_break_at(m.book, 1)->id, "against", book_break_at(m.book, 0)->id);
	assert_int_equal(balance(&m, LEDGER_SUSPENSE_DEBIT), 0);
	assert_int_equal(balance(&m, LEDGER_SUSPENSE_CREDIT), 0);
	assert_int_equal(balance(&m, LEDGER_BANK), 2150000);
	money_book_release(&m);
}

/* No id of ours: the rail of the account stops. A credit stops nothing. */
static void strangers(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 }, next = { .date = "2026-03-04", .file = 1 };

	(void)state;
	money_book_begin(&m, 2000000);
	bank_line(&m, &day, true, 5, STATEMENT_OTHER, "", "");
	import(&m, &day);
	only(&m, BREAK_STRANGER);
	money_refused(&m, "NOT_HELD", "cai", "rail.lift", "voucher", "reason", "x");
	next.opening = bank_closing(&day);
	bank_line(&m, &next, false, 5, STATEMENT_PAYMENT, "WHO", "");
	import(&m, &next);
	money_must(&m, "cai", "rail.lift", "voucher", "reason", "known");
	money_book_release(&m);
}

/* The line of a payment that the bank named wrongly: people say whose it is. */
static void a_line_that_people_tell(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 };
	const char *id, *line;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "UNKNOWN", "by", "answer");
	bank_line(&m, &day, false, 850000, STATEMENT_PAYMENT, "GARBLED", "");
	import(&m, &day);
	line = money_text(&m, "%s:1", bank_last(&m));
	money_refused(&m, "NOT_THAT", "cai", "suspense.clear", book_break_at(m.book, 0)->id, "attempt",
		      money_text(&m, "%s-1", id), "reason", "x");
	money_refused(&m, "LINE_DIFFERS", "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "SUCCEEDED",
		      "by", "statement", "fen", "850000", "line", line);
	money_must(&m, "cai", "attempt.observe", money_text(&m, "%s-1", id), "state", "SUCCEEDED", "by", "statement", "fen",
		   "850000", "line", line);
	clear(&m, book_break_at(m.book, 0)->id, "attempt", money_text(&m, "%s-1", id));
	assert_int_equal(balance(&m, LEDGER_BANK), 1150000);
	assert_int_equal(balance(&m, LEDGER_SUSPENSE_DEBIT), 0);
	assert_int_equal(money_reward(&m, id)->state, REWARD_PAID);
	money_book_release(&m);
}

/* More left the account than the ledger has there: recorded all the same. */
static void more_than_the_ledger_has(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 9000000 };

	(void)state;
	money_book_begin(&m, 2000000);
	bank_line(&m, &day, false, 5000000, STATEMENT_PAYMENT, "WHO", "");
	import(&m, &day);
	only(&m, BREAK_STRANGER);
	assert_int_equal(balance(&m, LEDGER_BANK), 2000000);
	assert_int_equal(balance(&m, LEDGER_SUSPENSE_DEBIT), 5000000);
	assert_int_equal(balance(&m, LEDGER_SUSPENSE_CREDIT), 5000000);
	money_book_release(&m);
}

/* A file that was refused is told once, until somebody has looked. */
static void refused_files(void **state)
{
	static const char file[] = "00000000000000000000000000000000000000000000000000000000000000aa";
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 };

	(void)state;
	money_book_begin(&m, 2000000);
	money_refused(&m, "NO_BREAK", "cai", "break.open", "bank:main/2026-03-03", "class", "R10", "file", file);
	money_refused(&m, "MISSING_FIELD", "cai", "break.open", "bank:main/2026-03-03", "class", "R9");
	money_refused(&m, "WRONG_SUBJECT", "cai", "break.open", "main/2026-03-03", "class", "R9", "file", file);
	import(&m, &day);
	money_must(&m, "cai", "break.open", "bank:main/2026-03-03", "class", "R10", "file", file);
	money_refused(&m, "NO_BREAK", "cai", "break.open", "bank:main/2026-03-03", "class", "R10", "file", file);
	resolve(&m, only(&m, BREAK_CHANGED)->id);
	money_must(&m, "cai", "break.open", "bank:main/2026-03-03", "class", "R10", "file", file);
	money_book_release(&m);
}

/* Nobody but the system says what a line is. */
static void lines_are_judged_by_the_system(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 };
	const char *line;

	(void)state;
	money_book_begin(&m, 2000000);
	bank_line(&m, &day, false, 5, STATEMENT_FEE, "", "");
	if (bank_import(&m, &day) != BOOK_RECORD)
		money_fail(&m, __FILE__, __LINE__, "import");
	line = money_text(&m, "%s:1", bank_last(&m));
	money_refused(&m, "ROLE", "cai", "break.open", line, "class", "R7");
	money_refused(&m, "NO_BREAK", "system", "break.open", line, "class", "R5");
	money_refused(&m, "NOT_FOUND", "system", "break.open", money_text(&m, "%s:2", bank_last(&m)), "class", "R5");
	money_refused(&m, "WRONG_FIELD", "system", "break.open", line, "class", "R11");
	money_must(&m, "system", "break.open", line, "class", "R7");
	money_refused(&m, "LINE_USED", "system", "break.open", line, "class", "R7");
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fee),
		cmocka_unit_test(an_entry_is_used_once),
		cmocka_unit_test(two_debits),
		cmocka_unit_test(strangers),
		cmocka_unit_test(a_line_that_people_tell),
		cmocka_unit_test(more_than_the_ledger_has),
		cmocka_unit_test(refused_files),
		cmocka_unit_test(lines_are_judged_by_the_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
