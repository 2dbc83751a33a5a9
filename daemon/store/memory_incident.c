/*
 * The store in memory: under whom tips hang, what may belong together.
 */
#include "daemon/store/memory_state.h"

#include <stdlib.h>

static bool same_id(const struct tip_id *a, const struct tip_id *b)
{
	return strcmp(a->text, b->text) == 0;
}

/* --- suggestions ------------------------------------------------------------------------ */

static struct store_suggestion *suggestion_find(const struct mem_tip *tip, const struct tip_id *other)
{
	for (size_t i = 0; i < tip->row.nsuggestions; i++)
		if (same_id(&tip->row.suggestions[i].other, other))
			return &tip->row.suggestions[i];
	return NULL;
}

static void suggestion_drop(struct mem_tip *tip, const struct store_suggestion *gone)
{
	size_t at = gone != NULL ? (size_t)(gone - tip->row.suggestions) : tip->row.nsuggestions;

	if (gone == NULL)
		return;
	for (size_t i = at + 1; i < tip->row.nsuggestions; i++)
		tip->row.suggestions[i - 1] = tip->row.suggestions[i];
	tip->row.nsuggestions--;
}

static struct store_suggestion *suggestion_add(struct memory_store *store, struct mem_tip *tip,
					       const struct tip_id *other)
{
	struct store_suggestion *added;

	if (tip->row.suggestions == NULL)
		tip->row.suggestions =
			arena_array(&store->arena, struct store_suggestion, STORE_SUGGESTIONS_MAX);
	added = &tip->row.suggestions[tip->row.nsuggestions++];
	*added = (struct store_suggestion){ .other = *other };
	return added;
}

/* What must go for a pair that is declined: the oldest open one, else the oldest. */
static const struct store_suggestion *suggestion_least(const struct mem_tip *tip)
{
	for (size_t i = 0; i < tip->row.nsuggestions; i++)
		if (!tip->row.suggestions[i].declined)
			return &tip->row.suggestions[i];
	return tip->row.suggestions;
}

static void pair_decline(struct memory_store *store, struct mem_tip *tip, const struct tip_id *other)
{
	struct store_suggestion *pair = suggestion_find(tip, other);

	if (pair == NULL && tip->row.nsuggestions == STORE_SUGGESTIONS_MAX)
		suggestion_drop(tip, suggestion_least(tip));
	if (pair == NULL)
		pair = suggestion_add(store, tip, other);
	*pair = (struct store_suggestion){ .other = *other, .declined = true };
}

static bool pair_declined(const struct mem_tip *tip, const struct tip_id *other)
{
	const struct store_suggestion *pair = suggestion_find(tip, other);

	return pair != NULL && pair->declined;
}

/* --- children --------------------------------------------------------------------------- */

/* A child keeps the tail of its id and its time when it moves to another shard. */
static struct store_child *child_find(const struct mem_tip *tip, const struct tip_id *id, int64_t received_ms)
{
	for (size_t i = 0; i < tip->children.n; i++)
		if (same_id(&tip->children.at[i].id, id))
			return &tip->children.at[i];
	for (size_t i = 0; i < tip->children.n; i++)
		if (strcmp(tip->children.at[i].id.text + 2, id->text + 2) == 0 &&
		    tip->children.at[i].received_ms == received_ms)
			return &tip->children.at[i];
	return NULL;
}

static void child_put(struct mem_tip *tip, const struct tip_id *id, int64_t received_ms)
{
	struct store_child *child = child_find(tip, id, received_ms);

	if (child != NULL && same_id(&child->id, id))
		return;
	if (child == NULL)
		child = MEM_ADD(tip->children);
	*child = (struct store_child){ .id = *id, .received_ms = received_ms };
	tip->row.nchildren = (unsigned)tip->children.n;
}

static void child_drop(struct mem_tip *tip, const struct tip_id *id, int64_t received_ms)
{
	struct store_child *child = child_find(tip, id, received_ms);

	if (child == NULL)
		return;
	*child = tip->children.at[--tip->children.n];
	tip->row.nchildren = (unsigned)tip->children.n;
}

/* --- what each kind of link needs, and does ------------------------------------------------ */

struct linking {
	struct memory_store *store;
	struct mem_tip *tip;
	struct mem_tip *other;  /* of the same shard, or NULL */
	const struct store_link *link;
	bool by_job;
};

static bool is_older(int64_t received_ms, const struct tip_id *id, const struct mem_tip *than)
{
	if (received_ms != than->row.received_ms)
		return received_ms < than->row.received_ms;
	return strcmp(id->text, than->row.id.text) < 0;
}

static bool hangs_under(const struct linking *l)
{
	return same_id(&l->tip->row.parent, &l->link->other);
}

static enum store_verdict judge_set(const struct linking *l)
{
	bool near = mem_same_shard(l->link->id.text, l->link->other.text);

	if (hangs_under(l))
		return STORE_ALREADY;
	if (l->tip->row.parent.text[0] != '\0' || (l->by_job && pair_declined(l->tip, &l->link->other)))
		return STORE_CONFLICT;
	if (near && l->other == NULL)
		return STORE_ABSENT;
	return is_older(near ? l->other->row.received_ms : l->link->received_ms, &l->link->other, l->tip) ?
		       STORE_OK :
		       STORE_CONFLICT;
}

static void apply_set(const struct linking *l)
{
	l->tip->row.parent = l->link->other;
	l->tip->row.link_score = l->link->score;
	l->tip->row.link_why = arena_dup(&l->store->arena, l->link->why);
	suggestion_drop(l->tip, suggestion_find(l->tip, &l->link->other));
	if (l->other != NULL)
		child_put(l->other, &l->tip->row.id, l->tip->row.received_ms);
}

static enum store_verdict judge_unset(const struct linking *l)
{
	if (hangs_under(l))
		return STORE_OK;
	return pair_declined(l->tip, &l->link->other) ? STORE_ALREADY : STORE_CONFLICT;
}

static void apply_unset(const struct linking *l)
{
	l->tip->row.parent = (struct tip_id){ .text = "" };
	l->tip->row.link_score = 0;
	l->tip->row.link_why = (struct span){ 0 };
	pair_decline(l->store, l->tip, &l->link->other);
	if (l->other != NULL)
		child_drop(l->other, &l->tip->row.id, l->tip->row.received_ms);
}

static enum store_verdict judge_child(const struct linking *l)
{
	const struct store_child *child = child_find(l->tip, &l->link->other, l->link->received_ms);

	return child != NULL && same_id(&child->id, &l->link->other) ? STORE_ALREADY : STORE_OK;
}

static void apply_child(const struct linking *l)
{
	child_put(l->tip, &l->link->other, l->link->received_ms);
}

static enum store_verdict judge_no_child(const struct linking *l)
{
	return child_find(l->tip, &l->link->other, l->link->received_ms) != NULL ? STORE_OK : STORE_ALREADY;
}

static void apply_no_child(const struct linking *l)
{
	child_drop(l->tip, &l->link->other, l->link->received_ms);
}

static enum store_verdict judge_suggest(const struct linking *l)
{
	if (hangs_under(l) || suggestion_find(l->tip, &l->link->other) != NULL ||
	    l->tip->row.nsuggestions == STORE_SUGGESTIONS_MAX)
		return STORE_ALREADY;
	return STORE_OK;
}

static void apply_suggest(const struct linking *l)
{
	struct store_suggestion *added = suggestion_add(l->store, l->tip, &l->link->other);

	added->score = l->link->score;
	added->why = arena_dup(&l->store->arena, l->link->why);
}

static enum store_verdict judge_decline(const struct linking *l)
{
	if (hangs_under(l))
		return STORE_CONFLICT;
	return pair_declined(l->tip, &l->link->other) ? STORE_ALREADY : STORE_OK;
}

static void apply_decline(const struct linking *l)
{
	pair_decline(l->store, l->tip, &l->link->other);
}

static enum store_verdict judge_score(const struct linking *l)
{
	const struct store_row *row = &l->tip->row;

	if (row->state != TIP_QUEUED)
		return STORE_CONFLICT;
	return row->points == l->link->points && span_eq(row->context, l->link->context) ? STORE_ALREADY :
											     STORE_OK;
}

static void apply_score(const struct linking *l)
{
	l->tip->row.points = l->link->points;
	l->tip->row.context = arena_dup(&l->store->arena, l->link->context);
}

static const struct link_kind {
	enum store_verdict (*judge)(const struct linking *);
	void (*apply)(const struct linking *);
	bool moved_too;  /* also for a tip that was transferred */
} kinds[STORE_LINK_KINDS] = {
	[STORE_LINK_SET] = { .judge = judge_set, .apply = apply_set },
	[STORE_LINK_UNSET] = { .judge = judge_unset, .apply = apply_unset },
	[STORE_LINK_CHILD] = { .judge = judge_child, .apply = apply_child, .moved_too = true },
	[STORE_LINK_NO_CHILD] = { .judge = judge_no_child, .apply = apply_no_child, .moved_too = true },
	[STORE_LINK_SUGGEST] = { .judge = judge_suggest, .apply = apply_suggest },
	[STORE_LINK_DECLINE] = { .judge = judge_decline, .apply = apply_decline },
	[STORE_LINK_SCORE] = { .judge = judge_score, .apply = apply_score },
};

/* --- the operations ------------------------------------------------------------------------- */

static bool only_of(struct span text, const char *allowed, size_t most)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '\0' || strchr(allowed, text.at[i]) == NULL)
			return false;
	return text.len <= most;
}

static bool is_well_formed(const struct store_link *link)
{
	if (link->event.len < 3 || link->received_ms < 0)
		return false;
	if (link->kind == STORE_LINK_SUGGEST || link->kind == STORE_LINK_SET)
		return link->score <= 100 && only_of(link->why, "abcdefghijklmnopqrstuvwxyz_,", STORE_WHY_MAX);
	return link->kind != STORE_LINK_SCORE ||
	       (link->points <= 100 && only_of(link->context, "0123456789 ", STORE_CONTEXT_MAX));
}

static enum store_verdict judge(const struct linking *l)
{
	const struct link_kind *kind = &kinds[l->link->kind];

	if (l->link->kind != STORE_LINK_SCORE && same_id(&l->link->id, &l->link->other))
		return STORE_CONFLICT;
	if (l->tip->row.state == TIP_TRANSFERRED && !kind->moved_too)
		return STORE_CONFLICT;
	return kind->judge(l);
}

static void answer(const struct mem_tip *tip, struct store_reply *reply)
{
	reply->rev = tip->row.rev;
	reply->parent = tip->row.parent;
	if (tip->row.state != TIP_TRANSFERRED)
		return;
	reply->moved = tip->row.id;
	memcpy(reply->moved.text, tip->row.region, 2);
}

void mem_link(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct store_link *link = request->link;
	struct linking l = { .store = store, .link = link, .by_job = request->job != NULL };

	if (!is_well_formed(link)) {
		call->reply.outcome = STORE_BROKEN;
		return;
	}
	l.tip = mem_find(store, &link->id);
	if (link->kind != STORE_LINK_SCORE && mem_same_shard(link->id.text, link->other.text))
		l.other = mem_find(store, &link->other);
	if (l.by_job && mem_fenced(store, link->id.text, request))
		call->reply.verdict = STORE_FENCED;
	else
		call->reply.verdict = l.tip != NULL ? judge(&l) : STORE_ABSENT;
	if (call->reply.verdict == STORE_OK) {
		l.tip->row.rev = mem_append_of(store, l.tip, (struct store_event){ .json = link->event });
		kinds[link->kind].apply(&l);
		mem_item_add(store, link->id.text, l.tip->row.rev, link->outbox);
	}
	if (call->reply.verdict != STORE_FENCED && l.tip != NULL)
		answer(l.tip, &call->reply);
}

static int by_acceptance(const void *a, const void *b)
{
	const struct store_child *left = a, *right = b;

	if (left->received_ms != right->received_ms)
		return left->received_ms < right->received_ms ? -1 : 1;
	return strcmp(left->id.text, right->id.text);
}

void mem_children(struct memory_store *store, const struct store_request *request, struct mem_call *call)
{
	const struct mem_tip *tip = mem_find(store, &request->id);
	struct store_reply *reply = &call->reply;

	if (tip == NULL || tip->children.n == 0)
		return;
	reply->children = arena_array(&call->arena, struct store_child, tip->children.n);
	memcpy(reply->children, tip->children.at, tip->children.n * sizeof(struct store_child));
	qsort(reply->children, tip->children.n, sizeof(struct store_child), by_acceptance);
	reply->nchildren = tip->children.n < request->max ? tip->children.n : request->max;
}

void mem_incident_received(struct memory_store *store, struct mem_tip *tip, const struct store_tip *from)
{
	for (size_t i = tip->row.nsuggestions; i > 0; i--) {
		const struct store_suggestion *pair = &tip->row.suggestions[i - 1];

		if (!pair->declined || same_id(&pair->other, &from->parent))
			suggestion_drop(tip, pair);
	}
	tip->row.parent = from->parent;
	tip->row.link_why = (struct span){ 0 };
	tip->row.link_score = 0;
	tip->row.context = arena_dup(&store->arena, from->context);
}

struct store_row mem_row(const struct mem_tip *tip, struct arena *arena)
{
	struct store_row row = tip->row;

	row.suggestions = arena_array(arena, struct store_suggestion, row.nsuggestions);
	for (size_t i = 0; i < row.nsuggestions; i++)
		row.suggestions[i] = tip->row.suggestions[i];
	return row;
}
