/*
 * What finance posts by hand, as it is told: entries with their words and legs,
 * corrections, years, the quarantine, and the words of votes; what the store
 * cannot give is not made up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/money_rig.h"

#define PATH "/api/v1/money/by_hand"
#define NEXT DEMO_BUREAU "/" DEMO_PROGRAMME "/2027"

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

static struct rig_answer get(const char *who)
{
	return money_rig_call(&m, who, "GET", PATH, "", "");
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static struct rig_answer post(const char *who, const char *path, const char *body)
{
	return money_rig_call(&m, who, "POST", path, body, NULL);
}

static void an_entry_is_corrected_in_the_words_of_the_first(void **state)
{
	struct rig_answer fee = post("finance", RIG_LEDGER_PATH "/fee", "{\"fen\":400,\"account\":\"bank:main\",\"reason\":\"march\"}");
	struct span entry = rig_member(fee.body, "entry");
	const char *body = money_rig_text(&m, "{\"entry\":\"%.*s\",\"reason\":\"not ours\"}", (int)entry.len, entry.at);
	const char *told = money_rig_text(&m, "\"entry\":\"%.*s\",\"kind\":\"budget.fee\",\"book\":\"" RIG_LEDGER "\",\"corrected\":", (int)entry.len,
					  entry.at);

	(void)state;
	assert_answer(get("auditor"), 200, money_rig_text(&m, "%sfalse", told));
	assert_answer(get("finance"), 200, "\"reason\":\"march\"");
	assert_answer(get("finance"), 200, "\"name\":\"fees\",\"detail\":\"\",\"side\":\"Dr\",\"fen\":400}");
	assert_answer(post("finance", RIG_LEDGER_PATH "/correct", body), 202, "\"vote\"");
	assert_answer(get("finance-2"), 200, "\"votes\":[{\"act\":\"budget.correct\",\"subject\":\"L15:");
	assert_answer(get("finance-2"), 200, "\"reason\":\"not ours\"");
	assert_answer(post("finance-2", RIG_LEDGER_PATH "/correct", body), 200, "\"budget.correct\"");
	assert_answer(get("finance-2"), 200, money_rig_text(&m, "%strue", told));
	assert_answer(get("finance-2"), 200, "\"votes\":[]");
}

static void years_and_the_quarantine(void **state)
{
	(void)state;
	assert_answer(get("finance"), 200, "\"quarantine\":null,\"years\":[{\"book\":\"" RIG_LEDGER "\",\"closed\":false,\"next\":null}]");
	assert_answer(post("finance", "/api/v1/ledger/" NEXT "/open_year", "{}"), 200, "\"budget.open_year\"");
	assert_answer(money_rig_call(&m, "finance", "GET", "/api/v1/ledger", "", ""), 200, "{\"book\":\"" NEXT "\",\"authorised\":0,");
	assert_answer(money_rig_call(&m, "finance", "GET", "/api/v1/ledger/" NEXT, "", ""), 200, "\"accounts\":[]");
	assert_answer(money_rig_call(&m, "finance", "GET", "/api/v1/ledger/" DEMO_BUREAU "/" DEMO_PROGRAMME "/2028", "", ""), 404, "not_found");
	assert_answer(post("finance", RIG_LEDGER_PATH "/close_year", "{\"next\":\"" NEXT "\"}"), 202, "\"vote\"");
	assert_answer(get("finance-2"), 200, "\"act\":\"budget.close_year\",\"subject\":\"" RIG_LEDGER "\"");
	assert_answer(post("finance-2", RIG_LEDGER_PATH "/close_year", "{\"next\":\"" NEXT "\"}"), 200, "\"budget.close_year\"");
	assert_answer(get("finance"), 200, "{\"book\":\"" RIG_LEDGER "\",\"closed\":true,\"next\":\"" NEXT "\"}");
	assert_answer(post("finance", "/api/v1/money/restored", "{\"reason\":\"x\"}"), 200, "\"book.restored\"");
	assert_answer(get("auditor"), 200, "\"quarantine\":{\"id\":\"Q");
}

/* Much is posted in one book: another one's page has its own entries still, and what waits for a second person is on every list. */
static void a_hundred_entries_of_one_book_hide_no_other(void **state)
{
	struct rig_answer fee = post("finance", RIG_LEDGER_PATH "/fee", "{\"fen\":400,\"account\":\"bank:main\",\"reason\":\"march\"}");
	struct span entry = rig_member(fee.body, "entry");
	const char *body = money_rig_text(&m, "{\"entry\":\"%.*s\",\"reason\":\"not ours\"}", (int)entry.len, entry.at);

	(void)state;
	assert_answer(post("finance", "/api/v1/ledger/" NEXT "/open_year", "{}"), 200, "\"budget.open_year\"");
	for (int i = 0; i < 100; i++)
		assert_int_equal(post("finance", "/api/v1/ledger/" NEXT "/appropriate", "{\"fen\":100,\"reason\":\"x\"}").status, 200);
	assert_false(rig_has(get("finance").body, "\"reason\":\"march\""));
	assert_answer(money_rig_call(&m, "finance", "GET", PATH "?book=" RIG_LEDGER, "", ""), 200, "\"reason\":\"march\"");
	assert_false(rig_has(money_rig_call(&m, "finance", "GET", PATH "?book=" RIG_LEDGER, "", "").body, "\"book\":\"" NEXT "\",\"corrected\""));
	assert_answer(post("finance", RIG_LEDGER_PATH "/correct", body), 202, "\"vote\"");
	assert_answer(get("finance-2"), 200, "\"reason\":\"march\"");
	assert_answer(money_rig_call(&m, "finance-2", "GET", PATH "?book=" NEXT, "", ""), 200, "\"votes\":[]");
	assert_answer(money_rig_call(&m, "finance-2", "GET", PATH "?book=" RIG_LEDGER, "", ""), 200, "\"reason\":\"not ours\"");
}

static void nothing_is_made_up(void **state)
{
	(void)state;
	m.app.store->trouble = TROUBLE_LOST;
	m.app.store->trouble_of = STORE_MONEY_READ;
	assert_answer(get("auditor"), 503, "store_unavailable");
	m.app.store->trouble = TROUBLE_NONE;
	assert_answer(get("auditor"), 200, "\"kind\":\"budget.appropriate\"");
	assert_answer(get("approver"), 403, "role_needed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(an_entry_is_corrected_in_the_words_of_the_first), TEST(years_and_the_quarantine),
					    TEST(a_hundred_entries_of_one_book_hide_no_other),
					    TEST(nothing_is_made_up) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
