/*
 * Whose it is to order what, and what the audit trail says of it. That the
 * orders are carried out: tests/unit/handlers/test_accounts.c and
 * test_accounts.c.
 */
#include "daemon/base/table.h"
#include "daemon/sys/account_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW INT64_C(1795363200000)

static char dir[64];
static struct complaint why;

/* wang has a grant in Beijing that ended, and one in Ordos. */
static int make_dir(void **state)
{
	const struct account_grant ended = { .role = TOKEN_OFFICER, .region = "110000", .from_ms = NOW - 2000, .until_ms = NOW - 1000 };
	const struct account_grant here = { .role = TOKEN_OFFICER, .region = "150602" };
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/tipline-order-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	return account_invite(dir, SPAN("wang"), SPAN("W"), NOW, code, &why) &&
			       account_grant_add(dir, SPAN(""), SPAN("wang"), &ended, &why) &&
			       account_grant_add(dir, SPAN(""), SPAN("wang"), &here, &why) ?
		       0 :
		       -1;
}

static int remove_dir(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static enum account_order_verdict judge(const char *by, const char *by_region, enum account_order_act act, const char *person, const char *region)
{
	struct accounts *reg = accounts_load(dir, &why);
	struct tokens *tokens = tokens_load(dir, &why);
	struct account_order order = { .act = act, .by = span_of(by), .person = span_of(person), .grant = { .role = TOKEN_OFFICER } };
	enum account_order_verdict verdict;

	snprintf(order.by_region, sizeof(order.by_region), "%s", by_region);
	snprintf(order.grant.region, sizeof(order.grant.region), "%s", region);
	verdict = account_order_judge(&order, reg, tokens, NOW, &why);
	tokens_free(tokens);
	accounts_free(reg);
	return verdict;
}

static void every_order_is_judged_by_region(void **state)
{
	static const struct {
		enum account_order_act act;
		const char *by_region, *region;
		enum account_order_verdict verdict;
	} rows[] = {
		{ ACCOUNT_ACT_GRANT, "150600", "150602", ACCOUNT_ORDER_WELL },    { ACCOUNT_ACT_GRANT, "150600", "150600", ACCOUNT_ORDER_WELL },
		{ ACCOUNT_ACT_GRANT, "150600", "150000", ACCOUNT_ORDER_BEYOND },  { ACCOUNT_ACT_GRANT, "150600", "000000", ACCOUNT_ORDER_BEYOND },
		{ ACCOUNT_ACT_GRANT, "150600", "110000", ACCOUNT_ORDER_BEYOND },  { ACCOUNT_ACT_REVOKE, "110000", "150602", ACCOUNT_ORDER_BEYOND },
		{ ACCOUNT_ACT_SUSPEND, "150600", "", ACCOUNT_ORDER_WELL },	      { ACCOUNT_ACT_SUSPEND, "150602", "", ACCOUNT_ORDER_WELL },
		{ ACCOUNT_ACT_SUSPEND, "110000", "", ACCOUNT_ORDER_BEYOND },      { ACCOUNT_ACT_RESTORE, "150700", "", ACCOUNT_ORDER_BEYOND },
		{ ACCOUNT_ACT_RECOVER, "150603", "", ACCOUNT_ORDER_BEYOND },      { ACCOUNT_ACT_RECOVER, "000000", "", ACCOUNT_ORDER_WELL },
		{ ACCOUNT_ACT_GRANT, "000000", "000000", ACCOUNT_ORDER_WELL },
		{ ACCOUNT_ACT_CANCEL_RECOVERY, "150603", "", ACCOUNT_ORDER_BEYOND },
		{ ACCOUNT_ACT_CANCEL_RECOVERY, "150600", "", ACCOUNT_ORDER_WELL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(judge("chief", rows[i].by_region, rows[i].act, "wang", rows[i].region), rows[i].verdict);
}

static void nobody_orders_about_themselves_and_no_operator_recovers(void **state)
{
	(void)state;
	for (enum account_order_act act = 0; act < ACCOUNT_ACTS; act++) {
		enum account_order_verdict alone = act == ACCOUNT_ACT_RECOVER ? ACCOUNT_ORDER_ALONE : ACCOUNT_ORDER_WELL;

		assert_int_equal(judge("wang", "000000", act, "wang", "150602"), ACCOUNT_ORDER_OWN);
		assert_int_equal(judge("", "", act, "wang", "150602"), alone);
		assert_int_equal(judge("chief", "000000", act, "nobody", "150602"),
				 act == ACCOUNT_ACT_ADD ? ACCOUNT_ORDER_WELL : ACCOUNT_ORDER_UNKNOWN);
	}
}

static void an_account_is_seen_where_it_has_a_part(void **state)
{
	struct accounts *reg = accounts_load(dir, &why);
	const struct account *wang = accounts_find(reg, SPAN("wang"));
	const struct account nobody = { .ngrants = 0 };

	(void)state;
	assert_true(account_order_sees("150600", wang));
	assert_true(account_order_sees("110000", wang));
	assert_false(account_order_sees("120000", wang));
	assert_true(account_order_sees("120000", &nobody));
	accounts_free(reg);
}

static void an_event_says_all_of_it(void **state)
{
	struct account_order order = { .act = ACCOUNT_ACT_GRANT,
				     .by = SPAN("chief"),
				     .person = SPAN("wang"),
				     .grant = { .role = TOKEN_FINANCE, .region = "150600", .from_ms = NOW, .until_ms = NOW + 86400000 } };
	struct account_order_words words = { .call = "" };
	struct trail_event event = account_order_event(&order, &words);
	struct buf text = { 0 };

	(void)state;
	trail_event_write(&event, &text);
	assert_true(span_is(buf_span(&text), "{\"event\":\"account_changed\",\"at\":0,\"by\":\"chief\",\"call\":\"account_grant\","
					     "\"id\":\"wang\",\"region\":\"150600\","
					     "\"query\":\"from=2026-11-22T16:00:00Z until=2026-11-23T16:00:00Z\",\"to\":\"finance\"}"));
	buf_clear(&text);
	order.act = ACCOUNT_ACT_CANCEL_RECOVERY;
	event = account_order_event(&order, &words);
	assert_true(span_is(event.call, "account_cancel_recovery"));
	order.act = ACCOUNT_ACT_SUSPEND;
	event = account_order_event(&order, &words);
	trail_event_write(&event, &text);
	assert_true(span_is(buf_span(&text), "{\"event\":\"account_changed\",\"at\":0,\"by\":\"chief\",\"call\":\"account_suspend\","
					     "\"id\":\"wang\"}"));
	buf_release(&text);
}

static void acts_have_names(void **state)
{
	enum account_order_act found;

	(void)state;
	for (enum account_order_act act = 0; act < ACCOUNT_ACTS; act++) {
		assert_true(account_order_act_find(span_of(account_order_act_name(act)), &found));
		assert_int_equal(found, act);
	}
	assert_false(account_order_act_find(SPAN("promote"), &found));
}

/* Who works by tokens is no one's to take into an account, or out of it, who is administrator of less. */
static void tokens_reach_as_far_as_accounts(void **state)
{
	struct token token = { .person = "chief.of.all", .roles = TOKEN_ADMIN, .region = "000000", .expires_ms = NOW + 1000 };
	char text[TOKEN_TEXT_BYTES + 1], code[ACCOUNT_SETUP_CODE_BYTES + 1];

	(void)state;
	assert_true(token_add(dir, &token, NOW, text, &why));
	assert_int_equal(judge("chief", "150600", ACCOUNT_ACT_ADD, "chief.of.all", "150600"), ACCOUNT_ORDER_BEYOND);
	assert_int_equal(judge("chief", "150600", ACCOUNT_ACT_ADD, "Chief.of.all", "150600"), ACCOUNT_ORDER_BEYOND);
	assert_int_equal(judge("chief", "150600", ACCOUNT_ACT_ADD, "chief.of", "150600"), ACCOUNT_ORDER_WELL);
	assert_int_equal(judge("chief", "000000", ACCOUNT_ACT_ADD, "chief.of.all", "150600"), ACCOUNT_ORDER_WELL);
	assert_int_equal(judge("", "", ACCOUNT_ACT_ADD, "chief.of.all", "150600"), ACCOUNT_ORDER_WELL);
	assert_true(account_invite(dir, SPAN("chief.of.all"), SPAN("Chief"), NOW, code, &why));
	assert_int_equal(judge("chief", "150600", ACCOUNT_ACT_SUSPEND, "chief.of.all", ""), ACCOUNT_ORDER_BEYOND);
	assert_int_equal(judge("chief", "150600", ACCOUNT_ACT_RESTORE, "chief.of.all", ""), ACCOUNT_ORDER_BEYOND);
	assert_int_equal(judge("chief", "150600", ACCOUNT_ACT_RECOVER, "chief.of.all", ""), ACCOUNT_ORDER_BEYOND);
	assert_int_equal(judge("chief", "150600", ACCOUNT_ACT_GRANT, "chief.of.all", "150602"), ACCOUNT_ORDER_WELL);
	assert_int_equal(judge("CHIEF.of.all", "000000", ACCOUNT_ACT_GRANT, "chief.of.all", "150602"), ACCOUNT_ORDER_OWN);
}

static enum account_order_done grant_by(const char *by, unsigned role)
{
	struct account_order order = { .act = ACCOUNT_ACT_GRANT, .by = span_of(by), .person = SPAN("wang"), .grant = { .role = role, .region = "150600" } };
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];

	return account_order_run(&order, dir, NOW, code, &why);
}

static void who_decides_is_made_by_two_or_by_the_operator(void **state)
{
	static const unsigned by_two[] = { TOKEN_APPROVER, TOKEN_FINANCE, TOKEN_ADMIN };
	static const unsigned by_one[] = { TOKEN_VERIFIER, TOKEN_PROPOSER, TOKEN_AUDITOR, TOKEN_CASHIER };

	(void)state;
	for (size_t i = 0; i < sizeof(by_two) / sizeof(by_two[0]); i++) {
		assert_int_equal(grant_by("chief", by_two[i]), ACCOUNT_DONE_WAITS);
		assert_int_equal(grant_by("chief", by_two[i]), ACCOUNT_DONE_WAITS);
		assert_int_equal(grant_by("other", by_two[i]), ACCOUNT_DONE_WELL);
		assert_int_equal(grant_by("other", by_two[i]), ACCOUNT_DONE_REFUSED);
	}
	for (size_t i = 0; i < sizeof(by_one) / sizeof(by_one[0]); i++)
		assert_int_equal(grant_by("chief", by_one[i]), ACCOUNT_DONE_WELL);
	assert_int_equal(grant_by("", TOKEN_OFFICER), ACCOUNT_DONE_WELL);
	assert_int_equal(grant_by("", TOKEN_APPROVER), ACCOUNT_DONE_REFUSED);   /* held already */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_decides_is_made_by_two_or_by_the_operator, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(tokens_reach_as_far_as_accounts, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(every_order_is_judged_by_region, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(nobody_orders_about_themselves_and_no_operator_recovers, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(an_account_is_seen_where_it_has_a_part, make_dir, remove_dir),
		cmocka_unit_test(an_event_says_all_of_it),
		cmocka_unit_test(acts_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
