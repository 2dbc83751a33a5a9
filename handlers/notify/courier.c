/*
 * The courier; see courier.h.
 *
 * Two kinds of objects: a round for each shard (lease, then what is due), and
 * an errand for each item (send, then tell the store). Both hold the courier
 * by a count, because answers of store and client come whenever they come.
 */
#include "handlers/notify/courier_inside.h"

#include "daemon/loop/loop.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <stdlib.h>

#define PERIOD_MS 1000
#define AT_ONCE 8               /* errands on the wire or in a store call */
#define TAKEN_MAX 32            /* errands in all: those behind the first eight wait */
#define JOB "courier"
#define JOB_LEASE_MS 15000
#define JOB_RENEW_MS 5000
#define ITEM_LEASE_MS 30000     /* after a crash they come back then; what is taken in twice is known, or written down */

struct round {
	struct courier *courier;
	char shard[3];
	bool asking;            /* a lease or outbox request is under way */
	bool more;              /* there is probably more: ask again as soon as there is room */
	uint64_t fence;
	uint64_t renew_at_ms;   /* on the loop's clock; 0: no lease */
};

static void tick(void *ctx);
static void ask(struct round *round);

/* --- life ---------------------------------------------------------------------- */

int64_t courier_wall_ms(const struct courier *courier)
{
	return courier->env.wall_ms != NULL ? courier->env.wall_ms() : clock_wall_ms();
}

struct courier *courier_new(const struct courier_env *env)
{
	struct courier *courier = calloc(1, sizeof(*courier));
	unsigned period_ms = env->period_ms > 0 ? env->period_ms : PERIOD_MS;

	assert(courier != NULL && env->holder.len > 0);
	courier->env = *env;
	courier->rounds = calloc(env->nshards + 1, sizeof(*courier->rounds));
	assert(courier->rounds != NULL);
	for (size_t i = 0; i < env->nshards; i++) {
		courier->rounds[i].courier = courier;
		memcpy(courier->rounds[i].shard, env->shards[i], 3);
	}
	courier->timer = loop_every(env->loop, period_ms, tick, courier);
	return courier;
}

void courier_drop(struct courier *courier, struct errand *errand)
{
	struct errand **at = &courier->errands;

	while (*at != errand)
		at = &(*at)->next;
	*at = errand->next;
	courier->figures.open--;
	arena_release(&errand->arena);
	free(errand);
}

static void free_when_alone(struct courier *courier)
{
	if (!courier->leaving || courier->outstanding > 0)
		return;
	while (courier->errands != NULL)
		courier_drop(courier, courier->errands);
	free(courier->rounds);
	free(courier);
}

void courier_free(struct courier *courier)
{
	if (courier == NULL)
		return;
	loop_timer_cancel(courier->timer);
	if (courier->wake != NULL)
		loop_timer_cancel(courier->wake);
	courier->wake = NULL;
	courier->leaving = true;
	free_when_alone(courier);
}

bool courier_answered(struct courier *courier)
{
	courier->outstanding--;
	if (!courier->leaving)
		return true;
	free_when_alone(courier);
	return false;
}

const struct courier_figures *courier_figures(const struct courier *courier)
{
	return &courier->figures;
}

void courier_set_gateways(struct courier *courier, const struct gateway_config *gateways, size_t n)
{
	courier->env.gateways = gateways;
	courier->env.ngateways = n;
}

void courier_set_channels(struct courier *courier, const struct notice_channel *channels, size_t n)
{
	courier->env.channels = channels;
	courier->env.nchannels = n;
}

void courier_set_route(struct courier *courier, const char *route)
{
	courier->env.route = route;
}

/* --- errands ------------------------------------------------------------------------- */

static void carry(struct errand *errand)
{
	errand->stage = ERRAND_CARRIED;
	switch (errand->item.kind) {
	case OUTBOX_SMS:
		courier_carry_sms(errand);
		return;
	case OUTBOX_TRANSFER:
		courier_carry_transfer(errand);
		return;
	case OUTBOX_CHILD:
		courier_carry_child(errand);
		return;
	case OUTBOX_VERIFIED:
		courier_carry_verified(errand);
		return;
	case OUTBOX_REPORT:
		courier_carry_report(errand);
		return;
	case OUTBOX_NOTICE:
		courier_carry_notice(errand);
		return;
	}
}

/* The record of a case is whole each time, so tips are added to cases one after the other. */
static bool verified_waits(const struct courier *courier, const struct errand *errand)
{
	for (const struct errand *e = courier->errands; e != NULL; e = e->next)
		if (e != errand && e->item.kind == OUTBOX_VERIFIED && e->stage == ERRAND_CARRIED)
			return true;
	return false;
}

/* Two facts about one child go one after the other, for each asks first how it is. */
static bool must_wait(const struct courier *courier, const struct errand *errand)
{
	const struct outbox_child *child = &errand->item.child;

	if (loop_now_ms(courier->env.loop) < errand->wait_until_ms)
		return true;
	if (errand->item.kind == OUTBOX_VERIFIED)
		return verified_waits(courier, errand);
	if (errand->item.kind != OUTBOX_CHILD)
		return false;
	for (const struct errand *e = courier->errands; e != errand; e = e->next)
		if (e->item.kind == OUTBOX_CHILD && (e->stage == ERRAND_WAITING || e->stage == ERRAND_CARRIED) &&
		    strcmp(e->item.child.child.text, child->child.text) == 0)
			return true;
	return false;
}

static size_t busy_errands(const struct courier *courier)
{
	size_t n = 0;

	for (const struct errand *e = courier->errands; e != NULL; e = e->next)
		n += e->stage == ERRAND_CARRIED || e->stage == ERRAND_TELLING || e->stage == ERRAND_UNWRITTEN;
	return n;
}

/* Starts what waits, as far as there is room. Nothing ends an errand within this call. */
void courier_carry_on(struct courier *courier)
{
	size_t busy = busy_errands(courier);

	for (struct errand *e = courier->errands; e != NULL && busy < AT_ONCE; e = e->next) {
		if (e->stage != ERRAND_WAITING || must_wait(courier, e))
			continue;
		carry(e);
		busy++;
	}
	for (size_t i = 0; i < courier->env.nshards && courier->figures.open < AT_ONCE; i++)
		if (courier->rounds[i].more)
			ask(&courier->rounds[i]);
}

/* An item whose end the store has not heard of comes again: it must not be sent again. */
static bool is_known(const struct courier *courier, const char shard[3], struct span id)
{
	for (const struct errand *e = courier->errands; e != NULL; e = e->next)
		if (memcmp(e->shard, shard, 3) == 0 && span_is(id, e->id))
			return true;
	return false;
}

static void take_item(struct round *round, const struct store_item *item)
{
	struct courier *courier = round->courier;
	struct errand *errand, **end = &courier->errands;

	if (item->id.len >= ITEM_ID_MAX || is_known(courier, round->shard, item->id))
		return;
	errand = calloc(1, sizeof(*errand));
	assert(errand != NULL);
	errand->courier = courier;
	errand->attempts = item->attempts;
	memcpy(errand->shard, round->shard, 3);
	memcpy(errand->id, item->id.at, item->id.len);
	while (*end != NULL)
		end = &(*end)->next;
	*end = errand;
	courier->figures.open++;
	if (outbox_item_open(courier->env.key, item->payload, &errand->arena, &errand->item))
		return;
	/* Perhaps a tip on its way: kept, for the right key may come back. */
	courier->figures.unreadable++;
	log_event(LOG_LEVEL_ERROR, "courier.item_unreadable", "shard", errand->shard, "item", errand->id, NULL);
	errand->end = OUTBOX_LATER;
	errand->delay_ms = COURIER_BACKOFF_LAST_MS;
	courier_tell(errand);
}

/* --- rounds ---------------------------------------------------------------------------- */

static void outbox_answered(void *ctx, const struct store_reply *reply)
{
	struct round *round = ctx;
	struct courier *courier = round->courier;

	if (!courier_answered(courier))
		return;
	round->asking = false;
	if (reply->outcome != STORE_DONE)
		return;
	if (reply->verdict == STORE_FENCED) {
		round->renew_at_ms = 0;
		return;
	}
	for (size_t i = 0; i < reply->nitems; i++)
		take_item(round, &reply->items[i]);
	round->more |= reply->nitems > 0;
	courier_carry_on(courier);
}

static void ask_outbox(struct round *round)
{
	struct courier *courier = round->courier;
	struct store_request request = {
		.op = STORE_OUTBOX_DUE,
		.job = JOB,
		.fence = round->fence,
		.lease_ms = ITEM_LEASE_MS,
		.max = AT_ONCE,
	};

	memcpy(request.shard, round->shard, 3);
	round->asking = true;
	courier->outstanding++;
	store_submit(courier->env.store, &request, (struct store_wait){ .done = outbox_answered, .ctx = round });
}

static void lease_answered(void *ctx, const struct store_reply *reply)
{
	struct round *round = ctx;

	if (!courier_answered(round->courier))
		return;
	round->asking = false;
	if (reply->outcome != STORE_DONE || reply->verdict != STORE_OK) {
		round->renew_at_ms = 0;
		return;
	}
	round->fence = reply->fence;
	round->renew_at_ms = loop_now_ms(round->courier->env.loop) + JOB_RENEW_MS;
	ask_outbox(round);
}

static void ask_lease(struct round *round)
{
	struct courier *courier = round->courier;
	struct store_request request = {
		.op = STORE_JOB_LEASE, .job = JOB, .holder = courier->env.holder, .lease_ms = JOB_LEASE_MS,
	};

	memcpy(request.shard, round->shard, 3);
	round->asking = true;
	courier->outstanding++;
	store_submit(courier->env.store, &request, (struct store_wait){ .done = lease_answered, .ctx = round });
}

static void ask(struct round *round)
{
	if (round->asking || round->courier->figures.open >= TAKEN_MAX)
		return;
	round->more = false;
	if (loop_now_ms(round->courier->env.loop) >= round->renew_at_ms)
		ask_lease(round);
	else
		ask_outbox(round);
}

static void tick(void *ctx)
{
	struct courier *courier = ctx;
	size_t n = courier->env.nshards;

	for (struct errand *e = courier->errands; e != NULL; e = e->next) {
		if (e->stage == ERRAND_UNTOLD)
			courier_tell(e);
		else if (e->stage == ERRAND_UNWRITTEN)
			e->parcel->again(e);
	}
	courier_carry_on(courier);
	for (size_t i = 0; i < n; i++)
		ask(&courier->rounds[(courier->turn + i) % n]);
	courier->turn = n > 0 ? (courier->turn + 1) % n : 0;
}

static void kicked(void *ctx)
{
	struct courier *courier = ctx;

	courier->kicked = false;
	if (courier_answered(courier))
		courier_carry_on(courier);
}

void courier_kick(struct courier *courier, struct span shard)
{
	for (size_t i = 0; i < courier->env.nshards; i++)
		if (span_is(shard, courier->rounds[i].shard))
			courier->rounds[i].more = true;
	if (courier->kicked || courier->leaving)
		return;
	courier->kicked = true;
	courier->outstanding++;
	loop_post(courier->env.loop, kicked, courier);
}
