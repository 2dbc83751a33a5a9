/*
 * Notices from the journals; see notifier.h. One shard after the other: take or
 * renew the lease, read what is new, count it for each channel, note. Behind the
 * last shard: what channels have counted goes into the outbox, as far as their
 * pauses are over.
 */
#include "handlers/notify/notifier.h"

#include "daemon/base/memory.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "handlers/notify/notice_tally.h"
#include "handlers/notify/outbox_item.h"

#include <assert.h>
#include <stdlib.h>

#define JOB "notices"
#define JOB_LEASE_MS 60000
#define PERIOD_MS 1000
#define BATCH 256
#define SHARDS_MAX TALLY_SHARDS_MAX
#define REMEMBER_S (8 * 86400u)

struct notifier {
	struct notifier_env env;
	struct loop_timer *timer;
	uint64_t put;
	bool working;
	bool closing;
	size_t shard;              /* being worked on */
	struct {
		uint64_t fence;
		uint64_t renew_ms;     /* 0: not held */
		uint64_t note;         /* events up to this one are through */
	} held[SHARDS_MAX];
	struct arena arena;        /* of the batch */
	struct store_event *events;
	size_t nevents;
	size_t channel;            /* that is counted for, or told */
	struct notice_tally tally;     /* its own */
	struct span was;           /* ...as the store has it */
	unsigned char mark[16];
	bool waiting[NOTICE_CHANNELS_MAX];    /* it may have something to hear */
	int64_t not_before_ms[NOTICE_CHANNELS_MAX];
};

static void next_shard(struct notifier *notifier);
static void count_on(struct notifier *notifier);
static void tell_on(struct notifier *notifier);
static void all_waiting(struct notifier *notifier);

static void forget_batch(struct notifier *notifier)
{
	arena_release(&notifier->arena);
	notifier->arena = (struct arena){ 0 };
	notifier->nevents = notifier->channel = 0;
}

/* False when the job is going away; memory is freed then. */
static bool still_wanted(struct notifier *notifier)
{
	if (!notifier->closing)
		return true;
	forget_batch(notifier);
	free(notifier);
	return false;
}

static void submit(struct notifier *notifier, struct store_request *request, void (*done)(void *ctx, const struct store_reply *reply))
{
	memcpy(request->shard, notifier->env.shards[notifier->shard], sizeof(request->shard));
	request->job = JOB;
	store_submit(notifier->env.store, request, (struct store_wait){ .done = done, .ctx = notifier });
}

/* The store is away, or another has the lease: all of it again later. */
static void leave_shard(struct notifier *notifier)
{
	notifier->held[notifier->shard].renew_ms = 0;
	next_shard(notifier);
}

/* False: nobody waits for it any more, or the shard was left. */
static bool goes_on(struct notifier *notifier, const struct store_reply *reply)
{
	if (!still_wanted(notifier))
		return false;
	if (reply->outcome == STORE_DONE && reply->verdict == STORE_OK)
		return true;
	leave_shard(notifier);
	return false;
}

/* --- a batch --------------------------------------------------------------------------- */

static void noted(void *ctx, const struct store_reply *reply)
{
	struct notifier *notifier = ctx;

	if (!goes_on(notifier, reply))
		return;
	notifier->held[notifier->shard].note = notifier->events[notifier->nevents - 1].number;
	next_shard(notifier);
}

void notifier_intent(const struct seal_key *key, const struct notice_channel *channel, const struct notice *notice, struct span cause,
		     struct arena *arena, struct store_outbox_put *put)
{
	const struct outbox_item item = { .kind = OUTBOX_NOTICE, .notice = { .channel = span_of(channel->name), .notice = *notice,
									     .expires_ms = notice->at_ms + NOTICE_LIVES_MS } };
	struct buf sealed = { 0 };

	*put = (struct store_outbox_put){ .remember_s = REMEMBER_S };
	seal_mark(key, "notice", cause, put->mark);
	outbox_item_seal(key, &item, &sealed);
	put->payload = arena_dup(arena, buf_span(&sealed));
	buf_release(&sealed);
}

/* --- what a channel has counted ---------------------------------------------------------- */

static int64_t now_of(const struct notifier *notifier)
{
	return notifier->env.wall_ms != NULL ? notifier->env.wall_ms() : clock_wall_ms();
}

static void get_tally(struct notifier *notifier, void (*done)(void *ctx, const struct store_reply *reply))
{
	struct store_memo memo = { 0 };

	seal_mark(notifier->env.key, "notice tally", span_of(notifier->env.channels[notifier->channel].name), notifier->mark);
	memcpy(memo.mark, notifier->mark, sizeof(memo.mark));
	submit(notifier, &(struct store_request){ .op = STORE_MEMO_GET, .memo = &memo }, done);
}

/* False: the store is away, or the channel went with a reload. */
static bool got_tally(struct notifier *notifier, const struct store_reply *reply)
{
	if (reply->outcome != STORE_DONE || notifier->channel >= notifier->env.nchannels)
		return false;
	notifier->was = reply->verdict == STORE_OK ? arena_dup(&notifier->arena, reply->memo) : (struct span){ 0 };
	/* What another key sealed is begun anew. */
	if (!notice_tally_open(notifier->env.key, notifier->was, &notifier->tally))
		notifier->tally = (struct notice_tally){ 0 };
	return true;
}

static void put_tally(struct notifier *notifier, void (*done)(void *ctx, const struct store_reply *reply))
{
	struct store_memo memo = { .was = notifier->was, .keep_s = TALLY_KEEP_S };
	struct buf sealed = { 0 };

	notice_tally_seal(notifier->env.key, &notifier->tally, &sealed);
	memcpy(memo.mark, notifier->mark, sizeof(memo.mark));
	memo.sealed = notifier->was = arena_dup(&notifier->arena, buf_span(&sealed));
	buf_release(&sealed);
	submit(notifier, &(struct store_request){ .op = STORE_MEMO_PUT, .memo = &memo }, done);
}

/* --- counting a batch ---------------------------------------------------------------------- */

/* The notice that the event gives the channel now, if any. */
static bool gives(const struct notifier *notifier, const struct notice_channel *channel, size_t event, struct notice *notice)
{
	return notice_of_event(notifier->events[event].json, notice) && now_of(notifier) - notice->at_ms <= NOTIFIER_LATE_MS &&
	       notice_for(channel, notice);
}

static bool concerns(const struct notifier *notifier, const struct notice_channel *channel)
{
	struct notice notice;

	for (size_t i = 0; i < notifier->nevents; i++)
		if (gives(notifier, channel, i, &notice))
			return true;
	return false;
}

static void counted(void *ctx, const struct store_reply *reply)
{
	struct notifier *notifier = ctx;

	if (!still_wanted(notifier))
		return;
	if (reply->outcome != STORE_DONE) {
		leave_shard(notifier);
		return;
	}
	if (reply->verdict == STORE_OK || reply->verdict == STORE_ALREADY)
		notifier->channel++;
	count_on(notifier);   /* with STORE_CONFLICT the same channel again */
}

static void count(void *ctx, const struct store_reply *reply)
{
	struct notifier *notifier = ctx;
	bool more = false;

	if (!still_wanted(notifier))
		return;
	if (!got_tally(notifier, reply)) {
		leave_shard(notifier);
		return;
	}
	for (size_t i = 0; i < notifier->nevents; i++) {
		struct notice notice;

		if (gives(notifier, &notifier->env.channels[notifier->channel], i, &notice))
			more |= notice_tally_add(&notifier->tally, notifier->env.shards[notifier->shard], notifier->events[i].number,
						 &notice);
	}
	notifier->waiting[notifier->channel] = true;
	if (more) {
		put_tally(notifier, counted);
		return;
	}
	notifier->channel++;
	count_on(notifier);
}

/* Counts for the next channel that the batch concerns; behind the last one it is noted how far that was. */
static void count_on(struct notifier *notifier)
{
	while (notifier->channel < notifier->env.nchannels && !concerns(notifier, &notifier->env.channels[notifier->channel]))
		notifier->channel++;
	if (notifier->channel < notifier->env.nchannels)
		get_tally(notifier, count);
	else
		submit(notifier,
		       &(struct store_request){ .op = STORE_JOB_NOTE, .fence = notifier->held[notifier->shard].fence,
						.from = notifier->events[notifier->nevents - 1].number },
		       noted);
}

/* --- telling ---------------------------------------------------------------------------------- */

static void tell_next(struct notifier *notifier)
{
	notifier->channel++;
	tell_on(notifier);
}

static void told(void *ctx, const struct store_reply *reply)
{
	struct notifier *notifier = ctx;

	(void)reply;   /* where it was not written the same is put again, and is there already */
	if (still_wanted(notifier))
		tell_on(notifier);
}

static void put_done(void *ctx, const struct store_reply *reply)
{
	struct notifier *notifier = ctx;

	if (!still_wanted(notifier))
		return;
	if (reply->outcome != STORE_DONE) {
		tell_next(notifier);
		return;
	}
	notifier->put += reply->verdict == STORE_OK;
	if (reply->verdict == STORE_OK && notifier->env.written != NULL)
		notifier->env.written(notifier->env.ctx, span_from(notifier->tally.outgoing.region, 2));
	notifier->tally.outgoing = (struct notice){ 0 };
	put_tally(notifier, told);
}

static void put_outgoing(struct notifier *notifier)
{
	const struct notice_channel *channel = &notifier->env.channels[notifier->channel];
	const struct notice_tally *tally = &notifier->tally;
	struct store_outbox_put put;
	struct store_request request = { .op = STORE_OUTBOX_PUT, .outbox_put = &put };
	const char *cause = arena_printf(&notifier->arena, "%s %llu %lld", channel->name, (unsigned long long)tally->number,
					 (long long)tally->frozen_ms);

	notifier_intent(notifier->env.key, channel, &tally->outgoing, span_of(cause), &notifier->arena, &put);
	memcpy(request.shard, tally->outgoing.region, 2);
	request.job = JOB;
	store_submit(notifier->env.store, &request, (struct store_wait){ .done = put_done, .ctx = notifier });
}

static void frozen(void *ctx, const struct store_reply *reply)
{
	struct notifier *notifier = ctx;

	if (!still_wanted(notifier))
		return;
	if (reply->outcome != STORE_DONE)
		tell_next(notifier);
	else if (reply->verdict == STORE_CONFLICT || notifier->channel >= notifier->env.nchannels)
		tell_on(notifier);
	else
		put_outgoing(notifier);
}

static void tell(void *ctx, const struct store_reply *reply)
{
	struct notifier *notifier = ctx;
	int64_t pause_ms;

	if (!still_wanted(notifier))
		return;
	if (!got_tally(notifier, reply)) {
		tell_next(notifier);
		return;
	}
	pause_ms = INT64_C(1000) * notifier->env.channels[notifier->channel].pause_s;
	if (notifier->tally.outgoing.region[0] != '\0') {
		put_outgoing(notifier);
	} else if (notice_tally_freeze(&notifier->tally, now_of(notifier), pause_ms)) {
		put_tally(notifier, frozen);
	} else {
		notifier->waiting[notifier->channel] = notifier->tally.pending.region[0] != '\0';
		notifier->not_before_ms[notifier->channel] = notifier->tally.frozen_ms + pause_ms;
		tell_next(notifier);
	}
}

static void tell_on(struct notifier *notifier)
{
	const struct notifier_env *env = &notifier->env;
	int64_t now_ms = now_of(notifier);
	size_t i = notifier->channel;

	while (i < env->nchannels && !(notifier->waiting[i] && (now_ms >= notifier->not_before_ms[i] ||
								 notifier->not_before_ms[i] - now_ms > 1000 * (int64_t)env->channels[i].pause_s)))
		i++;
	notifier->channel = i;
	notifier->working = i < env->nchannels && env->store->up;
	if (notifier->working)
		get_tally(notifier, tell);
}

static void read_done(void *ctx, const struct store_reply *reply)
{
	struct notifier *notifier = ctx;

	if (!still_wanted(notifier))
		return;
	if (reply->outcome != STORE_DONE || reply->nevents == 0) {
		next_shard(notifier);
		return;
	}
	notifier->events = arena_array(&notifier->arena, struct store_event, reply->nevents);
	notifier->nevents = reply->nevents;
	for (size_t i = 0; i < reply->nevents; i++)
		notifier->events[i] = (struct store_event){ .number = reply->events[i].number,
							    .json = arena_dup(&notifier->arena, reply->events[i].json) };
	count_on(notifier);
}

static void read_journal(struct notifier *notifier)
{
	submit(notifier,
	       &(struct store_request){ .op = STORE_JOURNAL, .from = notifier->held[notifier->shard].note + 1, .max = BATCH },
	       read_done);
}

/* --- rounds ------------------------------------------------------------------------------ */

static void all_waiting(struct notifier *notifier)
{
	memset(notifier->waiting, true, sizeof(notifier->waiting));
	memset(notifier->not_before_ms, 0, sizeof(notifier->not_before_ms));
}

static void leased(void *ctx, const struct store_reply *reply)
{
	struct notifier *notifier = ctx;

	if (!goes_on(notifier, reply))
		return;
	/* Who had it before may have counted without telling. */
	if (notifier->held[notifier->shard].fence != reply->fence)
		all_waiting(notifier);
	notifier->held[notifier->shard].fence = reply->fence;
	notifier->held[notifier->shard].note = reply->note;
	notifier->held[notifier->shard].renew_ms = loop_now_ms(notifier->env.loop) + JOB_LEASE_MS / 2;
	read_journal(notifier);
}

static void work_on_shard(struct notifier *notifier)
{
	forget_batch(notifier);
	if (notifier->held[notifier->shard].renew_ms > loop_now_ms(notifier->env.loop))
		read_journal(notifier);
	else
		submit(notifier,
		       &(struct store_request){ .op = STORE_JOB_LEASE, .holder = notifier->env.holder, .lease_ms = JOB_LEASE_MS },
		       leased);
}

static void next_shard(struct notifier *notifier)
{
	if (++notifier->shard < notifier->env.nshards && notifier->env.store->up) {
		work_on_shard(notifier);
		return;
	}
	notifier->shard = 0;
	forget_batch(notifier);
	tell_on(notifier);
}

static void begin_round(void *ctx)
{
	struct notifier *notifier = ctx;

	if (notifier->working || !notifier->env.store->up || notifier->env.nshards == 0 || notifier->env.nchannels == 0)
		return;
	notifier->working = true;
	notifier->shard = 0;
	work_on_shard(notifier);
}

struct notifier *notifier_new(const struct notifier_env *env)
{
	struct notifier *notifier = memory_zeroes(1, sizeof(*notifier));

	assert(env->holder.len > 0 && env->nshards <= SHARDS_MAX && env->nchannels <= NOTICE_CHANNELS_MAX);
	notifier->env = *env;
	all_waiting(notifier);
	notifier->timer = loop_every(env->loop, env->period_ms > 0 ? env->period_ms : PERIOD_MS, begin_round, notifier);
	return notifier;
}

void notifier_free(struct notifier *notifier)
{
	if (notifier == NULL)
		return;
	loop_timer_cancel(notifier->timer);
	notifier->closing = true;
	if (!notifier->working)
		still_wanted(notifier);
}

void notifier_set_channels(struct notifier *notifier, const struct notice_channel *channels, size_t n)
{
	notifier->env.channels = channels;
	notifier->env.nchannels = n;
	all_waiting(notifier);
}

uint64_t notifier_put(const struct notifier *notifier)
{
	return notifier->put;
}

const struct notice_channel *notifier_channel(const struct notifier *notifier, size_t i)
{
	return notifier != NULL && i < notifier->env.nchannels ? &notifier->env.channels[i] : NULL;
}
