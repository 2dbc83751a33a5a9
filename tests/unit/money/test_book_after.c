/*
 * Taken back, recovered, written off, closed.
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

static void is_in(const struct money_book *m, const char *id, enum reward_state wanted)
{
	assert_string_equal(reward_state_name(money_reward(m, id)->state), reward_state_name(wanted));
}

#define DOCUMENT "00000000000000000000000000000000000000000000000000000000000000ab"

static void revoked_gives_the_budget_back(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_released(&m, "A");
	money_must(&m, "zhao", "reward.revoke", id, "reason", "fraud");
	is_in(&m, id, REWARD_RELEASED);
	/* Another reason is another act. */
	money_must(&m, "han", "reward.revoke", id, "reason", "error");
	is_in(&m, id, REWARD_RELEASED);
	money_must(&m, "han", "reward.revoke", id, "reason", "fraud");
	is_in(&m, id, REWARD_REVOKED);
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 2000000);
	assert_int_equal(balance(&m, LEDGER_EXPENSE, ""), 0);
	money_book_release(&m);
}

/* Whatever happens in between, the first voice counts no more. */
static void a_vote_is_for_what_was_seen(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_claimed(&m, "A");
	money_must(&m, "zhao", "reward.revoke", id, "reason", "fraud");
	money_must(&m, "claimant", "reward.change_payee", id, "payee", "payee-2", "rail", "voucher", "nonce", "n2");
	money_must(&m, "han", "reward.revoke", id, "reason", "fraud");
	is_in(&m, id, REWARD_CLAIMED);
	m.now_ms += 30 * MONEY_DAY_MS;
	money_must(&m, "zhao", "reward.revoke", id, "reason", "fraud");
	is_in(&m, id, REWARD_CLAIMED);
	m.now_ms += 30 * MONEY_DAY_MS - 1;
	money_must(&m, "han", "reward.revoke", id, "reason", "fraud");
	is_in(&m, id, REWARD_REVOKED);
	money_book_release(&m);
}

static const char *voided(struct money_book *m)
{
	const char *id = money_paid(m, "A");

	money_must(m, "zhao", "reward.void", id, "code", "fraud", "document", DOCUMENT);
	money_must(m, "han", "reward.void", id, "code", "fraud", "document", DOCUMENT);
	return id;
}

static void voided_is_claimed_back(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = voided(&m);
	is_in(&m, id, REWARD_REVERSED);
	assert_int_equal(balance(&m, LEDGER_CLAWBACK, id), 850000);
	assert_int_equal(balance(&m, LEDGER_EXPENSE, ""), 0);
	assert_int_equal(balance(&m, LEDGER_EXPENDED, ""), 850000);
	money_must(&m, "cai", "reward.recover", id, "of", "clawback", "fen", "350000", "account", "bank:main");
	assert_int_equal(balance(&m, LEDGER_EXPENDED, ""), 500000);
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 1500000);
	money_must(&m, "zhao", "reward.write_off", id, "of", "clawback", "fen", "500000", "document", DOCUMENT);
	assert_int_equal(balance(&m, LEDGER_CLAWBACK, id), 500000);
	money_must(&m, "han", "reward.write_off", id, "of", "clawback", "fen", "500000", "document", DOCUMENT);
	assert_int_equal(balance(&m, LEDGER_CLAWBACK, id), 0);
	assert_int_equal(balance(&m, LEDGER_WRITTEN_OFF, ""), 500000);
	assert_int_equal(balance(&m, LEDGER_EXPENDED, ""), 500000);
	money_refused(&m, "TOO_MUCH", "cai", "reward.recover", id, "of", "clawback", "fen", "1", "account",
		      "bank:main");
	money_book_release(&m);
}

static void closed_after_thirty_days_and_matched(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	money_statement(&m, id);
	m.now_ms += 30 * MONEY_DAY_MS - 1;
	money_refused(&m, "TOO_EARLY", "system", "reward.close", id);
	assert_int_equal(money_run(&m), 0);
	m.now_ms++;
	assert_int_equal(money_run(&m), 1);
	is_in(&m, id, REWARD_CLOSED);
	money_refused(&m, "ILLEGAL_TRANSITION", "zhao", "reward.void", id, "code", "fraud", "document", DOCUMENT);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(revoked_gives_the_budget_back),
		cmocka_unit_test(a_vote_is_for_what_was_seen),
		cmocka_unit_test(voided_is_claimed_back),
		cmocka_unit_test(closed_after_thirty_days_and_matched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
