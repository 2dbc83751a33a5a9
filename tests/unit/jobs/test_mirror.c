/*
 * The mirror: whatever the journal is and wherever the file ends, what comes
 * out is the journal, or it is said which record is another one.
 */
#include "daemon/jobs/mirror.h"

#include "daemon/base/buf.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#define RECORDS 6

static char dir[64], path[128];
static struct complaint why;

static int open_dir(void **unused)
{
	(void)unused;
	log_open(LOG_LEVEL_ERROR, false);
	snprintf(dir, sizeof(dir), "/tmp/tipline-mirror-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/money/journal.jsonl", dir);
	return 0;
}

static int close_dir(void **unused)
{
	char command[96];

	(void)unused;
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

/* Records of different lengths; the last ones begin alike. */
static struct span record(unsigned number)
{
	static const char *const records[RECORDS] = { "{\"seq\":\"1\"}",       "{\"seq\":\"2\",\"a\":\"long and longer\"}",
						      "{\"seq\":\"3\"}",       "{}",
						      "{\"seq\":\"5\",\"b\":\"c\"}", "{\"seq\":\"6\",\"b\":\"\"}" };

	return span_of(records[number - 1]);
}

static struct mirror *opened(void)
{
	struct mirror *mirror = mirror_open(path, &why);

	if (mirror == NULL)
		fail_msg("%s", why.text);
	return mirror;
}

/* Walks over the first n records, adding those that are missing; how many it had. */
static unsigned walk(struct mirror *mirror, unsigned n)
{
	unsigned had = 0;

	for (unsigned i = 1; i <= n; i++) {
		enum mirror_answer answer = mirror_next(mirror, record(i), &why);

		assert_int_not_equal(answer, MIRROR_OTHER);
		had += answer == MIRROR_SAME;
		if (answer == MIRROR_END)
			mirror_add(mirror, record(i));
	}
	assert_true(mirror_sync(mirror, &why));
	assert_int_equal(mirror_records(mirror), n);
	return had;
}

static void file_is(unsigned n)
{
	struct buf wanted = { 0 }, is = { 0 };

	for (unsigned i = 1; i <= n; i++) {
		buf_add_span(&wanted, record(i));
		buf_add_byte(&wanted, '\n');
	}
	assert_true(files_read(path, 100000, &is, &why));
	assert_true(span_eq(buf_span(&is), buf_span(&wanted)));
	buf_release(&wanted);
	buf_release(&is);
}

static void write_file(struct span bytes)
{
	assert_true(files_replace(path, bytes, 0600, &why));
}

static void what_is_missing_is_added(void **unused)
{
	struct mirror *mirror = opened();

	(void)unused;
	assert_int_equal(walk(mirror, 4), 0);
	assert_true(mirror_at_end(mirror, &why));
	mirror_close(mirror);
	file_is(4);
	mirror = opened();
	assert_int_equal(walk(mirror, RECORDS), 4);
	assert_true(mirror_untouched(mirror, &why));
	mirror_rewind(mirror);
	assert_int_equal(walk(mirror, RECORDS), RECORDS);
	mirror_close(mirror);
	file_is(RECORDS);
}

static void nobody_else_may_read_it(void **unused)
{
	struct stat st;

	(void)unused;
	mirror_close(opened());
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Cut anywhere, it is whole after the next walk. */
static void a_torn_end_is_written_anew(void **unused)
{
	struct mirror *mirror = opened();
	struct buf whole = { 0 };

	(void)unused;
	walk(mirror, RECORDS);
	mirror_close(mirror);
	assert_true(files_read(path, 100000, &whole, &why));
	for (size_t len = 0; len <= whole.len; len++) {
		write_file(span_from(whole.at, len));
		mirror = opened();
		walk(mirror, RECORDS);
		assert_true(mirror_at_end(mirror, &why));
		mirror_close(mirror);
		file_is(RECORDS);
	}
	buf_release(&whole);
}

/* The store lost what the mirror has, even if the mirror has but the beginning of it. */
static void a_journal_that_ends_earlier_is_told(void **unused)
{
	struct mirror *mirror = opened();

	(void)unused;
	walk(mirror, RECORDS);
	mirror_rewind(mirror);
	walk(mirror, 3);
	assert_false(mirror_at_end(mirror, &why));
	assert_non_null(strstr(why.text, "ends with record 3"));
	mirror_close(mirror);
	write_file(SPAN("{\"seq\":\"1\"}\n{\"se"));
	mirror = opened();
	walk(mirror, 1);
	assert_false(mirror_at_end(mirror, &why));
	mirror_close(mirror);
}

/* Any other byte anywhere is found at its record. */
static void another_byte_is_found(void **unused)
{
	struct mirror *mirror = opened();
	struct buf whole = { 0 };

	(void)unused;
	walk(mirror, RECORDS);
	mirror_close(mirror);
	assert_true(files_read(path, 100000, &whole, &why));
	for (size_t at = 0; at < whole.len; at++) {
		enum mirror_answer answer = MIRROR_SAME;
		unsigned n;

		whole.at[at] ^= 1;
		write_file(buf_span(&whole));
		whole.at[at] ^= 1;
		mirror = opened();
		for (n = 0; n < RECORDS && answer == MIRROR_SAME; n++)
			answer = mirror_next(mirror, record(n + 1), &why);
		assert_int_equal(answer, MIRROR_OTHER);
		/* At the record that the byte belongs to. */
		for (size_t begin = 0, i = 1; i <= n; i++) {
			assert_true(i < n || (begin <= at && at <= begin + record(n).len));
			begin += record((unsigned)i).len + 1;
		}
		mirror_close(mirror);
	}
	buf_release(&whole);
}

static void a_change_under_way_is_noticed(void **unused)
{
	struct mirror *mirror = opened();

	(void)unused;
	walk(mirror, 3);
	assert_true(mirror_untouched(mirror, &why));
	assert_true(files_append(path, SPAN("x"), 0600, &why));
	assert_false(mirror_untouched(mirror, &why));
	assert_int_equal(truncate(path, 5), 0);
	assert_false(mirror_untouched(mirror, &why));
	unlink(path);
	assert_false(mirror_untouched(mirror, &why));
	mirror_close(mirror);
}

/* A full disk: nothing of it is left half, and it goes on when there is room. */
static void a_failed_write_is_tried_again(void **unused)
{
	struct rlimit unlimited, small = { .rlim_cur = 30, .rlim_max = RLIM_INFINITY };
	struct mirror *mirror = opened();

	(void)unused;
	walk(mirror, 1);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
	small.rlim_max = unlimited.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(mirror_next(mirror, record(2), &why), MIRROR_END);
	mirror_add(mirror, record(2));
	assert_false(mirror_sync(mirror, &why));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
	file_is(1);
	assert_true(mirror_waiting(mirror) > 0);
	assert_true(mirror_sync(mirror, &why));
	assert_int_equal(mirror_waiting(mirror), 0);
	file_is(2);
	mirror_close(mirror);
}

static void what_cannot_be_opened_is_told(void **unused)
{
	char other[160];

	(void)unused;
	assert_true(files_make_dir(dir, &why));
	snprintf(other, sizeof(other), "%s/link", dir);
	assert_int_equal(symlink("/etc/passwd", other), 0);
	assert_null(mirror_open(other, &why));
	assert_null(mirror_open("/dev/null/x/journal.jsonl", &why));
	assert_null(mirror_open(dir, &why));
}

/* Three of six are another journal's: the old file stays whole, the new one goes on behind what both have. */
static void what_is_put_aside_stays_whole(void **unused)
{
	struct mirror *mirror = mirror_open(path, &why);
	struct buf before = { 0 }, aside = { 0 }, after = { 0 };
	char name[160];

	(void)unused;
	assert_non_null(mirror);
	for (unsigned i = 1; i <= 6; i++)
		mirror_add(mirror, SPAN("{\"same\":\"record\"}"));
	assert_true(mirror_sync(mirror, &why));
	assert_true(files_read(path, 10000, &before, &why));
	for (unsigned round = 1; round <= 2; round++) {
		mirror_rewind(mirror);
		for (unsigned i = 1; i <= 3; i++)
			assert_int_equal(mirror_next(mirror, SPAN("{\"same\":\"record\"}"), &why), MIRROR_SAME);
		assert_int_equal(mirror_known(mirror), round == 1 ? 6 : 4);
		assert_int_equal(mirror_next(mirror, SPAN("{\"other\":\"record\"}"), &why), MIRROR_OTHER);
		assert_true(mirror_put_aside(mirror, &why));
		assert_true(mirror_untouched(mirror, &why) && mirror_at_end(mirror, &why));
		mirror_add(mirror, round == 1 ? SPAN("{\"third\":\"record\"}") : SPAN("{\"other\":\"record\"}"));
		assert_true(mirror_sync(mirror, &why));
	}
	snprintf(name, sizeof(name), "%s.before-4", path);
	assert_true(files_read(name, 10000, &aside, &why));
	assert_true(span_eq(buf_span(&aside), buf_span(&before)));
	/* A name that is taken is not written over. */
	snprintf(name, sizeof(name), "%s.before-4.2", path);
	buf_clear(&aside);
	assert_true(files_read(name, 10000, &aside, &why));
	assert_non_null(memmem(aside.at, aside.len, "third", 5));
	assert_true(files_read(path, 10000, &after, &why));
	assert_non_null(memmem(after.at, after.len, "other", 5));
	assert_null(memmem(after.at, after.len, "third", 5));
	mirror_close(mirror);
	buf_release(&before);
	buf_release(&aside);
	buf_release(&after);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_dir, close_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_missing_is_added),
		TEST(nobody_else_may_read_it),
		TEST(a_torn_end_is_written_anew),
		TEST(a_journal_that_ends_earlier_is_told),
		TEST(another_byte_is_found),
		TEST(a_change_under_way_is_noticed),
		TEST(a_failed_write_is_tried_again),
		TEST(what_cannot_be_opened_is_told),
		TEST(what_is_put_aside_stays_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
