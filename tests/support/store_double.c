/*
 * A store that can fail; see store_double.h.
 */
#include "tests/support/store_double.h"

#include "daemon/loop/loop.h"
#include "daemon/store/replies.h"

#include <assert.h>
#include <stdlib.h>

struct held_answer {
	struct store_double *store;
	struct store_wait wait;
	enum store_trouble trouble;
	enum store_op op;
	struct arena arena;
	struct store_reply reply;
	struct held_answer *next;
};

static struct held_answer *waiting_new(struct store_double *store, struct store_wait wait, enum store_trouble trouble)
{
	struct held_answer *held = calloc(1, sizeof(*held));

	assert(held != NULL);
	*held = (struct held_answer){ .store = store, .wait = wait, .trouble = trouble };
	return held;
}

static void give(struct held_answer *held)
{
	held->wait.done(held->wait.ctx, &held->reply);
	arena_release(&held->arena);
	free(held);
}

static void hold(struct held_answer *held)
{
	struct held_answer **last = &held->store->held;

	while (*last != NULL)
		last = &(*last)->next;
	*last = held;
}

static void answered(void *ctx, const struct store_reply *reply)
{
	struct held_answer *held = ctx;

	if (held->trouble == TROUBLE_HELD) {
		reply_copy(reply, &held->arena, &held->reply);
		hold(held);
		return;
	}
	if (held->trouble == TROUBLE_MUTE)
		held->reply.outcome = STORE_UNKNOWN;
	else
		reply_copy(reply, &held->arena, &held->reply);
	if (held->op == STORE_HEALTH && held->store->durable)
		held->reply.health.durable = true;
	give(held);
}

static void refuse(void *ctx)
{
	give(ctx);
}

static enum store_trouble trouble_for(struct store_double *store, const struct store_request *request)
{
	if (store->trouble == TROUBLE_NONE || (store->trouble_of != STORE_OPS && store->trouble_of != request->op))
		return TROUBLE_NONE;
	if (store->trouble_shard != NULL && strcmp(store->trouble_shard, request->shard) != 0)
		return TROUBLE_NONE;
	if (store->trouble_after > 0) {
		store->trouble_after--;
		return TROUBLE_NONE;
	}
	store->troubled++;
	return store->trouble;
}

static bool holds_poison(const struct store_double *store, const struct store_request *request)
{
	for (size_t i = 0; i < request->ntips; i++)
		if (store->poison.text[0] != '\0' && strcmp(request->tips[i].id.text, store->poison.text) == 0)
			return true;
	return false;
}

static void keep_trail(struct store_double *store, const struct store_request *request)
{
	for (size_t i = 0; i < request->nmessages; i++) {
		buf_add_span(&store->trail, request->messages[i]);
		buf_add_text(&store->trail, "\n");
	}
	store->ntrail += request->nmessages;
	if (request->nmessages > store->biggest_trail)
		store->biggest_trail = request->nmessages;
}

static void double_submit(struct store *base, const struct store_request *request, struct store_wait wait)
{
	struct store_double *store = (struct store_double *)base;
	struct held_answer *held = waiting_new(store, wait, TROUBLE_NONE);

	store->memory->up = base->up;
	held->op = request->op;
	if (base->up) {
		store->calls[request->op]++;
		held->trouble = trouble_for(store, request);
		if (request->op == STORE_ACCEPT) {
			store->tips += request->ntips;
			if (request->ntips > store->biggest)
				store->biggest = request->ntips;
		}
	}
	if (base->up && request->op == STORE_ACCEPT && holds_poison(store, request))
		held->trouble = TROUBLE_BROKEN;
	if (held->trouble == TROUBLE_LOST || held->trouble == TROUBLE_BROKEN) {
		held->reply.outcome = held->trouble == TROUBLE_LOST ? STORE_UNKNOWN : STORE_BROKEN;
		loop_post(store->loop, refuse, held);
		return;
	}
	if (base->up && request->op == STORE_AUDIT)
		keep_trail(store, request);
	store_submit(store->memory, request, (struct store_wait){ .done = answered, .ctx = held });
}

void store_double_release(struct store_double *store)
{
	while (store->held != NULL) {
		struct held_answer *held = store->held;

		store->held = held->next;
		give(held);
	}
}

void store_double_fail_held(struct store_double *store)
{
	for (struct held_answer *held = store->held; held != NULL; held = held->next)
		held->reply = (struct store_reply){ .outcome = STORE_UNKNOWN };
	store_double_release(store);
}

static void double_free(struct store *base)
{
	struct store_double *store = (struct store_double *)base;

	store_free(store->memory);
	store_double_release(store);
	buf_release(&store->trail);
	free(store);
}

static const struct store_ops double_ops = { .submit = double_submit, .free = double_free };

struct store_double *store_double_new(struct loop *loop)
{
	struct store_double *store = calloc(1, sizeof(*store));

	assert(store != NULL);
	store->base.ops = &double_ops;
	store->base.up = true;
	store->memory = store_memory_new(loop);
	store->loop = loop;
	store->trouble_of = STORE_OPS;
	return store;
}
