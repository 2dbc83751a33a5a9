/*
 * The weekly keys: one a week for all processes, never made again once
 * destroyed, and taken from memory when another process destroys them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/files.h"
#include "daemon/sys/week_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MONDAY 1798416000000LL /* 2026-12-28T00:00:00Z */
#define WEEK_TEST(name) cmocka_unit_test_setup_teardown(name, make, remove_all)

static char root[64], dir[80];
static struct complaint why;

static int make(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/tipline-weeks-XXXXXX");
	if (mkdtemp(root) == NULL)
		return -1;
	snprintf(dir, sizeof(dir), "%s/weeks", root);
	return 0;
}

static int remove_all(void **state)
{
	char command[100];

	(void)state;
	chmod(dir, 0700);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static struct week_keys *opened(void)
{
	struct week_keys *weeks = week_keys_open(dir, true, &why);

	assert_non_null(weeks);
	return weeks;
}

static struct seal_key present(struct week_keys *weeks, int64_t now_ms, unsigned expected)
{
	struct seal_key key;
	unsigned week;

	assert_true(week_keys_present(weeks, now_ms, &week, &key, &why));
	assert_int_equal(week, expected);
	return key;
}

static char *path_of(const char *name)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void weeks_begin_on_monday(void **state)
{
	(void)state;
	assert_int_equal(week_of(MONDAY), 2973);
	assert_int_equal(week_of(MONDAY - 1), 2972);
	assert_int_equal(week_of(MONDAY + WEEK_MS - 1), 2973);
	assert_int_equal(week_begins(2973), MONDAY);
	assert_int_equal(week_of(0), 1);
	assert_int_equal(week_of(-5), 1);
}

static void a_key_is_the_same_for_all(void **state)
{
	struct week_keys *one = opened(), *two = opened();
	struct seal_key a = present(one, MONDAY, 2973), b = present(two, MONDAY + 5, 2973), c;

	(void)state;
	assert_memory_equal(a.bytes, b.bytes, sizeof(a.bytes));
	b = present(two, MONDAY + WEEK_MS, 2974);
	assert_memory_not_equal(a.bytes, b.bytes, sizeof(a.bytes));
	assert_int_equal(week_keys_find(one, 2974, &c), WEEK_KEY_FOUND);
	assert_memory_equal(b.bytes, c.bytes, sizeof(c.bytes));
	c = present(two, MONDAY + 9, 2973); /* the clock stepped back */
	assert_memory_equal(a.bytes, c.bytes, sizeof(a.bytes));
	week_keys_free(one);
	week_keys_free(two);
}

/* Eight processes at once: one key, which each reads. */
static void a_race_has_one_winner(void **state)
{
	struct week_keys *weeks = opened();
	struct seal_key key;
	int ends[2], status;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < 8; i++)
		if (fork() == 0) {
			unsigned week;
			bool well = week_keys_present(weeks, MONDAY, &week, &key, &why) &&
				    write(ends[1], key.bytes, sizeof(key.bytes)) == (ssize_t)sizeof(key.bytes);

			_exit(well ? 0 : 1);
		}
	for (int i = 0; i < 8; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	key = present(weeks, MONDAY, 2973);
	for (int i = 0; i < 8; i++) {
		unsigned char one[SEAL_KEY_BYTES];

		assert_int_equal(read(ends[0], one, sizeof(one)), sizeof(one));
		assert_memory_equal(one, key.bytes, sizeof(one));
	}
	close(ends[0]);
	close(ends[1]);
	week_keys_free(weeks);
}

static void a_destroyed_week_stays_so(void **state)
{
	struct week_keys *weeks = opened(), *other = opened();
	struct seal_key key, later;
	unsigned *list, week;

	(void)state;
	present(weeks, MONDAY, 2973);
	present(other, MONDAY, 2973);
	assert_false(week_keys_destroy(weeks, 2973, MONDAY + 5, &why));
	assert_false(week_keys_destroy(weeks, 2973, MONDAY + WEEK_MS + WEEK_KEYS_GRACE_MS - 1, &why));
	later = present(weeks, MONDAY + WEEK_MS, 2974);
	assert_true(week_keys_destroy(weeks, 2973, MONDAY + 2 * WEEK_MS, &why));
	assert_true(week_keys_destroy(weeks, 2973, MONDAY + 2 * WEEK_MS, &why));
	assert_int_equal(access(path_of("week-2973.key"), F_OK), -1);
	assert_int_equal(week_keys_find(weeks, 2973, &key), WEEK_KEY_GONE);
	/* Into that week by a clock that is wrong: the next later key, and no new one. */
	key = present(weeks, MONDAY, 2974);
	assert_memory_equal(key.bytes, later.bytes, sizeof(key.bytes));
	assert_int_equal(week_keys_list(weeks, &list), 1);
	assert_int_equal(list[0], 2974);
	free(list);
	assert_int_equal(week_keys_list_destroyed(weeks, &list), 1);
	assert_int_equal(list[0], 2973);
	free(list);
	week_keys_free(weeks);
	weeks = opened();
	assert_int_equal(week_keys_find(weeks, 2973, &key), WEEK_KEY_GONE);
	assert_true(week_keys_present(weeks, MONDAY, &week, &key, &why));
	assert_int_equal(week, 2974);
	week_keys_free(weeks);
	/* The other process had it in memory, and asks a second later. */
	usleep(1100000);
	assert_int_equal(week_keys_find(other, 2973, &key), WEEK_KEY_GONE);
	week_keys_free(other);
}

/* The line was written and the power went: who opens next ends it. */
static void a_cut_is_ended(void **state)
{
	struct week_keys *weeks = opened();
	struct seal_key key;

	(void)state;
	present(weeks, MONDAY, 2973);
	week_keys_free(weeks);
	assert_true(files_append(path_of("destroyed.jsonl"), SPAN("{\"week\":2973,\"at\":\"2027-01-11T00:00:00Z\"}\n"), 0600, &why));
	weeks = opened();
	assert_int_equal(access(path_of("week-2973.key"), F_OK), -1);
	assert_int_equal(week_keys_find(weeks, 2973, &key), WEEK_KEY_GONE);
	week_keys_free(weeks);
}

static void a_lost_key_is_missing_until_it_is_back(void **state)
{
	struct week_keys *weeks = opened();
	char away[100];
	struct seal_key key, was = present(weeks, MONDAY, 2973);

	(void)state;
	week_keys_free(weeks);
	snprintf(away, sizeof(away), "%s/away", root);
	assert_int_equal(rename(path_of("week-2973.key"), away), 0);
	weeks = opened();
	assert_int_equal(week_keys_find(weeks, 2973, &key), WEEK_KEY_MISSING);
	assert_int_equal(week_keys_missed(weeks), 2973);
	assert_int_equal(rename(away, path_of("week-2973.key")), 0);
	assert_int_equal(week_keys_find(weeks, 2973, &key), WEEK_KEY_FOUND);
	assert_memory_equal(key.bytes, was.bytes, sizeof(key.bytes));
	assert_int_equal(week_keys_missed(weeks), 0);
	week_keys_free(weeks);
}

/* A directory that takes no new file: the last week's key serves for some hours, and then nothing. */
static void no_new_key_can_be_made(void **state)
{
	struct week_keys *weeks = opened();
	struct seal_key was = present(weeks, MONDAY, 2973), key;
	char moved[100];
	unsigned week;

	(void)state;
	snprintf(moved, sizeof(moved), "%s/moved", root);
	assert_int_equal(rename(dir, moved), 0);
	key = present(weeks, MONDAY + WEEK_MS + WEEK_KEYS_GRACE_MS - 1, 2973);
	assert_memory_equal(key.bytes, was.bytes, sizeof(key.bytes));
	assert_false(week_keys_present(weeks, MONDAY + WEEK_MS + WEEK_KEYS_GRACE_MS, &week, &key, &why));
	assert_non_null(strstr(why.text, dir));
	week_keys_free(weeks);
}

static void the_next_key_is_made_before(void **state)
{
	struct week_keys *weeks = opened();

	(void)state;
	assert_true(week_keys_ahead(weeks, MONDAY - WEEK_KEYS_AHEAD_MS - 1, &why));
	assert_int_equal(access(path_of("week-2972.key"), F_OK), 0);
	assert_int_equal(access(path_of("week-2973.key"), F_OK), -1);
	assert_true(week_keys_ahead(weeks, MONDAY - WEEK_KEYS_AHEAD_MS, &why));
	assert_int_equal(access(path_of("week-2973.key"), F_OK), 0);
	week_keys_free(weeks);
}

static void a_key_open_to_others_is_refused(void **state)
{
	struct week_keys *weeks = opened();
	struct seal_key key;

	(void)state;
	present(weeks, MONDAY, 2973);
	week_keys_free(weeks);
	assert_int_equal(chmod(path_of("week-2973.key"), 0640), 0);
	weeks = opened();
	assert_int_equal(week_keys_find(weeks, 2973, &key), WEEK_KEY_MISSING);
	week_keys_free(weeks);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_null(week_keys_open(dir, true, &why));
	assert_non_null(strstr(why.text, "chmod"));
}

static void a_group_may_share(void **state)
{
	struct week_keys *weeks;
	struct stat st;

	(void)state;
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(chmod(dir, 02770), 0);
	weeks = opened();
	present(weeks, MONDAY, 2973);
	assert_int_equal(stat(path_of("week-2973.key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_true(week_keys_destroy(weeks, 2973, MONDAY + 3 * WEEK_MS, &why));
	assert_int_equal(stat(path_of("destroyed.jsonl"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	week_keys_free(weeks);
}

static void a_list_that_is_none_is_refused(void **state)
{
	(void)state;
	week_keys_free(opened());
	assert_true(files_append(path_of("destroyed.jsonl"), SPAN("{\"week\":0}\n"), 0600, &why));
	assert_null(week_keys_open(dir, true, &why));
	assert_non_null(strstr(why.text, "line 1"));
}

static void covers_come_off(void **state)
{
	static const struct tip_id id = { "15-7K3MQ2X9RD" };
	static const struct seal_key tip_key = { "the tip's" };
	const struct tip_content content = { .text = SPAN_INIT("words") };
	struct week_keys *weeks = opened();
	struct data_key data_key = { .id = "1234567" };
	struct seal_key key = present(weeks, MONDAY, 2973), wrong = { "wrong" };
	struct buf sealed = { 0 }, stored = { 0 }, other = { 0 };
	struct arena arena = { 0 };
	struct span out;

	(void)state;
	seal_tip(&id, &content, &tip_key, &data_key, &tip_key, &sealed);
	cover_seal(&id, COVER_CONTENT, 2973, &key, buf_span(&sealed), &stored);
	cover_seal(&id, COVER_CONTENT, 2973, &wrong, buf_span(&sealed), &other);
	assert_int_equal(week_keys_uncover(weeks, &id, COVER_CONTENT, buf_span(&stored), &arena, &out), WEEK_KEY_FOUND);
	assert_true(span_eq(out, buf_span(&sealed)));
	assert_int_equal(week_keys_uncover(weeks, &id, COVER_CONTENT, buf_span(&sealed), &arena, &out), WEEK_KEY_FOUND);
	assert_true(span_eq(out, buf_span(&sealed)));
	assert_int_equal(week_keys_uncover(NULL, &id, COVER_CONTENT, buf_span(&stored), &arena, &out), WEEK_KEY_MISSING);
	assert_int_equal(week_keys_uncover(weeks, &id, COVER_CONTENT, buf_span(&other), &arena, &out), WEEK_KEY_MISSING);
	assert_int_equal(week_keys_missed(weeks), 2973);
	assert_true(week_keys_destroy(weeks, 2973, MONDAY + 3 * WEEK_MS, &why));
	assert_int_equal(week_keys_uncover(weeks, &id, COVER_CONTENT, buf_span(&stored), &arena, &out), WEEK_KEY_GONE);
	buf_release(&sealed);
	buf_release(&stored);
	buf_release(&other);
	arena_release(&arena);
	week_keys_free(weeks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weeks_begin_on_monday),
		WEEK_TEST(a_key_is_the_same_for_all),
		WEEK_TEST(a_race_has_one_winner),
		WEEK_TEST(a_destroyed_week_stays_so),
		WEEK_TEST(a_cut_is_ended),
		WEEK_TEST(a_lost_key_is_missing_until_it_is_back),
		WEEK_TEST(no_new_key_can_be_made),
		WEEK_TEST(the_next_key_is_made_before),
		WEEK_TEST(a_key_open_to_others_is_refused),
		WEEK_TEST(a_group_may_share),
		WEEK_TEST(a_list_that_is_none_is_refused),
		WEEK_TEST(covers_come_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
