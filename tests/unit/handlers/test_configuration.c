/*
 * The configuration over HTTP: values, where they were set, and no secrets.
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

static int finish(void **state)
{
	(void)state;
	app_rig_close(&rig);
	arena_release(&arena);
	app_rig_done();
	return 0;
}

static struct rig_answer ask(unsigned roles)
{
	const char *token = app_rig_token(&rig, "chief", roles, "000000", &arena);

	return app_rig_ask(&rig, SITE_STAFF, "GET", "/api/v1/configuration", arena_printf(&arena, "Authorization: Bearer %s\r\n", token), SPAN(""));
}

static void values_and_where_they_were_set(void **state)
{
	static const char *const sets[] = { "limits.files=3", "sms.gateways.k.driver=kannel", "sms.gateways.k.secret=abcdefgh", NULL };
	struct rig_answer answer;

	(void)state;
	app_rig_open(&rig, sets);
	answer = ask(TOKEN_ADMIN);
	assert_int_equal(answer.status, 200);
	assert_true(rig_has(answer.body, "\"key\":\"limits.files\",\"value\":\"3\",\"secret\":false,\"set\":true,\"preset\":\"5\",\"live\":false,\"source\":\"command_line\""));
	assert_true(rig_has(answer.body, "\"key\":\"web.telephone\",\"value\":\"\",\"secret\":false,\"set\":false,\"preset\":\"\",\"live\":false,\"source\":\"file\",\"file\":\"config/tipline.yaml\",\"line\":"));
	assert_true(rig_has(answer.body, "\"key\":\"sms.gateways.k.sender\",\"value\":\"\",\"secret\":false,\"set\":false,\"preset\":\"\",\"live\":true,\"source\":\"default\""));
	assert_true(rig_has(buf_span(&rig.store->trail), "\"call\":\"configuration\""));
}

static void secrets_stay_secret(void **state)
{
	static const char *const sets[] = { "sms.gateways.k.driver=kannel", "sms.gateways.k.secret=Wq7-very-secret",
					    "sms.gateways.k.send_url=https://user:pass-word@gate.example/send?key=Zz9hidden",
					    "mail.password_file=", NULL };
	struct rig_answer answer;

	(void)state;
	app_rig_open(&rig, sets);
	answer = ask(TOKEN_ADMIN);
	assert_true(rig_has(answer.body, "\"key\":\"sms.gateways.k.secret\",\"value\":null,\"secret\":true,\"set\":true"));
	assert_true(rig_has(answer.body, "\"key\":\"mail.password\",\"value\":null,\"secret\":true,\"set\":false"));
	assert_true(rig_has(answer.body, "\"value\":\"https://gate.example/send?...\""));
	assert_false(rig_has(answer.body, "very-secret"));
	assert_false(rig_has(answer.body, "pass-word"));
	assert_false(rig_has(answer.body, "Zz9hidden"));
}

/* A password may have an @ in it, and the address of a webhook is its key. */
static void what_stands_in_addresses_stays_secret(void **state)
{
	static const char *const sets[] = { "sms.gateways.k.driver=kannel", "sms.gateways.k.secret=Wq7-very-secret",
					    "sms.gateways.k.send_url=https://user:pass@word@gate.example/send@home#Zz9hidden",
					    "sms.gateways.k.public_url=https://user:pass@word@tips.example?x@y",
					    "notices.b.url=https://hooks.example:8443/bot/Kq8token", "notices.b.region=150600",
					    "notices.b.secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", NULL };
	struct rig_answer answer;

	(void)state;
	app_rig_open(&rig, sets);
	answer = ask(TOKEN_ADMIN);
	assert_true(rig_has(answer.body, "\"value\":\"https://gate.example/send@home#...\""));
	assert_true(rig_has(answer.body, "\"value\":\"https://tips.example?...\""));
	assert_true(rig_has(answer.body, "\"value\":\"https://hooks.example:8443/...\""));
	assert_false(rig_has(answer.body, "word@"));
	assert_false(rig_has(answer.body, "Zz9hidden"));
	assert_false(rig_has(answer.body, "Kq8token"));
}

static void for_administrators_alone(void **state)
{
	(void)state;
	app_rig_open(&rig, NULL);
	assert_int_equal(ask(TOKEN_AUDITOR | TOKEN_OFFICER).status, 403);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(values_and_where_they_were_set, finish),
		cmocka_unit_test_teardown(secrets_stay_secret, finish),
		cmocka_unit_test_teardown(what_stands_in_addresses_stays_secret, finish),
		cmocka_unit_test_teardown(for_administrators_alone, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
