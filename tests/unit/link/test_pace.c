/*
 * The rate of a link: as configured, and as a carrier that refuses teaches it; reconnects that no carrier minds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/link/pace.h"

static void no_limit_is_none(void **state)
{
	struct pace pace;

	(void)state;
	pace_init(&pace, 0, 1000);
	for (int i = 0; i < 100000; i++) {
		assert_true(pace_allows(&pace, 1000));
		pace_sent(&pace);
	}
}

static void the_configured_rate_is_held(void **state)
{
	struct pace pace;
	unsigned sent = 0;

	(void)state;
	pace_init(&pace, 20, 0);
	for (uint64_t now = 0; now < 10000; now += 10)
		while (pace_allows(&pace, now)) {
			pace_sent(&pace);
			sent++;
		}
	assert_in_range(sent, 190, 205);
}

/* A carrier that takes 20 a second: how many it refuses before 200 are through. */
static void a_refusing_carrier_is_learned(void **state)
{
	struct pace pace;
	unsigned done = 0, refused = 0, in_second = 0;
	uint64_t now = 0, second = 0;

	(void)state;
	pace_init(&pace, 0, 0);
	for (; done < 200; now += 10) {
		if (now / 1000 != second) {
			second = now / 1000;
			in_second = 0;
		}
		for (int burst = 0; burst < 10 && done < 200 && pace_allows(&pace, now); burst++) {
			pace_sent(&pace);
			if (in_second++ < 20) {
				done++;
				pace_taken(&pace, now);
			} else {
				refused++;
				pace_refused(&pace, now);
			}
		}
		assert_true(now < 60000);
	}
	assert_in_range(refused, 1, 20);
	assert_true(now < 30000);
}

static void pauses_double_and_end(void **state)
{
	struct pace pace;
	uint64_t now = 0, last = 0;

	(void)state;
	pace_init(&pace, 0, 0);
	for (int i = 0; i < 10; i++) {
		uint64_t began = now;

		assert_true(pace_refused(&pace, now));
		assert_false(pace_refused(&pace, now));
		while (!pace_allows(&pace, now))
			now += 100;
		assert_true(now - began >= last || now - began >= PACE_PAUSE_MAX_MS);
		assert_true(now - began <= PACE_PAUSE_MAX_MS + 2000);
		last = now - began > 2000 ? now - began - 2000 : 0;
	}
	pace_taken(&pace, now);
	assert_int_equal(pace.pause_ms, PACE_PAUSE_MS);
}

static void reconnects_are_bounded(void **state)
{
	uint64_t random = 88172645463325252u;
	unsigned binds = 0;

	(void)state;
	for (unsigned failed = 1; failed < 50; failed++) {
		unsigned delay = pace_reconnect_ms(failed, false, random);

		random ^= random << 13, random ^= random >> 7, random ^= random << 17;
		assert_in_range(delay, 250, 15000);
		assert_in_range(pace_reconnect_ms(failed, true, random), 30000, 60000);
	}
	/* Four seconds of refusals, whatever the dice say. */
	for (unsigned at = 0, failed = 1; at < 4000; failed++, binds++)
		at += pace_reconnect_ms(failed, false, 0);
	assert_true(binds <= 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_limit_is_none),
		cmocka_unit_test(the_configured_rate_is_held),
		cmocka_unit_test(a_refusing_carrier_is_learned),
		cmocka_unit_test(pauses_double_and_end),
		cmocka_unit_test(reconnects_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
