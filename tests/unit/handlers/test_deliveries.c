/*
 * Delivery reports against the store in memory: each finds its message in any
 * spelling, moves it on once, and the tip's journal hears of it once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/core/sms/report_id.h"
#include "daemon/loop/loop.h"
#include "handlers/notify/deliveries.h"
#include "handlers/notify/outbox_item.h"
#include "tests/support/store_double.h"

#include <stdlib.h>

static const struct seal_key key = { .bytes = { 1 } };

static struct world {
	struct loop *loop;
	struct store_double *store;
	struct deliveries *deliveries;
	struct arena arena;
	unsigned kept, lost, kicks;
	struct store_reply reply;
	struct outbox_item item;
	unsigned nitems;
} *w;

static void stop(void *ctx)
{
	loop_stop(ctx);
}

static void settle(void)
{
	for (int i = 0; i < 40; i++) {
		loop_post(w->loop, stop, w->loop);
		loop_run(w->loop);
	}
}

static void written(void *ctx, struct span shard)
{
	(void)ctx;
	assert_true(span_is(shard, "15"));
	w->kicks++;
}

static int set_up(void **state)
{
	(void)state;
	w = calloc(1, sizeof(*w));
	w->loop = loop_new();
	w->store = store_double_new(w->loop);
	const struct deliveries_env env = { .store = &w->store->base, .key = &key, .written = written };

	w->deliveries = deliveries_new(&env);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	deliveries_free(w->deliveries);
	settle();
	store_free(&w->store->base);
	loop_free(w->loop);
	arena_release(&w->arena);
	free(w);
	return 0;
}

static void got_memo(void *ctx, const struct store_reply *reply)
{
	struct span *out = ctx;

	*out = arena_dup(&w->arena, reply->memo);
}

static struct span memo_at(const unsigned char mark[16])
{
	struct store_memo memo = { 0 };
	struct store_request request = { .op = STORE_MEMO_GET, .memo = &memo };
	struct span out = { 0 };

	memcpy(memo.mark, mark, 16);
	store_submit(&w->store->base, &request, (struct store_wait){ .done = got_memo, .ctx = &out });
	settle();
	return out;
}

static void put(const unsigned char mark[16], const struct buf *bytes)
{
	struct store_memo memo = { .was = memo_at(mark), .sealed = buf_span(bytes), .keep_s = 1000 };
	struct store_request request = { .op = STORE_MEMO_PUT, .memo = &memo };
	struct span out;

	memcpy(memo.mark, mark, 16);
	store_submit(&w->store->base, &request, (struct store_wait){ .done = got_memo, .ctx = &out });
	settle();
}

/* A message that the connector took: its record, and what its id leads to. */
static struct span sent(const char *item, unsigned nparts, const char *their_id)
{
	struct sending sending = { .tip = { .text = "15-7K3MQ2X9RD" }, .shard = "15", .connector = "kannel", .nparts = nparts };
	struct span ours = sending_our_id(&key, SPAN("15"), span_of(item), 0, &w->arena);
	struct sending_alias alias = { 0 };
	struct buf bytes = { 0 };
	unsigned char mark[16];
	unsigned part;

	memset(sending.part, SENDING_ACCEPTED, nparts);
	sending_mark_of_ours(&key, ours, mark, &part);
	sending_seal(&key, &sending, &bytes);
	put(mark, &bytes);
	buf_clear(&bytes);
	if (their_id != NULL) {
		memcpy(alias.our_id, ours.at, ours.len);
		sending_alias_seal(&key, &alias, &bytes);
		sending_mark_of_theirs(&key, SPAN("kannel"), report_id_normal(span_of(their_id), &w->arena), mark);
		put(mark, &bytes);
	}
	buf_release(&bytes);
	return ours;
}

static enum sending_state state_of(struct span ours)
{
	struct sending sending;
	unsigned char mark[16];
	unsigned part;

	sending_mark_of_ours(&key, ours, mark, &part);
	assert_true(sending_open(&key, memo_at(mark), &sending));
	return (enum sending_state)sending.part[part];
}

static void kept(void *who, bool well)
{
	(void)who;
	w->kept += well;
	w->lost += !well;
}

static void report(struct span ours, const char *theirs, enum sms_fate fate)
{
	const struct sms_message message = { .kind = SMS_RECEIPT, .receipt_id = ours, .their_id = span_of(theirs), .fate = fate };

	deliveries_take(w->deliveries, SPAN("kannel"), &message, kept, NULL);
	settle();
}

static const struct deliveries_figures *figures(void)
{
	return deliveries_figures(w->deliveries);
}

static void got_items(void *ctx, const struct store_reply *reply)
{
	(void)ctx;
	w->nitems = (unsigned)reply->nitems;
	if (reply->nitems > 0)
		assert_true(outbox_item_open(&key, reply->items[reply->nitems - 1].payload, &w->arena, &w->item));
}

static void no_matter(void *ctx, const struct store_reply *reply)
{
	*(uint64_t *)ctx = reply->fence;
}

static unsigned intents(void)
{
	struct store_request lease = { .op = STORE_JOB_LEASE, .shard = "15", .job = "courier", .holder = SPAN("t"), .lease_ms = 1000 };
	struct store_request due = { .op = STORE_OUTBOX_DUE, .shard = "15", .job = "courier", .max = 100, .lease_ms = 1 };

	store_memory_advance(w->store->memory, 2);
	store_submit(&w->store->base, &lease, (struct store_wait){ .done = no_matter, .ctx = &due.fence });
	settle();
	store_submit(&w->store->base, &due, (struct store_wait){ .done = got_items });
	settle();
	return w->nitems;
}

/* --- tests ------------------------------------------------------------------------------- */

static void by_our_id_once(void **state)
{
	struct span ours = sent("1", 1, NULL);

	(void)state;
	report(ours, NULL, SMS_DELIVERED);
	report(ours, NULL, SMS_DELIVERED);
	report(ours, NULL, SMS_FAILED);
	assert_int_equal(state_of(ours), SENDING_DELIVERED);
	assert_int_equal(figures()->taken[SENDING_DELIVERED], 1);
	assert_int_equal(figures()->doubled, 2);
	assert_int_equal(w->kept, 3);
	assert_int_equal(intents(), 1);
	assert_true(w->item.kind == OUTBOX_REPORT && w->item.report.delivered);
	assert_string_equal(w->item.report.tip.text, "15-7K3MQ2X9RD");
}

static void by_their_id_in_any_spelling(void **state)
{
	static const char *const ids[][2] = { { "1A2B", "6699" }, { "6700", "1a2c" }, { "00001a2d", "1A2D" }, { "0007", "7" },
					      { "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE7DEC11D0A76500A0C91E6BF6" } };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		char item[2] = { (char)('a' + i), '\0' };
		struct span ours = sent(item, 1, ids[i][0]);

		report((struct span){ 0 }, ids[i][1], SMS_DELIVERED);
		assert_int_equal(state_of(ours), SENDING_DELIVERED);
	}
	assert_int_equal(intents(), 5);
}

static void late_delivered_beats_failed(void **state)
{
	struct span ours = sent("1", 1, "9");

	(void)state;
	report((struct span){ 0 }, "9", SMS_FAILED);
	assert_int_equal(state_of(ours), SENDING_FAILED);
	assert_int_equal(intents(), 1);
	assert_false(w->item.report.delivered);
	report((struct span){ 0 }, "9", SMS_DELIVERED);
	assert_int_equal(state_of(ours), SENDING_DELIVERED);
	assert_int_equal(intents(), 2);
}

static void all_parts_are_delivered_or_none(void **state)
{
	struct arena *a = &w->arena;

	(void)state;
	sent("1", 2, NULL);
	report(sending_our_id(&key, SPAN("15"), SPAN("1"), 0, a), NULL, SMS_DELIVERED);
	assert_int_equal(intents(), 0);
	report(sending_our_id(&key, SPAN("15"), SPAN("1"), 1, a), NULL, SMS_DELIVERED);
	assert_int_equal(intents(), 1);
	report(sending_our_id(&key, SPAN("15"), SPAN("1"), 2, a), NULL, SMS_DELIVERED);
	assert_int_equal(intents(), 1);
	assert_int_equal(w->kept, 3);
}

static void what_is_not_ours_changes_nothing(void **state)
{
	struct span ours = sent("1", 1, "9");

	(void)state;
	report((struct span){ 0 }, "10", SMS_DELIVERED);
	report(SPAN("15-1"), NULL, SMS_DELIVERED);
	report((struct span){ 0 }, "9", SMS_FATE_UNKNOWN);
	report(sending_our_id(&key, SPAN("11"), SPAN("1"), 0, &w->arena), NULL, SMS_DELIVERED);
	assert_int_equal(w->kept, 4);
	assert_int_equal(state_of(ours), SENDING_ACCEPTED);
	assert_int_equal(intents(), 0);
	assert_int_equal(figures()->senseless, 2);
	assert_int_equal(figures()->early, 2);
}

/* The daemon dies, or the store goes, between any two steps: the connector sends it again, and it is told once. */
static void a_report_that_was_cut_short_is_told_when_it_comes_again(void **state)
{
	(void)state;
	for (int trouble = TROUBLE_LOST; trouble <= TROUBLE_MUTE; trouble++)
		for (enum store_op op = STORE_MEMO_GET; op <= STORE_MEMO_PUT; op++) {
			char item[4] = { 'x', (char)('0' + trouble), (char)('0' + (int)(op - STORE_MEMO_GET)), '\0' };
			struct span ours = sent(item, 1, NULL);
			unsigned before = intents(), lost = w->lost;

			w->store->trouble = (enum store_trouble)trouble;
			w->store->trouble_of = op;
			report(ours, NULL, SMS_DELIVERED);
			assert_int_equal(w->lost, lost + 1);
			w->store->trouble = TROUBLE_NONE;
			report(ours, NULL, SMS_DELIVERED);
			assert_int_equal(intents(), before + 1);
		}
	struct span ours = sent("last", 1, NULL);
	unsigned before = intents();

	w->store->trouble = TROUBLE_LOST;
	w->store->trouble_of = STORE_OUTBOX_PUT;
	report(ours, NULL, SMS_DELIVERED);
	w->store->trouble = TROUBLE_NONE;
	assert_int_equal(intents(), before);
	report(ours, NULL, SMS_DELIVERED);
	assert_int_equal(intents(), before + 1);
}

static void leaves_while_it_asks(void **state)
{
	struct span ours = sent("1", 1, NULL);
	const struct sms_message message = { .kind = SMS_RECEIPT, .receipt_id = ours, .fate = SMS_DELIVERED };

	(void)state;
	deliveries_take(w->deliveries, SPAN("kannel"), &message, kept, NULL);
	deliveries_free(w->deliveries);
	w->deliveries = NULL;
	settle();
	assert_int_equal(w->kept, 1);
	assert_int_equal(w->kicks, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(by_our_id_once),
		TEST(by_their_id_in_any_spelling),
		TEST(late_delivered_beats_failed),
		TEST(all_parts_are_delivered_or_none),
		TEST(what_is_not_ours_changes_nothing),
		TEST(a_report_that_was_cut_short_is_told_when_it_comes_again),
		TEST(leaves_while_it_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
