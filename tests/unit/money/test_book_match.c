/*
 * Lines and payments in the book. Over random days: every line is matched or
 * one break, money in suspense and money matched are the difference of the
 * balances, and whatever is done twice is done once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_statement.h"

#include <stdio.h>
#include <stdlib.h>

static int64_t balance(const struct money_book *m, enum ledger_code code)
{
	return ledger_total(book_ledger(m->book), MONEY_LEDGER, code);
}

static size_t breaks(const struct money_book *m)
{
	size_t n = 0;

	while (book_break_at(m->book, n) != NULL)
		n++;
	return n;
}

static void import(struct money_book *m, const struct bank_day *day)
{
	if (bank_import(m, day) != BOOK_RECORD)
		money_fail(m, __FILE__, __LINE__, day->date);
	money_run(m);
}

static const struct book_attempt *attempt(const struct money_book *m, const char *id)
{
	return &money_reward(m, id)->attempts[0];
}

/* The book took it from one account, the bank tells of another one: nobody's payment, until people say so. */
static void another_account_settles_nothing(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 };
	const char *id, *line, *name, *broken;

	(void)state;
	money_book_begin(&m, 4000000);
	money_must(&m, "cai", "budget.fund", MONEY_LEDGER, "fen", "900000", "from", "bank:main", "to", "float:wallet");
	id = money_claimed(&m, "A");
	m.now_ms += MONEY_DAY_MS;
	money_must(&m, "cai", "reward.release", id, "source", "float:wallet");
	money_must(&m, "qian", "reward.release", id, "source", "float:wallet");
	money_must(&m, "system", "attempt.start", id);
	name = money_text(&m, "%s-1", id);
	money_must(&m, "system", "attempt.send", name);
	bank_paid(&m, &day, id, 1);
	import(&m, &day);
	line = money_text(&m, "%s:1", bank_last(&m));
	assert_int_equal(book_break_at(m.book, 0)->class, BREAK_STRANGER);
	broken = money_text(&m, "%s", book_break_at(m.book, 0)->id);
	assert_int_equal(attempt(&m, id)->state, ATTEMPT_SENDING);
	money_refused(&m, "ACCOUNT_DIFFERS", "cai", "attempt.observe", name, "state", "SUCCEEDED", "by", "statement", "fen", "850000",
		      "line", line);
	money_must(&m, "cai", "attempt.observe", name, "state", "SUCCEEDED", "by", "statement", "fen", "850000", "line", line,
		   "source", "bank:main");
	assert_int_equal(money_reward(&m, id)->state, REWARD_PAID);
	for (int i = 0; i < 2; i++)
		money_must(&m, i == 0 ? "cai" : "qian", "suspense.clear", broken, "attempt", name, "reason", "it was this account");
	assert_int_equal(balance(&m, LEDGER_BANK), 4000000 - 900000 - 850000);
	assert_int_equal(balance(&m, LEDGER_FLOAT), 900000);
	money_book_release(&m);
}

/* The same of money that comes back: to where it was taken from, or to where that was told. */
static void a_return_to_another_account_is_a_break(void **state)
{
	struct money_book m;
	struct bank_day one = { .date = "2026-03-03", .opening = 2000000 }, two = { .date = "2026-03-04" };
	const char *id;

	(void)state;
	money_book_begin(&m, 4000000);
	id = money_paid(&m, "A");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "RETURNED", "by", "query", "fen", "850000",
		   "source", "float:wallet");
	bank_paid(&m, &one, id, 1);
	import(&m, &one);
	assert_string_equal(attempt(&m, id)->line, money_text(&m, "%s:1", bank_last(&m)));
	two.opening = bank_closing(&one);
	bank_returned(&m, &two, id, 1);
	import(&m, &two);
	assert_int_equal(breaks(&m), 1);
	assert_int_equal(book_break_at(m.book, 0)->class, BREAK_RETURN);
	assert_string_equal(attempt(&m, id)->return_line, "");
	money_book_release(&m);
}

static void what_is_known_is_matched(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 };
	const char *id;
	int64_t bank;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	bank = balance(&m, LEDGER_BANK);
	bank_paid(&m, &day, id, 1);
	import(&m, &day);
	assert_string_equal(attempt(&m, id)->line, money_text(&m, "%s:1", bank_last(&m)));
	assert_int_equal(attempt(&m, id)->by, EVIDENCE_STATEMENT);
	assert_int_equal(breaks(&m), 0);
	assert_int_equal(balance(&m, LEDGER_BANK), bank);
	m.now_ms += 40 * MONEY_DAY_MS;
	money_run(&m);
	assert_int_equal(money_reward(&m, id)->state, REWARD_CLOSED);
	money_book_release(&m);
}

/* R2 for an unknown attempt resolves it. */
static void unknown_is_resolved(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 };
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "UNKNOWN", "by", "answer");
	bank_paid(&m, &day, id, 1);
	import(&m, &day);
	assert_int_equal(attempt(&m, id)->state, ATTEMPT_SUCCEEDED);
	assert_int_equal(money_reward(&m, id)->state, REWARD_PAID);
	assert_int_equal(breaks(&m), 0);
	assert_int_equal(balance(&m, LEDGER_INFLIGHT), 0);
	assert_int_equal(balance(&m, LEDGER_BANK), 1150000);
	money_book_release(&m);
}

/* Failed, and paid after all: still owed, so it is paid (L10). */
static void late_success(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 };
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "FAILED", "by", "query", "code",
		   "NO", "fault", "payee");
	bank_paid(&m, &day, id, 1);
	import(&m, &day);
	assert_int_equal(attempt(&m, id)->state, ATTEMPT_SUCCEEDED);
	assert_int_equal(money_reward(&m, id)->state, REWARD_PAID);
	assert_int_equal(breaks(&m), 0);
	money_book_release(&m);
}

static void a_return(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 };
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	bank_paid(&m, &day, id, 1);
	bank_returned(&m, &day, id, 1);
	import(&m, &day);
	assert_int_equal(attempt(&m, id)->state, ATTEMPT_RETURNED);
	assert_int_equal(money_reward(&m, id)->state, REWARD_RETURNED);
	assert_string_equal(attempt(&m, id)->return_line, money_text(&m, "%s:2", bank_last(&m)));
	assert_int_equal(balance(&m, LEDGER_BANK), 2000000);
	assert_int_equal(breaks(&m), 0);
	/* Whoever brought the file that says so does not send the money out again. */
	money_must(&m, "claimant", "reward.reissue", id, "payee", "payee-2", "rail", "bank", "nonce", "n2");
	money_refused(&m, "SEPARATION", "cai", "reward.reissue", id);
	money_must(&m, "qian", "reward.reissue", id);
	money_book_release(&m);
}

/* Told to have come back before the bank's statement of the payment is there. */
static void a_return_that_was_known(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 };
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "RETURNED", "by", "query", "fen",
		   "850000");
	bank_returned(&m, &day, id, 1);
	bank_paid(&m, &day, id, 1);
	import(&m, &day);
	assert_true(attempt(&m, id)->line[0] != '\0' && attempt(&m, id)->return_line[0] != '\0');
	assert_int_equal(attempt(&m, id)->state, ATTEMPT_RETURNED);
	assert_int_equal(breaks(&m), 0);
	money_book_release(&m);
}

/* By the provider's reference, where it is that of one payment alone. */
static void by_reference(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 3000000 };
	const char *a, *b, *c;

	(void)state;
	money_book_begin(&m, 3000000);
	a = money_sent(&m, "A");
	b = money_sent(&m, "B");
	c = money_sent(&m, "C");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", a), "state", "PROCESSING", "by", "answer",
		   "provider_ref", "P1");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", b), "state", "PROCESSING", "by", "answer",
		   "provider_ref", "P2");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", c), "state", "PROCESSING", "by", "answer",
		   "provider_ref", "P2");
	bank_line(&m, &day, false, 850000, STATEMENT_PAYMENT, "", "P1");
	bank_line(&m, &day, false, 850000, STATEMENT_PAYMENT, "", "P2");
	import(&m, &day);
	assert_int_equal(attempt(&m, a)->state, ATTEMPT_SUCCEEDED);
	assert_int_equal(attempt(&m, b)->state, ATTEMPT_PROCESSING);
	assert_int_equal(attempt(&m, c)->state, ATTEMPT_PROCESSING);
	assert_int_equal(breaks(&m), 1);
	assert_int_equal(book_break_at(m.book, 0)->class, BREAK_STRANGER);
	money_book_release(&m);
}

/* What is proved by a line has to stand in it. */
static void evidence_is_a_line(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 };
	const char *a, *b;

	(void)state;
	money_book_begin(&m, 2000000);
	a = money_paid(&m, "A");
	b = money_paid(&m, "B");
	bank_paid(&m, &day, a, 1);
	if (bank_import(&m, &day) != BOOK_RECORD)
		money_fail(&m, __FILE__, __LINE__, "import");
	money_refused(&m, "NOT_FOUND", "system", "attempt.observe", money_text(&m, "%s-1", a), "state", "SUCCEEDED", "by",
		      "statement", "fen", "850000", "line", "S1:1");
	money_refused(&m, "LINE_DIFFERS", "system", "attempt.observe", money_text(&m, "%s-1", b), "state", "SUCCEEDED",
		      "by", "statement", "fen", "850000", "line", money_text(&m, "%s:1", bank_last(&m)));
	money_refused(&m, "LINE_DIFFERS", "system", "attempt.observe", money_text(&m, "%s-1", a), "state", "RETURNED",
		      "by", "statement", "fen", "850000", "line", money_text(&m, "%s:1", bank_last(&m)));
	money_refused(&m, "NO_BREAK", "system", "break.open", money_text(&m, "%s:1", bank_last(&m)), "class", "R5");
	assert_int_equal(money_run(&m), 1);
	money_book_release(&m);
}

/* R1: two days after, and gone when the line comes. */
static void a_payment_without_line(void **state)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 2000000 };
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	assert_int_equal(money_run(&m), 0);
	m.now_ms = reconcile_line_due_ms(attempt(&m, id)->changed_ms) - 1;
	assert_int_equal(money_run(&m), 0);
	money_refused(&m, "NO_BREAK", "system", "break.open", money_text(&m, "%s-1", id), "class", "R1");
	m.now_ms++;
	assert_int_equal(money_run(&m), 1);
	assert_int_equal(money_run(&m), 0);
	assert_int_equal(book_break_at(m.book, 0)->class, BREAK_NO_LINE);
	bank_paid(&m, &day, id, 1);
	import(&m, &day);
	assert_true(book_break_at(m.book, 0)->resolved);
	money_book_release(&m);
}

/* --- random days ---------------------------------------------------------------------------- */

#define REWARDS 6

static void random_line(struct money_book *m, struct bank_day *day, const char *const *ids)
{
	const char *id = ids[rand() % REWARDS];
	int64_t fen = rand() % 6 ? 850000 : 849999;

	switch (rand() % 5) {
	case 0:
		bank_paid(m, day, id, 1);
		return;
	case 1:
		bank_returned(m, day, id, 1);
		return;
	case 2:
		bank_line(m, day, false, fen, STATEMENT_PAYMENT, money_text(m, "%s", attempt(m, id)->instruction), "");
		return;
	case 3:
		bank_line(m, day, rand() % 2, 1000, STATEMENT_FEE, "", "");
		return;
	default:
		bank_line(m, day, rand() % 2, 7000, STATEMENT_OTHER, rand() % 2 ? "STRANGER" : "", "");
	}
}

static void random_attempt(struct money_book *m, const char *id)
{
	static const char *const states[] = { "UNKNOWN", "PROCESSING", "FAILED", "SUCCEEDED", "CANCELLED" };

	money_do(m, "system", "attempt.observe", money_text(m, "%s-1", id), "state", states[rand() % 5], "by", "query", "fen",
		 "850000", "code", "C", "fault", "payee", NULL);
}

/* Sum of the lines that were matched, and of those in suspense. */
static void sums(const struct money_book *m, const struct book_statement *statement, int64_t *matched, int64_t *suspense)
{
	*matched = *suspense = 0;
	for (size_t i = 0; i < statement->nlines; i++) {
		const struct book_line *line = &statement->lines[i];
		int64_t fen = line->is.credit ? line->is.fen : -line->is.fen;
		char about[BOOK_ID_MAX + 24];
		size_t found = 0;

		assert_true(line->taken != 0);
		*(line->broken ? suspense : matched) += fen;
		snprintf(about, sizeof(about), "%s:%zu", statement->id, i + 1);
		for (size_t k = 0; book_break_at(m->book, k) != NULL; k++)
			found += strcmp(book_break_at(m->book, k)->about, about) == 0;
		assert_int_equal(found, line->broken);
	}
}

/* What the bank of the ledger moved is what the statement moved, but for what the ledger did not know to be there. */
static void one_random_day(unsigned seed)
{
	struct money_book m;
	struct bank_day day = { .date = "2026-03-03", .opening = 90000000 };
	const char *ids[REWARDS];
	const struct book_statement *statement;
	struct complaint why = { .text = "" };
	struct book *again;
	int64_t matched, suspense, net;

	srand(seed);
	money_book_begin(&m, 20000000);
	for (unsigned i = 0; i < REWARDS; i++) {
		ids[i] = money_sent(&m, money_text(&m, "T%u", i));
		random_attempt(&m, ids[i]);
	}
	for (unsigned i = 0; i < 16; i++)
		random_line(&m, &day, ids);
	net = balance(&m, LEDGER_SUSPENSE_CREDIT) - balance(&m, LEDGER_SUSPENSE_DEBIT);
	import(&m, &day);
	statement = book_statement_at(m.book, 0);
	sums(&m, statement, &matched, &suspense);
	assert_int_equal(matched + suspense, statement->ends.closing - statement->ends.opening);
	assert_int_equal(balance(&m, LEDGER_SUSPENSE_CREDIT) - balance(&m, LEDGER_SUSPENSE_DEBIT) - net, suspense);
	assert_int_equal(bank_import(&m, &day), BOOK_REFUSED);
	assert_int_equal(money_run(&m), 0);
	again = money_replay(&m, &why);
	assert_non_null(again);
	assert_string_equal(money_balances(&m, again), money_balances(&m, m.book));
	book_free(again);
	money_book_release(&m);
}

static void random_days(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 60; seed++)
		one_random_day(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_known_is_matched),
		cmocka_unit_test(another_account_settles_nothing),
		cmocka_unit_test(a_return_to_another_account_is_a_break),
		cmocka_unit_test(unknown_is_resolved),
		cmocka_unit_test(late_success),
		cmocka_unit_test(a_return),
		cmocka_unit_test(a_return_that_was_known),
		cmocka_unit_test(by_reference),
		cmocka_unit_test(evidence_is_a_line),
		cmocka_unit_test(a_payment_without_line),
		cmocka_unit_test(random_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
