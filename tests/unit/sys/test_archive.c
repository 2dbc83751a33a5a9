/*
 * The archive's directory: a file is there whole or not at all, is never
 * replaced, and reading goes from file to file and names the bad one.
 */
#include "daemon/base/table.h"
#include "daemon/sys/files.h"
#include "tests/support/archive_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];
static struct archive *archive;
static struct complaint why;

static int begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/tipline-archive-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	archive = archive_new(dir);
	return 0;
}

static int finish(void **state)
{
	char command[100];

	(void)state;
	archive_free(archive);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static enum archive_put put(const char *journal, uint64_t first, uint64_t last)
{
	static const struct archive_digest none;
	struct archive_range range = { first, last };
	struct buf file = { 0 };
	enum archive_put done;

	archive_sample_file(journal, range, &none, &file);
	done = archive_put(archive, journal, range, buf_span(&file), &why);
	buf_release(&file);
	return done;
}

/* How many entries are read as they should be; what ended it. */
static uint64_t read_from(const char *journal, uint64_t from, enum archive_next *end)
{
	struct archive_reader *reader = archive_reader_new(archive, journal, from);
	struct archive_entry entry;
	uint64_t good = 0;

	why.text[0] = '\0';
	while ((*end = archive_reader_next(reader, &entry, &why)) == ARCHIVE_ENTRY)
		good += archive_sample_is(&entry, from + good);
	assert_int_equal(archive_reader_at(reader), from + good);
	archive_reader_free(reader);
	return good;
}

static unsigned files_of(const char *journal)
{
	char command[200], text[20] = "";
	FILE *count;

	snprintf(command, sizeof(command), "ls %s/%s | wc -l", dir, journal);
	count = popen(command, "r");
	assert_non_null(count);
	assert_non_null(fgets(text, sizeof(text), count));
	pclose(count);
	return (unsigned)atoi(text);
}

static void a_range_is_read_from_any_number_on(void **unused)
{
	static const uint64_t starts[] = { 1, 2, 999, 1000, 1001, 1500, 1501, 2600, 4000 };
	enum archive_next end;

	(void)unused;
	assert_int_equal(put("15", 1501, 4000), ARCHIVE_PUT_DONE);
	assert_int_equal(put("15", 1, 1500), ARCHIVE_PUT_DONE);
	assert_int_equal(put("audit", 1, 10), ARCHIVE_PUT_DONE);
	for (size_t i = 0; i < COUNT_OF(starts); i++) {
		assert_int_equal(read_from("15", starts[i], &end), 4001 - starts[i]);
		assert_int_equal(end, ARCHIVE_END);
	}
	assert_int_equal(read_from("15", 4001, &end), 0);
	assert_int_equal(end, ARCHIVE_END);
	assert_int_equal(read_from("11", 1, &end), 0);
	assert_int_equal(read_from("audit", 1, &end), 10);
}

static void names_are_the_index(void **unused)
{
	struct archive_range *ranges;
	size_t n;
	char path[4096];

	(void)unused;
	put("15", 101, 200);
	put("15", 1, 100);
	snprintf(path, sizeof(path), "%s/15/README.zst", dir);
	assert_true(files_replace(path, SPAN("not a file of it"), 0600, &why));
	ranges = archive_ranges(archive, "15", &n);
	assert_int_equal(n, 2);
	assert_int_equal(ranges[0].first, 1);
	assert_int_equal(ranges[1].first, 101);
	assert_int_equal(ranges[1].last, 200);
	free(ranges);
	assert_null(archive_ranges(archive, "11", &n));
	assert_int_equal(n, 0);
}

static void a_file_is_never_replaced(void **unused)
{
	struct archive_range range = { 1, 100 };
	enum archive_next end;

	(void)unused;
	assert_int_equal(put("15", 1, 100), ARCHIVE_PUT_DONE);
	assert_int_equal(archive_put(archive, "15", range, SPAN("another one"), &why), ARCHIVE_PUT_THERE);
	assert_int_equal(read_from("15", 1, &end), 100);
	assert_int_equal(files_of("15"), 1);
}

static void what_a_crash_left_goes_when_it_is_old(void **unused)
{
	const struct timespec old[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
	char path[4096];

	(void)unused;
	put("15", 1, 100);
	snprintf(path, sizeof(path), "%s/15/000000000000101-000000000000200.zst.new-1-1", dir);
	assert_true(files_append(path, SPAN("half"), 0600, &why));
	archive_sweep(archive, "15");
	assert_int_equal(files_of("15"), 2);
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	archive_sweep(archive, "15");
	assert_int_equal(files_of("15"), 1);
}

/* The complaint says which file and where; the entries before are good. */
static void a_changed_file_is_named(void **unused)
{
	char path[4096];
	enum archive_next end;
	int fd;

	(void)unused;
	put("15", 1, 2000);
	put("15", 2001, 4000);
	archive_path(archive, "15", (struct archive_range){ 2001, 4000 }, path);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "XX", 2, lseek(fd, 0, SEEK_END) - 100), 2);
	close(fd);
	assert_int_equal(read_from("15", 1, &end), 3000);
	assert_int_equal(end, ARCHIVE_BROKEN);
	assert_non_null(strstr(why.text, path));
	assert_non_null(strstr(why.text, "offset"));
}

static void a_cut_file_is_named(void **unused)
{
	char path[4096];
	enum archive_next end;

	(void)unused;
	put("15", 1, 2000);
	archive_path(archive, "15", (struct archive_range){ 1, 2000 }, path);
	for (off_t length = 0; length < 400; length += 13) {
		assert_int_equal(truncate(path, length), 0);
		assert_int_equal(read_from("15", 1, &end), 0);
		assert_int_equal(end, ARCHIVE_BROKEN);
		assert_non_null(strstr(why.text, path));
		unlink(path);
		put("15", 1, 2000);
	}
}

/* A file under the name of another one is not taken for it. */
static void a_swapped_file_is_named(void **unused)
{
	char one[4096], two[4096];
	enum archive_next end;

	(void)unused;
	put("15", 1, 100);
	put("15", 101, 200);
	archive_path(archive, "15", (struct archive_range){ 1, 100 }, one);
	archive_path(archive, "15", (struct archive_range){ 101, 200 }, two);
	assert_int_equal(rename(one, two), 0);
	assert_int_equal(read_from("15", 101, &end), 0);
	assert_int_equal(end, ARCHIVE_BROKEN);
	assert_non_null(strstr(why.text, "entries 1 to 100"));
	assert_int_equal(read_from("15", 1, &end), 0);
	assert_int_equal(end, ARCHIVE_END);
}

/* A reader at the end sees a file that came meanwhile. */
static void files_that_come_later_are_seen(void **unused)
{
	struct archive_reader *reader = archive_reader_new(archive, "15", 1);
	struct archive_entry entry;

	(void)unused;
	assert_int_equal(archive_reader_next(reader, &entry, &why), ARCHIVE_END);
	put("15", 1, 2);
	assert_int_equal(archive_reader_next(reader, &entry, &why), ARCHIVE_ENTRY);
	assert_int_equal(archive_reader_next(reader, &entry, &why), ARCHIVE_ENTRY);
	assert_int_equal(archive_reader_next(reader, &entry, &why), ARCHIVE_END);
	put("15", 3, 3);
	assert_int_equal(archive_reader_next(reader, &entry, &why), ARCHIVE_ENTRY);
	assert_int_equal(entry.number, 3);
	archive_reader_free(reader);
}

static void a_disk_that_refuses_is_told(void **unused)
{
	struct archive *nowhere = archive_new("/proc/tipline");
	struct archive_range range = { 1, 1 };

	(void)unused;
	assert_int_equal(archive_put(nowhere, "15", range, SPAN("bytes"), &why), ARCHIVE_PUT_FAILED);
	assert_non_null(strstr(why.text, "/proc/tipline"));
	archive_free(nowhere);
}

#define test(f) cmocka_unit_test_setup_teardown(f, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_range_is_read_from_any_number_on), test(names_are_the_index),
		test(a_file_is_never_replaced),           test(what_a_crash_left_goes_when_it_is_old),
		test(a_changed_file_is_named),            test(a_cut_file_is_named),
		test(a_swapped_file_is_named),            test(files_that_come_later_are_seen),
		test(a_disk_that_refuses_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
