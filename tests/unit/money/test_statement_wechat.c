/*
 * The fund bill: taken whole, or refused with the line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/money/statement.h"
#include "tests/support/http_sample.h"

#define DATE SPAN("2026-11-20")
#define HEAD \
	"记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号\r\n"
#define SUM_HEAD "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n"
#define ROW(time, flow, amount, balance) \
	"`" time ",`4200,`" flow ",`商家转账,`交易,`支出,`" amount ",`" balance ",`API,`,`R7A2B3C4D5E6F7G8H9J0K1M2N3\r\n"
#define GOOD ROW("2026-11-20 10:11:12", "F1", "8500.00", "1500.00")

static struct arena arena;
static struct complaint why;
static struct statement s;

static int clean(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static bool read(struct span csv)
{
	why = (struct complaint){ 0 };
	return statement_read_wechat(csv, SPAN("BASIC"), DATE, &arena, &s, &why);
}

static const struct statement_line *line(const char *id)
{
	for (size_t i = 0; i < s.n; i++)
		if (span_is(s.lines[i].id, id))
			return &s.lines[i];
	fail_msg("no line %s", id);
	return NULL;
}

static void a_bill(void **state)
{
	(void)state;
	assert_true(read(http_sample_read("tests/data/wechat/bill.csv", &arena)));
	assert_int_equal(s.n, 3);
	assert_int_equal(s.opening, 0);
	assert_int_equal(s.closing, 1149990);
	assert_int_equal(line("1900009231201811200001")->fen, 2000000);
	assert_true(line("1900009231201811200001")->credit);
	assert_int_equal(line("1900009231201811200001")->kind, STATEMENT_OTHER);
	assert_int_equal(line("1900009231201811200002")->fen, 850000);
	assert_false(line("1900009231201811200002")->credit);
	assert_int_equal(line("1900009231201811200002")->kind, STATEMENT_PAYMENT);
	assert_true(span_is(line("1900009231201811200002")->instruction, "R7A2B3C4D5E6F7G8H9J0K1M2N3"));
	assert_true(span_is(line("1900009231201811200002")->reference, "1330000071100999991182020050700019480001"));
	assert_string_equal(line("1900009231201811200002")->booked, "2026-11-20");
	assert_int_equal(line("1900009231201811200003")->kind, STATEMENT_FEE);
	assert_int_equal(line("1900009231201811200003")->instruction.len, 0);
	assert_string_equal(s.date, "2026-11-20");
}

static void a_day_without_movement(void **state)
{
	(void)state;
	assert_true(read(SPAN(HEAD SUM_HEAD "`0.0,`0.0,`0.00,`0.0,`0.00\r\n")));
	assert_int_equal(s.n, 0);
	assert_true(s.silent);
	assert_true(read(SPAN(HEAD GOOD SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`8500.00")));
	assert_int_equal(s.opening, 1000000);
	assert_false(s.silent);
}

/* The picker needs to be told of account and day, which the bill does not name. */
static void among_all_forms(void **state)
{
	const struct statement_wish of_day = { .format = STATEMENT_FORMATS, .account = SPAN("BASIC"), .date = DATE };
	const struct statement_wish any = { .format = STATEMENT_FORMATS };

	(void)state;
	assert_int_equal(statement_format_of(SPAN(HEAD)), STATEMENT_WECHAT);
	assert_true(statement_read(SPAN(HEAD GOOD SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`8500.00"), &of_day, &arena, &s, &why));
	assert_false(statement_read(SPAN(HEAD GOOD SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`8500.00"), &any, &arena, &s, &why));
}

static void refused_with_words(void **state)
{
	static const char *const bad[] = {
		"",
		HEAD,
		"time,ref\r\n",
		HEAD GOOD,
		HEAD GOOD SUM_HEAD,
		HEAD GOOD SUM_HEAD "`2.0,`0.0,`0.00,`1.0,`8500.00\r\n",
		HEAD GOOD SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`8500.01\r\n",
		HEAD GOOD SUM_HEAD "`1.0,`1.0,`0.00,`0.0,`8500.00\r\n",
		HEAD GOOD SUM_HEAD "`1.5,`0.0,`0.00,`1.0,`8500.00\r\n",
		HEAD GOOD SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`8500.00\r\nmore\r\n",
		HEAD GOOD GOOD SUM_HEAD "`2.0,`0.0,`0.00,`2.0,`17000.00\r\n",
		HEAD ROW("2026-11-21 00:00:00", "F1", "8500.00", "1.00") SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`8500.00\r\n",
		HEAD ROW("2026-11-19 23:59:59", "F1", "8500.00", "1.00") SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`8500.00\r\n",
		HEAD ROW("2026-11-20 10:11:12", "F1", "8,500.00", "1.00") SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`8500.00\r\n",
		HEAD ROW("2026-11-20 10:11:12", "F1", "8500.001", "1.00") SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`8500.00\r\n",
		HEAD ROW("2026-11-20 10:11:12", "F1", "-8500.00", "1.00") SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`8500.00\r\n",
		HEAD ROW("2026-11-20 10:11:12", "F1", "0.00", "1.00") SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`0.00\r\n",
		HEAD ROW("2026-11-20 10:11:12", "", "1.00", "1.00") SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`1.00\r\n",
		HEAD "`2026-11-20 10:11:12,`a,`b,`c,`d,`转出,`1.00,`1.00,`e,`f,`g\r\n" SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`1.00\r\n",
		HEAD "`2026-11-20 10:11:12,`a,`b\r\n" SUM_HEAD "`1.0,`0.0,`0.00,`1.0,`1.00\r\n",
		/* The balance does not follow from the lines. */
		HEAD GOOD ROW("2026-11-20 10:11:13", "F2", "1.00", "1.00") SUM_HEAD "`2.0,`0.0,`0.00,`2.0,`8501.00\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		if (read(span_of(bad[i])))
			fail_msg("%zu was taken", i);
		assert_true(why.text[0] != '\0');
	}
	assert_false(statement_read_wechat(SPAN(HEAD), SPAN("BASIC"), SPAN("yesterday"), &arena, &s, &why));
}

/* No beginning of a bill is a bill. */
static void every_cut_is_refused(void **state)
{
	struct span whole = http_sample_read("tests/data/wechat/bill.csv", &arena);

	(void)state;
	for (size_t len = 0; len + strlen("00\r\n") < whole.len; len++)
		assert_false(read(span_from(whole.at, len)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_bill, clean),
		cmocka_unit_test_teardown(a_day_without_movement, clean),
		cmocka_unit_test_teardown(among_all_forms, clean),
		cmocka_unit_test_teardown(refused_with_words, clean),
		cmocka_unit_test_teardown(every_cut_is_refused, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
