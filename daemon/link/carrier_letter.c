/*
 * Messages out, from links_submit() to their end; see carrier.h.
 */
#include "daemon/link/carrier.h"

#include "daemon/base/memory.h"

#include <stdlib.h>

struct carrier_letter *carrier_letter_new(struct carrier *link, const struct link_submit *submit, link_done *done, void *who)
{
	struct carrier_letter *e = memory_zeroes(1, sizeof(*e));

	e->link = link;
	e->submit = *submit;
	e->done = done;
	e->who = who;
	buf_add_span(&e->octets, submit->to);
	buf_add_span(&e->octets, submit->header);
	buf_add_span(&e->octets, submit->octets);
	e->submit.to = span_from(e->octets.at, submit->to.len);
	e->submit.header = span_from(e->octets.at + submit->to.len, submit->header.len);
	e->submit.octets = span_from(e->octets.at + submit->to.len + submit->header.len, submit->octets.len);
	return e;
}

void carrier_letter_end(struct carrier_letter *e, const struct link_sent *sent)
{
	if (e->link != NULL)
		e->link->figures.out[sent->end]++;
	e->done(e->who, sent);
	buf_release(&e->octets);
	free(e);
}

void carrier_letter_wait(struct carrier *link, struct carrier_letter *e)
{
	struct carrier_letter *behind = TAILQ_LAST(&link->waiting, carrier_letters);

	/* Back to its place: what was refused as too fast is older than what waits. */
	while (behind != NULL && behind->serial > e->serial)
		behind = TAILQ_PREV(behind, carrier_letters, at);
	if (behind == NULL)
		TAILQ_INSERT_HEAD(&link->waiting, e, at);
	else
		TAILQ_INSERT_AFTER(&link->waiting, behind, e, at);
	link->nwaiting++;
}

struct carrier_letter *carrier_letter_unwait(struct carrier *link, struct carrier_letter *e)
{
	TAILQ_REMOVE(&link->waiting, e, at);
	link->nwaiting--;
	return e;
}

void carrier_letters_give_up(struct carrier *link, uint64_t now_ms)
{
	struct carrier_letter *e = TAILQ_FIRST(&link->waiting);
	bool down = link->down_ms > 0 && now_ms >= link->down_ms + LINKS_DOWN_MS;

	while (e != NULL) {
		struct carrier_letter *next = TAILQ_NEXT(e, at);

		if (down || now_ms >= e->until_ms)
			carrier_letter_end(carrier_letter_unwait(link, e), &(struct link_sent){ .end = LINK_END_LATER });
		e = next;
	}
}
