/*
 * The store in memory: under which weeks tips lie.
 */
#include "daemon/store/memory_state.h"

#include "daemon/core/tip/cover.h"

static struct span with_front(struct memory_store *store, struct span there, struct span was, struct span now)
{
	struct buf all = { 0 };
	struct span kept;

	buf_add_span(&all, now);
	buf_add_span(&all, span_from_offset(there, was.len));
	kept = arena_dup(&store->arena, buf_span(&all));
	buf_release(&all);
	return kept;
}

void mem_cover(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_cover *cover = request->cover;
	struct mem_tip *tip = mem_find(store, &request->id);
	bool identity = cover->identity_was.len > 0;

	if (tip == NULL || tip->row.sealed.len == 0)
		call->reply.verdict = STORE_ABSENT;
	else if (span_starts(tip->row.sealed, cover->now) && (!identity || span_starts(tip->row.identity, cover->identity_now)))
		call->reply.verdict = STORE_ALREADY;
	else if (!span_starts(tip->row.sealed, cover->was) || (identity && !span_starts(tip->row.identity, cover->identity_was)))
		call->reply.verdict = STORE_CONFLICT;
	if (call->reply.verdict != STORE_OK)
		return;
	tip->row.sealed = with_front(store, tip->row.sealed, cover->was, cover->now);
	if (identity)
		tip->row.identity = with_front(store, tip->row.identity, cover->identity_was, cover->identity_now);
}

/* Its other half is not there yet. */
static bool is_leaving(struct memory_store *store, const struct store_row *row)
{
	struct tip_id there = row->id;

	memcpy(there.text, row->region, 2);
	return row->state == TIP_TRANSFERRED && mem_find(store, &there) == NULL;
}

static struct span front_of(struct span stored)
{
	return span_from(stored.at, stored.len < COVER_FRONT_BYTES ? stored.len : COVER_FRONT_BYTES);
}

/* The cursor is a place in the array, from behind: what leaves is replaced by the last one, which is seen again at worst. */
void mem_fronts(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	struct store_reply *reply = &call->reply;
	size_t at = request->from > 0 && request->from < store->tips.n ? (size_t)request->from : store->tips.n;

	reply->items = arena_array(&call->arena, struct store_item, request->max);
	for (unsigned i = 0; i < request->max && at > 0; i++) {
		const struct store_row *row = &store->tips.at[--at].row;
		bool leaving = is_leaving(store, row);

		if (!leaving && row->sealed.len + row->identity.len == 0)
			continue;
		reply->items[reply->nitems++] = (struct store_item){ .id = arena_dup(&call->arena, span_of(row->id.text)),
								     .payload = arena_dup(&call->arena, front_of(row->sealed)),
								     .why = arena_dup(&call->arena, front_of(row->identity)),
								     .number = leaving };
	}
	reply->note = at;
}
