/*
 * From the configuration to rails: every text arrives, keys come out of their
 * files, and a mistake is told with its place.
 */
#include "handlers/payout/rail_settings.h"

#include "daemon/sys/config.h"
#include "daemon/sys/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECRET "0123456789abcdef0123456789abcdef"

static char dir[] = "/tmp/tipline-settings-XXXXXX";
static char file[64], yaml[64];
static struct config config;
static struct rail_set set;
static struct complaint why;

static int begin_all(void **unused)
{
	struct complaint wrong = { .text = "" };

	(void)unused;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/key", dir);
	snprintf(yaml, sizeof(yaml), "%s/t.yaml", dir);
	return files_replace(file, SPAN(SECRET "\n"), 0600, &wrong) ? 0 : -1;
}

static int end_all(void **unused)
{
	(void)unused;
	unlink(file);
	unlink(yaml);
	return rmdir(dir);
}

/* A file with one http rail in line 3 and these lines more. */
static void load(const char *more)
{
	struct config_problems problems = { .n = 0 };
	struct config_source source = { .file = yaml };
	struct complaint wrong = { .text = "" };
	struct arena arena = { 0 };
	const char *text = arena_printf(&arena, "payout:\n  rails:\n    bank: {driver: http, url: 'https://b.example', "
					"method: bank, key_id: k1, key_file: %s}\n%s", file, more);

	assert_true(files_replace(yaml, span_of(text), 0600, &wrong));
	assert_true(config_load(&config, &source, &problems));
	arena_release(&arena);
	why = (struct complaint){ .text = "" };
}

static void end(void)
{
	rail_set_release(&set);
	config_release(&config);
}

static void texts_and_keys_arrive(void **unused)
{
	const struct rail_entry *bank;

	(void)unused;
	load("    air: {driver: voucher, enabled: false, timeout_s: 7, daily_fen: 500, max_fen: 200, "
	     "finals: 'CLOSED, CHANNEL_OFF=ours', profile_version: 3}\n");
	assert_true(rail_settings_read(&config, &set, &why));
	bank = rail_set_find(&set, SPAN("bank"));
	assert_string_equal(bank->config.url, "https://b.example");
	assert_true(span_is(bank->config.keys[0].secret, SECRET));
	assert_null(bank->config.keys[1].id);
	assert_true(rail_entry_sends(bank));
	assert_int_equal(bank->config.timeout_ms, 30000);
	const struct rail_entry *air = rail_set_find(&set, SPAN("air"));

	assert_false(rail_entry_sends(air));
	assert_int_equal(air->config.timeout_ms, 7000);
	assert_int_equal(air->profile.daily_fen, 500);
	assert_int_equal(air->profile.max_fen, 200);
	assert_int_equal(air->config.nfinals, 2);
	assert_string_equal(air->config.finals[1].code, "CHANNEL_OFF");
	assert_int_equal(air->config.finals[1].fault, RAIL_FAULT_OURS);
	assert_int_equal(air->config.finals[0].fault, RAIL_FAULT_PAYEE);
	end();
}

static void the_rail_of_counters_is_always_there(void **unused)
{
	(void)unused;
	load("");
	assert_true(rail_settings_read(&config, &set, &why));
	assert_int_equal(set.n, 2);
	assert_string_equal(rail_set_find(&set, SPAN("voucher"))->config.driver, "voucher");
	end();
}

static void a_mistake_is_told_with_its_place(void **unused)
{
	static const struct {
		const char *rail, *says;
	} rows[] = {
		{ "{driver: pigeon}", "payout.rails.x.driver: pigeon is not known" },
		{ "{driver: http, url: 'http://b.example'}", "payout.rails.x.url: " },
		{ "{driver: http, url: 'https://b.example', method: bank}", "payout.rails.x.key_id: missing" },
		{ "{driver: http, url: 'https://b.example', method: bank, key_id: k, key_file: /nowhere/key}",
		  "payout.rails.x.key_file: " },
		{ "{driver: voucher, finals: 'A=theirs'}", "payout.rails.x.finals: " },
		{ "{driver: voucher, scene_infos: 'A'}", "payout.rails.x.scene_infos: " },
	};
	char place[80];

	(void)unused;
	snprintf(place, sizeof(place), "%s:4: ", yaml);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena = { 0 };

		load(arena_printf(&arena, "    x: %s\n", rows[i].rail));
		assert_true(rail_settings_check(&config, 0, &why));
		assert_false(rail_settings_check(&config, 1, &why));
		assert_memory_equal(why.text, place, strlen(place));
		assert_memory_equal(why.text + strlen(place), rows[i].says, strlen(rows[i].says));
		assert_int_equal(why.line, 4);
		assert_false(rail_settings_read(&config, &set, &why));
		arena_release(&arena);
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_and_keys_arrive),
		cmocka_unit_test(the_rail_of_counters_is_always_there),
		cmocka_unit_test(a_mistake_is_told_with_its_place),
	};

	return cmocka_run_group_tests(tests, begin_all, end_all);
}
