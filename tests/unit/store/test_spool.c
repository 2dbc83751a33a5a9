/*
 * The spool: what was acknowledged is there after reopening, in its order,
 * whatever stands around it; what was refused leaves nothing behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/store/spool.h"
#include "daemon/store/spool_record.h"
#include "tests/support/spool_tip.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOMY (64u << 20)

static char home[] = "/tmp/tipline-spool-XXXXXX";
static char dir[64];
static struct arena arena;
static struct spool *spool;

static void open_with(uint64_t max_bytes, uint64_t segment_bytes)
{
	struct spool_limits limits = { .max_bytes = max_bytes, .segment_bytes = segment_bytes };
	struct complaint why = { .text = "" };

	spool_close(spool);
	spool = spool_open(dir, &limits, &why);
	if (spool == NULL)
		fail_msg("%s", why.text);
}

static void reopen(void)
{
	open_with(ROOMY, ROOMY);
}

static void empty_dir(void)
{
	DIR *list = opendir(dir);
	struct dirent *entry;

	while (list != NULL && (entry = readdir(list)) != NULL)
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(list), entry->d_name, 0);
	if (list != NULL)
		closedir(list);
}

static int begin(void **state)
{
	(void)state;
	strcpy(home, "/tmp/tipline-spool-XXXXXX");
	assert_non_null(mkdtemp(home));
	snprintf(dir, sizeof(dir), "%s/spool", home);
	spool = NULL;
	reopen();
	return 0;
}

static int finish(void **state)
{
	(void)state;
	spool_close(spool);
	spool = NULL;
	chmod(dir, 0700);
	empty_dir();
	rmdir(dir);
	rmdir(home);
	arena_release(&arena);
	return 0;
}

static bool add(unsigned from, unsigned n)
{
	struct store_tip *tips = arena_array(&arena, struct store_tip, n + 1);

	for (unsigned i = 0; i < n; i++)
		tips[i] = spool_tip_make(&arena, from + i);
	return spool_append(spool, tips, n);
}

/* The tips that wait are those of these numbers, in this order. */
static void assert_waiting(const unsigned *numbers, size_t n)
{
	struct store_tip tips[400];

	assert_int_equal(spool_figures(spool)->depth, n);
	assert_int_equal(spool_peek(spool, tips, 400), n);
	for (size_t i = 0; i < n; i++) {
		struct store_tip made = spool_tip_make(&arena, numbers[i]);

		if (!spool_tip_same(&tips[i], &made))
			fail_msg("place %zu holds %s, not number %u", i, tips[i].id.text, numbers[i]);
		assert_true(spool_holds(spool, &made.id));
		assert_true(spool_find_request(spool, made.request_mark, &tips[399]));
		assert_true(spool_tip_same(&tips[399], &made));
	}
}

static void assert_range(unsigned from, unsigned n)
{
	unsigned numbers[400] = { 0 };

	for (unsigned i = 0; i < n; i++)
		numbers[i] = from + i;
	assert_waiting(numbers, n);
}

static size_t count_files(const char *suffix)
{
	DIR *list = opendir(dir);
	struct dirent *entry;
	size_t n = 0;

	while ((entry = readdir(list)) != NULL) {
		size_t len = strlen(entry->d_name);

		n += entry->d_name[0] != '.' && len >= strlen(suffix) &&
		     strcmp(entry->d_name + len - strlen(suffix), suffix) == 0;
	}
	closedir(list);
	return n;
}

static void path_of(unsigned segment, char path[128])
{
	snprintf(path, 128, "%s/%012u.spool", dir, segment);
}

static struct span read_segment(unsigned segment)
{
	char path[128];
	struct stat stat_of;
	char *bytes;
	int fd;

	path_of(segment, path);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &stat_of) == 0);
	bytes = arena_alloc(&arena, (size_t)stat_of.st_size + 1);
	assert_int_equal(read(fd, bytes, (size_t)stat_of.st_size), stat_of.st_size);
	close(fd);
	return span_from(bytes, (size_t)stat_of.st_size);
}

static void write_segment(unsigned segment, struct span bytes)
{
	char path[128];
	int fd;

	path_of(segment, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
	close(fd);
}

static size_t record_len(unsigned number)
{
	struct store_tip tip = spool_tip_make(&arena, number);
	struct buf out = { 0 };
	size_t len;

	spool_record_put(&tip, &out);
	len = out.len;
	buf_release(&out);
	return len;
}

/* --- order -------------------------------------------------------------------------- */

static void what_was_appended_waits_in_its_order_also_after_reopening(void **state)
{
	(void)state;
	assert_true(add(1, 1));
	assert_true(add(2, 99));
	assert_true(add(101, 200));
	assert_range(1, 300);
	reopen();
	assert_range(1, 300);
	assert_int_equal(spool_figures(spool)->damaged, 0);
	assert_true(add(301, 3));
	reopen();
	assert_range(1, 303);
}

static void dropping_takes_the_oldest_and_only_those(void **state)
{
	struct store_tip gone = spool_tip_make(&arena, 3);
	struct store_tip found;

	(void)state;
	assert_true(add(1, 100));
	for (unsigned dropped = 0; dropped < 100; dropped += 10) {
		assert_range(1 + dropped, 100 - dropped);
		spool_drop(spool, 10);
	}
	assert_range(0, 0);
	assert_false(spool_holds(spool, &gone.id));
	assert_false(spool_find_request(spool, gone.request_mark, &found));
	assert_int_equal(spool_figures(spool)->drained, 100);
	assert_int_equal(spool_figures(spool)->bytes, 0);
}

static void appending_and_dropping_may_go_on_for_long(void **state)
{
	unsigned from = 0;
	unsigned n = 0;

	(void)state;
	open_with(ROOMY, 3000);
	for (unsigned round = 0; round < 60; round++) {
		assert_true(add(from + n, round % 7 + 1));
		n += round % 7 + 1;
		assert_range(from, n);
		spool_drop(spool, round % 5 < n ? round % 5 : n);
		from += round % 5 < n ? round % 5 : n;
		n -= round % 5 < n ? round % 5 : n;
	}
	assert_range(from, n);
}

static void a_request_is_found_by_its_mark_alone(void **state)
{
	static const unsigned char other[STORE_MARK_BYTES] = "request 4711";
	static const unsigned char none[STORE_MARK_BYTES];
	struct store_tip unnamed = spool_tip_make(&arena, 5);
	struct store_tip found;

	(void)state;
	memset(unnamed.request_mark, 0, sizeof(unnamed.request_mark));
	assert_true(add(1, 3));
	assert_true(spool_append(spool, &unnamed, 1));
	assert_false(spool_find_request(spool, other, &found));
	assert_false(spool_find_request(spool, none, &found));
	assert_true(spool_holds(spool, &unnamed.id));
}

/* --- files ---------------------------------------------------------------------------- */

static void segments_go_away_with_their_last_tip(void **state)
{
	(void)state;
	open_with(ROOMY, 1000);
	for (unsigned i = 0; i < 20; i++)
		assert_true(add(i, 1));
	assert_true(count_files(".spool") >= 10);
	spool_drop(spool, 19);
	assert_int_equal(count_files(".spool"), 1);
	spool_drop(spool, 1);
	assert_int_equal(count_files(""), 0);
	assert_true(add(50, 2));
	reopen();
	assert_range(50, 2);
}

static void a_segment_with_a_waiting_tip_stays_whole(void **state)
{
	(void)state;
	assert_true(add(0, 10));
	spool_drop(spool, 9);
	reopen();
	assert_range(0, 10);
}

static void two_lives_do_not_write_into_one_segment(void **state)
{
	(void)state;
	assert_true(add(0, 2));
	reopen();
	assert_true(add(2, 2));
	assert_int_equal(count_files(".spool"), 2);
	reopen();
	assert_range(0, 4);
}

static void strange_files_are_left_alone(void **state)
{
	char path[128];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/notes.spool", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	close(fd);
	assert_true(add(0, 2));
	reopen();
	assert_range(0, 2);
	spool_drop(spool, 2);
	assert_int_equal(count_files(""), 1);
}

/* --- torn and damaged -------------------------------------------------------------------- */

static void a_torn_end_is_cut_off_wherever_it_tore(void **state)
{
	struct span whole;
	size_t first;

	(void)state;
	assert_true(add(0, 2));
	whole = read_segment(1);
	first = record_len(0);
	for (size_t cut = first; cut < whole.len; cut++) {
		write_segment(1, span_from(whole.at, cut));
		reopen();
		assert_range(0, 1);
		assert_int_equal(spool_figures(spool)->damaged, 0);
		assert_int_equal(read_segment(1).len, first);
		/* What comes after the crash is not lost behind it. */
		if (cut % 97 == 0) {
			assert_true(add(9, 1));
			reopen();
			assert_waiting((unsigned[]){ 0, 9 }, 2);
		}
		spool_close(spool);
		spool = NULL;
		empty_dir();
	}
	assert_int_equal(count_files(".damaged"), 0);
}

static void a_damaged_record_costs_itself_alone(void **state)
{
	struct span whole;
	size_t first;

	(void)state;
	assert_true(add(0, 3));
	whole = read_segment(1);
	first = record_len(0);
	/* Magic, length (shorter, longer, absurd), checksum, payload, last byte. */
	for (size_t at = 0; at < record_len(1); at += at < 20 ? 1 : 37) {
		char *copy = arena_alloc(&arena, whole.len);

		memcpy(copy, whole.at, whole.len);
		copy[first + at] ^= 0x40;
		write_segment(1, span_from(copy, whole.len));
		reopen();
		assert_waiting((unsigned[]){ 0, 2 }, 2);
		assert_int_equal(spool_figures(spool)->damaged, 1);
		assert_int_equal(count_files(".damaged"), 1);
	}
}

static void a_damaged_last_record_is_kept_for_whoever_looks(void **state)
{
	struct span whole;

	(void)state;
	assert_true(add(0, 2));
	whole = read_segment(1);
	((char *)(uintptr_t)whole.at)[whole.len - 1] ^= 1;
	write_segment(1, whole);
	reopen();
	assert_range(0, 1);
	assert_int_equal(spool_figures(spool)->damaged, 1);
	assert_int_equal(count_files(".damaged"), 1);
	spool_drop(spool, 1);
	assert_int_equal(count_files(".damaged"), 1);
	assert_int_equal(count_files(".spool"), 0);
}

static void an_earlier_segment_that_ends_too_soon_is_damaged_not_torn(void **state)
{
	struct span whole;

	(void)state;
	assert_true(add(0, 2));
	reopen();
	assert_true(add(2, 2));
	whole = read_segment(1);
	write_segment(1, span_from(whole.at, whole.len - 5));
	reopen();
	assert_waiting((unsigned[]){ 0, 2, 3 }, 3);
	assert_int_equal(spool_figures(spool)->damaged, 1);
	assert_int_equal(count_files(".damaged"), 1);
}

static void rubbish_is_no_tip(void **state)
{
	(void)state;
	write_segment(1, SPAN("this is not a spool segment at all, TS1\n and never was"));
	reopen();
	assert_range(0, 0);
	assert_true(add(0, 2));
	reopen();
	assert_range(0, 2);
}

/* --- limits and failing disks ---------------------------------------------------------------- */

static void a_full_spool_refuses_and_takes_again_when_drained(void **state)
{
	uint64_t room = 3 * record_len(1) + 10;

	(void)state;
	open_with(room, ROOMY);
	assert_true(add(1, 3));
	assert_false(add(4, 1));
	assert_true(spool_figures(spool)->failing);
	assert_range(1, 3);
	spool_drop(spool, 1);
	assert_true(add(4, 1));
	assert_false(spool_figures(spool)->failing);
	assert_range(2, 3);
	assert_false(add(5, 1));
	spool_drop(spool, 3);
	assert_false(spool_figures(spool)->failing);
	reopen();
	assert_range(0, 0);
}

static void a_batch_goes_in_whole_or_not_at_all(void **state)
{
	(void)state;
	open_with(3 * record_len(1) + 10, ROOMY);
	assert_false(add(1, 4));
	assert_range(0, 0);
	reopen();
	assert_range(0, 0);
}

static void a_record_that_could_not_be_read_again_is_refused(void **state)
{
	struct store_tip tip = spool_tip_make(&arena, 1);

	(void)state;
	tip.sealed = span_from(arena_alloc(&arena, SPOOL_RECORD_MAX), SPOOL_RECORD_MAX);
	assert_false(spool_append(spool, &tip, 1));
	assert_true(add(2, 1));
	reopen();
	assert_range(2, 1);
}

static void a_disk_that_fails_midway_leaves_nothing_of_the_batch(void **state)
{
	struct rlimit before;
	struct rlimit small;

	(void)state;
	assert_true(add(0, 2));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	for (size_t more = 0; more < 2 * record_len(2); more += 101) {
		small = (struct rlimit){ .rlim_cur = 2 * record_len(0) + more, .rlim_max = before.rlim_max };
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		assert_false(add(2, 8));
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_true(spool_figures(spool)->failing);
		assert_range(0, 2);
	}
	assert_true(add(2, 2));
	assert_false(spool_figures(spool)->failing);
	reopen();
	assert_range(0, 4);
	assert_int_equal(spool_figures(spool)->damaged, 0);
}

static void a_directory_that_is_gone_fails_until_it_is_back(void **state)
{
	char away[80];

	(void)state;
	snprintf(away, sizeof(away), "%s/away", home);
	assert_int_equal(rename(dir, away), 0);
	assert_false(add(0, 1));
	assert_true(spool_figures(spool)->failing);
	assert_range(0, 0);
	assert_int_equal(rename(away, dir), 0);
	assert_true(add(1, 1));
	reopen();
	assert_range(1, 1);
}

static void a_file_in_its_place_is_a_complaint(void **state)
{
	struct spool_limits limits = { .max_bytes = ROOMY, .segment_bytes = ROOMY };
	struct complaint why = { .text = "" };
	char path[96];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/file", home);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	close(fd);
	assert_null(spool_open(path, &limits, &why));
	assert_non_null(strstr(why.text, path));
	unlink(path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)
	const struct CMUnitTest tests[] = {
		TEST(what_was_appended_waits_in_its_order_also_after_reopening),
		TEST(dropping_takes_the_oldest_and_only_those),
		TEST(appending_and_dropping_may_go_on_for_long),
		TEST(a_request_is_found_by_its_mark_alone),
		TEST(segments_go_away_with_their_last_tip),
		TEST(a_segment_with_a_waiting_tip_stays_whole),
		TEST(two_lives_do_not_write_into_one_segment),
		TEST(strange_files_are_left_alone),
		TEST(a_torn_end_is_cut_off_wherever_it_tore),
		TEST(a_damaged_record_costs_itself_alone),
		TEST(a_damaged_last_record_is_kept_for_whoever_looks),
		TEST(an_earlier_segment_that_ends_too_soon_is_damaged_not_torn),
		TEST(rubbish_is_no_tip),
		TEST(a_full_spool_refuses_and_takes_again_when_drained),
		TEST(a_batch_goes_in_whole_or_not_at_all),
		TEST(a_record_that_could_not_be_read_again_is_refused),
		TEST(a_disk_that_fails_midway_leaves_nothing_of_the_batch),
		TEST(a_directory_that_is_gone_fails_until_it_is_back),
		TEST(a_file_in_its_place_is_a_complaint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
