/*
 * One change of a file at a time: two processes lose nothing of each other, and
 * who waits in vain says for what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/file_change.h"
#include "daemon/sys/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHANGES 40

static char dir[64];
static struct complaint why;

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/tipline-file-change-XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int remove_dir(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static bool begin(struct file_change *change, int wait_ms)
{
	return file_change_begin(change, dir, "rows.jsonl", "rows.lock", wait_ms, &why);
}

/* One byte more. */
static bool add(char byte)
{
	struct file_change change;
	struct buf bytes = { 0 };
	bool well = begin(&change, -1) && (!file_change_there(&change) || files_read(change.path, 4096, &bytes, &why));

	buf_add_byte(&bytes, byte);
	well = well && file_change_write(&change, buf_span(&bytes), &why);
	file_change_end(&change);
	buf_release(&bytes);
	return well;
}

static void two_processes_lose_nothing(void **state)
{
	char path[100];
	struct buf bytes = { 0 };
	struct stat st;
	size_t ours = 0;
	pid_t other = fork();
	int status;

	(void)state;
	assert_true(other >= 0);
	for (int i = 0; i < CHANGES; i++)
		if (!add(other == 0 ? 'b' : 'a') && other == 0)
			_exit(1);
	if (other == 0)
		_exit(0);
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(status, 0);
	snprintf(path, sizeof(path), "%s/rows.jsonl", dir);
	assert_true(files_read(path, 4096, &bytes, &why));
	assert_int_equal(bytes.len, 2 * CHANGES);
	for (size_t i = 0; i < bytes.len; i++)
		ours += bytes.at[i] == 'a';
	assert_int_equal(ours, CHANGES);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	buf_release(&bytes);
}

static void waiting_has_an_end(void **state)
{
	struct file_change first, second;

	(void)state;
	assert_true(begin(&first, -1));
	assert_false(file_change_there(&first));
	assert_false(begin(&second, 30));
	assert_non_null(strstr(why.text, "rows.lock"));
	assert_non_null(strstr(why.text, "does another command stand still?"));
	file_change_end(&second);   /* leaves the other's lock alone */
	assert_false(begin(&second, 0));
	file_change_end(&second);
	file_change_end(&first);
	assert_true(begin(&second, 0));
	file_change_end(&second);
}

static void a_path_that_does_not_fit_is_no_other_one(void **state)
{
	struct file_change change;
	char *longer = malloc(PATH_MAX + 1);

	(void)state;
	assert_non_null(longer);
	memset(longer, 'a', PATH_MAX);
	longer[PATH_MAX] = '\0';
	assert_false(file_change_begin(&change, longer, "rows.jsonl", "rows.lock", 0, &why));
	assert_non_null(strstr(why.text, "path too long"));
	file_change_end(&change);
	free(longer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_processes_lose_nothing, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(waiting_has_an_end, make_dir, remove_dir),
		cmocka_unit_test(a_path_that_does_not_fit_is_no_other_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
