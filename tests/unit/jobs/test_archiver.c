/*
 * The archiver on the store in memory and a directory: what moves and what
 * stays, a crash behind each step, several of them, files that are not as they
 * should be.
 */
#include "daemon/jobs/archiver.h"
#include "daemon/store/archived.h"
#include "tests/support/archive_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SEGMENT 30
#define KEEP 10
#define NOW_MS 100000u

static const char shards[][3] = { "15", STORE_AUDIT_SHARD };
static struct archive_rig rig;
static struct archiver *job;

static struct {
	bool on;
	enum archiver_step at;
	unsigned times;        /* it came there */
} crash;

static bool goes_on(void *ctx, enum archiver_step step)
{
	(void)ctx;
	if (!crash.on || step != crash.at)
		return true;
	crash.times++;
	return false;
}

static void stop(void *ctx)
{
	(void)ctx;
	loop_stop(rig.store.loop);
}

static void run_for(unsigned ms)
{
	for (unsigned turn = 0; turn < ms; turn++) {
		loop_after(rig.store.loop, 1, stop, NULL);
		loop_run(rig.store.loop);
	}
}

static struct archiver *job_new(const struct archive *archive, const char *holder)
{
	return archiver_new(&(struct archiver_env){ .loop = rig.store.loop,
						    .store = rig.store.store,
						    .archive = archive,
						    .shards = shards,
						    .nshards = 2,
						    .holder = span_of(holder),
						    .period_ms = 2,
						    .recheck_ms = 20,
						    .writes = true,
						    .segment_events = SEGMENT,
						    .keep_events = KEEP,
						    .keep_ms = 50000,
						    .goes_on = goes_on });
}

static int begin(void **unused)
{
	(void)unused;
	crash.on = false;
	archive_rig_open(&rig, true);
	store_memory_advance(rig.store.store, NOW_MS);
	archived_attach(rig.store.store, rig.store.loop, rig.archive);
	job = job_new(rig.archive, "one");
	return 0;
}

static int finish(void **unused)
{
	(void)unused;
	archiver_free(job);
	archive_rig_close(&rig);
	return 0;
}

static const struct store_reply *archived(void)
{
	return store_rig_ask(&rig.store, &(struct store_request){ .op = STORE_ARCHIVED, .shard = STORE_AUDIT_SHARD, .max = 100 });
}

/* All events are there, each as it was written, and nothing is in two minds. */
static void all_is_there(void)
{
	const struct store_reply *reply = archive_rig_read(&rig, 1, 10000);

	assert_int_equal(reply->outcome, STORE_DONE);
	assert_int_equal(reply->nevents, rig.events);
	for (size_t i = 0; i < reply->nevents; i++)
		assert_true(reply->events[i].number == i + 1 && archive_rig_is(&reply->events[i]));
}

static size_t files(void)
{
	size_t n;

	free(archive_ranges(rig.archive, "audit", &n));
	return n;
}

static void what_is_sealed_and_old_moves(void **unused)
{
	const struct store_reply *reply;

	(void)unused;
	archive_rig_write(&rig, 145, 1000);
	run_for(20);
	assert_int_equal(files(), 0);
	archive_rig_seal(&rig, 145);
	run_for(50);
	reply = archived();
	assert_int_equal(reply->count, 4);
	assert_int_equal(reply->first, 121);
	assert_int_equal(files(), 4);
	assert_int_equal(archiver_figures(job).events, 120);
	assert_null(archiver_fault(job));
	all_is_there();
}

static void what_is_young_stays(void **unused)
{
	(void)unused;
	archive_rig_write(&rig, 40, 1000);
	archive_rig_write(&rig, 60, NOW_MS - 40000);
	archive_rig_seal(&rig, 100);
	run_for(50);
	assert_int_equal(archived()->first, 31);
	store_memory_advance(rig.store.store, 20000);
	run_for(50);
	assert_int_equal(archived()->first, 91);
	all_is_there();
}

static void the_latest_stay(void **unused)
{
	(void)unused;
	archive_rig_write(&rig, SEGMENT + KEEP - 1, 1000);
	archive_rig_seal(&rig, rig.events);
	run_for(30);
	assert_int_equal(files(), 0);
	archive_rig_write(&rig, 1, 1000);
	run_for(30);
	assert_int_equal(archived()->first, SEGMENT + 1);
}

/* What a crash leaves is gone on with, by the next who has the lease: the same files as without one. */
static void crash_behind(enum archiver_step step)
{
	archive_rig_write(&rig, 145, 1000);
	archive_rig_seal(&rig, 145);
	crash.on = true;
	crash.at = step;
	crash.times = 0;
	while (crash.times == 0)
		run_for(5);
	archiver_free(job);
	all_is_there();
	crash.on = false;
	job = job_new(rig.archive, "two");
	run_for(30);
	store_memory_advance(rig.store.store, 70000);
	run_for(50);
	assert_int_equal(archived()->count, 4);
	assert_int_equal(files(), 4);
	assert_null(archiver_fault(job));
	all_is_there();
}

static void a_crash_behind_the_lease(void **unused)
{
	(void)unused;
	crash_behind(ARCHIVER_LEASED);
}

static void a_crash_behind_the_file(void **unused)
{
	(void)unused;
	crash_behind(ARCHIVER_WRITTEN);
}

static void a_crash_before_the_trim(void **unused)
{
	(void)unused;
	crash_behind(ARCHIVER_COMPARED);
}

static void a_crash_behind_the_trim(void **unused)
{
	(void)unused;
	crash_behind(ARCHIVER_TRIMMED);
}

static void one_of_several_moves(void **unused)
{
	struct archiver *other = job_new(rig.archive, "other");

	(void)unused;
	for (unsigned i = 0; i < 8; i++) {
		archive_rig_write(&rig, 50, 1000);
		archive_rig_seal(&rig, rig.events);
		run_for(40);
	}
	archiver_free(other);
	assert_true(archiver_figures(job).segments == 0 || archiver_figures(job).segments == archived()->count);
	assert_int_equal(archived()->first, 391);
	assert_int_equal(files(), archived()->count);
	all_is_there();
}

/* It looks into another directory: it says so and lets go of nothing. */
static void who_lacks_files_never_trims(void **unused)
{
	char dir[] = "/tmp/tipline-archive-XXXXXX";
	struct archive *empty;
	struct archiver *blind;

	(void)unused;
	archive_rig_write(&rig, 100, 1000);
	archive_rig_seal(&rig, 100);
	run_for(50);
	assert_int_equal(archived()->first, 91);
	archiver_free(job);
	assert_non_null(mkdtemp(dir));
	empty = archive_new(dir);
	blind = job_new(empty, "blind");
	archive_rig_write(&rig, 100, 1000);
	archive_rig_seal(&rig, 200);
	store_memory_advance(rig.store.store, 70000);
	run_for(50);
	assert_int_equal(archived()->first, 91);
	assert_int_equal(archiver_figures(blind).faults, 1);
	assert_non_null(strstr(archiver_fault(blind), "000000000000001-000000000000030.zst"));
	archiver_free(blind);
	run_for(5);
	job = job_new(rig.archive, "one");
	run_for(50);
	store_memory_advance(rig.store.store, 70000);
	run_for(50);
	assert_int_equal(archived()->first, 181);
	archive_free(empty);
	assert_int_equal(rmdir(dir), 0);
}

static void change_byte(struct archive_range range, off_t at)
{
	char path[4096], byte;
	int fd;

	archive_path(rig.archive, "audit", range, path);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte = (char)(byte ^ 1);
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void a_changed_file_is_named_until_it_is_mended(void **unused)
{
	struct archive_range second = { 31, 60 };

	(void)unused;
	archive_rig_write(&rig, 100, 1000);
	archive_rig_seal(&rig, 100);
	run_for(50);
	change_byte(second, 30);
	run_for(50);
	assert_int_equal(archiver_figures(job).faults, 1);
	assert_non_null(strstr(archiver_fault(job), "000000000000031-000000000000060.zst"));
	change_byte(second, 30);
	run_for(50);
	assert_null(archiver_fault(job));
	assert_int_equal(archiver_figures(job).unchecked, 0);
}

/* Its head is whole: it is found because files are read, one a round. */
static void a_file_that_is_changed_within_is_named_until_it_is_mended(void **unused)
{
	struct archive_range second = { 31, 60 };

	(void)unused;
	archive_rig_write(&rig, 100, 1000);
	archive_rig_seal(&rig, 100);
	run_for(50);
	change_byte(second, 200);
	run_for(60);
	assert_int_equal(archiver_figures(job).faults, 1);
	assert_non_null(strstr(archiver_fault(job), "000000000000031-000000000000060.zst: offset 152"));
	archive_rig_write(&rig, 100, 1000);
	archive_rig_seal(&rig, 200);
	run_for(60);
	assert_int_equal(archived()->first, 91);
	change_byte(second, 200);
	run_for(60);
	assert_null(archiver_fault(job));
	assert_int_equal(archived()->first, 181);
}

/* A file was written and not trimmed, and somebody changed it: it is not believed, and the store keeps its events. */
static void a_file_that_differs_from_the_store_is_not_taken(void **unused)
{
	static const struct archive_digest none;
	struct archive_range range = { 1, 30 };
	struct archive_writer *writer = archive_writer_new("audit", 1, &none);
	struct archive_digest digest;
	struct buf file = { 0 };
	struct complaint why;
	char path[4096];

	(void)unused;
	for (uint64_t n = 1; n <= 30; n++) {
		struct archive_entry entry = { .number = n, .nfields = 1, .fields = { { SPAN("e"), SPAN("{\"e\":\"x\"}") } } };

		assert_true(archive_writer_add(writer, &entry, &why));
	}
	archive_writer_end(writer, &file, &digest);
	archive_writer_free(writer);
	assert_int_equal(archive_put(rig.archive, "audit", range, buf_span(&file), &why), ARCHIVE_PUT_DONE);
	buf_release(&file);
	archive_rig_write(&rig, 100, 1000);
	archive_rig_seal(&rig, 100);
	run_for(50);
	assert_non_null(strstr(archiver_fault(job), "not as in the store: event 1"));
	assert_int_equal(archived()->count, 0);
	archive_path(rig.archive, "audit", range, path);
	assert_int_equal(unlink(path), 0);
	run_for(100);
	assert_null(archiver_fault(job));
	assert_int_equal(archived()->count, 3);
	all_is_there();
}

/* The store was restored from an older copy: the files know of events that it does not. */
static void a_store_that_was_set_back_is_told(void **unused)
{
	static const struct archive_digest none;
	struct archive_range range = { 1, 300 };
	char path[4096], later[4096];

	(void)unused;
	archive_rig_write(&rig, 300, 1000);
	archive_rig_file(&rig, range, &none);
	archive_path(rig.archive, "audit", range, path);
	archive_path(rig.archive, "audit", (struct archive_range){ 1, 400 }, later);
	assert_int_equal(rename(path, later), 0);
	run_for(50);
	assert_non_null(strstr(archiver_fault(job), "set back"));
	assert_int_equal(archived()->count, 0);
}

static void when_it_only_looks_nothing_moves(void **unused)
{
	struct archiver_env env = { .loop = rig.store.loop, .store = rig.store.store, .archive = rig.archive, .shards = shards,
				    .nshards = 2, .holder = SPAN("one"), .period_ms = 2, .recheck_ms = 20,
				    .segment_events = SEGMENT, .keep_events = KEEP };

	(void)unused;
	archiver_free(job);
	job = archiver_new(&env);
	archive_rig_write(&rig, 100, 1000);
	archive_rig_seal(&rig, 100);
	run_for(50);
	assert_int_equal(files(), 0);
	assert_int_equal(archiver_figures(job).unchecked, 0);
}

#define test(f) cmocka_unit_test_setup_teardown(f, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_is_sealed_and_old_moves),
		test(what_is_young_stays),
		test(the_latest_stay),
		test(a_crash_behind_the_lease),
		test(a_crash_behind_the_file),
		test(a_crash_before_the_trim),
		test(a_crash_behind_the_trim),
		test(one_of_several_moves),
		test(who_lacks_files_never_trims),
		test(a_changed_file_is_named_until_it_is_mended),
		test(a_file_that_is_changed_within_is_named_until_it_is_mended),
		test(a_file_that_differs_from_the_store_is_not_taken),
		test(a_store_that_was_set_back_is_told),
		test(when_it_only_looks_nothing_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
