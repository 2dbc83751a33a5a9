/*
 * So many answers a day, each sender for itself; none after a stop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/intake/sms_quota.h"

#define DAY_MS (24 * 3600 * 1000LL)

static const struct seal_key key = { .bytes = { 3 } };

static unsigned taken(struct sms_quota *quota, struct span sender, int64_t now_ms, unsigned tries)
{
	unsigned n = 0;

	for (unsigned i = 0; i < tries; i++)
		n += sms_quota_take(quota, sender, now_ms);
	return n;
}

static void so_many_a_day(void **state)
{
	struct sms_quota *quota = sms_quota_new(&key, 5);

	(void)state;
	assert_int_equal(taken(quota, SPAN("+8613800138000"), DAY_MS, 30), 5);
	assert_int_equal(taken(quota, SPAN("+8613800138001"), DAY_MS, 30), 5);
	assert_int_equal(taken(quota, SPAN("+8613800138000"), 2 * DAY_MS - 1, 30), 0);
	assert_int_equal(taken(quota, SPAN("+8613800138000"), 2 * DAY_MS, 30), 5);
	sms_quota_free(quota);
}

static void what_was_not_sent_is_given_back(void **state)
{
	struct sms_quota *quota = sms_quota_new(&key, 1);

	(void)state;
	sms_quota_give_back(quota, SPAN("a"), 0);
	for (int i = 0; i < 10; i++) {
		assert_true(sms_quota_take(quota, SPAN("a"), 0));
		sms_quota_give_back(quota, SPAN("a"), 0);
	}
	assert_int_equal(taken(quota, SPAN("a"), 0, 10), 1);
	sms_quota_free(quota);
}

static void stop_is_for_good(void **state)
{
	struct sms_quota *quota = sms_quota_new(&key, 5);

	(void)state;
	sms_quota_stop(quota, SPAN("a"));
	sms_quota_give_back(quota, SPAN("a"), 0);
	assert_int_equal(taken(quota, SPAN("a"), 0, 10), 0);
	assert_int_equal(taken(quota, SPAN("a"), 1000 * DAY_MS, 10), 0);
	assert_int_equal(taken(quota, SPAN("b"), 0, 10), 5);
	sms_quota_free(quota);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_a_day),
		cmocka_unit_test(what_was_not_sent_is_given_back),
		cmocka_unit_test(stop_is_for_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
