/*
 * Down through an incident; see descent.h.
 */
#include "handlers/bureau/descent.h"

#include "handlers/bureau/ascent.h"

static bool holds(const struct store_child *list, size_t n, const struct tip_id *id)
{
	for (size_t i = 0; i < n; i++)
		if (ascent_same(&list[i].id, id))
			return true;
	return false;
}

static bool before(const struct store_child *a, const struct store_child *b)
{
	if (a->received_ms != b->received_ms)
		return a->received_ms < b->received_ms;
	return strcmp(a->id.text, b->id.text) < 0;
}

/* Makes room for one that is wanted; false when it is the youngest of too many. */
static bool room_for(struct descent *descent, const struct store_child *child)
{
	size_t room = DESCENT_MAX - descent->ntaken;

	if (descent->nwaiting < room)
		return true;
	descent->more = true;
	if (room == 0 || before(&descent->waiting[room - 1], child))
		return false;
	descent->nwaiting = room - 1;
	return true;
}

void descent_add(struct descent *descent, const struct store_child *child)
{
	size_t at;

	if (holds(descent->taken, descent->ntaken, &child->id) ||
	    holds(descent->waiting, descent->nwaiting, &child->id) || !room_for(descent, child))
		return;
	for (at = descent->nwaiting++; at > 0 && before(child, &descent->waiting[at - 1]); at--)
		descent->waiting[at] = descent->waiting[at - 1];
	descent->waiting[at] = *child;
}

bool descent_take(struct descent *descent, struct store_child *out)
{
	if (descent->nwaiting == 0 || descent->ntaken == DESCENT_MAX)
		return false;
	*out = descent->waiting[0];
	descent->nwaiting--;
	memmove(descent->waiting, descent->waiting + 1, descent->nwaiting * sizeof(descent->waiting[0]));
	descent->taken[descent->ntaken++] = *out;
	return true;
}
