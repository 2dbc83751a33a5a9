/*
 * What all requests have in common.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "handlers/payout/rail_request.h"
#include "handlers/payout/rail_hash.h"
#include "tests/support/rail_rig.h"

static void targets(void **state)
{
	(void)state;
	assert_true(span_is(rail_url_target("https://a.example/x/y?z=1"), "/x/y?z=1"));
	assert_true(span_is(rail_url_target("https://a.example"), "/"));
	assert_true(span_is(rail_url_target("nonsense"), "/"));
}

static void a_request(void **state)
{
	static const char *const fields[] = { "A: 1", "B: 2", NULL };
	unsigned char hash[RAIL_HASH_BYTES];
	struct rail_rig rig;
	struct rail_request out;

	(void)state;
	rail_rig_begin(&rig, "http", "https://a.example/base");
	rail_request_begin(&rig.job, HTTP_POST, "/v1?x", SPAN("body"), &out);
	rail_request_fields(&rig.job, fields, &out);
	assert_string_equal(out.url, "https://a.example/base/v1?x");
	assert_true(span_is(out.target, "/base/v1?x"));
	assert_true(span_is(out.nonce, "01020304050607080000000000000000"));
	rail_hash(SPAN("body"), hash);
	assert_memory_equal(out.body_hash, hash, sizeof(hash));
	assert_string_equal(out.fields[1], "B: 2");
	assert_null(out.fields[2]);
	rail_rig_end(&rig);
}

static void instructions_fit_or_not(void **state)
{
	static const struct {
		const char *id;
		int64_t fen;
		bool fits;
	} rows[] = {
		{ .id = RAIL_RIG_ID, .fen = 10, .fits = true },
		{ .id = RAIL_RIG_ID, .fen = 100, .fits = true },
		{ .id = RAIL_RIG_ID, .fen = 9 },
		{ .id = RAIL_RIG_ID, .fen = 101 },
		{ .id = RAIL_RIG_ID, .fen = -10 },
		{ .id = "", .fen = 10 },
		{ .id = RAIL_RIG_ID "X", .fen = 10 },
		{ .id = "R7A2B3C4D5E6F7G8H9J0K1M2N-", .fen = 10 },
	};
	const struct rail_profile profile = { .min_fen = 10, .max_fen = 100 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct rail_instruction in = { .id = span_of(rows[i].id), .fen = rows[i].fen };
		struct complaint why = { 0 };

		assert_int_equal(rail_instruction_fits(&in, &profile, &why), rows[i].fits);
		assert_int_equal(why.text[0] == '\0', rows[i].fits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets),
		cmocka_unit_test(a_request),
		cmocka_unit_test(instructions_fit_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
