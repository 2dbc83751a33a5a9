/*
 * Repetitions without an id get one number: at any second, over restarts, and when the number changes in between;
 * what is said again later gets another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/intake/sms_repeats.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HOUR INT64_C(3600000)
#define BEGIN (INT64_C(497222) * HOUR)

static const unsigned char a[16] = "a mark of sixtee", b[16] = "another sixteen!";

static void repetitions_within_a_minute_are_one(void **state)
{
	struct sms_repeats *r = sms_repeats_new(NULL, BEGIN);

	(void)state;
	/* Over three hours, every 50 s: always a repetition of the last one. */
	uint64_t first = sms_repeats_number(r, a, BEGIN);
	for (int64_t at = 0; at < 3 * HOUR; at += 50000)
		assert_int_equal(sms_repeats_number(r, a, BEGIN + at), first);
	sms_repeats_free(r);
}

static void what_is_said_again_later_is_another(void **state)
{
	struct sms_repeats *r = sms_repeats_new(NULL, BEGIN);
	uint64_t last = 0;

	(void)state;
	for (int64_t at = 0; at < 3 * HOUR; at += 64000) {
		uint64_t number = sms_repeats_number(r, a, BEGIN + at);

		/* Never one that it had: that would be the message before. */
		assert_true(number > last);
		assert_int_equal(sms_repeats_number(r, a, BEGIN + at + 3000), number);
		last = number;
	}
	sms_repeats_free(r);
}

static void all_daemons_have_one_number(void **state)
{
	struct sms_repeats *r = sms_repeats_new(NULL, BEGIN - 3 * HOUR), *s = sms_repeats_new(NULL, BEGIN + 1000);

	(void)state;
	assert_int_equal(sms_repeats_number(r, a, BEGIN + 2000), sms_repeats_number(s, a, BEGIN + 5000));
	assert_int_equal(sms_repeats_number(r, b, BEGIN + HOUR - 1), sms_repeats_number(s, b, BEGIN + 70000));
	sms_repeats_free(r);
	sms_repeats_free(s);
}

/* A process dies at each second around a change of the number; the repetition comes to the next one. */
static void a_restart_changes_nothing(void **state)
{
	char path[] = "/tmp/tipline-repeats-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	for (int64_t at = HOUR - 10000; at < HOUR + 20000; at += 1000) {
		struct sms_repeats *r = sms_repeats_new(path, BEGIN);
		uint64_t other = sms_repeats_number(r, b, BEGIN);
		uint64_t number = sms_repeats_number(r, a, BEGIN + at);

		(void)other;
		sms_repeats_free(r);
		r = sms_repeats_new(path, BEGIN + at + 10000);
		assert_int_equal(sms_repeats_number(r, a, BEGIN + at + 30000), number);
		sms_repeats_free(r);
		unlink(path);
	}
}

static void a_damaged_file_is_no_reason_to_stop(void **state)
{
	char path[] = "/tmp/tipline-repeats-XXXXXX";
	int fd = mkstemp(path);
	struct sms_repeats *r;

	(void)state;
	assert_int_equal(write(fd, "no number", 9), 9);
	close(fd);
	r = sms_repeats_new(path, BEGIN);
	assert_int_equal(sms_repeats_number(r, a, BEGIN), sms_repeats_number(r, a, BEGIN + 1000));
	sms_repeats_free(r);
	/* A number from the future is given up after a minute. */
	r = sms_repeats_new(path, BEGIN - 24 * HOUR);
	assert_int_equal(sms_repeats_number(r, a, BEGIN - 24 * HOUR), BEGIN);
	assert_int_equal(sms_repeats_number(r, b, BEGIN - 24 * HOUR + 70000), BEGIN - 24 * HOUR);
	sms_repeats_free(r);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repetitions_within_a_minute_are_one),
		cmocka_unit_test(what_is_said_again_later_is_another),
		cmocka_unit_test(all_daemons_have_one_number),
		cmocka_unit_test(a_restart_changes_nothing),
		cmocka_unit_test(a_damaged_file_is_no_reason_to_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
