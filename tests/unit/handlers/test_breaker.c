/*
 * The breaker: it opens after so many failures in a row and not before, lets
 * one try through at a time, and is closed by any answer.
 */
#include "handlers/payout/breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void an_answer_in_between_keeps_it_closed(void **unused)
{
	struct breaker b = { 0 };

	(void)unused;
	for (unsigned i = 0; i < 100; i++) {
		for (unsigned n = 1; n < BREAKER_FAILURES; n++)
			breaker_failed(&b, 1000);
		assert_true(breaker_take(&b, 1000));
		breaker_answered(&b);
	}
	assert_false(breaker_open(&b, 1000));
}

static void one_try_at_a_time_ever_later(void **unused)
{
	struct breaker b = { 0 };
	uint64_t now_ms = 1000, waited_ms, last_ms = 0;

	(void)unused;
	for (unsigned n = 0; n < BREAKER_FAILURES; n++)
		breaker_failed(&b, now_ms);
	for (unsigned i = 0; i < 20; i++) {
		waited_ms = 0;
		while (!breaker_take(&b, now_ms + waited_ms))
			waited_ms += 1000;
		now_ms += waited_ms;
		assert_false(breaker_take(&b, now_ms));
		assert_in_range(waited_ms, last_ms > BREAKER_FIRST_MS ? last_ms : BREAKER_FIRST_MS, BREAKER_LAST_MS);
		last_ms = waited_ms;
		breaker_failed(&b, now_ms);
	}
	assert_int_equal(last_ms, BREAKER_LAST_MS);
	breaker_answered(&b);
	assert_true(breaker_take(&b, now_ms) && breaker_take(&b, now_ms));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_in_between_keeps_it_closed),
		cmocka_unit_test(one_try_at_a_time_ever_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
