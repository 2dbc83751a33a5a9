/*
 * V5, events: what the journals say is accepted, and nothing that could be
 * somebody's words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/cli/verify_event.h"

#include "daemon/base/table.h"

static const char *judge(const char *json)
{
	const char *member;

	return verify_event_judge(span_of(json), &member);
}

static void test_what_is_written_is_accepted(void **state)
{
	static const char *const events[] = {
		("{\"e\":\"accepted\",\"id\":\"15-7K3MQ2X9RD\",\"at\":1763748000000,\"region\":\"150602\",\"points\":55,\"via\":\"web\","
		"\"why\":\"text\",\"confidence\":90,\"rules\":[\"child\",\"vehicle.plate\"],\"rules_version\":\"0a1b2c3d\","
		"\"mark\":\"00112233445566778899aabbccddeeff\",\"sender\":\"1234567890123456\"}"),
		("{\"e\":\"escalated\",\"id\":\"15-7K3MQ2X9RD\",\"at\":5,\"from\":\"150602\",\"to\":\"150600\",\"why\":\"unopened\","
		"\"level\":\"prefecture\",\"since\":1,\"waited\":4}"),
		"{\"e\":\"delivered\",\"id\":\"15-7K3MQ2X9RD\",\"at\":5,\"via\":\"kannel\"}",
		"{\"e\":\"transferred_away\",\"id\":\"15-7K3MQ2X9RD\",\"at\":5,\"by\":\"zhang.san@b\",\"to\":\"11-7K3MQ2X9RD\"}",
		"{\"e\":\"rescored\",\"id\":\"15-7K3MQ2X9RD\",\"at\":5,\"by\":\"linker\",\"points\":88,\"rules\":[],\"context\":\"3 0 1 0 0\"}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(events); i++)
		assert_null(judge(events[i]));
}

static void test_words_have_no_place(void **state)
{
	static const char *const events[] = {
		"{\"e\":\"accepted\",\"text\":\"x\"}",
		"{\"e\":\"whatever\"}",
		"{\"e\":\"note\",\"by\":\"13800138000\"}",
		"{\"e\":\"note\",\"by\":\"\xe5\xbc\xa0\xe4\xb8\x89\"}",
		"{\"e\":\"note\",\"why\":\"call me\"}",
		"{\"e\":\"note\",\"id\":\"15-7k3mq2x9rd!\"}",
		"{\"e\":\"note\",\"at\":\"now\"}",
		"{\"e\":\"note\",\"at\":1234567890123456789}",
		"{\"e\":\"note\",\"rules\":[\"13800138000\"]}",
		"{\"e\":\"note\",\"rules\":[{\"a\":1}]}",
		"{\"e\":\"rescored\",\"context\":\"13800138000\"}",
		"{\"e\":\"closed\",\"outcome\":\"his_name_is\"}",
		"{\"e\":\"note\"",
		"{\"e\":\"note\"} and more",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(events); i++)
		assert_non_null(judge(events[i]));
}

#define LONG_HASH "0123456789012345678901234567890123456789012345678901234567890123"

static void test_the_trail(void **state)
{
	const char *member;

	(void)state;
	assert_null(verify_trail_judge(SPAN("{\"event\":\"read\",\"at\":5,\"by\":\"officer\",\"token\":\"1234567890123456\",\"roles\":\"officer desk\","
					    "\"call\":\"tip\",\"id\":\"15-1234567890\",\"query\":\"from=2 held=me ?\",\"unattended\":true,\"run\":\"00112233445566ff\",\"n\":3}"),
				       &member));
	assert_null(verify_trail_judge(SPAN("{\"event\":\"config_changed\",\"at\":5,\"id\":\"log.origin\",\"from\":\"a b\",\"to\":\"?\"}"), &member));
	assert_non_null(verify_trail_judge(SPAN("{\"event\":\"read\",\"id\":\"138-0013-8000\"}"), &member));
	assert_string_equal(member, "id");
	assert_non_null(verify_trail_judge(SPAN("{\"event\":\"read\",\"unattended\":false}"), &member));
	assert_null(verify_trail_judge(SPAN("{\"event\":\"export\",\"query\":\"n=3 seed=" LONG_HASH "\"}"), &member));
	assert_non_null(verify_trail_judge(SPAN("{\"event\":\"export\",\"query\":\"of=" LONG_HASH "\"}"), &member));
	assert_non_null(verify_trail_judge(SPAN("{\"event\":\"export\",\"query\":\"seed=13800138000\"}"), &member));
	assert_non_null(verify_trail_judge(SPAN("{\"event\":\"read\",\"query\":\"text=\xe5\xbc\xa0\"}"), &member));
	assert_non_null(verify_trail_judge(SPAN("{\"event\":\"read\",\"words\":\"x\"}"), &member));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_accepted),
		cmocka_unit_test(test_words_have_no_place),
		cmocka_unit_test(test_the_trail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
