/*
 * Events as leaves tell them: what is told, and what is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/leaf_event.h"

#include "daemon/base/table.h"

#include <stdio.h>

#define ID "15-7K3MQ2X9RD"

static struct arena arena;

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* "event=closed outcome=verified": the values that are there, in their order. */
static const char *told(const struct leaf_event *event)
{
	static char text[512];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < LEAF_FIELDS; i++) {
		struct span name = leaf_field_name((enum leaf_field)i), value = event->values.at[i];

		if (value.len > 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s=%.*s", len > 0 ? " " : "", (int)name.len,
						name.at, (int)value.len, value.at);
	}
	return text;
}

static void events_of_tips(void **state)
{
	static const struct {
		const char *json, *wanted;
		enum leaf_class class;
	} cases[] = {
		{ "{\"e\":\"accepted\",\"id\":\"" ID "\",\"at\":5,\"region\":\"150621\",\"points\":60,\"via\":\"web\",\"why\":[\"from\"]}",
		  "event=accepted province=150000 prefecture=150600 county=150621", LEAF_RECEIVED },
		{ "{\"e\":\"received\",\"id\":\"" ID "\",\"at\":5,\"from\":\"11-7K3MQ2X9RD\",\"region\":\"150600\"}",
		  "event=received province=150000 prefecture=150600", LEAF_RECEIVED },
		{ "{\"e\":\"accepted\",\"id\":\"" ID "\",\"at\":5,\"region\":\"000000\"}", "event=accepted province=000000", LEAF_RECEIVED },
		{ "{\"e\":\"claimed\",\"id\":\"" ID "\",\"at\":5,\"by\":\"p-lin\",\"until\":9}", "event=claimed", LEAF_WORK },
		{ "{\"e\":\"claimed\",\"id\":\"" ID "\",\"at\":5,\"by\":\"p\",\"region\":\"150000\",\"waited\":7199999}",
		  "event=first_look province=150000 waited=1", LEAF_WORK },
		{ "{\"e\":\"claimed\",\"id\":\"" ID "\",\"at\":5,\"by\":\"p\",\"waited\":\"0\"}", "event=first_look waited=0", LEAF_WORK },
		{ "{\"e\":\"escalated\",\"id\":\"" ID "\",\"at\":5,\"from\":\"150621\",\"to\":\"150600\",\"why\":\"unopened\",\"waited\":7200000}",
		  "event=escalated province=150000 prefecture=150600 county=150621", LEAF_WORK },
		{ "{\"e\":\"closed\",\"id\":\"" ID "\",\"at\":5,\"by\":\"p\",\"region\":\"150600\",\"outcome\":\"prank\",\"messages\":2}",
		  "event=closed outcome=prank province=150000 prefecture=150600", LEAF_WORK },
		{ "{\"e\":\"verified\",\"id\":\"" ID "\",\"at\":5,\"by\":\"p\",\"region\":\"150600\",\"verdict\":\"unfounded\"}",
		  "event=verified outcome=unfounded province=150000 prefecture=150600", LEAF_WORK },
		{ "{\"e\":\"supplement\",\"id\":\"" ID "\",\"at\":\"5\",\"messages\":2}", "event=supplement", LEAF_WORK },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct leaf_event event;

		assert_true(leaf_event_of_tip(span_of(cases[i].json), &arena, &event));
		assert_string_equal(told(&event), cases[i].wanted);
		assert_int_equal(event.class, cases[i].class);
		assert_int_equal(event.at_ms, 5);
		assert_string_equal(event.id.text, ID);
	}
}

static void who_acted_is_apart(void **state)
{
	struct leaf_event event;

	(void)state;
	assert_true(leaf_event_of_tip(SPAN("{\"e\":\"note\",\"id\":\"" ID "\",\"at\":5,\"by\":\"of\\\"\\u674e\"}"), &arena, &event));
	assert_true(span_is(event.actor, "of\\\"\\u674e"));
	assert_string_equal(told(&event), "event=note");
	assert_true(leaf_event_of_tip(SPAN("{\"e\":\"lease_expired\",\"id\":\"" ID "\",\"at\":5,\"region\":\"150600\"}"), &arena, &event));
	assert_true(span_empty(event.actor));
}

static void what_is_no_event_is_unreadable(void **state)
{
	static const char *const wrong[] = {
		"", "{", "x", "{}", "{\"e\":\"note\"}", "{\"e\":\"note\",\"id\":\"" ID "\"}", "{\"e\":\"note\",\"at\":5}",
		"{\"e\":\"note\",\"id\":\"15\",\"at\":5}", "{\"e\":\"\",\"id\":\"" ID "\",\"at\":5}",
		"{\"e\":\"two words\",\"id\":\"" ID "\",\"at\":5}", "{\"e\":\"note\",\"id\":\"" ID "\",\"at\":-5}",
		"{\"e\":\"note\",\"id\":\"" ID "\",\"at\":18446744073709551615}", "{\"e\":\"note\",\"id\":\"" ID "\",\"at\":9223372036854775807}",
		"{\"e\":\"note\",\"id\":\"" ID "\",\"at\":5,\"region\":\"15\"}", "{\"e\":\"note\",\"id\":\"" ID "\",\"at\":5,\"region\":\"15062x\"}",
		"{\"e\":\"closed\",\"id\":\"" ID "\",\"at\":5,\"outcome\":\"Prank\"}",
		"{\"e\":\"claimed\",\"id\":\"" ID "\",\"at\":5,\"waited\":\"long\"}", "{\"e\":\"note\",\"id\":\"" ID "\",\"at\":5",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct leaf_event event;

		if (leaf_event_of_tip(span_of(wrong[i]), &arena, &event))
			fail_msg("number %zu was taken", i);
		assert_string_equal(told(&event), "event=unreadable");
		assert_int_equal(event.class, LEAF_WORK);
		assert_int_equal(event.at_ms, -1);
		assert_true(span_empty(event.actor) && event.id.text[0] == '\0');
	}
}

static void events_of_the_audit_trail(void **state)
{
	struct leaf_event event;

	(void)state;
	assert_true(leaf_event_of_audit(SPAN("{\"event\":\"tip.read\",\"at\":1795219200000,\"by\":\"p-lin\",\"region\":\"150600\","
					     "\"what\":\"15-7K3MQ2X9RD\"}"), &arena, &event));
	assert_string_equal(told(&event), "event=tip.read province=150000 prefecture=150600");
	assert_true(event.class == LEAF_OFFICE && event.at_ms == 1795219200000 && span_is(event.actor, "p-lin"));
	assert_true(event.id.text[0] == '\0');
	assert_true(leaf_event_of_audit(SPAN("{\"event\":\"key.made\",\"at\":1,\"region\":\"\"}"), &arena, &event));
	assert_string_equal(told(&event), "event=key.made");
	assert_false(leaf_event_of_audit(SPAN("{\"event\":\"key made\",\"at\":1}"), &arena, &event));
	assert_true(event.class == LEAF_OFFICE && span_is(event.values.at[LEAF_EVENT], "unreadable"));
}

static void regions_have_levels(void **state)
{
	static const char *const wrong[] = { "1", "15060", "1506210", "15062a", " 15062" };
	struct leaf_values values = { 0 };

	(void)state;
	assert_true(leaf_event_region((struct span){ 0 }, &arena, &values) && span_empty(values.at[LEAF_PROVINCE]));
	assert_true(leaf_event_region(SPAN("110101"), &arena, &values));
	assert_true(span_is(values.at[LEAF_PROVINCE], "110000") && span_is(values.at[LEAF_PREFECTURE], "110100") &&
		    span_is(values.at[LEAF_COUNTY], "110101"));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(leaf_event_region(span_of(wrong[i]), &arena, &values));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_of_tips),
		cmocka_unit_test(who_acted_is_apart),
		cmocka_unit_test(what_is_no_event_is_unreadable),
		cmocka_unit_test(events_of_the_audit_trail),
		cmocka_unit_test(regions_have_levels),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
