/*
 * The sealer; see sealer.h. One log after the other, each for as long as there
 * is something to do for it at once; so the work of one batch is all that is
 * ever in memory, and a turn of the loop has a few milliseconds of it.
 */
#include "daemon/jobs/sealer_inside.h"

#include "daemon/base/memory.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/files.h"
#include "daemon/sys/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LEASE_MS 15000
#define RENEW_MS 5000      /* also between two tries to get it */
#define GIVE_BACK_MS 1
#define TICKS_A_LOOK 8

static void visit(void *ctx);

static void release(struct sealer *sealer)
{
	for (size_t i = 0; i < sealer->n; i++)
		sealer_tree_close(&sealer->trees[i]);
	free(sealer->trees);
	sealer_work_release(&sealer->work);
	arena_release(&sealer->arena);
	free(sealer);
}

int64_t sealer_wall_ms(const struct sealer *sealer)
{
	return sealer->env.wall_ms != NULL ? sealer->env.wall_ms(sealer->env.ctx) : clock_wall_ms();
}

/* --- calls and turns ---------------------------------------------------------------------------------- */

void sealer_submit(struct sealer *sealer, struct store_request *request,
		   void (*done)(void *ctx, const struct store_reply *reply))
{
	const struct sealer_tree *tree = sealer_tree(sealer);

	memcpy(request->shard, tree->shard, sizeof(request->shard));
	request->job = SEALER_JOB;
	request->fence = tree->fence;
	sealer->calls++;
	store_submit(sealer->env.store, request, (struct store_wait){ .done = done, .ctx = sealer });
}

bool sealer_answered(struct sealer *sealer)
{
	sealer->calls--;
	if (!sealer->closing)
		return true;
	if (sealer->calls == 0)
		release(sealer);
	return false;
}

static void run_turn(void *ctx)
{
	struct sealer *sealer = ctx;

	/* It is freed by itself. */
	sealer->turning = NULL;
	sealer->run(sealer);
}

void sealer_turn(struct sealer *sealer, void (*run)(void *ctx))
{
	sealer->run = run;
	sealer->turning = loop_after(sealer->env.loop, 0, run_turn, sealer);
}

/* --- refusing ------------------------------------------------------------------------------------------ */

static void refuse(struct sealer_tree *tree, bool for_good, const char *why)
{
	bool known = tree->refusing && strcmp(tree->why, why) == 0;

	tree->refusing = true;
	tree->for_good = tree->for_good || for_good;
	snprintf(tree->why, sizeof(tree->why), "%s", why);
	if (!known)
		log_event(LOG_LEVEL_ERROR, "log.refused", "log", tree->name, "why", tree->why, NULL);
}

void sealer_stop_log(struct sealer *sealer, bool for_good, const char *format, ...)
{
	char why[SEALER_WHY_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	refuse(sealer_tree(sealer), for_good, why);
	sealer_next(sealer);
}

void sealer_log_holds(struct sealer *sealer)
{
	struct sealer_tree *tree = sealer_tree(sealer);

	if (!tree->refusing || tree->for_good)
		return;
	tree->refusing = false;
	log_event(LOG_LEVEL_NOTICE, "log.holds", "log", tree->name, NULL);
}

void sealer_disk_failed(struct sealer *sealer, const struct complaint *why)
{
	struct sealer_tree *tree = sealer_tree(sealer);
	struct complaint lost;

	sealer->figures.failed++;
	tree->wanted = true;
	log_rarely(LOG_LEVEL_ERROR, "log.disk", why->text);
	if (sealer_tree_resume(tree, &lost))
		sealer_next(sealer);
	else
		sealer_stop_log(sealer, true, "%s", lost.text);
}

/* --- logs in turn ----------------------------------------------------------------------------------------- */

static bool is_due(const struct sealer *sealer, size_t i)
{
	const struct sealer_tree *tree = &sealer->trees[i];

	return loop_now_ms(sealer->env.loop) >= tree->look_ms ||
	       (tree->held && !tree->refusing && sealer_slot(sealer, i) != tree->slot);
}

static void gave_back(void *ctx, const struct store_reply *reply)
{
	(void)reply;
	sealer_answered(ctx);
}

static void give_back(struct sealer *sealer)
{
	for (sealer->at = 0; sealer->at < sealer->n; sealer->at++) {
		if (sealer_tree(sealer)->held && sealer->env.store->up)
			sealer_submit(sealer, &(struct store_request){ .op = STORE_JOB_LEASE, .holder = sealer->env.holder,
								       .lease_ms = GIVE_BACK_MS },
				      gave_back);
		sealer_tree(sealer)->held = false;
	}
	sealer->at = 0;
}

void sealer_next(struct sealer *sealer)
{
	sealer->working = false;
	if (sealer->resting) {
		give_back(sealer);
		return;
	}
	for (size_t i = 0; i < sealer->n && sealer->env.store->up; i++) {
		sealer->at = (sealer->at + 1) % sealer->n;
		if (!is_due(sealer, sealer->at))
			continue;
		sealer->working = true;
		sealer_turn(sealer, visit);
		return;
	}
}

static void tick(void *ctx)
{
	struct sealer *sealer = ctx;

	if (!sealer->working && !sealer->resting)
		sealer_next(sealer);
}

static void leased(void *ctx, const struct store_reply *reply)
{
	struct sealer *sealer = ctx;
	struct sealer_tree *tree = sealer_tree(sealer);

	if (!sealer_answered(sealer))
		return;
	tree->lease_ms = loop_now_ms(sealer->env.loop) + RENEW_MS;
	tree->held = reply->outcome == STORE_DONE && reply->verdict == STORE_OK;
	tree->fence = reply->fence;
	sealer_look(sealer);
}

static void visit(void *ctx)
{
	struct sealer *sealer = ctx;
	struct sealer_tree *tree = sealer_tree(sealer);
	int64_t slot = sealer_slot(sealer, sealer->at);

	if (sealer->resting) {
		sealer_next(sealer);
		return;
	}
	tree->wanted = tree->wanted || slot != tree->slot;
	tree->slot = slot;
	if (sealer->env.lead && loop_now_ms(sealer->env.loop) >= tree->lease_ms)
		sealer_submit(sealer, &(struct store_request){ .op = STORE_JOB_LEASE, .holder = sealer->env.holder,
							       .lease_ms = LEASE_MS },
			      leased);
	else
		sealer_look(sealer);
}

/* --- from outside --------------------------------------------------------------------------------------- */

static void name_tree(struct sealer *sealer, size_t i, const char *shard)
{
	struct sealer_tree *tree = &sealer->trees[i];
	struct note_signer signer;

	memcpy(tree->shard, shard, sizeof(tree->shard));
	tree->money = strcmp(shard, STORE_MONEY_SHARD) == 0;
	snprintf(tree->name, sizeof(tree->name), "%s",
		 tree->money                             ? "money"
		 : strcmp(shard, STORE_AUDIT_SHARD) == 0 ? "audit"
							 : shard);
	snprintf(tree->origin, sizeof(tree->origin), "%.*s/%s", (int)sealer->env.origin.len, sealer->env.origin.at, tree->name);
	snprintf(tree->dir, sizeof(tree->dir), "%s/%s", sealer->env.dir, tree->name);
	keys_log_signer(sealer->env.keys, span_of(tree->origin), &signer);
	tree->key = signer.key;
	note_signer_release(&signer);
	tree->slot = sealer_slot(sealer, i);
}

static bool open_trees(struct sealer *sealer, struct complaint *why)
{
	char above[SEALER_PATH_MAX];
	char *slash;

	for (size_t i = 0; i < sealer->n; i++) {
		const char *more = i == sealer->env.nshards ? STORE_MONEY_SHARD : STORE_AUDIT_SHARD;

		name_tree(sealer, i, i < sealer->env.nshards ? sealer->env.shards[i] : more);
		if (!sealer_tree_open(&sealer->trees[i], why))
			return false;
	}
	/* What is signed must not be forgotten with its directory. */
	snprintf(above, sizeof(above), "%s", sealer->env.dir);
	slash = strrchr(above, '/');
	if (slash != NULL && slash > above)
		*slash = '\0';
	return files_sync_dir(sealer->env.dir, why) && (slash == NULL || files_sync_dir(above, why));
}

struct sealer *sealer_new(const struct sealer_env *env, struct complaint *why)
{
	struct sealer *sealer = memory_zeroes(1, sizeof(*sealer));
	unsigned tick_ms = env->look_ms / TICKS_A_LOOK;

	assert(env->holder.len > 0 && env->nshards <= SEALER_LOGS_MAX - 2 && env->interval_ms > 0 && env->look_ms > 0);
	assert(env->origin.len + SEALER_NAME_MAX < NOTE_NAME_MAX);
	sealer->env = *env;
	sealer->n = env->nshards + 2;
	sealer->trees = memory_zeroes(sealer->n, sizeof(*sealer->trees));
	if (!open_trees(sealer, why)) {
		release(sealer);
		return NULL;
	}
	sealer->at = sealer->n - 1;
	sealer->timer = loop_every(env->loop, tick_ms > 0 ? tick_ms : 1, tick, sealer);
	return sealer;
}

void sealer_free(struct sealer *sealer)
{
	if (sealer == NULL)
		return;
	loop_timer_cancel(sealer->timer);
	if (sealer->turning != NULL)
		loop_timer_cancel(sealer->turning);
	if (sealer->calls > 0)
		sealer->closing = true;
	else
		release(sealer);
}

void sealer_set_interval(struct sealer *sealer, unsigned interval_ms)
{
	sealer->env.interval_ms = interval_ms;
}

void sealer_rest(struct sealer *sealer)
{
	if (sealer == NULL || sealer->resting)
		return;
	sealer->resting = true;
	if (!sealer->working)
		give_back(sealer);
}

bool sealer_rests(const struct sealer *sealer)
{
	return sealer == NULL || (sealer->resting && !sealer->working && sealer->calls == 0);
}

size_t sealer_count(const struct sealer *sealer)
{
	return sealer->n;
}

void sealer_at(const struct sealer *sealer, size_t n, struct sealer_log *out)
{
	const struct sealer_tree *tree = &sealer->trees[n];
	const struct tiles_batch *last = &tree->last;

	*out = (struct sealer_log){ .name = span_of(tree->name), .origin = span_of(tree->origin), .key = tree->key,
				    .tiles = tree->tiles, .batches = last->number, .size = last->size, .at_ms = last->at_ms,
				    .journal = tree->journal, .unsealed_since_ms = tree->unsealed_since_ms,
				    .looked = tree->looked, .leading = tree->held, .refusing = tree->refusing };
	out->unsealed = tree->journal > last->journal ? tree->journal - last->journal : 0;
	if (tree->refusing)
		memcpy(out->why, tree->why, sizeof(out->why));
}

static size_t find(const struct sealer *sealer, struct span log)
{
	size_t i = 0;

	while (i < sealer->n && !span_is(log, sealer->trees[i].name))
		i++;
	return i;
}

bool sealer_find(const struct sealer *sealer, struct span log, struct sealer_log *out)
{
	size_t i = find(sealer, log);

	if (i < sealer->n)
		sealer_at(sealer, i, out);
	return i < sealer->n;
}

void sealer_refuse(struct sealer *sealer, struct span log, const char *why)
{
	size_t i = find(sealer, log);

	if (i < sealer->n)
		refuse(&sealer->trees[i], true, why);
}

void sealer_figures(const struct sealer *sealer, struct sealer_figures *out)
{
	*out = sealer->figures;
}
