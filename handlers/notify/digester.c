/*
 * Digests from journals and queues; see digester.h. One channel after the other,
 * for each shard of it: queues, tips nobody opened, tips overdue, then the
 * journal: its ends, where the day begins (halving), its events.
 */
#include "handlers/notify/digester.h"

#include "daemon/base/memory.h"
#include "daemon/core/text/gazetteer.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "handlers/notify/digest.h"
#include "handlers/notify/notifier.h"

#include <assert.h>
#include <stdlib.h>

#define PERIOD_MS 5000
#define BATCH 256
#define SLACK_MS INT64_C(3600000)   /* events stand in the order of the store, not quite in that of their times */
#define KEEP_S (3 * 86400u)

struct digester {
	struct digester_env env;
	struct loop_timer *timer;
	bool working, closing;
	size_t channel;
	int64_t done_ms[NOTICE_CHANNELS_MAX];   /* the last one that was put, or was there */
	size_t shard;
	struct notice digest;
	uint64_t low, high;              /* numbers of events between which the day begins */
	uint64_t last;                   /* the last one there was */
	struct digester_figures figures;
	struct arena arena;
};

static void next_channel(struct digester *d);
static void next_shard(struct digester *d);

static const struct notice_channel *channel_of(const struct digester *d)
{
	return &d->env.channels[d->channel];
}

static void release(struct digester *d)
{
	arena_release(&d->arena);
	free(d);
}

/* First in every answer. False: the job is going away, and its memory is gone; or the store is away, and it is left for now. */
static bool goes_on(struct digester *d, const struct store_reply *reply)
{
	if (d->closing) {
		release(d);
		return false;
	}
	if (reply->outcome != STORE_DONE || d->channel >= d->env.nchannels) {
		d->working = false;
		return false;
	}
	return true;
}

static void ask(struct digester *d, struct store_request *request, void (*done)(void *ctx, const struct store_reply *reply))
{
	memcpy(request->shard, d->env.shards[d->shard], sizeof(request->shard));
	store_submit(d->env.store, request, (struct store_wait){ .done = done, .ctx = d });
}

static bool within(const struct digester *d, const char region[7])
{
	return region_within(span_of(region), span_of(d->digest.region));
}

/* --- once a day --------------------------------------------------------------------------- */

static const char *cause_of(struct digester *d)
{
	return arena_printf(&d->arena, "digest %s %lld", channel_of(d)->name, (long long)d->digest.at_ms);
}

static void remembered(void *ctx, const struct store_reply *reply)
{
	struct digester *d = ctx;

	/* Where it was not, the next process counts for nothing. */
	if (goes_on(d, reply))
		next_channel(d);
}

static void put_done(void *ctx, const struct store_reply *reply)
{
	struct digester *d = ctx;
	struct store_memo memo = { .keep_s = KEEP_S };
	struct store_request request = { .op = STORE_MEMO_PUT, .memo = &memo };
	struct buf sealed = { 0 };

	if (!goes_on(d, reply))
		return;
	d->done_ms[d->channel] = d->digest.at_ms;
	d->figures.put += reply->verdict == STORE_OK;
	d->figures.there += reply->verdict != STORE_OK;
	if (reply->verdict == STORE_OK && d->env.written != NULL)
		d->env.written(d->env.ctx, span_from(d->digest.region, 2));
	seal_mark(d->env.key, "digest", span_of(cause_of(d)), memo.mark);
	seal_blob(d->env.key, "digest", SPAN("put"), &sealed);
	memo.sealed = buf_span(&sealed);
	ask(d, &request, remembered);
	buf_release(&sealed);
}

static void put(struct digester *d)
{
	struct store_outbox_put put;
	struct store_request request = { .op = STORE_OUTBOX_PUT, .outbox_put = &put };

	notifier_intent(d->env.key, channel_of(d), &d->digest, span_of(cause_of(d)), &d->arena, &put);
	memcpy(request.shard, d->digest.region, 2);
	store_submit(d->env.store, &request, (struct store_wait){ .done = put_done, .ctx = d });
}

/* --- what happened ----------------------------------------------------------------------------- */

static void read_on(struct digester *d);

static void events_read(void *ctx, const struct store_reply *reply)
{
	struct digester *d = ctx;

	if (!goes_on(d, reply))
		return;
	for (size_t i = 0; i < reply->nevents; i++)
		digest_add_event(&d->digest, reply->events[i].json);
	d->low = reply->nevents > 0 ? reply->events[reply->nevents - 1].number + 1 : d->last + 1;
	read_on(d);
}

static void read_on(struct digester *d)
{
	if (d->low <= d->last)
		ask(d, &(struct store_request){ .op = STORE_JOURNAL, .from = d->low, .max = BATCH }, events_read);
	else
		next_shard(d);
}

static void halve(struct digester *d);

static void middle_read(void *ctx, const struct store_reply *reply)
{
	struct digester *d = ctx;
	uint64_t middle;

	if (!goes_on(d, reply))
		return;
	middle = d->low + (d->high - d->low) / 2;
	if (reply->nevents > 0 && digest_event_ms(reply->events[0].json) < d->digest.from_ms - SLACK_MS)
		d->low = middle + 1;
	else
		d->high = middle;
	halve(d);
}

static void halve(struct digester *d)
{
	if (d->low < d->high)
		ask(d, &(struct store_request){ .op = STORE_JOURNAL, .from = d->low + (d->high - d->low) / 2, .max = 1 }, middle_read);
	else
		read_on(d);
}

static void ends_read(void *ctx, const struct store_reply *reply)
{
	struct digester *d = ctx;

	if (!goes_on(d, reply))
		return;
	/* Events that moved to files are read from there. */
	d->low = d->env.store->archived != NULL || reply->first == 0 ? 1 : reply->first;
	d->last = d->high = reply->rev;
	halve(d);
}

/* --- what is open -------------------------------------------------------------------------------- */

static void count_rows(struct digester *d, const struct store_reply *reply, enum digest_figure figure)
{
	for (size_t i = 0; i < reply->nrows; i++)
		d->digest.count[figure] += within(d, reply->rows[i].region);
}

static void overdue_read(void *ctx, const struct store_reply *reply)
{
	struct digester *d = ctx;

	if (!goes_on(d, reply))
		return;
	count_rows(d, reply, DIGEST_OVERDUE);
	ask(d, &(struct store_request){ .op = STORE_ARCHIVED, .max = 1 }, ends_read);
}

static void unseen_read(void *ctx, const struct store_reply *reply)
{
	struct digester *d = ctx;

	if (!goes_on(d, reply))
		return;
	count_rows(d, reply, DIGEST_UNSEEN);
	ask(d, &(struct store_request){ .op = STORE_OVERDUE, .limits = d->env.limits, .max = DIGESTER_ROWS_MAX }, overdue_read);
}

static void queues_read(void *ctx, const struct store_reply *reply)
{
	struct digester *d = ctx;
	struct clock_limits any = { 0 };

	if (!goes_on(d, reply))
		return;
	for (size_t i = 0; i < reply->nqueues; i++)
		if (within(d, reply->queues[i].region))
			d->digest.count[DIGEST_OPEN] += (uint32_t)(reply->queues[i].waiting + reply->queues[i].held);
	for (unsigned band = 0; band < CLOCK_BANDS; band++)
		any.ms[WAIT_UNOPENED][band] = 1;
	ask(d, &(struct store_request){ .op = STORE_OVERDUE, .limits = &any, .max = DIGESTER_ROWS_MAX }, unseen_read);
}

/* --- rounds ---------------------------------------------------------------------------------------- */

/* Its region has tips there: in the shard of its first two digits, those of the nation in all. */
static bool concerns(const struct digester *d, size_t shard)
{
	return strcmp(d->digest.region, "000000") == 0 || memcmp(d->digest.region, d->env.shards[shard], 2) == 0;
}

static void begin_shard(struct digester *d)
{
	while (d->shard < d->env.nshards && !concerns(d, d->shard))
		d->shard++;
	if (d->shard < d->env.nshards) {
		ask(d, &(struct store_request){ .op = STORE_QUEUES }, queues_read);
		return;
	}
	d->shard = 0;
	put(d);
}

static void next_shard(struct digester *d)
{
	d->shard++;
	begin_shard(d);
}

static void looked(void *ctx, const struct store_reply *reply)
{
	struct digester *d = ctx;

	if (!goes_on(d, reply))
		return;
	if (reply->verdict == STORE_OK) {
		d->done_ms[d->channel] = d->digest.at_ms;
		d->figures.there++;
		next_channel(d);
		return;
	}
	begin_shard(d);
}

static void look(struct digester *d, int64_t due_ms)
{
	struct store_memo memo = { 0 };
	struct store_request request = { .op = STORE_MEMO_GET, .memo = &memo };

	arena_release(&d->arena);
	d->arena = (struct arena){ 0 };
	d->shard = 0;
	d->digest = digest_begin(channel_of(d)->region, due_ms);
	seal_mark(d->env.key, "digest", span_of(cause_of(d)), memo.mark);
	ask(d, &request, looked);
}

static void begin_channel(struct digester *d)
{
	int64_t now_ms = d->env.wall_ms != NULL ? d->env.wall_ms() : clock_wall_ms(), due_ms = 0;

	while (d->channel < d->env.nchannels &&
	       (!digest_due(channel_of(d)->digest, now_ms, &due_ms) || d->done_ms[d->channel] == due_ms))
		d->channel++;
	d->working = d->channel < d->env.nchannels && d->env.store->up;
	if (d->working)
		look(d, due_ms);
}

static void next_channel(struct digester *d)
{
	d->channel++;
	begin_channel(d);
}

static void begin_round(void *ctx)
{
	struct digester *d = ctx;

	if (d->working || !d->env.store->up || d->env.nshards == 0)
		return;
	d->channel = 0;
	begin_channel(d);
}

struct digester *digester_new(const struct digester_env *env)
{
	struct digester *d = memory_zeroes(1, sizeof(*d));

	assert(env->nchannels <= NOTICE_CHANNELS_MAX);
	d->env = *env;
	d->timer = loop_every(env->loop, env->period_ms > 0 ? env->period_ms : PERIOD_MS, begin_round, d);
	return d;
}

void digester_free(struct digester *digester)
{
	if (digester == NULL)
		return;
	loop_timer_cancel(digester->timer);
	if (digester->working)
		digester->closing = true;
	else
		release(digester);
}

const struct digester_figures *digester_figures(const struct digester *digester)
{
	return &digester->figures;
}

void digester_set_channels(struct digester *digester, const struct notice_channel *channels, size_t n)
{
	assert(n <= NOTICE_CHANNELS_MAX);
	digester->env.channels = channels;
	digester->env.nchannels = n;
	memset(digester->done_ms, 0, sizeof(digester->done_ms));
}
