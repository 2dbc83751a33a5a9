/*
 * Digests from the journals of the store in memory: one a day whoever counts,
 * with what happened within the day, whatever the store does in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/loop/loop.h"
#include "handlers/notify/digest.h"
#include "handlers/notify/digester.h"
#include "handlers/notify/outbox_item.h"
#include "tests/support/store_double.h"

#include <stdio.h>
#include <stdlib.h>

#define DAYS INT64_C(86400000)
#define ITEMS_MAX 64
#define DUE (20000 * DAYS)   /* midnight, UTC */

static const struct seal_key key = { .bytes = { 1 } };
static const char shards[][3] = { "11", "15" };
static const struct clock_limits limits = { .ms = { [WAIT_UNOPENED] = { 1, 1, 1, 1 } } };
static const struct notice_channel channels[] = {
	{ .name = "quiet", .region = "150600", .kinds = 7 },
	{ .name = "ordos", .region = "150600", .digest = "00:00 +0000" },
	{ .name = "nation", .region = "000000", .digest = "00:00 +0000" },
};

static struct world {
	struct loop *loop;
	struct store_double *store;
	struct digester *digesters[2];
	int64_t now_ms;
	unsigned tips, items;
	struct notice digests[ITEMS_MAX];
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
	loop_after(w->loop, 80, stop, w->loop);
	loop_run(w->loop);
}

static void start(unsigned i)
{
	const struct digester_env env = { .loop = w->loop, .store = &w->store->base, .key = &key, .limits = &limits, .channels = channels,
					  .nchannels = 3, .shards = shards, .nshards = 2, .period_ms = 5, .wall_ms = wall };

	w->digesters[i] = digester_new(&env);
}

static int set_up(void **state)
{
	(void)state;
	w = calloc(1, sizeof(*w));
	w->now_ms = DUE + 1000;
	w->loop = loop_new();
	w->store = store_double_new(w->loop);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	digester_free(w->digesters[0]);
	digester_free(w->digesters[1]);
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

static void accept(const char *region, int64_t at_ms)
{
	char event[200];
	struct store_tip tip = { .points = 50, .received_ms = at_ms, .sealed = SPAN("sealed") };
	struct store_request request = { .op = STORE_ACCEPT, .tips = &tip, .ntips = 1 };

	memcpy(tip.region, region, sizeof(tip.region));
	snprintf(tip.id.text, sizeof(tip.id.text), "%.2s-%010u", region, ++w->tips);
	tip.receipt_mark[0] = (unsigned char)w->tips;
	tip.receipt_mark[1] = (unsigned char)(w->tips >> 8);
	snprintf(event, sizeof(event), "{\"e\":\"accepted\",\"id\":\"%s\",\"at\":%lld,\"region\":\"%s\",\"points\":50}", tip.id.text,
		 (long long)at_ms, region);
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
	for (size_t i = 0; i < reply->nitems; i++) {
		struct arena arena = { 0 };
		struct outbox_item item;

		assert_true(outbox_item_open(&key, reply->items[i].payload, &arena, &item));
		assert_int_equal(item.kind, OUTBOX_NOTICE);
		assert_true(w->items < ITEMS_MAX);
		w->digests[w->items++] = item.notice.notice;
		arena_release(&arena);
	}
}

/* What is in the outbox of a shard. */
static void take(const char *shard)
{
	struct store_request lease = { .op = STORE_JOB_LEASE, .job = "courier", .holder = SPAN("t"), .lease_ms = 1000 };
	struct store_request due = { .op = STORE_OUTBOX_DUE, .job = "courier", .max = 100, .lease_ms = 1 };

	memcpy(lease.shard, shard, 3);
	memcpy(due.shard, shard, 3);
	w->items = 0;
	store_memory_advance(w->store->memory, 2);
	store_submit(w->store->memory, &lease, (struct store_wait){ .done = got_fence, .ctx = &due.fence });
	run();
	store_submit(w->store->memory, &due, (struct store_wait){ .done = got_items });
	run();
}

static void accept_some(void)
{
	for (unsigned i = 0; i < 300; i++)
		accept("150602", DUE - 3 * DAYS + i * 1000);
	for (unsigned i = 0; i < 20; i++)
		accept(i % 2 == 0 ? "150602" : "150702", DUE - DAYS / 2);
	accept("110105", DUE - DAYS / 2);
	accept("150602", DUE);
}

static void one_a_day_whoever_counts(void **state)
{
	(void)state;
	accept_some();
	start(0);
	start(1);
	run();
	take("15");
	assert_int_equal(w->items, 1);
	assert_string_equal(w->digests[0].region, "150600");
	assert_true(w->digests[0].at_ms == DUE && w->digests[0].from_ms == DUE - DAYS);
	assert_int_equal(w->digests[0].count[DIGEST_NEW], 10);
	assert_int_equal(w->digests[0].count[DIGEST_OPEN], 311);
	take("00");
	assert_int_equal(w->items, 1);
	assert_int_equal(w->digests[0].count[DIGEST_NEW], 21);
	assert_int_equal(w->digests[0].count[DIGEST_OPEN], 322);
	assert_int_equal(digester_figures(w->digesters[0])->put + digester_figures(w->digesters[1])->put, 2);
	digester_free(w->digesters[0]);
	run();
	start(0);
	run();
	assert_int_equal(digester_figures(w->digesters[0])->there, 2);
	take("15");
	assert_int_equal(w->items, 1);
	w->now_ms += DAYS;
	run();
	take("15");
	assert_int_equal(w->items, 2);
}

static void twelve_hours_late_is_too_late(void **state)
{
	(void)state;
	w->now_ms = DUE + DIGEST_LATE_MS;
	start(0);
	run();
	take("15");
	assert_int_equal(w->items, 0);
	w->now_ms--;
	run();
	take("15");
	assert_int_equal(w->items, 1);
}

static void trouble_at_any_step_loses_and_doubles_nothing(void **state)
{
	static const enum store_op steps[] = { STORE_MEMO_GET, STORE_QUEUES, STORE_OVERDUE, STORE_ARCHIVED, STORE_JOURNAL, STORE_OUTBOX_PUT,
					       STORE_MEMO_PUT };

	(void)state;
	accept_some();
	for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++)
		for (int trouble = TROUBLE_LOST; trouble <= TROUBLE_MUTE; trouble++) {
			w->now_ms += DAYS;
			w->store->trouble_of = steps[s];
			w->store->trouble_after = 0;
			w->store->trouble = (enum store_trouble)trouble;
			start(0);
			run();
			w->store->trouble = TROUBLE_NONE;
			run();
			digester_free(w->digesters[0]);
			w->digesters[0] = NULL;
			run();
			w->items = 0;
			take("00");
			assert_int_equal(w->items, 1 + s * (TROUBLE_MUTE - TROUBLE_LOST + 1) + (size_t)(trouble - TROUBLE_LOST));
		}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_a_day_whoever_counts),
		TEST(twelve_hours_late_is_too_late),
		TEST(trouble_at_any_step_loses_and_doubles_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
