/*
 * Telling a parent of its child; see child_errand.h.
 */
#include "handlers/notify/child_errand.h"

#include "daemon/base/json_out.h"

#define HOPS_MAX 8   /* more shards than a tip is sent through */

static enum child_next ask_child(struct child_errand *errand, struct store_request *next)
{
	*next = (struct store_request){ .op = STORE_READ, .id = errand->child };
	errand->reading = true;
	return CHILD_ASK;
}

void child_errand_begin(struct child_errand *errand, const struct outbox_child *intent, struct store_request *next)
{
	*errand = (struct child_errand){ .intent = intent, .child = intent->child, .parent = intent->parent };
	ask_child(errand, next);
}

static struct span event_of(const struct child_errand *errand, bool joined, struct arena *arena)
{
	struct buf text = { 0 };
	struct json_out json = json_out_to(&text);
	struct span event;

	json_open(&json, '{');
	json_text(&json, "e", joined ? SPAN("joined") : SPAN("parted"));
	json_text(&json, "id", span_of(errand->parent.text));
	json_i64(&json, "at", errand->intent->at_ms);
	json_text(&json, "by", errand->intent->by);
	json_text(&json, "tip", span_of(errand->child.text));
	json_i64(&json, "received", errand->intent->received_ms);
	json_close(&json, '}');
	event = arena_dup(arena, buf_span(&text));
	buf_release(&text);
	return event;
}

static enum child_next ask_parent(struct child_errand *errand, bool joined, struct arena *arena,
				  struct store_request *next)
{
	errand->reading = false;
	errand->link = (struct store_link){
		.kind = joined ? STORE_LINK_CHILD : STORE_LINK_NO_CHILD,
		.id = errand->parent,
		.other = errand->child,
		.received_ms = errand->intent->received_ms,
		.event = event_of(errand, joined, arena),
	};
	*next = (struct store_request){ .op = STORE_LINK, .link = &errand->link };
	return CHILD_ASK;
}

static bool one_hop_more(struct child_errand *errand)
{
	return ++errand->hops <= HOPS_MAX;
}

static enum child_next child_read(struct child_errand *errand, const struct store_reply *reply, struct arena *arena,
				  struct store_request *next)
{
	const struct store_row *row = reply->rows;
	bool hangs;

	if (reply->nrows == 0)
		return CHILD_LATER;
	if (row->state == TIP_TRANSFERRED) {
		memcpy(errand->child.text, row->region, 2);
		return one_hop_more(errand) ? ask_child(errand, next) : CHILD_LATER;
	}
	hangs = strcmp(row->parent.text, errand->intent->parent.text) == 0;
	errand->hops = 0;
	return ask_parent(errand, hangs, arena, next);
}

static enum child_next parent_told(struct child_errand *errand, const struct store_reply *reply,
				   struct arena *arena, struct store_request *next)
{
	if (reply->verdict == STORE_ABSENT)
		return errand->hops == 0 ? CHILD_NOBODY : CHILD_LATER;
	if (reply->moved.text[0] == '\0')
		return CHILD_TOLD;
	errand->parent = reply->moved;
	if (!one_hop_more(errand))
		return CHILD_LATER;
	return ask_parent(errand, errand->link.kind == STORE_LINK_CHILD, arena, next);
}

enum child_next child_errand_answer(struct child_errand *errand, const struct store_reply *reply,
				    struct arena *arena, struct store_request *next)
{
	if (reply->outcome != STORE_DONE)
		return CHILD_LATER;
	return errand->reading ? child_read(errand, reply, arena, next) : parent_told(errand, reply, arena, next);
}
