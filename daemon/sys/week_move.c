/*
 * From week to week; see week_move.h.
 */
#include "daemon/sys/week_move.h"

#include "daemon/base/wipe.h"

unsigned week_under(struct span stored)
{
	unsigned week;

	return stored.len > 0 && cover_week(stored, &week) ? week : 0;
}

static bool move_part(struct week_keys *weeks, const struct tip_id *id, enum cover_kind kind, const struct week_present *present,
		      struct span stored, struct arena *arena, struct span *was, struct span *now)
{
	unsigned week = week_under(stored);
	struct buf out = { 0 };
	struct seal_key key;
	bool well = week > 0 && week_keys_find(weeks, week, &key) == WEEK_KEY_FOUND &&
		    cover_move(id, kind, &key, present->week, &present->key, stored, was, &out);

	if (well) {
		*was = arena_dup(arena, *was);
		*now = arena_dup(arena, buf_span(&out));
	}
	wipe(&key, sizeof(key));
	buf_release(&out);
	return well;
}

bool week_move(struct week_keys *weeks, const struct tip_id *id, const struct week_fronts *fronts, const struct week_present *present,
	       struct arena *arena, struct week_moved *out)
{
	bool person = fronts->identity.len > 0 && week_under(fronts->identity) != present->week;

	*out = (struct week_moved){ .was = { .len = 0 } };
	return move_part(weeks, id, COVER_CONTENT, present, fronts->content, arena, &out->was, &out->now) &&
	       (!person || move_part(weeks, id, COVER_IDENTITY, present, fronts->identity, arena, &out->identity_was, &out->identity_now));
}
