/*
 * Lines, numbers and hashes have one way to be written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/tlog/line.h"

#include "daemon/base/table.h"

static void lines_end_in_newlines(void **state)
{
	struct span rest = SPAN("a\n\nb"), line;

	(void)state;
	assert_true(line_next(&rest, &line) && span_is(line, "a"));
	assert_true(line_next(&rest, &line) && span_is(line, ""));
	assert_false(line_next(&rest, &line));
	assert_true(span_is(rest, "b"));
	rest = (struct span){ 0 };
	assert_false(line_next(&rest, &line));
}

static void numbers_have_one_form(void **state)
{
	static const char *const wrong[] = { "", "00", "01", "+1", "-1", " 1", "1 ", "0x1", "1\n", "9223372036854775808",
					     "18446744073709551616", "1e3" };
	uint64_t number;

	(void)state;
	assert_true(line_number(SPAN("0"), &number) && number == 0);
	assert_true(line_number(SPAN("20852163"), &number) && number == 20852163);
	assert_true(line_number(SPAN("9223372036854775807"), &number) && number == INT64_MAX);
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(line_number(span_of(wrong[i]), &number));
}

static void base64_has_one_form(void **state)
{
	static const char *const wrong[] = { "", "QQ", "QQ=", "QR==", "QUJ=", "Q Q=", "QQ==\n", "QQ==QQ==", "-_==", "====", "Q", "QUJ\xAF" };
	unsigned char bytes[4];
	size_t len;

	(void)state;
	assert_true(line_base64(SPAN("QQ=="), bytes, sizeof(bytes), &len) && len == 1 && bytes[0] == 'A');
	assert_true(line_base64(SPAN("QUJDRA=="), bytes, sizeof(bytes), &len) && len == 4);
	assert_false(line_base64(SPAN("QUJDREU="), bytes, sizeof(bytes), &len));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(line_base64(span_of(wrong[i]), bytes, sizeof(bytes), &len));
}

static void hashes_come_back(void **state)
{
	struct merkle_hash hash = merkle_leaf(SPAN("x")), again;
	struct buf text = { 0 };
	struct span rest, line;

	(void)state;
	line_add_hash(&text, &hash);
	rest = buf_span(&text);
	assert_true(line_next(&rest, &line) && rest.len == 0);
	assert_true(line_hash(line, &again));
	assert_memory_equal(&hash, &again, sizeof(hash));
	assert_false(line_hash(span_from(line.at, line.len - 4), &again));
	buf_release(&text);
}

static void plain_is_utf8_without_controls(void **state)
{
	(void)state;
	assert_true(line_plain(SPAN("举报 tip")));
	assert_true(line_plain(SPAN("")));
	assert_false(line_plain(SPAN("a\tb")));
	assert_false(line_plain(SPAN("a\nb")));
	assert_false(line_plain(SPAN("\xC0\x80")));
}

static void numbers_are_big_endian(void **state)
{
	static const unsigned char wanted[8] = { 1, 2, 3, 4, 5, 6, 7, 0xFF };
	unsigned char bytes[8];

	(void)state;
	line_put_u64(bytes, 0x01020304050607FF);
	assert_memory_equal(bytes, wanted, 8);
	assert_true(line_get_u64(bytes) == 0x01020304050607FF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_in_newlines),
		cmocka_unit_test(numbers_have_one_form),
		cmocka_unit_test(base64_has_one_form),
		cmocka_unit_test(hashes_come_back),
		cmocka_unit_test(plain_is_utf8_without_controls),
		cmocka_unit_test(numbers_are_big_endian),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
