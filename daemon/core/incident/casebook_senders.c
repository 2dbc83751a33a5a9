/*
 * How the tips of one sender's mark ended.
 *
 * A place is taken over by another sender when there are too many; a tip knows
 * by its number whether it came under the present one.
 */
#include "daemon/core/incident/casebook_inside.h"

uint32_t sender_take(struct casebook *book, uint64_t mark, uint32_t text)
{
	unsigned char key[MARK_BYTES] = { 0 };
	bool fresh;
	size_t place;

	memcpy(key, &mark, sizeof(mark));
	place = mark_ring_take(&book->senders, key, &fresh);
	if (fresh)
		book->histories[place] = (struct sender){ .since = text };
	return (uint32_t)place + 1;
}

struct sender *sender_of(const struct casebook *book, uint32_t text, const struct tip_facts *facts)
{
	struct sender *sender;

	if (facts->sender == 0)
		return NULL;
	sender = &book->histories[facts->sender - 1];
	return text >= sender->since ? sender : NULL;
}

void sender_ended(struct casebook *book, uint32_t text, enum tip_end end)
{
	struct tip_facts facts = tip_facts(book, text);
	struct sender *sender = sender_of(book, text, &facts);

	if (sender != NULL && facts.end != END_NONE && sender->ended[facts.end] > 0)
		sender->ended[facts.end]--;
	if (sender != NULL && end != END_NONE && sender->ended[end] < UINT16_MAX)
		sender->ended[end]++;
	facts.end = end;
	tip_set(book, text, &facts);
}
