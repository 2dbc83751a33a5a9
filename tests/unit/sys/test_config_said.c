/*
 * Where options were set: the file's line, the command line, nowhere; and what
 * a reload makes of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/config_said.h"
#include "daemon/sys/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct config config, fresh;
static struct config_problems problems;
static char path[64] = "/tmp/tipline-said-XXXXXX";

static void load(struct config *into, const char *yaml, const char *const *sets, size_t nsets)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(yaml, file);
	fclose(file);
	assert_true(config_load(into, &(struct config_source){ .file = path, .sets = sets, .nsets = nsets }, &problems));
}

static int begin(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/tipline-said-XXXXXX");
	fd = mkstemp(path);
	return fd < 0 || close(fd) != 0;
}

static int finish(void **state)
{
	(void)state;
	unlink(path);
	config_release(&config);
	config_release(&fresh);
	return 0;
}

static const struct config_place *where(const char *key, const char *name)
{
	const struct option_row *row = option_find(span_of(key));

	assert_non_null(row);
	return config_said_find(&config, row, name);
}

static void a_line_the_command_line_or_nowhere(void **state)
{
	static const char *const sets[] = { "limits.files=3", "limits.tips_burst=7" };

	(void)state;
	load(&config, "limits:\n  files: 2\n  tips_per_minute: 5\n", sets, 2);
	assert_null(where("state_dir", ""));
	assert_int_equal(where("limits.tips_per_minute", "")->line, 3);
	assert_string_equal(where("limits.tips_per_minute", "")->source, path);
	/* The last word holds. */
	assert_int_equal(config.limits.files, 3);
	assert_int_equal(where("limits.files", "")->line, 0);
	assert_string_equal(where("limits.files", "")->source, "--set");
	assert_int_equal(where("limits.tips_burst", "")->line, 0);
}

static void options_of_a_section_by_its_name(void **state)
{
	(void)state;
	load(&config, "sms:\n  gateways:\n    one:\n      driver: kannel\n      secret: abcdefgh\n    two:\n      driver: generic\n      secret: x1234567\n",
	     NULL, 0);
	assert_int_equal(where("sms.gateways.*.driver", "one")->line, 4);
	assert_int_equal(where("sms.gateways.*.driver", "two")->line, 7);
	assert_null(where("sms.gateways.*.send_url", "two"));
	assert_null(where("sms.gateways.*.driver", "three"));
}

static void a_reload_moves_what_takes_effect(void **state)
{
	(void)state;
	load(&config, "limits:\n  files: 2\n  tips_per_minute: 5\n  tips_burst: 9\n", NULL, 0);
	load(&fresh, "limits:\n  tips_per_minute: 6\n\n\n  files: 4\n", NULL, 0);
	config_adopt(&config, &fresh);
	assert_int_equal(where("limits.tips_per_minute", "")->line, 2);
	assert_null(where("limits.tips_burst", ""));
	/* It needs a restart: value and place are those of before. */
	assert_int_equal(config.limits.files, 2);
	assert_int_equal(where("limits.files", "")->line, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_line_the_command_line_or_nowhere, begin, finish),
		cmocka_unit_test_setup_teardown(options_of_a_section_by_its_name, begin, finish),
		cmocka_unit_test_setup_teardown(a_reload_moves_what_takes_effect, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
