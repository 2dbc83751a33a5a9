/*
 * Retention on the store in memory: parts go on their day, by one holder of the
 * job at a time, and never of what is held.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/jobs/retention.h"
#include "daemon/sys/log.h"
#include "tests/support/spool_tip.h"
#include "tests/support/store_double.h"

#define DAY_MS 86400000u
#define TIPS 70   /* more than a page */

static const char shards[][3] = { "15", "11" };
static struct arena arena;
static struct loop *loop;
static struct store_double *store;
static struct retention *job;
static struct retention_rules rules;
static bool unpaid;

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

static bool is_unpaid(void *ctx, const struct tip_id *id)
{
	(void)ctx;
	(void)id;
	return unpaid;
}

static struct retention *job_new(const char *holder, int64_t settle_ms)
{
	struct retention *made = retention_new(&(struct retention_env){ .loop = loop, .store = &store->base, .shards = shards,
									.nshards = 2, .holder = span_of(holder), .period_ms = 5,
									.settle_ms = settle_ms, .unpaid = is_unpaid });

	retention_set(made, &rules);
	return made;
}

static struct {
	size_t nrows;
	enum store_verdict verdict;
	struct store_row row;
	uint64_t rev;
} looked;

static void saw(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	looked.nrows = reply->nrows;
	looked.verdict = reply->verdict;
	looked.rev = reply->rev;
	if (reply->nrows > 0)
		looked.row = reply->rows[0];
}

static void ask(const struct store_request *request)
{
	store_submit(store->memory, request, (struct store_wait){ .done = saw });
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
}

static const struct store_row *row_of(unsigned number)
{
	ask(&(struct store_request){ .op = STORE_READ, .id = spool_tip_make(&arena, number).id, .identity = true });
	return looked.nrows > 0 ? &looked.row : NULL;
}

/* As a bureau ends it. */
static void end_tip(unsigned number, const char *outcome, const char *held_by)
{
	const struct store_row *row = row_of(number);
	struct store_change change = { .id = row->id, .expect_rev = row->rev, .state = TIP_CLOSED, .points = row->points,
				       .end = { .outcome = span_of(outcome), .at_ms = CLOCK_NOW },
				       .hold = { .by = span_of(held_by) } };

	change.event = span_of(arena_printf(&arena, "{\"e\":\"closed\",\"id\":\"%s\",\"by\":\"li\",\"outcome\":\"%s\"}", row->id.text,
					    outcome));
	memcpy(change.region, row->region, sizeof(change.region));
	ask(&(struct store_request){ .op = STORE_CHANGE, .change = &change });
	assert_int_equal(looked.verdict, STORE_OK);
}

static int begin(void **state)
{
	static const int days[RETENTION_PARTS] = { 1, 2, 3, 4 };
	struct store_tip tips[TIPS];

	(void)state;
	log_open(LOG_LEVEL_ERROR, false);
	unpaid = false;
	for (size_t i = 0; i < RETENTION_OUTCOMES; i++)
		memcpy(rules.days[i], days, sizeof(days));
	loop = loop_new();
	store = store_double_new(loop);
	store_memory_advance(store->memory, DAY_MS);
	for (unsigned i = 0; i < TIPS; i++) {
		tips[i] = spool_tip_make(&arena, i);
		tips[i].identity = SPAN("sealed identity");
	}
	ask(&(struct store_request){ .op = STORE_ACCEPT, .tips = tips, .ntips = TIPS });
	for (unsigned i = 0; i < TIPS; i++)
		end_tip(i, i == 1 ? "verified" : "prank", i == 0 ? "wang" : "");
	job = job_new("one", 1);
	run_for(30);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	retention_free(job);
	store_free(&store->base);
	loop_post_last(loop, stop, NULL);
	loop_run(loop);
	loop_free(loop);
	arena_release(&arena);
	return 0;
}

static void a_day_later(void)
{
	store_memory_advance(store->memory, DAY_MS + 10);
	run_for(120);
}

static uint64_t erased(enum retention_part part)
{
	struct retention_figures figures;

	retention_figures(job, &figures);
	return figures.erased[part];
}

static void parts_go_day_by_day(void **state)
{
	(void)state;
	assert_int_equal(erased(RETENTION_IDENTITY), 0);
	a_day_later();
	assert_int_equal(erased(RETENTION_IDENTITY), TIPS - 1);
	assert_true(span_empty(row_of(2)->identity));
	assert_false(span_empty(row_of(2)->sealed));
	a_day_later();
	a_day_later();
	assert_int_equal(row_of(2)->state, TIP_ERASED);
	assert_true(span_empty(row_of(2)->sealed));
	a_day_later();
	assert_null(row_of(2));
	for (int part = 0; part < RETENTION_PARTS; part++)
		assert_int_equal(erased((enum retention_part)part), TIPS - 1);
	assert_false(span_empty(row_of(0)->identity));
	assert_int_equal(row_of(0)->state, TIP_CLOSED);
}

static void an_unfinished_reward_keeps_it(void **state)
{
	struct retention_figures figures;

	(void)state;
	unpaid = true;
	a_day_later();
	assert_false(span_empty(row_of(1)->identity));
	assert_true(span_empty(row_of(2)->identity));
	retention_figures(job, &figures);
	assert_int_equal(figures.held, 2);
	unpaid = false;
	run_for(60);
	assert_true(span_empty(row_of(1)->identity));
}

static void without_rules_nothing_goes(void **state)
{
	(void)state;
	retention_set(job, NULL);
	a_day_later();
	a_day_later();
	assert_int_equal(erased(RETENTION_IDENTITY), 0);
}

static void a_jump_ahead_is_not_believed(void **state)
{
	struct retention_figures figures;

	(void)state;
	retention_free(job);
	job = job_new("one", DAY_MS / 2);
	run_for(20);
	a_day_later();
	a_day_later();
	retention_figures(job, &figures);
	assert_true(figures.waiting);
	assert_int_equal(figures.erased[RETENTION_IDENTITY], 0);
}

/* Each tip loses each part once, whoever leads; a restart knows the time that was trusted. */
static void two_delete_once(void **state)
{
	struct retention *other = job_new("two", 1);
	struct retention_figures figures;

	(void)state;
	a_day_later();
	retention_figures(other, &figures);
	assert_int_equal(erased(RETENTION_IDENTITY) + figures.erased[RETENTION_IDENTITY], TIPS - 1);
	retention_free(other);
}

static void trouble_is_over_in_the_next_round(void **state)
{
	(void)state;
	store->trouble = TROUBLE_MUTE;
	store->trouble_of = STORE_ERASE;
	a_day_later();
	store->trouble = TROUBLE_LOST;
	run_for(40);
	store->trouble = TROUBLE_NONE;
	run_for(120);
	for (unsigned i = 1; i < TIPS; i++)
		assert_true(span_empty(row_of(i)->identity));
	assert_false(span_empty(row_of(0)->identity));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(parts_go_day_by_day, begin, finish),
		cmocka_unit_test_setup_teardown(an_unfinished_reward_keeps_it, begin, finish),
		cmocka_unit_test_setup_teardown(without_rules_nothing_goes, begin, finish),
		cmocka_unit_test_setup_teardown(a_jump_ahead_is_not_believed, begin, finish),
		cmocka_unit_test_setup_teardown(two_delete_once, begin, finish),
		cmocka_unit_test_setup_teardown(trouble_is_over_in_the_next_round, begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
