/*
 * Gateways over HTTP: all that are configured, with what this process knows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/tokens.h"
#include "tests/support/app_rig.h"

static void all_that_are_configured_are_told(void **state)
{
	static const char *const sets[] = { "sms.gateways.k.driver=kannel", "sms.gateways.k.secret=abcdefgh",
					    "sms.gateways.k.send_url=http://127.0.0.1:1/send", "sms.links.c.protocol=smpp", "sms.links.c.host=127.0.0.1",
					    "sms.links.c.account=a", "sms.links.c.password=b", NULL };
	struct app_rig rig;
	struct arena arena = { 0 };
	struct rig_answer answer;
	const char *field;

	(void)state;
	app_rig_open(&rig, sets);
	field = arena_printf(&arena, "Authorization: Bearer %s\r\n", app_rig_token(&rig, "chief", TOKEN_ADMIN, "000000", &arena));
	answer = app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/gateways", field, SPAN(""));
	assert_int_equal(answer.status, 200);
	/* Neither the door nor the courier is in this process. */
	assert_true(rig_has(answer.body, "{\"name\":\"k\",\"kind\":\"http\",\"driver\":\"kannel\",\"sends\":true,\"in\":null,\"out\":null,\"sessions\":null}"));
	assert_true(rig_has(answer.body, "{\"name\":\"c\",\"kind\":\"link\",\"driver\":null,\"sends\":true,\"in\":null,\"out\":null,\"sessions\":null}"));
	assert_true(rig_has(answer.body, "\"rails\":[]"));
	assert_false(rig_has(answer.body, "abcdefgh"));
	app_rig_close(&rig);
	arena_release(&arena);
	app_rig_done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_are_configured_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
