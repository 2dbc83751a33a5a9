/*
 * Incidents in the fold; see fold_incident.h.
 */
#include "daemon/core/journal/fold_incident.h"

#include "daemon/base/memory.h"

#include <assert.h>
#include <stdlib.h>

static bool same_id(const struct tip_id *a, const struct tip_id *b)
{
	return memcmp(a->text, b->text, TIP_ID_LEN) == 0;
}

void fold_incident_release(struct fold_incident *incident)
{
	free(incident->context);
	free(incident->pairs);
	free(incident->children);
	mark_map_release(&incident->tails);
	*incident = (struct fold_incident){ .nchildren = 0 };
}

/* --- children --------------------------------------------------------------------------- */

/* From so many on a list is not looked through for every new one: a hoax has thousands of copies. */
#define MANY 32

static uint64_t tail_count(const struct fold_incident *incident, const struct tip_id *id,
			   unsigned char key[MARK_BYTES])
{
	uint64_t count = 0;

	memset(key, 0, MARK_BYTES);
	memcpy(key, id->text + 2, TIP_ID_LEN - 2);
	mark_map_get(&incident->tails, key, &count);
	return count;
}

static void tail_more(struct fold_incident *incident, const struct tip_id *id, int by)
{
	unsigned char key[MARK_BYTES];
	uint64_t count = tail_count(incident, id, key) + (uint64_t)by;

	if (count > 0)
		mark_map_set(&incident->tails, key, count);
	else
		mark_map_drop(&incident->tails, key);
}

static void tails_begin(struct fold_incident *incident)
{
	mark_map_release(&incident->tails);
	mark_map_init(&incident->tails, incident->seed);
	for (size_t i = 0; i < incident->nchildren; i++)
		tail_more(incident, &incident->children[i].id, 1);
}

struct fold_child *fold_child_find(const struct fold_incident *incident, const struct tip_id *id,
				   int64_t received_ms)
{
	struct fold_child *moved = NULL;
	unsigned char key[MARK_BYTES];

	if (incident->tails.n > 0 && tail_count(incident, id, key) == 0)
		return NULL;
	for (size_t i = 0; i < incident->nchildren; i++) {
		struct fold_child *at = &incident->children[i];

		if (same_id(&at->id, id))
			return at;
		if (at->received_ms == received_ms && memcmp(at->id.text + 2, id->text + 2, TIP_ID_LEN - 2) == 0)
			moved = at;
	}
	return moved;
}

static struct fold_child *child_add(struct fold_incident *incident)
{
	if (incident->nchildren == incident->room) {
		incident->room = incident->room > 0 ? 2 * incident->room : 2;
		incident->children = realloc(incident->children, incident->room * sizeof(*incident->children));
		assert(incident->children != NULL);
	}
	return &incident->children[incident->nchildren++];
}

void fold_child_put(struct fold_incident *incident, const struct tip_id *id, int64_t received_ms)
{
	struct fold_child *child = fold_child_find(incident, id, received_ms);

	if (child != NULL && same_id(&child->id, id))
		return;
	if (child != NULL) {
		child->id = *id;
		return;
	}
	*child_add(incident) = (struct fold_child){ .id = *id, .received_ms = received_ms };
	if (incident->tails.n > 0)
		tail_more(incident, id, 1);
	else if (incident->nchildren >= MANY)
		tails_begin(incident);
}

void fold_child_drop(struct fold_incident *incident, struct fold_child *child)
{
	if (incident->tails.n > 0)
		tail_more(incident, &child->id, -1);
	*child = incident->children[--incident->nchildren];
}

/* --- pairs ------------------------------------------------------------------------------- */

struct fold_pair *fold_pair_find(const struct fold_incident *incident, const struct tip_id *other)
{
	for (size_t i = 0; i < incident->npairs; i++)
		if (same_id(&incident->pairs[i].other, other))
			return &incident->pairs[i];
	return NULL;
}

static struct fold_pair *pair_add(struct fold_incident *incident)
{
	incident->pairs = realloc(incident->pairs, (incident->npairs + 1) * sizeof(*incident->pairs));
	assert(incident->pairs != NULL);
	return &incident->pairs[incident->npairs++];
}

bool fold_pair_suggest(struct fold_incident *incident, const struct fold_pair *pair)
{
	if (incident->npairs == FOLD_PAIRS_MAX)
		return false;
	*pair_add(incident) = *pair;
	return true;
}

void fold_pair_drop(struct fold_incident *incident, struct fold_pair *pair)
{
	size_t behind = (size_t)(incident->pairs + incident->npairs - pair - 1);

	memmove(pair, pair + 1, behind * sizeof(*pair));
	incident->npairs--;
}

static struct fold_pair *pair_least(const struct fold_incident *incident)
{
	for (size_t i = 0; i < incident->npairs; i++)
		if (!incident->pairs[i].declined)
			return &incident->pairs[i];
	return incident->pairs;
}

void fold_pair_decline(struct fold_incident *incident, const struct tip_id *other)
{
	struct fold_pair *pair = fold_pair_find(incident, other);

	if (pair == NULL) {
		if (incident->npairs == FOLD_PAIRS_MAX)
			fold_pair_drop(incident, pair_least(incident));
		pair = pair_add(incident);
	}
	*pair = (struct fold_pair){ .other = *other, .declined = true };
}

/* --- context ------------------------------------------------------------------------------ */

void fold_context_set(struct fold_incident *incident, struct span context)
{
	free(incident->context);
	incident->context = NULL;
	if (context.len == 0)
		return;
	incident->context = memory_zeroes(context.len + 1, 1);
	memcpy(incident->context, context.at, context.len);
}

void fold_parent_set(struct fold_incident *incident, const struct tip_id *parent)
{
	incident->parent = *parent;
	memset(incident->link_why, 0, sizeof(incident->link_why));
	incident->link_score = 0;
	incident->link_told = false;
}

void fold_parent_told(struct fold_incident *incident, unsigned char score, struct span why)
{
	if (why.len > 0)
		memcpy(incident->link_why, why.at, why.len);
	incident->link_score = score;
	incident->link_told = true;
}

void fold_incident_back(struct fold_incident *incident, const struct tip_id *parent, struct span context)
{
	for (size_t i = incident->npairs; i > 0; i--)
		if (!incident->pairs[i - 1].declined || same_id(&incident->pairs[i - 1].other, parent))
			fold_pair_drop(incident, &incident->pairs[i - 1]);
	fold_parent_set(incident, parent);
	fold_context_set(incident, context);
}
