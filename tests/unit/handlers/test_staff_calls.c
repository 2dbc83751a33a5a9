/*
 * What staff do with money, over HTTP: from a proposal to a release, by
 * different people; each call once, whatever is repeated; and each refusal
 * with the book's own code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/support/money_rig.h"

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

static struct rig_answer post(const char *who, const char *path, const char *json)
{
	return money_rig_call(&m, who, "POST", path, json, NULL);
}

static struct rig_answer act(const char *who, const char *id, const char *action, const char *json)
{
	return post(who, money_rig_text(&m, "/api/v1/rewards/%s/%s", id, action), json);
}

static void assert_answer(struct rig_answer answer, int status, const char *part)
{
	if (answer.status != status || !rig_has(answer.body, part))
		fail_msg("%d %.*s\nwanted: %d %s", answer.status, (int)answer.body.len, answer.body.at, status, part);
}

static uint64_t seq(void)
{
	return book_seq(treasury_book(m.app.app.treasury));
}

static const char *proposal_of(const struct rig_case *about)
{
	return money_rig_text(&m, "{\"case\":\"%s\",\"tip\":\"%s\",\"programme\":\"" DEMO_PROGRAMME
				  "\",\"external_award\":\"0\"}",
			      about->name, about->tip.text);
}

/* --- the whole way ------------------------------------------------------------------------- */

static const char *released(struct rig_case *about)
{
	const char *id = money_rig_claimable(&m, about);
	char *code = arena_alloc(&m.arena, 32);

	memcpy(code, about->code.digits, sizeof(about->code.digits));
	assert_answer(app_rig_ask(&m.app, SITE_PUBLIC, "POST", "/api/v1/claims", NULL,
				  span_of(money_rig_text(&m,
							 "{\"receipt\":\"%s\",\"action\":\"claim\",\"rail\":\"voucher\","
							 "\"nonce\":\"n-%s\"}",
							 code, id))),
		      200, "\"done\":true");
	money_rig_days(&m, 2);
	assert_answer(act("finance", id, "release", "{\"source\":\"bank:main\"}"), 202, "\"kind\":\"vote\"");
	return id;
}

static void a_reward_goes_from_proposal_to_release_by_different_people(void **state)
{
	struct rig_case about;
	const char *id = released(&about);

	(void)state;
	assert_answer(act("finance", id, "release", "{\"source\":\"bank:main\"}"), 403, "SECOND_PERSON");
	assert_answer(act("finance-2", id, "release", "{\"source\":\"bank:main\"}"), 200, "\"act\":\"reward.release\"");
}

static void amount_and_approval_are_those_of_the_policy(void **state)
{
	struct rig_case about;
	const char *id = money_rig_proposed(&m, &about);

	(void)state;
	assert_int_equal(money_rig_reward(&m, id)->fen, 860000);
	assert_answer(act("proposer", id, "submit", "{}"), 200, "\"state\":\"IN_REVIEW\"");
	assert_answer(act("approver", id, "approve",
			  "{\"digest\":\"0000000000000000000000000000000000000000000000000000000000000000\"}"),
		      409, "STALE_DIGEST");
	assert_answer(act("approver", id, "approve", money_rig_text(&m, "{\"digest\":\"%s\"}", money_rig_digest(&m, id))),
		      200, "\"state\":\"APPROVED\"");
}

/* --- idempotency --------------------------------------------------------------------------------- */

static void same_key_and_body_get_the_first_answer_byte_for_byte(void **state)
{
	struct rig_case about;
	struct rig_answer first, again;
	const char *body, *kept;
	uint64_t before;

	(void)state;
	money_rig_case(&m, &about);
	body = proposal_of(&about);
	first = money_rig_call(&m, "proposer", "POST", "/api/v1/rewards", body, "same");
	assert_answer(first, 201, "\"state\":\"DRAFT\"");
	kept = arena_dup(&m.arena, first.body).at;
	act("proposer", arena_dup(&m.arena, rig_member(first.body, "subject")).at, "submit", "{}");
	before = seq();
	again = money_rig_call(&m, "proposer", "POST", "/api/v1/rewards", body, "same");
	assert_int_equal(again.status, 201);
	assert_true(span_is(again.body, kept));
	assert_int_equal(seq(), before);
}

/* More records than answers are kept: the first answer comes out of the journal then. */
static void an_old_answer_is_told_by_the_journal(void **state)
{
	struct rig_answer answer;
	const char *kept;

	(void)state;
	answer = money_rig_call(&m, "finance", "POST", RIG_LEDGER_PATH "/receive",
				"{\"fen\":100,\"account\":\"bank:main\"}", "old");
	assert_answer(answer, 200, "\"entry\":\"L02:");
	kept = arena_dup(&m.arena, answer.body).at;
	for (unsigned i = 0; i < OFFICE_ANSWERS; i++)
		assert_int_equal(money_rig_call(&m, "finance", "POST", RIG_LEDGER_PATH "/receive",
						"{\"fen\":1,\"account\":\"bank:main\"}", NULL)
					 .status,
				 200);
	answer = money_rig_call(&m, "finance", "POST", RIG_LEDGER_PATH "/receive",
				"{\"fen\":100,\"account\":\"bank:main\"}", "old");
	assert_int_equal(answer.status, 200);
	assert_true(span_is(answer.body, kept));
}

static void same_key_for_something_else_is_refused(void **state)
{
	(void)state;
	assert_int_equal(money_rig_call(&m, "finance", "POST", RIG_LEDGER_PATH "/receive",
					"{\"fen\":5,\"account\":\"bank:main\"}", "other")
				 .status,
			 200);
	assert_answer(money_rig_call(&m, "finance", "POST", RIG_LEDGER_PATH "/receive",
				     "{\"fen\":6,\"account\":\"bank:main\"}", "other"),
		      422, "KEY_MISMATCH");
	assert_answer(money_rig_call(&m, "finance-2", "POST", RIG_LEDGER_PATH "/receive",
				     "{\"fen\":5,\"account\":\"bank:main\"}", "other"),
		      422, "KEY_MISMATCH");
}

static void every_change_needs_a_key(void **state)
{
	uint64_t before = seq();

	(void)state;
	assert_answer(money_rig_call(&m, "finance", "POST", RIG_LEDGER_PATH "/receive",
				     "{\"fen\":5,\"account\":\"bank:main\"}", ""),
		      400, "\"code\":\"key_needed\"");
	/* Our own keys have a colon: nobody takes them away from us. */
	assert_answer(money_rig_call(&m, "finance", "POST", RIG_LEDGER_PATH "/receive",
				     "{\"fen\":5,\"account\":\"bank:main\"}", "case:15-7K3MQ2X9RD:3"),
		      400, "\"code\":\"key_invalid\"");
	assert_int_equal(seq(), before);
}

/* --- refusals -------------------------------------------------------------------------------------- */

static void what_is_wrong_with_the_body_is_named(void **state)
{
	uint64_t before = seq();
	const char *path = RIG_LEDGER_PATH "/receive";

	(void)state;
	assert_answer(post("finance", path, "{\"fen\":5,\"account\":\"bank:main\",\"fun\":1}"), 400, "\"field\":\"fun\"");
	assert_answer(post("finance", path, "{\"account\":\"bank:main\"}"), 400, "\"field\":\"fen\"");
	assert_answer(post("finance", path, "{\"fen\":5.5,\"account\":\"bank:main\"}"), 400, "\"field\":\"fen\"");
	assert_answer(post("finance", path, "{\"fen\":\"5.00\",\"account\":\"bank:main\"}"), 400, "\"field\":\"fen\"");
	assert_answer(post("finance", path, "{\"fen\":[5],\"account\":\"bank:main\"}"), 400, "\"field\":\"fen\"");
	assert_answer(post("finance", path, "{\"fen\":5,\"account\":\"pocket\"}"), 400, "\"field\":\"account\"");
	assert_answer(post("finance", path, "[]"), 400, "not_json");
	assert_answer(post("finance", "/api/v1/rewards/R9999/release", "{\"source\":\"bank:main\"}"), 404, "NOT_FOUND");
	assert_answer(post("finance", "/api/v1/rewards/R1/fly", "{}"), 404, "no_such_action");
	/* What the system does by itself is no call. */
	assert_answer(post("finance", "/api/v1/rewards/R1/publish", "{}"), 404, "no_such_action");
	assert_answer(post("finance", "/api/v1/rewards/R1/claim", "{}"), 404, "no_such_action");
	assert_int_equal(seq(), before);
}

static void a_proposer_names_no_claimant(void **state)
{
	struct rig_case about;

	(void)state;
	money_rig_case(&m, &about);
	assert_answer(post("proposer", "/api/v1/rewards",
			   money_rig_text(&m, "{\"case\":\"%s\",\"tip\":\"%s\",\"programme\":\"" DEMO_PROGRAMME
					      "\",\"external_award\":0,\"claimant\":\"c-me\"}",
					  about.name, about.tip.text)),
		      400, "\"field\":\"claimant\"");
	assert_answer(post("proposer", "/api/v1/rewards",
			   "{\"case\":\"x\",\"tip\":\"15-7K3MQ2X9RD\",\"programme\":\"p\",\"external_award\":0}"),
		      404, "no_such_tip");
}

static void rights_are_those_of_token_and_register(void **state)
{
	const char *body = "{\"fen\":5,\"account\":\"bank:main\"}";

	(void)state;
	/* By the table of routes. */
	assert_answer(post("proposer", RIG_LEDGER_PATH "/receive", body), 403, "role_needed");
	/* A token with the role, of somebody who is not in the register. */
	assert_answer(post("finance-9", RIG_LEDGER_PATH "/receive", body), 403, "NOT_STAFF");
	assert_answer(post("admin", "/api/v1/staff",
			   "{\"account\":\"finance-9\",\"person\":\"p-nine\",\"roles\":[\"finance\"]}"),
		      200, "\"subject\":\"finance-9\"");
	assert_answer(post("finance-9", RIG_LEDGER_PATH "/receive", body), 200, "\"person\":\"p-nine\"");
}

static void a_policy_takes_two(void **state)
{
	const char *text = "{\\\"policy\\\":\\\"other\\\"}";
	struct rig_answer answer;

	(void)state;
	answer = post("admin", "/api/v1/policies", money_rig_text(&m, "{\"text\":\"%s\"}", text));
	assert_answer(answer, 400, "\"code\":");
	assert_answer(post("approver", "/api/v1/policies/" DEMO_PROGRAMME "/adopt", "{}"), 409, "\"code\":");
	assert_answer(post("approver", "/api/v1/policies/none/adopt", "{}"), 404, "NOT_FOUND");
}

static void without_a_treasury_nothing_is_done(void **state)
{
	struct treasury *treasury = m.app.app.treasury;

	(void)state;
	m.app.app.treasury = NULL;
	assert_answer(post("finance", RIG_LEDGER_PATH "/receive", "{\"fen\":5,\"account\":\"bank:main\"}"), 503,
		      "money_off");
	m.app.app.treasury = treasury;
}

#define TEST(f) cmocka_unit_test(f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reward_goes_from_proposal_to_release_by_different_people),
		TEST(amount_and_approval_are_those_of_the_policy),
		TEST(same_key_and_body_get_the_first_answer_byte_for_byte),
		TEST(an_old_answer_is_told_by_the_journal),
		TEST(same_key_for_something_else_is_refused),
		TEST(every_change_needs_a_key),
		TEST(what_is_wrong_with_the_body_is_named),
		TEST(a_proposer_names_no_claimant),
		TEST(rights_are_those_of_token_and_register),
		TEST(a_policy_takes_two),
		TEST(without_a_treasury_nothing_is_done),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
