/*
 * From week to week: both parts open under the present key alone afterwards, or
 * nothing is planned.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/sys/week_move.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define MONDAY 1798416000000LL

static char root[64], dir[80];
static struct complaint why;
static struct week_keys *weeks;
static struct week_present present;
static struct tip_id id;
static struct arena arena;
static struct buf content, identity;

static void cover(enum cover_kind kind, int64_t at_ms, size_t bytes, struct buf *out)
{
	unsigned char sealed[300];
	struct seal_key key;
	unsigned week;

	randombytes_buf(sealed, sizeof(sealed));
	sealed[0] = 1;
	assert_true(week_keys_present(weeks, at_ms, &week, &key, &why));
	cover_seal(&id, kind, week, &key, span_from(sealed, bytes), out);
}

static int begin(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/tipline-move-XXXXXX");
	if (mkdtemp(root) == NULL)
		return -1;
	snprintf(dir, sizeof(dir), "%s/weeks", root);
	weeks = week_keys_open(dir, true, &why);
	assert_non_null(weeks);
	assert_true(tip_id_parse(SPAN("15-0123456789"), &id));
	assert_true(week_keys_present(weeks, MONDAY, &present.week, &present.key, &why));
	cover(COVER_CONTENT, MONDAY - 3 * WEEK_MS, 300, &content);
	cover(COVER_IDENTITY, MONDAY - 2 * WEEK_MS, 200, &identity);
	return 0;
}

static int finish(void **state)
{
	char command[100];

	(void)state;
	week_keys_free(weeks);
	buf_release(&content);
	buf_release(&identity);
	arena_release(&arena);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static struct span front(const struct buf *stored)
{
	return span_from(stored->at, stored->len < COVER_FRONT_BYTES ? stored->len : COVER_FRONT_BYTES);
}

/* The new front with the old rest opens to the same bytes under the present key. */
static void opens_the_same(enum cover_kind kind, const struct buf *stored, struct span was, struct span now)
{
	struct buf moved = { 0 }, open_now = { 0 }, open_then = { 0 };
	struct seal_key key;
	unsigned week;

	assert_true(span_starts(buf_span(stored), was));
	buf_add_span(&moved, now);
	buf_add_span(&moved, span_from_offset(buf_span(stored), was.len));
	assert_int_equal(week_under(buf_span(&moved)), present.week);
	assert_true(cover_open(&id, kind, &present.key, buf_span(&moved), &open_now));
	assert_true(cover_week(buf_span(stored), &week));
	assert_int_equal(week_keys_find(weeks, week, &key), WEEK_KEY_FOUND);
	assert_true(cover_open(&id, kind, &key, buf_span(stored), &open_then));
	assert_true(span_eq(buf_span(&open_now), buf_span(&open_then)));
	buf_release(&moved);
	buf_release(&open_now);
	buf_release(&open_then);
}

static void both_parts_move(void **state)
{
	struct week_moved moved;

	(void)state;
	assert_true(week_move(weeks, &id, &(struct week_fronts){ .content = front(&content), .identity = front(&identity) }, &present, &arena,
			      &moved));
	opens_the_same(COVER_CONTENT, &content, moved.was, moved.now);
	opens_the_same(COVER_IDENTITY, &identity, moved.identity_was, moved.identity_now);
}

static void a_part_that_is_there_stays(void **state)
{
	struct week_moved moved;
	struct buf here = { 0 };

	(void)state;
	assert_true(week_move(weeks, &id, &(struct week_fronts){ .content = front(&content) }, &present, &arena, &moved));
	assert_int_equal(moved.identity_was.len + moved.identity_now.len, 0);
	cover(COVER_IDENTITY, MONDAY, 200, &here);
	assert_true(week_move(weeks, &id, &(struct week_fronts){ .content = front(&content), .identity = front(&here) }, &present, &arena, &moved));
	assert_int_equal(moved.identity_was.len + moved.identity_now.len, 0);
	buf_release(&here);
}

static void what_does_not_open_is_not_moved(void **state)
{
	struct week_fronts fronts = { .content = front(&content), .identity = front(&identity) };
	struct week_moved moved;
	struct tip_id other;

	(void)state;
	assert_true(tip_id_parse(SPAN("15-9876543210"), &other));
	assert_false(week_move(weeks, &other, &fronts, &present, &arena, &moved));
	identity.at[40] ^= 1;
	assert_false(week_move(weeks, &id, &fronts, &present, &arena, &moved));
	fronts.identity.len = 0;
	assert_true(week_keys_destroy(weeks, present.week - 3, MONDAY, &why));
	assert_false(week_move(weeks, &id, &fronts, &present, &arena, &moved));
	fronts.content.len = 0;
	assert_false(week_move(weeks, &id, &fronts, &present, &arena, &moved));
}

static void what_is_under_no_week(void **state)
{
	(void)state;
	assert_int_equal(week_under((struct span){ 0 }), 0);
	assert_int_equal(week_under(SPAN("neither sealed nor covered")), 0);
	assert_int_equal(week_under(SPAN("\1sealed before there were weeks")), 0);
	assert_int_equal(week_under(buf_span(&content)), present.week - 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(both_parts_move), TEST(a_part_that_is_there_stays), TEST(what_does_not_open_is_not_moved),
					    TEST(what_is_under_no_week) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
