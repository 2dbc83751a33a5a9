/*
 * Files and tail of a journal as one; see archived.h.
 *
 * Where the store begins is learned from its answers: once it was seen to
 * begin with number n, what is below n is read from files without asking it.
 * A store that came up again may be another one, and is asked anew.
 */
#include "daemon/store/archived.h"

#include "daemon/base/memory.h"
#include "daemon/base/table.h"
#include "daemon/loop/loop.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define SHARDS_MAX 101
#define PLACES 8         /* journals of which a reader stays where it is */

struct place {
	char shard[3];
	struct archive_reader *reader;
	uint64_t used;           /* the larger, the later */
};

struct archived {
	struct loop *loop;
	const struct archive *archive;
	const struct store_ops *inner;
	struct {
		char shard[3];
		uint64_t first;  /* number of the first event that the store has */
	} begins[SHARDS_MAX];
	size_t nbegins;
	unsigned links;          /* of the store when that was learned */
	struct place places[PLACES];
	uint64_t uses;
	struct archived_call *posted;
	struct archived_figures figures;
};

/* A request for events, until its answer. */
struct archived_call {
	struct store *store;
	struct store_wait wait;
	char shard[3];
	uint64_t from;           /* the next one wanted */
	unsigned max;            /* still wanted */
	struct arena arena;
	struct store_reply reply;
	struct archived_call *next;
};

/* --- events and entries ---------------------------------------------------------------------- */

/* Names of fields as the functions write them (functions/00_lib.lua). */
static const struct {
	const char *name;
	size_t at;
} fields[] = {
	{ .name = "e", .at = offsetof(struct store_event, json) },
	{ .name = "k", .at = offsetof(struct store_event, fingerprint) },
	{ .name = "c", .at = offsetof(struct store_event, commitment) },
	{ .name = "s", .at = offsetof(struct store_event, seed) },
	{ .name = "l", .at = offsetof(struct store_event, example) },
};

void archived_entry(const struct store_event *event, struct archive_entry *entry)
{
	*entry = (struct archive_entry){ .number = event->number };
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		struct span value;

		memcpy(&value, (const char *)event + fields[i].at, sizeof(value));
		if (!span_empty(value))
			entry->fields[entry->nfields++] =
				(struct archive_field){ .name = span_of(fields[i].name), .value = value };
	}
}

void archived_event(const struct archive_entry *entry, struct store_event *event)
{
	*event = (struct store_event){ .number = entry->number };
	for (size_t n = 0; n < entry->nfields; n++) {
		size_t i = 0;

		while (i < COUNT_OF(fields) && !span_is(entry->fields[n].name, fields[i].name))
			i++;
		if (i < COUNT_OF(fields))
			memcpy((char *)event + fields[i].at, &entry->fields[n].value, sizeof(struct span));
		else
			event->unknown++;
	}
}

const char *archived_journal(const char shard[3])
{
	return strcmp(shard, STORE_AUDIT_SHARD) == 0 ? "audit" : shard;
}

/* --- where a store begins ---------------------------------------------------------------------- */

static uint64_t *begin_of(struct archived *archived, const char *shard)
{
	size_t i = 0;

	while (i < archived->nbegins && strcmp(archived->begins[i].shard, shard) != 0)
		i++;
	if (i == archived->nbegins) {
		assert(archived->nbegins < SHARDS_MAX);
		archived->nbegins++;
		memcpy(archived->begins[i].shard, shard, 3);
		archived->begins[i].first = 0;
	}
	return &archived->begins[i].first;
}

static void forget_other_store(struct store *store)
{
	if (store->archived->links == store->links)
		return;
	store->archived->links = store->links;
	store->archived->nbegins = 0;
}

/* --- files ------------------------------------------------------------------------------------ */

static bool stands_at(const struct place *place, const char *shard, uint64_t number)
{
	return place->reader != NULL && strcmp(place->shard, shard) == 0 && archive_reader_at(place->reader) == number;
}

/* A reader that stands at this number: one that was left there, or a new one in the oldest place. */
static struct place *place_at(struct archived *archived, const char *shard, uint64_t number)
{
	struct place *found = &archived->places[0];

	for (size_t i = 0; i < PLACES && !stands_at(found, shard, number); i++)
		if (stands_at(&archived->places[i], shard, number) || archived->places[i].used < found->used)
			found = &archived->places[i];
	if (!stands_at(found, shard, number)) {
		archive_reader_free(found->reader);
		memcpy(found->shard, shard, sizeof(found->shard));
		found->reader = archive_reader_new(archived->archive, archived_journal(shard), number);
	}
	found->used = ++archived->uses;
	return found;
}

static void give_up_place(struct place *place)
{
	archive_reader_free(place->reader);
	*place = (struct place){ .used = 0 };
}

static void add_event(struct archived_call *call, const struct store_event *event)
{
	call->reply.events[call->reply.nevents++] = *event;
	call->from = event->number + 1;
	call->max--;
}

static void add_entry(struct archived_call *call, const struct archive_entry *entry)
{
	struct store_event event;

	archived_event(entry, &event);
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		struct span value;

		memcpy(&value, (const char *)&event + fields[i].at, sizeof(value));
		if (!span_empty(value))
			value = arena_dup(&call->arena, value);
		memcpy((char *)&event + fields[i].at, &value, sizeof(value));
	}
	add_event(call, &event);
	call->store->archived->figures.events++;
}

static bool unreadable(struct archived_call *call, uint64_t before, const char *why)
{
	call->store->archived->figures.failures++;
	log_event(LOG_LEVEL_ERROR, "archive.unreadable", "shard", call->shard, "from", log_u64(call->from), "to",
		  log_u64(before - 1), "why", why, NULL);
	return false;
}

/* Events of the archive below `before`, as many as are wanted. False: they are not there as they should be. */
static bool read_files(struct archived_call *call, uint64_t before)
{
	struct archive_entry entry;
	struct complaint why = { .text = "no file has the first of them" };
	struct place *place;

	if (call->max == 0 || call->from >= before)
		return true;
	place = place_at(call->store->archived, call->shard, call->from);
	while (call->max > 0 && call->from < before) {
		if (archive_reader_next(place->reader, &entry, &why) != ARCHIVE_ENTRY) {
			give_up_place(place);
			return unreadable(call, before, why.text);
		}
		add_entry(call, &entry);
	}
	return true;
}

/* --- answers ----------------------------------------------------------------------------------- */

static void call_end(struct archived_call *call)
{
	if (call->reply.outcome != STORE_DONE)
		call->reply.nevents = 0;
	call->wait.done(call->wait.ctx, &call->reply);
	arena_release(&call->arena);
	free(call);
}

/* The store's own events, or where they begin. */
static void answered(void *ctx, const struct store_reply *reply)
{
	struct archived_call *call = ctx;
	uint64_t *begins;

	call->reply.outcome = reply->outcome;
	if (reply->outcome == STORE_DONE && reply->nevents > 0 && reply->events[0].number > call->from) {
		begins = begin_of(call->store->archived, call->shard);
		*begins = reply->events[0].number;
		if (!read_files(call, *begins))
			call->reply.outcome = STORE_BROKEN;
	}
	/* In the callback they are good until the caller has seen them. */
	for (size_t i = 0; call->reply.outcome == STORE_DONE && i < reply->nevents && call->max > 0; i++)
		add_event(call, &reply->events[i]);
	call_end(call);
}

static void unpost(struct archived_call *call)
{
	struct archived_call **link = &call->store->archived->posted;

	while (*link != call)
		link = &(*link)->next;
	*link = call->next;
}

static void answer_posted(void *ctx)
{
	struct archived_call *call = ctx;

	unpost(call);
	call_end(call);
}

static void answer_later(struct archived_call *call)
{
	struct archived *archived = call->store->archived;

	call->next = archived->posted;
	archived->posted = call;
	loop_post(archived->loop, answer_posted, call);
}

static struct archived_call *call_new(struct store *store, const struct store_request *request, struct store_wait wait)
{
	struct archived_call *call = memory_zeroes(1, sizeof(*call));

	call->store = store;
	call->wait = wait;
	memcpy(call->shard, request->shard, sizeof(call->shard));
	call->from = request->from > 0 ? request->from : 1;
	call->max = request->max;
	call->reply.events = arena_array(&call->arena, struct store_event, request->max);
	return call;
}

static void submit_journal(struct store *store, const struct store_request *request, struct store_wait wait)
{
	struct archived *archived = store->archived;
	struct archived_call *call = call_new(store, request, wait);
	struct store_request rest = *request;

	forget_other_store(store);
	if (!read_files(call, *begin_of(archived, call->shard)))
		call->reply.outcome = STORE_BROKEN;
	if (call->reply.outcome != STORE_DONE || call->max == 0) {
		answer_later(call);
		return;
	}
	rest.from = call->from;
	rest.max = call->max;
	archived->inner->submit(store, &rest, (struct store_wait){ .done = answered, .ctx = call });
}

/* --- the door -------------------------------------------------------------------------------------- */

static void archived_submit(struct store *store, const struct store_request *request, struct store_wait wait)
{
	if (request->op == STORE_JOURNAL && store->up && request->max > 0)
		submit_journal(store, request, wait);
	else
		store->archived->inner->submit(store, request, wait);
}

static void archived_free(struct store *store)
{
	struct archived *archived = store->archived;

	while (archived->posted != NULL) {
		struct archived_call *call = archived->posted;

		archived->posted = call->next;
		loop_post_cancel(archived->loop, answer_posted, call);
		call_end(call);
	}
	archived->inner->free(store);
	for (size_t i = 0; i < PLACES; i++)
		archive_reader_free(archived->places[i].reader);
	free(archived);
}

static const struct store_ops archived_ops = {
	.submit = archived_submit,
	.free = archived_free,
};

void archived_attach(struct store *store, struct loop *loop, const struct archive *archive)
{
	struct archived *archived = memory_zeroes(1, sizeof(*archived));

	assert(store->archived == NULL);
	archived->loop = loop;
	archived->archive = archive;
	archived->inner = store->ops;
	archived->links = store->links;
	store->archived = archived;
	store->ops = &archived_ops;
}

struct archived_figures archived_figures(const struct store *store)
{
	return store->archived != NULL ? store->archived->figures : (struct archived_figures){ .events = 0 };
}
