/*
 * Cells of CSV: quoting as in RFC 4180, nothing that a spreadsheet reckons
 * with, no number that it changes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/base/csv_out.h"

static void text_is(const char *text, const char *wanted)
{
	struct buf out = { 0 };
	struct csv_out csv = csv_out_to(&out);

	csv_text(&csv, span_of(text));
	buf_add_byte(&out, '\0');
	assert_string_equal(out.at, wanted);
	buf_release(&out);
}

static void plain_cells_stay(void **state)
{
	(void)state;
	text_is("R7", "R7");
	text_is("", "");
	text_is("case-2026/1", "case-2026/1");
	text_is("2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z");
	text_is("12345678901", "12345678901");
	text_is("0", "0");
	text_is("东胜", "东胜");
}

static void quotes_are_doubled(void **state)
{
	(void)state;
	text_is("a,b", "\"a,b\"");
	text_is("a\"b", "\"a\"\"b\"");
	text_is("a\nb", "\"a\nb\"");
	text_is("7 9 12", "\"7 9 12\"");
}

static void formulas_are_texts(void **state)
{
	(void)state;
	text_is("=1+1", "\"'=1+1\"");
	text_is("+86", "\"'+86\"");
	text_is("-R7", "\"'-R7\"");
	text_is("@SUM(A1)", "\"'@SUM(A1)\"");
	text_is("\tx", "\"'\tx\"");
	text_is("\n=1+1", "\"'\n=1+1\"");
	text_is("\xEF\xBC\x9D" "1", "\"'\xEF\xBC\x9D" "1\"");
	text_is("=\"a\"", "\"'=\"\"a\"\"\"");
}

static void long_numbers_are_texts(void **state)
{
	(void)state;
	text_is("123456789012", "\"'123456789012\"");
	text_is("007", "\"'007\"");
	text_is("12e5", "\"'12e5\"");
	text_is("12e5f", "12e5f");
	text_is("1e-5", "\"'1e-5\"");
	text_is("1E+5", "\"'1E+5\"");
	text_is("1.50", "\"'1.50\"");
	text_is("2026.10", "\"'2026.10\"");
	text_is("1.5e3", "\"'1.5e3\"");
	text_is("1.2.3", "1.2.3");
	text_is("1e", "1e");
	text_is("1.", "1.");
}

static void a_row(void **state)
{
	struct buf out = { 0 };
	struct csv_out csv = csv_out_to(&out);

	(void)state;
	csv_text(&csv, SPAN("R7"));
	csv_number(&csv, 850000);
	csv_yuan(&csv, 850000);
	csv_empty(&csv);
	csv_number(&csv, -5);
	csv_yuan(&csv, -5);
	csv_end(&csv);
	csv_empty(&csv);
	csv_text(&csv, SPAN("x"));
	csv_end(&csv);
	buf_add_byte(&out, '\0');
	assert_string_equal(out.at, "R7,850000,8500.00,,-5,-0.05\r\n,x\r\n");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_cells_stay),   cmocka_unit_test(quotes_are_doubled),
		cmocka_unit_test(formulas_are_texts), cmocka_unit_test(long_numbers_are_texts),
		cmocka_unit_test(a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
