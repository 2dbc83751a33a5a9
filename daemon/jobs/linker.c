/*
 * The linker's life: the lease, the shards' numbers, the timer; see linker.h.
 */
#include "daemon/jobs/linker_inside.h"

#include "daemon/sys/log.h"
#include "daemon/sys/random.h"

#include <assert.h>
#include <stdlib.h>

#define TICK_MS 50
#define LEASE_MS 15000
#define RENEW_MS 5000
#define ASK_MS 1000      /* while another one leads */
#define LOOK_MS 500
#define NOTE_MS 1000
#define NUMBER_MS 1      /* a shard's number is nobody's by lease; who leads takes it */

/* --- calls ------------------------------------------------------------------------------------- */

void linker_submit(struct linker *linker, size_t shard, struct linker_decision *decision,
		   const struct store_request *request, void (*done)(void *ctx, const struct store_reply *reply))
{
	struct linker_call *call = calloc(1, sizeof(*call));
	struct store_request named = *request;

	assert(call != NULL);
	*call = (struct linker_call){
		.linker = linker, .reign = linker->reign, .shard = shard, .decision = decision
	};
	named.job = LINKER_JOB;
	memcpy(named.shard, linker->shards[shard].name, sizeof(named.shard));
	linker->calls++;
	store_submit(linker->env.store, &named, (struct store_wait){ .done = done, .ctx = call });
}

static void linker_release(struct linker *linker)
{
	linker_forget_decisions(linker);
	linker_forget_batches(linker);
	casebook_free(linker->casebook);
	free(linker);
}

bool linker_answered(void *ctx, struct linker_call *out)
{
	struct linker_call *call = ctx;
	struct linker *linker = call->linker;

	*out = *call;
	free(call);
	linker->calls--;
	if (linker->closing && linker->calls == 0)
		linker_release(linker);
	else if (!linker->closing && out->reign == linker->reign)
		return true;
	return false;
}

/* --- the lease ---------------------------------------------------------------------------------- */

static size_t national(const struct linker *linker)
{
	for (size_t i = 0; i < linker->env.nshards; i++)
		if (memcmp(linker->shards[i].name, SHARD_NATIONAL, 2) == 0)
			return i;
	return 0;
}

void linker_abdicate(struct linker *linker, const char *why)
{
	if (linker->stage == LINKER_IDLE)
		return;
	log_event(LOG_LEVEL_WARNING, "linker.lost", "why", why, NULL);
	linker->reign++;
	linker->stage = LINKER_IDLE;
	linker->lease_asking = false;
	linker->lease_asked_ms = loop_now_ms(linker->env.loop);
	linker_turn_never(linker);
	linker_forget_decisions(linker);
	linker_forget_batches(linker);
	casebook_free(linker->casebook);
	linker->casebook = NULL;
	linker->figures.warm = false;
	linker->figures.warm_ms = 0;
}

static void lead(struct linker *linker)
{
	linker->stage = LINKER_LEADING;
	linker->casebook = casebook_new(&linker->env.limits, linker->env.rules, random_u64());
	linker->began_ms = loop_now_ms(linker->env.loop);
	linker->looked_ms = linker->began_ms;
	linker->noted_ms = linker->began_ms;
	log_event(LOG_LEVEL_NOTICE, "linker.leads", NULL);
	linker_look_everywhere(linker);
}

static void take_number(struct linker *linker);

static void number_taken(void *ctx, const struct store_reply *reply)
{
	struct linker_call call;
	struct linker_shard *shard;

	if (!linker_answered(ctx, &call))
		return;
	if (reply->outcome != STORE_DONE || reply->verdict != STORE_OK) {
		linker_abdicate(call.linker, "a shard's number could not be taken");
		return;
	}
	shard = &call.linker->shards[call.shard];
	shard->fence = reply->fence;
	shard->noted = reply->note;
	shard->judge_from = reply->note + 1;
	shard->fetched = 0;
	shard->judged = 0;
	if (++call.linker->taking < call.linker->env.nshards)
		take_number(call.linker);
	else
		lead(call.linker);
}

/* The national shard's is the lease itself and has its own time. */
static void take_number(struct linker *linker)
{
	bool is_lease = linker->taking == national(linker);

	linker_submit(linker, linker->taking, NULL,
		      &(struct store_request){ .op = STORE_JOB_LEASE,
					       .holder = linker->env.holder,
					       .lease_ms = is_lease ? LEASE_MS : NUMBER_MS },
		      number_taken);
}

static void leased(void *ctx, const struct store_reply *reply)
{
	struct linker_call call;
	struct linker *linker;

	if (!linker_answered(ctx, &call))
		return;
	linker = call.linker;
	linker->lease_asking = false;
	if (reply->outcome != STORE_DONE)
		return;
	if (reply->verdict != STORE_OK || (linker->stage != LINKER_IDLE && reply->fence != linker->lease_fence)) {
		linker_abdicate(linker, "another process leads");
		return;
	}
	linker->lease_fence = reply->fence;
	if (linker->stage != LINKER_IDLE)
		return;
	linker->stage = LINKER_TAKING;
	linker->taking = 0;
	take_number(linker);
}

static void ask_for_lease(struct linker *linker, uint64_t now_ms)
{
	uint64_t wait_ms = linker->stage == LINKER_IDLE ? ASK_MS : RENEW_MS;

	if (linker->lease_asking || (linker->lease_asked_ms != 0 && now_ms - linker->lease_asked_ms < wait_ms))
		return;
	linker->lease_asking = true;
	linker->lease_asked_ms = now_ms;
	linker_submit(linker, national(linker), NULL,
		      &(struct store_request){
			      .op = STORE_JOB_LEASE, .holder = linker->env.holder, .lease_ms = LEASE_MS },
		      leased);
}

/* --- the timer ----------------------------------------------------------------------------------- */

static void tick(void *ctx)
{
	struct linker *linker = ctx;
	uint64_t now_ms = loop_now_ms(linker->env.loop);

	if (linker->resting || !linker->env.store->up)
		return;
	ask_for_lease(linker, now_ms);
	if (linker->stage != LINKER_LEADING)
		return;
	if (now_ms - linker->looked_ms >= LOOK_MS) {
		linker->looked_ms = now_ms;
		linker_look_everywhere(linker);
	}
	linker_read_on(linker);
	linker_write_on(linker);
	if (now_ms - linker->noted_ms >= NOTE_MS) {
		linker->noted_ms = now_ms;
		linker_note(linker);
	}
}

struct linker *linker_new(const struct linker_env *env)
{
	struct linker *linker = calloc(1, sizeof(*linker));

	assert(linker != NULL && env->holder.len > 0 && env->nshards > 0 && env->nshards <= LINKER_SHARDS_MAX);
	linker->env = *env;
	for (size_t i = 0; i < env->nshards; i++)
		memcpy(linker->shards[i].name, env->shards[i], sizeof(linker->shards[i].name));
	linker->timer = loop_every(env->loop, TICK_MS, tick, linker);
	return linker;
}

static void gave_back(void *ctx, const struct store_reply *reply)
{
	struct linker_call call;

	(void)reply;
	linker_answered(ctx, &call);
}

void linker_rest(struct linker *linker)
{
	if (linker == NULL || linker->resting)
		return;
	linker->resting = true;
	linker_turn_never(linker);
	if (linker->stage == LINKER_LEADING && linker->env.store->up)
		linker_submit(linker, national(linker), NULL,
			      &(struct store_request){ .op = STORE_JOB_LEASE,
						       .holder = linker->env.holder,
						       .lease_ms = NUMBER_MS },
			      gave_back);
}

bool linker_rests(const struct linker *linker)
{
	return linker == NULL || (linker->resting && linker->calls == 0);
}

void linker_free(struct linker *linker)
{
	if (linker == NULL)
		return;
	loop_timer_cancel(linker->timer);
	linker_turn_never(linker);
	linker->closing = true;
	if (linker->calls == 0)
		linker_release(linker);
}

/* --- from outside --------------------------------------------------------------------------------- */

void linker_set_rules(struct linker *linker, const struct rules *rules)
{
	linker->env.rules = rules;
	if (linker->casebook != NULL)
		casebook_set_rules(linker->casebook, rules);
}

void linker_kick(struct linker *linker, struct span shard)
{
	for (size_t i = 0; i < linker->env.nshards; i++)
		if (shard.len == 2 && memcmp(linker->shards[i].name, shard.at, 2) == 0)
			linker->shards[i].changed = true;
}

void linker_figures(const struct linker *linker, struct linker_figures *out)
{
	*out = linker->figures;
	out->leading = linker->stage == LINKER_LEADING;
	out->open = linker->open;
	out->behind = 0;
	for (size_t i = 0; i < linker->env.nshards; i++)
		out->behind += linker->shards[i].fetched - linker->shards[i].judged;
	if (linker->casebook != NULL)
		casebook_figures(linker->casebook, &out->casebook);
	else
		out->casebook = (struct casebook_figures){ 0 };
}
