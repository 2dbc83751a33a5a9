/*
 * daemon/core/tip/tip.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/tip/tip.h"

static void test_id_is_read_and_split(void **state)
{
	struct tip_id id;

	(void)state;
	assert_true(tip_id_parse(SPAN("15-7K3MQ2X9RD"), &id));
	assert_string_equal(id.text, "15-7K3MQ2X9RD");
	assert_true(span_is(tip_id_shard(&id), "15"));
}

static void test_anything_else_is_refused_and_leaves_the_id(void **state)
{
	static const char *const wrong[] = {
		"",
		"15",
		"15-7K3MQ2X9R",
		"15-7K3MQ2X9RDD",
		"1X-7K3MQ2X9RD",
		"15_7K3MQ2X9RD",
		"15-7k3mq2x9rd",
		"15-7K3MQ2X9RI",
		"15-7K3MQ2X9RL",
		"15-7K3MQ2X9RO",
		"15-7K3MQ2X9RU",
		"15-7K3MQ2X9R ",
		" 5-7K3MQ2X9RD",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct tip_id id = { "untouched" };

		assert_false(tip_id_parse(span_of(wrong[i]), &id));
		assert_string_equal(id.text, "untouched");
	}
	assert_false(tip_id_parse((struct span){ 0 }, &(struct tip_id){ "" }));
}

static void test_channels_have_names(void **state)
{
	(void)state;
	assert_string_equal(tip_channel_name(TIP_BY_WEB), "web");
	assert_string_equal(tip_channel_name(TIP_BY_API), "api");
	assert_string_equal(tip_channel_name(TIP_BY_SMS), "sms");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_id_is_read_and_split),
		cmocka_unit_test(test_anything_else_is_refused_and_leaves_the_id),
		cmocka_unit_test(test_channels_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
