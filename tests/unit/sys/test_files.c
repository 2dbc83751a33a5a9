/*
 * Files: replaced whole or not at all, private ones kept private, locks that exclude.
 */
#include "daemon/base/table.h"
#include "daemon/sys/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];
static struct complaint why;

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/tipline-files-XXXXXX");
	return mkdtemp(dir) == NULL;
}

static int remove_dir(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static const char *in_dir(const char *name)
{
	static char path[4][200];
	static unsigned next;
	char *at = path[next++ % 4];

	snprintf(at, 200, "%s/%s", dir, name);
	return at;
}

static void assert_holds(const char *path, const char *text)
{
	struct buf bytes = { 0 };

	assert_true(files_read(path, 1000, &bytes, &why));
	assert_int_equal(bytes.len, strlen(text));
	assert_memory_equal(bytes.at, text, bytes.len);
	buf_release(&bytes);
}

static unsigned entries(void)
{
	DIR *all = opendir(dir);
	unsigned n = 0;

	while (readdir(all) != NULL)
		n++;
	closedir(all);
	return n - 2;
}

static void a_replaced_file_is_whole_and_alone(void **state)
{
	struct stat st;

	(void)state;
	assert_true(files_replace(in_dir("f"), SPAN("one"), 0600, &why));
	assert_true(files_replace(in_dir("f"), SPAN("second"), 0640, &why));
	assert_holds(in_dir("f"), "second");
	assert_int_equal(stat(in_dir("f"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(entries(), 1);
}

static void a_failed_replacement_leaves_the_old_file(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_dir("taken"), 0700), 0);
	assert_true(files_append(in_dir("taken/x"), SPAN("x"), 0600, &why));
	assert_false(files_replace(in_dir("taken"), SPAN("y"), 0600, &why));
	assert_holds(in_dir("taken/x"), "x");
	assert_int_equal(entries(), 1);
	assert_false(files_replace(in_dir("no/such"), SPAN("y"), 0600, &why));
}

static void appending_appends(void **state)
{
	(void)state;
	assert_true(files_append(in_dir("a"), SPAN("one\n"), 0600, &why));
	assert_true(files_append(in_dir("a"), SPAN("two\n"), 0600, &why));
	assert_holds(in_dir("a"), "one\ntwo\n");
}

static void reading_refuses_what_is_no_file_or_too_large(void **state)
{
	struct buf bytes = { 0 };

	(void)state;
	assert_false(files_read(dir, 1000, &bytes, &why));
	assert_false(files_read("/dev/zero", 1000, &bytes, &why));
	assert_false(files_read(in_dir("none"), 1000, &bytes, &why));
	assert_true(files_append(in_dir("big"), SPAN("0123456789"), 0600, &why));
	assert_false(files_read(in_dir("big"), 9, &bytes, &why));
	assert_true(files_read(in_dir("big"), 10, &bytes, &why));
	buf_release(&bytes);
}

static void directories_are_made_private(void **state)
{
	struct stat st;

	(void)state;
	assert_true(files_make_dir(in_dir("a/b/c"), &why));
	assert_true(files_make_dir(in_dir("a/b/c/"), &why));
	assert_int_equal(stat(in_dir("a/b"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_true(files_append(in_dir("file"), SPAN("x"), 0600, &why));
	assert_false(files_make_dir(in_dir("file"), &why));
	assert_false(files_make_dir("", &why));
}

static void private_means_nobody_else(void **state)
{
	static const mode_t open_modes[] = { 0640, 0604, 0660, 0602, 0601, 0777 };

	(void)state;
	assert_true(files_append(in_dir("p"), SPAN("x"), 0600, &why));
	assert_true(files_private(in_dir("p"), &why));
	for (size_t i = 0; i < COUNT_OF(open_modes); i++) {
		assert_int_equal(chmod(in_dir("p"), open_modes[i]), 0);
		assert_false(files_private(in_dir("p"), &why));
	}
	assert_int_equal(chmod(in_dir("p"), 0400), 0);
	assert_int_equal(symlink(in_dir("p"), in_dir("link")), 0);
	assert_true(files_private(in_dir("p"), &why));
	assert_false(files_private(in_dir("link"), &why));
	assert_false(files_private(in_dir("none"), &why));
}

static void one_daemon_per_state_directory(void **state)
{
	int first = files_open_state(in_dir("state"), &why);
	int status;
	pid_t other;

	(void)state;
	assert_true(first >= 0);
	other = fork();
	if (other == 0) {
		char holder[32];

		snprintf(holder, sizeof(holder), "process %d", (int)getppid());
		_exit(files_open_state(in_dir("state"), &why) == -1 && strstr(why.text, holder) != NULL ? 7 : 1);
	}
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(WEXITSTATUS(status), 7);
	close(first);
	first = files_open_state(in_dir("state"), &why);
	assert_true(first >= 0);
	close(first);
	assert_int_equal(chmod(in_dir("state"), 0755), 0);
	assert_int_equal(files_open_state(in_dir("state"), &why), -1);
}

static void assert_secret(const char *name, const char *text)
{
	struct buf bytes = { 0 };

	assert_true(files_secret(name, dir, &bytes, &why));
	assert_int_equal(bytes.len, strlen(text));
	assert_memory_equal(bytes.at, text, bytes.len);
	buf_release(&bytes);
}

static void secrets_come_from_credentials_first(void **state)
{
	struct buf bytes = { 0 };

	(void)state;
	assert_true(files_make_dir(in_dir("cred"), &why));
	assert_true(files_append(in_dir("s"), SPAN("from dir\n"), 0600, &why));
	assert_true(files_append(in_dir("cred/s"), SPAN("from manager\n\n"), 0600, &why));
	assert_true(files_append(in_dir("empty"), SPAN("\n"), 0600, &why));
	assert_secret("s", "from dir");
	setenv("CREDENTIALS_DIRECTORY", in_dir("cred"), 1);
	assert_secret("s", "from manager\n");
	assert_secret(in_dir("s"), "from dir");
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_false(files_secret("empty", dir, &bytes, &why));
	assert_false(files_secret("none", dir, &bytes, &why));
	assert_false(files_secret("none", NULL, &bytes, &why));
	buf_release(&bytes);
}

static void free_space_is_known(void **state)
{
	uint64_t bytes = 0;

	(void)state;
	assert_true(files_free_bytes(dir, &bytes));
	assert_true(bytes > 0);
	assert_false(files_free_bytes(in_dir("none"), &bytes));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_dir, remove_dir)

/* --- shared by a group ------------------------------------------------------- */

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void a_directory_with_the_groups_bit_is_shared(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_dir("own"), 0700) | mkdir(in_dir("shared"), 0700) | chmod(in_dir("shared"), 02750), 0);
	assert_false(files_shared(in_dir("own")));
	assert_true(files_shared(in_dir("shared")));
	assert_false(files_shared(in_dir("missing")));
	assert_true(files_replace(in_dir("file"), SPAN("x"), 0600, &why));
	assert_int_equal(chmod(in_dir("file"), 02700), 0);
	assert_false(files_shared(in_dir("file")));
}

static void what_is_made_in_it_is_shared_too(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(mkdir(in_dir("own"), 0700) | mkdir(in_dir("shared"), 0700) | chmod(in_dir("shared"), 02750), 0);
	assert_true(files_make_dir_in(in_dir("own"), in_dir("own/deeper"), &why));
	assert_int_equal(mode_of(in_dir("own/deeper")), 0700);
	assert_true(files_make_dir_in(in_dir("shared"), in_dir("shared/deeper"), &why));
	assert_int_equal(mode_of(in_dir("shared/deeper")), 02750);
	assert_int_equal(chmod(in_dir("shared/deeper"), 0700), 0);
	assert_true(files_make_dir_in(in_dir("shared"), in_dir("shared/deeper"), &why));
	assert_int_equal(mode_of(in_dir("shared/deeper")), 0700);   /* it was there: left as it is */
	fd = open(in_dir("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_true(files_share(fd, in_dir("own")));
	assert_int_equal(mode_of(in_dir("file")), 0600);
	assert_true(files_share(fd, in_dir("shared")));
	assert_int_equal(mode_of(in_dir("file")), 0640);
	close(fd);
	assert_false(files_make_dir_in(in_dir("shared"), in_dir("file/deeper"), &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_replaced_file_is_whole_and_alone),
		TEST(a_failed_replacement_leaves_the_old_file),
		TEST(appending_appends),
		TEST(reading_refuses_what_is_no_file_or_too_large),
		TEST(directories_are_made_private),
		TEST(private_means_nobody_else),
		TEST(one_daemon_per_state_directory),
		TEST(secrets_come_from_credentials_first),
		TEST(free_space_is_known),
		TEST(a_directory_with_the_groups_bit_is_shared),
		TEST(what_is_made_in_it_is_shared_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
