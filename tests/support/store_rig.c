/*
 * Asking a store from a test; see store_rig.h.
 */
#include "tests/support/store_rig.h"

#include "daemon/base/hex.h"
#include "daemon/loop/loop.h"
#include "daemon/store/replies.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_MS 60000

struct awaited {
	struct store_rig *rig;
	bool up;
	uint64_t until_ms;
};

static void look(void *ctx)
{
	struct awaited *awaited = ctx;

	if (awaited->rig->store->up == awaited->up)
		loop_stop(awaited->rig->loop);
	if (clock_steady_ms() > awaited->until_ms) {
		fprintf(stderr, "store does not come %s\n", awaited->up ? "up" : "down");
		abort();
	}
}

void store_rig_await(struct store_rig *rig, bool up)
{
	struct awaited awaited = { .rig = rig, .up = up, .until_ms = clock_steady_ms() + PATIENCE_MS };
	struct loop_timer *timer = loop_every(rig->loop, 2, look, &awaited);

	if (rig->store->up != up)
		loop_run(rig->loop);
	loop_timer_cancel(timer);
}

void store_rig_open(struct store_rig *rig, bool memory)
{
	*rig = (struct store_rig){ .memory = memory };
	rig->loop = loop_new();
	log_open(LOG_LEVEL_ERROR, false);
	if (memory) {
		rig->store = store_memory_new(rig->loop);
		return;
	}
	private_redis_start(&rig->redis);
	rig->store = store_redis_new(rig->loop, rig->redis.address, 30000);
	store_rig_await(rig, true);
}

static void stop(void *ctx)
{
	loop_stop(ctx);
}

void store_rig_close(struct store_rig *rig)
{
	store_free(rig->store);
	loop_post(rig->loop, stop, rig->loop); /* what the store had posted still runs */
	loop_run(rig->loop);
	loop_free(rig->loop);
	arena_release(&rig->arena);
	if (!rig->memory)
		private_redis_stop(&rig->redis);
}

static void answered(void *ctx, const struct store_reply *reply)
{
	struct store_rig *rig = ctx;

	reply_copy(reply, &rig->arena, &rig->reply);
	rig->answered = true;
	loop_stop(rig->loop);
}

const struct store_reply *store_rig_ask(struct store_rig *rig, const struct store_request *request)
{
	arena_release(&rig->arena);
	rig->answered = false;
	store_submit(rig->store, request, (struct store_wait){ .done = answered, .ctx = rig });
	if (rig->answered) {
		fputs("answered from within store_submit()\n", stderr);
		abort();
	}
	while (!rig->answered)
		loop_run(rig->loop);
	return &rig->reply;
}

void store_rig_advance(struct store_rig *rig, unsigned ms)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	int64_t until_ms = clock_wall_ms() + ms;

	if (rig->memory) {
		store_memory_advance(rig->store, ms);
		return;
	}
	while (clock_wall_ms() <= until_ms)
		nanosleep(&pause, NULL);
}

/* --- text --------------------------------------------------------------------------------- */

static void number_as_zero(const char *name, struct span *json, struct buf *out)
{
	struct span wanted = span_of(name);

	if (!span_starts(*json, wanted))
		return;
	buf_add_span(out, wanted);
	buf_add_byte(out, '0');
	*json = span_from_offset(*json, wanted.len);
	while (json->len > 0 && *json->at >= '0' && *json->at <= '9')
		*json = span_from_offset(*json, 1);
}

void store_event_text(struct span json, struct buf *out)
{
	while (json.len > 0) {
		number_as_zero("\"at\":", &json, out);
		number_as_zero("\"until\":", &json, out);
		number_as_zero("\"since\":", &json, out);
		number_as_zero("\"waited\":", &json, out);
		number_as_zero("\"ended\":", &json, out);
		buf_add(out, json.at, 1);
		json = span_from_offset(json, 1);
	}
	buf_add_byte(out, '\n');
}

static void put_span(struct buf *out, const char *name, struct span bytes)
{
	buf_printf(out, " %s=", name);
	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(out, bytes.at[i] > ' ' && bytes.at[i] < 127 ? "%c" : "<%02x>",
			   (unsigned char)bytes.at[i]);
}

static void put_row(struct buf *out, const struct store_row *row)
{
	buf_printf(out, "row %s %s rev=%llu %s %u received=%lld lease=%d n=%u hops=%u parent=%s children=%u",
		   row->id.text, tip_state_name(row->state), (unsigned long long)row->rev, row->region,
		   row->points, (long long)row->received_ms, row->lease_until_ms > 0, row->nmessages, row->hops,
		   row->parent.text, row->nchildren);
	for (size_t i = 0; i < row->nsuggestions; i++) {
		const struct store_suggestion *pair = &row->suggestions[i];

		buf_printf(out, " pair=%s,%u,%d", pair->other.text, pair->score, pair->declined);
		put_span(out, "why", pair->why);
	}
	buf_printf(out, " hand=%d since=%d asked=%d raised=%u,%s,%d reopens=%u", (int)row->clock.hand,
		   row->clock.since_ms > 0, row->clock.asked_ms > 0, row->raise.times, row->raise.home,
		   row->raise.times > 0 ? (int)row->raise.why : -1, row->reopens);
	buf_printf(out, " ended=%d erased=%u", row->end.at_ms > 0, row->end.erased);
	put_span(out, "outcome", row->end.outcome);
	put_span(out, "hold", row->hold.by);
	put_span(out, "asked", row->hold.asked);
	put_span(out, "closer", row->closer);
	put_span(out, "context", row->context);
	put_span(out, "seed", row->seed);
	put_span(out, "holder", row->holder);
	put_span(out, "mark", span_from(row->receipt_mark, STORE_MARK_BYTES));
	put_span(out, "sealed", row->sealed);
	put_span(out, "identity", row->identity);
	for (unsigned i = 0; row->messages != NULL && i < row->nmessages; i++)
		put_span(out, "message", row->messages[i]);
	buf_add_byte(out, '\n');
}

static int by_item(const void *a, const void *b)
{
	const struct store_item *left = a, *right = b;
	size_t n = left->id.len < right->id.len ? left->id.len : right->id.len;
	int order = memcmp(left->id.at, right->id.at, n);

	return order != 0 ? order : (left->id.len > right->id.len) - (left->id.len < right->id.len);
}

static void put_item(struct buf *out, const struct store_item *item)
{
	buf_printf(out, "item number=%u attempts=%u", item->number, item->attempts);
	put_span(out, "id", item->id);
	put_span(out, "payload", item->payload);
	buf_add_byte(out, '\n');
}

static void put_group(struct buf *out, const struct store_parts *group)
{
	buf_printf(out, "group total=%u", group->total);
	put_span(out, "mark", span_from(group->group, STORE_MARK_BYTES));
	if (group->late) {
		buf_printf(out, " late tip=%s", group->late_tip.text);
		put_span(out, "for", span_from(group->late_for, STORE_MARK_BYTES));
		put_span(out, "note", group->late_note);
	}
	buf_add_byte(out, '\n');
	for (size_t i = 0; i < group->nparts; i++)
		put_item(out, &group->parts[i]);
}

static int by_mark(const void *a, const void *b)
{
	return memcmp(a, b, STORE_MARK_BYTES);
}

static void put_accepted(struct buf *out, const struct store_accepted *accepted)
{
	buf_printf(out, "tip verdict=%d rev=%llu", accepted->verdict, (unsigned long long)accepted->rev);
	put_span(out, "answer", accepted->answer);
	put_span(out, "digest", span_from(accepted->digest, STORE_MARK_BYTES));
	buf_add_byte(out, '\n');
}

static void put_batch(struct buf *out, const struct store_batch *batch)
{
	buf_printf(out, "batch %llu %llu..%llu journal=%llu at=%lld", (unsigned long long)batch->number,
		   (unsigned long long)batch->before, (unsigned long long)batch->size,
		   (unsigned long long)batch->journal, (long long)batch->at_ms);
	put_span(out, "root", span_from(batch->root, STORE_HASH_BYTES));
	put_span(out, "note", batch->note);
	buf_add_byte(out, '\n');
}

static void put_event(struct buf *out, const struct store_event *event)
{
	buf_printf(out, "event %llu", (unsigned long long)event->number);
	put_span(out, "k", event->fingerprint);
	put_span(out, "c", event->commitment);
	put_span(out, "l", event->example);
	put_span(out, "s", event->seed);
	buf_add_byte(out, ' ');
	store_event_text(event->json, out);
}

void store_reply_text(const struct store_reply *reply, struct buf *out)
{
	buf_printf(out, "outcome=%d verdict=%d rev=%llu fence=%llu note=%llu count=%llu parent=%s moved=%s\n",
		   reply->outcome, reply->verdict, (unsigned long long)reply->rev,
		   (unsigned long long)reply->fence, (unsigned long long)reply->note,
		   (unsigned long long)reply->count, reply->parent.text, reply->moved.text);
	if (reply->head.seq > 0) {
		buf_printf(out, "head %llu of %llu at %lld", (unsigned long long)reply->head.seq,
			   (unsigned long long)reply->head.count, (long long)reply->head.at_ms);
		put_span(out, "hash", span_from(reply->head.hash, STORE_HASH_BYTES));
		buf_add_byte(out, '\n');
	}
	if (reply->vault.len > 0)
		put_span(out, "vault", reply->vault);
	for (size_t i = 0; i < reply->naccepted; i++)
		put_accepted(out, &reply->accepted[i]);
	for (size_t i = 0; i < reply->nrows; i++)
		put_row(out, &reply->rows[i]);
	if (reply->place.id.text[0] != '\0')
		buf_printf(out, "place=%u %lld %s\n", reply->place.points, (long long)reply->place.at_ms, reply->place.id.text);
	for (size_t i = 0; i < reply->nqueues; i++)
		buf_printf(out, "queue %s waiting=%llu held=%llu oldest=%lld best=%u escalated=%llu\n",
			   reply->queues[i].region, (unsigned long long)reply->queues[i].waiting,
			   (unsigned long long)reply->queues[i].held, (long long)reply->queues[i].oldest_ms,
			   reply->queues[i].best_points, (unsigned long long)reply->queues[i].escalated);
	for (size_t i = 0; i < reply->nholders; i++)
		put_span(out, "holder", reply->holders[i]);
	if (reply->nitems > 1)
		qsort(reply->items, reply->nitems, sizeof(struct store_item), by_item);
	for (size_t i = 0; i < reply->nitems; i++)
		put_item(out, &reply->items[i]);
	if (reply->ngroups > 1)
		qsort(reply->groups, reply->ngroups, sizeof(struct store_parts), by_mark);
	for (size_t i = 0; i < reply->ngroups; i++)
		put_group(out, &reply->groups[i]);
	for (size_t i = 0; i < reply->nevents; i++)
		put_event(out, &reply->events[i]);
	for (size_t i = 0; i < reply->nbatches; i++)
		put_batch(out, &reply->batches[i]);
	for (size_t i = 0; i < reply->nchildren; i++)
		buf_printf(out, "child %s %lld\n", reply->children[i].id.text,
			   (long long)reply->children[i].received_ms);
	for (size_t i = 0; i < reply->ndata_keys; i++) {
		put_span(out, "key", span_from(reply->data_keys[i].id, STORE_DATA_KEY_ID_BYTES));
		put_span(out, "sealed", reply->data_keys[i].sealed);
		buf_add_byte(out, '\n');
	}
}
