/*
 * Rate and breaker of a connector, on virtual time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/notify/connector_gate.h"

static void no_more_than_the_rate_in_any_second(void **state)
{
	struct connector_gate gate = { .per_s = 7 };
	uint64_t went[2000], wait;
	size_t n = 0;

	(void)state;
	for (uint64_t now = 1000; now < 21000; now += 3)
		if (gate_ask(&gate, now, &wait) == GATE_GO)
			went[n++] = now;
	/* One second's worth at once, then 7 a second. */
	assert_in_range(n, 7 * 20, 7 * 21 + 1);
	for (size_t i = 15; i < n; i++)
		assert_true(went[i] - went[i - 14] >= 1000 - 3);
}

static void the_wait_is_as_long_as_it_says(void **state)
{
	struct connector_gate gate = { .per_s = 3 };
	uint64_t now = 5000, wait;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(gate_ask(&gate, now, &wait), GATE_GO);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(gate_ask(&gate, now, &wait), GATE_WAIT);
		assert_in_range(wait, 1, 334);
		now += wait;
		assert_int_equal(gate_ask(&gate, now, &wait), GATE_GO);
	}
}

static void without_a_rate_all_goes(void **state)
{
	struct connector_gate gate = { 0 };
	uint64_t wait;

	(void)state;
	for (int i = 0; i < 10000; i++)
		assert_int_equal(gate_ask(&gate, 1, &wait), GATE_GO);
}

static uint64_t fail_until_open(struct connector_gate *gate, uint64_t now)
{
	uint64_t wait;

	for (int i = 0; i < GATE_FAILURES; i++) {
		assert_int_equal(gate_state(gate, now), GATE_CLOSED);
		assert_int_equal(gate_ask(gate, now, &wait), GATE_GO);
		gate_ended(gate, false, now);
	}
	assert_int_equal(gate_state(gate, now), GATE_OPEN);
	assert_int_equal(gate_ask(gate, now, &wait), GATE_SHUT);
	return now;
}

static void opens_tries_one_and_closes(void **state)
{
	struct connector_gate gate = { 0 };
	uint64_t now = fail_until_open(&gate, 1000), wait;

	(void)state;
	assert_int_equal(gate_ask(&gate, now + GATE_FIRST_MS - 1, &wait), GATE_SHUT);
	now += GATE_FIRST_MS;
	assert_int_equal(gate_state(&gate, now), GATE_HALF_OPEN);
	assert_int_equal(gate_ask(&gate, now, &wait), GATE_GO);
	assert_int_equal(gate_ask(&gate, now, &wait), GATE_SHUT);
	gate_ended(&gate, true, now);
	assert_int_equal(gate_state(&gate, now), GATE_CLOSED);
	assert_int_equal(gate_ask(&gate, now, &wait), GATE_GO);
}

static void a_try_that_fails_waits_twice_as_long_up_to_a_limit(void **state)
{
	struct connector_gate gate = { 0 };
	uint64_t now = fail_until_open(&gate, 1000), shut = GATE_FIRST_MS, wait;

	(void)state;
	for (int i = 0; i < 12; i++) {
		assert_int_equal(gate_ask(&gate, now + shut - 1, &wait), GATE_SHUT);
		now += shut;
		assert_int_equal(gate_ask(&gate, now, &wait), GATE_GO);
		gate_ended(&gate, false, now);
		shut = shut * 2 < GATE_LAST_MS ? shut * 2 : GATE_LAST_MS;
	}
	assert_int_equal(shut, GATE_LAST_MS);
}

/* Eight are on the wire when it breaks: that is one outage. */
static void failures_that_come_late_do_not_count_twice(void **state)
{
	struct connector_gate gate = { 0 };
	uint64_t wait;

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_int_equal(gate_ask(&gate, 1000, &wait), GATE_GO);
	for (int i = 0; i < 8; i++)
		gate_ended(&gate, false, 1001);
	assert_int_equal(gate_ask(&gate, 1001 + GATE_FIRST_MS, &wait), GATE_GO);
}

static void an_answer_between_failures_begins_anew(void **state)
{
	struct connector_gate gate = { 0 };

	(void)state;
	for (int i = 0; i < 20; i++) {
		gate_ended(&gate, false, 1000);
		gate_ended(&gate, false, 1000);
		gate_ended(&gate, true, 1000);
		assert_int_equal(gate_state(&gate, 1000), GATE_CLOSED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_than_the_rate_in_any_second),
		cmocka_unit_test(the_wait_is_as_long_as_it_says),
		cmocka_unit_test(without_a_rate_all_goes),
		cmocka_unit_test(opens_tries_one_and_closes),
		cmocka_unit_test(a_try_that_fails_waits_twice_as_long_up_to_a_limit),
		cmocka_unit_test(failures_that_come_late_do_not_count_twice),
		cmocka_unit_test(an_answer_between_failures_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
