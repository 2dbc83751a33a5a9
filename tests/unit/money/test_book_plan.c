/*
 * Whatever is asked of the book, in whatever order: what it records keeps the
 * invariants, and the journal makes the same book again.
 *
 * Commands are drawn at random, most of them out of place. The seed is fixed;
 * `test_book_plan SEED COUNT` tries another one, with a third argument the
 * journal is written to that file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_book.h"

#include "daemon/base/table.h"

#include <stdio.h>
#include <stdlib.h>

#define DOCUMENT "00000000000000000000000000000000000000000000000000000000000000ab"
#define NEXT "150600/anti-trafficking/2027"

static uint64_t seed = 20260301;
static unsigned count = 3000;
static const char *journal;

static unsigned any(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((seed >> 33) % below);
}

#define ANY_OF(list) (list)[any((unsigned)COUNT_OF(list))]

/* --- commands -------------------------------------------------------------------------------- */

/* One of the last few that are not over, mostly. */
static const char *any_reward(struct money_book *m)
{
	size_t n = book_rewards(m->book), window = n < 8 || any(10) == 0 ? n : 8;
	const struct book_reward *reward = NULL;

	for (unsigned tries = 0; n > 0 && tries < 8; tries++) {
		reward = book_reward_at(m->book, n - 1 - any((unsigned)window));
		if (!reward_terminal(reward->state))
			break;
	}
	return reward != NULL ? reward->id : "R1";
}

static const char *any_attempt(struct money_book *m)
{
	const struct book_reward *reward = book_reward(m->book, span_of(any_reward(m)));
	unsigned n = reward != NULL ? (unsigned)reward->nattempts : 0;

	return money_text(m, "%s-%u", reward != NULL ? reward->id : "R1", n > 0 ? 1 + any(n) : 1);
}

static const char *nonce(struct money_book *m)
{
	return money_text(m, "n-%u", any(100000));
}

static void claimant_does(struct money_book *m)
{
	static const char *const kinds[] = { "reward.claim", "reward.claim", "reward.claim", "reward.reissue",
					     "reward.reissue" };

	if (any(40) == 0)
		money_do(m, "claimant", "reward.change_payee", any_reward(m), "payee", "payee-2", "rail", "voucher",
			 "nonce", nonce(m), NULL);
	else if (any(80) == 0)
		money_do(m, "claimant", "reward.decline", any_reward(m), "confirm", "1", "nonce", nonce(m), NULL);
	else
		money_do(m, "claimant", ANY_OF(kinds), any_reward(m), "payee", "payee-1", "rail",
			 any(2) != 0 ? "voucher" : "wechat", "nonce", nonce(m), NULL);
}

/* Submits, and approves with the right title more often than not. */
static void review_does(struct money_book *m)
{
	static const char *const by[] = { "han", "fang", "zhao", "lin", "wei" };
	const char *id = any_reward(m);
	const struct book_reward *reward = book_reward(m->book, span_of(id));

	if (reward == NULL)
		return;
	if (reward->state == REWARD_DRAFT)
		money_do(m, "lin", any(20) != 0 ? "reward.submit" : "reward.withdraw", id, NULL);
	else if (any(40) == 0)
		money_do(m, ANY_OF(by), any(3) == 0 ? "reward.reject" : "reward.return", id, "reason", "no", NULL);
	else
		money_do(m, any(4) == 0 ? ANY_OF(by) : by[reward->step % 3], "reward.approve", id, "digest",
			 money_digest(m, id), NULL);
}

/* Acts of two: the second is another person, or not. */
static void approvers_do(struct money_book *m)
{
	static const char *const by[] = { "han", "zhao", "shen", "gu", "yao", "yan" };
	static const char *const kinds[] = { "reward.reinstate", "reward.revoke", "reward.hold" };
	const char *id = any_reward(m), *kind = ANY_OF(kinds), *of = any(2) != 0 ? "overpaid" : "clawback";
	unsigned what = any(24);

	for (unsigned i = 0; i < 2; i++) {
		if (what == 0)
			money_do(m, ANY_OF(by), "reward.extend", id, "days", "20", "reason", "x", NULL);
		else if (what < 3)
			money_do(m, ANY_OF(by), "reward.void", id, "code", "fraud", "document", DOCUMENT, NULL);
		else if (what < 8)
			money_do(m, ANY_OF(by), "reward.write_off", id, "of", of, "fen", "100000", "document", DOCUMENT,
				 NULL);
		else if (what < 9)
			money_do(m, ANY_OF(by), "reward.panel", id, "cause", "heir", "document", DOCUMENT, "payee",
				 "payee-9", "rail", "voucher", "nonce", "n-panel", NULL);
		else
			money_do(m, ANY_OF(by), what < 12 ? kind : "reward.lift", id, "reason", "x", NULL);
	}
}

static const char *const sources[] = { "bank:main", "bank:main", "bank:main", "cash:1", "float:wechat" };

/* By both of finance, or by one of them twice. */
static void release(struct money_book *m)
{
	const char *id = any_reward(m), *source = ANY_OF(sources), *slice = any(4) == 0 ? "300000" : "";

	money_do(m, "cai", "reward.release", id, "source", source, "instalment", slice, NULL);
	money_do(m, any(9) != 0 ? "qian" : "cai", "reward.release", id, "source", source, "instalment", slice, NULL);
}

static void finance_does(struct money_book *m)
{
	static const char *const by[] = { "cai", "qian", "han" };
	const char *ledger = any(6) == 0 ? NEXT : MONEY_LEDGER;

	switch (any(12)) {
	case 0:
		money_do(m, ANY_OF(by), "budget.appropriate", ledger, "fen", "1700000", "reason", "x", NULL);
		break;
	case 1:
		money_do(m, ANY_OF(by), "budget.receive", ledger, "fen", "1500000", "account", "bank:main", NULL);
		break;
	case 2:
		money_do(m, ANY_OF(by), "budget.fund", ledger, "fen", "900000", "from", "bank:main", "to", "cash:1",
			 NULL);
		break;
	case 3:
		money_do(m, ANY_OF(by), "budget.fee", ledger, "fen", "300", "account", ANY_OF(sources), NULL);
		break;
	case 4:
		money_do(m, ANY_OF(by), "reward.recover", any_reward(m), "of", any(2) != 0 ? "overpaid" : "clawback",
			 "fen", "100000", "account", "bank:main", NULL);
		break;
	case 5:
		money_do(m, ANY_OF(by), "budget.correct", money_text(m, "L15:" MONEY_LEDGER ":%u", 1 + any(9)), "reason",
			 "x", NULL);
		break;
	case 6:
		money_do(m, ANY_OF(by), "reward.reissue", any_reward(m), NULL);
		break;
	case 7:
		money_do(m, ANY_OF(by), "attempt.cancel", any_attempt(m), NULL);
		break;
	case 8:
		if (any(12) == 0)
			money_do(m, ANY_OF(by), "budget.close_year", MONEY_LEDGER, "next", NEXT, NULL);
		break;
	default:
		release(m);
		break;
	}
}

static void rail_does(struct money_book *m)
{
	static const char *const states[] = { "ACCEPTED", "PROCESSING", "UNKNOWN", "FAILED", "SUCCEEDED", "SUCCEEDED",
					      "CANCELLED", "RETURNED", "NOT_FOUND" };
	static const char *const by[] = { "answer", "webhook", "query", "statement" };
	const char *id = any_attempt(m);
	const struct book_reward *reward = book_reward(m->book, span_from(id, strcspn(id, "-")));
	const char *dash = strchr(id, '-');
	size_t number = dash != NULL ? strtoul(dash + 1, NULL, 10) : 0;

	if (reward == NULL || number == 0 || number > reward->nattempts)
		return;
	if (any(6) == 0)
		money_do(m, "system", "attempt.send", id, NULL);
	else
		money_do(m, "system", "attempt.observe", id, "state", ANY_OF(states), "by", ANY_OF(by), "code", "C", "fen",
			 money_text(m, "%lld", (long long)reward->attempts[number - 1].fen), "source",
			 any(8) == 0 ? "cash:1" : "", NULL);
}

static void system_does(struct money_book *m)
{
	struct book_command command;
	int64_t next_ms;

	if (!book_due(m->book, m->now_ms, &m->arena, &command, &next_ms))
		return;
	if (money_command(m, &command) != BOOK_RECORD)
		money_fail(m, __FILE__, __LINE__, command.kind);
}

static void propose(struct money_book *m, unsigned number)
{
	money_proposed(m, money_text(m, "P%u", number));
}

static void anything(struct money_book *m, unsigned number)
{
	static void (*const doers[])(struct money_book *) = {
		claimant_does, claimant_does, review_does, review_does, review_does, review_does, approvers_do,
		finance_does,  finance_does,  rail_does,   rail_does,	rail_does,   system_does, system_does,
		finance_does,  finance_does,  system_does, rail_does,
	};

	m->now_ms += any(100) == 0 ? any(9) * MONEY_DAY_MS : any(2) * MONEY_HOUR_MS;
	if (any(120) == 0)
		propose(m, number);
	else
		ANY_OF(doers)(m);
}

/* --- invariants -------------------------------------------------------------------------------- */

static int64_t of(const struct money_book *m, const char *ledger, enum ledger_code code, const char *detail)
{
	return ledger_balance(book_ledger(m->book), ledger, code, detail);
}

/* What the chain of closed years makes of the book of a reward is seen in the sum over both. */
static int64_t both(const struct money_book *m, enum ledger_code code)
{
	return ledger_total(book_ledger(m->book), MONEY_LEDGER, code) + ledger_total(book_ledger(m->book), NEXT, code);
}

static void budgets_add_up(const struct money_book *m, const char *ledger)
{
	assert_int_equal(of(m, ledger, LEDGER_AUTHORISED, ""),
			 of(m, ledger, LEDGER_AVAILABLE, "") + of(m, ledger, LEDGER_ENCUMBERED, "") +
				 of(m, ledger, LEDGER_EXPENDED, "") + of(m, ledger, LEDGER_LAPSED, ""));
}

static unsigned live_of(const struct book_reward *reward, int64_t *fen)
{
	unsigned live = 0;

	*fen = 0;
	for (size_t i = 0; i < reward->nattempts; i++)
		if (attempt_live(reward->attempts[i].state)) {
			live++;
			*fen += reward->attempts[i].fen;
		}
	return live;
}

/* I04 to I07, and what the state says of the money. */
static void reward_adds_up(const struct money_book *m, const struct book_reward *reward)
{
	int64_t payable = of(m, reward->book, LEDGER_PAYABLE, reward->id);
	int64_t returned = of(m, reward->book, LEDGER_RETURNED, reward->id), inflight;
	unsigned live = live_of(reward, &inflight);
	bool owed = reward->state >= REWARD_APPROVED && reward->state <= REWARD_RETURNED;

	assert_true(live <= 1);
	assert_int_equal(live == 1, reward->state == REWARD_PAYING);
	assert_true(reward->paid_fen >= 0 && reward->paid_fen <= reward->fen);
	if (owed)
		assert_int_equal(payable + inflight + returned + reward->paid_fen + reward->tax_fen, reward->fen);
	else
		assert_int_equal(payable + inflight + returned, 0);
	if (reward->state == REWARD_PAID)
		assert_int_equal(reward->paid_fen, reward->fen - reward->tax_fen);
}

static void all_holds(const struct money_book *m)
{
	int64_t encumbered = both(m, LEDGER_PAYABLE) + both(m, LEDGER_INFLIGHT) + both(m, LEDGER_RETURNED) +
			     both(m, LEDGER_TAX_WITHHELD);

	assert_int_equal(both(m, LEDGER_ENCUMBERED), encumbered);
	budgets_add_up(m, MONEY_LEDGER);
	budgets_add_up(m, NEXT);
	for (size_t i = 0; i < book_rewards(m->book); i++)
		reward_adds_up(m, book_reward_at(m->book, i));
}

static void write_journal(const struct money_book *m)
{
	FILE *out = journal != NULL ? fopen(journal, "w") : NULL;

	for (size_t i = 0; out != NULL && i < m->nlines; i++)
		fprintf(out, "%.*s\n", (int)m->lines[i].len, m->lines[i].at);
	if (out != NULL)
		fclose(out);
}

static void whatever_is_asked_the_book_holds(void **state)
{
	struct money_book m;
	struct complaint why = { .text = "" };
	struct book *again;
	size_t seen = 0;

	(void)state;
	money_book_begin(&m, 3000000);
	for (unsigned i = 0; i < count; i++) {
		anything(&m, i);
		if (m.nlines != seen)
			all_holds(&m);
		seen = m.nlines;
	}
	print_message("%u commands, %zu records, %zu rewards\n", count, m.nlines, book_rewards(m.book));
	write_journal(&m);
	again = money_replay(&m, &why);
	if (again == NULL)
		fail_msg("%s", why.text);
	assert_memory_equal(book_head(again), book_head(m.book), RECORD_HASH_BYTES);
	assert_string_equal(money_balances(&m, again), money_balances(&m, m.book));
	book_free(again);
	money_book_release(&m);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_asked_the_book_holds),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10);
	if (argc > 3)
		journal = argv[3];
	if (argc > 2)
		count = (unsigned)strtoul(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
