/*
 * Keys of past weeks; see weeks.h. A round: take the lease, look at the front of
 * every tip and count, destroy one key after the other, look once more and move.
 */
#include "daemon/jobs/weeks.h"

#include "daemon/base/wipe.h"
#include "daemon/core/retention.h"
#include "daemon/jobs/trail.h"
#include "daemon/sys/clock.h"
#include "daemon/sys/log.h"
#include "daemon/sys/week_mark.h"
#include "daemon/sys/week_move.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define JOB "weeks"
#define JOB_LEASE_MS 30000   /* renewed at a third of it */
#define PAGE 500

/* A tip whose front becomes another one. */
struct moving {
	struct tip_id id;
	struct store_cover cover;
};

struct weeks_job {
	struct weeks_env env;
	struct old_weeks_rules rules;
	struct old_weeks old;
	struct weeks_figures figures;
	struct loop_timer *timer, *pause;
	struct retention_clock clock;
	int64_t judged_ms;
	uint64_t fence, renew_ms;
	uint64_t cursor;
	uint64_t tips;               /* moved in this round */
	struct week_present present;
	struct arena arena;          /* of the page */
	struct moving moves[PAGE];
	size_t n, next;
	unsigned doomed;
	bool moving;                 /* in this look; else it counts */
	bool blind;
	bool working, closing;
};

static void ask_page(struct weeks_job *j);
static void step(struct weeks_job *j);
static void destroy_next(struct weeks_job *j);

static void release(struct weeks_job *j)
{
	arena_release(&j->arena);
	wipe(&j->present, sizeof(j->present));
	free(j);
}

/* False when the job is going away; memory is freed then. */
static bool still_wanted(struct weeks_job *j)
{
	if (!j->closing)
		return true;
	release(j);
	return false;
}

static void submit(struct weeks_job *j, struct store_request *request, void (*done)(void *ctx, const struct store_reply *reply))
{
	memcpy(request->shard, STORE_AUDIT_SHARD, sizeof(request->shard));
	request->job = JOB;
	request->fence = j->fence;
	request->holder = j->env.holder;
	request->lease_ms = JOB_LEASE_MS;
	store_submit(j->env.store, request, (struct store_wait){ .done = done, .ctx = j });
}

static void end_round(struct weeks_job *j)
{
	if (j->tips > 0)
		log_event(LOG_LEVEL_NOTICE, "weeks.moved", "tips", log_u64(j->tips), NULL);
	j->tips = 0;
	j->working = false;
	arena_release(&j->arena);
	wipe(&j->present, sizeof(j->present));
	j->figures.round_ms = clock_wall_ms();
}

static void leave(struct weeks_job *j)
{
	j->renew_ms = 0;
	end_round(j);
}

/* --- one key after the other --------------------------------------------------------------------- */

static void destroy(struct weeks_job *j)
{
	struct complaint why;

	if (week_keys_destroy(j->env.keys, j->doomed, j->judged_ms, &why)) {
		j->figures.destroyed++;
		log_event(LOG_LEVEL_NOTICE, "weeks.destroyed", "week", log_u64(j->doomed), NULL);
	} else {
		log_event(LOG_LEVEL_ERROR, "weeks.not_destroyed", "week", log_u64(j->doomed), "reason", why.text, NULL);
	}
}

/* The next round begins with what is on the disk then. */
static void forget(struct weeks_job *j, unsigned week)
{
	for (size_t i = 0; i < j->old.n; i++)
		if (j->old.at[i].week == week)
			j->old.at[i].empty_ms = 0;
}

static void written(void *ctx, bool well)
{
	struct weeks_job *j = ctx;

	if (!still_wanted(j))
		return;
	if (!well) {
		end_round(j);
		return;
	}
	destroy(j);
	forget(j, j->doomed);
	destroy_next(j);
}

static void begin_look(struct weeks_job *j, bool moving)
{
	j->moving = moving;
	j->cursor = 0;
	ask_page(j);
}

static bool any_moves(const struct weeks_job *j)
{
	for (size_t i = 0; i < j->old.n; i++)
		if (old_weeks_moves(&j->old, &j->rules, j->old.at[i].week))
			return true;
	return false;
}

static void begin_moving(struct weeks_job *j)
{
	struct complaint why;

	if (!any_moves(j))
		end_round(j);
	else if (week_keys_present(j->env.keys, j->judged_ms, &j->present.week, &j->present.key, &why))
		begin_look(j, true);
	else
		leave(j);
}

static void destroy_next(struct weeks_job *j)
{
	char name[32];
	struct trail_event event = { .kind = TRAIL_KEY_DESTROYED, .by = SPAN("system"), .call = SPAN("weeks") };

	j->doomed = old_weeks_doomed(&j->old, clock_steady_ms(), j->env.sure_ms);
	if (j->doomed == 0) {
		begin_moving(j);
		return;
	}
	snprintf(name, sizeof(name), "week-%04u.key", j->doomed);
	event.id = span_of(name);
	if (!trail_show(j->env.trail, &event, (struct trail_wait){ .done = written, .ctx = j }))
		end_round(j);
}

/* --- a look over the store -------------------------------------------------------------------------- */

static void look_for_marks(struct weeks_job *j)
{
	char name[WEEK_MARK_NAME_MAX];

	if (!week_marks_any(j->env.dir, name))
		return;
	j->blind = true;
	log_rarely(LOG_LEVEL_WARNING, "weeks.held_back", name[0] != '\0' ? name : "the directory of weekly keys cannot be read");
}

static void end_look(struct weeks_job *j)
{
	if (j->moving) {
		end_round(j);
		return;
	}
	look_for_marks(j);
	old_weeks_judge(&j->old, j->blind, clock_steady_ms());
	j->figures.old = j->old.n;
	j->figures.tips = old_weeks_tips(&j->old);
	j->figures.held_back = j->blind;
	destroy_next(j);
}

static void pass_on(void *ctx)
{
	struct weeks_job *j = ctx;

	j->pause = NULL;
	ask_page(j);
}

static void next_page(struct weeks_job *j)
{
	if (j->rules.after_weeks == 0)
		end_round(j);
	else if (j->cursor == 0)
		end_look(j);
	else
		j->pause = loop_after(j->env.loop, j->env.pause_ms, pass_on, j);
}

static void covered(void *ctx, const struct store_reply *reply)
{
	struct weeks_job *j = ctx;

	if (!still_wanted(j))
		return;
	if (reply->outcome != STORE_DONE) {
		leave(j);
		return;
	}
	j->tips += reply->verdict == STORE_OK;
	j->figures.moved += reply->verdict == STORE_OK;
	j->figures.stayed += reply->verdict == STORE_CONFLICT;
	j->next++;
	step(j);
}

static void step(struct weeks_job *j)
{
	struct moving *move = &j->moves[j->next];

	if (j->next < j->n)
		submit(j, &(struct store_request){ .op = STORE_COVER, .id = move->id, .cover = &move->cover }, covered);
	else
		next_page(j);
}

/* --- a page ------------------------------------------------------------------------------------------- */

static void count(struct weeks_job *j, const struct week_fronts *fronts)
{
	unsigned week = week_under(fronts->content), identity_week = week_under(fronts->identity);

	old_weeks_count(&j->old, week);
	if (identity_week != week)
		old_weeks_count(&j->old, identity_week);
}

static bool moves(const struct weeks_job *j, struct span stored)
{
	return old_weeks_moves(&j->old, &j->rules, week_under(stored));
}

/* An identity whose content was deleted stays where it is: its own day comes. */
static void plan(struct weeks_job *j, const struct tip_id *id, const struct week_fronts *fronts)
{
	struct moving *move = &j->moves[j->n];
	struct week_moved moved;

	if (span_empty(fronts->content) || !(moves(j, fronts->content) || moves(j, fronts->identity)))
		return;
	if (!week_move(j->env.keys, id, fronts, &j->present, &j->arena, &moved)) {
		j->figures.stayed++;
		return;
	}
	*move = (struct moving){ .id = *id,
				 .cover = { .was = moved.was, .now = moved.now, .identity_was = moved.identity_was,
					    .identity_now = moved.identity_now } };
	j->n++;
}

static void see(struct weeks_job *j, const struct store_item *item)
{
	struct week_fronts fronts = { .content = item->payload, .identity = item->why };
	bool leaving = item->number > 0;
	struct tip_id id;

	j->blind = j->blind || leaving;
	if (!tip_id_parse(item->id, &id))
		return;
	if (!j->moving)
		count(j, &fronts);
	else if (!leaving && j->n < PAGE)
		plan(j, &id, &fronts);
}

static void took_page(void *ctx, const struct store_reply *reply)
{
	struct weeks_job *j = ctx;

	if (!still_wanted(j))
		return;
	if (reply->outcome != STORE_DONE) {
		leave(j);
		return;
	}
	arena_release(&j->arena);
	j->n = j->next = 0;
	for (size_t i = 0; i < reply->nitems; i++)
		see(j, &reply->items[i]);
	j->cursor = reply->note;
	step(j);
}

static void renewed(void *ctx, const struct store_reply *reply);

static void ask_page(struct weeks_job *j)
{
	if (j->renew_ms <= loop_now_ms(j->env.loop))
		submit(j, &(struct store_request){ .op = STORE_JOB_LEASE }, renewed);
	else
		submit(j, &(struct store_request){ .op = STORE_FRONTS, .from = j->cursor, .max = PAGE }, took_page);
}

/* --- rounds ---------------------------------------------------------------------------------------------- */

/* True: it is ours. Who comes after another trusts the time that is the job's note. */
static bool take_lease(struct weeks_job *j, const struct store_reply *reply)
{
	if (reply->outcome != STORE_DONE || reply->verdict != STORE_OK)
		return false;
	if (j->fence != reply->fence)
		j->clock = (struct retention_clock){ .trusted_ms = (int64_t)reply->note };
	j->fence = reply->fence;
	j->renew_ms = loop_now_ms(j->env.loop) + JOB_LEASE_MS / 3;
	return true;
}

static void renewed(void *ctx, const struct store_reply *reply)
{
	struct weeks_job *j = ctx;
	uint64_t fence = j->fence;

	if (!still_wanted(j))
		return;
	/* Under another number somebody else worked meanwhile: the next round begins anew. */
	if (take_lease(j, reply) && j->fence == fence)
		ask_page(j);
	else
		leave(j);
}

static void choose(struct weeks_job *j)
{
	unsigned *here;
	size_t n = week_keys_list(j->env.keys, &here);

	old_weeks_choose(&j->old, &j->rules, here, n, week_of(j->judged_ms));
	free(here);
}

static void noted(void *ctx, const struct store_reply *reply)
{
	struct weeks_job *j = ctx;

	if (!still_wanted(j))
		return;
	if (reply->outcome != STORE_DONE || reply->verdict != STORE_OK) {
		leave(j);
		return;
	}
	choose(j);
	old_weeks_clear(&j->old);
	j->blind = false;
	look_for_marks(j);
	if (j->old.n > 0) {
		begin_look(j, false);
		return;
	}
	j->figures.old = j->figures.tips = 0;
	end_round(j);
}

static void leased(void *ctx, const struct store_reply *reply)
{
	struct weeks_job *j = ctx;
	int64_t trusted_ms, wall_ms;

	if (!still_wanted(j))
		return;
	if (!take_lease(j, reply)) {
		leave(j);
		return;
	}
	wall_ms = clock_wall_ms();
	trusted_ms = retention_clock_turn(&j->clock, reply->now_ms, clock_steady_ms(), j->env.settle_ms);
	/* Tips are covered by the clock of who takes them, which is not the store's: the earlier one calls no week old too soon. */
	j->judged_ms = trusted_ms < wall_ms ? trusted_ms : wall_ms;
	submit(j, &(struct store_request){ .op = STORE_JOB_NOTE, .from = (uint64_t)j->clock.trusted_ms }, noted);
}

static void begin_round(void *ctx)
{
	struct weeks_job *j = ctx;

	if (j->working || j->rules.after_weeks == 0 || !j->env.store->up)
		return;
	j->working = true;
	submit(j, &(struct store_request){ .op = STORE_JOB_LEASE }, leased);
}

/* --- from outside ------------------------------------------------------------------------------------------ */

struct weeks_job *weeks_job_new(const struct weeks_env *env)
{
	struct weeks_job *j = calloc(1, sizeof(*j));

	assert(j != NULL && env->holder.len > 0);
	j->env = *env;
	j->timer = loop_every(env->loop, env->period_ms, begin_round, j);
	return j;
}

void weeks_job_free(struct weeks_job *j)
{
	if (j == NULL)
		return;
	loop_timer_cancel(j->timer);
	if (j->pause != NULL)
		loop_timer_cancel(j->pause);
	if (j->working && j->pause == NULL)
		j->closing = true;
	else
		release(j);
}

void weeks_job_set(struct weeks_job *j, const struct old_weeks_rules *rules)
{
	j->rules = *rules;
}

void weeks_job_figures(const struct weeks_job *j, struct weeks_figures *out)
{
	*out = j->figures;
	out->leading = j->renew_ms > loop_now_ms(j->env.loop);
}
