/*
 * What a channel has counted: once for each event, frozen once for each pause, the same bytes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "handlers/notify/notice_tally.h"

static const struct seal_key key = { .bytes = { 1 } };
static const struct notice urgent = { .kind = NOTICE_URGENT, .region = "150602", .at_ms = 10, .count = { 0, 1 } };
static const struct notice escalated = { .kind = NOTICE_ESCALATED, .region = "150621", .at_ms = 20, .count = { 0, 0, 1 } };

static void an_event_counts_once(void **state)
{
	struct notice_tally tally = { 0 };

	(void)state;
	assert_true(notice_tally_add(&tally, "15", 7, &escalated));
	assert_false(notice_tally_add(&tally, "15", 7, &escalated));
	assert_false(notice_tally_add(&tally, "15", 6, &escalated));
	assert_true(notice_tally_add(&tally, "15", 8, &urgent));
	assert_true(notice_tally_add(&tally, "11", 7, &urgent));
	assert_int_equal(notice_count(&tally.pending), 3);
	assert_int_equal(tally.pending.kind, NOTICE_URGENT);
	assert_int_equal(tally.pending.at_ms, 20);
	assert_string_equal(tally.pending.region, "150600");
}

static void a_pause_holds_the_next_one(void **state)
{
	struct notice_tally tally = { 0 };

	(void)state;
	assert_false(notice_tally_freeze(&tally, 100000, 1000));
	notice_tally_add(&tally, "15", 1, &urgent);
	assert_true(notice_tally_freeze(&tally, 100000, 1000));
	notice_tally_add(&tally, "15", 2, &urgent);
	assert_false(notice_tally_freeze(&tally, 102000, 1000));   /* the first one is not out yet */
	tally.outgoing = (struct notice){ 0 };
	assert_false(notice_tally_freeze(&tally, 100999, 1000));
	assert_true(notice_tally_freeze(&tally, 101000, 1000));
	assert_int_equal(tally.number, 2);
	tally.outgoing = (struct notice){ 0 };
	notice_tally_add(&tally, "15", 3, &urgent);
	assert_true(notice_tally_freeze(&tally, 50, 1000));        /* the clock was set back */
}

static void bytes_come_back(void **state)
{
	struct notice_tally tally = { 0 }, back;
	const struct seal_key other = { .bytes = { 2 } };
	struct buf sealed = { 0 }, again = { 0 };

	(void)state;
	assert_true(notice_tally_open(&key, SPAN(""), &back));
	notice_tally_add(&tally, "15", 7, &escalated);
	notice_tally_freeze(&tally, 100000, 1000);
	notice_tally_add(&tally, "11", 9, &urgent);
	notice_tally_seal(&key, &tally, &sealed);
	assert_true(notice_tally_open(&key, buf_span(&sealed), &back));
	notice_tally_seal(&key, &back, &again);
	assert_true(span_eq(buf_span(&sealed), buf_span(&again)));
	assert_false(notice_tally_add(&back, "15", 7, &escalated));
	assert_int_equal(notice_count(&back.outgoing), 1);
	assert_false(notice_tally_open(&other, buf_span(&sealed), &back));
	buf_release(&sealed);
	buf_release(&again);
}

static void all_shards_have_room(void **state)
{
	struct notice_tally tally = { 0 };
	struct buf sealed = { 0 };
	char shard[3] = "00";

	(void)state;
	for (unsigned i = 0; i < TALLY_SHARDS_MAX; i++) {
		shard[0] = (char)('0' + i / 10);
		shard[1] = (char)('0' + i % 10);
		assert_true(notice_tally_add(&tally, shard, UINT32_MAX, &urgent));
	}
	assert_false(notice_tally_add(&tally, "99", 1, &urgent));
	notice_tally_seal(&key, &tally, &sealed);
	assert_true(sealed.len <= 8192);
	assert_true(notice_tally_open(&key, buf_span(&sealed), &tally));
	buf_release(&sealed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_counts_once),
		cmocka_unit_test(a_pause_holds_the_next_one),
		cmocka_unit_test(bytes_come_back),
		cmocka_unit_test(all_shards_have_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
