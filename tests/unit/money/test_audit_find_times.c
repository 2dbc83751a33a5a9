/*
 * Tests of times against journals whose hits are known: one before the bound,
 * one on it, one behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_audit.h"

#define MINUTE_MS INT64_C(60000)

/* A proposal for a tip that came so long after the police knew; `detailed` needs a second verifier. */
static void proposed(struct money_audit *a, const char *name, int64_t after_ms)
{
	struct money_book *m = &a->m;
	int64_t known_ms = m->now_ms - 20 * MONEY_DAY_MS;

	for (unsigned i = 0; i < (after_ms > 0 ? 2 : 1); i++)
		money_must(m, i == 0 ? "wei" : "hu", "case.verified", money_text(m, "case-%s", name), "bureau", "150600", "tips",
			   money_text(m, "[\"15-%s at=%lld bands=trafficker_arrested new=1%s\"]", name,
				      (long long)(known_ms + after_ms), after_ms > 0 ? " detailed=1" : ""),
			   "known_at", money_text(m, "%lld", (long long)known_ms), "reason", "so");
	money_must(m, "lin", "reward.propose", "", "case", money_text(m, "case-%s", name), "tip", money_text(m, "15-%s", name),
		   "claimant", money_text(m, "c-%s", name), "programme", "anti-trafficking", "external_award", "0");
}

static void tips_around_what_the_police_knew(void **state)
{
	struct money_audit a;
	struct audit_finding found;

	(void)state;
	audit_begin(&a);
	money_must(&a.m, "system", "staff.set", "hu", "person", "p-hu", "roles", "[\"verifier\"]");
	money_proposed(&a.m, "U");
	proposed(&a, "E", -31 * MINUTE_MS);
	proposed(&a, "S", -30 * MINUTE_MS);
	proposed(&a, "F", 7 * MONEY_DAY_MS);
	proposed(&a, "L", 7 * MONEY_DAY_MS + MINUTE_MS);
	found = audit_run(&a, "tip_after_police");
	assert_int_equal(found.population, 4);
	assert_int_equal(found.total, 2);
	assert_int_equal(found.hits[0].value, -30);
	assert_string_equal(found.hits[0].note, "");
	assert_int_equal(found.hits[1].value, 7 * 24 * 60);
	assert_string_equal(found.hits[1].note, "detailed");
	assert_int_equal(found.hits[1].seqs.n, 2);
	assert_int_equal(audit_view_row(&a.view, (size_t)audit_seqs_at(&found.hits[1].seqs, 0) - 1)->act, AUDIT_CASE);
	a.parameters[AUDIT_BEFORE_MINUTES] = 31;
	assert_int_equal(audit_run(&a, "tip_after_police").total, 3);
	audit_release(&a);
}

static void claims_in_the_last_tenth(void **state)
{
	struct money_audit a;
	struct audit_finding found;
	const char *one, *two;

	(void)state;
	audit_begin(&a);
	audit_claimed(&a, "A", "payee-1");
	one = money_approved(&a.m, "B");
	two = money_approved(&a.m, "C");
	money_must(&a.m, "system", "reward.publish", one);
	money_must(&a.m, "system", "reward.publish", two);
	a.m.now_ms += 54 * MONEY_DAY_MS - 1;
	money_must(&a.m, "claimant", "reward.claim", one, "payee", "payee-2", "rail", "voucher", "nonce", "n-b");
	a.m.now_ms += 1;
	money_must(&a.m, "claimant", "reward.claim", two, "payee", "payee-3", "rail", "voucher", "nonce", "n-c");
	found = audit_run(&a, "late_claims");
	assert_int_equal(found.population, 3);
	assert_int_equal(found.total, 1);
	assert_string_equal(found.hits[0].subject, two);
	assert_int_equal(found.hits[0].value, 6);
	a.parameters[AUDIT_LATE_PERCENT] = 11;
	assert_int_equal(audit_run(&a, "late_claims").total, 2);
	audit_release(&a);
}

/* Sunday, 2026-03-01, 08:00 in China is when books begin. */
static void nights_and_days_off(void **state)
{
	struct money_audit a;
	struct audit_finding found;

	(void)state;
	audit_begin(&a);
	money_approved(&a.m, "A");
	a.m.now_ms += MONEY_DAY_MS;
	money_approved(&a.m, "B");
	a.m.now_ms += 14 * MONEY_HOUR_MS - 1;
	money_approved(&a.m, "C");
	a.m.now_ms += 1;
	money_approved(&a.m, "D");
	a.m.now_ms += 8 * MONEY_HOUR_MS;
	money_approved(&a.m, "G");
	found = audit_run(&a, "off_hours");
	assert_int_equal(found.population, 15);
	assert_int_equal(found.total, 6);
	assert_string_equal(found.hits[0].note, "weekend");
	assert_string_equal(found.hits[0].with, "p-han");
	assert_string_equal(found.hits[3].note, "night");
	assert_int_equal(found.hits[3].value, 22);
	a.parameters[AUDIT_NIGHT_FROM] = 8;
	a.parameters[AUDIT_NIGHT_UNTIL] = 9;
	found = audit_run(&a, "off_hours");
	assert_int_equal(found.total, 6);
	assert_string_equal(found.hits[3].note, "night");
	assert_int_equal(found.hits[3].value, 8);
	audit_release(&a);
}

static void approvals_without_reading(void **state)
{
	static const char *const by[] = { "han", "fang", "zhao" };
	struct money_audit a;
	struct audit_finding found;
	const char *id;

	(void)state;
	audit_begin(&a);
	id = money_proposed(&a.m, "A");
	money_must(&a.m, "lin", "reward.submit", id);
	for (unsigned i = 0; i < 3; i++) {
		a.m.now_ms += i == 1 ? 60000 : 61000;
		money_must(&a.m, by[i], "reward.approve", id, "digest", money_digest(&a.m, id));
	}
	id = money_proposed(&a.m, "B");
	a.m.now_ms += 3600000;
	money_must(&a.m, "lin", "reward.submit", id);
	found = audit_run(&a, "fast_approvals");
	assert_int_equal(found.population, 3);
	assert_int_equal(found.total, 1);
	assert_string_equal(found.hits[0].with, "p-fang");
	assert_string_equal(found.hits[0].note, "step");
	assert_int_equal(found.hits[0].value, 60);
	assert_int_equal(found.hits[0].seqs.n, 2);
	a.parameters[AUDIT_WITHIN_SECONDS] = 59;
	assert_int_equal(audit_run(&a, "fast_approvals").total, 0);
	audit_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tips_around_what_the_police_knew),
		cmocka_unit_test(claims_in_the_last_tenth),
		cmocka_unit_test(nights_and_days_off),
		cmocka_unit_test(approvals_without_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
