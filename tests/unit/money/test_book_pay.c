/*
 * Release and attempts: one live at a time, money that is there, the same
 * bytes again and nothing else, holds.
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

static void one_live_attempt(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_released(&m, "A");
	money_must(&m, "system", "attempt.start", id);
	money_refused(&m, "ILLEGAL_TRANSITION", "system", "attempt.start", id);
	assert_int_equal(balance(&m, LEDGER_INFLIGHT, money_text(&m, "voucher:%s-1", id)), 850000);
	money_book_release(&m);
}

/* Two rewards, money for one. */
static void an_account_is_promised_once(void **state)
{
	struct money_book m;
	const char *a, *b;

	(void)state;
	money_book_begin(&m, 2000000);
	money_must(&m, "cai", "budget.fund", MONEY_LEDGER, "fen", "1000000", "from", "bank:main", "to", "cash:1");
	a = money_released(&m, "A");
	b = money_released(&m, "B");
	money_must(&m, "system", "attempt.start", a);
	money_refused(&m, "SOURCE_SHORT", "system", "attempt.start", b);
	assert_int_equal(money_run(&m), 1);
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", a), "state", "FAILED", "by", "query", "code",
		   "C");
	money_must(&m, "system", "attempt.start", b);
	money_book_release(&m);
}

#define BODY "1111111111111111111111111111111111111111111111111111111111111111"
#define OTHER "2222222222222222222222222222222222222222222222222222222222222222"

static void once_more_is_the_same_again(void **state)
{
	struct money_book m;
	const char *id, *attempt;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_released(&m, "A");
	attempt = money_text(&m, "%s-1", id);
	money_must(&m, "system", "attempt.start", id);
	money_must(&m, "system", "attempt.send", attempt, "body", BODY);
	money_refused(&m, "ILLEGAL_TRANSITION", "system", "attempt.send", attempt, "body", BODY);
	money_must(&m, "system", "attempt.observe", attempt, "state", "UNKNOWN", "by", "answer", "code", "timeout");
	money_refused(&m, "BODY_DIFFERS", "system", "attempt.send", attempt, "body", OTHER);
	money_refused(&m, "BODY_DIFFERS", "system", "attempt.send", attempt);
	money_must(&m, "system", "attempt.send", attempt, "body", BODY);
	money_must(&m, "system", "attempt.observe", attempt, "state", "UNKNOWN", "by", "answer", "code", "timeout");
	m.now_ms += 30 * MONEY_DAY_MS;
	money_refused(&m, "RETENTION_OVER", "system", "attempt.send", attempt, "body", BODY);
	money_book_release(&m);
}

static void instalments_as_the_policy_allows(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_claimed(&m, "A");
	m.now_ms += MONEY_DAY_MS;
	money_refused(&m, "INSTALMENTS", "cai", "reward.release", id, "source", "bank:main", "instalment", "200000");
	money_must(&m, "cai", "reward.release", id, "source", "bank:main", "instalment", "300000");
	money_must(&m, "qian", "reward.release", id, "source", "bank:main", "instalment", "300000");
	for (unsigned n = 1; n <= 3; n++) {
		is_in(&m, id, REWARD_RELEASED);
		assert_int_equal(money_run(&m), 2);
		money_must(&m, "system", "attempt.observe", money_text(&m, "%s-%u", id, n), "state", "SUCCEEDED", "by",
			   "query", "fen", n < 3 ? "300000" : "250000");
	}
	is_in(&m, id, REWARD_PAID);
	assert_int_equal(money_reward(&m, id)->paid_fen, 850000);
	assert_int_equal(balance(&m, LEDGER_PAYABLE, id), 0);
	money_book_release(&m);
}

/* The first instalment came back while the second was still to be paid. */
static void an_instalment_comes_back(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_claimed(&m, "A");
	m.now_ms += MONEY_DAY_MS;
	money_must(&m, "cai", "reward.release", id, "source", "bank:main", "instalment", "500000");
	money_must(&m, "qian", "reward.release", id, "source", "bank:main", "instalment", "500000");
	money_run(&m);
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "SUCCEEDED", "by", "query",
		   "fen", "500000");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "RETURNED", "by", "statement",
		   "fen", "500000");
	is_in(&m, id, REWARD_RELEASED);
	assert_int_equal(balance(&m, LEDGER_PAYABLE, id), 850000);
	assert_int_equal(balance(&m, LEDGER_ENCUMBERED, ""), 850000);
	assert_int_equal(money_reward(&m, id)->paid_fen, 0);
	money_book_release(&m);
}

static void a_cancel_is_a_request(void **state)
{
	struct money_book m;
	const char *id, *attempt;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	attempt = money_text(&m, "%s-1", id);
	money_refused(&m, "ILLEGAL_TRANSITION", "cai", "attempt.cancel", attempt);
	money_must(&m, "system", "attempt.observe", attempt, "state", "ACCEPTED", "by", "answer");
	money_must(&m, "cai", "attempt.cancel", attempt, "reason", "asked");
	is_in(&m, id, REWARD_PAYING);
	money_must(&m, "system", "attempt.observe", attempt, "state", "SUCCEEDED", "by", "query", "fen", "850000");
	is_in(&m, id, REWARD_PAID);
	money_book_release(&m);
}

static void what_was_never_sent_is_cancelled_at_once(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_released(&m, "A");
	money_must(&m, "system", "attempt.start", id);
	money_must(&m, "cai", "attempt.cancel", money_text(&m, "%s-1", id));
	is_in(&m, id, REWARD_CLAIMED);
	assert_int_equal(balance(&m, LEDGER_PAYABLE, id), 850000);
	money_must(&m, "cai", "budget.fund", MONEY_LEDGER, "fen", "2000000", "from", "bank:main", "to", "cash:1");
	money_book_release(&m);
}

static void holds_stop_what_has_not_gone_out(void **state)
{
	struct money_book m;
	const char *id, *attempt;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_released(&m, "A");
	attempt = money_text(&m, "%s-1", id);
	money_must(&m, "shen", "rail.hold", "voucher", "reason", "two debits");
	money_refused(&m, "RAIL_HELD", "system", "attempt.start", id);
	assert_int_equal(money_run(&m), 0);
	money_refused(&m, "SEPARATION", "shen", "rail.lift", "voucher", "reason", "ok");
	money_must(&m, "cai", "rail.lift", "voucher", "reason", "ok");
	money_must(&m, "system", "attempt.start", id);
	money_must(&m, "shen", "reward.hold", id, "reason", "question");
	money_refused(&m, "HELD", "system", "attempt.send", attempt);
	assert_int_equal(money_run(&m), 0);
	money_must(&m, "gu", "reward.lift", id, "reason", "ok");
	money_must(&m, "system", "attempt.send", attempt);
	money_must(&m, "shen", "reward.hold", id, "reason", "question");
	/* What went out is still asked for and still told. */
	m.now_ms += MONEY_HOUR_MS;
	assert_int_equal(money_run(&m), 1);
	money_must(&m, "system", "attempt.observe", attempt, "state", "SUCCEEDED", "by", "query", "fen", "850000");
	is_in(&m, id, REWARD_PAID);
	money_book_release(&m);
}

static void three_days_unknown_freezes_the_claimant(void **state)
{
	struct money_book m;
	const char *a, *b;

	(void)state;
	money_book_begin(&m, 5000000);
	a = money_sent(&m, "A");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", a), "state", "UNKNOWN", "by", "answer");
	money_must(&m, "wei", "case.verified", "c2", "bureau", "150600", "tips",
		   "[\"15-B at=1000 bands=trafficker_arrested\"]");
	money_must(&m, "lin", "reward.propose", "", "case", "c2", "tip", "15-B", "claimant", "c-A", "programme",
		   "anti-trafficking", "external_award", "0");
	b = money_text(&m, "R%llu", (unsigned long long)m.record.seq);
	money_must(&m, "lin", "reward.submit", b);
	money_approve(&m, b);
	money_must(&m, "system", "reward.publish", b);
	money_must(&m, "claimant", "reward.claim", b, "payee", "payee-1", "rail", "voucher", "nonce", "n2");
	m.now_ms += 4 * MONEY_DAY_MS;
	money_must(&m, "cai", "reward.release", b, "source", "bank:main");
	money_must(&m, "qian", "reward.release", b, "source", "bank:main");
	money_refused(&m, "CLAIMANT_FROZEN", "system", "attempt.start", b);
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", a), "state", "SUCCEEDED", "by", "query",
		   "fen", "850000");
	money_must(&m, "system", "attempt.start", b);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_live_attempt),
		cmocka_unit_test(an_account_is_promised_once),
		cmocka_unit_test(once_more_is_the_same_again),
		cmocka_unit_test(instalments_as_the_policy_allows),
		cmocka_unit_test(an_instalment_comes_back),
		cmocka_unit_test(a_cancel_is_a_request),
		cmocka_unit_test(what_was_never_sent_is_cancelled_at_once),
		cmocka_unit_test(holds_stop_what_has_not_gone_out),
		cmocka_unit_test(three_days_unknown_freezes_the_claimant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
