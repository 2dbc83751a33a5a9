/*
 * The drain; see drain.h.
 *
 * A batch is dropped from the spool only when the store has all of it. A tip
 * whose request is known to the store under another id (a redelivery that came
 * during the outage) goes in once more without the request's mark: its receipt
 * was given away and must work; that the words came twice is for the linker.
 */
#include "daemon/jobs/drain.h"

#include "daemon/sys/log.h"

#include <assert.h>
#include <stdlib.h>

#define LOOK_EVERY_MS 100
#define BATCH 128

struct drain {
	struct loop *loop;
	struct store *store;
	struct spool *spool;
	struct loop_timer *timer;
	struct store_tip tips[BATCH];
	size_t n;
	bool asking;
	bool closing;
};

static void send_batch(void *ctx);

static bool unmark_repeated(struct drain *drain, const struct store_reply *reply)
{
	bool any = false;

	for (size_t i = 0; i < drain->n; i++) {
		if (reply->accepted[i].verdict != STORE_REPEATED)
			continue;
		memset(drain->tips[i].request_mark, 0, sizeof(drain->tips[i].request_mark));
		drain->tips[i].answer = (struct span){ 0 };
		any = true;
	}
	return any;
}

static void report_collisions(const struct drain *drain, const struct store_reply *reply)
{
	for (size_t i = 0; i < drain->n; i++)
		if (reply->accepted[i].verdict == STORE_COLLISION)
			log_event(LOG_LEVEL_ERROR, "drain.id_taken", "id", drain->tips[i].id.text, NULL);
}

static void submit(struct drain *drain);

static void taken(void *ctx, const struct store_reply *reply)
{
	struct drain *drain = ctx;

	drain->asking = false;
	if (drain->closing) {
		free(drain);
		return;
	}
	if (reply->outcome != STORE_DONE) {
		log_rarely(LOG_LEVEL_WARNING, "drain.waiting", "the store did not take a batch of the spool");
		return;
	}
	if (unmark_repeated(drain, reply)) {
		submit(drain);
		return;
	}
	report_collisions(drain, reply);
	spool_drop(drain->spool, drain->n);
	log_event(LOG_LEVEL_NOTICE, "drain.moved", "tips", log_u64(drain->n), "left",
		  log_u64(spool_figures(drain->spool)->depth), NULL);
	send_batch(drain);
}

static void submit(struct drain *drain)
{
	drain->asking = true;
	store_submit(drain->store,
		     &(struct store_request){ .op = STORE_ACCEPT, .tips = drain->tips, .ntips = drain->n },
		     (struct store_wait){ .done = taken, .ctx = drain });
}

static void send_batch(void *ctx)
{
	struct drain *drain = ctx;

	if (drain->asking || !drain->store->up)
		return;
	drain->n = spool_peek(drain->spool, drain->tips, BATCH);
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
