/*
 * Claims: to the millisecond, once, cooled; holds stop the clock; what expired
 * comes back by two persons and new funds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_book.h"

#define DOCUMENT "2222222222222222222222222222222222222222222222222222222222222222"

#include <stdio.h>

static int64_t balance(const struct money_book *m, enum ledger_code code, const char *detail)
{
	return ledger_balance(book_ledger(m->book), MONEY_LEDGER, code, detail);
}

static void is_in(const struct money_book *m, const char *id, enum reward_state wanted)
{
	assert_string_equal(reward_state_name(money_reward(m, id)->state), reward_state_name(wanted));
}

#define CLAIM(nonce) "payee", "payee-1", "rail", "voucher", "nonce", (nonce)

static const char *claimable(struct money_book *m, const char *name)
{
	const char *id = money_approved(m, name);

	money_must(m, "system", "reward.publish", id);
	return id;
}

static void at_the_deadline_it_is_over(void **state)
{
	struct money_book m;
	const char *a, *b;
	int64_t deadline_ms;

	(void)state;
	money_book_begin(&m, 2000000);
	a = claimable(&m, "A");
	b = claimable(&m, "B");
	deadline_ms = money_reward(&m, a)->deadline_ms;
	assert_int_equal(deadline_ms, m.now_ms + 60 * MONEY_DAY_MS);
	m.now_ms = deadline_ms - 1;
	money_refused(&m, "TOO_EARLY", "system", "reward.expire", a);
	money_must(&m, "claimant", "reward.claim", a, CLAIM("n1"));
	m.now_ms = deadline_ms;
	money_refused(&m, "EXPIRED", "claimant", "reward.claim", b, CLAIM("n2"));
	assert_int_equal(money_run(&m), 1);
	is_in(&m, b, REWARD_EXPIRED);
	is_in(&m, a, REWARD_CLAIMED);
	assert_int_equal(balance(&m, LEDGER_PAYABLE, b), 0);
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 1150000);
	assert_int_equal(balance(&m, LEDGER_EXPENSE, ""), 850000);
	money_book_release(&m);
}

static void a_proof_counts_once(void **state)
{
	struct money_book m;
	const char *a, *b;

	(void)state;
	money_book_begin(&m, 2000000);
	a = claimable(&m, "A");
	b = claimable(&m, "B");
	money_must(&m, "claimant", "reward.claim", a, CLAIM("n1"));
	money_refused(&m, "NONCE_USED", "claimant", "reward.claim", b, CLAIM("n1"));
	money_refused(&m, "ILLEGAL_TRANSITION", "claimant", "reward.claim", a, CLAIM("n2"));
	money_book_release(&m);
}

static void a_new_payee_voids_the_release_and_cools(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_claimed(&m, "A");
	money_refused(&m, "COOLING", "cai", "reward.release", id, "source", "bank:main");
	m.now_ms += MONEY_DAY_MS;
	money_must(&m, "cai", "reward.release", id, "source", "bank:main");
	is_in(&m, id, REWARD_CLAIMED);
	money_must(&m, "qian", "reward.release", id, "source", "bank:main");
	is_in(&m, id, REWARD_RELEASED);
	money_must(&m, "claimant", "reward.change_payee", id, "payee", "payee-2", "rail", "wechat", "nonce", "n9");
	is_in(&m, id, REWARD_CLAIMED);
	assert_string_equal(money_reward(&m, id)->payee, "payee-2");
	assert_string_equal(money_reward(&m, id)->rail, "wechat");
	money_refused(&m, "COOLING", "cai", "reward.release", id, "source", "bank:main");
	money_book_release(&m);
}

static void a_payee_stays_while_money_is_under_way(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	money_refused(&m, "ILLEGAL_TRANSITION", "claimant", "reward.change_payee", id, CLAIM("n9"));
	money_refused(&m, "ILLEGAL_TRANSITION", "han", "reward.revoke", id, "reason", "x");
	money_book_release(&m);
}

static void declining_is_said_twice(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_claimed(&m, "A");
	money_refused(&m, "NOT_CONFIRMED", "claimant", "reward.decline", id, "confirm", "0", "nonce", "n9");
	money_must(&m, "claimant", "reward.decline", id, "confirm", "1", "nonce", "n9");
	is_in(&m, id, REWARD_DECLINED);
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 2000000);
	assert_int_equal(balance(&m, LEDGER_EXPENSE, ""), 0);
	money_book_release(&m);
}

static void extended_once_and_not_too_much(void **state)
{
	struct money_book m;
	const char *id;
	int64_t deadline_ms;

	(void)state;
	money_book_begin(&m, 2000000);
	id = claimable(&m, "A");
	deadline_ms = money_reward(&m, id)->deadline_ms;
	money_refused(&m, "WRONG_FIELD", "han", "reward.extend", id, "days", "61", "reason", "ill");
	money_refused(&m, "WRONG_FIELD", "han", "reward.extend", id, "days", "0", "reason", "ill");
	money_must(&m, "han", "reward.extend", id, "days", "60", "reason", "ill");
	assert_int_equal(money_reward(&m, id)->deadline_ms, deadline_ms + 60 * MONEY_DAY_MS);
	money_refused(&m, "EXTENDED", "han", "reward.extend", id, "days", "1", "reason", "ill");
	money_book_release(&m);
}

static void what_expired_comes_back_by_two_with_new_funds(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 850000);
	id = claimable(&m, "A");
	m.now_ms += 60 * MONEY_DAY_MS;
	money_run(&m);
	money_must(&m, "cai", "budget.fee", MONEY_LEDGER, "fen", "1", "account", "bank:main");
	money_refused(&m, "BUDGET", "han", "reward.reinstate", id, "reason", "was ill");
	money_must(&m, "cai", "budget.appropriate", MONEY_LEDGER, "fen", "1", "reason", "again");
	money_refused(&m, "ROLE", "lin", "reward.reinstate", id, "reason", "was ill");
	money_must(&m, "han", "reward.reinstate", id, "reason", "was ill");
	is_in(&m, id, REWARD_EXPIRED);
	money_refused(&m, "SECOND_PERSON", "han", "reward.reinstate", id, "reason", "was ill");
	money_must(&m, "zhao", "reward.reinstate", id, "reason", "was ill");
	is_in(&m, id, REWARD_CLAIMABLE);
	assert_string_equal(m.record.entry.id, money_text(&m, "L03:%s:2", id));
	assert_int_equal(money_reward(&m, id)->deadline_ms, m.now_ms + 60 * MONEY_DAY_MS);
	assert_int_equal(balance(&m, LEDGER_PAYABLE, id), 850000);
	money_book_release(&m);
}

static void a_hold_stops_the_clock(void **state)
{
	struct money_book m;
	const char *id;
	int64_t deadline_ms;

	(void)state;
	money_book_begin(&m, 2000000);
	id = claimable(&m, "A");
	deadline_ms = money_reward(&m, id)->deadline_ms;
	m.now_ms += 50 * MONEY_DAY_MS;
	money_must(&m, "shen", "reward.hold", id, "reason", "question");
	money_refused(&m, "HELD", "claimant", "reward.claim", id, CLAIM("n1"));
	m.now_ms += 30 * MONEY_DAY_MS;
	assert_int_equal(money_run(&m), 0);
	money_refused(&m, "SEPARATION", "shen", "reward.lift", id, "reason", "answered");
	money_must(&m, "gu", "reward.lift", id, "reason", "answered");
	assert_int_equal(money_reward(&m, id)->deadline_ms, deadline_ms + 30 * MONEY_DAY_MS);
	money_must(&m, "claimant", "reward.claim", id, CLAIM("n1"));
	money_book_release(&m);
}

static void a_panel_of_two_speaks_for_an_heir(void **state)
{
	static const char document[] = "00000000000000000000000000000000000000000000000000000000000000ab";
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = claimable(&m, "A");
	money_refused(&m, "SEPARATION", "han", "reward.panel", id, "cause", "heir", "document", document,
		      CLAIM("n1"));
	money_must(&m, "yao", "reward.panel", id, "cause", "heir", "document", document, CLAIM("n1"));
	is_in(&m, id, REWARD_CLAIMABLE);
	/* Another payee is another act. */
	money_must(&m, "yan", "reward.panel", id, "cause", "heir", "document", document, "payee", "payee-7", "rail",
		   "voucher", "nonce", "n1");
	is_in(&m, id, REWARD_CLAIMABLE);
	money_must(&m, "yan", "reward.panel", id, "cause", "heir", "document", document, CLAIM("n1"));
	is_in(&m, id, REWARD_CLAIMED);
	m.now_ms += 7 * MONEY_DAY_MS - 1;
	money_refused(&m, "COOLING", "cai", "reward.release", id, "source", "bank:main");
	m.now_ms++;
	money_must(&m, "cai", "reward.release", id, "source", "bank:main");
	money_book_release(&m);
}

/* The policy that the reward was decided by says how long a payee cools, and above what two release. */
static void waits_and_limits_are_the_policy_s(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 4000000);
	money_policy_with(&m, 2, 0, ",\"payee_cooling_hours\":2,\"panel_wait_days\":3,\"release_two_persons_above\":850000");
	id = money_claimed(&m, "A");
	/* A later version changes nothing of it. */
	money_policy_with(&m, 3, 0, ",\"payee_cooling_hours\":0,\"release_two_persons_above\":849999");
	m.now_ms += 2 * MONEY_HOUR_MS - 1;
	money_refused(&m, "COOLING", "cai", "reward.release", id, "source", "bank:main");
	m.now_ms += 1;
	money_must(&m, "yao", "reward.panel", id, "cause", "heir", "document", DOCUMENT, "payee", "p", "rail", "bank", "nonce",
		   "n-p");
	money_must(&m, "yan", "reward.panel", id, "cause", "heir", "document", DOCUMENT, "payee", "p", "rail", "bank", "nonce",
		   "n-p");
	assert_int_equal(money_reward(&m, id)->cooling_until_ms, m.now_ms + 3 * MONEY_DAY_MS);
	m.now_ms += 3 * MONEY_DAY_MS;
	money_must(&m, "cai", "reward.release", id, "source", "bank:main");
	is_in(&m, id, REWARD_RELEASED);
	id = money_claimed(&m, "B");
	money_must(&m, "cai", "reward.release", id, "source", "bank:main");
	is_in(&m, id, REWARD_CLAIMED);
	money_must(&m, "qian", "reward.release", id, "source", "bank:main");
	is_in(&m, id, REWARD_RELEASED);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_the_deadline_it_is_over),
		cmocka_unit_test(a_proof_counts_once),
		cmocka_unit_test(a_new_payee_voids_the_release_and_cools),
		cmocka_unit_test(a_payee_stays_while_money_is_under_way),
		cmocka_unit_test(declining_is_said_twice),
		cmocka_unit_test(extended_once_and_not_too_much),
		cmocka_unit_test(what_expired_comes_back_by_two_with_new_funds),
		cmocka_unit_test(a_hold_stops_the_clock),
		cmocka_unit_test(a_panel_of_two_speaks_for_an_heir),
		cmocka_unit_test(waits_and_limits_are_the_policy_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
