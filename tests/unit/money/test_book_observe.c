/*
 * Outcomes: unknown frees nothing, a weaker report moves nothing back, late
 * success is paid once, what comes back is owed again.
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

static void observe(struct money_book *m, const char *id, unsigned number, const char *what, const char *by)
{
	money_must(m, "system", "attempt.observe", money_text(m, "%s-%u", id, number), "state", what, "by", by, "fen",
		   "850000", "code", "C1");
}

static enum attempt_state attempt_of(const struct money_book *m, const char *id, unsigned number)
{
	return money_reward(m, id)->attempts[number - 1].state;
}

/* Fails for good; what is next takes a new number. */
static void fail_and_start_again(struct money_book *m, const char *id)
{
	observe(m, id, 1, "FAILED", "query");
	is_in(m, id, REWARD_RELEASED);
	m->now_ms += MONEY_HOUR_MS;
	money_must(m, "system", "attempt.start", id);
}

static void unknown_frees_nothing(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	observe(&m, id, 1, "UNKNOWN", "answer");
	is_in(&m, id, REWARD_PAYING);
	assert_int_equal(balance(&m, LEDGER_PAYABLE, id), 0);
	assert_int_equal(balance(&m, LEDGER_INFLIGHT, money_text(&m, "voucher:%s-1", id)), 850000);
	money_refused(&m, "ILLEGAL_TRANSITION", "system", "attempt.start", id);
	observe(&m, id, 1, "NOT_FOUND", "query");
	assert_int_equal(attempt_of(&m, id, 1), ATTEMPT_UNKNOWN);
	assert_int_equal(money_reward(&m, id)->attempts[0].not_found, 1);
	money_must(&m, "system", "attempt.send", money_text(&m, "%s-1", id));
	observe(&m, id, 1, "SUCCEEDED", "query");
	is_in(&m, id, REWARD_PAID);
	money_book_release(&m);
}

static void weaker_reports_move_nothing(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	observe(&m, id, 1, "PROCESSING", "query");
	observe(&m, id, 1, "FAILED", "query");
	observe(&m, id, 1, "RETURNED", "answer");
	observe(&m, id, 1, "RETURNED", "webhook");
	assert_int_equal(attempt_of(&m, id, 1), ATTEMPT_SUCCEEDED);
	is_in(&m, id, REWARD_PAID);
	assert_int_equal(balance(&m, LEDGER_BANK, "main"), 1150000);
	money_book_release(&m);
}

static void another_amount_is_no_success(void **state)
{
	struct money_book m;
	const char *id, *attempt;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	attempt = money_text(&m, "%s-1", id);
	money_refused(&m, "AMOUNT_DIFFERS", "system", "attempt.observe", attempt, "state", "SUCCEEDED", "by", "query",
		      "fen", "850001");
	money_refused(&m, "AMOUNT_DIFFERS", "system", "attempt.observe", attempt, "state", "SUCCEEDED", "by", "query");
	money_refused(&m, "INSTRUCTION_DIFFERS", "system", "attempt.observe", attempt, "state", "SUCCEEDED", "by",
		      "query", "fen", "850000", "instruction", "ABC");
	money_refused(&m, "ROLE", "cai", "attempt.observe", attempt, "state", "SUCCEEDED", "by", "query", "fen",
		      "850000");
	is_in(&m, id, REWARD_PAYING);
	money_book_release(&m);
}

static void failure_is_owed_again_and_not_at_once(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	observe(&m, id, 1, "FAILED", "answer");
	is_in(&m, id, REWARD_RELEASED);
	assert_int_equal(balance(&m, LEDGER_PAYABLE, id), 850000);
	money_refused(&m, "TOO_EARLY", "system", "attempt.start", id);
	for (unsigned n = 2; n <= 3; n++) {
		m.now_ms += MONEY_DAY_MS;
		assert_int_equal(money_run(&m), 2);
		observe(&m, id, n, "FAILED", "query");
	}
	/* Three times is enough: finance looks at it. */
	is_in(&m, id, REWARD_CLAIMED);
	assert_int_equal(money_reward(&m, id)->nattempts, 3);
	money_book_release(&m);
}

static void the_payee_s_fault_goes_back_to_the_payee(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "FAILED", "by", "query",
		   "code", "NAME_MISMATCH", "fault", "payee");
	is_in(&m, id, REWARD_CLAIMED);
	money_book_release(&m);
}

static void late_success_that_is_owed_pays(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	observe(&m, id, 1, "FAILED", "query");
	observe(&m, id, 1, "SUCCEEDED", "statement");
	is_in(&m, id, REWARD_PAID);
	assert_string_equal(m.record.entry.id, money_text(&m, "L10:%s:1", id));
	assert_int_equal(balance(&m, LEDGER_BANK, "main"), 1150000);
	assert_int_equal(balance(&m, LEDGER_EXPENDED, ""), 850000);
	money_book_release(&m);
}

static void late_success_that_is_not_owed_is_a_debt_and_a_hold(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	fail_and_start_again(&m, id);
	money_must(&m, "system", "attempt.send", money_text(&m, "%s-2", id));
	observe(&m, id, 2, "SUCCEEDED", "query");
	observe(&m, id, 1, "SUCCEEDED", "statement");
	is_in(&m, id, REWARD_PAID);
	assert_true(money_reward(&m, id)->held);
	assert_int_equal(money_reward(&m, id)->paid_fen, 850000);
	assert_int_equal(balance(&m, LEDGER_OVERPAID, id), 850000);
	assert_int_equal(balance(&m, LEDGER_BANK, "main"), 300000);
	money_refused(&m, "TOO_MUCH", "cai", "reward.recover", id, "of", "overpaid", "fen", "850001", "account",
		      "bank:main");
	money_must(&m, "cai", "reward.recover", id, "of", "overpaid", "fen", "850000", "account", "bank:main");
	assert_int_equal(balance(&m, LEDGER_BANK, "main"), 1150000);
	money_book_release(&m);
}

/* Part of it was paid otherwise meanwhile: more than is owed is a debt whole. */
static void late_success_of_more_than_is_owed(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "FAILED", "by", "query", "code",
		   "C1", "fault", "payee");
	money_must(&m, "cai", "reward.release", id, "source", "bank:main", "instalment", "300000");
	money_must(&m, "qian", "reward.release", id, "source", "bank:main", "instalment", "300000");
	money_run(&m);
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-2", id), "state", "SUCCEEDED", "by", "query",
		   "fen", "300000");
	observe(&m, id, 1, "SUCCEEDED", "statement");
	assert_int_equal(balance(&m, LEDGER_OVERPAID, id), 850000);
	assert_int_equal(money_reward(&m, id)->paid_fen, 300000);
	/* The system takes of it what is owed; the rest somebody owes us. */
	money_run(&m);
	is_in(&m, id, REWARD_PAID);
	assert_int_equal(balance(&m, LEDGER_OVERPAID, id), 300000);
	assert_int_equal(money_reward(&m, id)->paid_fen, 850000);
	money_book_release(&m);
}

/* The second one failed: the first was the payment. */
static void an_overpayment_is_taken_for_what_is_owed(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	fail_and_start_again(&m, id);
	money_must(&m, "system", "attempt.send", money_text(&m, "%s-2", id));
	observe(&m, id, 1, "SUCCEEDED", "statement");
	is_in(&m, id, REWARD_PAYING);
	observe(&m, id, 2, "FAILED", "query");
	assert_int_equal(money_run(&m), 1);
	is_in(&m, id, REWARD_PAID);
	assert_int_equal(balance(&m, LEDGER_OVERPAID, id), 0);
	assert_int_equal(balance(&m, LEDGER_PAYABLE, id), 0);
	assert_int_equal(balance(&m, LEDGER_EXPENDED, ""), 850000);
	assert_int_equal(balance(&m, LEDGER_BANK, "main"), 1150000);
	money_book_release(&m);
}

static void after_expiry_late_success_is_a_debt(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_sent(&m, "A");
	observe(&m, id, 1, "FAILED", "query");
	money_must(&m, "zhao", "reward.revoke", id, "reason", "fraud");
	money_must(&m, "han", "reward.revoke", id, "reason", "fraud");
	is_in(&m, id, REWARD_REVOKED);
	observe(&m, id, 1, "SUCCEEDED", "statement");
	is_in(&m, id, REWARD_REVOKED);
	assert_int_equal(balance(&m, LEDGER_OVERPAID, id), 850000);
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 2000000);
	money_book_release(&m);
}

static void what_comes_back_goes_out_again(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	observe(&m, id, 1, "RETURNED", "statement");
	is_in(&m, id, REWARD_RETURNED);
	assert_int_equal(money_reward(&m, id)->paid_fen, 0);
	assert_int_equal(balance(&m, LEDGER_RETURNED, id), 850000);
	assert_int_equal(balance(&m, LEDGER_ENCUMBERED, ""), 850000);
	money_refused(&m, "CLAIMANT_FIRST", "cai", "reward.reissue", id);
	money_must(&m, "claimant", "reward.reissue", id, "payee", "payee-3", "rail", "bank", "nonce", "n3");
	is_in(&m, id, REWARD_RETURNED);
	money_refused(&m, "ROLE", "cai", "reward.reissue", id, "payee", "payee-cai", "rail", "bank", "nonce", "n4");
	money_must(&m, "cai", "reward.reissue", id);
	is_in(&m, id, REWARD_CLAIMED);
	assert_string_equal(money_reward(&m, id)->payee, "payee-3");
	assert_int_equal(balance(&m, LEDGER_PAYABLE, id), 850000);
	m.now_ms += MONEY_DAY_MS;
	money_must(&m, "cai", "reward.release", id, "source", "bank:main");
	money_must(&m, "qian", "reward.release", id, "source", "bank:main");
	assert_int_equal(money_run(&m), 2);
	observe(&m, id, 2, "SUCCEEDED", "query");
	is_in(&m, id, REWARD_PAID);
	assert_int_equal(money_reward(&m, id)->paid_fen, 850000);
	money_book_release(&m);
}

/* Money that went out is recorded, also when the book knows of none there. */
static void money_out_is_always_recorded(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 850000);
	id = money_sent(&m, "A");
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "SUCCEEDED", "by", "webhook",
		   "fen", "850000", "source", "cash:150600-7");
	is_in(&m, id, REWARD_PAID);
	assert_int_equal(ledger_total(book_ledger(m.book), MONEY_LEDGER, LEDGER_SUSPENSE_CREDIT), 850000);
	assert_int_equal(balance(&m, LEDGER_BANK, "main"), 850000);
	money_book_release(&m);
}

static void a_statement_line_counts_once(void **state)
{
	struct money_book m;
	const char *a, *b, *line;

	(void)state;
	money_book_begin(&m, 2000000);
	a = money_paid(&m, "A");
	b = money_paid(&m, "B");
	money_statement(&m, a);
	line = money_text(&m, "%s", money_reward(&m, a)->attempts[0].line);
	assert_string_not_equal(line, "");
	money_refused(&m, "LINE_USED", "system", "attempt.observe", money_text(&m, "%s-1", b), "state", "SUCCEEDED",
		      "by", "statement", "fen", "850000", "line", line);
	money_refused(&m, "MATCHED", "system", "attempt.observe", money_text(&m, "%s-1", a), "state", "SUCCEEDED",
		      "by", "statement", "fen", "850000", "line", "S1:2");
	money_book_release(&m);
}

static void nothing_is_reported_of_what_was_not_sent(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_released(&m, "A");
	money_must(&m, "system", "attempt.start", id);
	money_refused(&m, "NOT_SENT", "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "SUCCEEDED",
		      "by", "query", "fen", "850000");
	money_book_release(&m);
}

/* Less sure than what is known, and all the same reason enough to ask. */
static void a_return_that_is_told_makes_a_question(void **state)
{
	struct money_book m;
	struct book_command command;
	const char *id, *attempt;
	int64_t next_ms;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	attempt = money_text(&m, "%s-1", id);
	assert_false(book_due(m.book, m.now_ms + MONEY_HOUR_MS, &m.arena, &command, &next_ms));
	observe(&m, id, 1, "RETURNED", "webhook");
	is_in(&m, id, REWARD_PAID);
	assert_int_equal(attempt_of(&m, id, 1), ATTEMPT_SUCCEEDED);
	assert_in_range(money_reward(&m, id)->attempts[0].next_query_ms, m.now_ms + 5000, m.now_ms + 5700);
	m.now_ms += 6000;
	assert_true(book_due(m.book, m.now_ms, &m.arena, &command, &next_ms));
	assert_string_equal(command.kind, "attempt.query");
	assert_true(span_is(command.subject, attempt));
	assert_int_equal(money_command(&m, &command), BOOK_RECORD);
	observe(&m, id, 1, "RETURNED", "query");
	is_in(&m, id, REWARD_RETURNED);
	assert_int_equal(balance(&m, LEDGER_RETURNED, id), 850000);
	assert_int_equal(money_reward(&m, id)->attempts[0].next_query_ms, 0);
	money_refused(&m, "NOT_LIVE", "system", "attempt.query", attempt);
	money_book_release(&m);
}

/* For an hour; then the statement tells, and against a statement no query is anything. */
static void questions_about_a_return_end(void **state)
{
	struct money_book m;
	const char *id, *attempt;
	unsigned n = 0;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	attempt = money_text(&m, "%s-1", id);
	money_must(&m, "system", "attempt.query", attempt);
	while (money_reward(&m, id)->attempts[0].next_query_ms > 0) {
		m.now_ms = money_reward(&m, id)->attempts[0].next_query_ms;
		n += money_run(&m);
	}
	assert_int_equal(n, 7);
	assert_true(m.now_ms < money_reward(&m, id)->attempts[0].changed_ms + 2 * MONEY_HOUR_MS);
	observe(&m, id, 1, "RETURNED", "webhook");
	assert_true(money_reward(&m, id)->attempts[0].next_query_ms > 0);
	money_statement(&m, id);
	assert_int_equal(money_reward(&m, id)->attempts[0].by, EVIDENCE_STATEMENT);
	assert_int_equal(money_reward(&m, id)->attempts[0].next_query_ms, 0);
	money_refused(&m, "NOT_LIVE", "system", "attempt.query", attempt);
	observe(&m, id, 1, "RETURNED", "query");
	is_in(&m, id, REWARD_PAID);
	money_book_release(&m);
}

/* Two instalments, one paid; then the rest is revoked, and the first comes back. */
static const char *part_paid_and_revoked(struct money_book *m, unsigned tax_bp)
{
	const char *id;

	money_book_begin(m, 2000000);
	money_policy(m, 2, tax_bp);
	id = money_claimed(m, "A");
	m->now_ms += MONEY_DAY_MS;
	money_must(m, "cai", "reward.release", id, "source", "bank:main", "instalment", "340000");
	money_must(m, "qian", "reward.release", id, "source", "bank:main", "instalment", "340000");
	money_run(m);
	money_must(m, "system", "attempt.observe", money_text(m, "%s-1", id), "state", "SUCCEEDED", "by", "query", "fen",
		   "340000");
	money_must(m, "zhao", "reward.revoke", id, "reason", "fraud");
	money_must(m, "han", "reward.revoke", id, "reason", "fraud");
	return id;
}

static void what_comes_back_of_what_is_over_is_the_budget_s(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	id = part_paid_and_revoked(&m, 2000);
	assert_int_equal(balance(&m, LEDGER_TAX_WITHHELD, id), 85000);
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "RETURNED", "by", "statement",
		   "fen", "340000");
	is_in(&m, id, REWARD_REVOKED);
	assert_int_equal(money_reward(&m, id)->paid_fen, 0);
	assert_int_equal(balance(&m, LEDGER_PAYABLE, id), 0);
	assert_int_equal(balance(&m, LEDGER_RETURNED, id), 0);
	assert_int_equal(balance(&m, LEDGER_TAX_WITHHELD, id), 0);
	assert_int_equal(balance(&m, LEDGER_EXPENSE, ""), 0);
	assert_int_equal(balance(&m, LEDGER_ENCUMBERED, ""), 0);
	assert_int_equal(balance(&m, LEDGER_EXPENDED, ""), 0);
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 2000000);
	assert_int_equal(balance(&m, LEDGER_BANK, "main"), 2000000);
	money_book_release(&m);
}

/* Approved in a year that is closed: it lapses. */
static void in_a_later_year_it_lapses(void **state)
{
	static const char next[] = "150600/anti-trafficking/2027";
	struct money_book m;
	const char *id;

	(void)state;
	id = part_paid_and_revoked(&m, 0);
	money_must(&m, "cai", "budget.open_year", next);
	money_must(&m, "cai", "budget.close_year", MONEY_LEDGER, "next", next);
	money_must(&m, "qian", "budget.close_year", MONEY_LEDGER, "next", next);
	money_must(&m, "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "RETURNED", "by", "statement",
		   "fen", "340000");
	assert_int_equal(balance(&m, LEDGER_PRIOR_YEAR, ""), 340000);
	assert_int_equal(balance(&m, LEDGER_EXPENSE, ""), 340000);
	assert_int_equal(balance(&m, LEDGER_EXPENDED, ""), 0);
	assert_int_equal(balance(&m, LEDGER_LAPSED, ""), 2000000);
	assert_int_equal(ledger_balance(book_ledger(m.book), next, LEDGER_ENCUMBERED, ""), 0);
	assert_int_equal(ledger_balance(book_ledger(m.book), next, LEDGER_AVAILABLE, ""), 0);
	money_book_release(&m);
}

/* Claimed back, and back by itself: nobody owes it any more. */
static void what_was_voided_and_comes_back_is_recovered(void **state)
{
	static const char document[] = "2222222222222222222222222222222222222222222222222222222222222222";
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	money_must(&m, "zhao", "reward.void", id, "code", "fraud", "document", document);
	money_must(&m, "han", "reward.void", id, "code", "fraud", "document", document);
	assert_int_equal(balance(&m, LEDGER_CLAWBACK, id), 850000);
	money_must(&m, "cai", "reward.recover", id, "of", "clawback", "fen", "1", "account", "bank:main");
	money_refused(&m, "LEDGER", "system", "attempt.observe", money_text(&m, "%s-1", id), "state", "RETURNED", "by",
		      "statement", "fen", "850000");
	money_book_release(&m);

	money_book_begin(&m, 2000000);
	id = money_paid(&m, "A");
	money_must(&m, "zhao", "reward.void", id, "code", "fraud", "document", document);
	money_must(&m, "han", "reward.void", id, "code", "fraud", "document", document);
	observe(&m, id, 1, "RETURNED", "statement");
	is_in(&m, id, REWARD_REVERSED);
	assert_int_equal(balance(&m, LEDGER_CLAWBACK, id), 0);
	assert_int_equal(balance(&m, LEDGER_EXPENDED, ""), 0);
	assert_int_equal(balance(&m, LEDGER_AVAILABLE, ""), 2000000);
	assert_int_equal(balance(&m, LEDGER_BANK, "main"), 2000000);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_frees_nothing),
		cmocka_unit_test(weaker_reports_move_nothing),
		cmocka_unit_test(another_amount_is_no_success),
		cmocka_unit_test(failure_is_owed_again_and_not_at_once),
		cmocka_unit_test(the_payee_s_fault_goes_back_to_the_payee),
		cmocka_unit_test(late_success_that_is_owed_pays),
		cmocka_unit_test(late_success_that_is_not_owed_is_a_debt_and_a_hold),
		cmocka_unit_test(late_success_of_more_than_is_owed),
		cmocka_unit_test(an_overpayment_is_taken_for_what_is_owed),
		cmocka_unit_test(after_expiry_late_success_is_a_debt),
		cmocka_unit_test(what_comes_back_goes_out_again),
		cmocka_unit_test(money_out_is_always_recorded),
		cmocka_unit_test(a_statement_line_counts_once),
		cmocka_unit_test(nothing_is_reported_of_what_was_not_sent),
		cmocka_unit_test(a_return_that_is_told_makes_a_question),
		cmocka_unit_test(questions_about_a_return_end),
		cmocka_unit_test(what_comes_back_of_what_is_over_is_the_budget_s),
		cmocka_unit_test(in_a_later_year_it_lapses),
		cmocka_unit_test(what_was_voided_and_comes_back_is_recovered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
