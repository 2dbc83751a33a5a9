/*
 * Pairs of incidents that were suggested or that a person keeps apart, and
 * links that wait for a tip to be read from the journal of its shard.
 */
#include "daemon/core/incident/casebook_inside.h"

/* --- suggested ----------------------------------------------------------------------------------- */

bool pair_suggest(struct casebook *book, uint32_t one, uint32_t other)
{
	uint32_t a = link_group(book->link, one), b = link_group(book->link, other);
	uint32_t pair[2] = { a < b ? a : b, a < b ? b : a };
	unsigned char key[MARK_BYTES] = { 0 };
	bool fresh;

	memcpy(key, pair, sizeof(pair));
	mark_ring_take(&book->suggested, key, &fresh);
	return fresh;
}

/* --- declined ------------------------------------------------------------------------------------ */

void pair_decline(struct casebook *book, uint64_t tail, uint64_t other)
{
	book->declined[book->next_declined] = (struct tail_pair){ .a = tail, .b = other };
	book->next_declined = (book->next_declined + 1) % DECLINED_MAX;
	if (book->ndeclined < DECLINED_MAX)
		book->ndeclined++;
}

/* The group that a tip is in now; 0 when it is not held. */
static uint32_t group_of(const struct casebook *book, uint64_t tail)
{
	uint32_t text = tip_find(book, tail);

	return text != 0 ? link_group(book->link, text) : 0;
}

bool pair_declined(const struct casebook *book, uint32_t one, uint32_t other)
{
	uint32_t group = link_group(book->link, one), with = link_group(book->link, other);

	for (size_t i = 0; i < book->ndeclined; i++) {
		uint32_t a = group_of(book, book->declined[i].a);

		if (a != group && a != with)
			continue;
		if (group_of(book, book->declined[i].b) == (a == group ? with : group))
			return true;
	}
	return false;
}

/* --- waiting ------------------------------------------------------------------------------------- */

void waiting_add(struct casebook *book, uint64_t child, uint64_t parent, bool copy)
{
	struct waiting *at = &book->waiting[book->next_waiting];

	book->nwaiting += !at->used;
	*at = (struct waiting){ .child = child, .parent = parent, .copy = copy, .used = true };
	book->next_waiting = (book->next_waiting + 1) % WAITING_MAX;
}

static void empty(struct casebook *book, struct waiting *at)
{
	at->used = false;
	book->nwaiting--;
}

void waiting_drop(struct casebook *book, uint64_t child)
{
	for (size_t i = 0; book->nwaiting > 0 && i < WAITING_MAX; i++)
		if (book->waiting[i].used && book->waiting[i].child == child)
			empty(book, &book->waiting[i]);
}

bool waiting_take(struct casebook *book, uint64_t tail, struct waiting *out)
{
	for (size_t i = 0; book->nwaiting > 0 && i < WAITING_MAX; i++) {
		struct waiting *at = &book->waiting[i];

		if (!at->used || (at->child != tail && at->parent != tail) || tip_find(book, at->child) == 0 ||
		    tip_find(book, at->parent) == 0)
			continue;
		*out = *at;
		empty(book, at);
		return true;
	}
	return false;
}
