/*
 * Receipt codes. The fixed values were made with Python:
 *
 *   n = shard + "%020d" % (int.from_bytes(random, "big") % 10**20)
 *   code = n + "%02d" % (98 - int(n) * 100 % 97)
 *   h = hashlib.blake2b(code, digest_size=32, key=bytes(range(32)), person=b"tipline trace 1\0")
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/tip/receipt.h"

#include <stdio.h>
#include <sodium.h>

static const unsigned char counting[32] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
					    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };

static struct receipt_code some_code(unsigned seed)
{
	unsigned char random[32];
	struct receipt_code code;

	crypto_hash_sha256(random, (const unsigned char *)&seed, sizeof(seed));
	receipt_make("15", random, &code);
	return code;
}

static void codes_are_those_of_python(void **state)
{
	static const struct {
		const char *shard;
		unsigned char random[16];
		const char *code;
	} cases[] = {
		{ "15",
		  { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
		  "150605095539573136129537" },
		{ "00", { 0 }, "000000000000000000000098" },
		{ "65",
		  { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 },
		  "656337460743176821145528" },
		/* 10^20 - 1 and 10^20 */
		{ "82",
		  { [7] = 5, 0x6b, 0xc7, 0x5e, 0x2d, 0x63, 0x0f, 0xff, 0xff },
		  "829999999999999999999963" },
		{ "11", { [7] = 5, 0x6b, 0xc7, 0x5e, 0x2d, 0x63, 0x10, 0, 0 }, "110000000000000000000017" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct receipt_code code;

		receipt_make(cases[i].shard, cases[i].random, &code);
		assert_string_equal(code.digits, cases[i].code);
		assert_int_equal(receipt_parse(span_of(code.digits), &code), RECEIPT_FINE);
	}
}

/* The example of ISO/IEC 7064: 794 has the check digits 44. */
static void the_standards_example_passes(void **state)
{
	struct receipt_code code;

	(void)state;
	assert_int_equal(receipt_parse(SPAN("000000000000000000079444"), &code), RECEIPT_FINE);
	/* 01 would fit modulo 97 as 98 does; check digits are 02..98 alone, so a code has one spelling. */
	assert_int_equal(receipt_parse(SPAN("000000000000000000000001"), &code), RECEIPT_CHECK);
}

static void every_spelling_is_the_same_code(void **state)
{
	static const char *const spellings[] = {
		"150605095539573136129537",
		"1506 0509 5539 5731 3612 9537",
		"1506-0509-5539-5731-3612-9537",
		"  1506 - 0509\t55395731\r\n36129537 ",
		"１５０６０５０９５５３９５７３１３６１２９５３７",
		"１５０６　０５０９　5539　5731—3612–9537",
		"1506\xc2\xa0"
		"0509\xe2\x80\xaf"
		"5539\xe2\x88\x92"
		"5731－3612﹣9537",
		"1506 \xe2\x80\x8e 05095539573136129537",
	};
	struct receipt_trace first, trace;
	struct receipt_code code;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(spellings); i++) {
		assert_int_equal(receipt_parse(span_of(spellings[i]), &code), RECEIPT_FINE);
		assert_string_equal(code.digits, "150605095539573136129537");
		receipt_trace(counting, &code, &trace);
		if (i == 0)
			first = trace;
		assert_string_equal(trace.id.text, first.id.text);
		assert_memory_equal(trace.mark, first.mark, sizeof(trace.mark));
	}
}

static void faults_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		enum receipt_fault fault;
	} cases[] = {
		{ "", RECEIPT_LENGTH },
		{ "1506", RECEIPT_LENGTH },
		{ "1506050955395731361295370", RECEIPT_LENGTH },
		{ "1506050955395731361295376666666666666666666666666", RECEIPT_LENGTH },
		{ "150605095539573136129538", RECEIPT_CHECK },
		{ "15060509553957313612953x", RECEIPT_NOT_DIGITS },
		{ "code 1506 0509 5539 5731 3612 9537", RECEIPT_NOT_DIGITS },
		{ "一五〇六", RECEIPT_NOT_DIGITS },
		{ "150605095539573136129537\xef\xbc", RECEIPT_NOT_DIGITS },
		{ "150605095539573136129537\xff", RECEIPT_NOT_DIGITS },
	};
	struct receipt_code code = { "untouched" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(receipt_parse(span_of(cases[i].text), &code), cases[i].fault);
		assert_string_equal(code.digits, "untouched");
	}
}

/* What MOD 97-10 is for: no slip of one digit and no swap of two neighbours passes. */
static void slips_are_seen(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 50; seed++) {
		struct receipt_code code = some_code(seed), read;

		for (size_t i = 0; i < RECEIPT_DIGITS; i++) {
			char right = code.digits[i];

			for (char wrong = '0'; wrong <= '9'; wrong++) {
				code.digits[i] = wrong;
				assert_int_equal(receipt_parse(span_of(code.digits), &read),
						 wrong == right ? RECEIPT_FINE : RECEIPT_CHECK);
			}
			code.digits[i] = right;
			if (i == 0 || code.digits[i - 1] == right)
				continue;
			code.digits[i] = code.digits[i - 1];
			code.digits[i - 1] = right;
			assert_int_equal(receipt_parse(span_of(code.digits), &read), RECEIPT_CHECK);
			code.digits[i - 1] = code.digits[i];
			code.digits[i] = right;
		}
	}
}

static void shown_and_read_again(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 1000; seed++) {
		struct receipt_code code = some_code(seed), read;
		char shown[30];

		receipt_show(&code, shown);
		assert_int_equal(strlen(shown), 29);
		assert_int_equal(receipt_parse(span_of(shown), &read), RECEIPT_FINE);
		assert_string_equal(read.digits, code.digits);
		assert_true(receipt_hidden_in(span_of(shown)));
	}
}

static void the_trace_is_that_of_python(void **state)
{
	struct receipt_code code;
	struct receipt_trace trace;
	char mark[2 * RECEIPT_MARK_BYTES + 1];

	(void)state;
	assert_int_equal(receipt_parse(SPAN("150605095539573136129537"), &code), RECEIPT_FINE);
	receipt_trace(counting, &code, &trace);
	sodium_bin2hex(mark, sizeof(mark), trace.mark, sizeof(trace.mark));
	assert_string_equal(trace.id.text, "15-5X113A51JE");
	assert_string_equal(mark, "2e47d6264a0927744ee226227853eda1");
}

static void another_key_gives_another_trace(void **state)
{
	unsigned char other[32] = { 1 };
	struct receipt_code code = some_code(1);
	struct receipt_trace a, b;

	(void)state;
	receipt_trace(counting, &code, &a);
	receipt_trace(other, &code, &b);
	assert_string_not_equal(a.id.text, b.id.text);
	assert_memory_not_equal(a.mark, b.mark, sizeof(a.mark));
}

static void codes_in_text_are_seen(void **state)
{
	static const char *const with[] = {
		"150605095539573136129537",
		"我的编号是１５０６ ０５０９ ５５３９ ５７３１ ３６１２ ９５３７，谢谢",
		"see 1506-0509-5539-5731-3612-9537.",
		"tel 13800138000 1506 0509 5539 5731 3612 9537",
		"13800138000,150605095539573136129537;99",
		"1506 0509 5539 5731 3612 9537 13800138000",
	};
	static const char *const without[] = {
		"",
		"13800138000",
		"150605095539573136129538",  /* the check does not fit */
		"1506050955395731361295371", /* part of a longer number */
		"9150605095539573136129537",
		"1506 0509 5539 57x31 3612 9537",
		"15060509553957313612     9537", /* two numbers in columns */
		"京A12345 110101199003074578 13800138000",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(with); i++)
		assert_true(receipt_hidden_in(span_of(with[i])));
	for (size_t i = 0; i < COUNT_OF(without); i++)
		assert_false(receipt_hidden_in(span_of(without[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_python),
		cmocka_unit_test(the_standards_example_passes),
		cmocka_unit_test(every_spelling_is_the_same_code),
		cmocka_unit_test(faults_are_told_apart),
		cmocka_unit_test(slips_are_seen),
		cmocka_unit_test(shown_and_read_again),
		cmocka_unit_test(the_trace_is_that_of_python),
		cmocka_unit_test(another_key_gives_another_trace),
		cmocka_unit_test(codes_in_text_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
