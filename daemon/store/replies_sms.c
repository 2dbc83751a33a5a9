/*
 * Replies about parts of long SMS: part of replies.c.
 */
#include "daemon/base/hex.h"
#include "daemon/store/reply_parts.h"

/* hex, total, then number and sealed in turn */
#define GROUP_HEAD 5   /* group, total, group it is late for, its tip, its note */

static bool late_of(struct redisReply *const *head, struct arena *arena, struct store_parts *group)
{
	group->late = text_of(head[2]).len > 0;
	if (!group->late)
		return true;
	group->late_note = copy_of(head[4], arena);
	return hex_get(text_of(head[2]), group->late_for, STORE_MARK_BYTES) && tip_id_parse(text_of(head[3]), &group->late_tip);
}

static bool group_of(const struct redisReply *reply, struct arena *arena, struct store_parts *group)
{
	if (!is_array(reply, GROUP_HEAD) || (reply->elements - GROUP_HEAD) % 2 != 0 ||
	    !hex_get(text_of(reply->element[0]), group->group, STORE_MARK_BYTES) ||
	    !small_of(reply->element[1], &group->total) || !late_of(reply->element, arena, group))
		return false;
	group->nparts = (reply->elements - GROUP_HEAD) / 2;
	group->parts = arena_array(arena, struct store_item, group->nparts);
	for (size_t i = 0; i < group->nparts; i++) {
		if (!small_of(reply->element[GROUP_HEAD + 2 * i], &group->parts[i].number))
			return false;
		group->parts[i].payload = copy_of(reply->element[GROUP_HEAD + 1 + 2 * i], arena);
	}
	return true;
}

bool decode_part(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!is_array(reply, 1) || !reply_verdict(reply->element[0], &out->verdict))
		return false;
	if (out->verdict == STORE_CONFLICT) {
		out->rows = arena_new(d->arena, struct store_row);
		out->nrows = 1;
		return is_array(reply, 2) && tip_id_parse(text_of(reply->element[1]), &out->rows[0].id);
	}
	if (!span_is(text_of(reply->element[0]), "whole"))
		return true;
	out->groups = arena_new(d->arena, struct store_parts);
	out->ngroups = 1;
	return is_array(reply, 2) && group_of(reply->element[1], d->arena, out->groups);
}

bool decode_parts_due(const struct decoding *d, const struct redisReply *reply)
{
	struct store_reply *out = d->out;

	if (!is_array(reply, 0))
		return false;
	out->ngroups = reply->elements;
	out->groups = arena_array(d->arena, struct store_parts, out->ngroups);
	for (size_t i = 0; i < out->ngroups; i++)
		if (!group_of(reply->element[i], d->arena, &out->groups[i]))
			return false;
	return true;
}
