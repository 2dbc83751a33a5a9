/*
 * Waits between tries, over hours in a moment: what a guesser gets, and that no
 * stranger keeps an officer out.
 */
#include "handlers/staff/slowdown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define HOUR_S 3600
#define KNOWN SPAN_INIT("0123456789abcdef")

static const unsigned char seed[16] = "sixteen letters";
static const struct span officer = SPAN_INIT("chen");
static struct slowdown *slowdown;
static uint64_t now;   /* milliseconds */

static int begin(void **state)
{
	(void)state;
	slowdown = slowdown_new(seed);
	now = 1000000;
	return 0;
}

static int finish(void **state)
{
	(void)state;
	slowdown_free(slowdown);
	return 0;
}

static struct slowdown_try from(uint64_t place)
{
	return (struct slowdown_try){ .account = officer, .place = place };
}

static struct slowdown_try by_device(void)
{
	return (struct slowdown_try){ .account = officer, .place = 1, .device = KNOWN };
}

/* 0: let in; else the seconds it was told to wait. */
static unsigned ask(struct slowdown_try of)
{
	unsigned wait_s = 0;

	if (slowdown_begin(slowdown, &of, now, &wait_s))
		return 0;
	assert_in_range(wait_s, 1, SLOWDOWN_WAIT_MAX_S);
	return wait_s;
}

static void waits_double_up_to_a_minute(void **state)
{
	static const unsigned waits[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };

	(void)state;
	for (int i = 0; i < SLOWDOWN_FREE; i++)
		assert_int_equal(ask(from(1)), 0);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_int_equal(ask(from(1)), waits[i]);
		now += waits[i] * UINT64_C(1000);
		assert_int_equal(ask(from(1)), 0);
	}
}

static void who_waited_a_second_too_little_waits_on(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(from(1)), 0);
	assert_int_equal(ask(from(1)), 1);
	now += 999;
	assert_int_equal(ask(from(1)), 1);
	now += 1;
	assert_int_equal(ask(from(1)), 0);
	assert_int_equal(ask(from(1)), 2);
	/* Asking does not make it longer. */
	now += 1500;
	assert_int_equal(ask(from(1)), 1);
	now += 500;
	assert_int_equal(ask(from(1)), 0);
}

static void a_success_wipes_the_count(void **state)
{
	struct slowdown_try mine = from(1);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(mine), 0);
	assert_int_equal(ask(mine), 1);
	now += 1000;
	assert_int_equal(ask(mine), 0);
	slowdown_succeeded(slowdown, &mine);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(mine), 0);
	assert_int_equal(ask(mine), 1);
}

static void a_quarter_of_an_hour_wipes_it_too(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(from(1)), 0);
	now += SLOWDOWN_FORGET_MS;
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(from(1)), 0);
	assert_int_equal(ask(from(1)), 1);
}

/* A try that found no thread: as if it had not been. */
static void what_was_not_tried_does_not_count(void **state)
{
	struct slowdown_try mine = from(1);

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(ask(mine), 0);
		slowdown_take_back(slowdown, &mine);
	}
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(mine), 0);
	assert_int_equal(ask(mine), 1);
}

static void accounts_do_not_touch_each_other(void **state)
{
	struct slowdown_try other = from(1);

	(void)state;
	other.account = SPAN("li");
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(from(1)), 0);
	assert_int_equal(ask(from(1)), 1);
	assert_int_equal(ask(other), 0);
}

/* Tries at the same moment are no way around the count. */
static void many_at_once_from_many_places(void **state)
{
	unsigned in = 0;

	(void)state;
	for (uint64_t place = 1; place <= 5000; place++)
		in += ask(from(place)) == 0;
	assert_int_equal(in, SLOWDOWN_BUCKET);
	now += 10 * SLOWDOWN_REFILL_MS;
	for (uint64_t place = 5001; place <= 10000; place++)
		in += ask(from(place)) == 0;
	assert_int_equal(in, SLOWDOWN_BUCKET + 10);
}

/* Addresses that try whenever they may, for two hours; each second the officer's way in is looked at. */
static void hammer(unsigned places, void (*each_second)(unsigned second))
{
	for (unsigned second = 0; second < 2 * HOUR_S; second++, now += 1000) {
		for (uint64_t place = 1; place <= places; place++)
			(void)ask(from(1000 + place));
		each_second(second);
	}
}

static void device_comes(unsigned second)
{
	struct slowdown_try mine = by_device();

	if (second % 97 != 0)
		return;
	assert_int_equal(ask(mine), 0);
	slowdown_succeeded(slowdown, &mine);
}

static void a_known_device_never_waits_for_strangers(void **state)
{
	(void)state;
	hammer(200, device_comes);
}

static uint64_t may_come_ms, place_of_officer;

/* A new device every ten minutes: it does as it is told, and is in within a minute. */
static void new_device_comes(unsigned second)
{
	unsigned wait_s;

	if (second % 600 == 5) {
		place_of_officer++;
		wait_s = ask(from(place_of_officer));
		may_come_ms = wait_s > 0 ? now + wait_s * UINT64_C(1000) : 0;
	}
	if (may_come_ms == 0 || now < may_come_ms)
		return;
	assert_int_equal(ask(from(place_of_officer)), 0);
	may_come_ms = 0;
}

static void a_new_device_waits_a_minute_at_most(void **state)
{
	(void)state;
	may_come_ms = 0;
	place_of_officer = 500000;
	hammer(200, new_device_comes);
	assert_true(place_of_officer > 500010);
}

/* One try a minute and address is what all that gets: 200 addresses, two hours. */
static void what_a_guesser_gets(void **state)
{
	unsigned in = 0;

	(void)state;
	for (unsigned second = 0; second < 2 * HOUR_S; second++, now += 1000)
		for (uint64_t place = 1; place <= 200; place++)
			in += ask(from(place)) == 0;
	assert_in_range(in, 1, 200 * 130);
	/* And one address alone. */
	in = 0;
	for (unsigned second = 0; second < 2 * HOUR_S; second++, now += 1000)
		in += ask((struct slowdown_try){ .account = SPAN("li"), .place = 7 }) == 0;
	assert_in_range(in, 100, 130);
}

/* A device whose mark was stolen guesses as slowly. */
static void a_device_has_a_count_too(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(by_device()), 0);
	assert_int_equal(ask(by_device()), 1);
	assert_int_equal(ask(from(1)), 0);
}

/* Accounts and places that are made up: nothing grows, and a wait that was earned lasts. */
static void a_flood_of_names_costs_no_memory(void **state)
{
	char name[32];

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(by_device()), 0);
	for (unsigned i = 0; i < 200000; i++) {
		struct slowdown_try of = { .account = { .at = name }, .place = i };

		of.account.len = (size_t)snprintf(name, sizeof(name), "nobody-%u", i);
		assert_int_equal(ask(of), 0);
	}
	assert_int_equal(ask(by_device()), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(waits_double_up_to_a_minute, begin, finish),
		cmocka_unit_test_setup_teardown(who_waited_a_second_too_little_waits_on, begin, finish),
		cmocka_unit_test_setup_teardown(a_success_wipes_the_count, begin, finish),
		cmocka_unit_test_setup_teardown(a_quarter_of_an_hour_wipes_it_too, begin, finish),
		cmocka_unit_test_setup_teardown(what_was_not_tried_does_not_count, begin, finish),
		cmocka_unit_test_setup_teardown(accounts_do_not_touch_each_other, begin, finish),
		cmocka_unit_test_setup_teardown(many_at_once_from_many_places, begin, finish),
		cmocka_unit_test_setup_teardown(a_known_device_never_waits_for_strangers, begin, finish),
		cmocka_unit_test_setup_teardown(a_new_device_waits_a_minute_at_most, begin, finish),
		cmocka_unit_test_setup_teardown(what_a_guesser_gets, begin, finish),
		cmocka_unit_test_setup_teardown(a_device_has_a_count_too, begin, finish),
		cmocka_unit_test_setup_teardown(a_flood_of_names_costs_no_memory, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
