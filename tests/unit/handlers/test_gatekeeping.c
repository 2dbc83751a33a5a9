/*
 * Who is behind a request: a token or a session's cookie, one of the two; and
 * what is answered where it is neither, both, or more than one. Sessions that
 * hold are test_entry.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/accounts.h"
#include "daemon/sys/clock.h"
#include "tests/support/app_rig.h"

#include <stdio.h>

#define QUEUES "/api/v1/queues"
#define COOKIE "Cookie: tipline-session=0000000000000000000000000000000000000000000\r\n"

static struct app_rig rig;
static struct arena arena;
static struct complaint why;
static const char *token;

static int begin(void **state)
{
	(void)state;
	app_rig_open(&rig, NULL);
	rig.app.accounts = accounts_load(rig.home, &why);
	assert_non_null(rig.app.accounts);
	token = app_rig_token(&rig, "li", TOKEN_OFFICER, "150600", &arena);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	accounts_free(rig.app.accounts);
	app_rig_close(&rig);
	arena_release(&arena);
	return 0;
}

/* The answer to a request with these fields; "200" or the problem's code. */
static const char *asked(const char *fields)
{
	struct rig_answer answer = app_rig_ask(&rig, SITE_STAFF, "GET", QUEUES, fields, (struct span){ 0 });
	struct span code = rig_member(answer.body, "code");

	assert_int_not_equal(answer.status, 0);
	return answer.status == 200 ? "200" : arena_printf(&arena, "%d %.*s", answer.status, (int)code.len, code.at);
}

static const char *bearer(const char *scheme, const char *text)
{
	return arena_printf(&arena, "Authorization: %s %s\r\n", scheme, text);
}

static void a_token_is_taken_as_the_scheme_says(void **state)
{
	(void)state;
	assert_string_equal(asked(bearer("Bearer", token)), "200");
	assert_string_equal(asked(bearer("bEARER", token)), "200");
	assert_string_equal(asked(bearer("Basic", token)), "401 token_needed");
	assert_string_equal(asked(arena_printf(&arena, "Authorization: %s\r\n", token)), "401 token_needed");
	assert_string_equal(asked("Authorization: Bearer\r\n"), "401 token_needed");
	assert_string_equal(asked(bearer("Bearer", arena_printf(&arena, "%sx", token))), "401 token_needed");
	assert_string_equal(asked(bearer("Bearer", arena_printf(&arena, "%.*s", (int)strlen(token) - 1, token))), "401 token_needed");
	assert_string_equal(asked(NULL), "401 token_needed");
}

static void who_acts_depends_on_no_order(void **state)
{
	(void)state;
	assert_string_equal(asked(arena_printf(&arena, "%s" COOKIE, bearer("Bearer", token))), "400 two_credentials");
	assert_string_equal(asked(arena_printf(&arena, COOKIE "%s", bearer("Bearer", token))), "400 two_credentials");
	assert_string_equal(asked(arena_printf(&arena, COOKIE "%s", bearer("Bearer", "none"))), "400 two_credentials");
	assert_string_equal(asked("Cookie: tipline-session=a; tipline-session=b\r\n"), "400 cookie_invalid");
	assert_string_equal(asked(COOKIE COOKIE), "400 cookie_invalid");
}

static void a_cookie_of_no_session_is_forgotten(void **state)
{
	struct rig_answer answer = app_rig_ask(&rig, SITE_STAFF, "GET", QUEUES, COOKIE, (struct span){ 0 });

	(void)state;
	assert_int_equal(answer.status, 401);
	assert_true(span_is(rig_member(answer.body, "code"), "session_ended"));
	assert_true(rig_has(answer.head, "Set-Cookie: tipline-session=;"));
	assert_true(rig_has(answer.head, "Max-Age=0"));
	assert_string_equal(asked("Cookie: other=1\r\n"), "401 token_needed");
}

static void tokens_of_a_suspended_account_are_none(void **state)
{
	char code[ACCOUNT_SETUP_CODE_BYTES + 1];

	(void)state;
	assert_true(account_invite(rig.home, SPAN("li"), SPAN("Li"), clock_wall_ms(), code, &why));
	assert_string_equal(asked(bearer("Bearer", token)), "200");
	assert_true(account_suspend(rig.home, (struct span){ 0 }, SPAN("li"), true, &why));
	assert_string_equal(asked(bearer("Bearer", token)), "401 token_needed");
	assert_true(account_suspend(rig.home, (struct span){ 0 }, SPAN("li"), false, &why));
	assert_string_equal(asked(bearer("Bearer", token)), "200");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_token_is_taken_as_the_scheme_says, begin, finish),
		cmocka_unit_test_setup_teardown(who_acts_depends_on_no_order, begin, finish),
		cmocka_unit_test_setup_teardown(a_cookie_of_no_session_is_forgotten, begin, finish),
		cmocka_unit_test_setup_teardown(tokens_of_a_suspended_account_are_none, begin, finish),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	app_rig_done();
	return failed;
}
