/*
 * Notices from the journals; see notifier.h. One shard after the other: take or
 * renew the lease, read what is new, put, note.
 */
#include "handlers/notify/notifier.h"

#include "daemon/base/memory.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "handlers/notify/outbox_item.h"

#include <assert.h>
#include <stdlib.h>

#define JOB "notices"
#define JOB_LEASE_MS 60000
#define PERIOD_MS 1000
#define BATCH 256
#define SHARDS_MAX 64
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
	size_t nevents, event;     /* those that were read, the one that is looked at */
	size_t channel;            /* the next one that may hear of it */
};

static void next_shard(struct notifier *notifier);
static void go_on(struct notifier *notifier);

static void forget_batch(struct notifier *notifier)
{
	arena_release(&notifier->arena);
	notifier->arena = (struct arena){ 0 };
	notifier->nevents = notifier->event = notifier->channel = 0;
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

/* --- a batch --------------------------------------------------------------------------- */

static void noted(void *ctx, const struct store_reply *reply)
{
	struct notifier *notifier = ctx;

	if (!still_wanted(notifier))
		return;
	if (reply->outcome != STORE_DONE || reply->verdict != STORE_OK) {
		leave_shard(notifier);
		return;
	}
	notifier->held[notifier->shard].note = notifier->events[notifier->nevents - 1].number;
	next_shard(notifier);
}

static void put_done(void *ctx, const struct store_reply *reply)
{
	struct notifier *notifier = ctx;

	if (!still_wanted(notifier))
		return;
	if (reply->outcome != STORE_DONE) {
		leave_shard(notifier);
		return;
	}
	notifier->put += reply->verdict == STORE_OK;
	if (reply->verdict == STORE_OK && notifier->env.written != NULL)
		notifier->env.written(notifier->env.ctx, span_of(notifier->env.shards[notifier->shard]));
	go_on(notifier);
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

static void put(struct notifier *notifier, const struct notice_channel *channel, const struct notice *notice)
{
	const struct notifier_env *env = &notifier->env;
	struct store_outbox_put put;
	struct store_request request = { .op = STORE_OUTBOX_PUT, .outbox_put = &put };
	const char *cause = arena_printf(&notifier->arena, "%s %llu %s", env->shards[notifier->shard],
					 (unsigned long long)notifier->events[notifier->event].number, channel->name);

	notifier_intent(env->key, channel, notice, span_of(cause), &notifier->arena, &put);
	submit(notifier, &request, put_done);
}

/* Puts the next notice of the batch; behind the last one it is noted how far that was. */
static void go_on(struct notifier *notifier)
{
	const struct notifier_env *env = &notifier->env;
	int64_t now_ms = env->wall_ms != NULL ? env->wall_ms() : clock_wall_ms();

	for (; notifier->event < notifier->nevents; notifier->event++, notifier->channel = 0) {
		struct notice notice;

		if (!notice_of_event(notifier->events[notifier->event].json, &notice) || now_ms - notice.at_ms > NOTIFIER_LATE_MS)
			continue;
		while (notifier->channel < env->nchannels) {
			const struct notice_channel *channel = &env->channels[notifier->channel++];

			if (notice_for(channel, &notice)) {
				put(notifier, channel, &notice);
				return;
			}
		}
	}
	submit(notifier,
	       &(struct store_request){ .op = STORE_JOB_NOTE, .fence = notifier->held[notifier->shard].fence,
					.from = notifier->events[notifier->nevents - 1].number },
	       noted);
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
	go_on(notifier);
}

static void read_journal(struct notifier *notifier)
{
	submit(notifier,
	       &(struct store_request){ .op = STORE_JOURNAL, .from = notifier->held[notifier->shard].note + 1, .max = BATCH },
	       read_done);
}

/* --- rounds ------------------------------------------------------------------------------ */

static void leased(void *ctx, const struct store_reply *reply)
{
	struct notifier *notifier = ctx;

	if (!still_wanted(notifier))
		return;
	if (reply->outcome != STORE_DONE || reply->verdict != STORE_OK) {
		leave_shard(notifier);
		return;
	}
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
	notifier->working = ++notifier->shard < notifier->env.nshards && notifier->env.store->up;
	if (notifier->working)
		work_on_shard(notifier);
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

	assert(env->holder.len > 0 && env->nshards <= SHARDS_MAX);
	notifier->env = *env;
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
}

uint64_t notifier_put(const struct notifier *notifier)
{
	return notifier->put;
}

const struct notice_channel *notifier_channel(const struct notifier *notifier, size_t i)
{
	return notifier != NULL && i < notifier->env.nchannels ? &notifier->env.channels[i] : NULL;
}
