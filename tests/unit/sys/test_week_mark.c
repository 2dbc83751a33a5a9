/*
 * Marks of waiting tips: there before the first one waits, under one name over
 * restarts, and gone when nothing is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/files.h"
#include "daemon/sys/week_mark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char root[64], weeks[80], spool[80];
static struct complaint why;

static int begin(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/tipline-mark-XXXXXX");
	if (mkdtemp(root) == NULL)
		return -1;
	snprintf(weeks, sizeof(weeks), "%s/weeks", root);
	snprintf(spool, sizeof(spool), "%s/spool", root);
	return files_make_dir(weeks, &why) && files_make_dir(spool, &why) ? 0 : -1;
}

static int finish(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static void put_file(const char *name, const char *text)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", spool, name);
	assert_true(files_replace(path, span_of(text), 0600, &why));
}

static struct week_mark *opened(void)
{
	struct week_mark *mark = week_mark_open(weeks, spool, &why);

	if (mark == NULL)
		print_error("%s\n", why.text);
	assert_non_null(mark);
	return mark;
}

static void it_comes_and_goes(void **state)
{
	char name[WEEK_MARK_NAME_MAX], again[WEEK_MARK_NAME_MAX];
	struct week_mark *mark = opened();

	(void)state;
	assert_false(week_marks_any(weeks, name));
	week_mark_take_away(mark);
	assert_true(week_mark_put(mark, &why));
	assert_true(week_mark_put(mark, &why));
	assert_true(week_marks_any(weeks, name));
	assert_int_equal(strlen(name), 22);
	week_mark_take_away(mark);
	assert_false(week_marks_any(weeks, again));
	assert_string_equal(again, "");
	assert_true(week_mark_put(mark, &why));
	assert_true(week_marks_any(weeks, again));
	assert_string_equal(name, again);
	week_mark_free(mark);
}

static void a_start_takes_over_what_a_crash_left(void **state)
{
	char name[WEEK_MARK_NAME_MAX];
	struct week_mark *mark = opened();

	(void)state;
	assert_true(week_mark_put(mark, &why));
	week_mark_free(mark);
	assert_true(week_marks_any(weeks, name));
	mark = opened();
	week_mark_take_away(mark);
	assert_false(week_marks_any(weeks, name));
	week_mark_free(mark);
}

/* Two spools: what one takes away does not hide the other's. */
static void each_has_its_own(void **state)
{
	char name[WEEK_MARK_NAME_MAX], other_dir[80];
	struct week_mark *mark = opened(), *other;

	(void)state;
	snprintf(other_dir, sizeof(other_dir), "%s/other", root);
	assert_true(files_make_dir(other_dir, &why));
	other = week_mark_open(weeks, other_dir, &why);
	assert_non_null(other);
	assert_true(week_mark_put(mark, &why) && week_mark_put(other, &why));
	week_mark_take_away(mark);
	assert_true(week_marks_any(weeks, name));
	week_mark_take_away(other);
	assert_false(week_marks_any(weeks, name));
	week_mark_free(mark);
	week_mark_free(other);
}

static void what_no_store_took_keeps_it(void **state)
{
	char name[WEEK_MARK_NAME_MAX];
	struct week_mark *mark = opened();

	(void)state;
	assert_true(week_mark_put(mark, &why));
	put_file("set-aside.records", "a tip");
	week_mark_take_away(mark);
	assert_true(week_marks_any(weeks, name));
	put_file("000000000001.spool.damaged", "another");
	remove(strcat(strcpy((char[200]){ 0 }, spool), "/set-aside.records"));
	week_mark_take_away(mark);
	assert_true(week_marks_any(weeks, name));
	remove(strcat(strcpy((char[200]){ 0 }, spool), "/000000000001.spool.damaged"));
	week_mark_take_away(mark);
	assert_false(week_marks_any(weeks, name));
	week_mark_free(mark);
}

static void what_cannot_be_read_counts_as_a_mark(void **state)
{
	char name[WEEK_MARK_NAME_MAX];

	(void)state;
	assert_true(week_marks_any("/nonexistent/weeks", name));
	assert_string_equal(name, "");
	put_file("id", "no digits");
	assert_null(week_mark_open(weeks, spool, &why));
	assert_non_null(strstr(why.text, "16 hex digits"));
	put_file("id", "0123456789abcdef\n");
	assert_non_null(strstr(why.text, "/id"));
	week_mark_free(opened());
}

static void a_mark_that_cannot_be_made_is_told(void **state)
{
	struct week_mark *mark = opened();

	(void)state;
	assert_int_equal(rmdir(weeks), 0);
	assert_false(week_mark_put(mark, &why));
	assert_true(files_make_dir(weeks, &why));
	assert_true(week_mark_put(mark, &why));
	week_mark_free(mark);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_comes_and_goes), TEST(a_start_takes_over_what_a_crash_left), TEST(each_has_its_own),
		TEST(what_no_store_took_keeps_it), TEST(what_cannot_be_read_counts_as_a_mark), TEST(a_mark_that_cannot_be_made_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
