/*
 * The rows of accounts: what was written is read, and every wrong
 * line is named with what is expected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/sys/accounts_file.h"

#include <stdio.h>

#define HASH "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define MADE "\"made\":\"2026-11-21T18:06:27Z\""
#define HEAD "{\"person\":\"li\",\"name\":\"Li Wei\",\"state\":\"active\","
#define GRANT "{\"role\":\"officer\",\"region\":\"150602\",\"from\":null,\"until\":\"2027-01-01T00:00:00Z\"}"
#define FACTOR "\"totp\":{\"sealed\":\"0aff\",\"step\":59845440}"
#define WHOLE                                                                                                          \
	HEAD "\"grants\":[" GRANT "]," FACTOR ",\"setup\":{\"sha256\":\"" HASH "\",\"until\":\"2026-11-22T18:06:27Z\"}," \
	     "\"recovery\":{\"by\":\"admin\",\"at\":\"2026-11-22T18:06:27Z\"}," MADE "}\n"

static struct complaint why;

static void what_was_written_is_read(void **state)
{
	struct account_rows rows = { 0 };
	struct buf text = { 0 };

	(void)state;
	assert_true(account_rows_parse(&rows, SPAN(WHOLE "\n{\"person\":\"wang\",\"name\":\"王\",\"state\":\"invited\",\"grants\":[]," MADE "}\n"),
				     &why));
	assert_int_equal(rows.n, 2);
	assert_int_equal(rows.at[0].ngrants, 1);
	assert_int_equal(rows.at[0].grants[0].role, TOKEN_OFFICER);
	assert_string_equal(rows.at[0].grants[0].region, "150602");
	assert_int_equal(rows.at[0].grants[0].until_ms, INT64_C(1798761600000));
	assert_int_equal(rows.at[0].totp_step, 59845440);
	assert_true(span_eq(rows.at[0].totp_sealed, SPAN("\x0a\xff")));
	assert_string_equal(rows.at[0].recovery_by, "admin");
	assert_int_equal(rows.at[1].totp_step, -1);
	assert_int_equal(rows.at[1].state, ACCOUNT_INVITED);
	account_rows_print(&rows, &text);
	assert_true(span_is(span_from(text.at, strlen(WHOLE)), WHOLE));
	account_rows_release(&rows);
	buf_release(&text);
}

/* Line and what is expected, of each member. */
static void wrong_lines_are_named(void **state)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{ "[]\n", "JSON object" },
		{ "{\n", "JSON object" },
		{ "{}\n", "person: expected" },
		{ "{\"person\":\"a b\"}\n", "person: expected" },
		{ "{\"person\":\"a\"}\n", "name: expected" },
		{ "{\"person\":\"a\",\"name\":\"\"}\n", "name: expected" },
		{ "{\"person\":\"a\",\"name\":\"A\"}\n", "state: expected" },
		{ "{\"person\":\"a\",\"name\":\"A\",\"state\":\"lost\"}\n", "state: expected" },
		{ HEAD "\"grants\":[]}\n", "made: expected" },
		{ HEAD MADE "}\n", "grants: expected" },
		{ HEAD "\"grants\":{}," MADE "}\n", "grants: expected" },
		{ HEAD "\"grants\":[1]," MADE "}\n", "grants: expected" },
		{ HEAD "\"grants\":[{\"role\":\"king\"}]," MADE "}\n", "role: expected" },
		{ HEAD "\"grants\":[{\"role\":\"officer\",\"region\":\"15\"}]," MADE "}\n", "region: expected" },
		{ HEAD "\"grants\":[{\"role\":\"officer\",\"region\":\"150000\",\"from\":\"soon\"}]," MADE "}\n", "from and until: expected" },
		{ HEAD "\"grants\":[{\"role\":\"officer\",\"region\":\"150000\",\"from\":\"2026-11-21T18:06:27Z\","
		       "\"until\":\"2026-11-21T18:06:27Z\"}]," MADE "}\n",
		  "from and until: expected" },
		{ HEAD "\"grants\":[]," MADE "}\n", "state: expected active with a second factor" },
		{ HEAD "\"grants\":[],\"totp\":1," MADE "}\n", "totp: expected" },
		{ HEAD "\"grants\":[],\"totp\":{\"sealed\":\"\"}," MADE "}\n", "totp.sealed: expected" },
		{ HEAD "\"grants\":[],\"totp\":{\"sealed\":\"0x\"}," MADE "}\n", "totp.sealed: expected" },
		{ HEAD "\"grants\":[],\"totp\":{\"sealed\":\"00\",\"step\":-1}," MADE "}\n", "totp.step: expected" },
		{ HEAD "\"grants\":[]," FACTOR ",\"setup\":{}," MADE "}\n", "setup.sha256: expected" },
		{ HEAD "\"grants\":[]," FACTOR ",\"setup\":{\"sha256\":\"" HASH "\"}," MADE "}\n", "setup.until: expected" },
		{ HEAD "\"grants\":[]," FACTOR ",\"recovery\":{\"by\":\"li\"}," MADE "}\n", "recovery.by: expected" },
		{ HEAD "\"grants\":[]," FACTOR ",\"recovery\":{\"by\":\"wang\"}," MADE "}\n", "recovery.at: expected" },
		{ "{\"person\":\"a\",\"name\":\"A\",\"state\":\"invited\",\"grants\":[]," FACTOR "," MADE "}\n", "state: expected" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct account_rows read = { 0 };

		assert_false(account_rows_parse(&read, span_of(rows[i].line), &why));
		assert_int_equal(why.line, 1);
		assert_non_null(strstr(why.text, ACCOUNTS_FILE ":1: "));
		assert_non_null(strstr(why.text, rows[i].says));
		assert_non_null(strstr(why.text, "from a copy"));
		assert_int_equal(read.n, 0);
		account_rows_release(&read);
	}
}

static void nobody_stands_there_twice(void **state)
{
	struct account_rows rows = { 0 };

	(void)state;
	assert_false(account_rows_parse(&rows, SPAN(WHOLE WHOLE), &why));
	assert_int_equal(why.line, 2);
	assert_int_equal(rows.n, 1);
	account_rows_release(&rows);
}

static void seventeen_grants_are_too_many(void **state)
{
	struct account_rows rows = { 0 };
	struct buf text = { 0 };

	(void)state;
	buf_add_text(&text, HEAD "\"grants\":[" GRANT);
	for (size_t i = 0; i < ACCOUNT_GRANTS_MAX; i++)
		buf_add_text(&text, "," GRANT);
	buf_add_text(&text, "]," FACTOR "," MADE "}\n");
	assert_false(account_rows_parse(&rows, buf_span(&text), &why));
	assert_non_null(strstr(why.text, "at most 16"));
	account_rows_release(&rows);
	buf_release(&text);
}

static void a_file_that_is_cut_is_refused(void **state)
{
	(void)state;
	for (size_t cut = 1; cut < strlen(WHOLE); cut++) {
		struct account_rows rows = { 0 };

		assert_false(account_rows_parse(&rows, span_from(WHOLE, cut), &why));
		account_rows_release(&rows);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),	 cmocka_unit_test(wrong_lines_are_named),
		cmocka_unit_test(nobody_stands_there_twice),	 cmocka_unit_test(seventeen_grants_are_too_many),
		cmocka_unit_test(a_file_that_is_cut_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
