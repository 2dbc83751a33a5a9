/*
 * Expired leases; see leases.h. One shard after the other: take or renew the
 * job's lease, then expire with its number.
 */
#include "daemon/jobs/leases.h"

#include "daemon/sys/log.h"

#include <assert.h>
#include <stdlib.h>

#define JOB "timers"
#define JOB_LEASE_MS 60000   /* renewed at half of it: a renewal is a write */
#define SHARDS_MAX 64
#define MOVED_MAX 200

struct leases {
	struct leases_env env;
	struct loop_timer *timer;
	uint64_t expired;
	size_t shard;        /* being worked on */
	struct {
		uint64_t fence;
		uint64_t renew_ms;   /* 0: not held */
	} held[SHARDS_MAX];
	bool working;
	bool closing;
};

static void next_shard(struct leases *leases);

/* False when the job is going away; memory is freed then. */
static bool still_wanted(struct leases *leases)
{
	if (!leases->closing)
		return true;
	free(leases);
	return false;
}

static void submit(struct leases *leases, struct store_request *request,
		   void (*done)(void *ctx, const struct store_reply *reply))
{
	memcpy(request->shard, leases->env.shards[leases->shard], sizeof(request->shard));
	store_submit(leases->env.store, request, (struct store_wait){ .done = done, .ctx = leases });
}

static void expired(void *ctx, const struct store_reply *reply)
{
	struct leases *leases = ctx;

	if (!still_wanted(leases))
		return;
	if (reply->outcome != STORE_DONE || reply->verdict == STORE_FENCED)
		leases->held[leases->shard].renew_ms = 0;
	else if (reply->count > 0) {
		leases->expired += reply->count;
		log_event(LOG_LEVEL_NOTICE, "leases.expired", "shard", leases->env.shards[leases->shard], "tips",
			  log_u64(reply->count), NULL);
	}
	next_shard(leases);
}

static void expire(struct leases *leases)
{
	submit(leases,
	       &(struct store_request){ .op = STORE_EXPIRE,
					.job = JOB,
					.fence = leases->held[leases->shard].fence,
					.max = MOVED_MAX },
	       expired);
}

static void leased(void *ctx, const struct store_reply *reply)
{
	struct leases *leases = ctx;

	if (!still_wanted(leases))
		return;
	if (reply->outcome != STORE_DONE || reply->verdict != STORE_OK) {
		next_shard(leases);
		return;
	}
	leases->held[leases->shard].fence = reply->fence;
	leases->held[leases->shard].renew_ms = loop_now_ms(leases->env.loop) + JOB_LEASE_MS / 2;
	expire(leases);
}

static void work_on_shard(struct leases *leases)
{
	if (leases->held[leases->shard].renew_ms > loop_now_ms(leases->env.loop)) {
		expire(leases);
		return;
	}
	submit(leases,
	       &(struct store_request){
		       .op = STORE_JOB_LEASE, .job = JOB, .holder = leases->env.holder, .lease_ms = JOB_LEASE_MS },
	       leased);
}

static void next_shard(struct leases *leases)
{
	leases->working = ++leases->shard < leases->env.nshards && leases->env.store->up;
	if (leases->working)
		work_on_shard(leases);
}

static void begin_round(void *ctx)
{
	struct leases *leases = ctx;

	if (leases->working || !leases->env.store->up || leases->env.nshards == 0)
		return;
	leases->working = true;
	leases->shard = 0;
	work_on_shard(leases);
}

struct leases *leases_new(const struct leases_env *env)
{
	struct leases *leases = calloc(1, sizeof(*leases));

	assert(leases != NULL && env->holder.len > 0 && env->nshards <= SHARDS_MAX);
	leases->env = *env;
	leases->timer = loop_every(env->loop, env->period_ms, begin_round, leases);
	return leases;
}

void leases_free(struct leases *leases)
{
	if (leases == NULL)
		return;
	loop_timer_cancel(leases->timer);
	if (leases->working)
		leases->closing = true;
	else
		free(leases);
}

uint64_t leases_expired(const struct leases *leases)
{
	return leases->expired;
}
