/*
 * From the configuration to what drivers work with: where reports go, and what
 * is said about settings that do not fit, before and after secrets are read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/table.h"
#include "daemon/sys/config.h"
#include "handlers/intake/gateway_settings.h"

#define SECRET "0123456789abcdef0123456789abcdef"

static void load(struct config *config, const char *const *sets, size_t n)
{
	struct config_problems problems = { .n = 0 };
	const struct config_source source = { .file = "config/tipline.yaml", .sets = sets, .nsets = n };

	if (!config_load(config, &source, &problems))
		fail_msg("%s", problems.at[0].text);
}

static void where_reports_go(void **state)
{
	static const struct {
		const char *driver, *url;
	} rows[] = {
		{ "kannel", "http://a.example/sms/x/dlr?token=" SECRET },
		{ "twilio", "http://a.example/sms/x/dlr" },
		{ "vonage", "http://a.example/sms/x/dlr" },
		{ "alibaba", "http://a.example/sms/x/dlr/" SECRET },
		{ "tencent", "http://a.example/sms/x/dlr/" SECRET },
		{ "jasmin", "http://a.example/sms/x/dlr/" SECRET },
		{ "generic", "http://a.example/sms/x/dlr/" SECRET },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config;
		struct gateway_config out;
		struct arena arena = { 0 };
		const char *driver = arena_printf(&arena, "sms.gateways.x.driver=%s", rows[i].driver);
		const char *const sets[] = { driver, "sms.gateways.x.secret=" SECRET, "sms.gateways.x.public_url=http://a.example/" };

		load(&config, sets, COUNT_OF(sets));
		gateway_settings_read(&config, 0, &arena, &out);
		assert_string_equal(out.receipt_url, rows[i].url);
		assert_string_equal(out.public_url, "http://a.example");
		config.sms.gateways[0].public_url = "";
		gateway_settings_read(&config, 0, &arena, &out);
		assert_string_equal(out.receipt_url, "");
		config_release(&config);
		arena_release(&arena);
	}
}

static void what_does_not_fit_is_named(void **state)
{
	const char *const sets[] = { "sms.gateways.x.driver=jasmin", "sms.gateways.x.secret_file=somewhere" };
	const char *const none[] = { "sms.gateways.x.driver=other", "sms.gateways.x.secret=" SECRET };
	struct config config;
	struct complaint why = { .text = "" };

	(void)state;
	load(&config, sets, COUNT_OF(sets));
	assert_true(gateway_settings_check(&config, 0, false, &why));
	assert_false(gateway_settings_check(&config, 0, true, &why));
	assert_non_null(strstr(why.text, "sms.gateways.x.secret_file: missing"));
	config_release(&config);
	load(&config, none, COUNT_OF(none));
	assert_false(gateway_settings_check(&config, 0, false, &why));
	assert_non_null(strstr(why.text, "--set: sms.gateways.x.driver: \"other\" is none of"));
	config_release(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_reports_go),
		cmocka_unit_test(what_does_not_fit_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
