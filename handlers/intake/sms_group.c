/*
 * A long SMS, as far as it came, becomes a tip; see sms_parts.h.
 */
#include "handlers/intake/sms_parts_inside.h"

#include "daemon/base/hex.h"
#include "daemon/base/wipe.h"
#include "daemon/sys/log.h"
#include "handlers/intake/sms_late.h"

#include <assert.h>
#include <stdlib.h>

#define GROUPS_MAX 2048      /* being made tips at once; others wait in the store */

/* A group on its way to become a tip. */
struct group {
	struct group *next;
	struct sms_parts *parts;
	struct arena arena;
	unsigned char mark[STORE_MARK_BYTES];
	struct sms_joined joined;
	struct sms_heard heard;
	/* Parts that a tip before them lacks. */
	bool late;
	unsigned char late_for[STORE_MARK_BYTES];
	struct tip_id late_tip;
	struct receipt_code late_code;
};

static void group_free(struct group *group)
{
	struct sms_parts *parts = group->parts;
	struct group **at = &parts->groups;

	while (*at != group)
		at = &(*at)->next;
	*at = group->next;
	parts->ngroups--;
	parts->outstanding--;
	arena_release(&group->arena);
	wipe(group, sizeof(*group));
	free(group);
	sms_parts_free_when_alone(parts);
}

static void finished(void *ctx, const struct store_reply *reply)
{
	/* Not told: the group comes up again and its tip is known by its request id. */
	(void)reply;
	group_free(ctx);
}

static void finish_with(struct group *group, const struct tip_id *id, struct span note)
{
	struct store_part part = { .note = note, .before = group->late ? group->late_for : NULL };
	struct store_request request = { .op = STORE_PARTS_DONE, .shard = SMS_PARTS_SHARD, .part = &part };

	memcpy(part.group, group->mark, sizeof(part.group));
	if (id != NULL)
		request.id = *id;
	store_submit(group->parts->env.store, &request, (struct store_wait){ .done = finished, .ctx = group });
}

static void finish(struct group *group, const struct tip_id *id)
{
	finish_with(group, id, (struct span){ 0 });
}

/* A tip: what it lacks can be added for a day. */
static void finish_tip(struct group *group, const struct sms_heard_end *end)
{
	struct buf note = { 0 };

	if (!group->joined.whole)
		sms_part_note_seal(group->parts->env.key, &end->id, &end->code, &note);
	finish_with(group, &end->id, buf_span(&note));
	buf_release(&note);
}

static void count(struct group *group)
{
	if (group->joined.whole)
		group->parts->figures.joined++;
	else
		group->parts->figures.incomplete++;
}

static void was_heard(void *who, const struct sms_heard_end *end)
{
	struct group *group = who;

	/* Comes up again when its lease is over. */
	if (end->result == SMS_AGAIN) {
		group_free(group);
		return;
	}
	group->parts->figures.claims += end->as == SMS_AS_CLAIM;
	if (end->as == SMS_AS_TIP || end->as == SMS_AS_SUPPLEMENT)
		count(group);
	if (end->as == SMS_AS_TIP && end->id.text[0] != '\0')
		finish_tip(group, end);
	else
		finish(group, end->id.text[0] != '\0' ? &end->id : NULL);
}

/* Made of group and text: the same parts found twice are one tip, other parts under the same mark another. */
static struct span request_id(struct group *group)
{
	unsigned char mark[STORE_MARK_BYTES];
	struct buf all = { 0 };

	buf_add(&all, group->mark, sizeof(group->mark));
	buf_add_span(&all, group->joined.text);
	seal_mark(group->parts->env.key, "sms parts request", buf_span(&all), mark);
	buf_release(&all);
	return span_of(arena_printf(&group->arena, "parts:%s", hex_text(&group->arena, mark, sizeof(mark))));
}

static void hear(struct group *group)
{
	sms_hear(group->parts->env.hear, &group->heard, was_heard, group);
}

static void added(void *ctx, enum sms_late_end end)
{
	struct group *group = ctx;

	switch (end) {
	case SMS_LATE_ADDED:
		group->parts->figures.late++;
		log_event(LOG_LEVEL_INFO, "sms.late_part", "id", group->late_tip.text, NULL);
		finish(group, &group->late_tip);
		return;
	case SMS_LATE_REFUSED:
		group->late = false;
		hear(group);
		return;
	case SMS_LATE_AGAIN:
		/* The group comes up again. */
		group_free(group);
		return;
	}
}

/* Its message had its answer. A code among the words is none of the officers' business. */
static bool add_to_tip(struct group *group)
{
	struct sms_claim claim;
	struct sms_late words = {
		.loop = group->parts->env.loop,
		.store = group->parts->env.store,
		.weeks = group->parts->env.weeks,
		.id = group->late_tip,
		.code = group->late_code,
		.text = group->joined.text,
		.at_ms = group->joined.received_ms,
	};

	group->heard.answers = false;
	sms_claim_read(group->joined.text, &group->arena, &claim);
	if (claim.kind == SMS_CLAIM_NOT) {
		words.text = claim.tip.len > 0 ? claim.tip : words.text;
		sms_late_add(&words, added, group);
	}
	sms_claim_wipe(&claim);
	return claim.kind == SMS_CLAIM_NOT;
}

static void submit(struct group *group)
{
	const struct sms_joined *joined = &group->joined;

	group->heard = (struct sms_heard){
		.text = joined->text,
		.sender = joined->sender,
		.destination = joined->destination,
		.gateway = joined->gateway,
		.request = request_id(group),
		.received_ms = joined->received_ms,
		.answers = joined->may_answer,
	};
	if (group->late && add_to_tip(group))
		return;
	group->late = false;
	hear(group);
}

static bool is_open(const struct sms_parts *parts, const unsigned char mark[STORE_MARK_BYTES])
{
	for (const struct group *g = parts->groups; g != NULL; g = g->next)
		if (memcmp(g->mark, mark, STORE_MARK_BYTES) == 0)
			return true;
	return false;
}

static struct group *group_new(struct sms_parts *parts, const unsigned char mark[STORE_MARK_BYTES])
{
	struct group *group = calloc(1, sizeof(*group));

	assert(group != NULL);
	group->parts = parts;
	memcpy(group->mark, mark, STORE_MARK_BYTES);
	group->next = parts->groups;
	parts->groups = group;
	parts->ngroups++;
	parts->outstanding++;
	return group;
}

static void note_late(struct group *group, const struct store_parts *from)
{
	group->late = sms_part_note_open(group->parts->env.key, from, &group->late_code);
	if (!group->late)
		return;
	group->late_tip = from->late_tip;
	memcpy(group->late_for, from->late_for, sizeof(group->late_for));
}

void sms_group_start(struct sms_parts *parts, const struct store_parts *from)
{
	struct group *group;

	if (parts->ngroups >= GROUPS_MAX || is_open(parts, from->group))
		return;
	group = group_new(parts, from->group);
	note_late(group, from);
	if (!sms_parts_join(parts->env.key, from, &group->arena, &group->joined)) {
		/* Left in the store: the right key may come back. */
		parts->figures.unreadable++;
		log_rarely(LOG_LEVEL_ERROR, "sms.parts_unreadable", "the courier key does not open them");
		group_free(group);
	} else if (group->joined.text.len == 0) {
		parts->figures.data++;
		finish(group, NULL);
	} else {
		submit(group);
	}
}
