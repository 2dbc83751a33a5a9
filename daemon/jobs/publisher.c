/*
 * The publisher; see publisher.h. One month of one log at a time.
 */
#include "daemon/jobs/publisher.h"

#include "daemon/base/memory.h"
#include "daemon/jobs/publisher_month.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/leaves.h"
#include "daemon/sys/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY_MS INT64_C(86400000)
#define READ_AT_ONCE 512
#define MONEY_AT_ONCE 64
#define WRITE_AT_ONCE 256
#define PATH_SIZE 4096

struct publisher {
	struct publisher_env env;
	struct loop_timer *timer;
	struct loop_timer *turning;
	size_t log;                         /* looked at next */
	bool working, asking, closing;

	struct sealer_log of;               /* of the month under way */
	struct publisher_month month;
	struct tiles_batch batch;           /* whose events are read */
	uint64_t next;                      /* event */
	struct arena arena;                 /* of the batch */
	struct leaves_event *events;
	size_t nevents, room;

	struct publisher_figures figures;
	struct complaint fault;
};

static void next_batch(void *ctx);

static int64_t now_ms(const struct publisher *publisher)
{
	return publisher->env.wall_ms != NULL ? publisher->env.wall_ms(publisher->env.ctx) : clock_wall_ms();
}

static void release(struct publisher *publisher)
{
	publisher_month_release(&publisher->month);
	arena_release(&publisher->arena);
	free(publisher);
}

/* In the next turn of the loop. */
static void turn(struct publisher *publisher, loop_call *call)
{
	publisher->turning = loop_after(publisher->env.loop, 0, call, publisher);
}

/* The work on this month is over. */
static void finish(struct publisher *publisher)
{
	publisher_month_release(&publisher->month);
	arena_clear(&publisher->arena);
	publisher->working = false;
}

static void fail(struct publisher *publisher)
{
	publisher->figures.failed++;
	log_rarely(LOG_LEVEL_ERROR, "log.openings_failed", publisher->fault.text);
	finish(publisher);
}

/* --- which month --------------------------------------------------------------------------------- */

static void openings_dir(const struct publisher *publisher, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%.*s/%.*s/openings", (int)publisher->env.dir.len, publisher->env.dir.at,
		 (int)publisher->of.name.len, publisher->of.name.at);
}

static bool is_published(const struct publisher *publisher, int year, int month)
{
	char dir[PATH_SIZE], path[PATH_SIZE + 32];

	openings_dir(publisher, dir);
	snprintf(path, sizeof(path), "%s/%04d-%02d.note", dir, year, month);
	return access(path, F_OK) == 0;
}

/* The batches of a month that is over and not published; false: there is no such month. */
static bool find_month(const struct publisher *publisher, int *year, int *month, uint64_t *from, uint64_t *to)
{
	int64_t until_ms = now_ms(publisher) - publisher->env.after_days * DAY_MS;
	const struct tiles *tiles = publisher->of.tiles;
	struct tiles_batch batch;

	for (*to = 0; *to < publisher->of.batches;) {
		*from = *to;
		if (!tiles_batch(tiles, *from, &batch))
			return false;
		publisher_month_of(batch.at_ms, year, month);
		batch.at_ms = publisher_month_start(*month == 12 ? *year + 1 : *year, *month == 12 ? 1 : *month + 1);
		if (batch.at_ms > until_ms)
			return false;
		*to = tiles_batch_at(tiles, batch.at_ms);
		if (!is_published(publisher, *year, *month))
			/* All of it has to be followed, and what comes behind it known. */
			return *to < publisher->of.batches || publisher->of.unsealed == 0;
	}
	return false;
}

/* --- writing --------------------------------------------------------------------------------------- */

static void put_month(struct publisher *publisher)
{
	struct note_signer signer;
	char dir[PATH_SIZE];
	bool well;

	openings_dir(publisher, dir);
	keys_log_signer(publisher->env.keys, publisher->of.origin, &signer);
	well = publisher_month_put(&publisher->month, dir, &signer, &publisher->fault);
	note_signer_release(&signer);
	if (!well) {
		fail(publisher);
		return;
	}
	publisher->fault.text[0] = '\0';
	log_event(LOG_LEVEL_NOTICE, "log.opened", "log", publisher->of.name.at, "month", publisher->month.name, NULL);
	publisher->figures.months++;
	publisher->figures.leaves += publisher->month.n;
	finish(publisher);
}

static void write_some(void *ctx)
{
	struct publisher *publisher = ctx;

	publisher->turning = NULL;
	if (!publisher_month_write(&publisher->month, WRITE_AT_ONCE, &publisher->fault))
		fail(publisher);
	else if (publisher->month.written < publisher->month.n)
		turn(publisher, write_some);
	else
		put_month(publisher);
}

/* --- gathering --------------------------------------------------------------------------------------- */

static void make_leaves(struct publisher *publisher)
{
	struct leaves_batch batch = { .log = publisher->of.name, .before = publisher->batch.before, .size = publisher->batch.size,
				      .at_ms = publisher->batch.at_ms };
	struct leaves leaves;
	bool well = batch.size - batch.before >= publisher->nevents;

	if (well) {
		leaves_make(publisher->env.keys, &batch, publisher->events, publisher->nevents, &publisher->arena, &leaves);
		well = publisher_month_take(&publisher->month, &leaves);
	}
	if (!well) {
		complain(&publisher->fault, 0, "%s of %.*s: batch %llu does not fit", publisher->month.name, (int)publisher->of.name.len,
			 publisher->of.name.at, (unsigned long long)publisher->batch.number);
		fail(publisher);
		return;
	}
	arena_clear(&publisher->arena);
	turn(publisher, next_batch);
}

static bool take_events(struct publisher *publisher, const struct store_reply *reply)
{
	for (size_t i = 0; i < reply->nevents && publisher->next <= publisher->batch.journal; i++) {
		const struct store_event *event = &reply->events[i];

		if (event->number != publisher->next || publisher->nevents == publisher->room)
			return false;
		publisher->events[publisher->nevents++] = (struct leaves_event){ .number = event->number,
										 .json = arena_dup(&publisher->arena, event->json),
										 .seed = arena_dup(&publisher->arena, event->seed) };
		publisher->next++;
	}
	return reply->nevents > 0;
}

static void read_events(struct publisher *publisher);

static void events_read(void *ctx, const struct store_reply *reply)
{
	struct publisher *publisher = ctx;

	publisher->asking = false;
	if (publisher->closing) {
		release(publisher);
		return;
	}
	if (reply->outcome != STORE_DONE || !take_events(publisher, reply)) {
		complain(&publisher->fault, 0, "%s of %.*s: event %llu cannot be read", publisher->month.name,
			 (int)publisher->of.name.len, publisher->of.name.at, (unsigned long long)publisher->next);
		fail(publisher);
		return;
	}
	read_events(publisher);
}

static void read_events(struct publisher *publisher)
{
	uint64_t left = publisher->batch.journal + 1 - publisher->next;
	bool money = span_is(publisher->of.name, "money"), audit = span_is(publisher->of.name, "audit");
	unsigned most = money ? MONEY_AT_ONCE : READ_AT_ONCE;
	struct store_request request = { .op = money ? STORE_MONEY_READ : STORE_JOURNAL, .from = publisher->next,
					 .max = left < most ? (unsigned)left : most };

	if (left == 0) {
		make_leaves(publisher);
		return;
	}
	memcpy(request.shard, money ? STORE_MONEY_SHARD : audit ? STORE_AUDIT_SHARD : publisher->of.name.at, 2);
	publisher->asking = true;
	store_submit(publisher->env.store, &request, (struct store_wait){ .done = events_read, .ctx = publisher });
}

static void next_batch(void *ctx)
{
	struct publisher *publisher = ctx;
	struct publisher_month *month = &publisher->month;
	struct tiles_batch before = { .number = 0 };

	publisher->turning = NULL;
	if (month->batch == month->end_batch) {
		publisher_month_plan(month);
		turn(publisher, write_some);
		return;
	}
	if (!tiles_batch(month->tiles, month->batch, &publisher->batch) ||
	    (month->batch > 0 && !tiles_batch(month->tiles, month->batch - 1, &before))) {
		complain(&publisher->fault, 0, "%s: a batch is not on record", month->name);
		fail(publisher);
		return;
	}
	publisher->next = before.journal + 1;
	publisher->nevents = 0;
	publisher->room = (size_t)(publisher->batch.journal - before.journal);
	publisher->events = arena_array(&publisher->arena, struct leaves_event, publisher->room + 1);
	read_events(publisher);
}

/* --- in turn --------------------------------------------------------------------------------------------- */

static void look(void *ctx)
{
	struct publisher *publisher = ctx;
	uint64_t from, to;
	int year, month;

	if (publisher->working || sealer_count(publisher->env.sealer) == 0)
		return;
	publisher->log = (publisher->log + 1) % sealer_count(publisher->env.sealer);
	sealer_at(publisher->env.sealer, publisher->log, &publisher->of);
	if (publisher->of.refusing || !find_month(publisher, &year, &month, &from, &to))
		return;
	publisher->working = true;
	if (publisher_month_begin(&publisher->month, year, month, publisher->of.tiles, publisher->of.origin, publisher->env.small, from, to)) {
		turn(publisher, next_batch);
		return;
	}
	complain(&publisher->fault, 0, "batches of %.*s are not on record", (int)publisher->of.name.len, publisher->of.name.at);
	fail(publisher);
}

struct publisher *publisher_new(const struct publisher_env *env)
{
	struct publisher *publisher = memory_zeroes(1, sizeof(*publisher));

	publisher->env = *env;
	publisher->timer = loop_every(env->loop, env->look_ms, look, publisher);
	return publisher;
}

void publisher_free(struct publisher *publisher)
{
	if (publisher == NULL)
		return;
	loop_timer_cancel(publisher->timer);
	if (publisher->turning != NULL)
		loop_timer_cancel(publisher->turning);
	publisher->closing = true;
	if (!publisher->asking)
		release(publisher);
}

void publisher_set_days(struct publisher *publisher, unsigned after_days)
{
	publisher->env.after_days = after_days;
}

struct publisher_figures publisher_figures(const struct publisher *publisher)
{
	return publisher->figures;
}

const char *publisher_fault(const struct publisher *publisher)
{
	return publisher->fault.text[0] != '\0' ? publisher->fault.text : NULL;
}
