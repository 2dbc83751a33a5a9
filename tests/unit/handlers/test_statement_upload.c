/*
 * A statement from finance over HTTP: taken whole or not at all, once, in any
 * form; what cannot be taken is a break where it has to be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/money_rig.h"

#define WHERE "account=bank:main&rail=voucher&ledger=" RIG_LEDGER
#define CSV(date, id, yuan) \
	"statement,account,date,sequence,opening,closing,count\nstatement,main," date ",,0.00," yuan ",1\n" \
	"line,line_id,instruction_id,provider_ref,direction,amount,booked_at,kind\nline," id ",,,credit," yuan "," date ",other\n"
#define AMOUNT(name, currency) "\"" name "\":{\"minor\":0,\"currency\":\"" currency "\"}"
#define JSON(currency) \
	"{\"account\":\"main\",\"date\":\"2026-03-09\",\"count\":0,\"lines\":[]," AMOUNT("opening", currency) "," \
	AMOUNT("closing", currency) "," AMOUNT("debits", currency) "," AMOUNT("credits", currency) "}"
#define EMPTY_BILL \
	"记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号\r\n" \
	"资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n`0.0,`0.0,`0.00,`0.0,`0.00\r\n"

static struct money_rig m;

static int begin(void **state)
{
	(void)state;
	money_rig_open(&m, NULL);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	money_rig_close(&m);
	app_rig_done();
	return 0;
}

static struct rig_answer upload(const char *who, const char *query, const char *type, const char *file)
{
	const char *fields = money_rig_text(&m, "%sContent-Type: %s\r\n", money_rig_who(&m, who), type);

	return app_rig_ask(&m.app, SITE_STAFF, "POST", money_rig_text(&m, "/api/v1/statements?%s", query), fields,
			   span_of(file));
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static const struct book *book(void)
{
	return treasury_book(m.app.app.treasury);
}

static size_t breaks(enum break_class class)
{
	const struct book_break *broken;
	size_t n = 0;

	for (size_t i = 0; (broken = book_break_at(book(), i)) != NULL; i++)
		n += broken->class == class;
	return n;
}

static void once_whoever_brings_it(void **state)
{
	uint64_t before;

	(void)state;
	assert_answer(upload("finance", WHERE, "text/csv", CSV("2026-03-01", "1", "10.00")), 201, "\"breaks\":1,\"waiting\":0");
	assert_int_equal(breaks(BREAK_STRANGER), 1);
	before = book_seq(book());
	assert_answer(upload("finance", WHERE, "text/csv", CSV("2026-03-01", "1", "10.00")), 200, "\"known\":true");
	assert_answer(upload("finance-2", WHERE, "text/csv", CSV("2026-03-01", "1", "10.00")), 200, "\"matched\":0");
	assert_int_equal(book_seq(book()), before);
}

static void another_file_for_the_day(void **state)
{
	(void)state;
	upload("finance", WHERE, "text/csv", CSV("2026-03-02", "1", "10.00"));
	for (int i = 0; i < 2; i++)
		assert_answer(upload("finance", WHERE, "text/csv", CSV("2026-03-02", "2", "10.00")), 409, "STATEMENT_CHANGED");
	assert_answer(upload("finance-2", WHERE, "text/csv", CSV("2026-03-02", "2", "10.00")), 409, "STATEMENT_CHANGED");
	assert_int_equal(breaks(BREAK_CHANGED), 1);
	assert_answer(upload("finance", WHERE, "application/json", JSON("USD")), 409, "STATEMENT_FOREIGN");
	assert_int_equal(breaks(BREAK_CURRENCY), 1);
	assert_null(book_statement_find(book(), SPAN("bank:main"), SPAN("2026-03-09")));
}

/* Two days without movement have the same bytes, and open with what was there the day before. */
static void bills_without_lines(void **state)
{
	const struct book_statement *second;

	(void)state;
	assert_answer(upload("finance", "account=float:w&rail=w&number=w&ledger=" RIG_LEDGER, "text/csv",
			     "statement,account,date,sequence,opening,closing,count\nstatement,w,2026-03-01,,3.00,3.00,0\n"
			     "line,line_id,instruction_id,provider_ref,direction,amount,booked_at,kind\n"),
		      201, "\"closing\":300");
	assert_answer(upload("finance", "account=float:w&rail=w&date=2026-03-02&ledger=" RIG_LEDGER, "text/plain", EMPTY_BILL), 201,
		      "\"opening\":300");
	assert_answer(upload("finance", "account=float:w&rail=w&date=2026-03-03&ledger=" RIG_LEDGER, "text/plain", EMPTY_BILL), 201,
		      "\"opened\":[]");
	assert_answer(upload("finance", "account=float:w&rail=w&date=2026-03-03&ledger=" RIG_LEDGER, "text/plain", EMPTY_BILL), 200,
		      "\"known\":true");
	second = book_statement_find(book(), SPAN("float:w"), SPAN("2026-03-03"));
	assert_int_equal(second->ends.closing, 300);
	assert_answer(upload("finance", "account=float:w&rail=w&ledger=" RIG_LEDGER, "text/plain", EMPTY_BILL), 400,
		      "of which day");
}

static void refused_whole(void **state)
{
	static const char good[] = CSV("2026-03-05", "1", "10.00");
	static const struct {
		const char *query, *type, *file, *part;
		int status;
	} rows[] = {
		{ .query = "account=main&rail=r&ledger=" RIG_LEDGER, .part = "\"field\":\"account\"", .status = 400 },
		{ .query = "account=bank:main&ledger=" RIG_LEDGER, .part = "\"field\":\"rail\"", .status = 400 },
		{ .query = "account=bank:main&rail=r", .part = "\"field\":\"ledger\"", .status = 400 },
		{ .query = WHERE "&date=March", .part = "\"field\":\"date\"", .status = 400 },
		{ .query = WHERE "&form=pdf", .part = "\"field\":\"form\"", .status = 400 },
		{ .query = WHERE "&form=camt.053", .part = "statement_unreadable", .status = 400 },
		{ .query = WHERE, .type = "application/xml", .part = "statement_unreadable", .status = 400 },
		{ .query = WHERE "&date=2026-03-06", .part = "statement_unreadable", .status = 400 },
		{ .query = WHERE "&number=other", .part = "of account main", .status = 400 },
		{ .query = WHERE, .file = "statement", .part = "statement_unreadable", .status = 400 },
		{ .query = "account=bank:main&rail=r&ledger=150600/none/2026", .part = "NOT_FOUND", .status = 404 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_answer(upload("finance", rows[i].query, rows[i].type != NULL ? rows[i].type : "text/csv",
				     rows[i].file != NULL ? rows[i].file : good),
			      rows[i].status, rows[i].part);
	assert_answer(upload("auditor", WHERE, "text/csv", good), 403, "role_needed");
	assert_null(book_statement_find(book(), SPAN("bank:main"), SPAN("2026-03-05")));
}

static void nothing_is_told_to_another_region(void **state)
{
	const char *fields = money_rig_text(&m, "Authorization: Bearer %s\r\nContent-Type: text/csv\r\n",
					    app_rig_token(&m.app, "finance", WHO_FINANCE, "110000", &m.arena));

	(void)state;
	upload("finance", WHERE, "text/csv", CSV("2026-03-01", "1", "10.00"));
	assert_answer(app_rig_ask(&m.app, SITE_STAFF, "POST", "/api/v1/statements?" WHERE, fields,
				  SPAN(CSV("2026-03-01", "1", "10.00"))),
		      403, "REGION");
	assert_false(rig_has(app_rig_ask(&m.app, SITE_STAFF, "GET", "/api/v1/statements", fields, (struct span){ 0 }).body,
			     "\"id\""));
	assert_false(rig_has(app_rig_ask(&m.app, SITE_STAFF, "GET", "/api/v1/breaks", fields, (struct span){ 0 }).body,
			     "\"id\""));
	assert_answer(app_rig_ask(&m.app, SITE_STAFF, "GET", "/api/v1/reconciliation", fields, (struct span){ 0 }), 200,
		      "\"accounts\":[]");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(once_whoever_brings_it), TEST(another_file_for_the_day), TEST(bills_without_lines),
		TEST(refused_whole),	      TEST(nothing_is_told_to_another_region),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
