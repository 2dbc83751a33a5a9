/*
 * What a person may do with a reward is what the book says when they do it: by
 * role, by what they did before, by the state; and asking changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/reward/acts.h"
#include "tests/support/money_rig.h"

static struct money_rig m;
static struct rig_case about;
static const char *id;

static int begin(void **state)
{
	(void)state;
	money_rig_open(&m, NULL);
	id = money_rig_proposed(&m, &about);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	money_rig_close(&m);
	app_rig_done();
	return 0;
}

static struct rig_answer read_as(const char *who)
{
	return money_rig_call(&m, who, "GET", money_rig_text(&m, "/api/v1/rewards/%s", id), "", "");
}

static void assert_has(const char *who, const char *part, bool has)
{
	struct rig_answer answer = read_as(who);

	assert_int_equal(answer.status, 200);
	if (rig_has(answer.body, part) != has)
		fail_msg("%s: %s %s in %.*s", who, part, has ? "is not" : "is", (int)answer.body.len, answer.body.at);
}

static struct rig_answer act(const char *who, const char *action, const char *json)
{
	return money_rig_call(&m, who, "POST", money_rig_text(&m, "/api/v1/rewards/%s/%s", id, action), json, NULL);
}

static void as_the_state_has_it(void **state)
{
	(void)state;
	assert_has("proposer", "{\"act\":\"submit\",\"may\":true}", true);
	assert_has("approver", "{\"act\":\"approve\",\"may\":false,\"code\":\"ILLEGAL_TRANSITION\",", true);
	assert_int_equal(act("proposer", "submit", "{}").status, 200);
	assert_has("proposer", "{\"act\":\"submit\",\"may\":false,\"code\":\"ILLEGAL_TRANSITION\",", true);
	assert_has("approver", "{\"act\":\"approve\",\"may\":true}", true);
	assert_has("approver", "{\"act\":\"reject\",\"may\":true}", true);
	assert_has("approver", "{\"act\":\"panel\",\"may\":false,\"code\":\"ILLEGAL_TRANSITION\",", true);
}

static void only_of_ones_own_roles(void **state)
{
	(void)state;
	assert_has("finance", "{\"act\":\"release\",", true);
	assert_has("finance", "{\"act\":\"approve\",", false);
	assert_has("proposer", "{\"act\":\"propose\",", false);
	assert_has("auditor", "{\"act\":\"hold\",\"may\":true}", true);
}

/* The proposer is made an approver as well: two roles, one person. */
static void told_before_it_is_tried(void **state)
{
	const char *staff = "{\"account\":\"approver\",\"person\":\"proposer\",\"roles\":[\"approver\"],\"titles\":[\"approver\"]}";
	const char *digest;

	(void)state;
	assert_int_equal(money_rig_call(&m, "admin", "POST", "/api/v1/staff", staff, NULL).status, 200);
	assert_int_equal(act("proposer", "submit", "{}").status, 200);
	assert_has("approver", "{\"act\":\"approve\",\"may\":false,\"code\":\"SEPARATION\","
			       "\"detail\":\"this person proposed the reward\"}", true);
	digest = money_rig_text(&m, "{\"digest\":\"%s\"}", money_rig_digest(&m, id));
	assert_true(rig_has(act("approver", "approve", digest).body, "SEPARATION"));
	assert_has("approver-2", "{\"act\":\"approve\",\"may\":true}", true);
}

static void asking_records_nothing(void **state)
{
	uint64_t seq = book_seq(treasury_book(m.app.app.treasury));

	(void)state;
	read_as("approver");
	read_as("finance");
	assert_int_equal(book_seq(treasury_book(m.app.app.treasury)), seq);
}

static void a_vote_that_waits(void **state)
{
	const char *path, *body = "{\"reason\":\"wrong case\"}";

	(void)state;
	id = money_rig_claimable(&m, &about);
	path = money_rig_text(&m, "/api/v1/rewards/%s/revoke", id);
	assert_has("approver", "\"votes\":[]", true);
	assert_has("approver-2", "{\"act\":\"panel\",\"may\":true}", true);
	assert_has("approver", "{\"act\":\"panel\",\"may\":false,\"code\":\"SEPARATION\",", true);
	assert_int_equal(money_rig_call(&m, "approver", "POST", path, body, NULL).status, 202);
	assert_has("approver-2", "\"votes\":[{\"act\":\"reward.revoke\",\"person\":\"approver\",", true);
	assert_int_equal(money_rig_call(&m, "approver-2", "POST", path, body, NULL).status, 200);
	assert_has("approver-2", "\"votes\":[]", true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(as_the_state_has_it),    TEST(only_of_ones_own_roles), TEST(told_before_it_is_tried),
		TEST(asking_records_nothing), TEST(a_vote_that_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
