/*
 * sms.route: whom it names is there, and whoever is not is told with the place of the key.
 */
#include "daemon/base/table.h"
#include "daemon/sys/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CONNECTORS                                                                             \
	"  gateways:\n"                                                                        \
	"    kannel: {driver: kannel, secret: x, send_url: 'http://127.0.0.1/'}\n"             \
	"    mute: {driver: kannel, secret: x}\n"                                              \
	"  links:\n"                                                                           \
	"    carrier: {host: h, account: a}\n"

static struct config config;
static struct config_problems problems;
static char path[64];

static bool load(const char *yaml, const char *const *sets, size_t nsets)
{
	struct config_source source = { .file = path, .sets = sets, .nsets = nsets };
	bool well;
	int fd;

	snprintf(path, sizeof(path), "/tmp/tipline-route-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, yaml, strlen(yaml)), (ssize_t)strlen(yaml));
	close(fd);
	well = config_load(&config, &source, &problems);
	unlink(path);
	config_release(&config);
	return well;
}

static void expect_told(size_t i, const char *place, const char *words)
{
	char text[300];

	snprintf(text, sizeof(text), "%s: sms.route: %s", place, words);
	assert_string_equal(problems.at[i].text, text);
}

static void names_of_both_kinds_fit(void **state)
{
	(void)state;
	assert_true(load("sms:\n  route: ' carrier , kannel'\n" CONNECTORS, NULL, 0));
	assert_true(load("sms:\n  route: carrier\n" CONNECTORS, NULL, 0));
	assert_true(load("sms:\n  route: ''\n" CONNECTORS, NULL, 0));
	assert_true(load("sms:\n" CONNECTORS "  route: kannel\n", NULL, 0));
	assert_true(load("{}\n", NULL, 0));
}

static void others_are_told_with_their_place(void **state)
{
	char place[80];

	(void)state;
	assert_false(load("sms:\n  route: kannel,caNNel,mute,,carrier,x\n" CONNECTORS, NULL, 0));
	snprintf(place, sizeof(place), "%s:2:10", path);
	assert_int_equal(problems.n, 4);
	assert_true(problems.at[0].line == 2 && problems.at[0].column == 10);
	expect_told(0, place, "no gateway and no link is named \"caNNel\"");
	expect_told(1, place, "the gateway \"mute\" sends nothing; it has no send_url");
	expect_told(2, place, "a name is missing beside a comma");
	expect_told(3, place, "no gateway and no link is named \"x\"");
}

static void the_place_is_the_one_that_counts(void **state)
{
	static const char *const sets[] = { "sms.route=kannel,gone" };

	(void)state;
	assert_false(load("sms:\n  route: carrier\n" CONNECTORS, sets, COUNT_OF(sets)));
	assert_int_equal(problems.n, 1);
	expect_told(0, "--set", "no gateway and no link is named \"gone\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_both_kinds_fit),
		cmocka_unit_test(others_are_told_with_their_place),
		cmocka_unit_test(the_place_is_the_one_that_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
