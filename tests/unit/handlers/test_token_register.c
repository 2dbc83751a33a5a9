/*
 * Tokens over HTTP: what is told of them, to whom, and what revoking one does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/tokens.h"
#include "tests/support/app_rig.h"

static struct app_rig rig;
static struct arena arena;

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

static struct rig_answer ask(const char *token, const char *method, const char *path)
{
	return app_rig_ask(&rig, SITE_STAFF, method, path, arena_printf(&arena, "Authorization: Bearer %s\r\n", token), SPAN(""));
}

/* The id of the only token of that person. */
static const char *id_of(const char *person)
{
	for (size_t i = 0; i < tokens_count(rig.app.tokens); i++)
		if (strcmp(tokens_at(rig.app.tokens, i)->person, person) == 0)
			return arena_dup(&arena, span_of(tokens_at(rig.app.tokens, i)->id)).at;
	fail_msg("%s has no token", person);
	return "";
}

static void those_of_the_callers_region_are_told(void **state)
{
	const char *chief = app_rig_token(&rig, "chief", TOKEN_ADMIN, "000000", &arena);
	const char *ordos = app_rig_token(&rig, "ordos", TOKEN_ADMIN | TOKEN_OFFICER, "150600", &arena);
	struct span all, some;

	(void)state;
	all = arena_dup(&arena, ask(chief, "GET", "/api/v1/tokens").body);
	assert_true(rig_has(all, "\"person\":\"chief\""));
	assert_true(rig_has(all, "\"person\":\"ordos\",\"roles\":[\"officer\",\"admin\"],\"region\":\"150600\",\"scope\":[]"));
	assert_false(rig_has(all, chief));
	assert_false(rig_has(all, "sha256"));
	some = ask(ordos, "GET", "/api/v1/tokens").body;
	assert_true(rig_has(some, "\"person\":\"ordos\""));
	assert_true(rig_has(some, "\"yours\":true"));
	assert_false(rig_has(some, "\"person\":\"chief\""));
}

static void one_that_is_revoked_is_refused_at_once(void **state)
{
	const char *chief = app_rig_token(&rig, "chief", TOKEN_ADMIN, "000000", &arena);
	const char *lost = app_rig_token(&rig, "lost", TOKEN_OFFICER, "150600", &arena);
	const char *path;

	(void)state;
	assert_int_equal(ask(lost, "GET", "/api/v1/session").status, 200);
	path = arena_printf(&arena, "/api/v1/tokens/%s/revoke", id_of("lost"));
	assert_int_equal(ask(chief, "POST", path).status, 200);
	assert_true(rig_has(buf_span(&rig.store->trail), "\"call\":\"token_revoke\""));
	assert_int_equal(ask(lost, "GET", "/api/v1/session").status, 401);
	assert_int_equal(ask(chief, "POST", path).status, 404);
	assert_false(rig_has(ask(chief, "GET", "/api/v1/tokens").body, "\"person\":\"lost\""));
}

static void nobody_revokes_beyond_their_region(void **state)
{
	const char *chief = app_rig_token(&rig, "chief", TOKEN_ADMIN, "000000", &arena);
	const char *ordos = app_rig_token(&rig, "ordos", TOKEN_ADMIN, "150600", &arena);
	const char *officer = app_rig_token(&rig, "chen", TOKEN_OFFICER, "150600", &arena);
	const char *path;

	(void)state;
	assert_int_equal(ask(chief, "GET", "/api/v1/tokens").status, 200);
	path = arena_printf(&arena, "/api/v1/tokens/%s/revoke", id_of("chief"));
	assert_int_equal(ask(ordos, "POST", path).status, 404);
	assert_int_equal(ask(officer, "POST", path).status, 403);
	assert_int_equal(ask(chief, "GET", "/api/v1/tokens").status, 200);
	/* One's own may go: whoever finds that it leaked needs nobody else. */
	assert_int_equal(ask(chief, "POST", path).status, 200);
	assert_int_equal(ask(chief, "GET", "/api/v1/tokens").status, 401);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(those_of_the_callers_region_are_told, begin, finish),
		cmocka_unit_test_setup_teardown(one_that_is_revoked_is_refused_at_once, begin, finish),
		cmocka_unit_test_setup_teardown(nobody_revokes_beyond_their_region, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
