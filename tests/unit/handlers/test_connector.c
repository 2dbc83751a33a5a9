/*
 * The connector's bodies: what is read, and that nothing half right is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/payout/connector.h"

static struct arena arena;

static int clean(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void amounts(void **state)
{
	static const struct {
		const char *tree;
		bool negative, fine;
		int64_t fen;
	} rows[] = {
		{ .tree = "{\"minor\":850000,\"currency\":\"CNY\"}", .fine = true, .fen = 850000 },
		{ .tree = "{\"currency\":\"CNY\",\"minor\":0}", .fine = true, .fen = 0 },
		{ .tree = "{\"minor\":9007199254740991,\"currency\":\"CNY\"}", .fine = true, .fen = MONEY_MAX },
		{ .tree = "{\"minor\":-5,\"currency\":\"CNY\"}", .negative = true, .fine = true, .fen = -5 },
		{ .tree = "{\"minor\":-5,\"currency\":\"CNY\"}" },
		{ .tree = "{\"minor\":9007199254740992,\"currency\":\"CNY\"}" },
		{ .tree = "{\"minor\":8.5e5,\"currency\":\"CNY\"}" },
		{ .tree = "{\"minor\":850000.0,\"currency\":\"CNY\"}" },
		{ .tree = "{\"minor\":\"850000\",\"currency\":\"CNY\"}" },
		{ .tree = "{\"minor\":850000,\"currency\":\"cny\"}" },
		{ .tree = "{\"minor\":850000,\"currency\":\"USD\"}" },
		{ .tree = "{\"minor\":850000}" },
		{ .tree = "{\"currency\":\"CNY\"}" },
		{ .tree = "{\"minor\":1,\"minor\":2,\"currency\":\"CNY\"}" },
		{ .tree = "[850000,\"CNY\"]" },
		{ .tree = "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t fen = 0;

		assert_int_equal(connector_amount_read(span_of(rows[i].tree), rows[i].negative, &arena, &fen), rows[i].fine);
		if (rows[i].fine)
			assert_int_equal(fen, rows[i].fen);
	}
}

static void a_payout(void **state)
{
	static const char body[] =
		"{\"instruction_id\":\"A1\",\"provider_ref\":\"P\",\"state\":\"succeeded\",\"final\":true,\"code\":\"OK\","
		"\"amount\":{\"minor\":7,\"currency\":\"CNY\"},\"event_id\":\"e\",\"occurred_at\":\"1970-01-01T00:00:01Z\","
		"\"payee_action\":\"x\",\"something_else\":[1,2]}";
	struct connector_payout out;

	(void)state;
	assert_true(connector_payout_read(span_of(body), &arena, &out));
	assert_int_equal(out.state, RAIL_SUCCEEDED);
	assert_true(out.final && out.has_amount && out.yuan);
	assert_int_equal(out.fen, 7);
	assert_int_equal(out.occurred_ms, 1000);
	assert_true(span_is(out.code, "OK") && span_is(out.event, "e") && span_is(out.action, "x"));
	for (size_t len = 0; len < strlen(body); len++)
		assert_false(connector_payout_read(span_from(body, len), &arena, &out));
	assert_true(connector_payout_read(SPAN("{\"state\":\"asleep\"}"), &arena, &out));
	assert_int_equal(out.state, RAIL_UNKNOWN);
	assert_false(out.has_amount || out.final);
}

static void what_has_the_wrong_kind_is_no_payout(void **state)
{
	static const char *const bad[] = {
		"{}", "{\"state\":\"\"}", "{\"state\":1}", "{\"state\":\"failed\",\"final\":\"true\"}", "{\"state\":\"failed\",\"final\":1}",
		"{\"state\":\"failed\",\"code\":7}", "{\"state\":\"failed\",\"instruction_id\":7}", "{\"state\":\"failed\",\"amount\":7}",
		"{\"state\":\"failed\",\"amount\":{}}", "{\"state\":\"failed\",\"occurred_at\":\"yesterday\"}",
		"{\"state\":\"failed\",\"retention_until\":5}",
	};
	struct connector_payout out;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(connector_payout_read(span_of(bad[i]), &arena, &out));
}

#define LIMITS "\"min\":{\"minor\":1,\"currency\":\"CNY\"},\"max\":{\"minor\":2,\"currency\":\"CNY\"}"

static void profiles(void **state)
{
	static const char *const bad[] = {
		"{}", "{\"id_retention\":1,\"anonymity\":\"anonymous\"}", "{\"id_retention\":1," LIMITS "}",
		"{\"id_retention\":1,\"anonymity\":\"perhaps\"," LIMITS "}", "{\"id_retention\":\"1\",\"anonymity\":\"anonymous\"," LIMITS "}",
		"{\"id_retention\":1,\"anonymity\":\"anonymous\",\"final_codes\":[7]," LIMITS "}",
		"{\"id_retention\":1,\"anonymity\":\"anonymous\",\"final_codes\":{}," LIMITS "}",
		"{\"id_retention\":1,\"anonymity\":\"anonymous\",\"daily\":5," LIMITS "}",
		"{\"id_retention\":99999999999,\"anonymity\":\"anonymous\"," LIMITS "}",
	};
	struct rail_profile out;
	struct complaint why;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		why = (struct complaint){ 0 };
		assert_false(connector_profile_read(span_of(bad[i]), &arena, &out, &why));
		assert_true(why.text[0] != '\0');
	}
	assert_true(connector_profile_read(SPAN("{\"id_retention\":60,\"anonymity\":\"real_name\",\"final_codes\":[\"A\",\"B\"],"
						"\"daily\":{\"minor\":9,\"currency\":\"CNY\"}," LIMITS "}"), &arena, &out, &why));
	assert_int_equal(out.id_retention_ms, 60000);
	assert_int_equal(out.nfinals, 2);
	assert_int_equal(out.daily_fen, 9);
	assert_int_equal(out.anonymity, RAIL_REAL_NAME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(amounts, clean),
		cmocka_unit_test_teardown(a_payout, clean),
		cmocka_unit_test_teardown(what_has_the_wrong_kind_is_no_payout, clean),
		cmocka_unit_test_teardown(profiles, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
