/*
 * The orientation out of Exif, in both orders of bytes, and what is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/core/files/exif.h"

#define LITTLE(value) "II*\0\x08\0\0\0\x02\0" "\x0f\x01\x02\0\x04\0\0\0abc\0" "\x12\x01\x03\0\x01\0\0\0" value "\0\0\0" "\0\0\0\0"
#define BIG(type, value) "MM\0*\0\0\0\x08\0\x01" "\x01\x12\0" type "\0\0\0\x01\0" value "\0\0" "\0\0\0\0"

static void it_is_found_in_both_orders(void **state)
{
	(void)state;
	assert_int_equal(exif_orientation(SPAN(LITTLE("\x06"))), 6);
	assert_int_equal(exif_orientation(SPAN(BIG("\x03", "\x08"))), 8);
}

static void what_is_none_says_nothing(void **state)
{
	const struct span none[] = { SPAN(""),
				     SPAN("MM\0*\0\0\0"),
				     SPAN("MM\0*\0\0\0\x07\0\x01"),
				     SPAN("MM\0*\xff\xff\xff\xff\0\x01"),
				     SPAN("MM\0*\0\0\0\x09\0\x01"),
				     SPAN("MM\0+\0\0\0\x08\0\0"),
				     SPAN("IM\0*\0\0\0\x08\0\0"),
				     SPAN("MM\0*\0\0\0\x08\0\0"),
				     SPAN("MM\0*\0\0\0\x08\0\x09"),
				     SPAN(BIG("\x04", "\x06")),
				     SPAN(BIG("\x03", "\x09")) };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(none); i++)
		assert_int_equal(exif_orientation(none[i]), 0);
	for (size_t len = 0; len < 34; len++)
		assert_int_equal(exif_orientation(span_from(LITTLE("\x06"), len)), 0);
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	assert_false(exif_turned(0));
	assert_false(exif_turned(1));
	assert_false(exif_turned(9));
	for (unsigned i = 2; i <= 8; i++) {
		struct buf out = { 0 };

		assert_true(exif_turned(i));
		exif_orientation_write(i, &out);
		assert_int_equal(out.len, EXIF_ORIENTATION_BYTES);
		assert_int_equal(exif_orientation(buf_span(&out)), i);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_found_in_both_orders),
		cmocka_unit_test(what_is_none_says_nothing),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
