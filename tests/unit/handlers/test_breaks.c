/*
 * Reads of statements, breaks, suspense, reconciliation and rails, and what two
 * persons do about a break, over HTTP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "tests/support/money_rig.h"

static struct money_rig m;
static const char *broken, *statement;

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static struct rig_answer get(const char *who, const char *path)
{
	return money_rig_call(&m, who, "GET", path, "", "");
}

static struct rig_answer post(const char *who, const char *path, const char *json)
{
	return money_rig_call(&m, who, "POST", path, json, NULL);
}

/* A credit of 10 yuan and a debit of 4 to a stranger. */
static int begin(void **state)
{
	static const char file[] =
		"statement,account,date,sequence,opening,closing,count\nstatement,main,2026-03-01,,0.00,6.00,2\n"
		"line,line_id,instruction_id,provider_ref,direction,amount,booked_at,kind\n"
		"line,1,,,credit,10.00,2026-03-01,other\nline,2,,,debit,4.00,2026-03-01,payment\n";
	const char *fields;

	(void)state;
	money_rig_open(&m, NULL);
	fields = money_rig_text(&m, "%sContent-Type: text/csv\r\n", money_rig_who(&m, "finance"));
	assert_answer(app_rig_ask(&m.app, SITE_STAFF, "POST",
				  "/api/v1/statements?account=bank:main&rail=wallet&ledger=" RIG_LEDGER, fields, SPAN(file)),
		      201, "\"breaks\":2");
	/* Debits are judged first. */
	broken = arena_dup(&m.arena, span_of(book_break_at(treasury_book(m.app.app.treasury), 1)->id)).at;
	statement = arena_dup(&m.arena, span_of(book_statement_at(treasury_book(m.app.app.treasury), 0)->id)).at;
	return 0;
}

static int finish(void **state)
{
	(void)state;
	money_rig_close(&m);
	app_rig_done();
	return 0;
}

static void filters(void **state)
{
	static const struct {
		const char *query, *part;
		int status;
	} rows[] = {
		{ .query = "", .part = "\"open\":2", .status = 200 },
		{ .query = "?class=R5&age=0-1&state=open&account=bank:main", .part = "\"about\":\"S", .status = 200 },
		{ .query = "?class=R4", .part = "\"breaks\":[]", .status = 200 },
		{ .query = "?age=2-3", .part = "\"breaks\":[]", .status = 200 },
		{ .query = "?state=resolved", .part = "\"breaks\":[]", .status = 200 },
		{ .query = "?account=bank:other", .part = "\"breaks\":[]", .status = 200 },
		{ .query = "?limit=1", .part = "\"more\":true", .status = 200 },
		{ .query = "?class=R11", .part = "\"field\":\"class\"", .status = 400 },
		{ .query = "?age=1", .part = "\"field\":\"age\"", .status = 400 },
		{ .query = "?state=shut", .part = "\"field\":\"state\"", .status = 400 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_answer(get("auditor", money_rig_text(&m, "/api/v1/breaks%s", rows[i].query)), rows[i].status,
			      rows[i].part);
	money_rig_days(&m, 5);
	assert_answer(get("auditor", "/api/v1/breaks?age=4-7"), 200, "\"R5\":{\"0-1\":0,\"2-3\":0,\"4-7\":2,");
	assert_answer(get("proposer", "/api/v1/breaks"), 403, "role_needed");
}

static void two_persons(void **state)
{
	const char *clear = money_rig_text(&m, "/api/v1/suspense/%s/clear", broken);
	const char *resolve = money_rig_text(&m, "/api/v1/breaks/%s/resolve", broken);
	const char *body;
	struct rig_answer entry = post("finance", RIG_LEDGER_PATH "/receive", "{\"fen\":1000,\"account\":\"bank:main\"}");

	(void)state;
	body = money_rig_text(&m, "{\"entry\":\"%.*s\",\"reason\":\"grant\"}", (int)rig_member(entry.body, "entry").len,
			      rig_member(entry.body, "entry").at);
	assert_answer(post("finance", resolve, "{\"reason\":\"grant\"}"), 409, "IN_SUSPENSE");
	assert_answer(post("auditor", clear, body), 403, "role_needed");
	assert_answer(post("finance", clear, body), 202, "\"state\":\"suspense\"");
	assert_answer(post("finance", clear, body), 403, "SECOND_PERSON");
	assert_answer(get("auditor", money_rig_text(&m, "/api/v1/breaks/%s", broken)), 200, "\"act\":\"suspense.clear\"");
	assert_answer(post("finance-2", clear, body), 200, "\"state\":\"cleared\"");
	assert_answer(get("auditor", money_rig_text(&m, "/api/v1/breaks/%s", broken)), 200, "\"votes\":[]");
	assert_answer(post("finance-2", resolve, "{\"reason\":\"grant\"}"), 202, "\"kind\":\"vote\"");
	assert_answer(post("finance", resolve, "{\"reason\":\"grant\"}"), 200, "\"state\":\"resolved\"");
	assert_answer(get("auditor", "/api/v1/breaks"), 200, "\"open\":1");
	assert_answer(get("auditor", "/api/v1/suspense"), 200, "\"debit_fen\":400,\"credit_fen\":0");
}

static void a_statement_line_by_line(void **state)
{
	(void)state;
	assert_answer(get("auditor", money_rig_text(&m, "/api/v1/statements/%s", statement)), 200,
		      money_rig_text(&m, "\"id\":\"%s:2\",\"line\":\"1\",\"instruction\":null,\"reference\":null,\"side\":\"Cr\","
				     "\"fen\":1000,\"booked\":\"2026-03-01\",\"kind\":\"other\",\"state\":\"break\",\"break\":\"%s\"",
				     statement, broken));
	assert_answer(get("auditor", "/api/v1/statements?account=bank:main&from=2026-03-01&until=2026-03-01"), 200, statement);
	assert_answer(get("auditor", "/api/v1/statements?from=2026-03-02"), 200, "\"statements\":[]");
	assert_answer(get("auditor", "/api/v1/statements?limit=0"), 200, "\"more\":true");
	assert_answer(get("auditor", "/api/v1/statements?until=x"), 400, "\"field\":\"until\"");
	assert_answer(get("auditor", "/api/v1/statements/S9999"), 404, "not_found");
}

static void the_account_as_a_whole(void **state)
{
	(void)state;
	assert_answer(get("finance", "/api/v1/reconciliation"), 200,
		      "\"account\":\"bank:main\",\"statements\":1,\"last_date\":\"2026-03-01\",\"closing\":600,");
	assert_answer(get("finance", "/api/v1/reconciliation"), 200, "\"suspense_debit_fen\":400,\"suspense_credit_fen\":1000,");
}

/* The debit to a stranger held its rail; a person lifts it. */
static void a_rail_and_why(void **state)
{
	(void)state;
	assert_answer(get("proposer", "/api/v1/rails"), 200, "\"rail\":\"wallet\",\"held\":true,\"person\":\"system\"");
	assert_answer(get("proposer", "/api/v1/rails"), 200, "\"why\":\"R5 of S");
	assert_answer(post("finance", "/api/v1/rails/wallet/lift", "{\"reason\":\"asked the bank\"}"), 200, "rail.lift");
	assert_answer(get("proposer", "/api/v1/rails"), 200, "\"held\":false");
	assert_answer(get("proposer", "/api/v1/rails"), 200, "\"offered\":[\"voucher\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(filters),		     TEST(two_persons), TEST(a_statement_line_by_line),
		TEST(the_account_as_a_whole), TEST(a_rail_and_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
