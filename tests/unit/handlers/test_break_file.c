/*
 * One break: its line, and the very words that a second person would agree to,
 * read from the journal; what the store cannot give is not made up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/money_rig.h"

static struct money_rig m;
static const char *path;

/* A debit of 4 yuan as a fee: its break holds no rail. */
static int begin(void **state)
{
	static const char file[] =
		"statement,account,date,sequence,opening,closing,count\nstatement,main,2026-03-01,,10.00,6.00,1\n"
		"line,line_id,instruction_id,provider_ref,direction,amount,booked_at,kind\n"
		"line,1,,,debit,4.00,2026-03-01,fee\n";
	const char *fields;

	(void)state;
	money_rig_open(&m, NULL);
	fields = money_rig_text(&m, "%sContent-Type: text/csv\r\n", money_rig_who(&m, "finance"));
	assert_int_equal(app_rig_ask(&m.app, SITE_STAFF, "POST",
				     "/api/v1/statements?account=bank:main&rail=wallet&ledger=" RIG_LEDGER, fields, SPAN(file)).status,
			 201);
	path = money_rig_text(&m, "/api/v1/breaks/%s", book_break_at(treasury_book(m.app.app.treasury), 0)->id);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	money_rig_close(&m);
	app_rig_done();
	return 0;
}

static struct rig_answer get(const char *who)
{
	return money_rig_call(&m, who, "GET", path, "", "");
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static void the_words_of_the_first(void **state)
{
	const char *clear = money_rig_text(&m, "/api/v1/suspense/%s/clear", path + strlen("/api/v1/breaks/"));
	struct rig_answer entry = money_rig_call(&m, "finance", "POST", RIG_LEDGER_PATH "/fee",
						 "{\"fen\":400,\"account\":\"bank:main\"}", NULL);
	const char *body = money_rig_text(&m, "{\"entry\":\"%.*s\",\"reason\":\"fee of march\"}",
					  (int)rig_member(entry.body, "entry").len, rig_member(entry.body, "entry").at);

	(void)state;
	assert_answer(get("auditor"), 200, "\"votes\":[]");
	assert_answer(money_rig_call(&m, "finance", "POST", clear, body, NULL), 202, "\"vote\"");
	assert_answer(get("finance-2"), 200, "\"act\":\"suspense.clear\",\"person\":\"finance\"");
	assert_answer(get("finance-2"), 200, "\"reason\":\"fee of march\"");
	assert_answer(money_rig_call(&m, "finance-2", "POST", clear, body, NULL), 200, "\"state\":\"cleared\"");
	assert_answer(get("finance-2"), 200, "\"votes\":[]");
}

static void nothing_is_made_up(void **state)
{
	(void)state;
	assert_answer(money_rig_call(&m, "auditor", "GET", "/api/v1/breaks/B9999", "", ""), 404, "not_found");
	the_words_of_the_first(state);
	assert_int_equal(money_rig_call(&m, "finance", "POST", money_rig_text(&m, "%s/resolve", path), "{\"reason\":\"x\"}", NULL).status,
			 202);
	m.app.store->trouble = TROUBLE_LOST;
	m.app.store->trouble_of = STORE_MONEY_READ;
	assert_answer(get("auditor"), 503, "store_unavailable");
	m.app.store->trouble = TROUBLE_NONE;
	assert_answer(get("auditor"), 200, "\"reason\":\"x\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(the_words_of_the_first), TEST(nothing_is_made_up) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
