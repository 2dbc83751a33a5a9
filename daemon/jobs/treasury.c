/*
 * The treasury's life, its orders and whose turn it is; see treasury.h.
 */
#include "daemon/jobs/treasury_inside.h"

#include "daemon/base/memory.h"
#include "daemon/sys/log.h"
#include "daemon/sys/random.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define TICK_MS 50
#define POLL_MS 1000

/* --- calls to the store ------------------------------------------------------------- */

void treasury_ask(struct treasury *t, const struct store_request *request,
		  void (*answered)(void *ctx, const struct store_reply *reply))
{
	assert(!t->asking);
	t->asking = true;
	store_submit(t->env.store, request, (struct store_wait){ .done = answered, .ctx = t });
}

static void release(struct treasury *t)
{
	arena_release(&t->arena);
	mirror_close(t->mirror);
	book_free(t->book);
	free(t);
}

bool treasury_wanted(struct treasury *t)
{
	t->asking = false;
	if (!t->closing)
		return true;
	release(t);
	return false;
}

uint64_t treasury_loop_ms(const struct treasury *t)
{
	return loop_now_ms(t->env.loop);
}

static void wake(void *ctx)
{
	struct treasury *t = ctx;

	t->wake = NULL;
	treasury_pump(t);
}

void treasury_rest(struct treasury *t, unsigned ms)
{
	t->rest_until_ms = treasury_loop_ms(t) + ms;
	if (t->wake != NULL)
		loop_timer_cancel(t->wake);
	t->wake = loop_after(t->env.loop, ms, wake, t);
}

/* --- orders -------------------------------------------------------------------------- */

static void order_free(struct treasury_order *order)
{
	arena_release(&order->arena);
	free(order);
}

static struct treasury_order *order_new(const struct book_command *command, struct treasury_wait wait)
{
	struct treasury_order *order = memory_zeroes(1, sizeof(*order));
	struct arena *arena = &order->arena;

	order->wait = wait;
	order->command = *command;
	order->command.kind = arena_dup(arena, span_of(command->kind)).at;
	order->command.person = arena_dup(arena, command->person);
	order->command.account = arena_dup(arena, command->account);
	order->command.key = arena_dup(arena, command->key);
	order->command.subject = arena_dup(arena, command->subject);
	for (size_t i = 0; i < command->nfields; i++)
		order->command.fields[i] = (struct book_field){
			.name = arena_dup(arena, span_of(command->fields[i].name)).at,
			.value = arena_dup(arena, command->fields[i].value),
		};
	return order;
}

static struct treasury_order *order_take(struct treasury *t)
{
	struct treasury_order *order = t->first;

	if (order == NULL)
		return NULL;
	t->first = order->next;
	if (t->first == NULL)
		t->last = &t->first;
	t->norders--;
	return order;
}

static void order_begin(struct treasury *t, struct treasury_order *order)
{
	t->working = order;
	t->money.seq = 0;
	t->lost = false;
	t->recorded = false;
	t->repeated = 0;
}

void treasury_answer(struct treasury *t, const struct treasury_answer *answer)
{
	struct treasury_order *order = t->working;

	t->working = NULL;
	t->lost = false;
	if (order->wait.done != NULL)
		order->wait.done(order->wait.ctx, answer);
	order_free(order);
}

void treasury_end(struct treasury *t, enum treasury_outcome outcome)
{
	treasury_answer(t, &(struct treasury_answer){ .outcome = outcome });
}

/* Those that are there now; what their callbacks submit waits for the next turn. */
static void send_away(struct treasury *t)
{
	for (size_t n = t->norders; n > 0; n--) {
		struct treasury_order *order = order_take(t);

		order->wait.done(order->wait.ctx, &(struct treasury_answer){ .outcome = TREASURY_AWAY });
		order_free(order);
	}
}

/* The treasury cannot work: nobody waits for it but the one whose fate only the store can tell. */
static void stand_by(struct treasury *t)
{
	if (t->working != NULL && !t->lost)
		treasury_end(t, TREASURY_AWAY);
	else if (t->working != NULL && t->figures.bad_seq > 0)
		treasury_end(t, TREASURY_UNKNOWN);
	send_away(t);
}

/* --- whose turn it is ------------------------------------------------------------------- */

/* The store is as it must be for money. */
static bool store_is_fit(const struct treasury *t)
{
	return store_takes(t->env.store) && t->durable;
}

enum fitness {
	UNFIT,     /* no work until something outside changes */
	RESTING,   /* no work for a moment */
	ASKED,     /* the store, first: how it is, or for the journal */
	FIT,
};

/* Reading comes before writing. */
static enum fitness prepare(struct treasury *t)
{
	if (!t->env.store->up)
		return UNFIT;
	if (t->rest_until_ms > treasury_loop_ms(t))
		return RESTING;
	if (!treasury_mirror_synced(t))
		return UNFIT;
	if (t->links != t->env.store->links)
		treasury_check_begin(t);
	if (treasury_health_due(t))
		treasury_ask_health(t);
	else if (t->figures.bad_seq == 0 && t->reading)
		treasury_read_on(t);
	if (t->asking)
		return ASKED;
	return t->figures.bad_seq == 0 && store_is_fit(t) ? FIT : UNFIT;
}

/* Who submitted and what is due take turns. */
static struct treasury_order *next_order(struct treasury *t)
{
	bool due_first = t->due_turn;
	struct treasury_order *order = treasury_restored_order(t);

	if (order != NULL)
		return order;
	order = due_first ? treasury_due_order(t) : order_take(t);
	t->due_turn = !due_first;
	if (order == NULL)
		order = due_first ? order_take(t) : treasury_due_order(t);
	return order;
}

/* False: there is nothing to do. */
static bool work(struct treasury *t)
{
	struct treasury_order *order;

	if (t->working != NULL) {
		treasury_work(t);
		return true;
	}
	if (treasury_lease_turn(t) || treasury_poll_turn(t))
		return true;
	order = next_order(t);
	if (order == NULL)
		return false;
	order_begin(t, order);
	treasury_work(t);
	return true;
}

void treasury_pump(struct treasury *t)
{
	bool goes_on = true;

	while (goes_on && !t->asking) {
		enum fitness fitness = prepare(t);

		if (fitness == UNFIT)
			stand_by(t);
		goes_on = fitness == ASKED || (fitness == FIT && work(t));
	}
	if (!t->checked)
		send_away(t);
}

static void pump(void *ctx)
{
	struct treasury *t = ctx;

	t->posted = false;
	treasury_pump(t);
}

static void tick(void *ctx)
{
	treasury_pump(ctx);
}

void treasury_submit(struct treasury *t, const struct book_command *command, struct treasury_wait wait)
{
	struct treasury_order *order = order_new(command, wait);

	assert(wait.done != NULL);
	*t->last = order;
	t->last = &order->next;
	t->norders++;
	if (t->posted)
		return;
	t->posted = true;
	loop_post(t->env.loop, pump, t);
}

/* --- life ---------------------------------------------------------------------------------- */

struct treasury *treasury_new(const struct treasury_env *env, struct complaint *why)
{
	struct mirror *mirror = mirror_open(env->mirror, why);
	struct treasury *t;

	if (mirror == NULL)
		return NULL;
	assert(env->holder.len > 0);
	t = memory_zeroes(1, sizeof(*t));
	t->env = *env;
	t->env.poll_ms = env->poll_ms > 0 ? env->poll_ms : POLL_MS;
	t->mirror = mirror;
	t->last = &t->first;
	t->book = book_new(env->instruction_key, random_u64());
	t->links = env->store->links - 1;   /* not checked yet, whatever it is */
	t->tick = loop_every(env->loop, t->env.poll_ms < TICK_MS ? t->env.poll_ms : TICK_MS, tick, t);
	return t;
}

void treasury_free(struct treasury *t)
{
	if (t == NULL)
		return;
	loop_timer_cancel(t->tick);
	if (t->wake != NULL)
		loop_timer_cancel(t->wake);
	loop_post_cancel(t->env.loop, pump, t);
	if (t->working != NULL)
		treasury_end(t, t->lost || (t->asking && t->money.seq > 0) ? TREASURY_UNKNOWN : TREASURY_AWAY);
	send_away(t);
	if (t->asking)
		t->closing = true;
	else
		release(t);
}

/* --- looking ------------------------------------------------------------------------------- */

const struct book *treasury_book(const struct treasury *t)
{
	return t->read_once ? t->book : NULL;
}

int64_t treasury_now_ms(const struct treasury *t)
{
	return t->clock_ms > 0 ? t->clock_ms + (int64_t)(treasury_loop_ms(t) - t->clock_loop_ms) : 0;
}

static void say_why(const struct treasury *t, struct treasury_figures *out)
{
	unsigned long long seq = mirror_records(t->mirror), head = t->head_seq;

	out->why[0] = '\0';
	if (t->figures.bad_seq > 0)
		snprintf(out->why, sizeof(out->why), "%s", t->bad.text);
	else if (!t->env.store->up)
		snprintf(out->why, sizeof(out->why), "the store is away");
	else if (t->mirror_failing)
		snprintf(out->why, sizeof(out->why), "%s", t->mirror_bad.text);
	else if (!t->durable || t->env.store->weakened)
		snprintf(out->why, sizeof(out->why), "the store is weaker than money needs it: %s",
			 t->weakness[0] != '\0' ? t->weakness : "not asked yet");
	else if (t->checked && t->restored_known > 0)
		snprintf(out->why, sizeof(out->why), "the store is an older copy, with %llu of %llu records: that is being recorded",
			 (unsigned long long)book_seq(t->book), (unsigned long long)t->restored_known);
	else if (!t->checked || t->links != t->env.store->links)
		snprintf(out->why, sizeof(out->why), "the journal is being read: %llu of %llu records", seq, head);
}

void treasury_figures(const struct treasury *t, struct treasury_figures *out)
{
	*out = t->figures;
	out->seq = book_seq(t->book);
	out->leading = t->leading;
	out->mirror_failing = t->mirror_failing;
	out->quarantine = book_quarantine(t->book)->on;
	say_why(t, out);
	out->ready = out->why[0] == '\0';
}
