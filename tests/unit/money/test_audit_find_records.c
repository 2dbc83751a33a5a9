/*
 * Tests of records and statements against journals whose hits are known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_audit.h"

static void a_clock_that_stood_still(void **state)
{
	struct money_audit a;
	struct audit_finding found;

	(void)state;
	audit_begin(&a);
	a.m.now_ms += 1000;
	for (unsigned i = 0; i < 4; i++)
		money_must(&a.m, "cai", "budget.receive", MONEY_LEDGER, "fen", "100", "account", "bank:main");
	a.m.now_ms += 1000;
	for (unsigned i = 0; i < 5; i++)
		money_must(&a.m, "cai", "budget.receive", MONEY_LEDGER, "fen", "100", "account", "bank:main");
	found = audit_run(&a, "sequence");
	assert_int_equal(found.population, a.m.nlines);
	assert_int_equal(found.total, 2);   /* all that the book began with, and the five */
	assert_int_equal(found.hits[1].value, 5);
	assert_string_equal(found.hits[1].note, "clock");
	assert_int_equal(found.hits[1].seqs.n, 5);
	assert_int_equal(audit_seqs_at(&found.hits[1].seqs, 4), a.m.nlines);
	a.parameters[AUDIT_CLOCK_RUN] = 4;
	assert_int_equal(audit_run(&a, "sequence").total, 3);
	audit_release(&a);
}

static void a_restored_journal(void **state)
{
	struct money_audit a;
	struct audit_finding found;

	(void)state;
	audit_begin(&a);
	a.m.now_ms += 1000;
	money_must(&a.m, "system", "book.restored", "", "reason", "an older copy", "known", "99");
	a.parameters[AUDIT_CLOCK_RUN] = 1000;
	found = audit_run(&a, "sequence");
	assert_int_equal(found.total, 1);
	assert_string_equal(found.hits[0].note, "restored");
	assert_string_equal(found.hits[0].subject, money_text(&a.m, "%zu", a.m.nlines));
	audit_release(&a);
}

static void what_no_statement_explains(void **state)
{
	struct money_audit a;
	struct audit_finding found;
	const char *paid, *broken;

	(void)state;
	audit_begin(&a);
	paid = money_paid(&a.m, "A");
	a.m.now_ms += 4 * MONEY_DAY_MS;
	money_run(&a.m);
	money_must(&a.m, "cai", "statement.import", MONEY_LEDGER, "account", "bank:main", "rail", "voucher", "date", "2026-03-01",
		   "opening", "9000000", "closing", "8999000", "count", "1", "file", money_text(&a.m, "%064u", 1u), "lines",
		   "L1 Dr 1000 2026-03-01 payment - -");
	money_run(&a.m);
	found = audit_run(&a, "statement_lines");
	assert_int_equal(found.population, 2);
	assert_int_equal(found.total, 2);
	assert_string_equal(found.hits[0].note, "R1");
	assert_string_equal(found.hits[0].with, money_text(&a.m, "%s-1", paid));
	assert_int_equal(found.hits[0].fen, 850000);
	assert_string_equal(found.hits[1].note, "R5");
	assert_int_equal(found.hits[1].fen, 1000);
	broken = money_text(&a.m, "%s", found.hits[0].subject);
	money_must(&a.m, "cai", "break.resolve", broken, "reason", "on paper");
	assert_int_equal(audit_run(&a, "statement_lines").total, 2);   /* one person alone has said so */
	money_must(&a.m, "qian", "break.resolve", broken, "reason", "on paper");
	found = audit_run(&a, "statement_lines");
	assert_int_equal(found.population, 2);
	assert_int_equal(found.total, 1);
	assert_string_equal(found.hits[0].note, "R5");
	audit_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_stood_still),
		cmocka_unit_test(a_restored_journal),
		cmocka_unit_test(what_no_statement_explains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
