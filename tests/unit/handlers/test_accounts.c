/*
 * Accounts over HTTP: who may order what, what is answered, and what the audit
 * trail says of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/clock.h"
#include "daemon/sys/accounts.h"
#include "tests/support/app_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct app_rig rig;
static struct arena arena;
static struct complaint why;

static int begin(void **state)
{
	(void)state;
	app_rig_open(&rig, NULL);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	app_rig_close(&rig);
	arena_release(&arena);
	app_rig_done();
	return 0;
}

struct asker {
	const char *person;
	unsigned roles;
	const char *region;
};

static const struct asker chief = { "chief", TOKEN_ADMIN, "000000" };
static const struct asker deputy = { "deputy", TOKEN_ADMIN, "000000" };
static const struct asker ordos = { "ordos", TOKEN_ADMIN, "150600" };

static struct rig_answer ask(const struct asker *who, const char *method, const char *path, const char *body)
{
	const char *token = app_rig_token(&rig, who->person, who->roles, who->region, &arena);

	return app_rig_ask(&rig, SITE_STAFF, method, path, arena_printf(&arena, "Authorization: Bearer %s\r\n", token), span_of(body));
}

static struct rig_answer post(const struct asker *who, const char *rest, const char *body)
{
	return ask(who, "POST", arena_printf(&arena, "/api/v1/accounts%s", rest), body);
}

static void add(const char *person)
{
	assert_int_equal(post(&chief, "", arena_printf(&arena, "{\"person\":\"%s\",\"name\":\"N\"}", person)).status, 201);
}

static bool is_problem(struct rig_answer answer, int status, const char *code)
{
	return answer.status == status && span_is(rig_member(answer.body, "code"), code);
}

/* How many events of changes the trail has, and the last. */
static size_t events(struct span *last)
{
	struct span rest = buf_span(&rig.store->trail), line;
	size_t n = 0;

	while (rest.len > 0 && span_cut(&rest, '\n', &line))
		if (span_starts(line, SPAN("{\"event\":\"account_changed\","))) {
			*last = line;
			n++;
		}
	return n;
}

static void an_account_is_added_and_set_up_with_its_code(void **state)
{
	struct rig_answer answer = post(&chief, "", "{\"person\":\"li\",\"name\":\"Li Wei\"}");
	struct span code, event;
	int64_t now = clock_wall_ms();

	(void)state;
	assert_int_equal(answer.status, 201);
	assert_true(rig_has(answer.body, "\"state\":\"invited\""));
	code = arena_dup(&arena, rig_member(answer.body, "setup_code"));
	assert_int_equal(code.len, 29);
	assert_int_equal(events(&event), 1);
	assert_true(rig_has(event, "\"by\":\"chief\""));
	assert_true(rig_has(event, "\"call\":\"account_add\""));
	assert_true(rig_has(event, "\"id\":\"li\""));
	assert_false(rig_has(buf_span(&rig.store->trail), code.at));
	answer = ask(&chief, "GET", "/api/v1/accounts/li", "");
	assert_int_equal(answer.status, 200);
	assert_false(rig_has(answer.body, "setup_code"));
	assert_true(account_set_up(rig.config.state_dir, SPAN("li"), code, SPAN("sealed"), now, &why));
	assert_true(rig_has(ask(&chief, "GET", "/api/v1/accounts", "").body, "\"state\":\"active\""));
	assert_true(is_problem(post(&chief, "", "{\"person\":\"li\",\"name\":\"Li Wei\"}"), 409, "account_refused"));
	assert_int_equal(events(&event), 3);
	assert_true(rig_has(event, "state=refused"));
}

static void grants_are_given_and_taken(void **state)
{
	struct rig_answer answer;
	struct span event;

	(void)state;
	add("li");
	answer = post(&chief, "/li/grant", "{\"role\":\"officer\",\"region\":\"150602\",\"until\":\"2036-01-01T00:00:00Z\"}");
	assert_int_equal(answer.status, 200);
	assert_true(rig_has(answer.body, "\"region\":\"150602\",\"from\":null,\"until\":\"2036-01-01T00:00:00Z\",\"holds\":true"));
	assert_int_equal(events(&event), 2);
	assert_true(rig_has(event, "\"region\":\"150602\""));
	assert_true(rig_has(event, "\"to\":\"officer\""));
	assert_true(rig_has(event, "\"query\":\"until=2036-01-01T00:00:00Z\""));
	assert_int_equal(post(&chief, "/li/revoke", "{\"role\":\"officer\",\"region\":\"150602\"}").status, 200);
	assert_true(is_problem(post(&chief, "/li/revoke", "{\"role\":\"officer\",\"region\":\"150602\"}"), 409, "account_refused"));
	assert_int_equal(post(&chief, "/li/suspend", "").status, 200);
	assert_int_equal(post(&chief, "/li/restore", "{}").status, 200);
}

static void what_is_wrong_names_its_field(void **state)
{
	static const char *const bodies[][2] = {
		{ "{\"role\":\"king\",\"region\":\"150602\"}", "role" },
		{ "{\"region\":\"150602\"}", "role" },
		{ "{\"role\":\"officer\",\"region\":\"15\"}", "region" },
		{ "{\"role\":\"officer\",\"region\":\"150602\",\"from\":\"soon\"}", "from" },
		{ "{\"role\":\"officer\",\"region\":\"150602\",\"until\":7}", "until" },
	};
	struct span event;

	(void)state;
	add("li");
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct rig_answer answer = post(&chief, "/li/grant", bodies[i][0]);

		assert_true(is_problem(answer, 400, "field_invalid"));
		assert_true(span_is(rig_member(answer.body, "field"), bodies[i][1]));
	}
	assert_true(is_problem(post(&chief, "/li/grant", "[]"), 400, "field_invalid"));
	assert_true(is_problem(post(&chief, "", "{\"person\":\"a b\",\"name\":\"N\"}"), 400, "field_invalid"));
	assert_true(is_problem(post(&chief, "", "{\"person\":\"wang\"}"), 400, "field_invalid"));
	assert_true(is_problem(post(&chief, "/li/promote", "{}"), 404, "not_found"));
	assert_true(is_problem(post(&chief, "/wang/suspend", "{}"), 404, "not_found"));
	assert_true(is_problem(ask(&chief, "GET", "/api/v1/accounts/wang", ""), 404, "not_found"));
	assert_int_equal(events(&event), 1);
}

static void an_administrator_orders_in_their_own_region(void **state)
{
	struct rig_answer answer;

	(void)state;
	add("li");
	add("wang");
	add("zhao");
	assert_int_equal(post(&ordos, "/li/grant", "{\"role\":\"officer\",\"region\":\"150602\"}").status, 200);
	/* Another administrator with them, one to whom that region belongs. */
	answer = post(&ordos, "/li/grant", "{\"role\":\"admin\",\"region\":\"150600\"}");
	assert_int_equal(answer.status, 202);
	assert_true(rig_has(answer.body, "\"holds\":false,\"asked_by\":\"ordos\""));
	answer = post(&chief, "/li/grant", "{\"role\":\"admin\",\"region\":\"150600\"}");
	assert_int_equal(answer.status, 200);
	assert_false(rig_has(answer.body, "\"asked_by\":\"ordos\""));
	assert_true(is_problem(post(&ordos, "/li/grant", "{\"role\":\"officer\",\"region\":\"150000\"}"), 403, "region_not_yours"));
	assert_true(is_problem(post(&ordos, "/li/grant", "{\"role\":\"officer\",\"region\":\"000000\"}"), 403, "region_not_yours"));
	assert_int_equal(post(&chief, "/wang/grant", "{\"role\":\"officer\",\"region\":\"110000\"}").status, 200);
	assert_true(is_problem(post(&ordos, "/wang/suspend", "{}"), 403, "region_not_yours"));
	assert_true(is_problem(post(&ordos, "/wang/recover", "{}"), 403, "region_not_yours"));
	assert_true(is_problem(post(&ordos, "/wang/revoke", "{\"role\":\"officer\",\"region\":\"110000\"}"), 403, "region_not_yours"));
	assert_int_equal(post(&ordos, "/li/suspend", "{}").status, 200);
	/* Whose grants end outside is not shown. */
	answer = ask(&ordos, "GET", "/api/v1/accounts", "");
	assert_true(rig_has(answer.body, "\"person\":\"li\""));
	assert_true(rig_has(answer.body, "\"person\":\"zhao\""));
	assert_false(rig_has(answer.body, "\"person\":\"wang\""));
	assert_int_equal(ask(&ordos, "GET", "/api/v1/accounts/wang", "").status, 404);
	assert_int_equal(ask(&chief, "GET", "/api/v1/accounts/wang", "").status, 200);
}

static void nobody_orders_about_themselves(void **state)
{
	struct span event;

	(void)state;
	add("deputy");
	assert_true(is_problem(post(&deputy, "/deputy/grant", "{\"role\":\"finance\",\"region\":\"000000\"}"), 403, "own_account"));
	assert_true(is_problem(post(&deputy, "/deputy/recover", "{}"), 403, "own_account"));
	assert_int_equal(events(&event), 1);
}

static void a_recovery_takes_two(void **state)
{
	struct rig_answer answer;

	(void)state;
	add("li");
	answer = post(&chief, "/li/recover", "");
	assert_int_equal(answer.status, 202);
	assert_true(rig_has(answer.body, "\"recovery\":{\"by\":\"chief\""));
	assert_false(rig_has(answer.body, "setup_code"));
	assert_int_equal(post(&chief, "/li/recover", "").status, 202);
	answer = post(&deputy, "/li/recover", "");
	assert_int_equal(answer.status, 200);
	assert_int_equal(rig_member(answer.body, "setup_code").len, 29);
}

static void a_recovery_that_waits_is_refused(void **state)
{
	struct rig_answer answer;

	(void)state;
	add("li");
	assert_true(is_problem(post(&deputy, "/li/cancel_recovery", ""), 409, "account_refused"));
	assert_int_equal(post(&chief, "/li/recover", "").status, 202);
	answer = post(&deputy, "/li/cancel_recovery", "");
	assert_int_equal(answer.status, 200);
	assert_true(rig_has(answer.body, "\"recovery\":null"));
	assert_int_equal(post(&deputy, "/li/recover", "").status, 202);
	assert_int_equal(post(&deputy, "/li/cancel_recovery", "{}").status, 200);
	assert_int_equal(post(&chief, "/li/recover", "").status, 202);
	assert_true(is_problem(post(&ordos, "/chief/cancel_recovery", "{}"), 404, "not_found"));
}

static void others_are_kept_out(void **state)
{
	const struct asker officer = { "officer", TOKEN_OFFICER | TOKEN_VERIFIER | TOKEN_FINANCE | TOKEN_CASHIER, "000000" };
	const struct asker auditor = { "auditor", TOKEN_AUDITOR, "000000" };

	(void)state;
	add("li");
	assert_true(is_problem(post(&officer, "", "{\"person\":\"x\",\"name\":\"X\"}"), 403, "role_needed"));
	assert_true(is_problem(post(&officer, "/li/suspend", "{}"), 403, "role_needed"));
	assert_true(is_problem(ask(&officer, "GET", "/api/v1/accounts", ""), 403, "role_needed"));
	assert_int_equal(ask(&auditor, "GET", "/api/v1/accounts", "").status, 200);
	assert_true(is_problem(post(&auditor, "/li/suspend", "{}"), 403, "role_needed"));
}

/* The trail is there first: without it nothing changes. */
static void nothing_changes_without_the_trail(void **state)
{
	(void)state;
	add("li");
	rig.store->trouble_of = STORE_AUDIT;
	rig.store->trouble = TROUBLE_BROKEN;
	assert_true(is_problem(post(&chief, "/li/suspend", "{}"), 503, "audit_unavailable"));
	rig.store->trouble = TROUBLE_NONE;
	assert_true(rig_has(ask(&chief, "GET", "/api/v1/accounts/li", "").body, "\"state\":\"invited\""));
}

static void a_broken_register_is_said(void **state)
{
	char path[128];

	(void)state;
	add("li");
	snprintf(path, sizeof(path), "%s/" ACCOUNTS_FILE, rig.config.state_dir);
	assert_int_equal(chmod(path, 0644), 0);
	assert_true(is_problem(ask(&chief, "GET", "/api/v1/accounts", ""), 503, "accounts_unavailable"));
	assert_true(is_problem(post(&chief, "/li/suspend", "{}"), 503, "accounts_unavailable"));
}

/* A token made for other calls does not reach these, whatever its roles. */
static void a_scope_is_held_to(void **state)
{
	struct token token = { .roles = TOKEN_ADMIN, .person = "chief", .region = "000000", .scope = "accounts outbox*" };
	char text[TOKEN_TEXT_BYTES + 1];
	const char *field;

	(void)state;
	assert_true(token_add(rig.config.state_dir, &token, clock_wall_ms(), text, &why));
	field = arena_printf(&arena, "Authorization: Bearer %s\r\n", text);
	assert_int_equal(app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/accounts", field, SPAN("")).status, 200);
	assert_true(is_problem(app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/accounts/li", field, SPAN("")), 403, "scope_needed"));
	assert_true(is_problem(app_rig_ask(&rig, SITE_STAFF, "POST", "/api/v1/accounts", field, SPAN("{}")), 403, "scope_needed"));
	assert_true(is_problem(app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/tips", field, SPAN("")), 403, "role_needed"));
}

/* A suspended account has no use of its tokens, and has it again when it is restored. */
static void a_suspended_account_has_no_tokens(void **state)
{
	const char *token = app_rig_token(&rig, "li", TOKEN_ADMIN, "000000", &arena);
	const char *field = arena_printf(&arena, "Authorization: Bearer %s\r\n", token);

	(void)state;
	rig.app.accounts = accounts_load(rig.config.state_dir, &why);
	assert_int_equal(app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/accounts", field, SPAN("")).status, 200);
	add("li");
	assert_int_equal(post(&chief, "/li/suspend", "{}").status, 200);
	assert_true(is_problem(app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/accounts", field, SPAN("")), 401, "token_needed"));
	assert_int_equal(post(&chief, "/li/restore", "{}").status, 200);
	assert_int_equal(app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/accounts", field, SPAN("")).status, 200);
	accounts_free(rig.app.accounts);
	rig.app.accounts = NULL;
}

#define ACCOUNTS_TEST(f) cmocka_unit_test_setup_teardown(f, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ACCOUNTS_TEST(an_account_is_added_and_set_up_with_its_code),
		ACCOUNTS_TEST(grants_are_given_and_taken),
		ACCOUNTS_TEST(what_is_wrong_names_its_field),
		ACCOUNTS_TEST(an_administrator_orders_in_their_own_region),
		ACCOUNTS_TEST(nobody_orders_about_themselves),
		ACCOUNTS_TEST(a_recovery_takes_two),
		ACCOUNTS_TEST(a_recovery_that_waits_is_refused),
		ACCOUNTS_TEST(others_are_kept_out),
		ACCOUNTS_TEST(nothing_changes_without_the_trail),
		ACCOUNTS_TEST(a_broken_register_is_said),
		ACCOUNTS_TEST(a_scope_is_held_to),
		ACCOUNTS_TEST(a_suspended_account_has_no_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
