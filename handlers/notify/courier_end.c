/*
 * How an errand of the courier ends: the store is told, or it is tried again
 * after a while, or it waits here for its turn.
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/loop/loop.h"

#define BACKOFF_FIRST_MS 5000u

/* --- telling the store ----------------------------------------------------------- */

static void told(void *ctx, const struct store_reply *reply)
{
	struct errand *errand = ctx;
	struct courier *courier = errand->courier;

	if (!courier_answered(courier))
		return;
	if (reply->outcome == STORE_DONE)
		courier_drop(courier, errand);
	else
		errand->stage = ERRAND_UNTOLD;
	courier_carry_on(courier);
}

/* The tip that the event at an errand's end is about; text empty: none. */
static struct tip_id about(const struct errand *errand)
{
	switch (errand->item.kind) {
	case OUTBOX_SMS:
		return errand->item.sms.tip;
	case OUTBOX_REPORT:
		return errand->item.report.tip;
	case OUTBOX_CHILD:
		return errand->item.child.child;
	default:
		return (struct tip_id){ .text = "" };
	}
}

void courier_tell(struct errand *errand)
{
	struct store_outbox_end end = {
		.item = span_of(errand->id),
		.end = errand->end,
		.delay_ms = errand->delay_ms,
		.event = errand->event,
		.why = errand->why,
	};
	struct store_request request = { .op = STORE_OUTBOX_END, .outbox_end = &end };

	if (errand->event.len > 0)
		end.tip = about(errand);
	memcpy(request.shard, errand->shard, 3);
	errand->stage = ERRAND_TELLING;
	errand->courier->outstanding++;
	store_submit(errand->courier->env.store, &request, (struct store_wait){ .done = told, .ctx = errand });
}

/*
 * Doubles from 5 s to 10 min; a quarter more or less, by a mark of the item,
 * so that what failed together does not come back together.
 */
static unsigned backoff_ms(struct errand *errand)
{
	unsigned doublings = errand->attempts < 7 ? errand->attempts : 7;
	unsigned base = BACKOFF_FIRST_MS << doublings;
	unsigned char mark[16];
	struct span name = span_of(
		arena_printf(&errand->arena, "%s %s %u", errand->shard, errand->id, errand->attempts));

	if (base > COURIER_BACKOFF_LAST_MS)
		base = COURIER_BACKOFF_LAST_MS;
	seal_mark(errand->courier->env.key, "courier jitter", name, mark);
	return base - base / 4 + (unsigned)((uint64_t)base / 2 * mark[0] / 255);
}

void courier_later(struct errand *errand)
{
	errand->courier->figures.later++;
	errand->end = OUTBOX_LATER;
	errand->delay_ms = backoff_ms(errand);
	errand->event = (struct span){ 0 };
	courier_tell(errand);
}

void courier_after(struct errand *errand, uint64_t delay_ms)
{
	errand->end = OUTBOX_LATER;
	errand->delay_ms = delay_ms < UINT32_MAX ? (unsigned)delay_ms : UINT32_MAX;
	errand->event = (struct span){ 0 };
	courier_tell(errand);
}

static void woken(void *ctx)
{
	struct courier *courier = ctx;

	courier->wake = NULL;
	courier_carry_on(courier);
}

void courier_wait(struct errand *errand, uint64_t wait_ms)
{
	struct courier *courier = errand->courier;

	errand->stage = ERRAND_WAITING;
	errand->wait_until_ms = loop_now_ms(courier->env.loop) + wait_ms;
	if (courier->wake != NULL && courier->wake_ms <= errand->wait_until_ms)
		return;
	if (courier->wake != NULL)
		loop_timer_cancel(courier->wake);
	courier->wake_ms = errand->wait_until_ms;
	courier->wake = loop_after(courier->env.loop, (unsigned)wait_ms + 1, woken, courier);
}
