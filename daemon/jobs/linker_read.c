/*
 * The linker reads: events of all shards, the earliest first as far as it is
 * known, but what was judged before before what was not; a few milliseconds of
 * judging in each turn of the loop.
 *
 * Each shard has two batches: one is judged while the next is fetched. A shard
 * of which more is known to be there is waited for, so that after a start all
 * journals are gone through side by side.
 */
#include "daemon/jobs/linker_inside.h"

#include "daemon/core/journal/event.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"

#include <stdlib.h>

#define BATCH 512
#define TURN_NS 3000000
#define LOOK_AT_CLOCK 16 /* events between two looks at the clock */

/* --- batches ------------------------------------------------------------------------------------- */

static struct linker_batch *batch_now(struct linker_shard *shard)
{
	return &shard->batches[shard->turn];
}

static struct linker_batch *batch_then(struct linker_shard *shard)
{
	return &shard->batches[1 - shard->turn];
}

static bool is_used_up(const struct linker_batch *batch)
{
	return batch->next == batch->n;
}

static void batch_clear(struct linker_batch *batch)
{
	arena_release(&batch->arena);
	*batch = (struct linker_batch){ .n = 0 };
}

static void batch_fill(struct linker_batch *batch, const struct store_reply *reply)
{
	batch_clear(batch);
	batch->events = arena_array(&batch->arena, struct store_event, reply->nevents);
	batch->n = reply->nevents;
	for (size_t i = 0; i < reply->nevents; i++)
		batch->events[i] = (struct store_event){
			.number = reply->events[i].number,
			.json = arena_dup(&batch->arena, reply->events[i].json),
			.fingerprint = arena_dup(&batch->arena, reply->events[i].fingerprint),
			.example = arena_dup(&batch->arena, reply->events[i].example),
		};
}

static void see_head(struct linker_shard *shard)
{
	const struct linker_batch *batch = batch_now(shard);
	struct event_member at;
	uint64_t ms;

	if (is_used_up(batch))
		return;
	shard->head_new = batch->events[batch->next].number >= shard->judge_from;
	if (event_find(batch->events[batch->next].json, "at", &at) && span_u64(at.value, &ms) && ms <= INT64_MAX)
		shard->head_ms = (int64_t)ms;
}

/* The next batch takes the place of one that is used up. */
static void turn_over(struct linker_shard *shard)
{
	if (!is_used_up(batch_now(shard)) || is_used_up(batch_then(shard)))
		return;
	batch_clear(batch_now(shard));
	shard->turn = 1 - shard->turn;
	see_head(shard);
}

void linker_forget_batches(struct linker *linker)
{
	for (size_t i = 0; i < linker->env.nshards; i++) {
		struct linker_shard *shard = &linker->shards[i];

		batch_clear(&shard->batches[0]);
		batch_clear(&shard->batches[1]);
		shard->reading = false;
		shard->noting = false;
		shard->fetched = shard->judged;
	}
}

/* --- fetching -------------------------------------------------------------------------------------- */

static void fetched(void *ctx, const struct store_reply *reply)
{
	struct linker_call call;
	struct linker_shard *shard;

	if (!linker_answered(ctx, &call))
		return;
	shard = &call.linker->shards[call.shard];
	shard->reading = false;
	if (reply->outcome != STORE_DONE) {
		shard->changed = true;
		return;
	}
	if (reply->nevents == 0) {
		linker_turn_soon(call.linker);
		return;
	}
	/* A whole batch: there may be more. */
	shard->changed = shard->changed || reply->nevents == BATCH;
	shard->fetched = reply->events[reply->nevents - 1].number;
	batch_fill(batch_then(shard), reply);
	turn_over(shard);
	linker_turn_soon(call.linker);
}

static void fetch(struct linker *linker, size_t i)
{
	struct linker_shard *shard = &linker->shards[i];

	if (!shard->changed || shard->reading || !is_used_up(batch_then(shard)))
		return;
	shard->changed = false;
	shard->reading = true;
	linker_submit(linker, i, NULL,
		      &(struct store_request){ .op = STORE_JOURNAL, .from = shard->fetched + 1, .max = BATCH },
		      fetched);
}

void linker_look_everywhere(struct linker *linker)
{
	for (size_t i = 0; i < linker->env.nshards; i++)
		linker->shards[i].changed = true;
	linker_read_on(linker);
}

/* --- judging --------------------------------------------------------------------------------------- */

/* An officer's outcome teaches the model; the model knows by the number what it was taught before. */
static void teach(struct linker *linker, const struct linker_shard *shard, const struct store_event *event)
{
	struct event_member member;
	struct tip_id id;

	if (linker->env.model == NULL || !event_find(event->json, "e", &member) || !span_is(member.value, "closed") ||
	    !event_find(event->json, "id", &member) || !tip_id_parse(member.value, &id) ||
	    !event_find(event->json, "outcome", &member))
		return;
	model_teach(linker->env.model, span_of(shard->name), event->number, &id, member.value, event->example);
}

static void judge(struct linker *linker, size_t i)
{
	struct linker_shard *shard = &linker->shards[i];
	struct linker_batch *batch = batch_now(shard);
	const struct store_event *event = &batch->events[batch->next++];
	struct casebook_decisions decisions;
	struct complaint why;

	if (!casebook_event(linker->casebook, span_of(shard->name), event->json, event->fingerprint,
			    event->number >= shard->judge_from, &decisions, &why)) {
		linker->figures.unreadable++;
		log_rarely(LOG_LEVEL_WARNING, "linker.unreadable", why.text);
	}
	linker_decide(linker, i, event->number, &decisions);
	for (casebook_rest(linker->casebook, &decisions); decisions.n > 0;
	     casebook_rest(linker->casebook, &decisions))
		linker_decide(linker, i, event->number, &decisions);
	teach(linker, shard, event);
	shard->judged = event->number;
	linker->figures.read++;
	turn_over(shard);
	see_head(shard);
}

/* Whether it has nothing at hand and more is coming: its next event may be the earliest. */
static bool is_waited_for(const struct linker_shard *shard)
{
	return is_used_up(&shard->batches[shard->turn]) && (shard->reading || shard->changed);
}

/*
 * Whether the next event of `a` comes before that of `b`. What was judged before
 * is taken in first, be its time what it may (a clock was set, tips waited in a
 * spool): what is judged then is held against all of it.
 */
static bool comes_before(const struct linker_shard *a, const struct linker_shard *b)
{
	return a->head_new != b->head_new ? b->head_new : a->head_ms < b->head_ms;
}

/* The shard with the earliest event; nshards: there is none, or one has to be waited for. */
static size_t earliest(const struct linker *linker, bool *waiting)
{
	size_t best = linker->env.nshards;

	*waiting = false;
	for (size_t i = 0; i < linker->env.nshards; i++) {
		const struct linker_shard *shard = &linker->shards[i];

		*waiting = *waiting || is_waited_for(shard);
		if (is_used_up(&shard->batches[shard->turn]))
			continue;
		if (best == linker->env.nshards || comes_before(shard, &linker->shards[best]))
			best = i;
	}
	return *waiting ? linker->env.nshards : best;
}

static void grow_warm(struct linker *linker)
{
	if (linker->figures.warm)
		return;
	linker->figures.warm = true;
	linker->figures.warm_ms = loop_now_ms(linker->env.loop) - linker->began_ms + 1;
	log_event(LOG_LEVEL_NOTICE, "linker.warm", "events", log_u64(linker->figures.read), "ms",
		  log_u64(linker->figures.warm_ms), NULL);
}

static void take_turn(void *ctx)
{
	struct linker *linker = ctx;
	uint64_t end_ns = clock_steady_ns() + TURN_NS;
	bool waiting = false;

	linker->turning = NULL;
	for (unsigned n = 1; linker->open < LINKER_OPEN_MAX; n++) {
		size_t i = earliest(linker, &waiting);

		if (i == linker->env.nshards)
			break;
		judge(linker, i);
		fetch(linker, i);
		if (n % LOOK_AT_CLOCK == 0 && clock_steady_ns() >= end_ns) {
			linker_turn_soon(linker);
			break;
		}
	}
	linker_write_on(linker);
	if (earliest(linker, &waiting) == linker->env.nshards && !waiting)
		grow_warm(linker);
}

/* In the next turn of the loop: what else waits there comes in between. */
void linker_turn_soon(struct linker *linker)
{
	if (linker->turning == NULL && linker->stage == LINKER_LEADING)
		linker->turning = loop_after(linker->env.loop, 0, take_turn, linker);
}

void linker_read_on(struct linker *linker)
{
	bool waiting;

	for (size_t i = 0; i < linker->env.nshards; i++)
		fetch(linker, i);
	if (earliest(linker, &waiting) < linker->env.nshards)
		linker_turn_soon(linker);
}

void linker_turn_never(struct linker *linker)
{
	if (linker->turning != NULL)
		loop_timer_cancel(linker->turning);
	linker->turning = NULL;
}
