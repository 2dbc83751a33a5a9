/*
 * After a restore: whatever was open is unknown and asked about, nothing goes
 * out, and two of finance end it, when the statements are there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_statement.h"

#include <stdio.h>

static const struct book_attempt *attempt(const struct money_book *m, const char *id)
{
	return &money_reward(m, id)->attempts[0];
}

static const char *restored(struct money_book *m)
{
	money_must(m, "system", "book.restored", "", "reason", "the mirror has more", "known", "900");
	return money_text(m, "%s", book_quarantine(m->book)->id);
}

static void what_is_open_is_unknown(void **state)
{
	struct money_book m;
	const char *created, *accepted, *paid, *released;

	(void)state;
	money_book_begin(&m, 8000000);
	paid = money_paid(&m, "A");
	accepted = money_sent(&m, "B");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", accepted), "state", "ACCEPTED", "by", "query");
	created = money_released(&m, "C");
	money_must(&m, "system", "attempt.start", created);
	released = money_released(&m, "D");
	restored(&m);
	assert_true(book_quarantine(m.book)->on);
	assert_int_equal(book_quarantine(m.book)->known, 900);
	assert_int_equal(attempt(&m, paid)->state, ATTEMPT_SUCCEEDED);
	assert_int_equal(attempt(&m, accepted)->state, ATTEMPT_UNKNOWN);
	assert_int_equal(attempt(&m, created)->state, ATTEMPT_UNKNOWN);
	assert_int_equal(attempt(&m, created)->sent_ms, attempt(&m, created)->started_ms);
	/* Asked about after five seconds, and neither started nor sent nor paid out. */
	m.now_ms += 60000;
	money_run(&m);
	assert_int_equal(attempt(&m, created)->queries, 1);
	assert_int_equal(money_reward(&m, released)->state, REWARD_RELEASED);
	money_refused(&m, "QUARANTINE", "system", "attempt.start", released);
	money_refused(&m, "QUARANTINE", "system", "attempt.send", money_text(&m, "%s-1", created));
	money_refused(&m, "QUARANTINE", "gui", "attempt.observe", money_text(&m, "%s-1", accepted), "state", "SUCCEEDED", "by",
		      "query", "fen", "850000");
	/* That it is to be stopped is a request, which frees no money. */
	money_must(&m, "cai", "attempt.cancel", money_text(&m, "%s-1", created));
	assert_int_equal(money_reward(&m, created)->state, REWARD_PAYING);
	/* What the rail knows counts. */
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", created), "state", "SUCCEEDED", "by", "query", "fen",
		   "850000");
	assert_int_equal(money_reward(&m, created)->state, REWARD_PAID);
	money_book_release(&m);
}

static void lift(struct money_book *m, const char *account, const char *id, const char *until, enum book_answer answer)
{
	assert_int_equal(money_do(m, account, "book.reconciled", id, "until", until, "reason", "all is known", NULL), answer);
}

static void two_of_finance_lift_it(void **state)
{
	struct money_book m;
	struct complaint why;
	struct book *again;
	const char *id, *first, *quarantine;

	(void)state;
	money_book_begin(&m, 8000000);
	money_refused(&m, "NOT_RESTORED", "cai", "book.reconciled", "Q1", "until", "2026-03-01", "reason", "x");
	id = money_released(&m, "A");
	first = restored(&m);
	quarantine = restored(&m);
	money_refused(&m, "NOT_FOUND", "cai", "book.reconciled", first, "until", "2026-03-02", "reason", "x");
	money_refused(&m, "WRONG_FIELD", "cai", "book.reconciled", quarantine, "until", "2026-02-31", "reason", "x");
	/* From the day of the restore on, and not of days to come. */
	money_refused(&m, "WRONG_DAY", "cai", "book.reconciled", quarantine, "until", "2026-03-01", "reason", "x");
	money_refused(&m, "WRONG_DAY", "cai", "book.reconciled", quarantine, "until", "2026-03-03", "reason", "x");
	money_refused(&m, "ROLE", "yao", "book.reconciled", quarantine, "until", "2026-03-02", "reason", "x");
	lift(&m, "cai", quarantine, "2026-03-02", BOOK_RECORD);
	assert_true(book_quarantine(m.book)->on);
	lift(&m, "cai", quarantine, "2026-03-02", BOOK_REFUSED);
	lift(&m, "qian", quarantine, "2026-03-02", BOOK_RECORD);
	assert_false(book_quarantine(m.book)->on);
	assert_string_equal(book_quarantine(m.book)->until, "2026-03-02");
	money_must(&m, "system", "attempt.start", id);
	again = money_replay(&m, &why);
	assert_non_null(again);
	assert_false(book_quarantine(again)->on);
	book_free(again);
	money_book_release(&m);
}

/* A vote before another restore is none after it. */
static void a_second_restore_voids_the_vote(void **state)
{
	struct money_book m;
	const char *quarantine;

	(void)state;
	money_book_begin(&m, 8000000);
	lift(&m, "cai", restored(&m), "2026-03-01", BOOK_RECORD);
	quarantine = restored(&m);
	lift(&m, "qian", quarantine, "2026-03-01", BOOK_RECORD);
	assert_true(book_quarantine(m.book)->on);
	lift(&m, "cai", quarantine, "2026-03-01", BOOK_RECORD);
	assert_false(book_quarantine(m.book)->on);
	money_book_release(&m);
}

/* Nobody can ask what a counter has paid: where there is money, its own statement says it. */
static void a_branch_says_what_it_paid(void **state)
{
	struct money_book m;
	const char *quarantine;

	(void)state;
	money_book_begin(&m, 8000000);
	money_must(&m, "cai", "budget.fund", MONEY_LEDGER, "fen", "900000", "from", "bank:main", "to", "cash:b1");
	quarantine = restored(&m);
	money_refused(&m, "STATEMENT_MISSING", "cai", "book.reconciled", quarantine, "until", "2026-03-01", "reason", "x");
	money_must(&m, "cai", "statement.import", MONEY_LEDGER, "account", "cash:b1", "rail", "voucher", "date", "2026-03-01",
		   "opening", "900000", "closing", "900000", "count", "0", "file", money_text(&m, "%064u", 7));
	lift(&m, "cai", quarantine, "2026-03-01", BOOK_RECORD);
	lift(&m, "qian", quarantine, "2026-03-01", BOOK_RECORD);
	assert_false(book_quarantine(m.book)->on);
	money_book_release(&m);
}

static void statements_come_first(void **state)
{
	struct money_book m;
	struct bank_day one = { .date = "2026-03-02", .opening = 9000000 }, two = { .date = "2026-03-04" };
	const char *quarantine, *id;

	(void)state;
	money_book_begin(&m, 8000000);
	id = money_paid(&m, "A");
	bank_paid(&m, &one, id, 1);
	assert_int_equal(bank_import(&m, &one), BOOK_RECORD);
	money_run(&m);
	m.now_ms += 2 * MONEY_DAY_MS;
	quarantine = restored(&m);
	money_refused(&m, "STATEMENT_MISSING", "cai", "book.reconciled", quarantine, "until", "2026-03-04", "reason", "x");
	two.opening = bank_closing(&one);
	bank_line(&m, &two, false, 500, STATEMENT_FEE, "", "");
	assert_int_equal(bank_import(&m, &two), BOOK_RECORD);
	money_refused(&m, "LINES_OPEN", "cai", "book.reconciled", quarantine, "until", "2026-03-04", "reason", "x");
	money_run(&m);
	lift(&m, "cai", quarantine, "2026-03-04", BOOK_RECORD);
	lift(&m, "qian", quarantine, "2026-03-04", BOOK_RECORD);
	assert_false(book_quarantine(m.book)->on);
	money_book_release(&m);
}

/* What a restored book calls never sent may go out again under its id, once it is known that it may. */
static void what_the_rail_never_saw_goes_out(void **state)
{
	struct money_book m;
	const char *id, *quarantine, *name;
	char before[INSTRUCTION_ID_LEN + 1];

	(void)state;
	money_book_begin(&m, 8000000);
	id = money_released(&m, "A");
	money_must(&m, "system", "attempt.start", id);
	memcpy(before, attempt(&m, id)->instruction, sizeof(before));
	name = money_text(&m, "%s-1", id);
	quarantine = restored(&m);
	money_must(&m, "system", "attempt.observe", name, "state", "NOT_FOUND", "by", "query");
	lift(&m, "cai", quarantine, "2026-03-02", BOOK_RECORD);
	lift(&m, "qian", quarantine, "2026-03-02", BOOK_RECORD);
	money_must(&m, "system", "attempt.send", name, "body",
		   "00000000000000000000000000000000000000000000000000000000000000aa");
	assert_string_equal(attempt(&m, id)->instruction, before);
	money_must(&m, "system", "attempt.observe", name, "state", "UNKNOWN", "by", "answer");
	money_refused(&m, "BODY_DIFFERS", "system", "attempt.send", name, "body",
		      "00000000000000000000000000000000000000000000000000000000000000bb");
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_open_is_unknown),
		cmocka_unit_test(two_of_finance_lift_it),
		cmocka_unit_test(a_second_restore_voids_the_vote),
		cmocka_unit_test(statements_come_first),
		cmocka_unit_test(a_branch_says_what_it_paid),
		cmocka_unit_test(what_the_rail_never_saw_goes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
