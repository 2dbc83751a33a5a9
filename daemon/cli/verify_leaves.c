/*
 * Making leaves again; see verify_leaves.h.
 */
#include "daemon/cli/verify_leaves.h"

#include "daemon/base/memory.h"
#include "daemon/store/keys.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

struct verify_leaves {
	struct verify *verify;
	char log[8];
	struct arena arena;              /* of a batch */
	struct leaves_event *events;
	uint64_t first;                  /* number of events[0] */
	size_t n;
	struct leaves made;
	size_t next;
};

struct verify_leaves *verify_leaves_new(struct verify *verify, const char *log)
{
	struct verify_leaves *leaves = memory_zeroes(1, sizeof(*leaves));

	leaves->verify = verify;
	snprintf(leaves->log, sizeof(leaves->log), "%s", log);
	return leaves;
}

void verify_leaves_free(struct verify_leaves *leaves)
{
	arena_release(&leaves->arena);
	free(leaves);
}

static struct span field(const redisReply *fields, const char *name)
{
	for (size_t i = 0; fields->type == REDIS_REPLY_ARRAY && i + 1 < fields->elements; i += 2)
		if (strcmp(fields->element[i]->str, name) == 0)
			return span_from(fields->element[i + 1]->str, (size_t)fields->element[i + 1]->len);
	return (struct span){ 0 };
}

static void take_event(struct verify_leaves *leaves, const redisReply *entry)
{
	struct leaves_event *event = &leaves->events[leaves->n];

	if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 ||
	    strtoull(entry->element[0]->str, NULL, 10) != leaves->first + leaves->n)
		return;
	event->number = leaves->first + leaves->n++;
	event->json = arena_dup(&leaves->arena, field(entry->element[1], "e"));
	event->seed = arena_dup(&leaves->arena, field(entry->element[1], "s"));
}

static void take_events(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct verify_leaves *leaves = ctx;

	(void)at;
	for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements && i < n; i++)
		take_event(leaves, reply->element[i]);
}

/* "{15}:journal" */
static struct span journal_of(const struct verify_leaves *leaves, struct arena *arena)
{
	return span_of(arena_printf(arena, "{%s}:journal", leaves->log));
}

static bool read_events(struct verify_leaves *leaves, uint64_t from, uint64_t to)
{
	struct pipe *store = leaves->verify->store;
	struct pipe_words words = pipe_words(store);
	size_t n = (size_t)(to - from + 1);

	leaves->events = arena_array(&leaves->arena, struct leaves_event, n);
	leaves->first = from;
	leaves->n = 0;
	pipe_word(&words, SPAN("XRANGE"));
	pipe_word(&words, journal_of(leaves, words.arena));
	pipe_number(&words, from);
	pipe_number(&words, to);
	pipe_send(store, &words, take_events, leaves, NULL, n);
	return pipe_drain(store) && leaves->n == n;
}

bool verify_leaves_begin(struct verify_leaves *leaves, uint64_t before, const struct tiles_batch *batch)
{
	const struct leaves_batch plan = { .log = span_of(leaves->log), .before = batch->before, .size = batch->size,
					   .at_ms = batch->at_ms };

	arena_release(&leaves->arena);
	leaves->next = 0;
	leaves->n = 0;
	if (batch->journal < before || batch->journal - before > LEAVES_EVENTS_MAX ||
	    batch->journal - before > batch->size - batch->before)
		return false;
	if (batch->journal > before && !read_events(leaves, before + 1, batch->journal))
		return false;
	leaves_make(leaves->verify->keys, &plan, leaves->events, leaves->n, &leaves->arena, &leaves->made);
	return true;
}

bool verify_leaves_take(struct verify_leaves *leaves, struct span bytes)
{
	size_t i = leaves->next++;

	return i < leaves->made.n && span_eq(span_from(leaves->made.at[i].bytes, LEAF_BYTES), bytes);
}

const struct leaves *verify_leaves_all(const struct verify_leaves *leaves)
{
	return &leaves->made;
}
