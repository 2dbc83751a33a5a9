/*
 * An errand of the courier: the shard of a parent hears of a child that it got
 * or lost (child_errand.h).
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/sys/log.h"

#define ABSENT_TRIES_MAX 24     /* three hours: a transfer may be on its way as long */

static void child_answered(void *ctx, const struct store_reply *reply);

static void child_ask(struct errand *errand, const struct store_request *request)
{
	errand->courier->outstanding++;
	store_submit(errand->courier->env.store, request, (struct store_wait){ .done = child_answered, .ctx = errand });
}

void courier_carry_child(struct errand *errand)
{
	struct store_request first;

	child_errand_begin(&errand->child, &errand->item.child, &first);
	child_ask(errand, &first);
}

static struct span orphan_event(struct errand *errand)
{
	const struct outbox_child *child = &errand->item.child;

	return span_of(arena_printf(&errand->arena,
				    "{\"e\":\"join_failed\",\"id\":\"%s\",\"at\":%lld,\"incident\":\"%s\","
				    "\"why\":\"absent\"}",
				    child->child.text, (long long)courier_wall_ms(errand->courier), child->parent.text));
}

static void end_orphan(struct errand *errand)
{
	errand->courier->figures.orphaned++;
	log_event(LOG_LEVEL_WARNING, "courier.join_failed", "id", errand->item.child.child.text, "parent",
		  errand->item.child.parent.text, NULL);
	errand->end = OUTBOX_GIVEN_UP;
	errand->event = orphan_event(errand);
	errand->why = span_of(arena_printf(&errand->arena, "child - absent %s", errand->item.child.child.text));
	courier_tell(errand);
}

static void child_answered(void *ctx, const struct store_reply *reply)
{
	struct errand *errand = ctx;
	struct store_request next;

	if (!courier_answered(errand->courier))
		return;
	switch (child_errand_answer(&errand->child, reply, &errand->arena, &next)) {
	case CHILD_ASK:
		child_ask(errand, &next);
		return;
	case CHILD_TOLD:
		errand->courier->figures.joined++;
		errand->end = OUTBOX_CARRIED_OUT;
		courier_tell(errand);
		return;
	case CHILD_NOBODY:
		if (errand->attempts >= ABSENT_TRIES_MAX)
			end_orphan(errand);
		else
			courier_later(errand);
		return;
	case CHILD_LATER:
		courier_later(errand);
		return;
	}
}
