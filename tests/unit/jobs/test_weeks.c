/*
 * Keys of past weeks on the store in memory: tips move, empty keys go after two
 * looks and an event, and nothing goes while something is out of sight.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/jobs/trail.h"
#include "daemon/jobs/weeks.h"
#include "daemon/sys/log.h"
#include "daemon/sys/week_move.h"
#include "tests/support/spool_tip.h"
#include "tests/support/store_double.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TIPS 1200   /* more than two pages */
#define SEALED 300

static char root[64], dir[80], mark[120];
static struct arena arena;
static struct loop *loop;
static struct store_double *store;
static struct trail *trail;
static struct week_keys *weeks;
static struct weeks_job *job;
static int64_t now_ms;
static unsigned old, present;
static char sealed[TIPS][SEALED];

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

static struct store_row read_row;
static int64_t read_now_ms;

static void saw(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	read_now_ms = reply->now_ms;
	if (reply->nrows > 0)
		read_row = reply->rows[0];
}

static void ask(const struct store_request *request)
{
	read_row = (struct store_row){ .points = 0 };
	store_submit(store->memory, request, (struct store_wait){ .done = saw });
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
}

static struct span covered(unsigned number, enum cover_kind kind, int64_t at_ms)
{
	struct tip_id id = spool_tip_make(&arena, number).id;
	struct complaint why;
	struct seal_key key;
	struct buf out = { 0 };
	struct span made;
	unsigned week;

	assert_true(week_keys_present(weeks, at_ms, &week, &key, &why));
	cover_seal(&id, kind, week, &key, span_from(sealed[number], SEALED), &out);
	made = arena_dup(&arena, buf_span(&out));
	buf_release(&out);
	return made;
}

static void accept_tips(void)
{
	static struct store_tip tips[TIPS];

	for (unsigned i = 0; i < TIPS; i++) {
		randombytes_buf(sealed[i], SEALED);
		sealed[i][0] = 1;
		tips[i] = spool_tip_make(&arena, i);
		tips[i].sealed = covered(i, COVER_CONTENT, now_ms - (i < TIPS / 2 ? 3 : 0) * WEEK_MS);
		tips[i].identity = i % 2 == 0 ? covered(i, COVER_IDENTITY, now_ms - (i < TIPS / 2 ? 3 : 0) * WEEK_MS) : (struct span){ 0 };
	}
	for (unsigned i = 0; i < TIPS; i += 200)
		ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = &tips[i], .ntips = 200 });
}

static struct weeks_job *job_new(const char *holder, unsigned after_weeks, uint64_t max_tips, uint64_t sure_ms)
{
	struct weeks_job *made = weeks_job_new(&(struct weeks_env){ .loop = loop, .store = &store->base, .trail = trail, .keys = weeks,
								    .dir = dir, .holder = span_of(holder), .period_ms = 5, .pause_ms = 1,
								    .sure_ms = sure_ms, .settle_ms = 1 });

	weeks_job_set(made, &(struct old_weeks_rules){ .after_weeks = after_weeks, .max_tips = max_tips });
	return made;
}

static int begin(void **state)
{
	struct complaint why;

	(void)state;
	log_open(LOG_LEVEL_ERROR, false);
	snprintf(root, sizeof(root), "/tmp/tipline-weeksjob-XXXXXX");
	if (mkdtemp(root) == NULL)
		return -1;
	snprintf(dir, sizeof(dir), "%s/weeks", root);
	snprintf(mark, sizeof(mark), "%s/waits-0123456789abcdef", dir);
	weeks = week_keys_open(dir, true, &why);
	loop = loop_new();
	store = store_double_new(loop);
	store->durable = true;
	trail = trail_new(loop, &store->base);
	ask(&(struct store_request){ .op = STORE_JOB_LEASE, .shard = "15", .job = "clock", .holder = SPAN("x"), .lease_ms = 1000 });
	for (int i = 0; i < 5; i++)
		store_memory_advance(store->memory, 4u * 7u * 86400000u);
	ask(&(struct store_request){ .op = STORE_JOB_LEASE, .shard = "15", .job = "clock", .holder = SPAN("x"), .lease_ms = 1000 });
	now_ms = read_now_ms;
	present = week_of(now_ms);
	old = present - 3;
	accept_tips();
	job = NULL;
	return 0;
}

static int finish(void **state)
{
	char command[100];

	(void)state;
	weeks_job_free(job);
	store_free(&store->base);
	trail_free(trail);
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
	loop_free(loop);
	week_keys_free(weeks);
	arena_release(&arena);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static struct weeks_figures figures(void)
{
	struct weeks_figures now;

	weeks_job_figures(job, &now);
	return now;
}

static bool is_here(unsigned week)
{
	struct seal_key key;

	return week_keys_find(weeks, week, &key) == WEEK_KEY_FOUND;
}

/* Its content, and its identity where it has one, open with the present week's key. */
static void expect_moved(unsigned number)
{
	struct span open;

	ask(&(struct store_request){ .op = STORE_READ, .id = spool_tip_make(&arena, number).id, .identity = true });
	assert_int_equal(week_under(read_row.sealed), present);
	assert_int_equal(week_keys_uncover(weeks, &read_row.id, COVER_CONTENT, read_row.sealed, &arena, &open), WEEK_KEY_FOUND);
	assert_true(span_eq(open, span_from(sealed[number], SEALED)));
	if (number % 2 != 0)
		return;
	assert_int_equal(week_keys_uncover(weeks, &read_row.id, COVER_IDENTITY, read_row.identity, &arena, &open), WEEK_KEY_FOUND);
	assert_true(span_eq(open, span_from(sealed[number], SEALED)));
}

static bool run_until_destroyed(void)
{
	for (unsigned i = 0; i < 400 && is_here(old); i++)
		run_for(10);
	return !is_here(old);
}

static void an_old_key_goes_when_its_tips_have_moved(void **state)
{
	(void)state;
	job = job_new("one", 2, TIPS, 1);
	assert_true(run_until_destroyed());
	assert_int_equal(figures().moved, TIPS / 2);
	assert_int_equal(figures().stayed, 0);
	assert_int_equal(figures().destroyed, 1);
	assert_int_equal(store->calls[STORE_COVER], TIPS / 2);
	assert_true(is_here(present));
	for (unsigned i = 0; i < TIPS; i += 97)
		expect_moved(i);
	assert_true(span_find(buf_span(&store->trail), SPAN("key_destroyed")) < store->trail.len);
	run_for(50);
	assert_int_equal(figures().old, 0);
}

static void young_keys_and_no_rule_stay(void **state)
{
	(void)state;
	job = job_new("one", 3, TIPS, 1);
	run_for(60);
	assert_int_equal(store->calls[STORE_FRONTS], 0);
	weeks_job_set(job, &(struct old_weeks_rules){ .after_weeks = 0, .max_tips = TIPS });
	run_for(60);
	assert_true(is_here(old));
	assert_int_equal(figures().moved, 0);
}

static void too_many_stay(void **state)
{
	(void)state;
	job = job_new("one", 2, TIPS / 2 - 1, 1);
	for (unsigned i = 0; i < 400 && figures().tips == 0; i++)
		run_for(10);
	run_for(150);
	assert_int_equal(figures().tips, TIPS / 2);
	assert_int_equal(figures().moved, 0);
	assert_true(is_here(old));
}

static void a_mark_holds_back(void **state)
{
	FILE *file = fopen(mark, "w");

	(void)state;
	assert_non_null(file);
	fclose(file);
	job = job_new("one", 2, TIPS, 1);
	run_for(400);
	assert_int_equal(figures().moved, TIPS / 2);
	assert_int_equal(figures().tips, 0);
	assert_true(figures().held_back);
	assert_true(is_here(old));
	assert_int_equal(unlink(mark), 0);
	assert_true(run_until_destroyed());
	assert_false(figures().held_back);
}

static void without_its_event_no_key_goes(void **state)
{
	(void)state;
	store->trouble = TROUBLE_LOST;
	store->trouble_of = STORE_AUDIT;
	job = job_new("one", 2, TIPS, 1);
	run_for(400);
	assert_int_equal(figures().moved, TIPS / 2);
	assert_true(store->troubled > 0);
	assert_true(is_here(old));
	store->trouble = TROUBLE_NONE;
	assert_true(run_until_destroyed());
}

static void one_look_is_not_enough(void **state)
{
	(void)state;
	job = job_new("one", 2, TIPS, 3600000);
	run_for(400);
	assert_int_equal(figures().moved, TIPS / 2);
	assert_int_equal(figures().tips, 0);
	assert_true(is_here(old));
}

static void answers_that_are_lost_do_no_harm(void **state)
{
	(void)state;
	store->trouble = TROUBLE_MUTE;
	store->trouble_of = STORE_COVER;
	job = job_new("one", 2, TIPS, 1);
	run_for(60);
	assert_true(is_here(old));
	store->trouble = TROUBLE_LOST;
	store->trouble_of = STORE_FRONTS;
	run_for(60);
	assert_true(is_here(old));
	store->trouble = TROUBLE_NONE;
	assert_true(run_until_destroyed());
	for (unsigned i = 0; i < TIPS; i += 97)
		expect_moved(i);
}

static void two_share_the_work(void **state)
{
	struct weeks_job *other = job_new("two", 2, TIPS, 1);
	struct weeks_figures theirs;

	(void)state;
	job = job_new("one", 2, TIPS, 1);
	assert_true(run_until_destroyed());
	weeks_job_figures(other, &theirs);
	assert_int_equal(figures().destroyed + theirs.destroyed, 1);
	assert_int_equal(figures().moved + theirs.moved, TIPS / 2);
	weeks_job_free(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_old_key_goes_when_its_tips_have_moved), TEST(young_keys_and_no_rule_stay), TEST(too_many_stay), TEST(a_mark_holds_back),
		TEST(without_its_event_no_key_goes), TEST(one_look_is_not_enough), TEST(answers_that_are_lost_do_no_harm), TEST(two_share_the_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
