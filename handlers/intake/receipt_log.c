/*
 * From a receipt code to the proof; see receipt_log.h.
 */
#include "handlers/intake/receipt_log.h"

#include "daemon/base/base64.h"
#include "daemon/base/civil_time.h"
#include "daemon/base/wipe.h"

#include <stdio.h>

#define DAY_MS 86400000LL
#define SKEW_MS 120000           /* the clock that took the tip may be so far ahead of the sealer's */
#define TRIES_MAX 200000         /* of one request, until the first leaf is found */
#define LATER_TRIES_MAX 32768    /* of one request, behind it */

void receipt_log_visit(struct receipt_log *log, const char *shard, uint64_t last_event)
{
	size_t at = log->n < RECEIPT_LOGS_MAX ? log->n++ : RECEIPT_LOGS_MAX - 1;

	for (size_t i = 0; i < at; i++)
		if (strncmp(log->at[i].shard, shard, 2) == 0) {   /* it came back */
			log->at[i].last_event = last_event;
			log->n = at;
			return;
		}
	memcpy(log->at[at].shard, shard, 2);
	log->at[at].shard[2] = '\0';
	log->at[at].last_event = last_event;
}

void receipt_log_begin(struct receipt_log *log, struct logs *logs, const struct receipt_code *code, int64_t received_ms)
{
	log->logs = logs;
	log->received_ms = received_ms;
	log->now = 0;
	log->left = TRIES_MAX;
	log->whole = true;
	log->behind = false;
	leaf_seed_of_tip(code, log->seed);
}

void receipt_log_end(struct receipt_log *log)
{
	wipe(log->seed, sizeof(log->seed));
}

/* --- where to look ------------------------------------------------------------------------- */

/* The first leaf of the batches from that time on; `size` when there are none. */
static uint64_t first_leaf(const struct tiles *tiles, int64_t at_ms, uint64_t size)
{
	struct tiles_batch batch;

	return tiles_batch(tiles, tiles_batch_at(tiles, at_ms), &batch) && batch.before < size ? batch.before : size;
}

/* The first batch (from 0) that covers an event of the journal; tiles_batches() when there is none. */
static uint64_t batch_of_event(const struct tiles *tiles, uint64_t event)
{
	uint64_t low = 0;
	uint64_t high = tiles_batches(tiles);
	struct tiles_batch batch;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (!tiles_batch(tiles, middle, &batch) || batch.journal >= event)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/*
 * Where the tip's leaves end: behind the batch of its last event. Notices that
 * were sent later are no events in that sense, and may be missing. False: the
 * checkpoint does not cover the last event yet.
 */
static bool last_leaf(const struct tiles *tiles, uint64_t event, uint64_t size, uint64_t *end)
{
	struct tiles_batch batch;
	bool covered = tiles_batch(tiles, batch_of_event(tiles, event), &batch) && batch.size <= size;

	*end = covered ? batch.size : size;
	return covered;
}

/* --- one log ------------------------------------------------------------------------------- */

/* The newest checkpoint's size; 0: there is none. */
static uint64_t size_of(const struct tiles *tiles)
{
	struct checkpoint checkpoint;
	struct buf note = { 0 };
	uint64_t size = tiles != NULL && leaf_trail_head(tiles, &note, &checkpoint) ? checkpoint.head.size : 0;

	buf_release(&note);
	return size;
}

static void take_leaves(struct receipt_log *log, const struct sealed_log *sealed, const struct leaf_trail *trail)
{
	for (size_t i = 0; i < trail->n && log->nleaves < RECEIPT_LEAVES_MAX; i++)
		log->leaves[log->nleaves++] = (struct receipt_leaf){ .log = sealed, .found = trail->found[i] };
	log->whole = log->whole && !trail->more;
}

/* The leaf that says received. Others of the same batch may stand before it: their order is drawn. */
static const struct leaf_found *received_leaf(const struct leaf_trail *trail)
{
	for (size_t i = 0; i < trail->n; i++)
		if (trail->found[i].class == LEAF_RECEIVED)
			return &trail->found[i];
	return NULL;
}

static void prove(struct receipt_log *log, struct tiles *tiles, const struct leaf_trail *trail, struct arena *arena)
{
	const struct leaf_found *found = received_leaf(trail);
	struct buf text = { 0 };

	if (log->now > 0 || log->proven || found == NULL)
		return;
	log->index = found->index;
	log->proven = leaf_trail_leaf(tiles, log->index, log->leaf) && leaf_trail_prove(tiles, log->index, arena, &text);
	log->proof = arena_dup(arena, buf_span(&text));
	log->size = size_of(tiles);
	if (log->left > LATER_TRIES_MAX)
		log->left = LATER_TRIES_MAX;
	buf_release(&text);
}

/* A slice of this log. True: it is done, as far as this request goes. */
static bool look_in(struct receipt_log *log, const struct sealed_log *sealed, struct tiles *tiles, struct arena *arena)
{
	struct leaf_trail *trail = logs_trail(log->logs, sealed, log->seed);
	uint64_t size = size_of(tiles);
	uint64_t tries = log->left < RECEIPT_SLICE ? log->left : RECEIPT_SLICE;
	uint64_t end;
	uint64_t before;
	bool covered = last_leaf(tiles, log->at[log->now].last_event, size, &end);
	bool well;

	if (trail->next == 0)
		trail->next = first_leaf(tiles, log->received_ms - SKEW_MS, size);
	before = trail->next;
	well = leaf_trail_follow(tiles, log->seed, end, tries, trail);
	log->left -= trail->next - before;
	prove(log, tiles, trail, arena);
	if (well && trail->next < end && log->left > 0)
		return false;
	take_leaves(log, sealed, trail);
	log->whole = log->whole && trail->next >= end;
	log->behind = log->behind || !covered;
	return true;
}

bool receipt_log_look(struct receipt_log *log, struct arena *arena)
{
	struct sealed_log *sealed;
	struct tiles *tiles;

	if (log->logs == NULL || log->now == log->n)
		return true;
	sealed = logs_find(log->logs, span_of(log->at[log->now].shard));
	tiles = sealed != NULL ? logs_tiles(log->logs, sealed) : NULL;
	if (tiles == NULL)
		log->behind = true;
	else if (!look_in(log, sealed, tiles, arena))
		return false;
	log->now++;
	return log->now == log->n;
}

/* --- telling ------------------------------------------------------------------------------- */

static void put_leaf(struct json_out *json, const struct receipt_leaf *leaf)
{
	char day[CIVIL_DATE_MAX];

	json_open(json, '{');
	json_text(json, "log", span_of(leaf->log->name));
	json_u64(json, "index", leaf->found.index);
	json_text(json, "class", span_of(leaf_class_name(leaf->found.class)));
	json_text(json, "day", civil_write_date((int64_t)leaf->found.day * DAY_MS, 0, day));
	json_close(json, '}');
}

void receipt_log_json(const struct receipt_log *log, struct json_out *json)
{
	struct buf leaf = { 0 };

	if (log->logs == NULL) {
		json_none(json, "log");
		return;
	}
	json_open_member(json, "log", '{');
	json_bool(json, "pending", !log->proven);
	if (log->proven) {
		base64_add(&leaf, log->leaf, LEAF_BYTES);
		json_text(json, "name", span_of(log->at[0].shard));
		json_u64(json, "size", log->size);
		json_u64(json, "index", log->index);
		json_text(json, "leaf", buf_span(&leaf));
		json_text(json, "proof", log->proof);
	}
	json_bool(json, "whole", log->whole);
	json_bool(json, "covered", !log->behind);
	json_open_member(json, "leaves", '[');
	for (size_t i = 0; i < log->nleaves; i++)
		put_leaf(json, &log->leaves[i]);
	json_close(json, ']');
	json_close(json, '}');
	buf_release(&leaf);
}
