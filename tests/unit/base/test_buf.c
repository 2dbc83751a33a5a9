/*
 * Growing buffers: what was added is there, in order, and drops from the front.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/buf.h"

static struct buf buf;

static int finish(void **state)
{
	(void)state;
	buf_release(&buf);
	return 0;
}

static void what_is_added_stays_in_order_while_it_grows(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		char piece[3] = { (char)i, (char)(i >> 8), 'x' };

		buf_add(&buf, piece, sizeof(piece));
	}
	assert_int_equal(buf.len, 15000);
	for (unsigned i = 0; i < 5000; i++) {
		assert_int_equal((unsigned char)buf.at[3 * i], i & 0xff);
		assert_int_equal((unsigned char)buf.at[3 * i + 1], i >> 8);
	}
}

static void each_kind_of_value_has_its_form(void **state)
{
	(void)state;
	buf_add_text(&buf, "a");
	buf_add_span(&buf, SPAN("b\0c"));
	buf_add_byte(&buf, 0xff);
	buf_add_u64(&buf, 0);
	buf_add_u64(&buf, UINT64_MAX);
	buf_printf(&buf, "%d", -5);
	buf_add(&buf, NULL, 0);
	assert_true(span_eq(buf_span(&buf), SPAN("ab\0c\xff" "018446744073709551615-5")));
}

static void formatting_may_need_more_than_there_is(void **state)
{
	(void)state;
	buf_printf(&buf, "%05000d", 1);
	buf_printf(&buf, "%05000d", 2);
	assert_int_equal(buf.len, 10000);
	assert_int_equal(buf.at[4999], '1');
	assert_int_equal(buf.at[9999], '2');
}

static void dropping_takes_from_the_front(void **state)
{
	(void)state;
	buf_add_text(&buf, "abcdef");
	buf_drop(&buf, 0);
	buf_drop(&buf, 2);
	assert_true(span_is(buf_span(&buf), "cdef"));
	buf_drop(&buf, 4);
	assert_int_equal(buf.len, 0);
	buf_add_text(&buf, "g");
	assert_true(span_is(buf_span(&buf), "g"));
}

static void clearing_keeps_the_memory_releasing_does_not(void **state)
{
	size_t size;

	(void)state;
	buf_add_text(&buf, "abc");
	size = buf.size;
	buf_clear(&buf);
	assert_int_equal(buf.len, 0);
	assert_int_equal(buf.size, size);
	buf_release(&buf);
	assert_null(buf.at);
	buf_release(&buf);
	assert_non_null(buf_reserve(&buf, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_added_stays_in_order_while_it_grows, finish),
		cmocka_unit_test_teardown(each_kind_of_value_has_its_form, finish),
		cmocka_unit_test_teardown(formatting_may_need_more_than_there_is, finish),
		cmocka_unit_test_teardown(dropping_takes_from_the_front, finish),
		cmocka_unit_test_teardown(clearing_keeps_the_memory_releasing_does_not, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
