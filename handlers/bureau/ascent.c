/*
 * Up to the first tip of an incident; see ascent.h.
 */
#include "handlers/bureau/ascent.h"

struct tip_id ascent_moved(const struct store_row *row)
{
	struct tip_id id = row->id;

	memcpy(id.text, row->region, 2);
	return id;
}

bool ascent_older(const struct store_row *a, const struct store_row *b)
{
	if (a->received_ms != b->received_ms)
		return a->received_ms < b->received_ms;
	return strcmp(a->id.text, b->id.text) < 0;
}

/* Takes in the row that was read. False: nothing lies above. */
static bool take(struct ascent *ascent, const struct store_row *row)
{
	/* What stands at the new place is older than the move when the tip was there once before. */
	if (ascent->following && (row == NULL || row->hops <= ascent->root->hops)) {
		ascent->root_moving = true;
		return true;
	}
	if (row == NULL)
		return false;   /* retention took what was above */
	if (!ascent->following)
		ascent->entry = row->id;
	ascent->root = row;
	ascent->root_moving = false;
	return true;
}

static enum ascent_next read_next(struct ascent *ascent, const struct tip_id *id, bool following)
{
	if (++ascent->steps >= ASCENT_STEPS_MAX)
		return ASCENT_TOO_FAR;
	ascent->at = *id;
	ascent->following = following;
	return ASCENT_READ;
}

enum ascent_next ascent_step(struct ascent *ascent, const struct store_reply *read)
{
	const struct store_row *row = read->verdict == STORE_ABSENT || read->nrows == 0 ? NULL : &read->rows[0];

	if (row == NULL && ascent->root == NULL)
		return ASCENT_ABSENT;
	if (!take(ascent, row))
		return ASCENT_THERE;
	if (ascent->root->state == TIP_TRANSFERRED && !ascent->root_moving) {
		struct tip_id moved = ascent_moved(ascent->root);

		return read_next(ascent, &moved, true);
	}
	if (ascent->tip == NULL) {
		ascent->tip = ascent->root;
		ascent->tip_moving = ascent->root_moving;
	}
	if (ascent->here || ascent->root->parent.text[0] == '\0')
		return ASCENT_THERE;
	return read_next(ascent, &ascent->root->parent, false);
}
