/*
 * What a process is left with: all that its options name, and not more than
 * its roles need. The options are taken from the table, so a new path is tried too.
 */
#include "daemon/base/table.h"
#include "daemon/sys/options.h"
#include "daemon/sys/sandbox_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETS_MAX 8
#define ALONE "store.address=unix:/run/tipline-test/redis/redis.sock"
#define STATE "state_dir=/var/tipline-test/state"

static struct config config;
static struct arena arena;
static struct sandbox_plan plan;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	config_release(&config);
	arena_release(&arena);
	return 0;
}

/* The plan of defaults, a state directory, and these settings, up to a NULL. */
static void make(const struct sandbox_needs *needs, const char *const sets[])
{
	char empty[] = "/tmp/tipline-plan-XXXXXX";
	struct config_source source = { .file = empty, .nsets = 1 };
	struct config_problems problems = { .n = 0 };
	const char *all[SETS_MAX] = { STATE };
	bool well;

	close(mkstemp(empty));
	for (size_t i = 0; sets[i] != NULL; i++)
		all[source.nsets++] = sets[i];
	source.sets = all;
	config_release(&config);
	well = config_load(&config, &source, &problems);
	unlink(empty);
	if (!well)
		fail_msg("%s", problems.at[0].text);
	sandbox_plan_make(&config, needs, &arena, &plan);
}

#define MAKE(needs, ...) make(needs, (const char *const[]){ __VA_ARGS__, NULL })

static const struct sandbox_needs nothing = { .store = NULL };

static bool beneath(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/' || (len == 1 && dir[0] == '/'));
}

/* Some row covers the path with that access; who may write may read. */
static bool may(const char *path, enum sandbox_access access)
{
	for (size_t i = 0; i < plan.npaths; i++)
		if (beneath(path, plan.paths[i].path) &&
		    (plan.paths[i].access == access || (access == SANDBOX_READ && plan.paths[i].access == SANDBOX_WRITE)))
			return true;
	return false;
}

static bool runs_anything(void)
{
	for (size_t i = 0; i < plan.npaths; i++)
		if (plan.paths[i].access == SANDBOX_RUN)
			return true;
	return false;
}

/* --- files --------------------------------------------------------------------------- */

/* Also its neighbour, which a renewal puts in its place. */
static void every_path_that_an_option_names_is_readable(void **state)
{
	size_t n, tried = 0;
	const struct option_row *rows = options_table(&n);
	char set[160];

	(void)state;
	for (size_t i = 0; i < n; i++) {
		if (rows[i].type != OPTION_PATH || strchr(rows[i].key, '*') != NULL || strcmp(rows[i].key, "state_dir") == 0)
			continue;
		snprintf(set, sizeof(set), "%s=/var/tipline-test/of-%zu/file", rows[i].key, i);
		MAKE(&nothing, ALONE, set);
		snprintf(set, sizeof(set), "/var/tipline-test/of-%zu/file", i);
		if (!may(set, SANDBOX_READ))
			fail_msg("%s cannot be read", rows[i].key);
		tried++;
	}
	assert_true(tried > 5);
}

static void what_is_kept_is_written_by_whom_it_belongs_to(void **state)
{
	static const char shared_files[] = "files.dir=/var/tipline-test/files", shared_archive[] = "archive.directory=/var/tipline-test/archive";
	static const struct {
		const char *roles;
		bool files, archive;
	} rows[] = {
		{ "roles=intake", true, false },
		{ "roles=desk", false, false },
		{ "roles=courier,jobs", false, true },
		{ "roles=intake,desk,courier,jobs", true, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		MAKE(&nothing, ALONE, rows[i].roles, shared_files, shared_archive);
		assert_true(may("/var/tipline-test/state/spool/0001", SANDBOX_WRITE));
		assert_true(may("/var/tipline-test/state/keys", SANDBOX_WRITE));
		assert_int_equal(may("/var/tipline-test/files/x", SANDBOX_WRITE), rows[i].files);
		assert_int_equal(may("/var/tipline-test/archive/x", SANDBOX_WRITE), rows[i].archive);
		assert_true(may("/var/tipline-test/files/x", SANDBOX_READ));
		assert_true(may("/var/tipline-test/archive/x", SANDBOX_READ));
	}
}

static void the_rest_of_the_machine_is_not_there(void **state)
{
	static const char *const others[] = { "/", "/etc/shadow", "/etc/passwd", "/etc/ssh/key", "/root/x", "/home/x/y", "/var/lib/other", "/var/tipline-test",
					      "/run/other.sock", "/tmp/x", "/dev/sda", "/boot/x", "/usr/bin/sh", "/bin/sh" };

	(void)state;
	MAKE(&nothing, ALONE);
	for (size_t i = 0; i < COUNT_OF(others); i++)
		for (enum sandbox_access access = SANDBOX_READ; access <= SANDBOX_RUN; access++)
			if (may(others[i], access))
				fail_msg("%s may be reached", others[i]);
	assert_false(may("/usr/lib/x", SANDBOX_WRITE));
	assert_false(may("/etc/ssl/certs/x", SANDBOX_WRITE));
}

/* A file right in /etc or /tmp does not open its whole directory. */
static void a_wide_directory_is_not_given_for_a_file(void **state)
{
	(void)state;
	MAKE(&nothing, ALONE, "log.policy=/etc/witnesses");
	assert_true(may("/etc/witnesses", SANDBOX_READ));
	assert_false(may("/etc/shadow", SANDBOX_READ));
	MAKE(&nothing, ALONE, "log.policy=/etc/tipline/witnesses");
	assert_true(may("/etc/tipline/witnesses.new", SANDBOX_READ));
	assert_false(may("/etc/shadow", SANDBOX_READ));
}

static void a_link_and_what_it_leads_to_are_both_given(void **state)
{
	char dir[] = "/tmp/tipline-plan-XXXXXX", real[64], link_dir[64], link_path[80], set[128];
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(real, sizeof(real), "%s/real", dir);
	snprintf(link_dir, sizeof(link_dir), "%s/links", dir);
	snprintf(link_path, sizeof(link_path), "%s/policy", link_dir);
	file = fopen(real, "we");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(mkdir(link_dir, 0700), 0);
	assert_int_equal(symlink(real, link_path), 0);
	snprintf(set, sizeof(set), "log.policy=%s", link_path);
	MAKE(&nothing, ALONE, set);
	assert_int_equal(unlink(link_path) | rmdir(link_dir) | unlink(real) | rmdir(dir), 0);
	assert_true(may(link_path, SANDBOX_READ));
	assert_true(may(real, SANDBOX_READ));
}

static void a_socket_that_we_listen_on_may_be_removed(void **state)
{
	(void)state;
	MAKE(&nothing, ALONE, "listen.ops=unix:/run/tipline-test/ops/ops.sock");
	assert_true(may("/run/tipline-test/ops/ops.sock", SANDBOX_WRITE));
	assert_false(may("/run/tipline-test/other", SANDBOX_READ));
}

static void the_configuration_can_be_read_again(void **state)
{
	const struct sandbox_needs needs = { .config_file = "/etc/tipline-test/tipline.yaml" };

	(void)state;
	MAKE(&nothing, ALONE);
	assert_false(may("/etc/tipline-test/tipline.yaml", SANDBOX_READ));
	MAKE(&needs, ALONE);
	assert_true(may("/etc/tipline-test/tipline.yaml", SANDBOX_READ));
	assert_false(may("/etc/tipline-test/tipline.yaml", SANDBOX_WRITE));
}

static void credentials_are_readable(void **state)
{
	(void)state;
	setenv("CREDENTIALS_DIRECTORY", "/run/credentials/tipline-test", 1);
	MAKE(&nothing, ALONE);
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_true(may("/run/credentials/tipline-test/secrets_x", SANDBOX_READ));
	assert_false(may("/run/credentials/tipline-test/secrets_x", SANDBOX_WRITE));
}

/* --- other hosts, other programs ------------------------------------------------------------ */

static void only_who_talks_to_others_may(void **state)
{
	(void)state;
	MAKE(&nothing, ALONE, "roles=intake,desk");
	assert_false(plan.network);
	MAKE(&nothing, ALONE, "roles=courier");
	assert_true(plan.network);
	MAKE(&nothing, ALONE, "roles=jobs");
	assert_true(plan.network);
	MAKE(&nothing, "store.address=127.0.0.1:6379", "roles=intake,desk");
	assert_true(plan.network);
	MAKE(&nothing, ALONE, "roles=intake", "log.policy=/etc/tipline-test/policy");
	assert_true(plan.network);
	MAKE(&nothing, ALONE, "roles=intake", "sms.links.a.protocol=smpp", "sms.links.a.host=192.0.2.1", "sms.links.a.account=a",
	     "sms.links.a.password=b");
	assert_true(plan.network);
}

static void programs_are_those_of_the_private_redis(void **state)
{
	const struct sandbox_needs needs = { .store = "unix:/var/tipline-test/state/redis/redis.sock" };
	char dir[] = "/tmp/tipline-plan-XXXXXX", server[64], real[PATH_MAX];
	const char *path = getenv("PATH");
	FILE *file;

	(void)state;
	path = path != NULL ? arena_printf(&arena, "%s", path) : NULL;
	MAKE(&nothing, ALONE);
	assert_false(plan.programs || runs_anything());
	assert_non_null(mkdtemp(dir));
	snprintf(server, sizeof(server), "%s/redis-server", dir);
	file = fopen(server, "we");
	assert_non_null(file);
	fclose(file);
	assert_non_null(realpath(server, real));
	setenv("PATH", arena_printf(&arena, "/tipline-not-there:%s", dir), 1);
	MAKE(&needs, "roles=intake");
	if (path != NULL)
		setenv("PATH", path, 1);
	assert_int_equal(unlink(server) | rmdir(dir), 0);
	assert_true(plan.programs);
	assert_true(may(real, SANDBOX_RUN));
	assert_false(may("/bin/sh", SANDBOX_RUN) || may("/usr/bin/env", SANDBOX_RUN));
	assert_true(may("/var/tipline-test/state/redis/redis.sock", SANDBOX_WRITE));
}

static void strict_is_what_the_option_says(void **state)
{
	(void)state;
	MAKE(&nothing, ALONE);
	assert_false(plan.strict);
	MAKE(&nothing, ALONE, "sandbox=strict");
	assert_true(plan.strict);
}

#define PLAN_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_TEST(every_path_that_an_option_names_is_readable),
		PLAN_TEST(what_is_kept_is_written_by_whom_it_belongs_to),
		PLAN_TEST(the_rest_of_the_machine_is_not_there),
		PLAN_TEST(a_wide_directory_is_not_given_for_a_file),
		PLAN_TEST(a_link_and_what_it_leads_to_are_both_given),
		PLAN_TEST(a_socket_that_we_listen_on_may_be_removed),
		PLAN_TEST(the_configuration_can_be_read_again),
		PLAN_TEST(credentials_are_readable),
		PLAN_TEST(only_who_talks_to_others_may),
		PLAN_TEST(programs_are_those_of_the_private_redis),
		PLAN_TEST(strict_is_what_the_option_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
