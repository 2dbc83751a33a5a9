/*
 * Cases and proposals: the amount is the calculator's on what was verified,
 * one reward a case and claimant, the cap of the case, facts as lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_book.h"

#include <stdio.h>

static enum book_answer verify(struct money_book *m, const char *id, const char *tips)
{
	return money_do(m, "wei", "case.verified", id, "bureau", "150600", "tips", tips, NULL);
}

static enum book_answer propose(struct money_book *m, const char *kase, const char *tip, const char *claimant,
				const char *factors)
{
	return money_do(m, "lin", "reward.propose", "", "case", kase, "tip", tip, "claimant", claimant, "programme",
			"anti-trafficking", "factors", factors, "external_award", "0", NULL);
}

static int64_t fen_of(struct money_book *m)
{
	return book_reward_at(m->book, book_rewards(m->book) - 1)->fen;
}

static void code_is(const struct money_book *m, const char *code)
{
	assert_string_equal(m->refusal.code, code);
}

#define TWO_TIPS "[\"15-A at=1000 bands=gang_dismantled new=1\",\"15-B at=2000 bands=buyer_identified new=1\"]"

static void the_amount_is_calculated(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 5000000);
	assert_int_equal(propose(&m, "c1", "15-A", "x", ""), BOOK_REFUSED);
	code_is(&m, "NOT_VERIFIED");
	assert_int_equal(verify(&m, "c1", TWO_TIPS), BOOK_RECORD);
	assert_int_equal(propose(&m, "c1", "15-A", "x", "[\"15-A specificity=3 evidence=2\"]"), BOOK_RECORD);
	assert_int_equal(fen_of(&m), 1000000);
	/* The second one gets what the pool for new facts allows. */
	assert_int_equal(propose(&m, "c1", "15-B", "y", "[\"15-A specificity=3 evidence=2\"]"), BOOK_RECORD);
	assert_int_equal(fen_of(&m), 500000);
	/* With other points the pool would be below the minimum. */
	money_must(&m, "lin", "reward.withdraw", book_reward_at(m.book, 1)->id);
	assert_int_equal(propose(&m, "c1", "15-B", "y", ""), BOOK_REFUSED);
	code_is(&m, "MANUAL");
	assert_int_equal(propose(&m, "c1", "15-C", "y", ""), BOOK_REFUSED);
	assert_int_equal(propose(&m, "c1", "15-B", "x", ""), BOOK_REFUSED);
	money_book_release(&m);
}

static void one_reward_a_case_and_claimant(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 5000000);
	verify(&m, "c1", "[\"15-A at=1000 bands=gang_dismantled new=1\",\"15-B at=2000 bands=gang_dismantled\"]");
	assert_int_equal(propose(&m, "c1", "15-A", "x", ""), BOOK_RECORD);
	assert_int_equal(propose(&m, "c1", "15-A", "x", ""), BOOK_REFUSED);
	code_is(&m, "REWARD_EXISTS");
	/* The same share under another name is the same share. */
	assert_int_equal(propose(&m, "c1", "15-A", "y", ""), BOOK_REFUSED);
	code_is(&m, "REWARD_EXISTS");
	assert_int_equal(propose(&m, "c1", "15-B", "y", ""), BOOK_REFUSED);
	code_is(&m, "NO_SHARE");
	money_must(&m, "lin", "reward.withdraw", book_reward_at(m.book, 0)->id);
	assert_int_equal(propose(&m, "c1", "15-A", "x", ""), BOOK_RECORD);
	money_book_release(&m);
}

static void who_is_excluded_gets_nothing(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 5000000);
	verify(&m, "c1", "[\"15-A at=1000 bands=gang_dismantled offender=1\"]");
	assert_int_equal(propose(&m, "c1", "15-A", "x", ""), BOOK_REFUSED);
	code_is(&m, "NOT_ELIGIBLE_OFFENDER");
	assert_int_equal(money_do(&m, "wei", "case.verified", "c2", "bureau", "150600", "tips",
				  "[\"15-B at=1000 bands=gang_dismantled\"]", "known_at", "999", NULL), BOOK_RECORD);
	assert_int_equal(propose(&m, "c2", "15-B", "x", ""), BOOK_REFUSED);
	code_is(&m, "NOT_ELIGIBLE_KNOWN");
	money_book_release(&m);
}

/* Known already, but told in more detail: two verifiers say so. */
static void more_detailed_takes_two(void **state)
{
	static const char tips[] = "[\"15-B at=1000 bands=gang_dismantled detailed=1\"]";
	struct money_book m;

	(void)state;
	money_book_begin(&m, 5000000);
	money_must(&m, "system", "staff.set", "wei9", "person", "p-wei9", "roles", "[\"verifier\"]");
	assert_int_equal(verify(&m, "c2", tips), BOOK_REFUSED);
	code_is(&m, "MISSING_FIELD");
	money_must(&m, "wei", "case.verified", "c2", "bureau", "150600", "tips", tips, "known_at", "999", "reason",
		   "plate and time");
	assert_int_equal(propose(&m, "c2", "15-B", "x", ""), BOOK_REFUSED);
	code_is(&m, "NOT_VERIFIED");
	money_must(&m, "wei9", "case.verified", "c2", "bureau", "150600", "tips", tips, "known_at", "999", "reason",
		   "plate and time");
	assert_int_equal(propose(&m, "c2", "15-B", "x", ""), BOOK_RECORD);
	money_book_release(&m);
}

static void a_case_has_one_bureau(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 5000000);
	verify(&m, "c1", TWO_TIPS);
	money_refused(&m, "CASE_ELSEWHERE", "wei", "case.verified", "c1", "bureau", "150700", "tips", TWO_TIPS);
	money_book_release(&m);
}

static void who_took_it_in_does_not_verify(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 5000000);
	assert_int_equal(verify(&m, "c1", "[\"15-A at=1 bands=gang_dismantled intake=p-wei\"]"), BOOK_REFUSED);
	code_is(&m, "SEPARATION");
	money_book_release(&m);
}

/* Found out later: nothing is released any more. */
static void exclusions_are_asked_again(void **state)
{
	struct money_book m;
	const char *id;

	(void)state;
	money_book_begin(&m, 5000000);
	id = money_claimed(&m, "A");
	m.now_ms += MONEY_DAY_MS;
	assert_int_equal(verify(&m, "case-A", "[\"15-Z at=1000 bands=gang_dismantled\"]"), BOOK_REFUSED);
	code_is(&m, "TIP_NEEDED");
	assert_int_equal(verify(&m, "case-A", "[\"15-A at=1000 bands=trafficker_arrested new=1 duty=1\"]"),
			 BOOK_RECORD);
	money_refused(&m, "NOT_ELIGIBLE_DUTY", "cai", "reward.release", id, "source", "bank:main");
	money_book_release(&m);
}

static void an_override_has_a_reason_and_another_level(void **state)
{
	struct money_book m;

	(void)state;
	money_book_begin(&m, 5000000);
	verify(&m, "c1", "[\"15-A at=1000 bands=buyer_identified new=1\"]");
	money_refused(&m, "MISSING_FIELD", "lin", "reward.propose", "", "case", "c1", "tip", "15-A", "claimant", "x",
		      "programme", "anti-trafficking", "external_award", "0", "override_fen", "400000");
	money_must(&m, "lin", "reward.propose", "", "case", "c1", "tip", "15-A", "claimant", "x", "programme",
		   "anti-trafficking", "external_award", "0", "override_fen", "400000", "override_reason", "half");
	assert_int_equal(fen_of(&m), 400000);
	money_must(&m, "lin", "reward.submit", book_reward_at(m.book, 0)->id);
	assert_int_equal(book_reward_at(m.book, 0)->steps, 3);
	money_refused(&m, "EXTERNAL_AWARD", "lin", "reward.propose", "", "case", "c1", "tip", "15-A", "claimant", "y",
		      "programme", "anti-trafficking", "external_award", "5", "member", "1");
	money_book_release(&m);
}

static void lines_that_say_something_else_are_refused(void **state)
{
	static const char *const wrong[] = {
		"[]", "[\"\"]", "[\"15-A\"]", "[\"15-A at=0\"]", "[\"15-A at=1 bands=\"]", "[\"15-A at=1 colour=red\"]",
		"[\"15-A at=1 new=2\"]", "[\"15-A  at=1\"]", "[\"15-a at=1\"]", "[\"15-A at=-1\"]", "[\"15-A at=01\"]",
		"[\"15-A at=1 bands=a++b\"]", "[\"15-A at=1 members=9\"]", "[\"15-A at=1 ratio=10001\"]",
		"[\"15-A at=1 specificity=2\"]", "[\"15-A at=1\",\"15-A at=2\"]", "[1]", "{}", "[[\"15-A at=1\"]]",
		"[\"1234567890ABCDEF at=1\"]",
	};
	struct money_book m;

	(void)state;
	money_book_begin(&m, 5000000);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(verify(&m, "c1", wrong[i]), BOOK_REFUSED);
		assert_int_equal(m.refusal.status, 400);
	}
	verify(&m, "c1", TWO_TIPS);
	assert_int_equal(propose(&m, "c1", "15-A", "x", "[\"15-C evidence=1\"]"), BOOK_REFUSED);
	assert_int_equal(propose(&m, "c1", "15-A", "x", "[\"15-A evidence=1\",\"15-A evidence=1\"]"), BOOK_REFUSED);
	assert_int_equal(propose(&m, "c1", "15-A", "x", "[\"15-A evidence=x\"]"), BOOK_REFUSED);
	assert_int_equal(propose(&m, "c1", "15-A", "x", "[\"15-A evidence=4\"]"), BOOK_REFUSED);
	code_is(&m, "FACTOR_RANGE");
	money_book_release(&m);
}

/* One instalment, paid; then two people take the rest back. */
static void pay_a_part_and_revoke(struct money_book *m, const char *id, unsigned round)
{
	const char *attempt;

	money_must(m, "lin", "reward.submit", id);
	money_approve(m, id);
	money_must(m, "system", "reward.publish", id);
	money_must(m, "claimant", "reward.claim", id, "payee", "payee-1", "rail", "voucher", "nonce",
		   money_text(m, "n%u", round));
	m->now_ms += MONEY_DAY_MS;
	money_must(m, "cai", "reward.release", id, "source", "bank:main", "instalment", "600000");
	money_must(m, "qian", "reward.release", id, "source", "bank:main", "instalment", "600000");
	money_must(m, "system", "attempt.start", id);
	attempt = money_text(m, "%s-1", id);
	money_must(m, "system", "attempt.send", attempt);
	money_must(m, "system", "attempt.observe", attempt, "state", "SUCCEEDED", "by", "query", "fen", "600000");
	money_must(m, "yao", "reward.revoke", id, "reason", "x");
	money_must(m, "yan", "reward.revoke", id, "reason", "x");
}

static void what_was_paid_counts_after_a_revocation(void **state)
{
	struct money_book m;
	int64_t paid = 0;

	(void)state;
	money_book_begin(&m, 9000000);
	assert_int_equal(verify(&m, "c1", "[\"15-X at=1772000000000 bands=trafficker_arrested new=1\"]"), BOOK_RECORD);
	for (unsigned round = 0; round < 6; round++) {
		if (propose(&m, "c1", "15-X", "x", "[\"15-X specificity=3 evidence=2\"]") != BOOK_RECORD) {
			code_is(&m, "CASE_CAP");
			break;
		}
		pay_a_part_and_revoke(&m, money_text(&m, "R%llu", (unsigned long long)m.record.seq), round);
		paid += 600000;
	}
	assert_int_equal(paid, 1200000);
	money_book_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_amount_is_calculated),
		cmocka_unit_test(one_reward_a_case_and_claimant),
		cmocka_unit_test(who_is_excluded_gets_nothing),
		cmocka_unit_test(more_detailed_takes_two),
		cmocka_unit_test(a_case_has_one_bureau),
		cmocka_unit_test(who_took_it_in_does_not_verify),
		cmocka_unit_test(exclusions_are_asked_again),
		cmocka_unit_test(an_override_has_a_reason_and_another_level),
		cmocka_unit_test(what_was_paid_counts_after_a_revocation),
		cmocka_unit_test(lines_that_say_something_else_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
