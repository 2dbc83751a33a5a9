/*
 * Limits of the routes: no public route is forgotten, and what is refused says whose limit it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/tip/seal.h"
#include "handlers/endpoint.h"

#include <string.h>

static const struct limit_rule rules[LIMIT_KINDS] = {
	[LIMIT_SENDER] = { .per_second = 0.5, .burst = 60 },
};

static void every_public_route_says_its_limits(void **state)
{
	size_t n, seen = 0;
	const struct endpoint *table = routes(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		if (table[i].site != SITE_PUBLIC)
			continue;
		seen++;
		if (table[i].limit == LIMITED_UNSAID || table[i].limit >= LIMIT_SETS)
			fail_msg("the route %s says no limit", table[i].name);
	}
	assert_in_range(seen, 20, n);
}

static void what_takes_something_in_has_a_limit_of_its_own(void **state)
{
	size_t n;
	const struct endpoint *table = routes(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		if (table[i].site == SITE_PUBLIC && table[i].method == HTTP_POST && table[i].limit == LIMITED_PAGE)
			fail_msg("the route %s takes something in and is limited like a page", table[i].name);
}

static void a_refusal_says_whose_limit_it_was(void **state)
{
	struct limit_refusal refusal = { .kind = LIMIT_TIPS_NEAR, .wait_s = 12, .burst = 60, .window_s = 60 };
	struct problem problem = limited_problem(&refusal, "too_many_tips");

	(void)state;
	assert_int_equal(problem.status, 429);
	assert_int_equal(problem.retry_after_s, 12);
	assert_string_equal(problem.reason, "network");
	assert_string_equal(limited_reason(LIMIT_TIPS), "visitor");
	assert_string_equal(limited_reason(LIMIT_TIPS_WIDE), "wider_network");
	assert_string_equal(limited_reason(LIMIT_RECEIPTS_ALL), "all");
	for (int kind = 0; kind < LIMIT_KINDS; kind++) {
		refusal.kind = (enum limit_kind)kind;
		assert_non_null(limited_problem(&refusal, "x").detail);
	}
}

static void the_shared_bucket_has_the_rule_and_hides_who(void **state)
{
	struct limits *limits = limits_new(rules, true);
	struct seal_key key = { .bytes = "a key" }, other = { .bytes = "another" };
	struct store_bucket one, same, two, elsewhere;

	(void)state;
	assert_true(limited_shared(limits, LIMIT_SENDER, &key, SPAN("+8613800138000"), &one));
	assert_true(limited_shared(limits, LIMIT_SENDER, &key, SPAN("+8613800138000"), &same));
	assert_true(limited_shared(limits, LIMIT_SENDER, &key, SPAN("+8613800138001"), &two));
	assert_true(limited_shared(limits, LIMIT_SENDER, &other, SPAN("+8613800138000"), &elsewhere));
	assert_int_equal(one.burst, 60);
	assert_int_equal(one.per_hour, 1800);
	assert_memory_equal(one.mark, same.mark, sizeof(one.mark));
	assert_memory_not_equal(one.mark, two.mark, sizeof(one.mark));
	assert_memory_not_equal(one.mark, elsewhere.mark, sizeof(one.mark));
	assert_false(limited_shared(limits, LIMIT_RECEIPTS_ALL, &key, SPAN("receipts"), &one));   /* no rule */
	limits_set(limits, rules, false);
	assert_false(limited_shared(limits, LIMIT_SENDER, &key, SPAN("+8613800138000"), &one));
	limits_free(limits);
}

static void a_store_that_is_away_refuses_nothing(void **state)
{
	struct limits *limits = limits_new(rules, true);
	struct store_reply away = { .outcome = STORE_UNKNOWN, .verdict = STORE_UNTIMELY, .wait_ms = 1500 };
	struct store_reply late = { .outcome = STORE_DONE, .verdict = STORE_UNTIMELY, .wait_ms = 1500 };
	struct store_reply fine = { .outcome = STORE_DONE, .verdict = STORE_OK };
	struct limit_refusal refusal;

	(void)state;
	assert_false(limited_shared_refusal(limits, LIMIT_SENDER, &away, &refusal));
	assert_false(limited_shared_refusal(limits, LIMIT_SENDER, &fine, &refusal));
	assert_int_equal(limits_refused(limits, LIMIT_SENDER), 0);
	assert_true(limited_shared_refusal(limits, LIMIT_SENDER, &late, &refusal));
	assert_int_equal(refusal.wait_s, 2);
	assert_int_equal(refusal.kind, LIMIT_SENDER);
	assert_int_equal(limits_refused(limits, LIMIT_SENDER), 1);
	limits_free(limits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_public_route_says_its_limits),
		cmocka_unit_test(what_takes_something_in_has_a_limit_of_its_own),
		cmocka_unit_test(a_refusal_says_whose_limit_it_was),
		cmocka_unit_test(the_shared_bucket_has_the_rule_and_hides_who),
		cmocka_unit_test(a_store_that_is_away_refuses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
