/*
 * Claims over HTTP: equal answers for everything that leads to nothing, limits
 * that nobody can turn against the owner of a code, and what a claimant may do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/tip/receipt.h"
#include "handlers/payout/payee.h"
#include "daemon/sys/keys.h"
#include "handlers/limits.h"
#include "tests/support/money_rig.h"

static struct money_rig m;

static int begin(void **state)
{
	static const char *const sets[] = { "money.rails=voucher, wallet", NULL };

	(void)state;
	money_rig_open(&m, sets);
	return 0;
}

static int begin_limited(void **state)
{
	static const char *const sets[] = { "limits.enabled=true", NULL };

	(void)state;
	money_rig_open(&m, sets);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	money_rig_close(&m);
	return 0;
}

static int finish_all(void **state)
{
	(void)state;
	app_rig_done();
	return 0;
}

static struct rig_answer claim(const char *receipt, const char *more)
{
	return app_rig_ask(&m.app, SITE_PUBLIC, "POST", "/api/v1/claims", NULL,
			   span_of(money_rig_text(&m, "{\"receipt\":\"%s\"%s}", receipt, more)));
}

static struct rig_answer page(const char *form)
{
	return app_rig_ask(&m.app, SITE_PUBLIC, "POST", "/claims", "Content-Type: application/x-www-form-urlencoded\r\n",
			   span_of(form));
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

/* A code that nobody was given. */
static const char *stranger(unsigned n)
{
	struct receipt_code code;
	unsigned char random[16] = { 1, 2, 3, (unsigned char)n, (unsigned char)(n >> 8) };

	receipt_make("15", random, &code);
	return money_rig_text(&m, "%s", code.digits);
}

static const char *code_of(const struct rig_case *about)
{
	return money_rig_text(&m, "%s", about->code.digits);
}

/* --- equal answers --------------------------------------------------------------------- */

static void what_leads_to_nothing_has_one_answer(void **state)
{
	struct rig_case undecided, proposed, rejected;
	const char *id;
	struct span answers[4];

	(void)state;
	money_rig_case(&m, &undecided);
	money_rig_proposed(&m, &proposed);
	id = money_rig_proposed(&m, &rejected);
	money_rig_call(&m, "proposer", "POST", money_rig_text(&m, "/api/v1/rewards/%s/withdraw", id), "{}", NULL);
	for (int action = 0; action < 2; action++) {
		const char *more = action == 0 ? "" : ",\"action\":\"claim\",\"rail\":\"voucher\",\"nonce\":\"n\"";

		answers[0] = arena_dup(&m.arena, claim(stranger(1), more).body);
		answers[1] = arena_dup(&m.arena, claim(code_of(&undecided), more).body);
		answers[2] = arena_dup(&m.arena, claim(code_of(&proposed), more).body);
		answers[3] = arena_dup(&m.arena, claim(code_of(&rejected), more).body);
		assert_true(rig_has(answers[0], "\"status\":\"none\""));
		for (int i = 1; i < 4; i++)
			assert_true(span_eq(answers[0], answers[i]));
	}
}

/* Nothing of the store is asked, so the work is equal too. */
static void what_leads_to_nothing_asks_the_store_nothing(void **state)
{
	struct rig_case undecided;
	unsigned before;

	(void)state;
	money_rig_case(&m, &undecided);
	before = m.app.store->calls[STORE_READ] + m.app.store->calls[STORE_VAULT_PUT];
	claim(stranger(2), "");
	claim(code_of(&undecided), ",\"action\":\"claim\",\"rail\":\"wallet\",\"nonce\":\"n\",\"payee\":{\"account\":\"a\"}");
	assert_int_equal(m.app.store->calls[STORE_READ] + m.app.store->calls[STORE_VAULT_PUT], before);
}

static void pages_of_nothing_are_of_one_size(void **state)
{
	struct rig_case undecided;
	size_t size;

	(void)state;
	money_rig_case(&m, &undecided);
	size = page(money_rig_text(&m, "code=%s&lang=en", stranger(3))).body.len;
	assert_int_equal(page(money_rig_text(&m, "code=%s&lang=en", code_of(&undecided))).body.len, size);
}

/* --- what a claimant does ------------------------------------------------------------------ */

static void a_claim_is_recorded_once_and_its_payee_lies_in_the_vault(void **state)
{
	struct rig_case about;
	const char *id = money_rig_claimable(&m, &about);
	const char *more = ",\"action\":\"claim\",\"rail\":\"wallet\",\"nonce\":\"n-1\","
			   "\"payee\":{\"account\":\"oPENID\",\"name\":\"张三\"}";
	uint64_t seq;

	(void)state;
	assert_answer(claim(code_of(&about), ""), 200, "\"may\":[\"claim\",\"decline\"]");
	assert_answer(claim(code_of(&about), more), 200, "\"status\":\"in_progress\",\"done\":true");
	assert_int_equal(money_rig_reward(&m, id)->state, REWARD_CLAIMED);
	seq = book_seq(treasury_book(m.app.app.treasury));
	assert_answer(claim(code_of(&about), more), 200, "\"done\":true");
	assert_int_equal(book_seq(treasury_book(m.app.app.treasury)), seq);
	assert_true(money_rig_reward(&m, id)->payee[0] == 'p');
}

static struct store_reply vault;
static void vault_came(void *ctx, const struct store_reply *reply)
{
	struct seal_key key;
	struct payee payee;

	(void)ctx;
	vault = *reply;
	payee_key(keys_courier(m.app.app.keys), &key);
	assert_int_equal(reply->verdict, STORE_OK);
	assert_true(span_find(reply->vault, SPAN("oSECRET")) == reply->vault.len);
	assert_true(payee_open(&key, span_of(ctx), reply->vault, &m.arena, &payee));
	assert_true(span_is(payee.account, "oSECRET") && span_is(payee.name, "李四"));
}

static void the_journal_knows_the_token_and_the_vault_opens_with_it(void **state)
{
	struct rig_case about;
	const char *id = money_rig_claimable(&m, &about);
	char *token = arena_alloc(&m.arena, 64);
	struct rig_answer journal;

	(void)state;
	claim(code_of(&about), ",\"action\":\"claim\",\"rail\":\"wallet\",\"nonce\":\"n-1\","
			       "\"payee\":{\"account\":\"oSECRET\",\"name\":\"李四\"}");
	strcpy(token, money_rig_reward(&m, id)->payee);
	store_submit(m.app.app.store, &(struct store_request){ .op = STORE_VAULT_GET, .token = span_of(token) },
		     (struct store_wait){ .done = vault_came, .ctx = token });
	app_rig_settle(&m.app);
	assert_int_equal(vault.outcome, STORE_DONE);
	journal = money_rig_call(&m, "auditor", "GET", "/api/v1/money/journal?max=500", "", "");
	assert_answer(journal, 200, token);
	assert_false(rig_has(journal.body, "oSECRET"));
	assert_false(rig_has(journal.body, about.code.digits));
}

static void the_same_account_is_seen_again_and_another_is_not(void **state)
{
	struct rig_case first, second, third;
	char tokens[3][OFFICE_TOKEN_MAX];
	struct rig_case *const all[] = { &first, &second, &third };

	(void)state;
	for (int i = 0; i < 3; i++) {
		const char *id = money_rig_claimable(&m, all[i]);

		claim(code_of(all[i]),
		      money_rig_text(&m, ",\"action\":\"claim\",\"rail\":\"wallet\",\"nonce\":\"n-1\",\"payee\":{\"account\":\"%s\"}",
				     i < 2 ? "ring" : "other"));
		strcpy(tokens[i], money_rig_reward(&m, id)->payee);
	}
	assert_memory_equal(tokens[0], tokens[1], 18);
	assert_string_not_equal(tokens[0], tokens[1]);
	assert_memory_not_equal(tokens[0], tokens[2], 18);
}

static void to_decline_is_said_twice(void **state)
{
	struct rig_case about;
	const char *id = money_rig_claimable(&m, &about);

	(void)state;
	assert_answer(claim(code_of(&about), ",\"action\":\"decline\",\"nonce\":\"n\""), 400, "not_confirmed");
	assert_answer(page(money_rig_text(&m, "code=%s&lang=en&action=decline&nonce=n", code_of(&about))), 400,
		      "name=\"confirm\" value=\"1\"");
	assert_int_equal(money_rig_reward(&m, id)->state, REWARD_CLAIMABLE);
	assert_answer(claim(code_of(&about), ",\"action\":\"decline\",\"nonce\":\"n\",\"confirm\":true"), 200,
		      "\"status\":\"declined\"");
	assert_int_equal(money_rig_reward(&m, id)->state, REWARD_DECLINED);
}

static void the_page_does_the_same(void **state)
{
	struct rig_case about;
	const char *id = money_rig_claimable(&m, &about);

	(void)state;
	assert_answer(page(money_rig_text(&m, "code=%s&lang=en", code_of(&about))), 200, "8600.00 yuan");
	assert_answer(page(money_rig_text(&m, "code=%s&lang=en&action=claim&rail=wallet&nonce=x", code_of(&about))), 400,
		      "Please enter the account.");
	assert_answer(page(money_rig_text(&m, "code=%s&lang=zh-CN&action=claim&rail=voucher&nonce=x", code_of(&about))),
		      200, "正在办理");
	assert_string_equal(money_rig_reward(&m, id)->rail, "voucher");
}

static void what_is_held_waits(void **state)
{
	struct rig_case about;
	const char *id = money_rig_claimable(&m, &about);

	(void)state;
	money_rig_call(&m, "auditor", "POST", money_rig_text(&m, "/api/v1/rewards/%s/hold", id), "{\"reason\":\"x\"}", NULL);
	assert_answer(claim(code_of(&about), ""), 200, "\"status\":\"in_progress\"");
	assert_answer(claim(code_of(&about), ",\"action\":\"claim\",\"rail\":\"voucher\",\"nonce\":\"n\""), 409, "HELD");
}

static void slips_are_told_before_anything_else(void **state)
{
	(void)state;
	assert_answer(claim("12", ""), 400, "wrong_length");
	assert_answer(claim("", ""), 400, "missing");
	assert_answer(claim("151234567890123456789012", ""), 400, "check_failed");
	assert_answer(claim(stranger(9), ",\"action\":\"steal\""), 400, "\"field\":\"action\"");
	assert_answer(claim(stranger(9), ",\"action\":\"claim\",\"rail\":\"gold\",\"nonce\":\"n\""), 400, "\"field\":\"rail\"");
	assert_answer(claim(stranger(9), ",\"action\":\"claim\",\"rail\":\"voucher\""), 400, "\"field\":\"nonce\"");
}

/* --- limits ----------------------------------------------------------------------------------- */

/* A page with a fault in it tells how a code stands as well: to ask that way is no way around. */
static void faulty_pages_of_wrong_codes_are_slowed_too(void **state)
{
	static const char fault[] = "code=%s&lang=en&action=decline&nonce=x";
	struct rig_case about, undecided;
	struct span nothing;
	int refused = 0;

	(void)state;
	money_rig_case(&m, &undecided);
	money_rig_claimable(&m, &about);
	nothing = arena_dup(&m.arena, page(money_rig_text(&m, fault, stranger(50))).body);
	assert_int_equal(page(money_rig_text(&m, fault, code_of(&undecided))).body.len, nothing.len);
	for (unsigned i = 0; i < 20; i++)
		refused += page(money_rig_text(&m, fault, stranger(200 + i))).status == 429;
	assert_true(refused > 10);
	assert_int_equal(page(money_rig_text(&m, fault, code_of(&about))).status, 400);
}

static void wrong_codes_are_slowed_and_the_right_one_passes(void **state)
{
	struct rig_case about;
	int refused = 0;

	(void)state;
	money_rig_claimable(&m, &about);
	for (unsigned i = 0; i < 20; i++)
		refused += claim(stranger(100 + i), "").status == 429;
	assert_true(refused > 10);
	/* From the same address, under the same flood. */
	assert_answer(claim(code_of(&about), ""), 200, "\"status\":\"open\"");
	assert_answer(claim(code_of(&about), ",\"action\":\"claim\",\"rail\":\"voucher\",\"nonce\":\"n\""), 200,
		      "\"done\":true");
}

/* The office is made anew, as after a restart; what was counted is in the store. */
static void forget(void)
{
	struct office_env env = { .key = keys_requests(m.app.app.keys), .engagement = "audit of 2026", .seed = 8 };
	const struct limit_rule plenty[LIMIT_KINDS] = { [LIMIT_CLAIMS] = { 1000, 1000 }, [LIMIT_CLAIMS_ALL] = { 1000, 1000 } };

	office_free(m.app.app.office);
	m.app.app.office = office_new(&env);
	limits_free(m.app.app.limits);
	m.app.app.limits = limits_new(plenty, true);
}

static void failures_outlive_a_restart(void **state)
{
	const char *code = stranger(300);

	(void)state;
	forget();
	for (unsigned i = 0; i < TRIES_FREE; i++)
		assert_answer(claim(code, ""), 200, "\"status\":\"none\"");
	forget();
	assert_answer(claim(code, ""), 429, "too_many_tries");
	assert_answer(page(money_rig_text(&m, "code=%s&lang=en", code)), 429, "");
	assert_answer(claim(stranger(301), ""), 200, "\"status\":\"none\"");
}

static void after_a_hundred_only_a_person_helps(void **state)
{
	const char *code = stranger(302);

	(void)state;
	for (unsigned i = 0; i < TRIES_MAX; i++) {
		forget();
		assert_answer(claim(code, ""), 200, "\"status\":\"none\"");
		store_memory_advance(m.app.store->memory, TRIES_WAIT_MAX_S * 1000);
	}
	forget();
	assert_answer(claim(code, ""), 429, "in_person");
	/* After thirty days it begins anew. */
	store_memory_advance(m.app.store->memory, (unsigned)TRIES_PERIOD_MS);
	forget();
	assert_answer(claim(code, ""), 200, "\"status\":\"none\"");
}

/* A store that is away locks nobody out, and nobody in. */
static void a_store_that_is_away_slows_nobody(void **state)
{
	(void)state;
	forget();
	m.app.store->base.up = false;
	assert_answer(claim(stranger(303), ""), 200, "\"status\":\"none\"");
	m.app.store->base.up = true;
}

#define TEST(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_leads_to_nothing_has_one_answer),
		TEST(what_leads_to_nothing_asks_the_store_nothing),
		TEST(pages_of_nothing_are_of_one_size),
		TEST(a_claim_is_recorded_once_and_its_payee_lies_in_the_vault),
		TEST(the_journal_knows_the_token_and_the_vault_opens_with_it),
		TEST(the_same_account_is_seen_again_and_another_is_not),
		TEST(to_decline_is_said_twice),
		TEST(the_page_does_the_same),
		TEST(what_is_held_waits),
		TEST(slips_are_told_before_anything_else),
	};
	const struct CMUnitTest limited[] = {
		TEST(faulty_pages_of_wrong_codes_are_slowed_too),
		TEST(wrong_codes_are_slowed_and_the_right_one_passes),
		TEST(failures_outlive_a_restart),
		TEST(after_a_hundred_only_a_person_helps),
		TEST(a_store_that_is_away_slows_nobody),
	};
	int failed = cmocka_run_group_tests(tests, begin, finish);

	failed += cmocka_run_group_tests(limited, begin_limited, finish);
	finish_all(NULL);
	return failed;
}
