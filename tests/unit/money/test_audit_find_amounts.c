/*
 * Tests of amounts against journals whose hits are known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/money_audit.h"

static const char *overridden(struct money_audit *a, const char *name, const char *fen)
{
	struct money_book *m = &a->m;

	money_must(m, "wei", "case.verified", money_text(m, "case-%s", name), "bureau", "150600", "tips",
		   money_text(m, "[\"15-%s at=%lld bands=gang_dismantled new=1\"]", name, (long long)m->now_ms - 1000));
	money_must(m, "lin", "reward.propose", "", "case", money_text(m, "case-%s", name), "tip", money_text(m, "15-%s", name),
		   "claimant", money_text(m, "c-%s", name), "programme", "anti-trafficking", "factors",
		   money_text(m, "[\"15-%s specificity=3 timeliness=2\"]", name), "external_award", "0",
		   fen != NULL ? "override_reason" : "reason", "so", fen != NULL ? "override_fen" : NULL, fen);
	return money_text(m, "R%llu", (unsigned long long)m->record.seq);
}

/* Up to 5,000 yuan two persons approve, three beyond. */
static void just_under_the_limit(void **state)
{
	struct money_audit a;
	struct audit_finding found;
	const char *near;

	(void)state;
	audit_begin(&a);
	money_must(&a.m, "lin", "reward.submit", money_proposed(&a.m, "A"));
	near = overridden(&a, "B", "475000");
	money_must(&a.m, "lin", "reward.submit", near);
	money_must(&a.m, "lin", "reward.submit", overridden(&a, "C", "474999"));
	overridden(&a, "D", "499999");
	found = audit_run(&a, "below_band");
	assert_int_equal(found.population, 3);
	assert_int_equal(found.total, 1);
	assert_string_equal(found.hits[0].subject, near);
	assert_int_equal(found.hits[0].value, 25000);
	assert_string_equal(found.hits[0].note, "override");
	a.parameters[AUDIT_MARGIN_PERCENT] = 6;
	assert_int_equal(audit_run(&a, "below_band").total, 2);
	audit_release(&a);
}

static void one_case_in_parts(void **state)
{
	struct money_audit a;
	struct audit_finding found;
	struct money_book *m = &a.m;

	(void)state;
	audit_begin(&a);
	money_proposed(m, "A");
	money_must(m, "wei", "case.verified", "case-two", "bureau", "150600", "tips",
		   money_text(m, "[\"15-X at=%lld bands=gang_dismantled new=1\",\"15-Y at=%lld bands=buyer_identified new=1\"]",
			      (long long)m->now_ms - 2000, (long long)m->now_ms - 1000));
	money_must(m, "lin", "reward.propose", "", "case", "case-two", "tip", "15-X", "claimant", "c-x", "programme",
		   "anti-trafficking", "external_award", "0", "factors", "[\"15-X specificity=3 timeliness=2\"]");
	m->now_ms += 7 * MONEY_DAY_MS;
	money_must(m, "lin", "reward.propose", "", "case", "case-two", "tip", "15-Y", "claimant", "c-y", "programme",
		   "anti-trafficking", "external_award", "0", "factors", "[\"15-X specificity=3 timeliness=2\"]");
	found = audit_run(&a, "splitting");
	assert_int_equal(found.population, 3);
	assert_int_equal(found.total, 1);
	assert_string_equal(found.hits[0].subject, "case-two");
	assert_int_equal(found.hits[0].rewards, 2);
	assert_int_equal(found.hits[0].value, 7);
	assert_int_equal(found.hits[0].seqs.n, 2);
	assert_string_equal(found.hits[0].note, "");
	a.parameters[AUDIT_CASE_DAYS] = 6;
	assert_int_equal(audit_run(&a, "splitting").total, 0);
	audit_release(&a);
}

static void set_by_hand_or_brought_to_a_bound(void **state)
{
	struct money_audit a;
	struct audit_finding found;

	(void)state;
	audit_begin(&a);
	money_proposed(&a.m, "A");
	overridden(&a, "B", "600000");
	overridden(&a, "C", NULL);
	money_proposed(&a.m, "D");
	found = audit_run(&a, "overrides");
	assert_int_equal(found.population, 4);
	assert_int_equal(found.total, 2);
	assert_string_equal(found.hits[0].note, "override");
	assert_string_equal(found.hits[0].subject, "p-lin");
	assert_int_equal(found.hits[0].rewards, 1);
	assert_int_equal(found.hits[0].fen, 600000);
	assert_int_equal(found.hits[0].value, 25);
	assert_string_equal(found.hits[1].note, "clamp_max");
	assert_int_equal(found.hits[1].rewards, 2);
	assert_int_equal(found.hits[1].value, 50);
	audit_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(just_under_the_limit),
		cmocka_unit_test(one_case_in_parts),
		cmocka_unit_test(set_by_hand_or_brought_to_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
