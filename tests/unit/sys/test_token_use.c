/*
 * Days of last use: one write a day and token, and what was written is read.
 */
#include "daemon/base/table.h"
#include "daemon/sys/files.h"
#include "daemon/sys/token_use.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_MS INT64_C(86400000)
#define NOW INT64_C(1795284387000)
#define TODAY (NOW / DAY_MS * DAY_MS)

static char dir[64];
static char file[100];
static struct complaint why;

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/tipline-token-use-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/" TOKEN_USE_FILE, dir);
	return 0;
}

static int remove_dir(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static struct token_use *loaded(void)
{
	struct token_use *use = token_use_load(dir, &why);

	assert_non_null(use);
	return use;
}

static ino_t inode(void)
{
	struct stat st;

	assert_int_equal(stat(file, &st), 0);
	return st.st_ino;
}

static void the_day_is_kept_and_no_more(void **state)
{
	struct token_use *use = loaded();
	struct buf bytes = { 0 };

	(void)state;
	assert_int_equal(token_use_day_ms(use, SPAN("a1")), -1);
	assert_true(token_use_note(use, SPAN("a1"), NOW, &why));
	assert_true(token_use_note(use, SPAN("b2"), NOW - 3 * DAY_MS, &why));
	token_use_free(use);
	use = loaded();
	assert_int_equal(token_use_day_ms(use, SPAN("a1")), TODAY);
	assert_int_equal(token_use_day_ms(use, SPAN("b2")), TODAY - 3 * DAY_MS);
	token_use_free(use);
	assert_true(files_read(file, 1000, &bytes, &why));
	assert_true(span_eq(buf_span(&bytes), SPAN("{\"id\":\"a1\",\"day\":\"2026-11-21\"}\n{\"id\":\"b2\",\"day\":\"2026-11-18\"}\n")));
	buf_release(&bytes);
}

/* A removed file stays removed until the day changes: nothing was written in between. */
static void there_is_one_write_a_day(void **state)
{
	struct token_use *use = loaded();

	(void)state;
	assert_true(token_use_note(use, SPAN("a1"), TODAY, &why));
	assert_int_not_equal(inode(), 0);
	assert_int_equal(unlink(file), 0);
	assert_true(token_use_note(use, SPAN("a1"), TODAY + DAY_MS - 1, &why));
	assert_int_equal(access(file, F_OK), -1);
	assert_true(token_use_note(use, SPAN("a1"), TODAY + DAY_MS, &why));
	assert_int_equal(access(file, F_OK), 0);
	assert_int_equal(token_use_day_ms(use, SPAN("a1")), TODAY + DAY_MS);
	token_use_free(use);
}

static void old_rows_go(void **state)
{
	struct token_use *use = loaded();

	(void)state;
	assert_true(token_use_note(use, SPAN("a1"), NOW, &why));
	assert_true(token_use_note(use, SPAN("b2"), NOW + TOKEN_USE_KEPT_DAYS * DAY_MS, &why));
	assert_int_equal(token_use_day_ms(use, SPAN("a1")), TODAY);
	assert_true(token_use_note(use, SPAN("b2"), NOW + (TOKEN_USE_KEPT_DAYS + 1) * DAY_MS, &why));
	assert_int_equal(token_use_day_ms(use, SPAN("a1")), -1);
	token_use_free(use);
}

static void a_write_that_fails_is_told_once(void **state)
{
	struct token_use *use = loaded();

	(void)state;
	assert_int_equal(mkdir(file, 0700), 0);   /* no file can take its place */
	assert_false(token_use_note(use, SPAN("a1"), NOW, &why));
	assert_true(token_use_note(use, SPAN("a1"), NOW, &why));
	assert_false(token_use_note(use, SPAN("a1"), NOW + DAY_MS, &why));
	assert_false(token_use_note(use, SPAN(""), NOW, &why));
	assert_false(token_use_note(use, SPAN("12345678901234567"), NOW, &why));
	token_use_free(use);
}

static void wrong_lines_are_named(void **state)
{
	static const char *const lines[] = {
		"[]\n", "{}\n", "{\"id\":\"a1\"}\n", "{\"id\":\"a1\",\"day\":\"2026-13-01\"}\n", "{\"id\":\"a1\",\"day\":\"today\"}\n",
		"{\"id\":\"12345678901234567\",\"day\":\"2026-11-21\"}\n", "{\"id\":1,\"day\":\"2026-11-21\"}\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		assert_true(files_replace(file, span_of(lines[i]), 0600, &why));
		assert_null(token_use_load(dir, &why));
		assert_non_null(strstr(why.text, TOKEN_USE_FILE ":1: "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_day_is_kept_and_no_more, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(there_is_one_write_a_day, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(old_rows_go, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(a_write_that_fails_is_told_once, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(wrong_lines_are_named, make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
