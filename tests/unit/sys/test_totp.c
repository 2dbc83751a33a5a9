/*
 * Codes of the second factor: the vectors of RFC 4226 (appendix D) and RFC 6238
 * (appendix B, the last six digits), and which neighbours of now count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/sys/totp.h"

static const unsigned char *const secret = (const unsigned char *)"12345678901234567890";

static void counters_give_the_codes_of_the_rfc(void **state)
{
	static const char *const codes[] = { "755224", "287082", "359152", "969429", "338314",
					     "254676", "287922", "162583", "399871", "520489" };
	char code[TOTP_DIGITS + 1];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		totp_code(secret, (int64_t)i, code);
		assert_string_equal(code, codes[i]);
	}
}

static void times_give_the_codes_of_the_rfc(void **state)
{
	static const struct {
		int64_t at_s;
		const char *code;
	} rows[] = {
		{ 59, "287082" },	  { 1111111109, "081804" }, { 1111111111, "050471" },
		{ 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(totp_step_of(secret, span_of(rows[i].code), rows[i].at_s * 1000), rows[i].at_s / 30);
}

static void neighbours_count_and_no_others(void **state)
{
	const int64_t now_ms = 1795363215000, now = now_ms / TOTP_STEP_MS;
	char code[TOTP_DIGITS + 1];

	(void)state;
	for (int64_t step = now - 3; step <= now + 3; step++) {
		totp_code(secret, step, code);
		assert_int_equal(totp_step_of(secret, span_of(code), now_ms), step >= now - 1 && step <= now + 1 ? step : -1);
	}
}

static void what_is_no_code_is_none(void **state)
{
	static const char *const none[] = { "", "28708", "2870820", "28708x", "-87082", "000000", "287 82" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(none); i++)
		assert_int_equal(totp_step_of(secret, span_of(none[i]), 59000), -1);
}

/* At the very beginning there is no step before the first. */
static void no_step_lies_before_the_first(void **state)
{
	char code[TOTP_DIGITS + 1];

	(void)state;
	totp_code(secret, -1, code);
	assert_int_equal(totp_step_of(secret, span_of(code), 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_give_the_codes_of_the_rfc), cmocka_unit_test(times_give_the_codes_of_the_rfc),
		cmocka_unit_test(neighbours_count_and_no_others),     cmocka_unit_test(what_is_no_code_is_none),
		cmocka_unit_test(no_step_lies_before_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
