/*
 * What the treasury does by itself, under the lease of its job: one process of
 * all does it, and a stale one is refused by the store.
 */
#include "daemon/jobs/treasury_inside.h"

#include "daemon/base/memory.h"
#include "daemon/sys/log.h"

#include <stdlib.h>

#define LEASE_MS 15000
#define RENEW_MS 5000
#define ASK_MS 1000        /* while another one leads, or the store does not say */
#define DUE_REST_MS 500    /* after something due was not recorded */

/* --- the lease ---------------------------------------------------------------------------- */

static void lease_answered(void *ctx, const struct store_reply *reply)
{
	struct treasury *t = ctx;
	uint64_t now_ms;

	if (!treasury_wanted(t))
		return;
	now_ms = treasury_loop_ms(t);
	if (reply->outcome == STORE_DONE && reply->verdict == STORE_OK) {
		if (!t->leading)
			log_event(LOG_LEVEL_NOTICE, "treasury.leads", NULL);
		t->leading = true;
		t->fence = reply->fence;
		t->lead_until_ms = t->lease_ask_ms + LEASE_MS;
		t->lease_ask_ms = now_ms + RENEW_MS;
	} else {
		t->leading = t->leading && reply->outcome != STORE_DONE;
		t->lease_ask_ms = now_ms + ASK_MS;
	}
	treasury_pump(t);
}

bool treasury_lease_turn(struct treasury *t)
{
	uint64_t now_ms = treasury_loop_ms(t);

	t->leading = t->leading && now_ms < t->lead_until_ms;
	if (!t->env.timers || now_ms < t->lease_ask_ms)
		return false;
	t->lease_ask_ms = now_ms;   /* from here the lease counts */
	treasury_ask(t,
		     &(struct store_request){ .op = STORE_JOB_LEASE,
					      .shard = STORE_MONEY_SHARD,
					      .job = TREASURY_JOB,
					      .holder = t->env.holder,
					      .lease_ms = LEASE_MS },
		     lease_answered);
	return true;
}

/* --- what is due --------------------------------------------------------------------------- */

/* False: nothing can have become due since it was asked last. */
static bool may_be_due(const struct treasury *t)
{
	if (!t->leading || treasury_loop_ms(t) < t->due_rest_ms)
		return false;
	if (t->due_seq != book_seq(t->book))
		return true;
	return t->due_ms > 0 && treasury_now_ms(t) >= t->due_ms;
}

struct treasury_order *treasury_due_order(struct treasury *t)
{
	struct treasury_order *order;

	if (!may_be_due(t))
		return NULL;
	order = memory_zeroes(1, sizeof(*order));
	if (book_due(t->book, treasury_now_ms(t), &order->arena, &order->command, &t->due_ms)) {
		/* Recorded it makes the book another one; if not, it is tried again after a rest. */
		t->due_rest_ms = treasury_loop_ms(t) + DUE_REST_MS;
		return order;
	}
	t->due_seq = book_seq(t->book);
	arena_release(&order->arena);
	free(order);
	return NULL;
}

/* --- after a restore ------------------------------------------------------------------------ */

/* No lease is needed: whoever sees it says it, and two that do say the same. */
struct treasury_order *treasury_restored_order(struct treasury *t)
{
	struct treasury_order *order;
	struct arena *arena;
	unsigned long long known = t->restored_known, seq = book_seq(t->book);

	if (t->restored_known == 0)
		return NULL;
	order = memory_zeroes(1, sizeof(*order));
	arena = &order->arena;
	order->restores = true;
	order->command = (struct book_command){
		.kind = "book.restored", .person = SPAN("system"), .account = SPAN("system"), .roles = MONEY_SYSTEM,
		.key = span_of(arena_printf(arena, "restored:%llu:%llu", known, seq)), .nfields = 2,
		.fields = { { "reason", SPAN("the mirror has records that the store has not") },
			    { "known", span_of(arena_printf(arena, "%llu", known)) } },
	};
	return order;
}
