/*
 * Deep copies of replies, for whoever keeps one beyond the callback.
 */
#include "daemon/store/replies.h"

#define COPY_ARRAY(arena, type, from, n)                                                                     \
	((n) > 0 ? memcpy(arena_array(arena, type, n), from, (n) * sizeof(type)) : NULL)

static void keep(struct arena *arena, struct span *bytes)
{
	*bytes = bytes->len > 0 ? arena_dup(arena, *bytes) : (struct span){ 0 };
}

static void keep_items(struct arena *arena, struct store_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		keep(arena, &items[i].id);
		keep(arena, &items[i].payload);
		keep(arena, &items[i].why);
	}
}

static void copy_accepted(const struct store_reply *from, struct arena *arena, struct store_reply *out)
{
	out->accepted = COPY_ARRAY(arena, struct store_accepted, from->accepted, from->naccepted);
	for (size_t i = 0; i < from->naccepted; i++)
		keep(arena, &out->accepted[i].answer);
}

static void copy_rows(const struct store_reply *from, struct arena *arena, struct store_reply *out)
{
	out->rows = COPY_ARRAY(arena, struct store_row, from->rows, from->nrows);
	for (size_t i = 0; i < from->nrows; i++) {
		struct store_row *row = &out->rows[i];

		keep(arena, &row->holder);
		keep(arena, &row->sealed);
		keep(arena, &row->identity);
		keep(arena, &row->context);
		keep(arena, &row->seed);
		keep(arena, &row->link_why);
		keep(arena, &row->closer);
		keep(arena, &row->end.outcome);
		keep(arena, &row->hold.by);
		keep(arena, &row->hold.asked);
		row->suggestions =
			COPY_ARRAY(arena, struct store_suggestion, row->suggestions, row->nsuggestions);
		for (size_t s = 0; s < row->nsuggestions; s++)
			keep(arena, &row->suggestions[s].why);
		if (row->messages == NULL)
			continue;
		row->messages = COPY_ARRAY(arena, struct span, row->messages, row->nmessages);
		for (size_t m = 0; m < row->nmessages; m++)
			keep(arena, &row->messages[m]);
	}
}

static void copy_groups(const struct store_reply *from, struct arena *arena, struct store_reply *out)
{
	out->groups = COPY_ARRAY(arena, struct store_parts, from->groups, from->ngroups);
	for (size_t i = 0; i < from->ngroups; i++) {
		struct store_parts *group = &out->groups[i];

		group->parts = COPY_ARRAY(arena, struct store_item, group->parts, group->nparts);
		keep_items(arena, group->parts, group->nparts);
		keep(arena, &group->late_note);
	}
}

static void copy_events(const struct store_reply *from, struct arena *arena, struct store_reply *out)
{
	out->events = COPY_ARRAY(arena, struct store_event, from->events, from->nevents);
	for (size_t i = 0; i < from->nevents; i++) {
		keep(arena, &out->events[i].json);
		keep(arena, &out->events[i].fingerprint);
		keep(arena, &out->events[i].commitment);
		keep(arena, &out->events[i].seed);
		keep(arena, &out->events[i].example);
	}
}

static void copy_batches(const struct store_reply *from, struct arena *arena, struct store_reply *out)
{
	out->batches = COPY_ARRAY(arena, struct store_batch, from->batches, from->nbatches);
	for (size_t i = 0; i < from->nbatches; i++)
		keep(arena, &out->batches[i].note);
}

void reply_copy(const struct store_reply *reply, struct arena *arena, struct store_reply *out)
{
	*out = *reply;
	copy_accepted(reply, arena, out);
	copy_rows(reply, arena, out);
	copy_groups(reply, arena, out);
	copy_events(reply, arena, out);
	copy_batches(reply, arena, out);
	keep(arena, &out->vault);
	out->segments = COPY_ARRAY(arena, struct store_segment, reply->segments, reply->nsegments);
	keep(arena, &out->memo);
	out->queues = COPY_ARRAY(arena, struct store_queue, reply->queues, reply->nqueues);
	out->holders = COPY_ARRAY(arena, struct span, reply->holders, reply->nholders);
	for (size_t i = 0; i < out->nholders; i++)
		keep(arena, &out->holders[i]);
	out->items = COPY_ARRAY(arena, struct store_item, reply->items, reply->nitems);
	keep_items(arena, out->items, out->nitems);
	out->children = COPY_ARRAY(arena, struct store_child, reply->children, reply->nchildren);
	out->data_keys = COPY_ARRAY(arena, struct store_data_key, reply->data_keys, reply->ndata_keys);
	for (size_t i = 0; i < out->ndata_keys; i++)
		keep(arena, &out->data_keys[i].sealed);
}
