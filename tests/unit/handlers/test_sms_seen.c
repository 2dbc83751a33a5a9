/*
 * What is remembered of gateways and links.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/intake/sms_seen.h"

#include <stdio.h>

static void messages_and_faults_of_each(void **state)
{
	struct sms_sightings all = { .n = 0 };

	(void)state;
	assert_null(sms_seen_find(&all, "kannel"));
	sms_seen_message(&all, "kannel", 1000);
	sms_seen_message(&all, "kannel", 3000);
	sms_seen_fault(&all, "kannel", SMS_FAULT_FORBIDDEN, 2000);
	sms_seen_fault(&all, "other", SMS_FAULT_AGAIN, 2500);
	assert_int_equal(sms_seen_find(&all, "kannel")->messages, 2);
	assert_int_equal(sms_seen_find(&all, "kannel")->message_ms, 3000);
	assert_int_equal(sms_seen_find(&all, "kannel")->faults, 1);
	assert_int_equal(sms_seen_find(&all, "kannel")->fault_ms, 2000);
	assert_string_equal(sms_fault_name(sms_seen_find(&all, "kannel")->fault), "forbidden");
	assert_int_equal(sms_seen_find(&all, "other")->messages, 0);
	assert_string_equal(sms_fault_name(sms_seen_find(&all, "other")->fault), "again");
	assert_null(sms_fault_name(SMS_FAULT_NONE));
}

static void the_one_that_rests_longest_makes_room(void **state)
{
	struct sms_sightings all = { .n = 0 };
	char name[16];

	(void)state;
	for (int i = 0; i < SMS_SEEN_MAX; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		sms_seen_message(&all, name, 1000 + i);
	}
	sms_seen_fault(&all, "g0", SMS_FAULT_MALFORMED, 9000);
	sms_seen_message(&all, "new", 9001);
	assert_int_equal(all.n, SMS_SEEN_MAX);
	assert_null(sms_seen_find(&all, "g1"));
	assert_int_equal(sms_seen_find(&all, "g0")->messages, 1);
	assert_int_equal(sms_seen_find(&all, "new")->messages, 1);
	assert_int_equal(sms_seen_find(&all, "new")->faults, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_and_faults_of_each),
		cmocka_unit_test(the_one_that_rests_longest_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
