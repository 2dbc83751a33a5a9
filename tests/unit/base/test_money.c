/*
 * Whole fen: results are right or refused, and text comes back as it went.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/base/money.h"

#include <stdlib.h>

static void adds_and_refuses(void **state)
{
	int64_t out = 7;

	(void)state;
	assert_true(money_add(MONEY_MAX - 1, 1, &out));
	assert_int_equal(out, MONEY_MAX);
	assert_false(money_add(MONEY_MAX, 1, &out));
	assert_false(money_subtract(-MONEY_MAX, 1, &out));
	assert_false(money_add(INT64_MAX, -INT64_MAX, &out));
	assert_false(money_multiply(INT64_C(1) << 40, INT64_C(1) << 40, &out));
	assert_int_equal(out, MONEY_MAX);
	assert_true(money_multiply(30000, -2, &out));
	assert_int_equal(out, -60000);
}

/* Against long division in floating numbers of more bits than needed. */
static void scales_half_up(void **state)
{
	int64_t out;

	(void)state;
	assert_true(money_scale(850000, 6000, 10000, &out));
	assert_int_equal(out, 510000);
	assert_true(money_scale(1, 1, 2, &out));
	assert_int_equal(out, 1);
	assert_true(money_scale(-1, 1, 2, &out));
	assert_int_equal(out, -1);
	assert_true(money_scale(1, 4999, 10000, &out));
	assert_int_equal(out, 0);
	assert_false(money_scale(MONEY_MAX, 2, 1, &out));
	srand(5);
	for (int i = 0; i < 20000; i++) {
		int64_t a = ((int64_t)rand() << 20 | rand() % 1048576) % MONEY_MAX;
		int64_t n = rand() % 10001, d = rand() % 10000 + 1;
		long double exact = (long double)a * (long double)n / (long double)d;

		if (!money_scale(a, n, d, &out)) {
			assert_true(exact > (long double)MONEY_MAX - 1);
			continue;
		}
		assert_true((long double)out - exact <= 0.5L && exact - (long double)out <= 0.5L);
	}
}

static void text_comes_back(void **state)
{
	static const int64_t amounts[] = { 0, 1, 9, 10, 850000, 999999999, MONEY_MAX };
	char text[MONEY_TEXT_MAX];
	int64_t back;

	(void)state;
	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
		assert_true(money_read(money_write(amounts[i], text), false, &back));
		assert_int_equal(back, amounts[i]);
		if (amounts[i] > 0) {
			assert_false(money_read(money_write(-amounts[i], text), false, &back));
			assert_true(money_read(money_write(-amounts[i], text), true, &back));
			assert_int_equal(back, -amounts[i]);
		}
		if (amounts[i] < INT64_C(1000000000000000)) {
			assert_true(money_read_yuan(money_write_yuan(amounts[i], text), &back));
			assert_int_equal(back, amounts[i]);
		}
	}
}

static void refuses_other_text(void **state)
{
	static const char *const wrong[] = { "", "00", "01", "-0", "+1", "1.0", " 1", "1 ", "1e3", "9007199254740992", "-" };
	static const char *const wrong_yuan[] = { "", "`", "1.", ".5", "1.234", "1,000", "-1", "12345678901234", "1.2.3", "``1" };
	int64_t out = 3;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(money_read(span_of(wrong[i]), true, &out));
	for (size_t i = 0; i < sizeof(wrong_yuan) / sizeof(wrong_yuan[0]); i++)
		assert_false(money_read_yuan(span_of(wrong_yuan[i]), &out));
	assert_int_equal(out, 3);
	assert_true(money_read_yuan(SPAN("`8500.5"), &out));
	assert_int_equal(out, 850050);
	assert_true(money_read_yuan(SPAN("0007"), &out));
	assert_int_equal(out, 700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_and_refuses),
		cmocka_unit_test(scales_half_up),
		cmocka_unit_test(text_comes_back),
		cmocka_unit_test(refuses_other_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
