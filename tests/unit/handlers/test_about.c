/*
 * About this process: version, since when, what it does, whether it is ready.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/tokens.h"
#include "tests/support/app_rig.h"

static void an_administrator_is_told(void **state)
{
	struct app_rig rig;
	struct arena arena = { 0 };
	struct rig_answer answer;
	const char *token;

	(void)state;
	app_rig_open(&rig, (const char *const[]){ "roles=intake, desk", NULL });
	token = app_rig_token(&rig, "chief", TOKEN_ADMIN, "000000", &arena);
	rig.app.started_ms = INT64_C(1795363200000);
	answer = app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/about", arena_printf(&arena, "Authorization: Bearer %s\r\n", token), SPAN(""));
	assert_int_equal(answer.status, 200);
	assert_true(rig_has(answer.body, "\"version\":\"" TIPLINE_VERSION "\",\"started\":\"2026-11-22T16:00:00Z\""));
	assert_true(rig_has(answer.body, "\"roles\":[\"intake\",\"desk\"]"));
	assert_true(rig_has(answer.body, "\"readiness\":{\"faults\":["));
	rig.app.draining = true;
	answer = app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/about", arena_printf(&arena, "Authorization: Bearer %s\r\n", token), SPAN(""));
	assert_true(rig_has(answer.body, "draining"));
	assert_true(rig_has(answer.body, "\"ready\":false"));
	app_rig_close(&rig);
	arena_release(&arena);
	app_rig_done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_administrator_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
