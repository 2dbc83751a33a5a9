/*
 * The audit trail; see trail.h.
 *
 * One queue, in order of arrival. A call takes up to STORE_AUDIT_MAX from its
 * head; they stay there until the answer has come. What cannot be written is
 * told to whoever waits for it, and the notes among them stay for the next call.
 */
#include "daemon/jobs/trail.h"

#include "daemon/base/mark_map.h"
#include "daemon/base/memory.h"
#include "daemon/loop/loop.h"
#include "daemon/store/store.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define CALL_EVENTS_MAX ((size_t)256)
#define LOOK_AGAIN_MS 500
#define FAILED_EVERY_MS 60000
#define HOUR_MS INT64_C(3600000)
#define SEEN_MAX 4096   /* tokens remembered; beyond it some sign in twice an hour */

struct row {
	struct row *next;
	struct trail_wait wait;   /* done NULL: a note */
	struct span json;         /* behind the row */
};

struct trail {
	struct loop *loop;
	struct store *store;
	struct loop_timer *timer;
	struct row *oldest, **end;
	size_t waiting;
	size_t in_call;           /* rows at the head that are being written; 0: no call is under way */
	uint64_t n;               /* number of the last event */
	char run[17];
	uint64_t lost;            /* since the last event that told of it */
	uint64_t failed;          /* sign-ins, since then */
	uint64_t failed_told_ms;
	struct mark_map seen;     /* id of a token -> twice the hour, and one more when somebody asked by hand */
	bool posted;
	uint64_t last;         /* number of an event */
	struct trail_figures figures;
};

/* --- the queue ------------------------------------------------------------------------ */

static void send_rows(void *ctx);

static void send_later(struct trail *trail)
{
	if (trail->posted || trail->in_call > 0)
		return;
	trail->posted = true;
	loop_post_last(trail->loop, send_rows, trail);
}

static void put_row(struct trail *trail, const struct trail_event *event, struct trail_wait wait)
{
	struct trail_event whole = *event;
	struct buf json = { 0 };
	struct row *row;

	whole.at_ms = clock_wall_ms();
	whole.run = span_of(trail->run);
	whole.n = ++trail->n;
	trail_event_write(&whole, &json);
	assert(json.len <= TRAIL_EVENT_MAX);
	row = memory_zeroes(1, sizeof(*row) + json.len);
	memcpy(row + 1, json.at, json.len);
	row->json = span_from(row + 1, json.len);
	row->wait = wait;
	buf_release(&json);
	*trail->end = row;
	trail->end = &row->next;
	trail->waiting++;
	send_later(trail);
}

/* The head of the queue; the caller frees it. */
static struct row *take_row(struct trail *trail)
{
	struct row *row = trail->oldest;

	trail->oldest = row->next;
	if (trail->oldest == NULL)
		trail->end = &trail->oldest;
	trail->waiting--;
	return row;
}

static void tell_row(struct trail *trail, struct row *row, bool written)
{
	if (row->wait.done != NULL) {
		trail->figures.refused += !written;
		row->wait.done(row->wait.ctx, written);
	}
	free(row);
}

/* Nothing is written now: who waits is told, notes stay in their order. */
static void refuse_all(struct trail *trail)
{
	struct row *refused = NULL, **refused_end = &refused, **link = &trail->oldest;

	while (*link != NULL) {
		struct row *row = *link;

		if (row->wait.done == NULL) {
			link = &row->next;
			continue;
		}
		*link = row->next;
		row->next = NULL;
		*refused_end = row;
		refused_end = &row->next;
		trail->waiting--;
	}
	trail->end = link;
	if (refused != NULL)
		log_rarely(LOG_LEVEL_WARNING, "trail.unavailable", "the store takes no event of the audit trail: nothing is shown");
	while (refused != NULL) {
		struct row *row = refused;

		refused = row->next;
		tell_row(trail, row, false);
	}
}

/* --- the call ------------------------------------------------------------------------- */

static void written(void *ctx, const struct store_reply *reply)
{
	struct trail *trail = ctx;
	size_t n = trail->in_call;
	bool well = reply->outcome == STORE_DONE && reply->verdict == STORE_OK;

	trail->in_call = 0;
	if (!well) {
		refuse_all(trail);
		return;
	}
	trail->figures.written += n;
	trail->figures.calls++;
	trail->last = reply->rev;
	for (size_t i = 0; i < n; i++)
		tell_row(trail, take_row(trail), true);
	if (trail->waiting > 0)
		send_later(trail);
}

static void send_rows(void *ctx)
{
	struct trail *trail = ctx;
	struct span events[CALL_EVENTS_MAX];
	size_t n = 0;

	trail->posted = false;
	if (trail->in_call > 0 || trail->oldest == NULL)
		return;
	if (!store_takes(trail->store)) {
		refuse_all(trail);
		return;
	}
	for (struct row *row = trail->oldest; row != NULL && n < CALL_EVENTS_MAX; row = row->next)
		events[n++] = row->json;
	trail->in_call = n;
	store_submit(trail->store,
		     &(struct store_request){ .op = STORE_AUDIT, .shard = STORE_AUDIT_SHARD, .messages = events, .nmessages = n },
		     (struct store_wait){ .done = written, .ctx = trail });
}

bool trail_show(struct trail *trail, const struct trail_event *event, struct trail_wait wait)
{
	assert(wait.done != NULL);
	if (trail->waiting >= TRAIL_QUEUE_MAX) {
		trail->figures.refused++;
		return false;
	}
	put_row(trail, event, wait);
	return true;
}

/* --- what just happens ------------------------------------------------------------------ */

static void note_lost(struct trail *trail)
{
	struct trail_event event = { .kind = TRAIL_LOST, .count = trail->lost };

	if (trail->lost == 0 || trail->waiting + 1 >= TRAIL_QUEUE_MAX)
		return;
	trail->lost = 0;
	put_row(trail, &event, (struct trail_wait){ 0 });
}

void trail_note(struct trail *trail, const struct trail_event *event)
{
	note_lost(trail);
	if (trail->waiting < TRAIL_QUEUE_MAX) {
		put_row(trail, event, (struct trail_wait){ 0 });
		return;
	}
	trail->lost++;
	trail->figures.lost++;
}

static void tell_failed(struct trail *trail)
{
	struct trail_event event = { .kind = TRAIL_SIGN_IN_FAILED, .count = trail->failed };
	uint64_t now_ms = loop_now_ms(trail->loop);

	if (trail->failed == 0 || (trail->failed_told_ms != 0 && now_ms - trail->failed_told_ms < FAILED_EVERY_MS))
		return;
	trail->failed = 0;
	trail->failed_told_ms = now_ms;
	trail_note(trail, &event);
}

void trail_sign_in_failed(struct trail *trail)
{
	trail->failed++;
	tell_failed(trail);
}

void trail_signed_in(struct trail *trail, const struct trail_event *event)
{
	unsigned char mark[MARK_BYTES] = { 0 };
	uint64_t hour = (uint64_t)(clock_wall_ms() / HOUR_MS), last;

	assert(event->token.len <= sizeof(mark));
	memcpy(mark, event->token.at, event->token.len);
	if (mark_map_get(&trail->seen, mark, &last) && last / 2 == hour && (last % 2 == 1 || event->unattended))
		return;
	if (trail->seen.n >= SEEN_MAX)
		mark_map_release(&trail->seen);
	mark_map_set(&trail->seen, mark, 2 * hour + !event->unattended);
	trail_note(trail, event);
}

static void look_again(void *ctx)
{
	struct trail *trail = ctx;

	tell_failed(trail);
	note_lost(trail);
	if (trail->oldest != NULL && store_takes(trail->store))
		send_later(trail);
}

/* --- life --------------------------------------------------------------------------------- */

struct trail *trail_new(struct loop *loop, struct store *store)
{
	struct trail *trail = memory_zeroes(1, sizeof(*trail));

	trail->loop = loop;
	trail->store = store;
	trail->end = &trail->oldest;
	snprintf(trail->run, sizeof(trail->run), "%016llx", (unsigned long long)random_u64());
	mark_map_init(&trail->seen, random_u64());
	trail->timer = loop_every(loop, LOOK_AGAIN_MS, look_again, trail);
	return trail;
}

void trail_free(struct trail *trail)
{
	if (trail == NULL)
		return;
	assert(trail->in_call == 0);
	loop_timer_cancel(trail->timer);
	loop_post_cancel(trail->loop, send_rows, trail);
	while (trail->oldest != NULL)
		tell_row(trail, take_row(trail), false);
	mark_map_release(&trail->seen);
	free(trail);
}

bool trail_idle(const struct trail *trail)
{
	return trail->in_call == 0 && (trail->waiting == 0 || !store_takes(trail->store));
}

size_t trail_waiting(const struct trail *trail)
{
	return trail->waiting;
}

uint64_t trail_last(const struct trail *trail)
{
	return trail->last;
}

const struct trail_figures *trail_figures(const struct trail *trail)
{
	return &trail->figures;
}
