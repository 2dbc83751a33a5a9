/*
 * Instruction ids: whatever a journal lost and in whatever order it goes on,
 * the same payment has the same id, another one has another; and a debit of a
 * statement for a payment that is not known is that payment, and no other goes
 * out for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_statement.h"

#include <stdio.h>

static const char *id_of(const struct money_book *m, const char *reward, size_t index)
{
	return money_reward(m, reward)->attempts[index].instruction;
}

static const char *derived(struct money_book *m, const char *name, unsigned ordinal)
{
	char id[INSTRUCTION_ID_LEN + 1];

	book_instruction_id(money_book_key, span_of(money_text(m, "case-%s", name)), span_of(money_text(m, "c-%s", name)), ordinal,
			    id);
	return money_text(m, "%s", id);
}

static void release(struct money_book *m, const char *id)
{
	m->now_ms += MONEY_DAY_MS;
	money_must(m, "cai", "reward.release", id, "source", "bank:main");
	money_must(m, "qian", "reward.release", id, "source", "bank:main");
}

static void other_rewards_change_nothing(void **state)
{
	struct money_book one, two;
	const char *a, *b;

	(void)state;
	money_book_begin(&one, 4000000);
	money_book_begin(&two, 4000000);
	a = money_sent(&one, "A");
	money_sent(&two, "B");
	money_sent(&two, "C");
	b = money_sent(&two, "A");
	assert_string_not_equal(a, b);
	assert_string_equal(id_of(&one, a, 0), id_of(&two, b, 0));
	assert_string_equal(id_of(&one, a, 0), derived(&one, "A", 1));
	money_book_release(&one);
	money_book_release(&two);
}

/* The second attempt of a reward and the first one of the reward that took its place: both count on. */
static void a_failed_payment_is_another_one(void **state)
{
	struct money_book m;
	const char *id, *again;

	(void)state;
	money_book_begin(&m, 4000000);
	id = money_sent(&m, "A");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "FAILED", "by", "query", "code", "NO", "fault",
		   "payee");
	money_must(&m, "yao", "reward.revoke", id, "reason", "wrong payee");
	money_must(&m, "yan", "reward.revoke", id, "reason", "wrong payee");
	money_must(&m, "lin", "reward.propose", "", "case", "case-A", "tip", "15-A", "claimant", "c-A", "programme",
		   "anti-trafficking", "factors", "[\"15-A specificity=3 evidence=2\"]", "external_award", "0");
	again = money_text(&m, "R%llu", (unsigned long long)m.record.seq);
	money_must(&m, "lin", "reward.submit", again);
	money_approve(&m, again);
	money_must(&m, "system", "reward.publish", again);
	money_must(&m, "claimant", "reward.claim", again, "payee", "payee-2", "rail", "voucher", "nonce", "n-again");
	release(&m, again);
	money_must(&m, "system", "attempt.start", again);
	assert_string_equal(id_of(&m, id, 0), derived(&m, "A", 1));
	assert_string_equal(id_of(&m, again, 0), derived(&m, "A", 2));
	money_book_release(&m);
}

/* What never went out is no payment: a book that never had it would name the next one the same. */
static void what_was_never_sent_does_not_count(void **state)
{
	struct money_book m;
	const struct book_reward *reward;
	const struct book_attempt *attempt;
	const char *id;

	(void)state;
	money_book_begin(&m, 4000000);
	id = money_released(&m, "A");
	money_must(&m, "system", "attempt.start", id);
	money_must(&m, "cai", "attempt.cancel", money_text(&m, "%s-1", id));
	release(&m, id);
	money_must(&m, "system", "attempt.start", id);
	assert_string_equal(id_of(&m, id, 0), id_of(&m, id, 1));
	attempt = book_instruction(m.book, span_of(derived(&m, "A", 1)), &reward);
	assert_int_equal(attempt->number, 2);
	/* And what is told of it is told of the one that went out. */
	money_must(&m, "system", "attempt.send", money_text(&m, "%s-2", id));
	money_refused(&m, "NOT_SENT", "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "SUCCEEDED", "by", "query",
		      "fen", "850000");
	money_book_release(&m);
}

/* --- debits ----------------------------------------------------------------------------------- */

/* The bank has paid 8,500 yuan under that id, and the book knows of no such attempt. */
static void debit(struct money_book *m, const char *id, int64_t fen)
{
	struct bank_day day = { .date = "2026-03-02", .opening = 9000000 };

	bank_line(m, &day, false, fen, STATEMENT_PAYMENT, id, "");
	assert_int_equal(bank_import(m, &day), BOOK_RECORD);
	money_run(m);
	assert_int_equal(book_break_at(m->book, 0)->class, BREAK_STRANGER);
}

static void a_debit_is_the_payment(void **state)
{
	struct money_book m;
	struct complaint why;
	struct book *again;
	const char *id, *line, *broken;

	(void)state;
	money_book_begin(&m, 4000000);
	debit(&m, derived(&m, "A", 1), 850000);
	line = money_text(&m, "%s:1", bank_last(&m));
	broken = money_text(&m, "%s", book_break_at(m.book, 0)->id);
	id = money_released(&m, "A");
	/* The rail is on hold for the stranger; when that is lifted, nothing goes out all the same. */
	money_must(&m, "shen", "rail.lift", "voucher", "reason", "looked at");
	money_refused(&m, "STATEMENT_NAMES_IT", "system", "attempt.start", id);
	money_refused(&m, "LINE_DIFFERS", "system", "attempt.start", id, "line", "S1:1");
	money_run(&m);
	assert_int_equal(money_reward(&m, id)->state, REWARD_PAID);
	assert_int_equal(money_reward(&m, id)->nattempts, 1);
	assert_string_equal(money_reward(&m, id)->attempts[0].line, line);
	assert_string_equal(id_of(&m, id, 0), derived(&m, "A", 1));
	for (int i = 0; i < 2; i++)
		money_must(&m, i == 0 ? "cai" : "qian", "suspense.clear", broken, "attempt", money_text(&m, "%s-1", id), "reason",
			   "paid before the restore");
	assert_int_equal(ledger_total(book_ledger(m.book), MONEY_LEDGER, LEDGER_BANK), 4000000 - 850000);
	again = money_replay(&m, &why);
	assert_non_null(again);
	book_free(again);
	money_book_release(&m);
}

/* The first payment had failed and the second was lost too: its debit is found just the same. */
static void a_later_ordinal_is_found(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 4000000);
	debit(&m, derived(&m, "A", 3), 850000);
	money_must(&m, "shen", "rail.lift", "voucher", "reason", "looked at");
	id = money_released(&m, "A");
	money_refused(&m, "STATEMENT_NAMES_IT", "system", "attempt.start", id);
	money_run(&m);
	assert_int_equal(money_reward(&m, id)->state, REWARD_PAID);
	assert_int_equal(money_reward(&m, id)->attempts[0].ordinal, 3);
	money_book_release(&m);
}

static void a_debit_of_another_amount_stops(void **state)
{
	struct money_book m;
	const char *id, *broken;

	(void)state;
	money_book_begin(&m, 4000000);
	debit(&m, derived(&m, "A", 1), 840000);
	broken = money_text(&m, "%s", book_break_at(m.book, 0)->id);
	money_must(&m, "shen", "rail.lift", "voucher", "reason", "looked at");
	id = money_released(&m, "A");
	money_run(&m);
	assert_int_equal(money_reward(&m, id)->state, REWARD_RELEASED);
	money_refused(&m, "STATEMENT_NAMES_IT", "system", "attempt.start", id);
	money_refused(&m, "LINE_DIFFERS", "system", "attempt.start", id, "line", money_text(&m, "%s:1", bank_last(&m)));
	/* Two persons have told that it was something else: what is owed is paid. */
	money_must(&m, "cai", "budget.fee", MONEY_LEDGER, "fen", "840000", "account", "bank:main");
	for (int i = 0; i < 2; i++)
		money_must(&m, i == 0 ? "cai" : "qian", "suspense.clear", broken, "entry",
			   "L15:150600/anti-trafficking/2026:1", "reason", "an error of the bank");
	money_must(&m, "system", "attempt.start", id);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_rewards_change_nothing),
		cmocka_unit_test(a_failed_payment_is_another_one),
		cmocka_unit_test(what_was_never_sent_does_not_count),
		cmocka_unit_test(a_debit_is_the_payment),
		cmocka_unit_test(a_later_ordinal_is_found),
		cmocka_unit_test(a_debit_of_another_amount_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
