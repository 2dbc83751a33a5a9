/*
 * Tests of people and accounts against journals whose hits are known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_audit.h"

static void the_same_two_people(void **state)
{
	struct money_audit a;
	struct audit_finding found;

	(void)state;
	audit_begin(&a);
	for (unsigned i = 0; i < 5; i++)
		money_approved(&a.m, money_text(&a.m, "A%u", i));
	found = audit_run(&a, "pairs");
	assert_int_equal(found.population, 5);
	assert_int_equal(found.total, 3);
	assert_string_equal(found.hits[0].subject, "p-lin");
	assert_string_equal(found.hits[0].note, "proposer-approver");
	assert_int_equal(found.hits[0].value, 100);
	assert_int_equal(found.hits[0].rewards, 5);
	assert_int_equal(found.hits[0].fen, 5 * 850000);
	a.parameters[AUDIT_PAIR_MIN] = 6;
	assert_int_equal(audit_run(&a, "pairs").total, 0);
	audit_release(&a);
}

static void one_account_for_several_cases(void **state)
{
	struct money_audit a;
	struct audit_finding found;

	(void)state;
	audit_begin(&a);
	audit_claimed(&a, "A", "p-0123456789abcdef0000000000000001");
	audit_claimed(&a, "B", "p-0123456789abcdee0000000000000002");
	audit_claimed(&a, "C", "p-0123456789abcdef0000000000000003");
	money_approved(&a.m, "D");
	found = audit_run(&a, "same_payee");
	assert_int_equal(found.population, 3);
	assert_int_equal(found.total, 1);
	assert_true(found.hits[0].is_payee);
	assert_string_equal(found.hits[0].subject, "p-0123456789abcdef");
	assert_int_equal(found.hits[0].rewards, 2);
	assert_int_equal(found.hits[0].value, 2);
	assert_int_equal(found.hits[0].seqs.n, 2);
	a.parameters[AUDIT_PAYEE_CASES] = 3;
	assert_int_equal(audit_run(&a, "same_payee").total, 0);
	audit_release(&a);
}

static void the_same_amount_again(void **state)
{
	struct money_audit a;
	struct audit_finding found;
	const char *second;

	(void)state;
	audit_begin(&a);
	audit_claimed(&a, "A", "payee-1");
	a.m.now_ms += 30 * MONEY_DAY_MS;
	second = audit_claimed(&a, "B", "payee-1");
	a.m.now_ms += 30 * MONEY_DAY_MS + 1;
	audit_claimed(&a, "C", "payee-1");
	found = audit_run(&a, "duplicates");
	assert_int_equal(found.population, 3);
	assert_int_equal(found.total, 1);
	assert_string_equal(found.hits[0].subject, second);
	assert_int_equal(found.hits[0].value, 30);
	audit_release(&a);
}

/* Paid in cash at the counter, by who stands there. */
static void one_teller_pays_it_all(void **state)
{
	struct money_audit a;
	struct audit_finding found;

	(void)state;
	audit_begin(&a);
	money_must(&a.m, "cai", "budget.fund", MONEY_LEDGER, "fen", "2000000", "from", "bank:main", "to", "cash:dongsheng");
	for (unsigned i = 0; i < 2; i++) {
		const char *id = money_claimed(&a.m, money_text(&a.m, "A%u", i));

		a.m.now_ms += MONEY_DAY_MS;
		money_must(&a.m, "cai", "reward.release", id, "source", "cash:dongsheng");
		money_must(&a.m, "qian", "reward.release", id, "source", "cash:dongsheng");
		money_must(&a.m, "system", "attempt.start", id);
		money_must(&a.m, "system", "attempt.send", money_text(&a.m, "%s-1", id));
		money_must(&a.m, "gui", "attempt.observe", money_text(&a.m, "%s-1", id), "state", "SUCCEEDED", "by", "answer",
			   "fen", "850000");
	}
	assert_int_equal(audit_run(&a, "counter").total, 0);
	a.parameters[AUDIT_PAIR_MIN] = 2;
	found = audit_run(&a, "counter");
	assert_int_equal(found.population, 2);
	assert_int_equal(found.total, 1);
	assert_string_equal(found.hits[0].subject, "p-gui");
	assert_int_equal(found.hits[0].value, 100);
	audit_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_two_people),
		cmocka_unit_test(one_account_for_several_cases),
		cmocka_unit_test(the_same_amount_again),
		cmocka_unit_test(one_teller_pays_it_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
