/*
 * Files and tail of a journal as one, where a file is missing or changed, the
 * store goes, or many read at a time. That they are one at all is in
 * tests/contract/test_store_archive.c.
 */
#include "daemon/store/archived.h"
#include "daemon/loop/loop.h"
#include "tests/support/archive_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

static struct archive_rig rig;
static const struct archive_range one = { 1, 40 }, two = { 41, 80 };

/* A hundred events, eighty of them in two files. */
static int begin(void **unused)
{
	static const struct archive_digest none;
	struct archive_digest first, second;
	uint64_t fence;

	(void)unused;
	archive_rig_open(&rig, true);
	archive_rig_write(&rig, 100, 1000);
	archive_rig_seal(&rig, 100);
	fence = archive_rig_lease(&rig, "archiver", "me");
	first = archive_rig_file(&rig, one, &none);
	second = archive_rig_file(&rig, two, &first);
	assert_int_equal(archive_rig_trim(&rig, one, &first, fence, 1), STORE_OK);
	assert_int_equal(archive_rig_trim(&rig, two, &second, fence, 1), STORE_OK);
	archived_attach(rig.store.store, rig.store.loop, rig.archive);
	return 0;
}

static int finish(void **unused)
{
	(void)unused;
	archive_rig_close(&rig);
	return 0;
}

static void lose(struct archive_range range)
{
	char path[4096];

	archive_path(rig.archive, "audit", range, path);
	assert_int_equal(unlink(path), 0);
}

static void a_missing_file_is_no_end(void **unused)
{
	(void)unused;
	lose(one);
	assert_int_equal(archive_rig_read(&rig, 1, 10)->outcome, STORE_BROKEN);
	assert_int_equal(archive_rig_read(&rig, 41, 100)->nevents, 60);
	assert_int_equal(archived_figures(rig.store.store).failures, 1);
	lose(two);
	assert_int_equal(archive_rig_read(&rig, 81, 100)->nevents, 20);
	assert_int_equal(archive_rig_read(&rig, 80, 100)->outcome, STORE_BROKEN);
	assert_int_equal(archived_figures(rig.store.store).failures, 2);
}

static void what_begins_within_the_files_and_breaks_there_gives_nothing(void **unused)
{
	const struct store_reply *reply;

	(void)unused;
	lose(two);
	assert_int_equal(archive_rig_read(&rig, 1, 40)->nevents, 40);
	reply = archive_rig_read(&rig, 30, 20);
	assert_int_equal(reply->outcome, STORE_BROKEN);
	assert_int_equal(reply->nevents, 0);
}

static void a_file_that_comes_back_is_read(void **unused)
{
	char path[4096], away[4200];

	(void)unused;
	archive_path(rig.archive, "audit", one, path);
	snprintf(away, sizeof(away), "%s.away", path);
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(archive_rig_read(&rig, 1, 10)->outcome, STORE_BROKEN);
	assert_int_equal(rename(away, path), 0);
	assert_int_equal(archive_rig_read(&rig, 1, 100)->nevents, 100);
}

static void behind_the_last_event_is_nothing(void **unused)
{
	const struct store_reply *reply = archive_rig_read(&rig, 101, 10);

	(void)unused;
	assert_int_equal(reply->outcome, STORE_DONE);
	assert_int_equal(reply->nevents, 0);
	assert_int_equal(archive_rig_read(&rig, 0, 3)->events[0].number, 1);
}

static void a_store_that_is_away_is_told(void **unused)
{
	(void)unused;
	rig.store.store->up = false;
	assert_int_equal(archive_rig_read(&rig, 1, 10)->outcome, STORE_NOT_SENT);
	rig.store.store->up = true;
	assert_int_equal(archive_rig_read(&rig, 1, 10)->nevents, 10);
}

/* More journals than it keeps places for, and readers who go back. */
static void anyone_reads_anywhere(void **unused)
{
	(void)unused;
	for (uint64_t from = 80; from > 0; from--)
		for (uint64_t at = from; at <= 80; at += 27)
			assert_int_equal(archive_rig_read(&rig, at, 3)->events[0].number, at);
}

static struct {
	unsigned calls;
	enum store_outcome outcome;
} ended;

static void ended_with(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	ended.calls++;
	ended.outcome = reply->outcome;
}

/* A reading of files alone is answered once when the store goes before its turn comes. */
static void what_is_asked_is_answered_when_it_goes(void **unused)
{
	struct store_request request = { .op = STORE_JOURNAL, .shard = STORE_AUDIT_SHARD, .from = 1, .max = 10 };

	(void)unused;
	archive_rig_read(&rig, 1, 10);
	ended.calls = 0;
	store_submit(rig.store.store, &request, (struct store_wait){ .done = ended_with });
	request.from = 75;
	request.max = 20;
	store_submit(rig.store.store, &request, (struct store_wait){ .done = ended_with });
	assert_int_equal(ended.calls, 0);
	archive_rig_close(&rig);
	assert_int_equal(ended.calls, 2);
	archive_rig_open(&rig, true);
}

static void entries_and_events_are_the_same(void **unused)
{
	struct store_event event = { .number = 7, .json = SPAN("{}"), .fingerprint = SPAN("f"), .commitment = SPAN("c"),
				     .seed = SPAN("s"), .example = SPAN("x") };
	struct archive_entry entry;
	struct store_event again;

	(void)unused;
	archived_entry(&event, &entry);
	assert_int_equal(entry.nfields, 5);
	archived_event(&entry, &again);
	assert_memory_equal(&again, &event, sizeof(event));
	entry.fields[2].name = SPAN("later");
	archived_event(&entry, &again);
	assert_int_equal(again.unknown, 1);
	assert_int_equal(again.commitment.len, 0);
	event.seed = SPAN("");
	archived_entry(&event, &entry);
	assert_int_equal(entry.nfields, 4);
}

#define test(f) cmocka_unit_test_setup_teardown(f, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_missing_file_is_no_end),
		test(what_begins_within_the_files_and_breaks_there_gives_nothing),
		test(a_file_that_comes_back_is_read),
		test(behind_the_last_event_is_nothing),
		test(a_store_that_is_away_is_told),
		test(anyone_reads_anywhere),
		test(what_is_asked_is_answered_when_it_goes),
		cmocka_unit_test(entries_and_events_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
