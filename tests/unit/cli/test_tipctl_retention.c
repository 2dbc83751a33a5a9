/*
 * tipctl retention before it asks anybody: words, rules and addresses that
 * cannot be used are told, and nothing is done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/cli/tipctl.h"
#include "daemon/sys/files.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WORDS_MAX 16

static char root[64], said_path[96], rules[96], rules_option[128], store_option[160];
static struct buf said;
static struct complaint why;

static int begin(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/tipline-retctl-XXXXXX");
	if (mkdtemp(root) == NULL)
		return -1;
	snprintf(said_path, sizeof(said_path), "%s/said", root);
	snprintf(rules, sizeof(rules), "%s/rules.yaml", root);
	snprintf(rules_option, sizeof(rules_option), "retention.file=%s", rules);
	snprintf(store_option, sizeof(store_option), "store.address=unix:%s/no.sock", root);
	return 0;
}

static int finish(void **state)
{
	char command[100];

	(void)state;
	buf_release(&said);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

/* Its exit status; what it said on both streams is in `said`. */
static int run(const char *const words[])
{
	char copies[WORDS_MAX][200] = { "retention" }, *argv[WORDS_MAX] = { copies[0] };
	int argc = 1, status, was[2] = { dup(1), dup(2) }, to = open(said_path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	for (size_t i = 0; words[i] != NULL; i++, argc++) {
		snprintf(copies[argc], sizeof(copies[argc]), "%s", words[i]);
		argv[argc] = copies[argc];
	}
	fflush(stdout);
	fflush(stderr);
	assert_true(to >= 0 && dup2(to, 1) == 1 && dup2(to, 2) == 2);
	optind = 0;   /* a process runs one command, this one several */
	status = tipctl_retention(argc, argv);
	fflush(stdout);
	fflush(stderr);
	assert_true(dup2(was[0], 1) == 1 && dup2(was[1], 2) == 2);
	close(was[0]);
	close(was[1]);
	close(to);
	buf_clear(&said);
	assert_true(files_read(said_path, 1 << 20, &said, &why));
	return status;
}

static bool tells(const char *part)
{
	return span_find(buf_span(&said), span_of(part)) < said.len;
}

static void wrong_words_are_told(void **state)
{
	static const char *const wrong[][5] = { { NULL }, { "erase", NULL }, { "plan", "now", NULL }, { "run", "15-7K3MQ2X9RD", NULL },
					  { "hold", "15-7K3MQ2X9RD", NULL }, { "lift", NULL } };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(run(wrong[i]), CTL_USAGE);
		assert_true(tells("usage: tipctl retention plan"));
	}
}

static void help_names_each_of_them(void **state)
{
	(void)state;
	assert_int_equal(run((const char *const[]){ "--help", NULL }), CTL_WELL);
	assert_true(tells("retention plan") && tells("retention report") && tells("retention run") && tells("retention hold") &&
		    tells("retention lift"));
}

static void rules_that_cannot_be_kept_are_told(void **state)
{
	const char *const words[] = { "plan", "--set", rules_option, "--set", store_option, NULL };

	(void)state;
	assert_int_equal(run(words), CTL_WRONG);
	assert_true(tells("rules.yaml"));
	assert_true(files_replace(rules, SPAN("prank: { identity: 5, files: 3, text: 2, row: 1 }\n"), 0600, &why));
	assert_int_equal(run(words), CTL_WRONG);
	assert_true(tells("rules.yaml:1:"));
}

static void a_store_that_is_away_is_told(void **state)
{
	(void)state;
	assert_int_equal(run((const char *const[]){ "plan", "--set", store_option, NULL }), CTL_WRONG);
	assert_true(tells("no.sock") && !tells("identity"));
}

static void who_has_no_token_asks_nobody(void **state)
{
	(void)state;
	unsetenv("TIPLINE_TOKEN_FILE");
	assert_int_equal(run((const char *const[]){ "run", NULL }), CTL_USAGE);
	assert_true(tells("no token"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(wrong_words_are_told), TEST(help_names_each_of_them), TEST(rules_that_cannot_be_kept_are_told),
					    TEST(a_store_that_is_away_is_told), TEST(who_has_no_token_asks_nobody) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
