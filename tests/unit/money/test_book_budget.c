/*
 * Money by hand, years, corrections.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_book.h"

#include <stdio.h>

static int64_t balance(const struct money_book *m, enum ledger_code code, const char *detail)
{
	return ledger_balance(book_ledger(m->book), MONEY_LEDGER, code, detail);
}

#define NEXT "150600/anti-trafficking/2027"

static int64_t next_balance(const struct money_book *m, enum ledger_code code)
{
	return ledger_balance(book_ledger(m->book), NEXT, code, "");
}

static void money_moves_between_accounts_that_hold_it(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 1000000);
	money_must(&m, "cai", "budget.fund", MONEY_LEDGER, "fen", "400000", "from", "bank:main", "to", "cash:1");
	assert_int_equal(balance(&m, LEDGER_CASH_AT_BRANCH, "1"), 400000);
	money_refused(&m, "SOURCE_SHORT", "cai", "budget.fund", MONEY_LEDGER, "fen", "600001", "from", "bank:main",
		      "to", "float:wechat");
	money_refused(&m, "WRONG_FIELD", "cai", "budget.fund", MONEY_LEDGER, "fen", "1", "from", "bank:main", "to",
		      "bank:main");
	money_refused(&m, "NOT_FOUND", "cai", "budget.receive", "150600/other/2026", "fen", "1", "account",
		      "bank:main");
	money_refused(&m, "WRONG_SUBJECT", "cai", "budget.appropriate", "150600/2026", "fen", "1", "reason", "x");
	money_must(&m, "cai", "budget.fee", MONEY_LEDGER, "fen", "600000", "account", "bank:main");
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 400000);
	money_book_release(&m);
}

static void money_under_way_is_not_spent_otherwise(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 1000000);
	money_sent(&m, "A");
	money_refused(&m, "SOURCE_SHORT", "cai", "budget.fund", MONEY_LEDGER, "fen", "150001", "from", "bank:main",
		      "to", "cash:1");
	money_must(&m, "cai", "budget.fund", MONEY_LEDGER, "fen", "150000", "from", "bank:main", "to", "cash:1");
	money_book_release(&m);
}

static void a_correction_names_what_it_reverses(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 1000000);
	money_must(&m, "cai", "budget.fee", MONEY_LEDGER, "fen", "77", "account", "bank:main");
	money_must(&m, "cai", "budget.correct", "L15:" MONEY_LEDGER ":1", "reason", "another programme's");
	assert_int_equal(balance(&m, LEDGER_FEES, ""), 77);
	money_must(&m, "qian", "budget.correct", "L15:" MONEY_LEDGER ":1", "reason", "another programme's");
	assert_string_equal(m.record.entry.id, "C:L15:" MONEY_LEDGER ":1");
	assert_int_equal(balance(&m, LEDGER_FEES, ""), 0);
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 1000000);
	money_refused(&m, "CORRECTED", "cai", "budget.correct", "L15:" MONEY_LEDGER ":1", "reason", "again");
	money_refused(&m, "NOT_FOUND", "cai", "budget.correct", "L15:" MONEY_LEDGER ":9", "reason", "x");
	money_book_release(&m);
}

/* An appropriation that was spent cannot be taken back. */
static void a_correction_keeps_the_limits(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 1000000);
	money_approved(&m, "A");
	money_refused(&m, "LEDGER", "cai", "budget.correct", "L01:" MONEY_LEDGER ":1", "reason", "x");
	money_book_release(&m);
}

static void close_year(struct money_book *m)
{
	m->now_ms += 310 * MONEY_DAY_MS;
	money_must(m, "cai", "budget.appropriate", NEXT, "fen", "500000", "reason", "2027");
	money_must(m, "cai", "budget.close_year", MONEY_LEDGER, "next", NEXT);
	money_must(m, "qian", "budget.close_year", MONEY_LEDGER, "next", NEXT);
}

static void the_year_ends_and_what_is_open_goes_on(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_claimed(&m, "A");
	close_year(&m);
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 0);
	assert_int_equal(balance(&m, LEDGER_ENCUMBERED, ""), 0);
	assert_int_equal(balance(&m, LEDGER_LAPSED, ""), 2000000);
	assert_int_equal(next_balance(&m, LEDGER_AUTHORISED), 1350000);
	assert_int_equal(next_balance(&m, LEDGER_ENCUMBERED), 850000);
	money_refused(&m, "YEAR_CLOSED", "cai", "budget.appropriate", MONEY_LEDGER, "fen", "1", "reason", "late");
	money_must(&m, "cai", "reward.release", id, "source", "bank:main");
	money_must(&m, "qian", "reward.release", id, "source", "bank:main");
	money_run(&m);
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "SUCCEEDED", "by", "query",
		   "fen", "850000");
	assert_int_equal(next_balance(&m, LEDGER_EXPENDED), 850000);
	assert_int_equal(balance(&m, LEDGER_BANK, "main"), 1150000);
	money_book_release(&m);
}

static void what_is_taken_back_later_is_a_prior_year_s(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_claimed(&m, "A");
	close_year(&m);
	money_must(&m, "zhao", "reward.revoke", id, "reason", "fraud");
	money_must(&m, "han", "reward.revoke", id, "reason", "fraud");
	assert_int_equal(balance(&m, LEDGER_PRIOR_YEAR, ""), 850000);
	assert_int_equal(balance(&m, LEDGER_EXPENSE, ""), 850000);
	assert_int_equal(next_balance(&m, LEDGER_LAPSED), 850000);
	assert_int_equal(next_balance(&m, LEDGER_AVAILABLE), 500000);
	money_book_release(&m);
}

/* Paid in the old year, back in the new one: the new year takes it over. */
static void a_return_after_the_year_end(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	close_year(&m);
	assert_int_equal(balance(&m, LEDGER_EXPENDED, ""), 850000);
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "RETURNED", "by", "statement",
		   "fen", "850000");
	assert_int_equal(balance(&m, LEDGER_EXPENDED, ""), 0);
	assert_int_equal(next_balance(&m, LEDGER_ENCUMBERED), 850000);
	assert_int_equal(next_balance(&m, LEDGER_AUTHORISED), 1350000);
	money_book_release(&m);
}

static void after_the_year_end_approvals_use_the_new_year(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	close_year(&m);
	id = money_approved(&m, "A");
	assert_int_equal(money_reward(&m, id)->state, REWARD_AWAITING_FUNDS);
	money_must(&m, "cai", "budget.appropriate", NEXT, "fen", "500000", "reason", "more");
	money_run(&m);
	assert_string_equal(money_reward(&m, id)->book, NEXT);
	assert_int_equal(next_balance(&m, LEDGER_ENCUMBERED), 850000);
	money_book_release(&m);
}

/* --- tax ------------------------------------------------------------------------------------ */

static void tax_is_withheld_and_remitted(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	money_policy(&m, 2, 2000);
	id = money_sent(&m, "A");
	assert_int_equal(money_reward(&m, id)->tax_fen, 170000);
	money_refused(&m, "ILLEGAL_TRANSITION", "cai", "budget.tax", id, "account", "bank:main");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "SUCCEEDED", "by", "query",
		   "fen", "680000");
	assert_int_equal(money_reward(&m, id)->state, REWARD_PAID);
	assert_int_equal(balance(&m, LEDGER_TAX_WITHHELD, id), 170000);
	assert_int_equal(balance(&m, LEDGER_ENCUMBERED, ""), 170000);
	money_must(&m, "cai", "budget.tax", id, "account", "bank:main");
	assert_int_equal(balance(&m, LEDGER_ENCUMBERED, ""), 0);
	assert_int_equal(balance(&m, LEDGER_EXPENDED, ""), 850000);
	assert_int_equal(balance(&m, LEDGER_BANK, "main"), 1150000);
	money_refused(&m, "NOTHING_OWED", "cai", "budget.tax", id, "account", "bank:main");
	money_book_release(&m);
}

/* One of two instalments was paid: its tax stays owed, that of the rest goes. */
static void tax_of_the_rest_is_cancelled(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	money_policy(&m, 2, 2000);
	id = money_claimed(&m, "A");
	m.now_ms += MONEY_DAY_MS;
	money_must(&m, "cai", "reward.release", id, "source", "bank:main", "instalment", "340000");
	money_must(&m, "qian", "reward.release", id, "source", "bank:main", "instalment", "340000");
	money_run(&m);
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "SUCCEEDED", "by", "query",
		   "fen", "340000");
	money_must(&m, "zhao", "reward.revoke", id, "reason", "fraud");
	money_must(&m, "han", "reward.revoke", id, "reason", "fraud");
	assert_int_equal(balance(&m, LEDGER_TAX_WITHHELD, id), 85000);
	assert_int_equal(balance(&m, LEDGER_ENCUMBERED, ""), 85000);
	assert_int_equal(balance(&m, LEDGER_EXPENSE, ""), 425000);
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 2000000 - 425000);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(money_moves_between_accounts_that_hold_it),
		cmocka_unit_test(money_under_way_is_not_spent_otherwise),
		cmocka_unit_test(a_correction_names_what_it_reverses),
		cmocka_unit_test(a_correction_keeps_the_limits),
		cmocka_unit_test(the_year_ends_and_what_is_open_goes_on),
		cmocka_unit_test(what_is_taken_back_later_is_a_prior_year_s),
		cmocka_unit_test(a_return_after_the_year_end),
		cmocka_unit_test(after_the_year_end_approvals_use_the_new_year),
		cmocka_unit_test(tax_is_withheld_and_remitted),
		cmocka_unit_test(tax_of_the_rest_is_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
