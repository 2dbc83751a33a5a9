/*
 * Making leaves again; see verify_leaves.h.
 */
#include "daemon/cli/verify_leaves.h"

#include "daemon/base/memory.h"
#include "daemon/cli/tipctl_archive.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

struct verify_leaves {
	struct verify *verify;
	char log[8];
	struct arena arena;              /* of a batch */
	struct leaves_event *events;
	uint64_t first;                  /* number of events[0] */
	size_t n, have;                  /* that there have to be; that were read */
	uint64_t here;                   /* the first of them that the store has */
	struct ctl_filed filed;
	struct ctl_segments segments;
	struct leaves made;
	size_t next;
};

struct verify_leaves *verify_leaves_new(struct verify *verify, const char *log)
{
	struct verify_leaves *leaves = memory_zeroes(1, sizeof(*leaves));

	leaves->verify = verify;
	snprintf(leaves->log, sizeof(leaves->log), "%s", log);
	leaves->filed = (struct ctl_filed){ .archive = verify->replay.archive, .journal = leaves->log, .segments = &leaves->segments };
	return leaves;
}

void verify_leaves_free(struct verify_leaves *leaves)
{
	arena_release(&leaves->arena);
	ctl_filed_release(&leaves->filed);
	ctl_segments_release(&leaves->segments);
	free(leaves);
}

static struct span field(const redisReply *fields, const char *name)
{
	for (size_t i = 0; fields->type == REDIS_REPLY_ARRAY && i + 1 < fields->elements; i += 2)
		if (strcmp(fields->element[i]->str, name) == 0)
			return span_from(fields->element[i + 1]->str, (size_t)fields->element[i + 1]->len);
	return (struct span){ 0 };
}

static void put_event(struct verify_leaves *leaves, uint64_t number, struct span json, struct span seed)
{
	if (number < leaves->first || number - leaves->first >= leaves->n || leaves->events[number - leaves->first].number != 0)
		return;
	leaves->events[number - leaves->first] = (struct leaves_event){ .number = number, .json = arena_dup(&leaves->arena, json),
									.seed = arena_dup(&leaves->arena, seed) };
	leaves->have++;
	leaves->here = number < leaves->here ? number : leaves->here;
}

static void take_events(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct verify_leaves *leaves = ctx;

	(void)at;
	(void)n;
	for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++) {
		const redisReply *entry = reply->element[i];

		if (entry->type == REDIS_REPLY_ARRAY && entry->elements == 2)
			put_event(leaves, strtoull(entry->element[0]->str, NULL, 10), field(entry->element[1], "e"),
				  field(entry->element[1], "s"));
	}
}

static bool take_filed(void *ctx, const struct archive_entry *entry)
{
	put_event(ctx, entry->number, archive_entry_field(entry, "e"), archive_entry_field(entry, "s"));
	return true;
}

static void take_segments(void *ctx, const redisReply *reply, const void *at, size_t n)
{
	struct verify_leaves *leaves = ctx;

	(void)at;
	(void)n;
	ctl_segments_release(&leaves->segments);
	ctl_segments_read(reply, &leaves->segments);
}

/* "{15}:journal" */
static struct span key_of(const struct verify_leaves *leaves, struct arena *arena, const char *name)
{
	return span_of(arena_printf(arena, "{%s}:%s", leaves->log, name));
}

static bool read_store(struct verify_leaves *leaves, uint64_t to)
{
	struct pipe *store = leaves->verify->store;
	struct pipe_words words = pipe_words(store);

	pipe_word(&words, SPAN("XRANGE"));
	pipe_word(&words, key_of(leaves, words.arena, "journal"));
	pipe_number(&words, leaves->first);
	pipe_number(&words, to);
	pipe_send(store, &words, take_events, leaves, NULL, 0);
	return pipe_drain(store);
}

/* Which files there must be: asked once, when the first is needed. */
static bool read_segments(struct verify_leaves *leaves)
{
	struct pipe *store = leaves->verify->store;
	struct pipe_words words;

	if (leaves->segments.at != NULL)
		return true;
	words = pipe_words(store);
	pipe_word(&words, SPAN("LRANGE"));
	pipe_word(&words, key_of(leaves, words.arena, "archive"));
	pipe_word(&words, SPAN("0"));
	pipe_word(&words, SPAN("-1"));
	pipe_send(store, &words, take_segments, leaves, NULL, 0);
	return pipe_drain(store);
}

static bool read_events(struct verify_leaves *leaves, uint64_t to, struct complaint *why)
{
	struct archive_range filed = { .first = leaves->first };

	leaves->events = arena_array(&leaves->arena, struct leaves_event, leaves->n);
	leaves->have = 0;
	leaves->here = to + 1;
	if (!read_store(leaves, to))
		return complain(why, 0, "the store does not answer");
	filed.last = leaves->here - 1;
	if (leaves->here == leaves->first || strcmp(leaves->log, "money") == 0)
		filed.last = 0;
	if (filed.last > 0 && (!read_segments(leaves) || !ctl_filed_read(&leaves->filed, filed, take_filed, leaves, why)))
		return false;
	return leaves->have == leaves->n || complain(why, 0, "%s: events %llu to %llu are not all there", leaves->log,
						     (unsigned long long)leaves->first, (unsigned long long)to);
}

bool verify_leaves_begin(struct verify_leaves *leaves, uint64_t before, const struct tiles_batch *batch, struct complaint *why)
{
	const struct leaves_batch plan = { .log = span_of(leaves->log), .before = batch->before, .size = batch->size,
					   .at_ms = batch->at_ms };

	arena_release(&leaves->arena);
	leaves->next = 0;
	leaves->made.n = 0;
	if (batch->journal < before || batch->journal - before > LEAVES_EVENTS_MAX || batch->size < batch->before ||
	    batch->journal - before > batch->size - batch->before ||
	    batch->size - batch->before > LEAVES_EVENTS_MAX + LEAF_BATCH)
		return complain(why, 0, "%s: batch %llu is none", leaves->log, (unsigned long long)batch->number);
	leaves->first = before + 1;
	leaves->n = (size_t)(batch->journal - before);
	if (leaves->n > 0 && !read_events(leaves, batch->journal, why))
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
