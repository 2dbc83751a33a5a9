/*
 * The drain; see drain.h.
 *
 * A batch is dropped from the spool only when the store has all of it. A tip
 * whose request is known to the store under another id (a redelivery that came
 * during the outage) goes in once more without the request's mark: its receipt
 * was given away and must work; that the words came twice is for the linker.
 * Words by SMS that stand in a tip already, because the store had added them
 * when it went away, are dropped: nobody was told of a tip of their own.
 *
 * A tip that the store refuses while it takes the one behind it is set aside,
 * with its bytes, for a person to look at: it must not hold up all others.
 */
#include "daemon/jobs/drain.h"

#include "daemon/sys/log.h"

#include <assert.h>
#include <stdlib.h>

#define LOOK_EVERY_MS 100
#define BATCH 128
#define STUCK_LOOKS 30   /* three seconds of refusals before one tip is suspected */

struct drain {
	struct loop *loop;
	struct store *store;
	struct spool *spool;
	struct loop_timer *timer;
	struct store_tip tips[BATCH];
	size_t first;        /* of them that is asked about: above 0 while the oldest is suspected */
	size_t probe;        /* which one behind the suspected one was asked about last */
	size_t n;            /* how many from there */
	size_t limit;        /* at most so many at once: falls to one when the store refuses */
	unsigned stuck;      /* refusals of the oldest alone, in a row */
	bool asking;
	bool closing;
};

static void send_batch(void *ctx);

/* An answer there is none of: the request was not a tip, its words went into one. */
static bool was_added(const struct store_tip *tip, const struct store_accepted *accepted)
{
	return accepted->answer.len == 0 && memcmp(accepted->digest, tip->request_digest, sizeof(accepted->digest)) == 0;
}

static bool unmark_repeated(struct drain *drain, const struct store_reply *reply)
{
	bool any = false;

	for (size_t i = 0; i < drain->n; i++) {
		struct store_tip *tip = &drain->tips[drain->first + i];

		if (reply->accepted[i].verdict != STORE_REPEATED || was_added(tip, &reply->accepted[i]))
			continue;
		memset(tip->request_mark, 0, sizeof(tip->request_mark));
		tip->answer = (struct span){ 0 };
		any = true;
	}
	return any;
}

/* An id that is another tip's: 2^-50 a tip, and still nothing acknowledged is thrown away. */
static bool keep_collided(const struct drain *drain, const struct store_reply *reply)
{
	for (size_t i = 0; i < drain->n; i++) {
		const struct store_tip *tip = &drain->tips[drain->first + i];

		if (reply->accepted[i].verdict != STORE_COLLISION)
			continue;
		log_event(LOG_LEVEL_ERROR, "drain.id_taken", "id", tip->id.text, NULL);
		if (!spool_set_aside(drain->spool, tip))
			return false;
	}
	return true;
}

static void submit(struct drain *drain);

static void refused(struct drain *drain, enum store_outcome outcome)
{
	log_rarely(LOG_LEVEL_WARNING, "drain.waiting", "the store did not take a batch of the spool");
	if (outcome != STORE_BROKEN)
		return;
	if (drain->first == 0)
		drain->stuck = drain->n == 1 ? drain->stuck + 1 : 0;
	drain->limit = 1;
	drain->first = 0;
	drain->n = 0;
}

/* The store took the tip behind the suspected one: so it is that one's fault. */
static void set_suspect_aside(struct drain *drain)
{
	log_event(LOG_LEVEL_ERROR, "drain.set_aside", "id", drain->tips[0].id.text, NULL);
	if (spool_set_aside(drain->spool, &drain->tips[0]))
		spool_drop(drain->spool, 1);
	drain->first = 0;
	drain->probe = 0;
	/* The next one is tried by itself before it is suspected in its turn. */
	drain->stuck = STUCK_LOOKS - 1;
}

static void moved(struct drain *drain)
{
	spool_drop(drain->spool, drain->n);
	drain->stuck = 0;
	drain->probe = 0;
	drain->limit = drain->limit * 2 < BATCH ? drain->limit * 2 : BATCH;
	log_event(LOG_LEVEL_NOTICE, "drain.moved", "tips", log_u64(drain->n), "left",
		  log_u64(spool_figures(drain->spool)->depth), NULL);
	send_batch(drain);
}

static void taken(void *ctx, const struct store_reply *reply)
{
	struct drain *drain = ctx;

	drain->asking = false;
	if (drain->closing) {
		free(drain);
		return;
	}
	if (reply->outcome != STORE_DONE)
		refused(drain, reply->outcome);
	else if (unmark_repeated(drain, reply))
		submit(drain);
	else if (drain->first > 0)
		set_suspect_aside(drain);
	else if (keep_collided(drain, reply))
		moved(drain);
}

static void submit(struct drain *drain)
{
	drain->asking = true;
	store_submit(drain->store,
		     &(struct store_request){
			     .op = STORE_ACCEPT, .tips = drain->tips + drain->first, .ntips = drain->n },
		     (struct store_wait){ .done = taken, .ctx = drain });
}

/* The next one behind the suspected one, in turn; 0 when nothing is behind it. */
static size_t next_probe(struct drain *drain)
{
	size_t there = spool_peek(drain->spool, drain->tips, BATCH);

	drain->probe = drain->probe + 1 < there ? drain->probe + 1 : 1;
	return there > 1 ? drain->probe : 0;
}

static void send_batch(void *ctx)
{
	struct drain *drain = ctx;

	spool_check(drain->spool);
	if (drain->asking || !store_takes(drain->store))
		return;
	drain->n = spool_peek(drain->spool, drain->tips, drain->limit);
	if (drain->n == 1 && drain->stuck >= STUCK_LOOKS)
		drain->first = next_probe(drain);
	if (drain->n > 0)
		submit(drain);
}

struct drain *drain_new(struct loop *loop, struct store *store, struct spool *spool)
{
	struct drain *drain = calloc(1, sizeof(*drain));

	assert(drain != NULL);
	drain->loop = loop;
	drain->store = store;
	drain->spool = spool;
	drain->limit = BATCH;
	drain->timer = loop_every(loop, LOOK_EVERY_MS, send_batch, drain);
	return drain;
}

void drain_free(struct drain *drain)
{
	if (drain == NULL)
		return;
	loop_timer_cancel(drain->timer);
	if (drain->asking)
		drain->closing = true;
	else
		free(drain);
}
