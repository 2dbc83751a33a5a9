/*
 * Wishes on the disk: the later one holds, a restart knows them, what was torn or is old goes, nothing else is in the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/base/complaint.h"
#include "daemon/sys/files.h"
#include "handlers/intake/sms_wishes.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW INT64_C(1790000000000)
#define YEAR (INT64_C(365) * 86400000)

static const unsigned char a[16] = "a mark of sixtee", b[16] = "another sixteen!";
static char path[] = "/tmp/tipline-wishes-XXXXXX";
static struct sms_wishes *wishes;

static void reopen(int64_t now_ms)
{
	sms_wishes_free(wishes);
	wishes = sms_wishes_new(path, now_ms);
}

static int begin(void **state)
{
	char *end = path + sizeof(path) - 1 - 6;
	int fd;

	(void)state;
	memcpy(end, "XXXXXX", 6);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	wishes = sms_wishes_new(path, NOW);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	sms_wishes_free(wishes);
	wishes = NULL;
	unlink(path);
	return 0;
}

static void set(const unsigned char *mark, int64_t at_ms, bool stopped)
{
	sms_wishes_set(wishes, mark, &(struct sms_wish){ .at_ms = at_ms, .stopped = stopped });
}

static void expect(const unsigned char *mark, int64_t at_ms, bool stopped)
{
	struct sms_wish wish;

	assert_true(sms_wishes_get(wishes, mark, &wish));
	assert_int_equal(wish.at_ms, at_ms);
	assert_int_equal(wish.stopped, stopped);
}

static void write_file(const char *text)
{
	struct complaint why;

	assert_true(files_replace(path, span_of(text), 0600, &why));
}

static struct span read_back(struct buf *bytes)
{
	struct complaint why;

	assert_true(files_read(path, 1 << 20, bytes, &why));
	return buf_span(bytes);
}

static void the_later_wish_holds(void **state)
{
	struct sms_wish none;

	(void)state;
	assert_false(sms_wishes_get(wishes, a, &none));
	set(a, NOW, true);
	expect(a, NOW, true);
	assert_false(sms_wishes_get(wishes, b, &none));
	set(b, NOW, true);
	set(b, NOW + 5, false);
	set(b, NOW + 1, true);
	for (int i = 0; i < 3; i++) {
		expect(a, NOW, true);
		expect(b, NOW + 5, false);
		reopen(NOW + 10);
	}
}

static void the_file_holds_the_last_ones_alone(void **state)
{
	struct buf bytes = { 0 };
	struct stat info;

	(void)state;
	for (int i = 0; i < 20; i++)
		set(a, NOW + i, i % 2 == 0);
	set(b, NOW, true);
	reopen(NOW + 100);
	assert_true(span_is(read_back(&bytes), "61206d61726b206f6620736978746565 1790000000019 start\n"
					       "616e6f74686572207369787465656e21 1790000000000 stop\n"));
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	buf_release(&bytes);
}

static void two_years_are_enough(void **state)
{
	struct sms_wish none;
	struct buf bytes = { 0 };

	(void)state;
	set(a, NOW, true);
	set(b, NOW + YEAR, true);
	reopen(NOW + 2 * YEAR - 1);
	expect(a, NOW, true);
	reopen(NOW + 2 * YEAR);
	assert_false(sms_wishes_get(wishes, a, &none));
	expect(b, NOW + YEAR, true);
	assert_true(span_is(read_back(&bytes), "616e6f74686572207369787465656e21 1821536000000 stop\n"));
	buf_release(&bytes);
}

static void a_torn_row_goes_and_the_others_stay(void **state)
{
	static const char *const torn[] = { "61206d61726b206f66207369787465", "61206d61726b206f6620736978746565 17", "x\n\n y z\n",
					    "61206d61726b206f6620736978746565 1790000000001 st",
					    "61206d61726b206f6620736978746565 99999999999999999999 stop\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(torn) / sizeof(torn[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), "61206d61726b206f6620736978746565 1790000000000 stop\n%s", torn[i]);
		write_file(text);
		reopen(NOW);
		expect(a, NOW, true);
		set(b, NOW, true);
		reopen(NOW);
		expect(a, NOW, true);
		expect(b, NOW, true);
	}
}

/* The disk is no reason to answer somebody who wants no answers. */
static void what_cannot_be_written_holds_in_the_process(void **state)
{
	(void)state;
	sms_wishes_free(wishes);
	wishes = sms_wishes_new("/nowhere/at/all", NOW);
	set(a, NOW, true);
	expect(a, NOW, true);
	sms_wishes_free(wishes);
	wishes = sms_wishes_new(NULL, NOW);
	set(a, NOW, true);
	expect(a, NOW, true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_later_wish_holds),
		TEST(the_file_holds_the_last_ones_alone),
		TEST(two_years_are_enough),
		TEST(a_torn_row_goes_and_the_others_stay),
		TEST(what_cannot_be_written_holds_in_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
