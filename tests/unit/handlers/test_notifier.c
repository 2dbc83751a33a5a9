/*
 * Notices from the journals of the store in memory: each event is told once to
 * each channel, whatever the store does in between and whoever follows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/loop/loop.h"
#include "handlers/notify/notifier.h"
#include "handlers/notify/outbox_item.h"
#include "tests/support/store_double.h"

#include <stdio.h>
#include <stdlib.h>

static const struct seal_key key = { .bytes = { 1 } };
static const char shards[][3] = { "11", "15" };
static const struct notice_channel channels[] = {
	{ .name = "ordos", .region = "150600", .kinds = 7 },
	{ .name = "nation", .region = "000000", .kinds = 1u << NOTICE_IMMEDIATE },
};

static struct world {
	struct loop *loop;
	struct store_double *store;
	struct notifier *notifier;
	unsigned kicks, items, told;
	unsigned tips;
	int64_t now_ms;
} *w;

static int64_t wall(void)
{
	return w->now_ms;
}

static void stop(void *ctx)
{
	loop_stop(ctx);
}

static void run(void)
{
	loop_after(w->loop, 60, stop, w->loop);
	loop_run(w->loop);
}

static void written(void *ctx, struct span shard)
{
	(void)ctx;
	assert_true(span_is(shard, "15"));
	w->kicks++;
}

static void start(void)
{
	const struct notifier_env env = { .loop = w->loop, .store = &w->store->base, .key = &key, .channels = channels, .nchannels = 2,
					  .shards = shards, .nshards = 2, .holder = SPAN("me"), .written = written, .period_ms = 5,
					  .wall_ms = wall };

	w->notifier = notifier_new(&env);
}

static int set_up(void **state)
{
	(void)state;
	w = calloc(1, sizeof(*w));
	w->now_ms = 10000000;
	w->loop = loop_new();
	w->store = store_double_new(w->loop);
	start();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	notifier_free(w->notifier);
	w->store->trouble = TROUBLE_NONE;
	run();
	store_free(&w->store->base);
	loop_free(w->loop);
	free(w);
	return 0;
}

static void ignore(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	(void)reply;
}

static void accept(unsigned points, long long at_ms)
{
	char event[200];
	struct store_tip tip = { .points = points, .received_ms = at_ms, .sealed = SPAN("sealed"), .region = "150602" };
	struct store_request request = { .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 };

	snprintf(tip.id.text, sizeof(tip.id.text), "15-%010u", ++w->tips);
	tip.receipt_mark[0] = (unsigned char)w->tips;
	snprintf(event, sizeof(event), "{\"e\":\"accepted\",\"id\":\"%s\",\"at\":%lld,\"region\":\"150602\",\"points\":%u}", tip.id.text, at_ms,
		 points);
	tip.event = span_of(event);
	store_submit(w->store->memory, &request, (struct store_wait){ .done = ignore });
}

static void got_fence(void *ctx, const struct store_reply *reply)
{
	*(uint64_t *)ctx = reply->fence;
}

static void got_items(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	w->items = (unsigned)reply->nitems;
	w->told = 0;
	for (size_t i = 0; i < reply->nitems; i++) {
		struct arena arena = { 0 };
		struct outbox_item item;

		assert_true(outbox_item_open(&key, reply->items[i].payload, &arena, &item));
		assert_int_equal(item.kind, OUTBOX_NOTICE);
		assert_string_equal(item.notice.notice.region, "150602");
		w->told += (unsigned)notice_count(&item.notice.notice);
		arena_release(&arena);
	}
}

/* Tips that channels were told of, over all that is in the outbox. */
static unsigned told(void)
{
	struct store_request lease = { .op = STORE_JOB_LEASE, .shard = "15", .job = "courier", .holder = SPAN("t"), .lease_ms = 1000 };
	struct store_request due = { .op = STORE_OUTBOX_DUE, .shard = "15", .job = "courier", .max = 100, .lease_ms = 1 };

	store_memory_advance(w->store->memory, 2);
	store_submit(w->store->memory, &lease, (struct store_wait){ .done = got_fence, .ctx = &due.fence });
	run();
	store_submit(w->store->memory, &due, (struct store_wait){ .done = got_items });
	run();
	return w->told;
}

static void each_channel_hears_of_it_once(void **state)
{
	(void)state;
	accept(80, 9999000);   /* immediate: both */
	accept(60, 9999000);   /* urgent: one */
	accept(30, 9999000);
	run();
	assert_int_equal(told(), 3);
	assert_int_equal(w->items, 2);
	assert_int_equal(notifier_put(w->notifier), 2);
	assert_int_equal(w->kicks, 2);
	run();
	assert_int_equal(told(), 3);
}

/* The first at once, the others as one when the pause is over; also for whoever comes after a crash. */
static void a_flood_is_one_notice(void **state)
{
	static const struct notice_channel slow[] = { { .name = "slow", .region = "150600", .kinds = 7, .pause_s = 60 } };

	(void)state;
	notifier_set_channels(w->notifier, slow, 1);
	accept(80, 9999000);
	run();
	assert_int_equal(told(), 1);
	for (unsigned i = 0; i < 100; i++)
		accept(80, 9999000);
	run();
	assert_int_equal(told(), 1);
	notifier_free(w->notifier);
	run();
	store_memory_advance(w->store->memory, 100000);
	start();
	notifier_set_channels(w->notifier, slow, 1);
	w->now_ms += 59999;
	run();
	assert_int_equal(told(), 1);
	w->now_ms++;
	run();
	assert_int_equal(told(), 101);
	assert_int_equal(w->items, 2);
	w->now_ms += 600000;
	run();
	assert_int_equal(w->items, 2);
}

static void what_is_old_is_not_told(void **state)
{
	(void)state;
	accept(80, 10000000 - NOTIFIER_LATE_MS - 1);
	accept(80, 10000000 - NOTIFIER_LATE_MS);
	run();
	assert_int_equal(told(), 2);
}

/* Another process begins where this one noted, or does the rest again: nothing is told twice. */
static void whoever_follows_tells_nothing_twice(void **state)
{
	(void)state;
	accept(80, 9999000);
	run();
	notifier_free(w->notifier);
	run();
	store_memory_advance(w->store->memory, 100000);
	start();
	accept(80, 9999000);
	run();
	assert_int_equal(told(), 4);
}

static void trouble_at_any_step_loses_and_doubles_nothing(void **state)
{
	static const enum store_op steps[] = { STORE_JOB_LEASE, STORE_JOURNAL, STORE_MEMO_GET, STORE_MEMO_PUT, STORE_OUTBOX_PUT,
					       STORE_JOB_NOTE };
	unsigned expected = 0;

	(void)state;
	for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++)
		for (int trouble = TROUBLE_LOST; trouble <= TROUBLE_MUTE; trouble++)
			for (unsigned after = 0; after < 2; after++) {
				w->store->trouble_of = steps[s];
				w->store->trouble_after = after;
				w->store->trouble = (enum store_trouble)trouble;
				accept(80, 9999000);
				accept(60, 9999000);
				expected += 3;
				run();
				w->store->trouble = TROUBLE_NONE;
				run();
				assert_int_equal(told(), expected);
			}
}

static void leaves_in_the_middle(void **state)
{
	(void)state;
	w->store->trouble = TROUBLE_HELD;
	w->store->trouble_of = STORE_OUTBOX_PUT;
	accept(80, 9999000);
	run();
	notifier_free(w->notifier);
	w->notifier = NULL;
	store_double_release(w->store);
	run();
	assert_int_equal(w->kicks, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_channel_hears_of_it_once),
		TEST(a_flood_is_one_notice),
		TEST(what_is_old_is_not_told),
		TEST(whoever_follows_tells_nothing_twice),
		TEST(trouble_at_any_step_loses_and_doubles_nothing),
		TEST(leaves_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
