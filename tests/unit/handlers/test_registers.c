/*
 * Reads about money: filters, regions, pseudonyms, a reward whole, a ledger as
 * it was, the journal as it stands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/money_rig.h"

#include <stdlib.h>

static struct money_rig m;
static struct rig_case first, second;
static const char *draft, *open_one;

static int begin(void **state)
{
	(void)state;
	money_rig_open(&m, NULL);
	draft = money_rig_proposed(&m, &first);
	open_one = money_rig_claimable(&m, &second);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	money_rig_close(&m);
	app_rig_done();
	return 0;
}

static struct rig_answer get(const char *who, const char *path)
{
	return money_rig_call(&m, who, "GET", path, "", "");
}

static struct rig_answer get_from(const char *region, unsigned roles, const char *path)
{
	const char *fields = money_rig_text(&m, "Authorization: Bearer %s\r\n",
					    app_rig_token(&m.app, "reader", roles, region, &m.arena));

	return app_rig_ask(&m.app, SITE_STAFF, "GET", path, fields, (struct span){ 0 });
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static const char *id_member(const char *id)
{
	return money_rig_text(&m, "\"id\":\"%s\",\"state\"", id);
}

static void rewards_are_filtered(void **state)
{
	struct rig_answer answer = get("approver", "/api/v1/rewards");

	(void)state;
	assert_answer(answer, 200, id_member(draft));
	assert_true(rig_has(answer.body, id_member(open_one)));
	answer = get("approver", "/api/v1/rewards?state=CLAIMABLE");
	assert_answer(answer, 200, id_member(open_one));
	assert_false(rig_has(answer.body, id_member(draft)));
	answer = get("approver", money_rig_text(&m, "/api/v1/rewards?after=%s", draft));
	assert_answer(answer, 200, id_member(open_one));
	assert_false(rig_has(answer.body, id_member(draft)));
	answer = get("approver", "/api/v1/rewards?limit=1");
	assert_answer(answer, 200, "\"more\":true");
	assert_false(rig_has(answer.body, id_member(open_one)));
	answer = get("approver", money_rig_text(&m, "/api/v1/rewards?case=%s", first.name));
	assert_false(rig_has(answer.body, id_member(open_one)));
	assert_answer(get("approver", "/api/v1/rewards?state=FLYING"), 400, "\"field\":\"state\"");
	assert_answer(get("approver", "/api/v1/rewards?limit=9999"), 400, "\"field\":\"limit\"");
}

/* Whatever piece is shown, the sums are of all that pass; and what is reserved for them is what the ledger has encumbered. */
static void totals_are_the_ledgers(void **state)
{
	struct rig_answer all = get("finance", "/api/v1/rewards?limit=0");

	(void)state;
	assert_answer(all, 200, "\"totals\":{\"rewards\":2,\"fen\":1720000,\"tax_fen\":0,\"paid_fen\":0,\"reserved_fen\":860000}");
	assert_answer(all, 200, "\"more\":true");
	assert_answer(get("finance", RIG_LEDGER_PATH), 200, "\"encumbered\":860000");
	assert_answer(get("finance", "/api/v1/rewards?state=DRAFT"), 200, "\"fen\":860000,\"tax_fen\":0,\"paid_fen\":0,\"reserved_fen\":0}");
	assert_answer(get("finance", money_rig_text(&m, "/api/v1/rewards?after=%s", open_one)), 200, "\"totals\":{\"rewards\":2,");
	assert_answer(get_from("110000", WHO_APPROVER, "/api/v1/rewards"), 200, "\"totals\":{\"rewards\":0,\"fen\":0,");
}

static void another_region_sees_nothing(void **state)
{
	struct rig_answer answer = get_from("110000", WHO_APPROVER, "/api/v1/rewards");

	(void)state;
	assert_answer(answer, 200, "\"rewards\":[]");
	assert_answer(get_from("110000", WHO_APPROVER, money_rig_text(&m, "/api/v1/rewards/%s", draft)), 404, "not_found");
	assert_answer(get_from("110000", WHO_APPROVER, RIG_LEDGER_PATH), 404, "not_found");
	assert_answer(get_from("110000", WHO_APPROVER, "/api/v1/ledger"), 200, "\"ledgers\":[]");
	assert_answer(get_from("150600", WHO_APPROVER, "/api/v1/rewards"), 200, id_member(draft));
	assert_answer(get_from("150600", WHO_OFFICER, "/api/v1/rewards"), 403, "role_needed");
}

static void an_auditor_sees_pseudonyms_and_all_else(void **state)
{
	const char *token = money_rig_reward(&m, open_one)->claimant;
	struct rig_answer answer = get("auditor", money_rig_text(&m, "/api/v1/rewards/%s", open_one));

	(void)state;
	assert_answer(answer, 200, "\"claimant\":\"a-");
	assert_false(rig_has(answer.body, token));
	assert_true(rig_has(answer.body, "\"trace\":[") || rig_has(answer.body, "\"trace\":{"));
	assert_true(rig_has(answer.body, "\"entry\":\"L03:"));
	assert_true(rig_has(answer.body, money_rig_digest(&m, open_one)));
	assert_true(rig_has(answer.body, "\"verifier\":\"verifier\""));
	assert_answer(get("approver", money_rig_text(&m, "/api/v1/rewards/%s", open_one)), 200, token);
	assert_answer(get("approver", "/api/v1/rewards/R1"), 404, "not_found");
}

static void a_ledger_balances_now_and_then(void **state)
{
	struct rig_answer now = get("finance", RIG_LEDGER_PATH), then;
	uint64_t seq = money_rig_reward(&m, open_one)->first_seq;

	(void)state;
	assert_answer(now, 200, "\"encumbered\":860000");
	then = get("finance", money_rig_text(&m, RIG_LEDGER_PATH "?seq=%llu", (unsigned long long)seq));
	assert_answer(then, 200, "\"encumbered\":0");
	assert_true(rig_has(then.body, money_rig_text(&m, "\"seq\":%llu,", (unsigned long long)seq)));
	assert_answer(get("finance", RIG_LEDGER_PATH "?seq=999999"), 400, "\"field\":\"seq\"");
	assert_answer(get("finance", "/api/v1/ledger/150600/none/2026"), 404, "not_found");
	assert_answer(get("finance", "/api/v1/ledger"), 200, "\"available\":9140000");
}

static void the_journal_is_for_auditors_and_as_it_stands(void **state)
{
	struct rig_answer answer = get("auditor", "/api/v1/money/journal?from=2&max=1");

	(void)state;
	assert_answer(answer, 200, "{\"records\":[{\"seq\":\"2\",\"prev\":\"");
	assert_true(rig_has(answer.body, "\"next\":3,"));
	assert_answer(get("finance", "/api/v1/money/journal"), 403, "role_needed");
	assert_answer(get("auditor", "/api/v1/money/journal?from=99999"), 200, "{\"records\":[],");
}

static void policies_payouts_and_staff_are_listed(void **state)
{
	(void)state;
	assert_answer(get("admin", "/api/v1/policies"), 200, "\"drafted_by\":\"admin\"");
	assert_answer(get("approver", "/api/v1/policies/" DEMO_PROGRAMME), 200, "\\\"case_cap\\\"");
	assert_answer(get("finance", "/api/v1/payouts"), 200, "\"payouts\":[],\"unknown\":0");
	assert_answer(get("finance", "/api/v1/payouts?state=LOST"), 400, "\"field\":\"state\"");
	assert_answer(get("admin", "/api/v1/staff"), 200, "\"account\":\"finance-2\"");
	assert_answer(get("proposer", "/api/v1/staff"), 403, "role_needed");
}

static void what_the_store_cannot_give_is_not_made_up(void **state)
{
	(void)state;
	m.app.store->trouble = TROUBLE_LOST;
	m.app.store->trouble_of = STORE_MONEY_READ;
	assert_answer(get("auditor", "/api/v1/money/journal"), 503, "store_unavailable");
	assert_answer(get("auditor", money_rig_text(&m, "/api/v1/rewards/%s", draft)), 503, "store_unavailable");
	m.app.store->trouble = TROUBLE_NONE;
}

#define TEST(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rewards_are_filtered),
		TEST(totals_are_the_ledgers),
		TEST(another_region_sees_nothing),
		TEST(an_auditor_sees_pseudonyms_and_all_else),
		TEST(a_ledger_balances_now_and_then),
		TEST(the_journal_is_for_auditors_and_as_it_stands),
		TEST(policies_payouts_and_staff_are_listed),
		TEST(what_the_store_cannot_give_is_not_made_up),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
