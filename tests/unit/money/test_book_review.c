/*
 * Review: digests, titles, budget control, the line of those who wait.
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

static void a_stale_digest_is_a_conflict(void **state)
{
	struct money_book m;
	const char *id, *old;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_proposed(&m, "A");
	money_refused(&m, "ILLEGAL_TRANSITION", "han", "reward.approve", id, "digest", money_digest(&m, id));
	money_must(&m, "lin", "reward.submit", id);
	old = money_digest(&m, id);
	money_must(&m, "han", "reward.approve", id, "digest", old);
	money_must(&m, "fang", "reward.return", id, "reason", "bands");
	is_in(&m, id, REWARD_DRAFT);
	money_must(&m, "lin", "reward.submit", id);
	money_refused(&m, "STALE_DIGEST", "han", "reward.approve", id, "digest", old);
	assert_int_equal(m.refusal.status, 409);
	/* All approvals are void, so the same person gives theirs again. */
	assert_int_equal(money_reward(&m, id)->step, 0);
	money_approve(&m, id);
	is_in(&m, id, REWARD_APPROVED);
	money_book_release(&m);
}

static void titles_come_in_order(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_proposed(&m, "A");
	money_must(&m, "lin", "reward.submit", id);
	assert_int_equal(money_reward(&m, id)->steps, 3);
	money_refused(&m, "TITLE", "zhao", "reward.approve", id, "digest", money_digest(&m, id));
	money_must(&m, "han", "reward.approve", id, "digest", money_digest(&m, id));
	money_refused(&m, "SEPARATION", "han", "reward.approve", id, "digest", money_digest(&m, id));
	money_must(&m, "fang", "reward.approve", id, "digest", money_digest(&m, id));
	assert_int_equal(balance(&m, LEDGER_ENCUMBERED, ""), 0);
	money_must(&m, "zhao", "reward.approve", id, "digest", money_digest(&m, id));
	assert_int_equal(balance(&m, LEDGER_ENCUMBERED, ""), 850000);
	assert_int_equal(balance(&m, LEDGER_PAYABLE, id), 850000);
	money_book_release(&m);
}

static void the_budget_is_a_wall_and_a_line(void **state)
{
	struct money_book m;
	const char *a, *b, *c;

	(void)state;
	money_book_begin(&m, 1000000);
	a = money_approved(&m, "A");
	b = money_approved(&m, "B");
	c = money_approved(&m, "C");
	is_in(&m, a, REWARD_APPROVED);
	is_in(&m, b, REWARD_AWAITING_FUNDS);
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 150000);
	money_refused(&m, "BUDGET", "system", "reward.funds", b);
	money_refused(&m, "NOT_FIRST", "system", "reward.funds", c);
	money_must(&m, "cai", "budget.appropriate", MONEY_LEDGER, "fen", "700000", "reason", "more");
	/* a is published, b gets the money; c waits on. */
	assert_int_equal(money_run(&m), 3);
	is_in(&m, b, REWARD_CLAIMABLE);
	is_in(&m, c, REWARD_AWAITING_FUNDS);
	/* Another one does not overtake, even if it fits. */
	money_must(&m, "cai", "budget.appropriate", MONEY_LEDGER, "fen", "700000", "reason", "more");
	is_in(&m, money_approved(&m, "D"), REWARD_AWAITING_FUNDS);
	money_must(&m, "lin", "reward.withdraw", c);
	assert_int_equal(money_run(&m), 0);
	money_must(&m, "cai", "budget.appropriate", MONEY_LEDGER, "fen", "150000", "reason", "more");
	assert_int_equal(money_run(&m), 2);
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 0);
	money_book_release(&m);
}

static void who_is_on_hold_is_passed_over(void **state)
{
	struct money_book m;
	const char *a, *b;

	(void)state;
	money_book_begin(&m, 100);
	a = money_approved(&m, "A");
	b = money_approved(&m, "B");
	money_must(&m, "shen", "reward.hold", a, "reason", "question");
	money_must(&m, "cai", "budget.appropriate", MONEY_LEDGER, "fen", "900000", "reason", "more");
	money_run(&m);
	is_in(&m, a, REWARD_AWAITING_FUNDS);
	is_in(&m, b, REWARD_CLAIMABLE);
	money_book_release(&m);
}

static void old_approvals_are_given_again(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 100);
	id = money_approved(&m, "A");
	m.now_ms += 90 * MONEY_DAY_MS - 1;
	assert_int_equal(money_run(&m), 0);
	m.now_ms++;
	assert_int_equal(money_run(&m), 1);
	is_in(&m, id, REWARD_IN_REVIEW);
	assert_int_equal(money_reward(&m, id)->step, 0);
	money_must(&m, "cai", "budget.appropriate", MONEY_LEDGER, "fen", "900000", "reason", "more");
	money_approve(&m, id);
	is_in(&m, id, REWARD_APPROVED);
	money_book_release(&m);
}

static void rejected_is_over(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_proposed(&m, "A");
	money_must(&m, "lin", "reward.submit", id);
	money_must(&m, "han", "reward.reject", id, "reason", "no");
	is_in(&m, id, REWARD_REJECTED);
	money_refused(&m, "ILLEGAL_TRANSITION", "lin", "reward.submit", id);
	money_refused(&m, "ILLEGAL_TRANSITION", "shen", "reward.hold", id, "reason", "x");
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 2000000);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stale_digest_is_a_conflict),
		cmocka_unit_test(titles_come_in_order),
		cmocka_unit_test(the_budget_is_a_wall_and_a_line),
		cmocka_unit_test(who_is_on_hold_is_passed_over),
		cmocka_unit_test(old_approvals_are_given_again),
		cmocka_unit_test(rejected_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
