/*
 * The CSV template: taken as it stands, refused when a column moved.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/money/statement.h"

#include "tests/support/text_file.h"

#define SAMPLE                                                                                                         \
	"\xEF\xBB\xBFstatement,account,date,sequence,opening,closing,count\r\n"                                        \
	"statement,main,2026-11-20,,100000.00,91500.5,2\r\n"                                                           \
	"line,line_id,instruction_id,provider_ref,direction,amount,booked_at,kind\r\n"                                 \
	"line,1,AAAAAAAAAAAAAAAAAAAAAAAAA1,\"B\"\"K\",debit,`8500.00,2026-11-20,payment\r\n"                           \
	"line,2,,P2,credit,\"0.5\",2026-11-20,other"

static const struct statement_wish any = { .format = STATEMENT_FORMATS };

static void is_read(void **state)
{
	struct arena arena = { 0 };
	struct statement statement;
	struct complaint why;

	(void)state;
	if (!statement_read(SPAN(SAMPLE), &any, &arena, &statement, &why))
		fail_msg("%s", why.text);
	assert_int_equal(statement.n, 2);
	assert_int_equal(statement.opening, 10000000);
	assert_int_equal(statement.closing, 9150050);
	assert_true(span_is(statement.lines[0].reference, "B\"K"));
	assert_int_equal(statement.lines[1].fen, 50);
	arena_release(&arena);
}

static void is_refused(void **state)
{
	static const struct {
		const char *what, *with;
		size_t line;
	} bad[] = {
		{ .what = "account,date", .with = "date,account", .line = 1 },
		{ .what = "line_id,instruction_id", .with = "instruction_id,line_id", .line = 3 },
		{ .what = "`8500.00", .with = "8500.000", .line = 4 },
		{ .what = "`8500.00", .with = "``8500", .line = 4 },
		{ .what = "`8500.00", .with = "8.5e3", .line = 4 },
		{ .what = "`8500.00", .with = "-8500", .line = 4 },
		{ .what = "`8500.00", .with = "8 500", .line = 4 },
		{ .what = ",debit", .with = ",DEBIT", .line = 4 },
		{ .what = "\"0.5\"", .with = "\"0.5\"x", .line = 5 },
		{ .what = "\"0.5\"", .with = "\"0.5", .line = 5 },
		{ .what = "other", .with = "other,more", .line = 5 },
		{ .what = "\r\nline,2", .with = "\rline,2", .line = 4 },
		{ .what = ",2\r\n", .with = ",3\r\n", .line = 0 },
		{ .what = "91500.5", .with = "91500.51", .line = 0 },
		{ .what = "2026-11-20,,", .with = "2026-11-20,x,", .line = 2 },
	};
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct span text = text_replaced(&arena, SPAN(SAMPLE), bad[i].what, bad[i].with);
		struct statement statement;
		struct complaint why;

		assert_true(text.len > 0);
		if (statement_read_csv(text, &arena, &statement, &why))
			fail_msg("taken with %s", bad[i].with);
		if (why.line != bad[i].line)
			fail_msg("%s: line %zu: %s", bad[i].with, why.line, why.text);
	}
	arena_release(&arena);
}

/* Cut anywhere, it is refused: count and balances hold the file together. */
static void no_part_of_it_is_taken(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	for (size_t len = 0; len < sizeof(SAMPLE) - 1; len++) {
		struct statement statement;
		struct complaint why;

		assert_false(statement_read_csv(span_from(SAMPLE, len), &arena, &statement, &why));
		arena_clear(&arena);
	}
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_read),
		cmocka_unit_test(is_refused),
		cmocka_unit_test(no_part_of_it_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
