/*
 * Files of deleted tips: removed when the store names them, and only forgotten
 * when they are gone; what the disk refuses is tried again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/retention.h"
#include "daemon/jobs/shredder.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"
#include "tests/support/spool_tip.h"
#include "tests/support/store_double.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIPS 40   /* more than one answer has */

static const char shards[][3] = { "15", "11" };
static char root[64];
static struct arena arena;
static struct loop *loop;
static struct store_double *store;
static struct shredder *job;
static struct store_reply reply;
static struct store_row row;

static void stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop);
}

static void run_for(unsigned ms)
{
	for (unsigned turn = 0; turn < ms; turn++) {
		loop_after(loop, 1, stop, NULL);
		loop_run(loop);
	}
}

static void saw(void *ctx, const struct store_reply *answer)
{
	(void)ctx;
	reply = *answer;
	if (answer->nrows > 0)
		row = answer->rows[0];
}

static void ask(struct store_request request)
{
	memcpy(request.shard, "15", 3);
	store_submit(store->memory, &request, (struct store_wait){ .done = saw });
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
}

/* Names made of these letters are ours; "none" is none. */
static bool path_of(const char *dir, struct span stored, char *path, size_t size)
{
	return !span_is(stored, "none") && snprintf(path, size, "%s/%.*s", dir, (int)stored.len, stored.at) < (int)size;
}

static const char *file_of(unsigned number, char which)
{
	return arena_printf(&arena, "%s/%c%03u", root, which, number);
}

static bool is_there(unsigned number, char which)
{
	return access(file_of(number, which), F_OK) == 0;
}

static size_t doomed(void)
{
	ask((struct store_request){ .op = STORE_DOOMED, .max = 1000 });
	return reply.nitems;
}

/* Taken with two files each, ended and deleted. */
static void make_tips(void)
{
	struct store_tip tips[TIPS];

	for (unsigned i = 0; i < TIPS; i++) {
		struct complaint why;

		tips[i] = spool_tip_make(&arena, i);
		tips[i].files = span_of(arena_printf(&arena, "a%03u none b%03u", i, i));
		assert_true(files_replace(file_of(i, 'a'), SPAN("sealed"), 0600, &why) && files_replace(file_of(i, 'b'), SPAN("clean"), 0600, &why));
	}
	ask((struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = TIPS });
}

static void end_and_erase(unsigned number, uint64_t fence)
{
	struct tip_id id = spool_tip_make(&arena, number).id;
	struct store_change change = { .id = id, .state = TIP_CLOSED, .end = { .outcome = SPAN("prank"), .at_ms = CLOCK_NOW } };
	struct store_erasure erasure = { .id = id, .parts = RETENTION_BIT(RETENTION_FILES), .state = TIP_CLOSED, .at_ms = 1000,
					 .region = "150602", .event = SPAN("{\"e\":\"erased\"}") };

	ask((struct store_request){ .op = STORE_READ, .id = id });
	change.expect_rev = row.rev;
	change.points = row.points;
	memcpy(change.region, row.region, sizeof(change.region));
	change.event = SPAN("{\"e\":\"closed\"}");
	ask((struct store_request){ .op = STORE_CHANGE, .change = &change });
	assert_int_equal(reply.verdict, STORE_OK);
	erasure.expect_rev = reply.rev;
	erasure.end = (struct store_end){ .outcome = SPAN("prank"), .at_ms = 1, .erased = RETENTION_BIT(RETENTION_FILES) };
	ask((struct store_request){ .op = STORE_ERASE, .erasure = &erasure, .job = "retention", .fence = fence });
	assert_int_equal(reply.verdict, STORE_OK);
}

static void erase(unsigned from, unsigned until)
{
	uint64_t fence;

	ask((struct store_request){ .op = STORE_JOB_LEASE, .job = "retention", .holder = SPAN("test"), .lease_ms = 60000 });
	fence = reply.fence;
	for (unsigned i = from; i < until; i++)
		end_and_erase(i, fence);
}

static int begin(void **state)
{
	(void)state;
	log_open(LOG_LEVEL_ERROR, false);
	snprintf(root, sizeof(root), "/tmp/tipline-shred-XXXXXX");
	if (mkdtemp(root) == NULL)
		return -1;
	loop = loop_new();
	store = store_double_new(loop);
	make_tips();
	job = shredder_new(&(struct shredder_env){ .loop = loop, .store = &store->base, .shards = shards, .nshards = 2, .period_ms = 3,
						   .dir = root, .path = path_of });
	return 0;
}

static int finish(void **state)
{
	char command[100];

	(void)state;
	shredder_free(job);
	store_free(&store->base);
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
	loop_free(loop);
	arena_release(&arena);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static struct shredder_figures figures(void)
{
	struct shredder_figures now;

	shredder_figures(job, &now);
	return now;
}

static void files_go_with_their_tips(void **state)
{
	(void)state;
	run_for(30);
	assert_int_equal(figures().removed, 0);
	erase(0, TIPS - 1);
	assert_true(doomed() > 0);
	run_for(120);
	for (unsigned i = 0; i < TIPS; i++)
		assert_true(is_there(i, 'a') == (i == TIPS - 1) && is_there(i, 'b') == (i == TIPS - 1));
	assert_int_equal(figures().removed, 2 * (TIPS - 1));
	assert_int_equal(figures().failed, 0);
	assert_int_equal(doomed(), 0);
}

/* A directory in the place of a file cannot be unlinked: the name stays until it can, the others go. */
static void what_the_disk_refuses_is_tried_again(void **state)
{
	(void)state;
	assert_int_equal(unlink(file_of(1, 'a')) | mkdir(file_of(1, 'a'), 0700), 0);
	erase(0, 3);
	run_for(60);
	assert_true(figures().failed > 1);
	assert_int_equal(figures().removed, 5);
	assert_int_equal(doomed(), 1);
	assert_true(is_there(1, 'a') && !is_there(1, 'b') && !is_there(2, 'a'));
	assert_int_equal(rmdir(file_of(1, 'a')), 0);
	run_for(60);
	assert_int_equal(doomed(), 0);
}

static void what_is_gone_already_is_forgotten(void **state)
{
	(void)state;
	assert_int_equal(unlink(file_of(0, 'a')) | unlink(file_of(0, 'b')), 0);
	erase(0, 1);
	run_for(60);
	assert_int_equal(figures().removed + figures().failed, 0);
	assert_int_equal(doomed(), 0);
}

/* The answer to "forgotten" got lost: they are found gone in the next round, and nothing else is touched. */
static void lost_answers_do_no_harm(void **state)
{
	(void)state;
	store->trouble = TROUBLE_LOST;
	store->trouble_of = STORE_DOOMED_END;
	erase(0, 2);
	run_for(60);
	assert_true(store->troubled > 0);
	assert_int_equal(figures().removed, 4);
	assert_int_equal(doomed(), 2);
	store->trouble = TROUBLE_NONE;
	run_for(60);
	assert_int_equal(doomed(), 0);
	assert_int_equal(figures().removed, 4);
	assert_true(is_there(2, 'a'));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(files_go_with_their_tips), TEST(what_the_disk_refuses_is_tried_again),
					    TEST(what_is_gone_already_is_forgotten), TEST(lost_answers_do_no_harm) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
