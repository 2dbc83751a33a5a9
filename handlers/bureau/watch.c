/*
 * What changes in the queues; see watch.h.
 *
 *   next      the next shard that somebody waits for
 *   ask       the number of its last event                 waits
 *   asked     it moved: the figures of its queues          waits
 *   counted   they are held against those of before
 *
 * What fails is looked at again next time.
 */
#include "handlers/bureau/watch.h"

#include "daemon/loop/loop.h"
#include "daemon/store/wait.h"
#include "daemon/sys/random.h"

#include <assert.h>
#include <stdlib.h>

#define SHARD_NAMES 100
#define NO_BATCHES UINT64_C(999999999999999)   /* LOG_READ from here on: only what is told beside */

enum look_step {
	STEP_NEXT,
	STEP_ASK,
	STEP_ASKED,
	STEP_COUNTED,
};

struct watched {
	struct store_queue figures;
	uint64_t changed;               /* number of its last change; 0: none */
};

struct watched_shard {
	bool known;
	uint64_t rev;                   /* of the last event, when the figures were read or later */
	struct watched *queues;
	size_t nqueues;
};

struct waiter {
	struct flow_ref flow;
	bool shards[SHARD_NAMES];
};

struct watch {
	struct loop *loop;
	struct store *store;
	uint64_t life, number, looks;
	struct watched_shard shards[SHARD_NAMES];
	struct waiter *waiters;
	size_t nwaiters, room;
	uint64_t looked_ms;             /* when the last look began; 0: never */
	struct loop_timer *timer;       /* the next look; NULL: none is wanted, or one is under way */
	struct flow_ref look;
	bool looking;
};

struct look_flow {
	struct watch *watch;
	size_t nwaiters;                /* those who waited when it began; others may have come since */
	size_t shard;
	struct store_reply last, queues;
};

static size_t shard_index(const char *digits)
{
	return (size_t)(digits[0] - '0') * 10 + (size_t)(digits[1] - '0');
}

/* --- figures ---------------------------------------------------------------------------- */

static bool same_figures(const struct store_queue *a, const struct store_queue *b)
{
	return a->waiting == b->waiting && a->held == b->held && a->oldest_ms == b->oldest_ms && a->best_points == b->best_points &&
	       a->escalated == b->escalated;
}

static struct watched *watched_find(struct watched_shard *shard, const char region[7])
{
	for (size_t i = 0; i < shard->nqueues; i++)
		if (strcmp(shard->queues[i].figures.region, region) == 0)
			return &shard->queues[i];
	return NULL;
}

static struct watched *watched_add(struct watched_shard *shard)
{
	shard->queues = realloc(shard->queues, (shard->nqueues + 1) * sizeof(*shard->queues));
	assert(shard->queues != NULL);
	shard->queues[shard->nqueues] = (struct watched){ .changed = 0 };
	return &shard->queues[shard->nqueues++];
}

/* A region that is new is a change, but at the first look at its shard. */
static void take_figures(struct watch *watch, struct watched_shard *shard, const struct store_reply *reply)
{
	for (size_t i = 0; i < reply->nqueues; i++) {
		const struct store_queue *now = &reply->queues[i];
		struct watched *before = watched_find(shard, now->region);

		if (before != NULL && same_figures(&before->figures, now))
			continue;
		if (before == NULL)
			before = watched_add(shard);
		before->figures = *now;
		before->changed = shard->known ? ++watch->number : 0;
	}
	shard->known = true;
}

/* --- a look ------------------------------------------------------------------------------ */

static bool is_wanted(const struct look_flow *l, size_t shard)
{
	for (size_t i = 0; i < l->nwaiters; i++)
		if (l->watch->waiters[i].shards[shard])
			return true;
	return false;
}

static enum flow_next step_next(struct flow *flow)
{
	struct look_flow *l = flow_state(flow);

	while (l->shard < SHARD_NAMES && !is_wanted(l, l->shard))
		l->shard++;
	return l->shard == SHARD_NAMES ? FLOW_DONE : FLOW_NEXT;
}

static void name_shard(const struct look_flow *l, char shard[3])
{
	shard[0] = (char)('0' + l->shard / 10);
	shard[1] = (char)('0' + l->shard % 10);
	shard[2] = '\0';
}

static enum flow_next step_ask(struct flow *flow)
{
	struct look_flow *l = flow_state(flow);
	struct store_request request = { .op = STORE_LOG_READ, .from = NO_BATCHES, .max = 1 };

	name_shard(l, request.shard);
	return store_wait_flow(flow, l->watch->store, &request, &l->last);
}

static enum flow_next step_asked(struct flow *flow)
{
	struct look_flow *l = flow_state(flow);
	const struct watched_shard *shard = &l->watch->shards[l->shard];
	struct store_request request = { .op = STORE_QUEUES };

	if (l->last.outcome != STORE_DONE)
		return FLOW_FAIL;
	if (shard->known && shard->rev == l->last.rev) {
		l->shard++;
		flow_jump(flow, STEP_NEXT);
		return FLOW_NEXT;
	}
	name_shard(l, request.shard);
	return store_wait_flow(flow, l->watch->store, &request, &l->queues);
}

static enum flow_next step_counted(struct flow *flow)
{
	struct look_flow *l = flow_state(flow);
	struct watched_shard *shard = &l->watch->shards[l->shard];

	if (l->queues.outcome != STORE_DONE)
		return FLOW_FAIL;
	shard->rev = l->last.rev;
	take_figures(l->watch, shard, &l->queues);
	l->shard++;
	flow_jump(flow, STEP_NEXT);
	return FLOW_NEXT;
}

static void plan(struct watch *watch);

/* Those who waited from before go on, and wait anew if they must. */
static void end(struct flow *flow, bool well)
{
	struct look_flow *l = flow_state(flow);
	struct watch *watch = l->watch;

	(void)well;
	watch->looking = false;
	for (size_t i = 0; i < l->nwaiters; i++)
		flow_resume(watch->loop, watch->waiters[i].flow);
	watch->nwaiters -= l->nwaiters;
	memmove(watch->waiters, watch->waiters + l->nwaiters, watch->nwaiters * sizeof(*watch->waiters));
	plan(watch);
}

static const struct flow_step look_steps[] = {
	[STEP_NEXT] = { .name = "next", .run = step_next },
	[STEP_ASK] = { .name = "ask", .run = step_ask },
	[STEP_ASKED] = { .name = "asked", .run = step_asked },
	[STEP_COUNTED] = { .name = "counted", .run = step_counted },
};

static const struct flow_kind look_kind = {
	.name = "look",
	.steps = look_steps,
	.nsteps = sizeof(look_steps) / sizeof(look_steps[0]),
	.state_bytes = sizeof(struct look_flow),
	.timeout_ms = 15000,
	.end = end,
};

static void look(void *ctx)
{
	struct watch *watch = ctx;
	struct flow *flow;
	struct look_flow *l;

	watch->timer = NULL;
	watch->looking = true;
	watch->looked_ms = loop_now_ms(watch->loop);
	watch->looks++;
	flow = flow_start(watch->loop, &look_kind, NULL, NULL);
	watch->look = flow_ref(flow);
	l = flow_state(flow);
	l->watch = watch;
	l->nwaiters = watch->nwaiters;
}

static void plan(struct watch *watch)
{
	uint64_t past_ms = loop_now_ms(watch->loop) - watch->looked_ms;
	unsigned delay_ms = watch->looks == 0 || past_ms >= WATCH_PERIOD_MS ? 0 : (unsigned)(WATCH_PERIOD_MS - past_ms);

	if (watch->nwaiters > 0 && watch->timer == NULL && !watch->looking)
		watch->timer = loop_after(watch->loop, delay_ms, look, watch);
}

/* --- from outside --------------------------------------------------------------------------- */

struct watch *watch_new(struct loop *loop, struct store *store)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	assert(watch != NULL);
	watch->loop = loop;
	watch->store = store;
	watch->life = random_u64();
	return watch;
}

void watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	watch->nwaiters = 0;
	if (watch->looking) {
		((struct look_flow *)flow_state(flow_resolve(watch->loop, watch->look)))->nwaiters = 0;
		flow_abort(watch->loop, watch->look);
	}
	if (watch->timer != NULL)
		loop_timer_cancel(watch->timer);
	for (size_t i = 0; i < SHARD_NAMES; i++)
		free(watch->shards[i].queues);
	free(watch->waiters);
	free(watch);
}

uint64_t watch_life(const struct watch *watch)
{
	return watch->life;
}

uint64_t watch_number(const struct watch *watch)
{
	return watch->number;
}

uint64_t watch_looks(const struct watch *watch)
{
	return watch->looks;
}

bool watch_knows(const struct watch *watch, const struct shard_list *shards)
{
	for (size_t i = 0; i < shards->n; i++)
		if (!watch->shards[shard_index(shards->at[i])].known)
			return false;
	return true;
}

bool watch_wait(struct watch *watch, const struct shard_list *shards, struct flow_ref flow)
{
	struct waiter *waiter;

	if (watch->nwaiters == WATCHERS_MAX)
		return false;
	if (watch->nwaiters == watch->room) {
		watch->room = watch->room > 0 ? 2 * watch->room : 16;
		watch->waiters = realloc(watch->waiters, watch->room * sizeof(*watch->waiters));
		assert(watch->waiters != NULL);
	}
	waiter = &watch->waiters[watch->nwaiters++];
	*waiter = (struct waiter){ .flow = flow };
	for (size_t i = 0; i < shards->n; i++)
		waiter->shards[shard_index(shards->at[i])] = true;
	plan(watch);
	return true;
}

static size_t tell_of(const struct watch *watch, struct span region, bool all, uint64_t after,
		      void (*tell)(void *ctx, const char region[7]), void *ctx)
{
	size_t told = 0;

	for (size_t s = 0; s < SHARD_NAMES; s++)
		for (size_t i = 0; i < watch->shards[s].nqueues; i++) {
			const struct watched *queue = &watch->shards[s].queues[i];

			if ((!all && queue->changed <= after) || !region_within(span_of(queue->figures.region), region))
				continue;
			tell(ctx, queue->figures.region);
			told++;
		}
	return told;
}

size_t watch_changed(const struct watch *watch, struct span region, uint64_t after,
		     void (*tell)(void *ctx, const char region[7]), void *ctx)
{
	return tell_of(watch, region, false, after, tell, ctx);
}

size_t watch_all(const struct watch *watch, struct span region, void (*tell)(void *ctx, const char region[7]), void *ctx)
{
	return tell_of(watch, region, true, 0, tell, ctx);
}
