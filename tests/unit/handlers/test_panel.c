/*
 * Panels over HTTP: two officers type the same payee, the vault keeps it, the
 * journal its token; and whoever has the code sees it and can stop it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/keys.h"
#include "handlers/payout/payee.h"
#include "handlers/reward/panel.h"
#include "tests/support/money_rig.h"

#define PAPERS "\"cause\":\"heir\",\"document\":\"8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92\""
#define HEIR "\"rail\":\"bank\",\"payee\":{\"account\":\"ICBKCN/6222021\",\"name\":\"王五\"}"

static struct money_rig m;

static int begin(void **state)
{
	static const char *const sets[] = { "money.rails=voucher, bank", NULL };

	(void)state;
	money_rig_open(&m, sets);
	for (int i = 3; i < 6; i++)
		money_rig_call(&m, "admin", "POST", "/api/v1/staff",
			       money_rig_text(&m, "{\"account\":\"approver-%d\",\"person\":\"p-%d\",\"roles\":[\"approver\"]}", i, i),
			       NULL);
	money_rig_days(&m, 1);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	money_rig_close(&m);
	app_rig_done();
	return 0;
}

static struct rig_answer panel(const char *who, const char *id, const char *body)
{
	return money_rig_call(&m, who, "POST", money_rig_text(&m, "/api/v1/rewards/%s/panel", id),
			      money_rig_text(&m, "{%s}", body), NULL);
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static struct rig_answer claim(const struct rig_case *about, const char *more)
{
	return app_rig_ask(&m.app, SITE_PUBLIC, "POST", "/api/v1/claims", NULL,
			   span_of(money_rig_text(&m, "{\"receipt\":\"%s\"%s}", about->code.digits, more)));
}

static struct rig_answer page(const struct rig_case *about, const char *more)
{
	return app_rig_ask(&m.app, SITE_PUBLIC, "POST", "/claims", "Content-Type: application/x-www-form-urlencoded\r\n",
			   span_of(money_rig_text(&m, "code=%s&lang=en%s", about->code.digits, more)));
}

static struct span in_vault;
static void vault_came(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	in_vault = arena_dup(&m.arena, reply->vault);
}

static void assert_vault(const char *token, const char *account, const char *name)
{
	struct seal_key key;
	struct payee payee;

	store_submit(m.app.app.store, &(struct store_request){ .op = STORE_VAULT_GET, .token = span_of(token) },
		     (struct store_wait){ .done = vault_came });
	app_rig_settle(&m.app);
	payee_key(keys_courier(m.app.app.keys), &key);
	assert_true(payee_open(&key, span_of(token), in_vault, &m.arena, &payee));
	assert_true(span_is(payee.account, account) && span_is(payee.name, name));
}

/* By the policy that the reward was decided by. */
static int64_t waits_ms(const char *id)
{
	const struct book *book = treasury_book(m.app.app.treasury);

	return policy_panel_wait_days(book_policy(book, money_rig_reward(&m, id)->policy)) * (int64_t)RIG_DAY_MS;
}

static void two_officers_who_type_the_same_bind_it(void **state)
{
	struct rig_case about;
	const char *id = money_rig_claimable(&m, &about);
	struct rig_answer journal;

	(void)state;
	assert_answer(panel("approver-3", id, PAPERS "," HEIR), 202, "\"act\":\"reward.panel\"");
	assert_int_equal(money_rig_reward(&m, id)->state, REWARD_CLAIMABLE);
	assert_answer(panel("approver-3", id, PAPERS "," HEIR), 403, "SECOND_PERSON");
	assert_answer(panel("approver-4", id, PAPERS "," HEIR), 200, "\"kind\":\"reward.panel\"");
	assert_int_equal(money_rig_reward(&m, id)->state, REWARD_CLAIMED);
	assert_string_equal(money_rig_reward(&m, id)->rail, "bank");
	assert_true(money_rig_reward(&m, id)->cooling_until_ms > treasury_now_ms(m.app.app.treasury) + waits_ms(id) - RIG_DAY_MS / 2);
	assert_vault(money_rig_reward(&m, id)->payee, "ICBKCN/6222021", "王五");
	journal = money_rig_call(&m, "auditor", "GET", "/api/v1/money/journal?max=500", "", "");
	assert_true(rig_has(journal.body, "p-3") && rig_has(journal.body, "p-4"));
	assert_false(rig_has(journal.body, "6222021"));
	assert_false(rig_has(journal.body, "王五"));
}

static void another_payee_is_no_confirmation(void **state)
{
	struct rig_case about;
	const char *id = money_rig_claimable(&m, &about);

	(void)state;
	assert_answer(panel("approver-3", id, PAPERS "," HEIR), 202, "");
	assert_answer(panel("approver-4", id, PAPERS ",\"rail\":\"bank\",\"payee\":{\"account\":\"MY/OWN\",\"name\":\"王五\"}"), 409,
		      "PANEL_DIFFERS");
	/* Who made the slip says it anew; then both say the same. */
	assert_answer(panel("approver-3", id, PAPERS ",\"rail\":\"bank\",\"payee\":{\"account\":\"B/2\",\"name\":\"王五\"}"), 202, "");
	assert_answer(panel("approver-4", id, PAPERS ",\"rail\":\"bank\",\"payee\":{\"account\":\"B/2\",\"name\":\"王五\"}"), 200, "");
	assert_vault(money_rig_reward(&m, id)->payee, "B/2", "王五");
}

static void what_is_refused_reaches_no_vault(void **state)
{
	struct rig_case about;
	const char *id = money_rig_claimable(&m, &about);
	unsigned before = m.app.store->calls[STORE_VAULT_PUT];

	(void)state;
	assert_answer(panel("approver", id, PAPERS "," HEIR), 403, "SEPARATION");
	assert_answer(panel("finance", id, PAPERS "," HEIR), 403, "ROLE");
	assert_answer(panel("approver-3", "R999999", PAPERS "," HEIR), 404, "");
	assert_answer(panel("approver-3", id, HEIR), 400, "MISSING_FIELD");
	assert_answer(panel("approver-3", id, PAPERS ",\"rail\":\"voucher\",\"payee\":{\"account\":\"a\",\"name\":\"b\"}"), 400,
		      "\"field\":\"rail\"");
	assert_answer(panel("approver-3", id, PAPERS ",\"rail\":\"bank\",\"payee\":{\"account\":\"a\"}"), 400, "payee.name");
	assert_answer(panel("approver-3", id, PAPERS ",\"rail\":\"bank\",\"payee\":\"p-1\""), 400, "\"field\":\"payee\"");
	assert_answer(panel("approver-3", id, PAPERS "," HEIR ",\"nonce\":\"n\""), 400, "UNKNOWN_FIELD");
	assert_answer(panel("approver-3", id, "\"cause\":\"friend\",\"document\":\"00\"," HEIR), 400, "");
	assert_int_equal(m.app.store->calls[STORE_VAULT_PUT], before);
}

static void the_owner_of_the_code_sees_it_and_objects(void **state)
{
	struct rig_case about;
	const char *id = money_rig_claimable(&m, &about);

	(void)state;
	assert_answer(claim(&about, ""), 200, "\"panel\":null");
	assert_answer(claim(&about, ",\"action\":\"object\",\"nonce\":\"n\""), 409, "");
	panel("approver-3", id, PAPERS "," HEIR);
	assert_answer(claim(&about, ""), 200, "\"may\":[\"claim\",\"decline\",\"object\"]");
	assert_answer(claim(&about, ""), 200, "\"panel\":\"asked\"");
	assert_answer(page(&about, ""), 200, "value=\"object\"");
	assert_answer(claim(&about, ",\"action\":\"object\",\"nonce\":\"n\""), 200, "\"done\":true");
	assert_true(money_rig_reward(&m, id)->held);
	/* What one officer confirmed is void; a second one has nothing to agree to, and nothing goes on. */
	assert_answer(panel("approver-4", id, PAPERS "," HEIR), 409, "");
	assert_answer(claim(&about, ""), 200, "\"panel\":null");
}

static void the_owner_of_the_code_takes_it_back(void **state)
{
	struct rig_case about;
	const char *id = money_rig_claimable(&m, &about);

	(void)state;
	panel("approver-3", id, PAPERS "," HEIR);
	panel("approver-4", id, PAPERS "," HEIR);
	assert_answer(claim(&about, ""), 200, "\"panel\":\"bound\"");
	assert_answer(page(&about, ""), 200, "Two officers agreed");
	assert_answer(claim(&about, ",\"action\":\"change\",\"rail\":\"voucher\",\"nonce\":\"mine\""), 200, "\"panel\":null");
	assert_string_equal(money_rig_reward(&m, id)->rail, "voucher");
}

/* An objection after both officers agreed stops the payment until a person looked. */
static void an_objection_stops_what_was_bound(void **state)
{
	struct rig_case about;
	const char *id = money_rig_claimable(&m, &about);

	(void)state;
	panel("approver-3", id, PAPERS "," HEIR);
	panel("approver-4", id, PAPERS "," HEIR);
	assert_answer(page(&about, "&action=object&nonce=x"), 200, "It has been noted.");
	money_rig_days(&m, 8);
	assert_answer(money_rig_call(&m, "finance", "POST", money_rig_text(&m, "/api/v1/rewards/%s/release", id),
				     "{\"source\":\"bank:main\"}", NULL),
		      409, "HELD");
	assert_answer(money_rig_call(&m, "auditor", "POST", money_rig_text(&m, "/api/v1/rewards/%s/lift", id),
				     "{\"reason\":\"looked at\"}", NULL),
		      200, "");
	assert_answer(claim(&about, ""), 200, "\"panel\":\"bound\"");
}

#define TEST(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_officers_who_type_the_same_bind_it),
		TEST(another_payee_is_no_confirmation),
		TEST(what_is_refused_reaches_no_vault),
		TEST(the_owner_of_the_code_sees_it_and_objects),
		TEST(the_owner_of_the_code_takes_it_back),
		TEST(an_objection_stops_what_was_bound),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
