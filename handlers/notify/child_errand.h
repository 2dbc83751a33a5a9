/*
 * Telling a tip in another shard of a child that it gets or loses: which
 * question to the store comes next. The courier asks it.
 *
 * First the child's own shard is asked under whom it hangs by now; that alone
 * is told, whatever the intent said: so intents that are carried out late, or
 * twice, or in another order, leave the list as it must be. A child that moved
 * is followed, and told under its present id; a parent that moved is told where
 * it was and where it is. Pure.
 */
#ifndef TIPLINE_HANDLERS_NOTIFY_CHILD_ERRAND_H
#define TIPLINE_HANDLERS_NOTIFY_CHILD_ERRAND_H

#include "handlers/notify/outbox_item.h"

struct child_errand {
	const struct outbox_child *intent;
	struct tip_id child;     /* as it is called by now */
	struct tip_id parent;    /* who is told next */
	unsigned hops;           /* shards that were followed */
	bool reading;            /* the child's shard is being asked */
	struct store_link link;
};

enum child_next {
	CHILD_ASK,     /* *next is filled */
	CHILD_TOLD,
	CHILD_LATER,   /* the store is away, or a tip is on its way between shards */
	CHILD_NOBODY,  /* there is no such parent; perhaps it is on its way */
};

/* `intent` must outlive the errand. The first question is in *next. */
void child_errand_begin(struct child_errand *errand, const struct outbox_child *intent, struct store_request *next);

/* What an answer leads to; *next points into the errand and the arena. */
enum child_next child_errand_answer(struct child_errand *errand, const struct store_reply *reply,
				    struct arena *arena, struct store_request *next);

#endif
