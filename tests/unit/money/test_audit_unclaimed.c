/*
 * Unclaimed rewards: to the millisecond of their deadline; what came back, and
 * how long claims took.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/audit_unclaimed.h"
#include "tests/support/money_audit.h"

static const char *published(struct money_audit *a, const char *name)
{
	const char *id = money_approved(&a->m, name);

	money_must(&a->m, "system", "reward.publish", id);
	return id;
}

static enum audit_unclaimed_why only(struct money_audit *a, int64_t at_ms, int64_t *days_left)
{
	struct audit_unclaimed_all all;

	audit_look(a);
	a->view.at_ms = at_ms;
	all = audit_unclaimed(&a->view, 14, 10);
	assert_int_equal(all.nrewards, 1);
	*days_left = all.rewards[0].days_left;
	return all.rewards[0].why;
}

static void a_deadline_comes_near(void **state)
{
	struct money_audit a;
	int64_t deadline_ms, left;

	(void)state;
	audit_begin(&a);
	deadline_ms = money_reward(&a.m, published(&a, "A"))->deadline_ms;
	assert_int_equal(only(&a, deadline_ms - 14 * MONEY_DAY_MS - 1, &left), AUDIT_OPEN);
	assert_int_equal(left, 14);
	assert_int_equal(only(&a, deadline_ms - 14 * MONEY_DAY_MS, &left), AUDIT_NEAR);
	assert_int_equal(only(&a, deadline_ms, &left), AUDIT_NEAR);
	assert_int_equal(left, 0);
	assert_int_equal(only(&a, deadline_ms + 1, &left), AUDIT_NEAR);
	assert_int_equal(left, -1);
	audit_release(&a);
}

static void expired_and_back_again(void **state)
{
	struct money_audit a;
	struct audit_unclaimed_all all;
	const char *id;

	(void)state;
	audit_begin(&a);
	id = published(&a, "A");
	a.m.now_ms = money_reward(&a.m, id)->deadline_ms;
	money_run(&a.m);
	audit_look(&a);
	all = audit_unclaimed(&a.view, 14, 10);
	assert_int_equal(all.rewards[0].why, AUDIT_EXPIRED);
	assert_int_equal(all.rewards[0].seqs.n, 3);
	money_must(&a.m, "yao", "reward.reinstate", id, "reason", "was ill");
	money_must(&a.m, "yan", "reward.reinstate", id, "reason", "was ill");
	audit_look(&a);
	all = audit_unclaimed(&a.view, 14, 10);
	assert_int_equal(all.rewards[0].why, AUDIT_REINSTATED);
	assert_true(all.rewards[0].days_left > 0);
	audit_release(&a);
}

static void days_to_the_claim(void **state)
{
	struct money_audit a;
	struct audit_unclaimed_all all;
	const char *late;

	(void)state;
	audit_begin(&a);
	audit_claimed(&a, "A", "payee-1");
	audit_claimed(&a, "B", "payee-2");
	late = published(&a, "C");
	a.m.now_ms += 58 * MONEY_DAY_MS;
	money_must(&a.m, "claimant", "reward.claim", late, "payee", "payee-3", "rail", "voucher", "nonce", "n-c");
	audit_look(&a);
	all = audit_unclaimed(&a.view, 14, 10);
	assert_int_equal(all.ndays, 2);
	assert_int_equal(all.days[0].days, 0);
	assert_int_equal(all.days[0].claims, 2);
	assert_int_equal(all.days[0].fen, 1700000);
	assert_int_equal(all.days[1].days, 58);
	assert_int_equal(all.days[1].seqs.n, 1);
	assert_int_equal(all.nrewards, 1);
	assert_int_equal(all.rewards[0].why, AUDIT_LATE);
	assert_false(all.rewards[0].waits);
	assert_string_equal(audit_unclaimed_name(all.rewards[0].why), "late");
	audit_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deadline_comes_near),
		cmocka_unit_test(expired_and_back_again),
		cmocka_unit_test(days_to_the_claim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
