/*
 * From the events of a journal to the leaves of a batch: read some hundred at a
 * time, made a few in each turn of the loop, filled up and put in their order
 * at the end. Memory holds the events of one answer, and the leaves.
 */
#include "daemon/jobs/sealer_inside.h"

#include <assert.h>

#define READ_AT_ONCE 512
#define MONEY_AT_ONCE 64      /* a record may be large */
#define MADE_AT_ONCE 128      /* events, in one turn of the loop */

static void make_some(void *ctx);

static uint64_t events_left(const struct sealer_work *work)
{
	return work->batch.journal + 1 - work->next;
}

/* --- reading ----------------------------------------------------------------------------------------- */

/* Copies the events that are wanted; false: one is missing. */
static bool take(struct sealer_work *work, const struct store_reply *reply)
{
	uint64_t left = events_left(work);
	size_t n = reply->nevents < left ? reply->nevents : (size_t)left;

	arena_clear(&work->arena);
	work->events = arena_array(&work->arena, struct leaves_event, n);
	work->nevents = n;
	work->used = 0;
	for (size_t i = 0; i < n; i++) {
		const struct store_event *event = &reply->events[i];

		if (event->number != work->next + i)
			return false;
		work->events[i] = (struct leaves_event){ .number = event->number,
							 .json = arena_dup(&work->arena, event->json),
							 .seed = arena_dup(&work->arena, event->seed) };
	}
	work->next += n;
	return n > 0;
}

static void read_some(void *ctx, const struct store_reply *reply)
{
	struct sealer *sealer = ctx;
	struct sealer_work *work = &sealer->work;

	if (!sealer_answered(sealer))
		return;
	if (reply->outcome != STORE_DONE) {
		sealer->figures.failed++;
		sealer_tree(sealer)->wanted = true;
		sealer_next(sealer);
		return;
	}
	if (!take(work, reply)) {
		sealer_stop_log(sealer, false, "event %llu of the journal is not in the store",
				(unsigned long long)work->next);
		return;
	}
	make_some(sealer);
}

static void read_on(struct sealer *sealer)
{
	const struct sealer_work *work = &sealer->work;
	bool money = sealer_tree(sealer)->money;
	unsigned most = money ? MONEY_AT_ONCE : READ_AT_ONCE;
	uint64_t left = events_left(work);

	sealer_submit(sealer, &(struct store_request){ .op = money ? STORE_MONEY_READ : STORE_JOURNAL, .from = work->next,
						       .max = left < most ? (unsigned)left : most },
		      read_some);
}

/* --- making ------------------------------------------------------------------------------------------- */

/* So many of the events that were read. */
static void make_part(struct sealer *sealer, const struct leaves_batch *batch, size_t n)
{
	struct sealer_work *work = &sealer->work;

	for (; n > 0; n--) {
		leaves_event(sealer->env.keys, batch, &work->events[work->used++], &work->scratch,
			     &work->leaves.at[work->n++]);
		arena_clear(&work->scratch);
	}
}

static void finish(struct sealer *sealer, const struct leaves_batch *batch)
{
	struct sealer_work *work = &sealer->work;

	leaves_finish(sealer->env.keys, batch, work->n, &work->leaves);
	arena_clear(&work->arena);
	work->events = NULL;
	work->nevents = work->used = 0;
	work->whole = true;
	work->made(sealer);
}

static void make_some(void *ctx)
{
	struct sealer *sealer = ctx;
	struct sealer_work *work = &sealer->work;
	const struct leaves_batch batch = { .log = span_of(sealer_tree(sealer)->name), .before = work->batch.before,
					    .size = work->batch.size, .at_ms = work->batch.at_ms };
	size_t n = work->nevents - work->used;

	if (sealer->resting) {
		sealer_next(sealer);
		return;
	}
	make_part(sealer, &batch, n < MADE_AT_ONCE ? n : MADE_AT_ONCE);
	if (work->used < work->nevents)
		sealer_turn(sealer, make_some);
	else if (events_left(work) > 0)
		read_on(sealer);
	else
		finish(sealer, &batch);
}

/* Whether these very leaves were the last to be made. */
static bool has_them(const struct sealer_work *work, const struct sealer_tree *tree, const struct store_batch *batch)
{
	return work->whole && memcmp(work->batch.root, batch->root, STORE_HASH_BYTES) == 0 &&
	       work->batch.number == batch->number && work->batch.before == tree->last.size &&
	       work->batch.size == batch->size && work->batch.journal == batch->journal && work->batch.at_ms == batch->at_ms;
}

void sealer_make(struct sealer *sealer, const struct store_batch *batch, void (*made)(struct sealer *sealer))
{
	struct sealer_work *work = &sealer->work;
	const struct sealer_tree *tree = sealer_tree(sealer);

	work->made = made;
	if (has_them(work, tree, batch)) {
		made(sealer);
		return;
	}
	sealer_work_release(work);
	work->made = made;
	work->batch = *batch;
	work->batch.note = (struct span){ .at = NULL };
	work->next = tree->last.journal + 1;
	work->leaves.n = (size_t)(batch->size - batch->before);
	work->leaves.at = arena_array(&work->held, struct leaves_leaf, work->leaves.n);
	if (events_left(work) > 0)
		read_on(sealer);
	else
		make_some(sealer);
}

void sealer_work_release(struct sealer_work *work)
{
	arena_release(&work->arena);
	arena_release(&work->scratch);
	arena_release(&work->held);
	*work = (struct sealer_work){ .n = 0 };
}
