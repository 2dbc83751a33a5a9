/*
 * Base 64: the vectors of RFC 4648, section 10, and every byte.
 */
#include "daemon/base/base64.h"

#include "daemon/base/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void the_vectors_of_the_rfc(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" },         { "f", "Zg==" },         { "fo", "Zm8=" },        { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf out = { 0 };

		base64_add(&out, rows[i][0], strlen(rows[i][0]));
		assert_true(span_is(buf_span(&out), rows[i][1]));
		assert_int_equal(out.len, BASE64_LEN(strlen(rows[i][0])));
		buf_release(&out);
	}
}

static void high_bits_and_both_last_letters(void **state)
{
	static const unsigned char bytes[] = { 0xfb, 0xff, 0xbf, 0xff };
	struct buf out = { 0 };

	(void)state;
	buf_add_text(&out, "x");
	base64_add(&out, bytes, sizeof(bytes));
	assert_true(span_is(buf_span(&out), "x+/+//w=="));
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_the_rfc),
		cmocka_unit_test(high_bits_and_both_last_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
