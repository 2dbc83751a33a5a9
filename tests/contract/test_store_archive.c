/*
 * Letting go of events that lie in the archive, on every store: what
 * store/store.h promises of it.
 */
#include "daemon/store/archived.h"
#include "tests/support/archive_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static struct archive_rig rig;
static const struct archive_digest none;
static const struct archive_digest some = { .bytes = "thirty-two bytes of some file..." };

static int open_memory(void **unused)
{
	(void)unused;
	archive_rig_open(&rig, true);
	return 0;
}

static int open_redis(void **unused)
{
	(void)unused;
	archive_rig_open(&rig, false);
	return 0;
}

static int close_rig(void **unused)
{
	(void)unused;
	archive_rig_close(&rig);
	return 0;
}

static const struct store_reply *archived(uint64_t from, unsigned max)
{
	const struct store_reply *reply = store_rig_ask(
		&rig.store,
		&(struct store_request){ .op = STORE_ARCHIVED, .shard = STORE_AUDIT_SHARD, .from = from, .max = max });

	assert_int_equal(reply->outcome, STORE_DONE);
	return reply;
}

static uint64_t begin(unsigned events, uint64_t sealed)
{
	archive_rig_write(&rig, events, 1000);
	if (sealed > 0)
		archive_rig_seal(&rig, sealed);
	return archive_rig_lease(&rig, "archiver", "me");
}

static enum store_verdict trim(uint64_t first, uint64_t last, uint64_t fence)
{
	return archive_rig_trim(&rig, (struct archive_range){ first, last }, &some, fence, 10);
}

static void an_empty_journal_has_nothing(void **unused)
{
	const struct store_reply *reply = archived(0, 10);

	(void)unused;
	assert_int_equal(reply->count, 0);
	assert_int_equal(reply->nsegments, 0);
	assert_int_equal(reply->first, 0);
	assert_int_equal(reply->rev, 0);
	assert_int_equal(reply->note, 0);
}

static void what_was_trimmed_is_written_down(void **unused)
{
	uint64_t fence = begin(100, 90);
	const struct store_reply *reply;

	(void)unused;
	assert_int_equal(trim(1, 40, fence), STORE_OK);
	assert_int_equal(trim(41, 50, fence), STORE_OK);
	reply = archived(0, 10);
	assert_int_equal(reply->count, 2);
	assert_int_equal(reply->nsegments, 2);
	assert_int_equal(reply->first, 51);
	assert_int_equal(reply->rev, 100);
	assert_int_equal(reply->note, 90);
	assert_int_equal(reply->segments[0].last, 40);
	assert_int_equal(reply->segments[1].first, 41);
	assert_memory_equal(reply->segments[1].digest, some.bytes, sizeof(some));
	reply = archived(1, 1);
	assert_int_equal(reply->count, 2);
	assert_int_equal(reply->nsegments, 1);
	assert_int_equal(reply->segments[0].first, 41);
	reply = archive_rig_read(&rig, 1, 1000);
	assert_int_equal(reply->nevents, 50);
	assert_int_equal(reply->events[0].number, 51);
}

/* Numbers go on where they were, and other functions find the end. */
static void numbers_go_on(void **unused)
{
	uint64_t fence = begin(100, 90);

	(void)unused;
	assert_int_equal(trim(1, 90, fence), STORE_OK);
	archive_rig_write(&rig, 3, 1000);
	assert_int_equal(archived(0, 1)->rev, 103);
	archive_rig_seal(&rig, 103);
	assert_int_equal(trim(91, 93, fence), STORE_OK);
	archive_rig_write(&rig, 1, 1000);
	assert_int_equal(archive_rig_read(&rig, 94, 100)->nevents, 11);
}

static void the_same_again_is_told(void **unused)
{
	uint64_t fence = begin(100, 90);

	(void)unused;
	assert_int_equal(trim(1, 40, fence), STORE_OK);
	assert_int_equal(trim(1, 40, fence), STORE_ALREADY);
	assert_int_equal(archive_rig_trim(&rig, (struct archive_range){ 1, 40 }, &none, fence, 10), STORE_CONFLICT);
	assert_int_equal(archived(0, 10)->count, 1);
}

static void only_the_head_goes(void **unused)
{
	uint64_t fence = begin(100, 90);

	(void)unused;
	assert_int_equal(trim(2, 40, fence), STORE_CONFLICT);
	assert_int_equal(trim(1, 40, fence), STORE_OK);
	assert_int_equal(trim(42, 60, fence), STORE_CONFLICT);
	assert_int_equal(trim(31, 60, fence), STORE_CONFLICT);
	assert_int_equal(archived(0, 10)->first, 41);
}

static void what_is_not_sealed_stays(void **unused)
{
	uint64_t fence = begin(100, 0);

	(void)unused;
	assert_int_equal(trim(1, 40, fence), STORE_UNTIMELY);
	archive_rig_seal(&rig, 39);
	assert_int_equal(trim(1, 40, fence), STORE_UNTIMELY);
	assert_int_equal(trim(1, 39, fence), STORE_OK);
}

static void the_latest_stay(void **unused)
{
	uint64_t fence = begin(100, 100);

	(void)unused;
	assert_int_equal(trim(1, 91, fence), STORE_UNTIMELY);
	assert_int_equal(trim(1, 90, fence), STORE_OK);
	assert_int_equal(archive_rig_read(&rig, 1, 1000)->nevents, 10);
}

static void a_stale_fence_is_refused(void **unused)
{
	uint64_t fence = begin(100, 90);

	(void)unused;
	assert_int_equal(trim(1, 40, fence - 1), STORE_FENCED);
	assert_int_equal(trim(1, 40, fence + 1), STORE_FENCED);
	assert_int_equal(archived(0, 10)->count, 0);
	assert_int_equal(trim(1, 40, fence), STORE_OK);
	assert_int_equal(trim(1, 40, fence - 1), STORE_FENCED);
}

/* With the archive in front the journal is whole again, over the border too. */
static void files_and_tail_are_one(void **unused)
{
	uint64_t fence = begin(100, 90);
	struct archive_range one = { 1, 33 }, two = { 34, 80 };
	struct archive_digest first, second;

	(void)unused;
	first = archive_rig_file(&rig, one, &none);
	second = archive_rig_file(&rig, two, &first);
	assert_int_equal(archive_rig_trim(&rig, one, &first, fence, 10), STORE_OK);
	assert_int_equal(archive_rig_trim(&rig, two, &second, fence, 10), STORE_OK);
	archived_attach(rig.store.store, rig.store.loop, rig.archive);
	for (uint64_t from = 1; from <= 101; from += 5) {
		for (unsigned max = 1; max < 120; max += 13) {
			uint64_t left = 101 - from, wanted = left < max ? left : max;
			const struct store_reply *reply = archive_rig_read(&rig, from, max);

			assert_int_equal(reply->outcome, STORE_DONE);
			assert_int_equal(reply->nevents, wanted);
			for (size_t i = 0; i < reply->nevents; i++) {
				assert_int_equal(reply->events[i].number, from + i);
				assert_true(archive_rig_is(&reply->events[i]));
			}
		}
	}
}

#define TEST(function, open) cmocka_unit_test_setup_teardown(function, open, close_rig)
#define BOTH(function) TEST(function, open_memory), TEST(function, open_redis)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(an_empty_journal_has_nothing), BOTH(what_was_trimmed_is_written_down),
		BOTH(numbers_go_on),                BOTH(the_same_again_is_told),
		BOTH(only_the_head_goes),           BOTH(what_is_not_sealed_stays),
		BOTH(the_latest_stay),              BOTH(a_stale_fence_is_refused),
		BOTH(files_and_tail_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
