/*
 * Base 64: the vectors of RFC 4648, section 10, and every byte; what is read has one form.
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

static void texts_come_back(void **state)
{
	unsigned char bytes[70], again[70];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37 + 11);
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		struct buf text = { 0 };
		size_t n;

		base64_add(&text, bytes, len);
		assert_true(base64_get(buf_span(&text), again, len, &n));
		assert_int_equal(n, len);
		assert_memory_equal(again, bytes, len);
		assert_true(len == 0 || !base64_get(buf_span(&text), again, len - 1, &n));
		buf_release(&text);
	}
}

/* Of all texts of four bytes over some letters and of every single change, those that are read are those that are written. */
static void one_value_has_one_text(void **state)
{
	static const char *const wrong[] = { "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zm8", "====", "Z===", "=g==", "Zg==Zg==", "Zg=a", "Z g=",
					     "Zg==\n", "Zm9v\n", "-_-_", "Zm\xAFv", "\x80Zg=" };
	char text[] = "Zm9vYmE=";
	unsigned char bytes[8];
	size_t n, taken = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		if (base64_get(span_of(wrong[i]), bytes, sizeof(bytes), &n))
			fail_msg("%s was taken", wrong[i]);
	for (size_t at = 0; at < 8; at++) {
		char kept = text[at];

		for (int c = 0; c < 256; c++) {
			struct buf again = { 0 };

			text[at] = (char)c;
			if (base64_get(span_of(text), bytes, sizeof(bytes), &n) && c != 0) {
				base64_add(&again, bytes, n);
				assert_true(span_is(buf_span(&again), text));
				taken++;
			}
			buf_release(&again);
		}
		text[at] = kept;
	}
	/* Six places take all 64 letters, the one before the padding 16 of them; the padding itself, 64 letters and "=". */
	assert_int_equal(taken, 6 * 64 + 16 + 65);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_the_rfc),
		cmocka_unit_test(high_bits_and_both_last_letters),
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(one_value_has_one_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
